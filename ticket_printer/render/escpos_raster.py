"""PURE: a picture as ESC/POS raster data.

::

    GS v 0   1D 76 30 00 xL xH yL yH d…     xL+xH·256 bytes a row, yL+yH·256 rows, 1 = black

The picture goes out in bands, so that a printer with a small buffer can begin at once.
"""

import re

from PIL import Image, ImageChops

BAND_ROWS = 128

# 15 mm at 8 dots a millimetre bring the last line from the head to the cutter's edge and leave
# something to hold.
FEED_DOTS = 120
FEED = b"\x1bJ" + bytes([FEED_DOTS])
PARTIAL_CUT = b"\x1dV\x01"

# Printers obey DLE EOT (10 04), DLE ENQ (10 05) and DLE DC4 (10 14) wherever they occur, also
# inside pictures; DLE DC4 8 empties the buffer.
_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


def neutralise(data: bytes) -> bytes:
    """Raster data without real-time commands: one more black dot is the price of each."""
    return _REAL_TIME.sub(b"\x18", data)


def raster(picture: Image.Image) -> bytes:
    """A bilevel picture (mode "1", white = 255) as GS v 0 commands; its width must be a multiple
    of eight."""
    if picture.mode != "1" or picture.width % 8:
        raise ValueError("a bilevel picture with whole bytes a row is needed")
    row = picture.width // 8
    black = ImageChops.invert(picture).tobytes()
    commands = []
    for top in range(0, picture.height, BAND_ROWS):
        rows = min(BAND_ROWS, picture.height - top)
        data = neutralise(black[top * row : (top + rows) * row])
        commands.append(
            b"\x1dv0\x00" + row.to_bytes(2, "little") + rows.to_bytes(2, "little") + data
        )
    return b"".join(commands)
