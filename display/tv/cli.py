"""``hall display tv``: a page of the hall on a whole screen."""

import argparse
import os
import re
import sys
from functools import partial
from pathlib import Path

from display.tv.chromium import (
    NoScreen,
    command,
    find_browser,
    off_screen,
    on_screen,
    platform_of,
)
from display.tv.settings import PAGE_PATTERN, TvSettings
from hallkit.link.client import server_url
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.settings import ConfigError, load

_DESCRIPTION = """\
电视全屏显示：查找服务器，用 Chromium 全屏显示叫号大屏或窗口屏，断网、断电、浏览器退出后自己恢复。
Shows the TV board or a window's sign on a whole screen, by Chromium; recovers by itself.

  hall display tv                         the board; the server is found by itself
  hall display tv --page panel/3          the sign of window 3
  cage -- hall display tv --config /etc/yichuang/tv.toml     without a desktop
"""


def main(argv: list[str]) -> int:
    """Runs until SIGTERM or Ctrl-C; 1 without a browser or a screen, 2 for wrong settings."""
    parser = _parser()
    args = parser.parse_args(argv)
    configure_logs(args.log_level)
    try:
        settings = _settings(args)
        url = server_url(args.server) if args.server else ""
    except (ConfigError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if args.check_config:
        print(f"{args.config or '(default)'}: 配置正确 / is correct")
        return 0
    try:
        browser = find_browser(settings.browser)
        shown = off_screen(*args.size) if args.offscreen else on_screen(platform_of(os.environ))
    except NoScreen as error:
        print(error, file=sys.stderr)
        return 1
    from display.tv.program import run

    return run(settings, url, partial(_command, browser, shown))


def _command(browser: str, shown: list[str], profile: Path, first: str) -> list[str]:
    return command(browser, profile, first, shown)


def _page(text: str) -> str:
    if not re.fullmatch(PAGE_PATTERN, text):
        raise argparse.ArgumentTypeError("应为 board 或 panel/窗口号 / board or panel/WINDOW")
    return text


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{2,3})x([1-9]\d{2,3})", text)
    if not found:
        raise argparse.ArgumentTypeError("应如 1920x1080 / should be such as 1920x1080")
    return int(found[1]), int(found[2])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall display tv",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, help="tv.toml; without it: the defaults, unpaired")
    parser.add_argument("--server", metavar="URL", help="server address; else found by zeroconf")
    parser.add_argument("--page", type=_page, help="board, or panel/WINDOW")
    parser.add_argument("--lang", choices=["zh", "en", "both"], help="language of the page")
    parser.add_argument("--offscreen", action="store_true", help="draw, but on no screen")
    parser.add_argument("--size", type=_size, default="1920x1080", help="with --offscreen")
    parser.add_argument("--check-config", action="store_true", help="only check the file")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING"])
    return parser


def _settings(args: argparse.Namespace) -> TvSettings:
    settings = load(args.config, TvSettings) if args.config else TvSettings()
    chosen = {"page": args.page, "language": args.lang}
    return settings.model_copy(update={key: value for key, value in chosen.items() if value})
