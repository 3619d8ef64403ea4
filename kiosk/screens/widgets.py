"""The parts that screens are made of."""

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import (
    AliasProperty,
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.utils import escape_markup, get_hex_from_color

from kiosk.flow.views import Button
from kiosk.screens import theme
from kiosk.screens.fitting import LINE_EM, set_text


class Words(Label):
    """A text (``said``) in letters as large as fit its box, between ``least`` and ``largest``
    pixels; what does not fit even then ends in ``…``."""

    said = StringProperty("")
    largest = NumericProperty(34.0)
    least = NumericProperty(26.0)
    most_lines = NumericProperty(2)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        fit_soon = Clock.create_trigger(self._fit, -1)
        for what in ("said", "size", "largest", "least", "most_lines"):
            self.fbind(what, fit_soon)
        fit_soon()

    def _fit(self, _elapsed: float) -> None:
        width, height = self.size
        if width <= 0 or height <= 0:
            # A label draws beyond a box that was folded away: the words must go with it.
            self.text = ""
            return
        # A texture no larger than the words: full boxes would be tens of megabytes of nothing.
        self.text_size = (
            None if self.halign == "center" else width,
            None if self.valign == "middle" else height,
        )
        least = min(self.least, self.largest)
        most = int(self.most_lines)
        self.font_size, lines = set_text(self.said, width, height, self.largest, least, most)
        self.text = "\n".join(lines)


class CardWords(Label):
    """A title with a smaller note under it, together in the middle of the box."""

    title = StringProperty("")
    note = StringProperty("")
    largest = NumericProperty(44.0)
    note_size = NumericProperty(30.0)
    least = NumericProperty(26.0)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        fit_soon = Clock.create_trigger(self._fit, -1)
        for what in ("title", "note", "size", "largest", "note_size", "least"):
            self.fbind(what, fit_soon)
        fit_soon()

    def _fit(self, _elapsed: float) -> None:
        width, height = self.size
        self.text_size = (width, None)
        least = min(self.least, self.largest)
        note_size, notes = self._note_lines(width, least)
        below = len(notes) * note_size * LINE_EM
        if width <= 0 or height <= below:
            self.text = ""
            return
        size, lines = set_text(self.title, width, height - below, self.largest, least, 3)
        text = f"[b][size={round(size)}px]{escape_markup(chr(10).join(lines))}[/size][/b]"
        if notes:
            ink = get_hex_from_color(theme.MUTED)
            text += (
                f"\n[size={round(note_size)}px][color={ink}]"
                f"{escape_markup(chr(10).join(notes))}[/color][/size]"
            )
        self.text = text

    def _note_lines(self, width: float, least: float) -> tuple[float, list[str]]:
        """The note's letter size and lines: two where it does not fit on one."""
        size, notes = self.note_size, list[str]()
        for count in (1, 2) if self.note else ():
            room = count * self.note_size * LINE_EM
            size, notes = set_text(self.note, width, room, self.note_size, least, count)
            if not notes[-1].endswith("…"):
                break
        return size, notes

    @property
    def said(self) -> str:
        """The words without their markup."""
        return f"{self.title}\n{self.note}" if self.note else str(self.title)


class Panel(BoxLayout):
    """A rounded white card."""

    fill = ColorProperty(theme.WHITE)
    edge = ColorProperty(theme.LINE)
    corner = NumericProperty(24.0)


class Tappable(ButtonBehavior, BoxLayout):
    """Something to touch: draws a flow Button and hands its action to the program.

    ``style`` is ``card``, ``primary``, ``plain`` or ``chip``.
    """

    button = ObjectProperty(None, allownone=True)
    style = StringProperty("plain")
    icon = StringProperty("")
    icon_after = StringProperty("")
    chosen = BooleanProperty(False)
    largest = NumericProperty(34.0)
    title = StringProperty("")
    note = StringProperty("")

    def on_button(self, _widget: object, button: Button | None) -> None:
        """Shows the button's words and whether it can be touched."""
        self.title = button.title if button is not None else ""
        self.note = button.note if button is not None else ""
        self.chosen = button is not None and button.chosen
        self.disabled = button is None or not button.enabled

    def on_release(self) -> None:
        """Hands the action to the program."""
        if self.button is not None:
            App.get_running_app().tap(self.button.action)

    def _fill(self) -> Any:
        pressed = self.state == "down"
        if self.disabled:
            return theme.OFF
        if self.style == "primary":
            return theme.BLUE_DOWN if pressed else theme.BLUE
        if self.chosen:
            return theme.BLUE
        return theme.LIGHT if pressed else theme.WHITE

    def _ink(self) -> Any:
        if self.disabled:
            return theme.MUTED
        if self.style == "primary" or self.chosen:
            return theme.WHITE
        return theme.TEXT if self.style == "card" else theme.BLUE

    def _edge(self) -> Any:
        if self.disabled:
            return theme.OFF
        if self.style == "card":
            return theme.BLUE if self.state == "down" else theme.LINE
        return theme.BLUE

    _looks = ("state", "disabled", "chosen", "style")
    fill = AliasProperty(_fill, None, bind=_looks)
    ink = AliasProperty(_ink, None, bind=_looks)
    edge = AliasProperty(_edge, None, bind=_looks)


class FactTile(BoxLayout):
    """A caption over its value."""

    caption = StringProperty("")
    value = StringProperty("")
    icon = StringProperty("")


class QueueRow(BoxLayout):
    """A category and how many people wait in it."""

    caption = StringProperty("")
    value = StringProperty("")
