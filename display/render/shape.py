"""What a hall's settings say of one panel."""

from dataclasses import dataclass

from display.led.content import Colour


class DoesNotFit(ValueError):
    """The panel is too small, or of the wrong kind, for a ticket number; ``zh`` and ``en`` say so
    to people."""

    zh = "屏太小，显示不下号码"
    en = "too small for the number"


class NoSuchLetters(DoesNotFit):
    """The panel has digits only, or digits that make few letters."""

    zh = "此屏显示不出号码里的字母，可设 drop_letters = true"
    en = "cannot show the number's letters: drop_letters = true leaves them out"


class NoGlyphs(DoesNotFit):
    """This machine has no Chinese font to draw with."""

    zh = "本机没有中文字体，请安装 fonts-noto-cjk"
    en = "this machine has no Chinese font: install fonts-noto-cjk"


@dataclass(frozen=True)
class PanelShape:
    """Lamps across and down and their colours; or, on panels of characters, rows and columns
    (None: the protocol's usual ones). ``drop_letters``: a panel of digits may show 012 for A012."""

    width: int = 128
    height: int = 32
    colours: tuple[Colour, ...] = (Colour.RED,)
    rows: int | None = None
    columns: int | None = None
    drop_letters: bool = False

    def colour(self, wanted: Colour) -> Colour | None:
        """``wanted`` where there is a choice, None on a panel of one colour."""
        return wanted if len(self.colours) > 1 and wanted in self.colours else None
