"""What the hall tells everyone: on the board, on the panels, by the loudspeakers."""

from dataclasses import dataclass, replace

from hall_server.domain.errors import Conflict
from hall_server.domain.instant import Instant


@dataclass(frozen=True)
class Notice:
    """A notice and how it ended. It runs until it is withdrawn or ``ends`` (None: until it is
    withdrawn); ``posted_by`` and ``withdrawn_by`` are staff numbers; ``every_min``: spoken again
    after so many minutes."""

    id: str
    text: str
    text_en: str
    on_board: bool
    on_panels: bool
    on_voice: bool
    posted: Instant
    posted_by: str
    ends: Instant | None = None
    every_min: int | None = None
    withdrawn: Instant | None = None
    withdrawn_by: str | None = None

    def runs(self, now: Instant) -> bool:
        """Whether it is shown and spoken."""
        return self.withdrawn is None and (self.ends is None or now < self.ends)

    def withdraw(self, by: str, now: Instant) -> "Notice":
        """Ends it. Raises Conflict ``notice_over``."""
        if not self.runs(now):
            raise Conflict(
                "notice_over",
                "这条通知已经结束或已撤下",
                "this notice has ended or was withdrawn already",
            )
        return replace(self, withdrawn=now, withdrawn_by=by)
