"""The Kivy application: feeds the flow, draws its picture, wakes the desks.

Import this only after :func:`kiosk.environment.prepare`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window

from hallkit.wire.ids import new_id
from kiosk.bridge import Bridge, Errand
from kiosk.flow.inputs import Action, Effect, Input, Tap, Tick
from kiosk.flow.machine import started, step
from kiosk.flow.paging import Orientation
from kiosk.flow.present import picture
from kiosk.flow.state import Rules, State
from kiosk.flow.views import Picture
from kiosk.screens import theme
from kiosk.screens.root import Root, load_screens

# The clock and the countdown change once a second; twice as often never shows a second late.
TICK_S = 0.5
_HALL_ZONE = "Asia/Shanghai"


class KioskApp(App):
    """Runs the flow on the screen. ``do`` carries out its effects and must return at once."""

    def __init__(
        self,
        rules: Rules,
        bridge: Bridge,
        do: Callable[[Effect], None],
        *,
        orientation: Orientation | None,
        alive: Callable[[], None],
        on_ready: Callable[[], None],
    ) -> None:
        super().__init__()
        self.use_kivy_settings = False
        self._rules = rules
        self._bridge = bridge
        self._do = do
        self._orientation = orientation
        self._alive = alive
        self._on_ready = on_ready
        self.state: State = started(rules, time.monotonic())
        self.picture: Picture | None = None
        self._zone = ZoneInfo(_HALL_ZONE)

    # ---- Kivy's life cycle

    def build(self) -> Root:
        """Makes the widgets."""
        load_screens()
        Window.clearcolor = theme.PAGE
        Window.bind(size=self._resized)
        theme.look.measure(*Window.size)
        return Root()

    def on_start(self) -> None:
        """Begins to listen, once the window is there."""
        self._draw()
        self._bridge.attach(Clock.create_trigger_free(self._drain, 0))
        Clock.schedule_interval(self._tick, TICK_S)
        self._on_ready()

    def open_settings(self, *_: object) -> bool:
        """Kivy's own settings page stays shut on a public screen."""
        return False

    # ---- what happens

    def tap(self, action: Action) -> None:
        """A visitor touched something."""
        self.feed(Tap(action, new_id()))

    def feed(self, happened: Input) -> None:
        """One step of the flow: effects first, so that the server is asked before we draw."""
        self.state, effects = step(self.state, happened, time.monotonic(), self._rules)
        for effect in effects:
            self._do(effect)
        self._draw()

    def _drain(self, _elapsed: float) -> None:
        for found in self._bridge.drain():
            if isinstance(found, Errand):
                found.run(found.future)
            else:
                self.feed(found)

    def _tick(self, _elapsed: float) -> None:
        self._alive()
        self.feed(Tick())

    # ---- drawing

    def _resized(self, _window: object, size: tuple[int, int]) -> None:
        theme.look.measure(*size)
        self._draw()

    def _layout(self) -> Orientation:
        if self._orientation is not None:
            return self._orientation
        return "portrait" if Window.height >= Window.width else "landscape"

    def _local_time(self) -> datetime:
        hall = self.state.hall
        if hall is not None and hall.timezone != self._zone.key:
            try:
                self._zone = ZoneInfo(hall.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                self._zone = ZoneInfo(_HALL_ZONE)
        return datetime.now(UTC).astimezone(self._zone)

    def _draw(self) -> None:
        now = picture(self.state, time.monotonic(), self._local_time(), self._layout(), self._rules)
        if now != self.picture and self.root is not None:
            self.picture = now
            self.root.show(now)


def leave() -> None:
    """Ends the event loop; safe in a signal handler, because it only sets a flag."""
    EventLoop.quit = True
