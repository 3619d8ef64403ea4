"""CRC-16/ARC and CRC-16/MODBUS: polynomial 0x8005 reflected (0xA001), no final exclusive-or. They
differ in their start: 0 and 0xFFFF."""


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_TABLE = tuple(_entry(i) for i in range(256))


def _crc16(data: bytes, crc: int) -> int:
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def crc16_arc(data: bytes) -> int:
    """The check value of ``data``; of ``b"123456789"`` it is 0xBB3D."""
    return _crc16(data, 0)


def crc16_modbus(data: bytes) -> int:
    """The check value of ``data``; of ``b"123456789"`` it is 0x4B37."""
    return _crc16(data, 0xFFFF)
