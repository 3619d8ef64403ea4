"""``hall printer preview SLIP.json --out TICKET.png``: what a ticket will look like."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from hallkit.runtime.fonts import FontMissing, face
from hallkit.runtime.settings import ConfigError, problems_of
from ticket_printer.intake.checks import SlipIn
from ticket_printer.render.raster_ticket import draw_ticket
from ticket_printer.render.sheet import Typeface


def main(argv: list[str]) -> int:
    """Draws a ticket into a PNG."""
    parser = argparse.ArgumentParser(
        prog="hall printer preview",
        description="把一张票画成 PNG 预览。Draws a ticket as it will be printed.",
    )
    parser.add_argument("slip", type=Path, help="a JSON file: the slip of a print job")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the PNG to write")
    parser.add_argument("--width", type=int, choices=(80, 58), default=80, help="paper in mm")
    options = parser.parse_args(argv)
    try:
        slip = SlipIn.model_validate_json(options.slip.read_bytes())
        picture = draw_ticket(slip, options.width, Typeface(face(), face("bold")))
        picture.save(options.out, format="PNG")
    except ValidationError as error:
        print(ConfigError(problems_of(error, SlipIn, str(options.slip))), file=sys.stderr)
        return 2
    except (OSError, ValueError, FontMissing) as error:
        print(f"无法预览 / no preview: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: {picture.width}×{picture.height}")
    return 0
