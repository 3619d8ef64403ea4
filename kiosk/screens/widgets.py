"""The parts that screens are made of."""

from typing import Any

from kivy.app import App
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

from kiosk.flow.views import Button
from kiosk.screens import theme
from kiosk.screens.fitting import fit


class Words(Label):
    """A text that fills its box with letters as large as fit, up to ``largest`` pixels."""

    largest = NumericProperty(34.0)
    least = NumericProperty(26.0)
    most_lines = NumericProperty(2)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for what in ("text", "size", "largest", "least", "most_lines", "padding"):
            self.fbind(what, self._fit)

    def _fit(self, *_: object) -> None:
        left, top, right, bottom = self.padding
        width, height = self.width - left - right, self.height - top - bottom
        self.text_size = self.size
        if width > 0 and height > 0 and self.text:
            least = min(self.least, self.largest)
            self.font_size = fit(
                self.text, width, height, self.largest, least, int(self.most_lines)
            )


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
