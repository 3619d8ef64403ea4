"""PURE: a slip as the bytes that go to one printer."""

from dataclasses import dataclass

from hallkit.wire.slips import Slip, TicketSlip
from ticket_printer.render.escpos_raster import raster
from ticket_printer.render.raster_ticket import draw_ticket
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.text_ticket import framed, text_ticket


@dataclass(frozen=True)
class Renderer:
    """How slips are set for one printer: paper width in millimetres, picture or text."""

    paper_mm: int
    as_picture: bool
    typeface: Typeface

    def __call__(self, slip: Slip) -> bytes:
        """The slip's bytes, with feed and cut. Raises ValueError when it cannot be set."""
        if not isinstance(slip, TicketSlip):
            raise ValueError(f"no layout for {slip.kind}")
        if self.as_picture:
            return framed(raster(draw_ticket(slip, self.paper_mm, self.typeface)))
        return framed(text_ticket(slip, self.paper_mm))
