"""A numeric panel that speaks Modbus, as it behaves: checks requests, keeps its text, answers."""

from dataclasses import dataclass

from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterRequest,
    WriteSingleRegisterResponse,
)

from display.led.content import Colour
from display.led.modbus import ADDRESSES, BUSY, COLUMNS, ITS_ADDRESS, TEXT
from display.settings import COLOURS
from display.virtual.card import Look, Manner, Refused
from display.virtual.draw import LitDigits
from display.virtual.segments import SEGMENTS
from display.virtual.settings import VirtualPanelSettings

_NUMBER, _BAUD_CODE, _POINT = 0x0000, 0x0003, 0x0004
_BAUD_9600 = 4
_NO_FUNCTION, _NO_REGISTER, _BAD_VALUE = 1, 2, 3
_BROADCAST = 0
_CRC_BYTES = 2
_MBAP_BYTES = 6
_MOST_ADU = 260
_REQUEST_BYTES = 8
_WRITE_MANY_HEAD = 7
_ONE, _MANY, _READ = 6, 16, 3


class ModbusFamily:
    """See :class:`display.virtual.card.Family`."""

    def __init__(self, protocol: str) -> None:
        self._rtu = protocol == "modbus-rtu"
        kind = FramerRTU if self._rtu else FramerSocket
        self._framer: FramerBase = kind(DecodePDU(is_server=True))

    def cut(self, buffer: bytes) -> tuple[int, bytes | None]:
        """The first whole request, or what stands before one and is none."""
        return self._cut_rtu(buffer) if self._rtu else _cut_tcp(buffer)

    def _cut_rtu(self, buffer: bytes) -> tuple[int, bytes | None]:
        undecided = len(buffer)
        for at in range(len(buffer)):
            size = _rtu_size(buffer[at:])
            if size is None:
                continue
            frame = buffer[at : at + size]
            if len(frame) < size:
                undecided = min(undecided, at)
            elif self._framer.decode(frame)[3]:
                return (at, buffer[:at]) if at else (size, frame)
        return (undecided, buffer[:undecided]) if undecided else (0, None)

    def card(self, settings: VirtualPanelSettings) -> "ModbusPanel":
        """A panel with nothing on it."""
        colour = COLOURS[settings.colours][0]
        columns = settings.columns or COLUMNS
        return ModbusPanel(settings.address, columns, colour, self._framer)


def _rtu_size(begin: bytes) -> int | None:
    """The length of the request that may begin here, None when none does."""
    if len(begin) < 2:
        return 2 if begin[0] in ADDRESSES or begin[0] == _BROADCAST else None
    unit, function = begin[:2]
    if (unit not in ADDRESSES and unit != _BROADCAST) or function not in (_ONE, _MANY, _READ):
        return None
    if function != _MANY:
        return _REQUEST_BYTES
    if len(begin) < _WRITE_MANY_HEAD:
        return _WRITE_MANY_HEAD
    return _WRITE_MANY_HEAD + begin[_WRITE_MANY_HEAD - 1] + _CRC_BYTES


def _cut_tcp(buffer: bytes) -> tuple[int, bytes | None]:
    for at in range(len(buffer)):
        head = buffer[at : at + _MBAP_BYTES]
        size = _MBAP_BYTES + int.from_bytes(head[4:6])
        if len(head) == _MBAP_BYTES and not (head[2:4] == b"\0\0" and 8 <= size <= _MOST_ADU):
            continue
        if at:
            return at, buffer[:at]
        whole = len(head) == _MBAP_BYTES and len(buffer) >= size
        return (size, buffer[:size]) if whole else (0, None)
    return 0, None


