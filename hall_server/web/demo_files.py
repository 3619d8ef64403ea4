"""What the parts of a demo left in their folders, newest first, as addresses a page may fetch."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hall_server.web.ports import DemoPlace

# Names that our own virtual devices make: no separators, no leading dot.
SAFE_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,120}\.(png|txt|wav)$")
LATEST_TICKETS = 6
LATEST_VOICES = 8
LONGEST_TEXT_BYTES = 4000


def newest(folder: Path, suffix: str, most: int) -> list[Path]:
    """The folder's newest files with this suffix and a safe name; empty while it is missing."""
    found: list[tuple[float, Path]] = []
    try:
        for path in folder.iterdir():
            if path.suffix == suffix and SAFE_NAME.match(path.name):
                found.append((path.stat().st_mtime, path))
    except OSError:
        # A folder or a file that has just gone: the next look sees it as it is then.
        pass
    found.sort(key=lambda entry: (entry[0], entry[1].name), reverse=True)
    return [path for _, path in found[:most]]


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0


def _text_beside(path: Path) -> str:
    try:
        raw = path.with_suffix(".txt").read_bytes()[:LONGEST_TEXT_BYTES]
    except OSError:
        return ""
    return raw.decode("utf-8", "replace")


def _files(kind: str, paths: Iterable[Path]) -> list[dict[str, Any]]:
    return [
        {"name": p.name, "url": f"/demo/files/{kind}/{p.name}?{_stamp(p)}", "at": _stamp(p)}
        for p in paths
    ]


def look(place: DemoPlace) -> dict[str, Any]:
    """Everything the demo page shows of files: ``printers``, ``panels`` and ``voice``."""
    printers = []
    for index, (name, folder) in enumerate(place.printers):
        paths = newest(folder, ".png", LATEST_TICKETS)
        tickets = _files(f"printer-{index}", paths)
        for entry, path in zip(tickets, paths, strict=True):
            entry["text"] = _text_beside(path)
        printers.append({"name": name, "tickets": tickets})
    panels = []
    for index, (window, protocol, folder) in enumerate(place.panels):
        pictures = _files(f"panel-{index}", newest(folder, ".png", 1))
        panels.append(
            {
                "window": window,
                "protocol": protocol,
                "picture": pictures[0] if pictures else None,
            }
        )
    voice = place.voice_dir
    spoken = newest(voice, ".wav", LATEST_VOICES) if voice is not None else []
    return {"printers": printers, "panels": panels, "voice": _files("voice", spoken)}


def folder_of(place: DemoPlace, kind: str) -> Path | None:
    """The folder that ``kind`` of an address stands for; None for anything else."""
    if kind == "voice":
        return place.voice_dir
    name, _, number = kind.partition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        return None
    index = int(number)
    if name == "printer" and index < len(place.printers):
        return place.printers[index][1]
    if name == "panel" and index < len(place.panels):
        return place.panels[index][2]
    return None


def data_of(place: DemoPlace) -> dict[str, Any]:
    """What the demo page's script knows from the start."""
    return {"demo": {"kiosk": place.kiosk_url is not None, "files": look(place)}}
