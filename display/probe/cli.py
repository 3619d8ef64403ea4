"""``hall display probe``: what is on a line, in words."""

import argparse
import sys
import time

from display.bus.port import Port, PortError
from display.led.codec import Ack, CharacterCapability, Codec, Reply
from display.led.content import Characters
from display.led.onbon.cards import CARDS, USUAL, Card
from display.protocols import Catalogue
from display.settings import PORT_PATTERN
from display.strips import BAUDS
from hallkit.runtime.settings import ConfigError

# Onbon's cards have either; other panels have their protocol's usual one.
_ONBON_BAUDS = (9600, 57600)

_DESCRIPTION = """\
检测线路上的显示屏：地址、波特率、应答。不改变屏上的显示（--show 除外）。
Says what is on a line. Asks only whether a panel is there; changes nothing it shows, unless
--show is given: some panels answer only then, and some never, so that one has to look at them.

  hall display probe /dev/ttyUSB0 --protocol bx5k --address 1
  hall display probe socket://10.0.0.21:5005 --protocol bx5k --address 1-8
  hall display probe /dev/ttyUSB0 --protocol olm --address 0 --show A012
"""


def main(argv: list[str]) -> int:
    """Probes one line; 0 when every address asked answered, 1 when one did not."""
    parser = argparse.ArgumentParser(
        prog="hall display probe",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("device", help="/dev/ttyUSB0, a pty or socket://HOST:PORT")
    parser.add_argument("--protocol", default="bx5k", help="docs/panels.md lists them")
    parser.add_argument("--strips", default="", metavar="DIR", help="the hall's own strips")
    parser.add_argument("--card", default=USUAL, choices=CARDS, help="bx6e: which card")
    parser.add_argument("--address", default="1", help="one address, or a range such as 1-8")
    parser.add_argument("--baud", type=int, choices=BAUDS, help="default: the usual ones")
    parser.add_argument("--show", metavar="TEXT", help="panels of characters: show this")
    args = parser.parse_args(argv)
    try:
        chosen = _codec(args.protocol, args.strips, args.card)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except ValueError as error:
        parser.error(str(error))
    can = chosen.capabilities
    addresses = _addresses(args.address)
    if addresses is None or not all(a in can.addresses for a in addresses):
        first, last = can.addresses[0], can.addresses[-1]
        parser.error(f"--address: {first} … {last}, or a range such as 1-8 of at most 64")
    if not PORT_PATTERN.match(args.device):
        parser.error("DEVICE: a path such as /dev/ttyUSB0, or socket://HOST:PORT")
    if args.show is not None and not isinstance(can.shows, CharacterCapability):
        parser.error("--show: 只用于字符屏 / for panels of characters only")
    try:
        asking = {a: _frames(chosen, a, args.show) for a in addresses}
    except ValueError as error:
        parser.error(f"--show: {error}")
    if not all(asking.values()):
        print(_cannot_ask(chosen))
        return 1
    if args.show is not None:
        for address, frames in asking.items():
            print(f"地址 {address}，发送 / address {address}, sent:")
            print("\n".join(f"  {frame.hex(' ').upper()}" for frame in frames), flush=True)
    return _probe(args.device, chosen, asking, args.baud)


def _codec(protocol: str, strips_dir: str, card: Card) -> Codec:
    """The codec; says so when it was never verified. Raises ValueError, ConfigError."""
    protocols = Catalogue(strips_dir)
    doubt = protocols.doubt(protocols.known(protocol))
    if doubt:
        print(f"注意：{doubt[0]}\nNote: {doubt[1]}", flush=True)
    return protocols.codec(protocol, card)


def _frames(codec: Codec, address: int, show: str | None) -> tuple[bytes, ...]:
    """What an address is sent. Raises ValueError when the panel cannot show the text."""
    shows = codec.capabilities.shows
    if show is None or not isinstance(shows, CharacterCapability):
        return codec.ping(address)
    rows = ("",) * (shows.rows - 1)
    return codec.encode(address, Characters((show, *rows), columns=len(show)))


def _cannot_ask(codec: Codec) -> str:
    if codec.capabilities.acks == "none":
        zh = "这种屏从不应答，在这里无法知道有没有屏"
        en = "panels of this kind never answer: it cannot be told from here whether one is there"
    else:
        zh = "这种屏只在显示内容时应答"
        en = "panels of this kind answer only when they are to show something"
    return f"{zh}；请加 --show 8888，并看屏上是否出现\n{en}. Add --show 8888 and look at the panel"


def _addresses(text: str) -> list[int] | None:
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        return None
    numbers = range(int(first), int(last or first) + 1)
    return list(numbers) if 1 <= len(numbers) <= 64 else None


def _probe(
    device: str, codec: Codec, asking: dict[int, tuple[bytes, ...]], baud: int | None
) -> int:
    network = "://" in device
    usual = _ONBON_BAUDS if codec.name.startswith("bx") else (codec.capabilities.baud,)
    bauds = [baud] if baud else (usual[:1] if network else usual)
    missing = set(asking)
    for speed in bauds:
        try:
            port = Port(device, speed)
        except PortError as error:
            print(f"{device}: 无法打开：{error} / cannot be opened: {error}", file=sys.stderr)
            return 1
        try:
            where = device if network else f"{device} @ {speed}"
            found = [a for a in sorted(missing) if _ask(port, codec, a, asking[a], where, speed)]
        except PortError as error:
            print(f"{device}: 线路中断：{error} / the line broke: {error}", file=sys.stderr)
            return 1
        finally:
            port.close()
        missing -= set(found)
        if not missing:
            return 0
    return 1


def _ask(
    port: Port, codec: Codec, address: int, frames: tuple[bytes, ...], where: str, baud: int
) -> bool:
    can = codec.capabilities
    raw = b""
    reply: Reply | None = None
    for frame in frames:
        port.discard_input()
        port.write(frame)
        reply, more = _listen(port, codec, address, len(frame) * 10 / baud)
        raw += more
        time.sleep(can.gap_s)
    if can.acks == "none":
        zh = "已发送；这种屏从不应答，请看屏上是否出现"
        en = "sent; panels of this kind never answer: look whether it appeared"
    else:
        zh, en = _words(reply, raw, frames, address)
    print(f"{where}，地址 {address}：{zh}\n{where}, address {address}: {en}", flush=True)
    return can.acks == "none" or (reply is not None and reply.address == address)


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


def _words(
    reply: Reply | None, raw: bytes, sent: tuple[bytes, ...], address: int
) -> tuple[str, str]:
    echo = all(frame in raw for frame in sent)
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
    if echo and len(raw) <= sum(map(len, sent)):
        return "只听到自己的回显，屏无应答", "only our own echo: no panel answers"
    return (
        f"收到 {len(raw)} 字节无法识别的数据：波特率或协议不符，或有干扰、接触不良",
        f"{len(raw)} bytes that make no sense: another baud rate or protocol, noise, bad contact",
    )
