"""Low reach, switched while the real kiosk runs: what is touched moves down, and up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallkit.wire.board import Board
from hallkit.wire.hall import Hall
from tests.fakes.kiosk_fakes import Kiosk, TicketHall, running_kiosk
from tests.fakes.running_hall import running

pytestmark = pytest.mark.ui

_LOWER_PART = 0.4


@pytest.fixture
def hall() -> Iterator[TicketHall]:
    with TicketHall() as fake:
        yield fake


def _tops(kiosk: Kiosk, low: bool) -> list[float]:
    """Upper edges of the category cards, as parts of the screen's height, once they are where
    low reach (or the usual layout) has them."""
    found: list[float] = []

    def there(seen: dict[str, Any]) -> bool:
        cards = [w for w in seen["widgets"] if w["id"].startswith("category:")]
        found[:] = [(card["y"] - card["h"] / 2) / seen["height"] for card in cards]
        return bool(found) and (min(found) > _LOWER_PART) == low

    kiosk.wait("category", there)
    return found


@pytest.mark.parametrize("size", ["1080x1920", "1920x1080"])
@pytest.mark.parametrize(
    ("language", "note", "told"),
    [
        ("zh", "窗口暂未开放", "目前没有开放的窗口，请咨询导办台"),
        ("en", "No window open", "No window is open now: ask a guide"),
    ],
)
def test_large_letters_in_low_reach_have_room(
    tmp_path: Path, size: str, language: str, note: str, told: str
) -> None:
    """The sample hall as it is before the first window opens."""
    with running(tmp_path / "hall", always_open=True) as real:
        device = real.device()
        town = Hall.model_validate(device.get("hall").ok())
        board = Board.model_validate(device.get("board").ok())
    first = town.categories[0]
    with TicketHall(town, board) as hall, running_kiosk(tmp_path, hall.url, size=size) as kiosk:
        kiosk.wait("home")
        for switch in (*(["language"] if language == "en" else []), "elder", "low-reach", "take"):
            kiosk.touch(switch)
        seen = kiosk.wait("category", lambda s: s["low_reach"] and s["language"] == language)
        assert any(note in text for text in seen["texts"])
        assert seen["cut"] == []
        kiosk.touch(f"category:{first.id}")
        assert kiosk.wait("service")["cut"] == []
        kiosk.touch(f"service:{first.services[0].id}")
        page = kiosk.wait("confirm")
        assert told in page["texts"]
        assert page["cut"] == []


def test_low_reach_is_switched_on_and_off_on_the_way(tmp_path: Path, hall: TicketHall) -> None:
    with running_kiosk(tmp_path, hall.url, "") as kiosk:
        kiosk.wait("home")
        kiosk.touch("take")
        usual = _tops(kiosk, low=False)
        kiosk.touch("low-reach")
        _tops(kiosk, low=True)
        kiosk.touch("low-reach")
        assert _tops(kiosk, low=False) == usual
        kiosk.touch("home")
        kiosk.wait("home")
        kiosk.touch("low-reach")
        kiosk.touch("take")
        _tops(kiosk, low=True)
