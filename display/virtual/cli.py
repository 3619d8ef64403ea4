"""``hall display virtual``: panels that are not there."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from display.protocols import Catalogue
from display.virtual.faults import FAULTS, FILE_NAME, MEANING
from display.virtual.settings import VirtualSettings
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.service import Service
from hallkit.runtime.settings import ConfigError, load, problems_of

_SIZE = re.compile(r"^(\d+)x(\d+)$")


def _description() -> str:
    faults = "\n".join(f"  {name:14}{meaning}" for name, meaning in MEANING.items())
    return f"""\
虚拟窗口屏：按真实控制卡的规则校验、应答，并画出屏上显示的内容。
Virtual panels: check every frame, answer as the real card does, and draw what they show.

Each panel's folder: panel.png (now), panel.json (facts), 0001.png … (the last 50 pictures).
One --listen and one --address: the folder is --out itself; else --out/LINE-ADDRESS.
Prints "listening on tcp:HOST:PORT" or "listening on pty:PATH" for each line, when ready.

Faults, by --fault or by writing the word into the file '{FILE_NAME}' of a panel's folder:
{faults}
"""


def main(argv: list[str]) -> int:
    """Runs virtual panels until SIGTERM or SIGINT; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="hall display virtual",
        description=_description(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _arguments(parser)
    args = parser.parse_args(argv)
    configure_logs()
    try:
        settings = _settings(parser, args)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return _serve(settings)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="many panels: a TOML file")
    parser.add_argument(
        "--listen", action="append", default=[], help="tcp:PORT, tcp:HOST:PORT or pty:LINK"
    )
    parser.add_argument("--protocol", default="bx5k", help="docs/panels.md lists them")
    parser.add_argument("--strips", default="", metavar="DIR", help="the hall's own strips")
    parser.add_argument("--out", type=Path, help="folder of pictures and facts")
    parser.add_argument("--address", action="append", type=int, help="default 1; repeatable")
    parser.add_argument(
        "--size", action="append", help="lamps, default 128x32; one for all, or one an --address"
    )
    parser.add_argument("--rows", type=int, help="panels of characters: rows")
    parser.add_argument("--columns", type=int, help="panels of characters: characters a row")
    parser.add_argument(
        "--colours", default="red-green", choices=["red", "green", "yellow", "red-green"]
    )
    parser.add_argument("--fault", default="none", choices=FAULTS)


def _settings(parser: argparse.ArgumentParser, args: argparse.Namespace) -> VirtualSettings:
    if bool(args.config) == bool(args.listen):
        parser.error("give either --config, or --listen and --out")
    if args.config:
        return load(args.config, VirtualSettings)
    addresses = args.address or [1]
    sizes = [_SIZE.match(size) for size in args.size or ["128x32"]]
    if args.out is None or None in sizes or len(sizes) not in (1, len(addresses)):
        parser.error("--listen needs --out DIR, and --size is WIDTHxHEIGHT such as 128x32")
    return _from_arguments(args, addresses, [(int(s[1]), int(s[2])) for s in sizes if s])


def _from_arguments(
    args: argparse.Namespace, addresses: list[int], sizes: list[tuple[int, int]]
) -> VirtualSettings:
    single = len(addresses) == len(args.listen) == 1

    def panel(line: int, place: int, address: int) -> dict[str, Any]:
        width, height = sizes[place % len(sizes)]
        folder = args.out if single else args.out / f"{line + 1}-{address}"
        return {
            "out_dir": str(folder),
            "address": address,
            "width": width,
            "height": height,
            "colours": args.colours,
            "rows": args.rows,
            "columns": args.columns,
            "fault": args.fault,
        }

    lines = [
        {
            "listen": listen,
            "protocol": args.protocol,
            "panels": [panel(i, n, address) for n, address in enumerate(addresses)],
        }
        for i, listen in enumerate(args.listen)
    ]
    try:
        return VirtualSettings.model_validate({"strips_dir": args.strips, "lines": lines})
    except ValidationError as error:
        raise ConfigError(problems_of(error, VirtualSettings, "command line")) from None


def _serve(settings: VirtualSettings) -> int:
    from display.virtual.server import ListenError, VirtualPanels

    protocols = Catalogue(settings.strips_dir)
    for name in sorted({line.protocol for line in settings.lines}):
        doubt = protocols.doubt(name)
        if doubt:
            print(f"注意：{doubt[0]}\nNote: {doubt[1]}", file=sys.stderr, flush=True)
    service = Service()
    service.catch_signals()
    try:
        panels = VirtualPanels(settings)
    except ListenError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: 无法写入 / cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    panels.start()
    service.add("virtual panels", panels.stop)
    for address in panels.addresses:
        print(f"listening on {address}", flush=True)
    service.run()
    return 0
