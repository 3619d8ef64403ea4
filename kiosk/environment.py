"""What must be set before Kivy is imported for the first time."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hallkit.runtime.paths import cache_dir
from kiosk.settings import ScreenSettings

Mode = Literal["offscreen", "window", "screen"]

_DRM = Path("/dev/dri")


class NoScreen(Exception):
    """There is nothing to draw on; the message says what to do."""


@dataclass(frozen=True)
class Surface:
    """What is drawn on: the size in pixels, and how."""

    width: int
    height: int
    mode: Mode


def has_desktop() -> bool:
    """Whether a graphical session is reachable."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def prepare(surface: Surface, screen: ScreenSettings) -> None:
    """Sets Kivy's environment and configuration. Call it once, before any Kivy module.

    Raises NoScreen when neither a desktop nor a display driver is there.
    """
    home = cache_dir() / "kivy"
    home.mkdir(exist_ok=True)
    driver = _video_driver(surface.mode)
    os.environ.update(
        {
            "KIVY_HOME": str(home),
            "KIVY_NO_ARGS": "1",
            "KIVY_NO_CONFIG": "1",
            "KIVY_NO_FILELOG": "1",
            "KIVY_NO_CONSOLELOG": "1",
            "KIVY_LOG_MODE": "PYTHON",
            "KIVY_WINDOW": "sdl2",
            "KIVY_TEXT": "sdl2",
            # What comes from another thread is handled at once, all else once a frame. Kivy's
            # "interrupt" clock does so too, but turns hundreds of times a second for nothing.
            "KIVY_CLOCK": "free_only",
            # SIGTERM is ours: SDL would turn it into "the user closed the window".
            "SDL_NO_SIGNAL_HANDLERS": "1",
        }
    )
    if driver:
        os.environ["SDL_VIDEODRIVER"] = driver
    # Kivy sets its own logger's level while it is imported; a filter stays.
    logging.getLogger("kivy").addFilter(_is_worth_telling)
    _configure(surface, screen, driver or os.environ.get("SDL_VIDEODRIVER", ""))


def _is_worth_telling(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _video_driver(mode: Mode) -> str:
    if mode == "offscreen":
        return "offscreen"
    if os.environ.get("SDL_VIDEODRIVER") or has_desktop():
        return ""
    if mode == "screen" and _DRM.exists():
        return "kmsdrm"
    raise NoScreen(
        "没有可用的屏幕；可用 --offscreen 在后台运行 / "
        "there is no screen to draw on; --offscreen runs without one"
    )


def touch_provider(touch: str, driver: str) -> str:
    """Kivy's name for the one source of touches.

    Under kmsdrm SDL delivers no touches, so the device itself is read; on a desktop SDL's own are
    used. Both at once would count every press twice.
    """
    if touch.startswith("/dev/"):
        return f"mtdev,{touch}"
    if touch == "probe" or (touch == "auto" and driver == "kmsdrm"):
        return "probesysfs,provider=mtdev"
    return "mouse,disable_multitouch"


def _configure(surface: Surface, screen: ScreenSettings, driver: str) -> None:
    from kivy.config import Config

    graphics = {
        "width": surface.width,
        "height": surface.height,
        "fullscreen": "auto" if surface.mode == "screen" and screen.fullscreen else 0,
        "borderless": 0,
        "resizable": 1 if surface.mode == "window" else 0,
        "maxfps": screen.maxfps,
        "multisamples": 0,
        "vsync": 0,
        "show_cursor": 1 if surface.mode == "window" else 0,
        "minimum_width": 320,
        "minimum_height": 320,
    }
    for key, value in graphics.items():
        Config.set("graphics", key, value)
    Config.set("kivy", "exit_on_escape", 0)
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "desktop", 0)
    for key, _ in list(Config.items("input")):
        Config.remove_option("input", key)
    Config.set("input", "touch", touch_provider(screen.touch, driver))
