"""The start page: one large button, who waits, when the hall is open."""

from typing import Any

from kivy.factory import Factory
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.views import HomeView, QueueLine
from kiosk.screens.theme import look


class HomeScreen(BoxLayout):
    """Shows a HomeView."""

    view = ObjectProperty(None, allownone=True)
    count = NumericProperty(0)
    _lines: tuple[QueueLine, ...] | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        look.fbind("low", self._arrange)
        look.fbind("portrait", self._arrange)

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

    def _arrange(self, *_: object) -> None:
        """On a high screen the large button is above who waits, or below it, in low reach."""
        body: Any = self.ids.body
        take, queue = self.ids.take, self.ids.queue
        body.clear_widgets()
        for part in (queue, take) if look.low and look.portrait else (take, queue):
            body.add_widget(part)
