"""The simplified Chinese face as a font file of its own.

Kivy opens face 0 of a collection, which in Noto Sans CJK is Japanese. The tables of the
simplified face are copied out once and kept in the cache folder.
"""

import os
import tempfile
from pathlib import Path

from hallkit.runtime.fonts import Weight, face
from hallkit.runtime.paths import cache_dir


def font_file(weight: Weight) -> Path:
    """The path of a font file with only the simplified face.

    Raises FontMissing when no Chinese font is installed, OSError when the cache folder cannot be
    written.
    """
    source = face(weight)
    if source.path.suffix.lower() != ".ttc":
        return source.path
    stat = source.path.stat()
    key = f"{source.path.stem}-{source.index}-{stat.st_size}-{stat.st_mtime_ns}"
    target = cache_dir() / f"{key}.otf"
    if not target.exists():
        _extract(source.path, source.index, target)
    return target


def _extract(collection: Path, index: int, target: Path) -> None:
    from fontTools.ttLib import TTCollection

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.stem, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        with TTCollection(collection, lazy=True) as fonts:
            fonts[index].save(part, reorderTables=False)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
