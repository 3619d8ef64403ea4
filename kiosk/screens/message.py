"""A page that says one thing: starting, taking a number, something went wrong."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.views import MessageView


class MessageScreen(BoxLayout):
    """Shows a MessageView."""

    view = ObjectProperty(None, allownone=True)

    def show(self, view: MessageView) -> None:
        """Draws ``view``."""
        self.view = view
