"""How Chromium is started: where it is, on which kind of screen, with which flags."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Platform = Literal["wayland", "x11"]

# Debian's, Raspberry Pi OS's older name, and others that understand the same flags.
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Nothing asks, nothing is fetched from elsewhere, nothing is offered.
_QUIET = (
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--disable-infobars",
    "--hide-crash-restore-bubble",
    "--disable-session-crashed-bubble",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-pinch",
    "--disable-quic",
    "--overscroll-history-navigation=0",
    "--autoplay-policy=no-user-gesture-required",
    "--password-store=basic",
    "--disk-cache-size=16777216",
    # A hidden or covered window must not slow down: there is only this one.
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)


# Chromium shares pictures between its processes there; without it, it crashes at the first page.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class NoScreen(Exception):
    """The page cannot be shown here; the message says why (``中文 / English``)."""


def find_browser(configured: str) -> str:
    """The path of Chromium's program. Raises NoScreen."""
    for name in (configured,) if configured else _NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    if configured:
        raise NoScreen(
            f"浏览器不存在或不能运行：{configured} / no such program, or not runnable: {configured}"
        )
    raise NoScreen(
        "没有找到 Chromium，请先安装：sudo apt install chromium /"
        " Chromium is not installed: sudo apt install chromium"
    )


def platform_of(environ: Mapping[str, str]) -> Platform:
    """Whether there is a Wayland compositor or an X server. Raises NoScreen when neither."""
    if environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    if environ.get("DISPLAY"):
        return "x11"
    raise NoScreen(
        "没有图形界面（WAYLAND_DISPLAY 和 DISPLAY 都没有设置）：请在桌面里启动，"
        "或用 cage -- hall display tv / no screen (neither WAYLAND_DISPLAY nor DISPLAY is set):"
        " start it in a desktop, or with cage -- hall display tv"
    )


def command(
    browser: str, profile: Path, first: str, shown: list[str], memory: Path = SHARED_MEMORY
) -> list[str]:
    """The whole command: ``first`` is the page to begin with, ``shown`` what ``on_screen`` or
    ``off_screen`` says, ``memory`` where processes share theirs."""
    # Chromium's sandbox does not work for root, who should not run it but in tests; the second
    # keeps Chromium from saying so in a bar over the page.
    root = ["--no-sandbox", "--test-type"] if os.geteuid() == 0 else []
    shared = [] if os.access(memory, os.W_OK) else ["--disable-dev-shm-usage"]
    own = [f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    return [browser, *own, *_QUIET, *root, *shared, *shown, first]


def on_screen(platform: Platform) -> list[str]:
    """Flags for a real screen, all of it."""
    return [f"--ozone-platform={platform}", "--kiosk", "--start-maximized"]


def off_screen(width: int, height: int) -> list[str]:
    """Flags for drawing into memory."""
    return [
        "--headless=new",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--screen-info={{{width}x{height}}}",
        "--start-fullscreen",
    ]
