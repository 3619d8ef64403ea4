"""The check sums that strips use, by the name that their files give them."""

from binascii import crc_hqx
from collections.abc import Callable
from functools import reduce
from operator import xor

from display.led.crc import crc16_modbus

# crc_hqx is CRC-16/XMODEM: polynomial 0x1021, start 0; of b"123456789" it is 0x31C3.
KINDS: dict[str, Callable[[bytes], bytes]] = {
    "crc16-modbus-le": lambda data: crc16_modbus(data).to_bytes(2, "little"),
    "crc16-modbus-be": lambda data: crc16_modbus(data).to_bytes(2, "big"),
    "crc16-xmodem-le": lambda data: crc_hqx(data, 0).to_bytes(2, "little"),
    "crc16-xmodem-be": lambda data: crc_hqx(data, 0).to_bytes(2, "big"),
    "sum8": lambda data: bytes([sum(data) & 0xFF]),
    "xor8": lambda data: bytes([reduce(xor, data, 0)]),
}
