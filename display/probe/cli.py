"""``hall display probe``: what is on a line, in words."""

import argparse
import sys

from display.bus.port import Port, PortError
from display.led.codec import CharacterCapability, Codec
from display.led.content import Characters
from display.led.onbon.cards import CARDS, USUAL, Card
from display.probe.ask import ask
from display.probe.search import search
from display.protocols import Catalogue
from display.settings import is_port
from display.strips import BAUDS
from hallkit.runtime.settings import ConfigError

# Onbon's cards have either; other panels have their protocol's usual one.
_ONBON_BAUDS = (9600, 57600)

_OWN_STRIPS = """
本厅自己的条屏请加 --strips 文件夹 / for a strip of the hall's own add --strips DIR"""

_DESCRIPTION = """\
检测线路上的显示屏：地址、波特率、应答。不改变屏上的显示（--show 除外）。
Says what is on a line. Asks only whether a panel is there; changes nothing it shows, unless
--show is given: some panels answer only then, and some never, so that one has to look at them.

  hall display probe /dev/ttyUSB0
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
    parser.add_argument(
        "--protocol", default="", help="docs/panels.md lists them; without it each is tried"
    )
    parser.add_argument("--strips", default="", metavar="DIR", help="the hall's own strips")
    parser.add_argument("--card", default=USUAL, choices=CARDS, help="bx6e: which card")
    parser.add_argument("--address", default="1", help="one address, or a range such as 1-8")
    parser.add_argument("--baud", type=int, choices=BAUDS, help="default: the usual ones")
    parser.add_argument("--show", metavar="TEXT", help="panels of characters: show this")
    args = parser.parse_args(argv)
    if not is_port(args.device):
        parser.error("DEVICE: a path such as /dev/ttyUSB0, or socket://HOST:PORT")
    if not args.protocol:
        addresses = _addresses(args.address)
        if addresses is None or addresses[0] < 1:
            parser.error("--address: 1, or a range such as 1-8 of at most 64")
        return search(args.device, addresses, args.baud)
    return _probe_known(parser, args)


def _probe_known(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    try:
        chosen = _codec(args.protocol, args.strips, args.card)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except ValueError as error:
        hint = "" if args.strips else _OWN_STRIPS
        parser.error(f"{error}{hint}")
    can = chosen.capabilities
    addresses = _addresses(args.address)
    if addresses is None or not all(a in can.addresses for a in addresses):
        first, last = can.addresses[0], can.addresses[-1]
        parser.error(f"--address: {first} … {last}, or a range such as 1-8 of at most 64")
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
    shows = codec.capabilities.shows
    text = "8" * min(4, shows.columns) if isinstance(shows, CharacterCapability) else "8888"
    return (
        f"{zh}；请加 --show {text}，并看屏上是否出现\n{en}. Add --show {text} and look at the panel"
    )


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
            found = [a for a in sorted(missing) if ask(port, codec, a, asking[a], where, speed)]
        except PortError as error:
            print(f"{device}: 线路中断：{error} / the line broke: {error}", file=sys.stderr)
            return 1
        finally:
            port.close()
        missing -= set(found)
        if not missing:
            return 0
    return 1
