"""A window and the person who works at it."""

from dataclasses import dataclass, replace
from typing import Literal

from hall_server.domain.errors import Conflict
from hall_server.domain.instant import Instant

WindowState = Literal["closed", "open", "paused"]


@dataclass(frozen=True)
class Window:
    """The changing part of a window. ``clerk`` is a staff number, None while closed."""

    number: int
    state: WindowState
    clerk: str | None
    reason: str | None
    since: Instant

    def open(self, clerk: str, now: Instant) -> "Window":
        """Opens, or resumes after a pause."""
        self.need_clerk(clerk)
        if self.state == "open":
            return self
        return replace(self, state="open", clerk=clerk, reason=None, since=now)

    def pause(self, reason: str, now: Instant) -> "Window":
        """Stops calling for a while."""
        self.need_open()
        return replace(self, state="paused", reason=reason or None, since=now)

    def close(self, now: Instant) -> "Window":
        """Ends work at the window."""
        if self.state == "closed":
            return self
        return replace(self, state="closed", clerk=None, reason=None, since=now)

    def need_clerk(self, clerk: str) -> None:
        """Raises Conflict while somebody else works at the window."""
        if self.state != "closed" and self.clerk != clerk:
            raise Conflict(
                "window_taken",
                f"{self.number} 号窗口正由工号 {self.clerk} 使用，请对方先结束接待",
                f"window {self.number} is in use by {self.clerk}, who should close it first",
            )

    def need_open(self) -> None:
        """Raises Conflict unless the window is open."""
        if self.state != "open":
            word, en = ("暂停", "paused") if self.state == "paused" else ("关闭", "closed")
            raise Conflict(
                "window_not_open",
                f"{self.number} 号窗口{word}，请先开启窗口",
                f"window {self.number} is {en}; open it first",
                [{"state": self.state}],
            )
