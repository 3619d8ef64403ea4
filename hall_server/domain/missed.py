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

    def apply(self, missed: Ticket, now: Instant) -> Ticket:
        """What becomes of a ticket just missed.

        Returns it waiting again, void, or (keep_minutes) unchanged: it may be called back by
        hand until its time is over.
        """
        if self.policy == "void" or missed.passes >= self.max_passes:
            return missed.void(now)
        if self.policy == "requeue_after_k":
            return missed.requeue(base=missed.base, held_until=self.after_k)
        if self.policy == "requeue_tail":
            return missed.requeue(base=now, held_until=0)
        return missed

    def may_return(self, missed: Ticket, now: Instant) -> bool:
        """Whether a missed ticket may still be called back by hand."""
        kept_until = self.kept_until(missed)
        return kept_until is None or now <= kept_until

    def kept_until(self, missed: Ticket) -> Instant | None:
        """The last moment at which a missed ticket may be called back; None when its time never
        ends."""
        if self.policy != "keep_minutes" or missed.ended is None:
            return None
        return missed.ended + self.minutes * MINUTE

    def expired(self, ticket: Ticket) -> bool:
        """Whether a ticket is void because nobody came back for it in time."""
        kept = self.policy == "keep_minutes" and 0 < ticket.passes < self.max_passes
        return kept and ticket.state == "void"
