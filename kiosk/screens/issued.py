"""The page with the number."""

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.flow.views import IssuedView


def qr_texture(content: str) -> Any:
    """``content`` as a QR code, one pixel a module with a quiet zone, as a texture."""
    import segno

    rows = list(segno.make_qr(content, error="m").matrix_iter(border=3))
    side = len(rows)
    texture = Texture.create(size=(side, side), colorfmt="luminance")
    texture.min_filter = texture.mag_filter = "nearest"
    pixels = bytes(0 if dark else 255 for row in reversed(rows) for dark in row)
    texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
    return texture


class IssuedScreen(BoxLayout):
    """Shows an IssuedView."""

    view = ObjectProperty(None, allownone=True)
    qr = ObjectProperty(None, allownone=True)

    def show(self, view: IssuedView) -> None:
        """Draws ``view``."""
        if self.view is None or view.qr != self.view.qr:
            self.qr = qr_texture(view.qr) if view.qr else None
        self.view = view
