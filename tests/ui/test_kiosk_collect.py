"""A ticket that comes out at another printer: the screen says where, in every way of showing it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.kiosk_fakes import FakePrinter, TicketHall, running_kiosk

pytestmark = pytest.mark.ui

# As long as the settings take it.
_PLACE = ("二楼东侧 02 号取号机", "kiosk 2, floor 2")


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter()
    fake.start()
    yield fake
    fake.stop()


@pytest.mark.parametrize("size", ["1080x1920", "1920x1080"])
@pytest.mark.parametrize("switches", [[], ["elder"], ["language"], ["language", "elder"]])
def test_where_to_take_the_ticket_has_room(
    tmp_path: Path, printer: FakePrinter, size: str, switches: list[str]
) -> None:
    english = "language" in switches
    told = f"Collect it at {_PLACE[1]}" if english else f"请到 {_PLACE[0]} 取票"
    printer.state, printer.collect_at = "sending", _PLACE
    with (
        TicketHall() as hall,
        running_kiosk(tmp_path, hall.url, printer.url, size=size) as kiosk,
    ):
        kiosk.wait("home")
        for widget in (*switches, "take", "category:civil", "service:dibao", "confirm"):
            kiosk.touch(widget)
        assert told not in kiosk.wait("issued", lambda seen: told in seen["texts"])["cut"]
        printer.state = "done"
        done = kiosk.wait(
            "issued", lambda seen: any("返回首页" in t or "Home in" in t for t in seen["texts"])
        )
        assert told in done["texts"]
        assert done["cut"] == []
        (tmp_path / "issued.png").write_bytes(kiosk.picture())
