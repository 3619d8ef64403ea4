"""Colours, sizes and typeface, the same on every screen."""

from kivy.core.text import LabelBase
from kivy.event import EventDispatcher
from kivy.properties import AliasProperty, BooleanProperty, NumericProperty
from kivy.utils import get_color_from_hex

from kiosk.fontfile import font_file

FONT = "Hall"

NAVY = get_color_from_hex("#0B2E59")
BLUE = get_color_from_hex("#1257A6")
BLUE_DOWN = get_color_from_hex("#0D4484")
LIGHT = get_color_from_hex("#E8F1FB")
PAGE = get_color_from_hex("#F3F6FA")
WHITE = get_color_from_hex("#FFFFFF")
TEXT = get_color_from_hex("#1A2433")
MUTED = get_color_from_hex("#5A6778")
LINE = get_color_from_hex("#D5DEE9")
GREEN = get_color_from_hex("#1B7F4B")
GREEN_LIGHT = get_color_from_hex("#E6F4EC")
AMBER = get_color_from_hex("#B45F06")
AMBER_LIGHT = get_color_from_hex("#FFF3E0")
RED = get_color_from_hex("#B3261E")
GOLD = get_color_from_hex("#F5C400")
OFF = get_color_from_hex("#E4E9EF")
PALE = get_color_from_hex("#C9DDF3")
SHADOW = (0.04, 0.18, 0.35, 0.10)
NONE = (0, 0, 0, 0)

# The drawing unit is one pixel of a screen whose shorter side is 1080 pixels.
_BASE = 1080.0
_ELDER = 1.34


class Look(EventDispatcher):
    """What every size on the screen follows from. ``u`` is the drawing unit in pixels."""

    u = NumericProperty(1.0)
    elder = BooleanProperty(False)
    low = BooleanProperty(False)
    portrait = BooleanProperty(True)

    def _scale(self) -> float:
        return float(self.u) * (_ELDER if self.elder else 1.0)

    t = AliasProperty(_scale, None, bind=("u", "elder"))

    def _least(self) -> float:
        return float(self.u) * (40.0 if self.elder else 26.0)

    least = AliasProperty(_least, None, bind=("u", "elder"))

    def measure(self, width: float, height: float) -> None:
        """Follows the size of the window."""
        self.portrait = height >= width
        self.u = min(width, height) / _BASE


look = Look()


def register_fonts() -> None:
    """Makes the simplified Chinese face known to Kivy. Raises FontMissing."""
    LabelBase.register(FONT, fn_regular=str(font_file("regular")), fn_bold=str(font_file("bold")))
