"""The Chinese typeface of everything the hall prints and draws.

Noto Sans CJK (Debian: fonts-noto-cjk) has every character of GB18030 that occurs in names, and
comes as one collection whose first face is Japanese: its 门 直 窗 look wrong to a Chinese reader.
So the simplified face is always asked for by its index.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Weight = Literal["regular", "bold"]

_NOTO = Path("/usr/share/fonts/opentype/noto")
_WQY = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
_NOTO_SC_INDEX = 2


class FontMissing(Exception):
    """No Chinese font is installed; the message names the package."""


@dataclass(frozen=True)
class Face:
    """A font file and the number of the face in it."""

    path: Path
    index: int


def face(weight: Weight = "regular") -> Face:
    """The simplified Chinese face. Raises FontMissing when there is none."""
    noto = _NOTO / f"NotoSansCJK-{weight.capitalize()}.ttc"
    if noto.exists():
        return Face(noto, _NOTO_SC_INDEX)
    if _WQY.exists():
        return Face(_WQY, 0)
    raise FontMissing(
        "没有中文字体，请安装 fonts-noto-cjk / no Chinese font: install fonts-noto-cjk"
    )
