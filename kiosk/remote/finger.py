"""A real touch: down, a frame, up, dispatched by Kivy's own event loop."""

from concurrent.futures import Future
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent

# A finger rests this long on a button; long enough for the pressed look to be drawn.
REST_S = 0.05


class FingerTouch(MotionEvent):  # type: ignore[misc]
    """A touch at a pixel of the window, origin top left."""

    _count = 0

    def __init__(self, x: float, y: float) -> None:
        FingerTouch._count += 1
        where = {"x": x / max(1.0, Window.width), "y": 1.0 - y / max(1.0, Window.height)}
        super().__init__("remote hand", FingerTouch._count, where, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        """Takes the position, in parts of the window, origin bottom left as Kivy has it."""
        self.profile = ["pos"]
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)


def tap(x: float, y: float, future: "Future[dict[str, Any]]") -> None:
    """Presses and releases; sets the result once the release was handled."""
    touch = FingerTouch(x, y)
    EventLoop.post_dispatch_input("begin", touch)

    def up(_elapsed: float) -> None:
        EventLoop.post_dispatch_input("end", touch)
        if not future.done():
            future.set_result({"ok": True})

    Clock.schedule_once_free(up, REST_S)
