"""What notices need of the store."""

from typing import Protocol

from hall_server.domain.instant import Instant
from hall_server.domain.notice import Notice


class NoticeReader(Protocol):
    """The notices as they stand."""

    def notices_since(self, since: Instant) -> list[Notice]:
        """Those that still run, and those that ended at ``since`` or later; the newest first."""
        ...

    def notice(self, notice_id: str) -> Notice | None: ...


class NoticeTransaction(NoticeReader, Protocol):
    """Changes of the notices."""

    def add_notice(self, entry: Notice) -> None: ...
    def save_notice(self, entry: Notice) -> None: ...
    def drop_notices(self, before: Instant) -> None:
        """Forgets those that ended before; the journal still tells of them."""
        ...
