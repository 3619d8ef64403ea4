"""The command ``hall kiosk``."""

import argparse
import re
import sys
from pathlib import Path

from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.settings import ConfigError, load
from kiosk.environment import Mode, NoScreen, Surface
from kiosk.settings import KioskSettings

_SIZE = re.compile(r"^(\d{3,4})[xX×](\d{3,4})$")
# A portrait screen as a window that fits on a desktop.
_WINDOW_SHARE = 0.45


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.match(text)
    if found is None or min(int(found[1]), int(found[2])) < 320:
        raise argparse.ArgumentTypeError("宽x高，例如 1080x1920 / WIDTHxHEIGHT such as 1080x1920")
    return int(found[1]), int(found[2])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall kiosk",
        description="取号机：触摸屏选事项、取号、打印 / the touch screen where numbers are taken",
        epilog="Without --window and --offscreen it fills the screen. SIGTERM or Ctrl-C ends it.",
    )
    parser.add_argument("--config", required=True, type=Path, help="its TOML file")
    parser.add_argument("--server", metavar="URL", help="the hall server (else: file, discovery)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--window", action="store_true", help="in a window on a desktop")
    where.add_argument("--offscreen", action="store_true", help="drawn, but on no screen")
    parser.add_argument("--size", type=_size, metavar="WxH", help="instead of the file's size")
    parser.add_argument("--check-config", action="store_true", help="check the file and end")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
    return parser


def _surface(args: argparse.Namespace, settings: KioskSettings) -> Surface:
    mode: Mode = "offscreen" if args.offscreen else "window" if args.window else "screen"
    width, height = args.size or (settings.screen.width, settings.screen.height)
    if mode == "window" and args.size is None:
        width, height = round(width * _WINDOW_SHARE), round(height * _WINDOW_SHARE)
    return Surface(width, height, mode)


def main(argv: list[str]) -> int:
    """取号机 / the touch screen where visitors take a number."""
    args = _parser().parse_args(argv)
    try:
        settings = load(args.config, KioskSettings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if args.check_config:
        print(f"{args.config}: 正确 / correct")
        return 0
    configure_logs(args.log_level)
    try:
        from kiosk.program import run

        return run(settings, args.server, _surface(args, settings))
    except (NoScreen, FontMissing, OSError) as error:
        print(f"hall kiosk: {error}", file=sys.stderr)
        return 1
