"""``hall printer virtual``: a printer made of files, for trying out and for tests."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.service import Service
from ticket_printer.virtual.faults import Faults, VirtualCaps
from ticket_printer.virtual.server import CONTROL_FILE, VirtualPrinter

_EPILOG = f"""\
While it runs, faults are switched by the file DIR/{CONTROL_FILE}, for example
{{"paper": "out"}} or {{"drop_after_bytes": 20000}}; delete the file to mend everything. Keys:
{", ".join(Faults.model_fields)}.
"""


def _listen_address(text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(
            f"应为 主机:端口，如 127.0.0.1:9100 / should be host:port: {text!r}"
        )
    return host.strip("[]"), int(port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall printer virtual",
        description="虚拟票据打印机：每切一次纸写一张 PNG 和一个文本文件。"
        "A virtual ESC/POS printer: one PNG and one text file for each cut.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--listen",
        type=_listen_address,
        default=("127.0.0.1", 9100),
        metavar="HOST:PORT",
        help="where to listen (default 127.0.0.1:9100; port 0: any free one)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where tickets fall")
    parser.add_argument("--width", type=int, choices=(80, 58), default=80, help="paper in mm")
    parser.add_argument("--paper", choices=("ok", "near-end", "out"), default="ok")
    parser.add_argument("--cover", choices=("closed", "open"), default="closed")
    parser.add_argument(
        "--caps",
        choices=get_args(VirtualCaps),
        default="epson",
        help="what it answers: everything; all but GS ( H; only DLE EOT; nothing; everything, but "
        "it closes the connection after each ticket and when idle",
    )
    return parser


def main(argv: list[str]) -> int:
    """Runs the virtual printer until SIGTERM or SIGINT."""
    options = _parser().parse_args(argv)
    configure_logs()
    service = Service()
    service.catch_signals()
    faults = Faults(caps=options.caps, paper=options.paper, cover=options.cover)
    host, port = options.listen
    try:
        printer = VirtualPrinter(
            host, port, options.out, faults, width={80: 576, 58: 384}[options.width]
        )
    except (OSError, FontMissing) as error:
        print(f"{host}:{port}, {options.out}: 无法启动 / cannot start: {error}", file=sys.stderr)
        return 1
    printer.start()
    service.add("virtual printer", printer.stop)
    print(f"listening on {_shown(*printer.address)}", flush=True)
    service.run()
    return 0


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
