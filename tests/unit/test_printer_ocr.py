"""What stands on the paper, read by a program that knows nothing of this one (tesseract)."""

import os
import re
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image

from hallkit.runtime.fonts import face
from hallkit.wire.slips import Slip, SlipKind
from tests.fakes.printer_rig import slip
from ticket_printer.layouts import load_layouts
from ticket_printer.render.draw import WIDTH
from ticket_printer.render.samples import sample
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.slips import Renderer
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_FACE = Typeface(face(), face("bold"))
_LAYOUTS = load_layouts()
_AT = datetime(2026, 11, 23, 9, 32, tzinfo=timezone(timedelta(hours=8)))


def _paper(printed: Slip, width: int, png: Path) -> Path:
    machine = Machine(WIDTH[width], _FACE.font, Faults(), lambda picture, _lines: picture.save(png))
    machine.receive(b"\x1b@" + Renderer(width, True, _FACE, _LAYOUTS)(printed))
    return png


def _read(png: Path, language: str) -> str:
    """What is read, without blanks."""
    command = ["tesseract", str(png), "-", "-l", language, "--psm", "11"]
    # Its threads wait for each other in a loop: beside other tests one is faster than two.
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60, env=alone
    )
    return re.sub(r"\s", "", done.stdout).replace("，", ",").replace("：", ":")


def test_a_number_is_read(tmp_path: Path) -> None:
    png = _paper(slip(number="A012"), 80, tmp_path / "ticket.png")
    # Letters as tall as a finger are larger than what it is made for.
    with Image.open(png) as picture:
        picture.convert("L").reduce(3).save(tmp_path / "small.png")
    assert "A012" in _read(tmp_path / "small.png", "eng")


@pytest.mark.parametrize(
    ("kind", "width", "lines"),
    [
        ("ticket", 80, ["养老保险参保登记", "预计等待约12-25分钟", "2026-11-2309:32"]),
        ("receipt", 80, ["受理凭证", "BJ20261123-0017", "受理时间:2026-11-2309:32"]),
        ("supplement", 80, ["补正告知单", "BJ20261123-0017", "需要补正的全部内容一次性告知您"]),
    ],
)
def test_chinese_is_read(kind: SlipKind, width: int, lines: list[str], tmp_path: Path) -> None:
    printed = slip(issued_at=_AT) if kind == "ticket" else sample(kind)
    read = _read(_paper(printed, width, tmp_path / "slip.png"), "chi_sim")
    assert [line for line in lines if line.replace("–", "-") not in read] == [], read
