"""Codec of numeric panels "LED-485-xxx" that speak Modbus, RTU on a line or TCP.

::

    RTU   unit 1–247 | function | data | CRC-16/MODBUS, low byte first
    TCP   transaction u16 | 0000 | length u16 of what follows | unit | function | data

    0x0000  a number, int16          0x0003  baud code (4 = 9600)
    0x0002  the unit's address       0x0004  decimal point
    0x0070… text in ASCII, two characters a register, the first in its high byte

Text is written by function 16, never a number by function 6: the answer to that one is the request
itself, which an adapter that echoes would fake. It stands at the right end of the panel's columns;
spaces clear it. Whether the panel is there is asked by function 3: one that refuses the question
is there too. Such panels keep what they show: the host must take an old number away.

7 segments cannot make every letter: K, M, V, W, X look like nothing, and I, Q, S, Z like 1, 9, 5,
2. How a panel draws the others (b, d, n, r … small) is its own affair.

Source: a maker's register list for LED-485 panels, from one place; frames as pymodbus makes them.
"""

from typing import Literal

from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    WriteMultipleRegistersRequest,
)

from display.led.codec import Ack, Capabilities, CharacterCapability, Nack, Reply
from display.led.content import Characters, Content

ADDRESSES = range(1, 248)
TEXT = 0x0070
ITS_ADDRESS = 0x0002
WRITE = 16
READ = 3
BUSY = 6
COLUMNS = 4
MOST_COLUMNS = 8
# What 7 segments make that cannot be taken for something else.
SHOWABLE = "0123456789ABCDEFGHJLNOPRTUY-_"
ERRORS: dict[int, tuple[str, str]] = {
    1: ("不支持该功能码", "it does not know this function"),
    2: ("没有该寄存器，请核对屏的型号", "no such register: check the panel's model"),
    3: ("数据不合法，请核对位数", "illegal data: check the number of columns"),
    4: ("设备故障", "device failure"),
    6: ("设备忙", "the device is busy"),
}
# "0.3–0.5 s": such panels answer at once, or not at all.
_ACK_TIMEOUT_S = 0.5
_ERROR = 0x80
_EXCEPTION_BYTES = 3
_WRITTEN_BYTES = 6
_READ_BYTES = 5
_MBAP_BYTES = 6

Name = Literal["modbus-rtu", "modbus-tcp"]


class Modbus:
    """See :class:`display.led.codec.Codec`. Stateless."""

    capabilities = Capabilities(
        shows=CharacterCapability(
            charset="ascii",
            rows=1,
            columns=COLUMNS,
            most_rows=1,
            scroll=False,
            colours=False,
            most_columns=MOST_COLUMNS,
            showable=SHOWABLE,
        ),
        addresses=ADDRESSES,
        acks="required",
        interval_s=0.0,
        ack_timeout_s=_ACK_TIMEOUT_S,
    )

    def __init__(self, name: Name) -> None:
        self.name = name
        kind = FramerRTU if name == "modbus-rtu" else FramerSocket
        self._framer: FramerBase = kind(DecodePDU(is_server=False))

    def encode(self, address: int, content: Content) -> tuple[bytes, ...]:
        """Writes the row, with spaces before it, over everything the panel shows."""
        if not isinstance(content, Characters):
            raise ValueError("these panels take characters only")
        text = "".join(content.rows)
        if len(text) > (content.columns or COLUMNS) or not set(text) <= set(SHOWABLE + " "):
            raise ValueError(f"a panel of these digits cannot show {text}")
        return self._write(address, text, content.columns or COLUMNS)

    def clear(self, address: int) -> tuple[bytes, ...]:
        """Writes spaces over the usual number of columns."""
        return self._write(address, "", COLUMNS)

    def _write(self, address: int, text: str, columns: int) -> tuple[bytes, ...]:
        if columns > MOST_COLUMNS:
            raise ValueError(f"more than {MOST_COLUMNS} columns")
        packed = text.rjust(columns + columns % 2).encode("ascii")
        registers = [int.from_bytes(packed[at : at + 2]) for at in range(0, len(packed), 2)]
        pdu = WriteMultipleRegistersRequest(address=TEXT, registers=registers)
        return (self._frame(address, WRITE, pdu.encode()),)

    def brightness(self, address: int, level: int) -> tuple[bytes, ...]:  # noqa: ARG002
        """Nothing: no register for it is known."""
        return ()

    def ping(self, address: int) -> tuple[bytes, ...]:
        """Reads the register with the panel's own address."""
        pdu = ReadHoldingRegistersRequest(address=ITS_ADDRESS, count=1)
        return (self._frame(address, READ, pdu.encode()),)

    def _frame(self, address: int, function: int, data: bytes) -> bytes:
        if address not in ADDRESSES:
            raise ValueError("a Modbus unit is 1 to 247")
        return self._framer.encode(bytes([function]) + data, address, address)

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """The first reply; everything that is not one is skipped, byte by byte, for an RTU frame
        has no begin that could be searched."""
        undecided = len(buffer)
        for at in range(len(buffer)):
            size = self._size(buffer[at:])
            if size is None:
                continue
            frame = buffer[at : at + size]
            if len(frame) < size:
                undecided = min(undecided, at)
                continue
            reply = self._reply(frame)
            if reply is not None:
                return at + size, reply
        return undecided, None

    def _size(self, begin: bytes) -> int | None:
        """The length of the reply that may begin here, None when none does."""
        head = 0
        if isinstance(self._framer, FramerSocket):
            head = _MBAP_BYTES
            if not _may_be(begin, b"\0\0", 2):
                return None
        if len(begin) < head + 2:
            return head + 2
        unit, function = begin[head], begin[head + 1]
        body = _body_bytes(function)
        if body is None or unit not in ADDRESSES:
            return None
        if head:
            return head + body if int.from_bytes(begin[4:6]) == body else None
        return body + 2

    def _reply(self, frame: bytes) -> Reply | None:
        used, unit, _, pdu = self._framer.decode(frame)
        if used != len(frame) or not pdu:
            return None
        if pdu[0] == WRITE and pdu[1:3] == TEXT.to_bytes(2):
            return Ack(unit)
        if pdu[0] == READ and pdu[1] == 2:
            return Ack(unit)
        return _exception(unit, pdu) if pdu[0] & _ERROR else None


def _may_be(begin: bytes, wanted: bytes, at: int) -> bool:
    there = begin[at : at + len(wanted)]
    return wanted.startswith(there)


def _body_bytes(function: int) -> int | None:
    """Unit, function and data of the reply."""
    if function in (WRITE | _ERROR, READ | _ERROR):
        return _EXCEPTION_BYTES
    return {WRITE: _WRITTEN_BYTES, READ: _READ_BYTES}.get(function)


def _exception(unit: int, pdu: bytes) -> Reply:
    code = pdu[1]
    if pdu[0] == READ | _ERROR and code != BUSY:
        return Ack(unit)
    zh, en = ERRORS.get(code, (f"错误 {code}", f"error {code}"))
    return Nack(unit, code, code == BUSY, zh, en)
