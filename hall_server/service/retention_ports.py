"""What trimming needs of the store."""

from dataclasses import dataclass
from typing import Protocol

from hall_server.domain.instant import Instant


@dataclass(frozen=True)
class Anchor:
    """The last journal entry that was removed: what the first one that is kept is chained to.
    Entries of ``day`` may be left, but not all of them."""

    seq: int
    hash: str
    day: str


class RetentionReader(Protocol):
    """The journal's beginning."""

    def anchor(self) -> Anchor | None:
        """None while the journal is whole."""
        ...


class RetentionTransaction(RetentionReader, Protocol):
    """Removing what is no longer kept, a little at a time."""

    def trim_journal(self, before_day: str, most: int) -> tuple[int, Anchor | None]:
        """Removes up to ``most`` of the oldest entries of days before ``before_day``, never the
        last one of all; returns how many, and the new anchor."""
        ...

    def trim_answers(self, before: Instant, most: int) -> int:
        """Forgets up to ``most`` of the oldest first answers from before; returns how many."""
        ...
