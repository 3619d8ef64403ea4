"""``hall printer probe DEVICE``: what is on this line, in words."""

import argparse
import sys
from pathlib import Path

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.settings import ConfigError, load
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.store import Spool, SpoolError
from ticket_printer.transport.address import Address, parse_address
from ticket_printer.transport.links import LineError, open_link
from ticket_printer.transport.probe import CAPS_WORDS, Findings, probe
from ticket_printer.transport.session import Session, answer_within
from ticket_printer.transport.status import STATE_WORDS


def main(argv: list[str]) -> int:
    """Asks a printer what it can do; 0 when it answered, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="hall printer probe",
        description="检测打印机能力，不打印。Asks a printer what it can do; prints nothing.",
    )
    parser.add_argument(
        "device", help="tcp://host:9100, serial:///dev/ttyUSB0?baud=9600 or file:///dev/usb/lp0"
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="printer.toml: remember the findings for its printer at this address",
    )
    options = parser.parse_args(argv)
    try:
        address = parse_address(options.device)
    except ValueError as error:
        print(f"{options.device}: {error}", file=sys.stderr)
        return 2
    try:
        findings = _ask(address)
    except LineError as error:
        print(f"{options.device}: 连接不上 / cannot be reached: {error}", file=sys.stderr)
        return 1
    for line in describe(options.device, findings):
        print(line)
    if options.store is not None:
        return _store(options.store, options.device, findings)
    return 0 if findings.status is not None else 1


def _ask(address: Address) -> Findings:
    link = open_link(address)
    try:
        return probe(Session(link, answer_within(address.bytes_per_s)))
    finally:
        link.close()


def describe(device: str, findings: Findings) -> list[str]:
    """The findings as lines in both languages."""
    if findings.status is None:
        return [
            f"{device}: 已连接，但没有应答 / connected, but nothing answers",
            '如果确认是只写打印机，请设 caps = "write-only"',
            'if this is known to be a write-only printer, set caps = "write-only"',
        ]
    zh, en = STATE_WORDS[findings.status.state]
    lines = [
        f"{device}: {zh} / {en}",
        f"  DLE EOT {_yes(True)}",
        f"  GS ( H  {_yes(findings.process_id)}",
        f"  GS r    {_yes(findings.transmit_status)}",
    ]
    caps = findings.caps
    if caps is None:
        return [*lines, "  处理后再检测一次 / mend it, then probe again"]
    zh, en = CAPS_WORDS[caps]
    return [*lines, f'  caps = "{caps}": {zh} / {en}']


def _yes(answered: bool) -> str:
    return "有应答 / answers" if answered else "无应答 / no answer"


def _store(config: Path, device: str, findings: Findings) -> int:
    try:
        settings = load(config, PrinterProgramSettings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    names = [p.name for p in settings.printers if p.transport == device]
    if not names or findings.caps is None:
        print(f"没有保存 / nothing stored: {device}", file=sys.stderr)
        return 1
    try:
        spool = Spool(Path(settings.data_dir))
    except SpoolError as error:
        print(error, file=sys.stderr)
        return 1
    for name in names:
        spool.store_capabilities(name, device, findings.caps, SystemClock().now())
        print(f"已保存 / stored: {name} = {findings.caps}")
    spool.close()
    return 0
