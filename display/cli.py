"""``hall display``: the panels above the windows and the hall's voice."""

import argparse
import sys
from pathlib import Path

_DESCRIPTION = """\
显示屏与语音叫号：跟随叫号服务器，驱动各窗口上方的 LED 屏，并播报叫号。
Follows the hall server, drives the LED panels above the windows and speaks the calls.

  hall display --config FILE              run (SIGTERM or Ctrl-C ends it)
  hall display --config FILE --check-config
  hall display virtual --help             virtual panels that answer and draw what they show
  hall display probe --help               what is on a line, in words
  hall display voice --help               check the voice, say one call
  hall display tv --help                  the TV board on a whole screen
"""


def main(argv: list[str]) -> int:
    """窗口屏与语音播报 / LED panels above the windows, spoken calls (virtual, probe, voice, tv)."""
    if argv[:1] == ["virtual"]:
        from display.virtual.cli import main as virtual

        return virtual(argv[1:])
    if argv[:1] == ["probe"]:
        from display.probe.cli import main as probe

        return probe(argv[1:])
    if argv[:1] == ["voice"]:
        from display.voice_command import main as voice

        return voice(argv[1:])
    if argv[:1] == ["tv"]:
        from display.tv.cli import main as tv

        return tv(argv[1:])
    return _run(argv)


def _run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="hall display",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, help="display.toml")
    parser.add_argument("--server", metavar="URL", help="server address; else found by zeroconf")
    parser.add_argument("--check-config", action="store_true", help="only check the file")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING"])
    args = parser.parse_args(argv)
    return _start(args)


def _start(args: argparse.Namespace) -> int:
    # Imported here, so that `hall --help` need not load them.
    from display.settings import DisplaySettings
    from hallkit.link.client import server_url
    from hallkit.runtime.logs import configure_logs
    from hallkit.runtime.settings import ConfigError, load

    configure_logs(args.log_level)
    try:
        settings = load(args.config, DisplaySettings)
        if args.server is not None:
            server_url(args.server)
    except (ConfigError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if args.check_config:
        print(f"{args.config}: 配置正确 / is correct")
        return 0
    from display.program import run

    return run(settings, args.server)
