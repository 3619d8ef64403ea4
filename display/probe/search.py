"""Which protocol do the panels on a line speak? Asks in each one that can be asked harmlessly."""

import sys

from display.bus.port import Port, PortError
from display.led.codec import Codec
from display.probe.ask import heard
from display.protocols import Catalogue

_SERIAL = (("bx5k", (9600, 57600)), ("bx6e", (57600, 9600)), ("modbus-rtu", (9600,)))
_NETWORK = (("bx5k", (9600,)), ("bx6e", (9600,)), ("modbus-tcp", (9600,)), ("modbus-rtu", (9600,)))
_NOBODY = """\
没有屏应答。请检查电源、A/B 线、地址。条屏和数字屏多数从不应答，请用 --protocol 和 --show。
No panel answered. Check power, A/B wires, addresses. Most strips and number boards never answer:
name the --protocol and use --show."""


def search(device: str, addresses: list[int], baud: int | None) -> int:
    """Prints the first protocol in which a panel answers, and what to write into the settings; 0
    when there is one, else 1. ``baud``: only that speed is tried."""
    network = "://" in device
    protocols = Catalogue()
    for name, bauds in _NETWORK if network else _SERIAL:
        codec = protocols.codec(name)
        for speed in [baud] if baud else bauds:
            where = name if network else f"{name} @ {speed}"
            print(f"试 / trying {where} …", flush=True)
            try:
                address = _answering(device, codec, addresses, speed)
            except PortError as error:
                print(f"{device}: 无法打开：{error} / cannot be opened: {error}", file=sys.stderr)
                return 1
            if address is not None:
                _found(device, name, None if network else speed, address)
                return 0
    print(_NOBODY)
    return 1


def _answering(device: str, codec: Codec, addresses: list[int], baud: int) -> int | None:
    """The first address that answers. Raises PortError when the line cannot be opened."""
    for address in addresses:
        if address not in codec.capabilities.addresses:
            continue
        port = Port(device, baud)
        try:
            reply, _ = heard(port, codec, address, codec.ping(address), baud)
        except PortError:
            # A controller of another make may hang up at what it does not understand.
            reply = None
        finally:
            port.close()
        if reply is not None:
            return reply.address
    return None


def _found(device: str, protocol: str, baud: int | None, address: int) -> None:
    speed = f"baud = {baud}\n" if baud else ""
    print(
        f"有屏应答：协议 {protocol}，地址 {address}。可写入 display.toml：\n"
        f"a panel answers: protocol {protocol}, address {address}. For display.toml:\n\n"
        f'[[lines]]\nname = "{protocol}"\nport = "{device}"\n{speed}protocol = "{protocol}"\n\n'
        f"  [[lines.panels]]\n  window = 1\n  address = {address}"
    )
