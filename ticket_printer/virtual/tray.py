"""Where the virtual printer's tickets fall: one PNG and one text file for each cut."""

import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image

_NAME = re.compile(r"(\d{4,})\.png")


class Tray:
    """The folder; numbering goes on after what is there. A picture appears whole, and after its
    text file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        numbers = [int(m[1]) for m in map(_NAME.fullmatch, (p.name for p in folder.iterdir())) if m]
        self._last = max(numbers, default=0)

    def drop(self, picture: Image.Image, lines: list[str]) -> None:
        """One more ticket."""
        self._last += 1
        name = f"{self._last:04d}"
        text = "\n".join(lines).strip("\n") + "\n"
        self._put(name + ".txt", lambda path: path.write_text(text, encoding="utf-8"))
        self._put(name + ".png", lambda path: picture.save(path, format="PNG"))

    def _put(self, name: str, write: Callable[[Path], object]) -> None:
        part = self._folder / f".{name}.part"
        write(part)
        part.replace(self._folder / name)
