"""What hangs above one window, in words that do not depend on any panel."""

from dataclasses import dataclass
from typing import Literal

SignKind = Literal["idle", "notice", "closing", "paused", "closed", "called", "serving", "lost"]


@dataclass(frozen=True)
class Sign:
    """The truth to be shown above window ``window``. ``ticket`` is set while called or serving;
    ``note`` is the notice, or when the hall closes ("17:30").

    ``lost``: the server has been away for so long that nothing may be claimed any more.
    """

    window: int
    kind: SignKind
    ticket: str | None = None
    note: str = ""

    @property
    def text(self) -> tuple[str, str]:
        """The sign in one Chinese and one English sentence, for the device page and the logs."""
        ticket, window = self.ticket or "", self.window
        return {
            "idle": ("热情为您服务", "idle"),
            "notice": (f"通知：{self.note}", f"notice: {self.note}"),
            "closing": (f"即将下班，{self.note}停止取号", f"closing soon, at {self.note}"),
            "paused": ("暂停服务", "paused"),
            "closed": ("窗口关闭", "closed"),
            "called": (f"{ticket} 请到 {window} 号窗口", f"{ticket} called to window {window}"),
            "serving": (f"{ticket} 办理中", f"serving {ticket}"),
            "lost": ("热情为您服务（数据已中断）", "idle text: no data from the server"),
        }[self.kind]
