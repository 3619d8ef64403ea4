"""What happens to a number that was called and did not come (过号)."""

from dataclasses import dataclass
from typing import Literal

from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.ticket import Ticket

Policy = Literal["void", "requeue_after_k", "requeue_tail", "keep_minutes"]


@dataclass(frozen=True)
class MissedCallRule:
    """The hall's policy; ``text`` is the sentence in force."""

    policy: Policy
    after_k: int
    minutes: int
    max_passes: int
    text: str
    text_en: str

    def apply(self, missed: Ticket, now: Instant, calls: int) -> Ticket:
        """What becomes of a ticket just missed. ``calls`` counts today's calls at the windows that
        take its series.

        Returns it waiting again, void, or (keep_minutes) unchanged: it may be called back by
        hand until its time is over.
        """
        if self.policy == "void" or missed.passes >= self.max_passes:
            return missed.void(now)
        if self.policy == "requeue_after_k":
            return missed.requeue(base=missed.base, held_until=calls + self.after_k)
        if self.policy == "requeue_tail":
            return missed.requeue(base=now, held_until=0)
        return missed

    def may_return(self, missed: Ticket, now: Instant) -> bool:
        """Whether a missed ticket may still be called back by hand."""
        if self.policy != "keep_minutes" or missed.ended is None:
            return True
        return now - missed.ended <= self.minutes * MINUTE