@dataclass
class ModbusPanel:
    """See :class:`display.virtual.card.Card`. ``shown`` is what its digits say, with points."""

    address: int
    columns: int
    colour: Colour
    framer: FramerBase
    frames: int = 0
    crc_errors: int = 0
    nacks: int = 0
    shown: str = ""
    _number: int = 0
    _point: int = 0

    def hear(self, frame: bytes, now: float, manner: Manner) -> bytes | None:  # noqa: ARG002
        """Obeys a frame; says nothing to a damaged one, as Modbus wants it."""
        used, unit, transaction, pdu = self.framer.decode(frame)
        if not pdu or used != len(frame):
            self.crc_errors += frame[:1] == bytes([self.address])
            return None
        if unit not in (self.address, _BROADCAST):
            return None
        self.frames += 1
        answer = self._answer(pdu, busy=manner.busy)
        if unit == _BROADCAST:
            return None
        return self.framer.encode(
            bytes([answer.function_code]) + answer.encode(),
            manner.posing_as or self.address,
            transaction,
        )

    def _answer(self, pdu: bytes, *, busy: bool) -> ModbusPDU:
        try:
            if busy:
                raise Refused(BUSY)
            request = self.framer.decoder.decode(pdu)
            if request is None:
                raise Refused(_BAD_VALUE)
            return self._obey(request, pdu)
        except Refused as refused:
            self.nacks += 1
            return ExceptionResponse(pdu[0], refused.code)

    def _obey(self, request: ModbusPDU, pdu: bytes) -> ModbusPDU:
        if isinstance(request, WriteMultipleRegistersRequest):
            self._write_text(request, pdu)
            return WriteMultipleRegistersResponse(address=request.address, count=request.count)
        if isinstance(request, WriteSingleRegisterRequest):
            self._write_one(request.address, request.registers[0])
            return WriteSingleRegisterResponse(request.address, registers=request.registers)
        if isinstance(request, ReadHoldingRegistersRequest):
            values = [self._read(request.address + n) for n in range(request.count)]
            return ReadHoldingRegistersResponse(registers=values)
        raise Refused(_NO_FUNCTION)

    def _write_text(self, request: ModbusPDU, pdu: bytes) -> None:
        data = pdu[_WRITE_MANY_HEAD - 1 :]
        if request.address != TEXT or request.count > -(-self.columns // 2):
            raise Refused(_NO_REGISTER)
        if pdu[_WRITE_MANY_HEAD - 2] != len(data) or len(data) != 2 * request.count:
            raise Refused(_BAD_VALUE)
        text = data.decode("latin-1")[-self.columns :]
        if not set(text) <= set(SEGMENTS):
            raise Refused(_BAD_VALUE)
        self.shown = text.strip()

    def _write_one(self, register: int, value: int) -> None:
        number, point = self._number, self._point
        if register == _POINT and value < self.columns:
            point = value
        elif register == _NUMBER:
            number = value - 0x10000 if value > 0x7FFF else value
        else:
            raise Refused(_NO_REGISTER)
        text = f"{number:0{point + 1 + (number < 0)}}"
        if len(text) > self.columns:
            raise Refused(_BAD_VALUE)
        self._number, self._point = number, point
        self.shown = f"{text[:-point]}.{text[-point:]}" if point else text

    def _read(self, register: int) -> int:
        known = {
            _NUMBER: self._number & 0xFFFF,
            ITS_ADDRESS: self.address,
            _BAUD_CODE: _BAUD_9600,
            _POINT: self._point,
        }
        if register not in known:
            raise Refused(_NO_REGISTER)
        return known[register]

    def forget_old(self, now: float) -> bool:  # noqa: ARG002
        """Nothing: such a panel keeps what it shows."""
        return False

    @property
    def text(self) -> str:
        """What its digits say."""
        return self.shown

    @property
    def blinks(self) -> bool:
        """Nothing comes and goes."""
        return False

    @property
    def scrolls(self) -> bool:
        """Nothing runs."""
        return False

    def look(self) -> Look:
        """Its digits; the size in lamps says nothing here."""
        return Look(0, 0, (LitDigits(self.shown, self.columns, self.colour),))
