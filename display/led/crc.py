"""CRC-16/ARC: polynomial 0x8005 reflected (0xA001), start 0, no final exclusive-or."""


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_TABLE = tuple(_entry(i) for i in range(256))


def crc16_arc(data: bytes) -> int:
    """The check value of ``data``; of ``b"123456789"`` it is 0xBB3D."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc
