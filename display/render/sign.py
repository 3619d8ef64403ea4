"""The way from a sign to a panel's content."""

from display.board.sign import Sign
from display.led.codec import Capabilities, CharacterCapability, PictureCapability
from display.led.content import Content, Screen
from display.render.characters import no_words, write_sign
from display.render.picture import dark, draw_sign
from display.render.pixels import Lettering, lay_out
from display.render.shape import PanelShape


def render(
    sign: Sign, shape: PanelShape, can: Capabilities, expires_s: int | None = None
) -> Content:
    """What a panel of this shape shows for ``sign``. A number vanishes ``expires_s`` seconds after
    the last frame on panels that can. Raises DoesNotFit when the number cannot be shown whole."""
    shows = can.shows
    if isinstance(shows, PictureCapability):
        return draw_sign(sign, shape, shows, expires_s if shows.expires else None)
    if isinstance(shows, CharacterCapability):
        return write_sign(sign, shape, shows)
    lettering = Lettering(shows.sizes, shows.blocks, shows.blink, shows.scroll)
    blocks = lay_out(sign, shape, lettering)
    expires = expires_s if sign.ticket is not None and shows.expires else None
    return Screen(blocks, expires)


def blank(shape: PanelShape, can: Capabilities) -> Content:
    """Nothing at all, for a panel that cannot show the truth."""
    if isinstance(can.shows, PictureCapability):
        return dark(shape)
    if isinstance(can.shows, CharacterCapability):
        return no_words(shape, can.shows)
    return Screen(())
