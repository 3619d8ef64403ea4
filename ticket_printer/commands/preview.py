"""``hall printer preview --kind receipt --out receipt.png``: what a slip will look like."""

import argparse
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import ValidationError

from hallkit.runtime.fonts import FontMissing, face
from hallkit.runtime.settings import ConfigError, Problem, problems_of, read_toml
from hallkit.wire.slips import SLIP_KINDS, Slip, SlipKind, kind_of
from ticket_printer.intake.checks import SlipOnly
from ticket_printer.layouts import load_layout, load_layouts
from ticket_printer.render.draw import WIDTH, draw_slip
from ticket_printer.render.layout import Layouts
from ticket_printer.render.samples import SampleHall, sample
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.text import framed, text_slip
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine


def main(argv: list[str]) -> int:
    """Draws a slip into a PNG."""
    options = _parser().parse_args(argv)
    try:
        layouts = _layouts(options)
        slip = _slip(options)
        typeface = Typeface(face(), face("bold"))
        if options.text:
            picture = _as_text(slip, options.width, layouts, typeface)
        else:
            picture = draw_slip(slip, options.width, typeface, layouts)
        picture.save(options.out, format="PNG")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError, FontMissing) as error:
        print(f"无法预览 / no preview: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: {picture.width}×{picture.height}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hall printer preview",
        description="把一张单据画成 PNG 预览，不费纸。"
        "Draws a slip as it will be printed; without SLIP a sample of --kind.",
    )
    parser.add_argument("slip", type=Path, nargs="?", help="a JSON file: the slip of a print job")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the PNG to write")
    parser.add_argument("--kind", choices=SLIP_KINDS, help="the sample to draw")
    parser.add_argument("--width", type=int, choices=(80, 58), default=80, help="paper in mm")
    parser.add_argument("--template", type=Path, metavar="FILE", help="a layout to try")
    parser.add_argument("--slips", type=Path, metavar="FOLDER", help="the hall's own layouts")
    parser.add_argument("--hall", type=Path, metavar="FILE", help="a hall file, for the sample")
    parser.add_argument(
        "--text", action="store_true", help="as in text mode, with the printer's own characters"
    )
    return parser


def _layouts(options: argparse.Namespace) -> Layouts:
    layouts = load_layouts(options.slips)
    if options.template is None:
        return layouts
    layout = load_layout(options.template)
    if options.kind is None and options.slip is None:
        options.kind = layout.kind
    return layouts | {layout.kind: layout}


def _slip(options: argparse.Namespace) -> Slip:
    """The slip in the file, or a sample. Raises ConfigError, OSError."""
    if options.slip is None:
        hall = _sample_hall(options.hall) if options.hall else SampleHall()
        kind: SlipKind = options.kind or "ticket"
        return sample(kind, hall)
    try:
        slip: Slip = SlipOnly.model_validate_json(
            b'{"slip": ' + options.slip.read_bytes() + b"}"
        ).slip
    except ValidationError as error:
        problems = problems_of(error, SlipOnly, str(options.slip))
        raise ConfigError([_named(problem) for problem in problems]) from None
    if options.kind and options.kind != kind_of(slip):
        raise ValueError(f"{options.slip}: kind = {kind_of(slip)}, --kind {options.kind}")
    return slip


def _named(problem: Problem) -> Problem:
    """The problem by the name of its field in the file: without ``slip.KIND.``."""
    return Problem(problem.file, problem.key.split(".", 2)[-1], problem.zh, problem.en)


def _sample_hall(path: Path) -> SampleHall:
    """What samples use of a hall file, as far as it is there."""
    data: dict[str, Any] = read_toml(path)
    default = SampleHall()
    categories = data.get("categories", [])
    services = [s["name"] for c in categories for s in c.get("services", []) if "name" in s]
    areas = [a["name"] for a in data.get("areas", []) if "name" in a]
    waiting = [name for name in areas if "等候" in name or "休息" in name]
    return SampleHall(
        name=data.get("hall", {}).get("name", default.name),
        waiting_area=(waiting or [default.waiting_area])[0],
        services=tuple(services[:3]) or default.services,
    )


def _as_text(slip: Slip, width: int, layouts: Layouts, typeface: Typeface) -> Image.Image:
    """What the virtual printer makes of the slip's text commands."""
    papers: list[Image.Image] = []
    machine = Machine(
        WIDTH[width], typeface.font, Faults(), lambda picture, _lines: papers.append(picture)
    )
    machine.receive(framed(text_slip(slip, width, layouts)))
    return papers[0]
