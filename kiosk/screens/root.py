"""The whole screen: header, the page, the countdown, the footer."""

from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.inputs import Extend
from kiosk.flow.views import Button, Frame, Picture, ScreenName
from kiosk.screens import choices, confirm, home, icons, issued, message, theme, widgets

_PARTS = (
    icons.Icon,
    widgets.Words,
    widgets.CardWords,
    widgets.Panel,
    widgets.Tappable,
    widgets.FactTile,
    widgets.QueueRow,
)
_KV = ("widgets", "home", "choices", "confirm", "issued", "message", "root")
_BUTTON_ICONS = {
    "back": "left",
    "home": "home",
    "language": "globe",
    "elder": "elder",
    "low-reach": "low",
}
_SCREENS: dict[ScreenName, Any] = {
    "starting": message.MessageScreen,
    "pairing": message.MessageScreen,
    "home": home.HomeScreen,
    "category": choices.ChoicesScreen,
    "service": choices.ChoicesScreen,
    "confirm": confirm.ConfirmScreen,
    "issuing": message.MessageScreen,
    "issued": issued.IssuedScreen,
    "notice": message.MessageScreen,
    "away": message.MessageScreen,
}


def load_screens() -> None:
    """Loads the typeface and every .kv file; once, before a Root is made."""
    theme.register_fonts()
    for part in _PARTS:
        Factory.register(part.__name__, cls=part)
    folder = Path(__file__).parent
    for name in _KV:
        Builder.load_file(str(folder / f"{name}.kv"))


class Root(BoxLayout):
    """Shows one Picture after the other."""

    frame = ObjectProperty(None, allownone=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._screens = {name: screen() for name, screen in _SCREENS.items()}
        self._current: ScreenName | None = None

    def show(self, picture: Picture) -> None:
        """Draws ``picture``; what is the same as before is not touched."""
        frame = picture.frame
        theme.look.elder, theme.look.low = frame.elder, frame.low_reach
        before: Frame | None = self.frame
        if frame != before:
            self.frame = frame
            self._fill("ways_back", frame.ways_back, before.ways_back if before else ())
            self._fill("switches", frame.switches, before.switches if before else ())
        screen = self._screens[picture.screen]
        screen.show(picture.view)
        if picture.screen != self._current:
            self._current = picture.screen
            self.ids.page.clear_widgets()
            self.ids.page.add_widget(screen)

    def on_touch_down(self, touch: Any) -> bool:
        """Any touch says that somebody is there, also one beside every button."""
        if not super().on_touch_down(touch):
            App.get_running_app().tap(Extend())
        return True

    def _fill(self, where: str, buttons: tuple[Button, ...], before: tuple[Button, ...]) -> None:
        if buttons == before:
            return
        box = self.ids[where]
        box.clear_widgets()
        for button in buttons:
            box.add_widget(
                Factory.FooterButton(button=button, icon=_BUTTON_ICONS.get(button.id, ""))
            )
