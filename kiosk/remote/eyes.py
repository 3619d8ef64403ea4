"""What is on the screen now. Everything here runs on the screen's thread."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

from kiosk.flow.views import Picture
from kiosk.screens.widgets import CardWords, Tappable, Words

# Smaller than this is a widget that its layout has folded away.
_LEAST_PX = 8


class Camera:
    """Photographs the screen; what has not been drawn anew since is not photographed again."""

    def __init__(self) -> None:
        self._latest: tuple[int, int, bytes] | None = None
        self._waiting: list[Future[tuple[int, int, bytes]]] = []
        Window.bind(on_flip=self._drawn)

    def take(self, future: "Future[tuple[int, int, bytes]]") -> None:
        """Sets width, height and RGB rows (bottom first) of what is shown, or about to be."""
        if self._latest is not None and not Window.canvas.needs_redraw:
            future.set_result(self._latest)
            return
        self._waiting.append(future)
        Window.canvas.ask_update()

    def _drawn(self, *_: object) -> None:
        """Between drawing a frame and showing it: the only moment when its pixels can be read."""
        self._latest = None
        if not self._waiting:
            return
        width, height = (int(n) for n in Window.system_size)
        data = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        self._latest = (width, height, bytes(data))
        for future in self._waiting:
            if not future.done():
                future.set_result(self._latest)
        self._waiting.clear()


def describe(future: "Future[dict[str, Any]]") -> None:
    """Sets the page's name, the ticket shown, everything that can be touched, and all words.

    Widgets find their places at the end of a frame, so this waits until a whole frame went by in
    which the picture stayed the same.
    """
    app: Any = App.get_running_app()
    before = app.picture

    def frame_began(_elapsed: float) -> None:
        Clock.schedule_once(next_began, 0)

    def next_began(_elapsed: float) -> None:
        if app.picture is before:
            future.set_result(_description(before, app.root))
        else:
            describe(future)

    Clock.schedule_once(frame_began, 0)


def _description(picture: Picture, root: Any) -> dict[str, Any]:
    visible = list(_visible(root))
    words = [w for w in visible if isinstance(w, Words | CardWords) and w.said]
    return {
        "screen": picture.screen,
        "ticket": picture.ticket,
        "language": picture.frame.language,
        "elder": picture.frame.elder,
        "low_reach": picture.frame.low_reach,
        "width": int(Window.width),
        "height": int(Window.height),
        "widgets": [_touchable(w) for w in visible if _is_touchable(w)],
        "texts": [w.said for w in words],
        # Not all of these words had room.
        "cut": [w.said for w in words if w.text.count("…") > w.said.count("…")],
    }


def _visible(widget: Any) -> Iterator[Any]:
    if widget.opacity <= 0 or min(widget.size) < _LEAST_PX:
        return
    yield widget
    for child in reversed(widget.children):
        yield from _visible(child)


def _is_touchable(widget: Any) -> bool:
    return isinstance(widget, Tappable) and not widget.disabled and widget.button is not None


def _touchable(widget: Any) -> dict[str, Any]:
    x, y = widget.to_window(*widget.center)
    return {
        "id": widget.button.id,
        "text": widget.title,
        "x": round(x),
        "y": round(Window.height - y),
        "w": round(widget.width),
        "h": round(widget.height),
    }
