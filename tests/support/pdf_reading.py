"""What is in a PDF, as read by tools that are not ours (poppler)."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Font:
    """A font of a PDF."""

    name: str
    embedded: bool
    subset: bool
    has_text: bool


def _run(*command: str, pdf: bytes) -> bytes:
    return subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60).stdout


def text_of(pdf: bytes) -> str:
    """The selectable text without blanks and line ends."""
    return "".join(_run("pdftotext", "-raw", "-", "-", pdf=pdf).decode().split())


def pages_of(pdf: bytes) -> int:
    """How many pages."""
    return _run("pdftotext", "-", "-", pdf=pdf).count(b"\f")


def fonts_of(pdf: bytes) -> list[Font]:
    """Its fonts."""
    lines = _run("pdffonts", "-", pdf=pdf).decode().splitlines()[2:]
    found = []
    for line in lines:
        name, *_, embedded, subset, unicode, _object, _generation = line.split()
        found.append(Font(name, embedded == "yes", subset == "yes", unicode == "yes"))
    return found


def picture_of(pdf: bytes, folder: Path, dpi: int = 150) -> Path:
    """Its first page as PNG."""
    picture = _run("pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-", pdf=pdf)
    path = folder / "page.png"
    path.write_bytes(picture)
    return path
