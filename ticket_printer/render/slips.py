"""PURE: a slip as the bytes that go to one printer."""

from dataclasses import dataclass

from hallkit.wire.slips import Slip
from ticket_printer.render.draw import draw_slip
from ticket_printer.render.escpos_raster import raster
from ticket_printer.render.layout import Layouts
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.text import framed, text_slip


@dataclass(frozen=True)
class Renderer:
    """How slips are set for one printer: paper width in millimetres, picture or text."""

    paper_mm: int
    as_picture: bool
    typeface: Typeface
    layouts: Layouts

    def __call__(self, slip: Slip) -> bytes:
        """The slip's bytes, with feed and cut. Raises ValueError when it cannot be set."""
        if self.as_picture:
            return framed(raster(draw_slip(slip, self.paper_mm, self.typeface, self.layouts)))
        return framed(text_slip(slip, self.paper_mm, self.layouts))
