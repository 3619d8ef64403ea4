"""What a virtual panel leaves in its folder: the picture, the facts, the last pictures."""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

KEPT = 50
PICTURE = "panel.png"
FACTS = "panel.json"


@dataclass(frozen=True)
class Facts:
    """``panel.json``. ``frames`` counts intact frames for this panel, ``crc_errors`` damaged ones;
    ``updated_at`` is ISO 8601."""

    text: str
    frames: int
    crc_errors: int
    nacks: int
    on: bool
    updated_at: str
    address: int
    width: int
    height: int
    colours: str
    brightness: int
    blinking: bool
    scrolling: bool
    fault: str


class Store:
    """Writes into ``folder``, each file in one step, so that a reader never sees half of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(p.stem) for p in folder.glob("[0-9]*.png") if p.stem.isdigit()]
        self._number = max(numbers, default=0)

    def write(self, picture: Image.Image | None, facts: Facts) -> None:
        """Stores the facts, and a new picture when there is one. Raises OSError."""
        if picture is not None:
            packed = io.BytesIO()
            picture.save(packed, "PNG")
            self._number += 1
            for name in (f"{self._number:04d}.png", PICTURE):
                self._replace(self.folder / name, packed.getvalue())
            (self.folder / f"{self._number - KEPT:04d}.png").unlink(missing_ok=True)
        text = json.dumps(asdict(facts), ensure_ascii=False, indent=1) + "\n"
        self._replace(self.folder / FACTS, text.encode())

    def _replace(self, path: Path, data: bytes) -> None:
        new = path.with_name(f".{path.name}.new")
        new.write_bytes(data)
        new.replace(path)
