"""The start page: one large button, who waits, when the hall is open."""

from typing import Any

from kivy.factory import Factory
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.screenmanager import Screen

from kiosk.flow.views import HomeView, QueueLine


class HomeScreen(Screen):
    """Shows a HomeView."""

    view = ObjectProperty(None, allownone=True)
    count = NumericProperty(0)
    _lines: tuple[QueueLine, ...] | None = None

    def show(self, view: HomeView) -> None:
        """Draws ``view``."""
        self.view = view
        if view.lines != self._lines:
            self._lines = view.lines
            self._fill(view.lines)

    def _fill(self, lines: tuple[QueueLine, ...]) -> None:
        grid: Any = self.ids.lines
        self.count = len(lines)
        grid.clear_widgets()
        for line in lines:
            grid.add_widget(Factory.QueueRow(caption=line.name, value=line.count))
