"""Low reach, switched while the real kiosk runs: what is touched moves down, and up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.kiosk_fakes import Kiosk, TicketHall, running_kiosk

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
