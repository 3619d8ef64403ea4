"""A number is good for its day only, by the hall's own time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hallkit.wire.slips import SLIP_KINDS
from tests.fakes.printer_rig import slip
from ticket_printer.render.samples import sample
from ticket_printer.spool.day import is_past

HALL = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("now", "past"),
    [
        (datetime(2026, 11, 22, 23, 0, tzinfo=HALL), False),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=HALL), False),
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 0, 0, tzinfo=HALL), True),
        (datetime(2027, 1, 1, 8, 0, tzinfo=HALL), True),
    ],
)
def test_a_ticket_is_past_from_midnight_on(now: datetime, past: bool) -> None:
    early = slip(issued_at=datetime(2026, 11, 23, 0, 5, tzinfo=HALL))
    late = slip(issued_at=datetime(2026, 11, 23, 23, 59, tzinfo=HALL))
    assert (is_past(early, now), is_past(late, now)) == (past, past)


def test_only_a_queue_ticket_is_of_its_day() -> None:
    later = datetime(2026, 12, 24, 9, 0, tzinfo=HALL)
    assert [kind for kind in SLIP_KINDS if is_past(sample(kind), later)] == ["ticket"]
