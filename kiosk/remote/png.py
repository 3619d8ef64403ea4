"""A picture as a PNG file, without an imaging library (https://www.w3.org/TR/png-3/)."""

import struct
import zlib

# Fast rather than small: it travels over the loopback address.
_LEVEL = 1


def png_of(width: int, height: int, rgb: bytes) -> bytes:
    """8-bit RGB rows, the bottom one first as OpenGL delivers them, as a PNG."""
    stride = width * 3
    rows = b"".join(
        b"\0" + rgb[top : top + stride] for top in range((height - 1) * stride, -1, -stride)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, _LEVEL))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
