"""``hall printer probe [DEVICE]``: what is on this line, or what is connected, in words."""

import argparse
import sys
from pathlib import Path

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.settings import ConfigError, load
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.store import Spool, SpoolError
from ticket_printer.transport.address import Address, CupsAddress, parse_address
from ticket_printer.transport.connected import Group, Place, connected
from ticket_printer.transport.links import LineError, open_link
from ticket_printer.transport.probe import CAPS_WORDS, Findings, probe
from ticket_printer.transport.session import Session, answer_within
from ticket_printer.transport.status import STATE_WORDS


def main(argv: list[str]) -> int:
    """Asks a printer what it can do; 0 when it answered, 1 when not. Without a device it lists
    what is connected; 1 when that is nothing."""
    parser = argparse.ArgumentParser(
        prog="hall printer probe",
        description="检测打印机能力，不打印；不写地址则列出本机接了什么。"
        "Asks a printer what it can do, prints nothing; without a device, lists what is connected.",
    )
    parser.add_argument(
        "device",
        nargs="?",
        help="tcp://host:9100, serial:///dev/ttyUSB0?baud=9600, usb://04b8:0e15[/SERIAL], "
        "file:///dev/usb/lp0 or cups://QUEUE",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="printer.toml: remember the findings for its printer at this address",
    )
    options = parser.parse_args(argv)
    if options.device is None:
        return _list(connected())
    try:
        address = parse_address(options.device)
    except ValueError as error:
        print(f"{options.device}: {error}", file=sys.stderr)
        return 2
    try:
        return _probe(options.device, address, options.store)
    except LineError as error:
        why = f"（{error.zh}）" if error.zh else ""
        print(f"{options.device}: 连接不上{why} / cannot be reached: {error}", file=sys.stderr)
        return 1


def _probe(device: str, address: Address, config: Path | None) -> int:
    """Raises LineError."""
    link = open_link(address)
    try:
        if isinstance(address, CupsAddress):
            print(f"{device}: 队列可用 / the queue takes jobs")
            print(f'  caps = "write-only": {" / ".join(CAPS_WORDS["write-only"])}')
            return 0
        if link.one_way:
            findings = Findings(None, process_id=False, transmit_status=False)
        else:
            findings = probe(Session(link, answer_within(address.bytes_per_s)))
        # What cannot be read may have shown itself only by now.
        one_way = link.one_way
    finally:
        link.close()
    for line in describe(device, findings, one_way=one_way):
        print(line)
    if config is not None:
        return _store(config, device, findings)
    return 0 if findings.status is not None else 1


def _list(groups: list[Group]) -> int:
    for group in groups:
        print(" / ".join(dict.fromkeys(group.title)))
        for place in group.places:
            print(f"  {_place(place)}")
        if any(group.missing):
            print(f"  查不了 / cannot be looked at: {group.missing[0]} / {group.missing[1]}")
        elif not group.places:
            print("  没有 / none")
    print("网口打印机不在此列，地址在自检页上：tcp://地址:9100")
    print("network printers are not listed, the self-test page has the address: tcp://HOST:9100")
    found = any(group.places for group in groups)
    if found:
        print("下一步 / next: hall printer probe ADDRESS")
    return 0 if found else 1


def _place(place: Place) -> str:
    words = " / ".join(place.words) if any(place.words) else ""
    return "  ".join(part for part in (place.address, place.name, words) if part)


def describe(device: str, findings: Findings, *, one_way: bool = False) -> list[str]:
    """The findings as lines in both languages."""
    if findings.status is None:
        why = (
            "只能写，读不到应答 / it can only be written, no answer can be read"
            if one_way
            else "已连接，但没有应答 / connected, but nothing answers"
        )
        return [
            f"{device}: {why}",
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
