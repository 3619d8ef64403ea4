"""Where the demo's parts leave what they make, as the server's ``/demo`` page needs it."""

import json
from dataclasses import asdict
from pathlib import Path

from hall_server.web.ports import DemoPlace


def write_place(path: Path, place: DemoPlace) -> None:
    """Writes the file that ``read_place`` reads."""
    path.write_text(json.dumps(asdict(place), default=str, ensure_ascii=False), encoding="utf-8")


def read_place(path: Path) -> DemoPlace:
    """The inverse of :func:`write_place`. Raises OSError, ValueError."""
    data = json.loads(path.read_text(encoding="utf-8"))
    voice = data["voice_dir"]
    return DemoPlace(
        printers=tuple((name, Path(folder)) for name, folder in data["printers"]),
        panels=tuple((window, protocol, Path(d)) for window, protocol, d in data["panels"]),
        voice_dir=Path(voice) if voice else None,
        kiosk_url=data["kiosk_url"],
        staff=tuple((no, pin, role, window) for no, pin, role, window in data["staff"]),
    )
