"""PURE: the day of a number. A queue begins anew each day, and its numbers with it."""

from datetime import datetime

from hallkit.wire.slips import Slip, TicketSlip

PAST_WORDS = ("号码已过日，未打印", "the number is of an earlier day; not printed")


def is_past(slip: Slip, now: datetime) -> bool:
    """Whether it is a queue ticket of an earlier day than ``now``, by the hall's own time, which is
    on it. Any other slip is as good tomorrow."""
    if not isinstance(slip, TicketSlip):
        return False
    return slip.issued_at.date() < now.astimezone(slip.issued_at.tzinfo).date()
