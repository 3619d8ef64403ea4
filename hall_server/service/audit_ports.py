"""What looking into the journal needs of the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hall_server.service.entry import Entry


@dataclass(frozen=True)
class Wanted:
    """Which entries of a day: of one ``type``, about one ticket ``number``, only queue ``jumps``,
    only those with a sequence below ``before``; at most ``limit``."""

    day: str
    type: str | None = None
    number: str | None = None
    jumps: bool = False
    before: int | None = None
    limit: int = 50


class AuditReader(Protocol):
    """The journal, backwards."""

    def entries_back(self, wanted: Wanted) -> Sequence[Entry]:
        """The newest entries that are wanted, newest first."""
        ...
