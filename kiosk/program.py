"""Wires the kiosk together and runs it until it is told to stop."""

import logging
import signal
from types import FrameType
from typing import TYPE_CHECKING

from hallkit.runtime.service import Service
from kiosk.bridge import Bridge
from kiosk.environment import NoScreen, Surface, prepare
from kiosk.flow.paging import Orientation
from kiosk.settings import KioskSettings
from kiosk.work.desks import Desks

if TYPE_CHECKING:
    from kiosk.remote.hand import RemoteHand

_log = logging.getLogger(__name__)


def run(settings: KioskSettings, server_url: str | None, surface: Surface) -> int:
    """Shows the kiosk; returns 0 after SIGTERM, SIGINT or a closed window.

    Raises NoScreen, FontMissing, or OSError when the remote hand's port is taken.
    """
    prepare(surface, settings.screen)
    # Only now: importing Kivy reads the environment that was just prepared.
    from kivy.core.window import Window

    if Window is None:
        raise NoScreen("无法打开屏幕 / the screen cannot be opened")
    from kiosk.app import KioskApp, leave

    bridge = Bridge()
    service = Service()
    desks = Desks(settings, server_url, bridge.post)

    hand = _remote_hand(settings, bridge)

    def begin() -> None:
        if hand is not None:
            hand.start()
            service.add("remote hand", hand.stop)
        desks.start()
        service.add("desks", desks.stop)
        service.ready()

    app = KioskApp(
        settings.rules(),
        bridge,
        desks.do,
        orientation=_orientation(settings),
        alive=service.alive,
        on_ready=begin,
    )

    def told_to_stop(_number: int, _frame: FrameType | None) -> None:
        service.request_stop()
        leave()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told_to_stop)
    try:
        if not service.stopping.is_set():
            app.run()
    finally:
        bridge.close()
        service.close()
    return 0


def _orientation(settings: KioskSettings) -> Orientation | None:
    wanted = settings.screen.orientation
    return None if wanted == "auto" else wanted


def _remote_hand(settings: KioskSettings, bridge: Bridge) -> "RemoteHand | None":
    listen = settings.remote.listen
    if not listen:
        return None
    from kiosk.remote.hand import RemoteHand

    try:
        hand = RemoteHand(listen, bridge)
    except OSError as error:
        raise OSError(
            f"[remote] listen = {listen}: 无法监听 / cannot be listened on: {error}"
        ) from error
    _log.info("remote hand on http://%s", listen)
    return hand
