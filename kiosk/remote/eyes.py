"""What is on the screen now. Everything here runs on the screen's thread."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from kivy.app import App
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.uix.label import Label

from kiosk.screens.widgets import Tappable

# Smaller than this is a widget that its layout has folded away.
_LEAST_PX = 8


def take_picture(future: "Future[tuple[int, int, bytes]]") -> None:
    """Sets width, height and RGB rows (bottom first) of the next frame, just before it is shown."""

    def drawn(*_: object) -> None:
        Window.unbind(on_flip=drawn)
        width, height = (int(n) for n in Window.system_size)
        data = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        if not future.done():
            future.set_result((width, height, bytes(data)))

    Window.bind(on_flip=drawn)
    Window.canvas.ask_update()


def describe(future: "Future[dict[str, Any]]") -> None:
    """Sets the page's name, the ticket shown, everything that can be touched, and all words."""
    app: Any = App.get_running_app()
    picture, root = app.picture, app.root
    answer = {
        "screen": picture.screen,
        "ticket": picture.ticket,
        "language": picture.frame.language,
        "elder": picture.frame.elder,
        "low_reach": picture.frame.low_reach,
        "width": int(Window.width),
        "height": int(Window.height),
        "widgets": [_touchable(w) for w in _visible(root) if _is_touchable(w)],
        "texts": [w.text for w in _visible(root) if isinstance(w, Label) and w.text],
    }
    future.set_result(answer)


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
