"""``hall display probe``: what is on a line, in words."""

import argparse
import sys
import time

from display.bus.port import Port, PortError
from display.led.codec import Ack, Codec, Reply
from display.protocols import NAMES, codec
from display.settings import PORT_PATTERN

_BAUDS = (9600, 57600)

_DESCRIPTION = """\
检测线路上的显示屏：地址、波特率、应答。不改变屏上的显示。
Says what is on a line. Asks only whether a panel is there; changes nothing it shows.

  hall display probe /dev/ttyUSB0 --protocol bx5k --address 1
  hall display probe socket://10.0.0.21:5005 --protocol bx5k --address 1-8
"""


def main(argv: list[str]) -> int:
    """Probes one line; 0 when every address asked answered, 1 when one did not."""
    parser = argparse.ArgumentParser(
        prog="hall display probe",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("device", help="/dev/ttyUSB0, a pty or socket://HOST:PORT")
    parser.add_argument("--protocol", default="bx5k", choices=NAMES)
    parser.add_argument("--address", default="1", help="one address, or a range such as 1-8")
    parser.add_argument("--baud", type=int, choices=_BAUDS, help="default: try each")
    args = parser.parse_args(argv)
    chosen = codec(args.protocol)
    addresses = _addresses(args.address)
    if addresses is None or not all(a in chosen.capabilities.addresses for a in addresses):
        parser.error("--address: 1 … 32767, or a range such as 1-8 of at most 64")
    if not PORT_PATTERN.match(args.device):
        parser.error("DEVICE: a path such as /dev/ttyUSB0, or socket://HOST:PORT")
    return _probe(args.device, chosen, addresses, args.baud)


def _addresses(text: str) -> list[int] | None:
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        return None
    numbers = range(int(first), int(last or first) + 1)
    return list(numbers) if 1 <= len(numbers) <= 64 else None


def _probe(device: str, codec: Codec, addresses: list[int], baud: int | None) -> int:
    network = "://" in device
    bauds = [baud] if baud else (_BAUDS[:1] if network else _BAUDS)
    missing = set(addresses)
    for speed in bauds:
        try:
            port = Port(device, speed)
        except PortError as error:
            print(f"{device}: 无法打开：{error} / cannot be opened: {error}", file=sys.stderr)
            return 1
        try:
            where = device if network else f"{device} @ {speed}"
            found = [a for a in sorted(missing) if _ask(port, codec, a, where, speed)]
        except PortError as error:
            print(f"{device}: 线路中断：{error} / the line broke: {error}", file=sys.stderr)
            return 1
        finally:
            port.close()
        missing -= set(found)
        if not missing:
            return 0
    return 1


def _ask(port: Port, codec: Codec, address: int, where: str, baud: int) -> bool:
    port.discard_input()
    (frame,) = codec.ping(address)
    port.write(frame)
    reply, raw = _listen(port, codec, address, len(frame) * 10 / baud)
    zh, en = _words(reply, raw, frame, address)
    print(f"{where}，地址 {address}：{zh}\n{where}, address {address}: {en}", flush=True)
    return reply is not None and reply.address == address


def _listen(port: Port, codec: Codec, address: int, sending_s: float) -> tuple[Reply | None, bytes]:
    """The first reply of ``address``, or else of another one; and all bytes that came."""
    deadline = time.monotonic() + sending_s + codec.capabilities.ack_timeout_s
    raw = buffer = b""
    other: Reply | None = None
    while time.monotonic() < deadline:
        data = port.read()
        raw, buffer = raw + data, buffer + data
        while True:
            used, reply = codec.decode(buffer)
            buffer = buffer[used:]
            if reply is None:
                break
            if reply.address == address:
                return reply, raw
            other = reply
    return other, raw


def _words(reply: Reply | None, raw: bytes, sent: bytes, address: int) -> tuple[str, str]:
    echo = sent in raw
    if reply is not None and reply.address != address:
        return (
            f"应答来自地址 {reply.address}，请核对屏的地址设置",
            f"the answer came from address {reply.address}: check the panel's address",
        )
    if isinstance(reply, Ack):
        note = ("（线路有回显，属正常）", " (the line echoes, which is fine)") if echo else ("", "")
        return "有屏，应答正常" + note[0], "a panel answers" + note[1]
    if reply is not None:
        return f"有屏，但拒绝：{reply.zh}", f"a panel is there but refuses: {reply.en}"
    if not raw:
        return (
            "无应答，请检查电源、A/B 线是否接反、地址和波特率",
            "no answer: check power, swapped A/B wires, address and baud rate",
        )
    if echo and len(raw) <= len(sent):
        return "只听到自己的回显，屏无应答", "only our own echo: no panel answers"
    return (
        f"收到 {len(raw)} 字节无法识别的数据：波特率或协议不符，或有干扰、接触不良",
        f"{len(raw)} bytes that make no sense: another baud rate or protocol, noise, bad contact",
    )
