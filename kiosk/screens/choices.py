"""A page of cards: categories or services."""

from typing import Any

from kivy.factory import Factory
from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.views import Button, ChoicesView
from kiosk.screens.theme import look

# A card higher than this looks empty.
_TALLEST = 400.0


class ChoicesScreen(BoxLayout):
    """Shows a ChoicesView."""

    view = ObjectProperty(None, allownone=True)
    _cards: tuple[Button, ...] | None = None

    def show(self, view: ChoicesView) -> None:
        """Draws ``view``."""
        if view == self.view:
            return
        self.view = view
        grid: Any = self.ids.cards
        grid.cols = view.grid.columns
        if view.cards != self._cards:
            self._cards = view.cards
            grid.clear_widgets()
            for card in view.cards:
                grid.add_widget(Factory.ChoiceCard(button=card))
        self.arrange()

    def arrange(self, *_: object) -> None:
        """Gives every card the height of a full page's cards."""
        grid: Any = self.ids.cards
        if self.view is None:
            return
        rows = self.view.grid.rows
        gap = grid.spacing[1]
        fair = (grid.height - gap * (rows - 1)) / rows
        grid.row_default_height = max(1.0, min(fair, _TALLEST * look.t))
