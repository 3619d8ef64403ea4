"""The last page before a number is taken."""

from typing import Any

from kivy.factory import Factory
from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.views import ConfirmView

_ICONS = ("place", "people", "wait")


class ConfirmScreen(BoxLayout):
    """Shows a ConfirmView."""

    view = ObjectProperty(None, allownone=True)

    def show(self, view: ConfirmView) -> None:
        """Draws ``view``."""
        before, self.view = self.view, view
        if before is None or view.facts != before.facts:
            facts: Any = self.ids.facts
            facts.clear_widgets()
            for icon, fact in zip(_ICONS, view.facts, strict=False):
                facts.add_widget(
                    Factory.FactTile(icon=icon, caption=fact.caption, value=fact.value)
                )
        if before is None or view.green != before.green:
            chips: Any = self.ids.chips
            chips.clear_widgets()
            for button in view.green:
                chips.add_widget(Factory.PlainButton(button=button, style="chip"))
