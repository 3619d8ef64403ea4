"""Draws panels in a thread of its own, so that answers never wait for a picture."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from display.virtual.card import Look
from display.virtual.draw import draw
from display.virtual.line import Panel
from display.virtual.store import Facts, Store
from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.logs import Outage

_log = logging.getLogger(__name__)


class Painter:
    """``paint(panel)`` whenever it may look or count differently; the latest state wins.

    Raises OSError when a panel's folder cannot be made.
    """

    def __init__(self, panels: Sequence[Panel]) -> None:
        self._stores = {id(panel): Store(panel.folder) for panel in panels}
        self._drawn: dict[int, Look] = {}
        self._waiting: dict[int, tuple[Look, Facts]] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._outage = Outage(_log, "writing pictures of panels")
        self._thread = threading.Thread(target=self._run, name="painter", daemon=True)

    def start(self) -> None:
        """Starts drawing."""
        self._thread.start()

    def stop(self) -> None:
        """Draws what is still waiting and ends."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def paint(self, panel: Panel) -> None:
        """Takes the panel's present state; returns at once."""
        look = panel.card.look()
        with self._changed:
            self._waiting[id(panel)] = (look, _facts(panel, look))
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if not self._waiting:
                    return
                key = next(iter(self._waiting))
                look, facts = self._waiting.pop(key)
            try:
                self._write(key, look, facts)
            except (OSError, FontMissing) as error:
                self._outage.failed(error)
            else:
                self._outage.recovered()

    def _write(self, key: int, look: Look, facts: Facts) -> None:
        picture = None
        if self._drawn.get(key) != look:
            picture = draw(
                look.width, look.height, look.lit, on=look.on, brightness=look.brightness
            )
        self._stores[key].write(picture, facts)
        self._drawn[key] = look


def _facts(panel: Panel, look: Look) -> Facts:
    card = panel.card
    return Facts(
        text=card.text,
        frames=card.frames,
        crc_errors=card.crc_errors,
        nacks=card.nacks,
        on=look.on,
        updated_at=datetime.now().astimezone().isoformat(timespec="milliseconds"),
        address=card.address,
        width=look.width,
        height=look.height,
        colours=panel.settings.colours,
        brightness=look.brightness,
        blinking=card.blinks,
        scrolling=card.scrolls,
        fault=panel.fault_now(),
    )
