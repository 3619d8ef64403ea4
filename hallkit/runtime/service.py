"""A program that runs until it is told to stop: ordered start, reversed stop, sd_notify."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

import sdnotify

_log = logging.getLogger(__name__)

# systemd's WatchdogSec in our units is 60 s; a third of it leaves room for a slow SD card.
WATCHDOG_EVERY_S = 20.0


class Service:
    """Runs parts in order and stops them in reverse on SIGTERM or SIGINT.

    ``add(name, stop)`` registers how to stop a part that was started; ``run()`` tells systemd
    that the program is ready and returns when it was told to stop, after every part stopped.
    """

    def __init__(self) -> None:
        self._stops: list[tuple[str, Callable[[], None]]] = []
        self._stopping = threading.Event()
        # Without systemd it would leave an unclosed socket behind.
        self._notifier = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None

    def add(self, name: str, stop: Callable[[], None]) -> None:
        """Registers ``stop`` for a part that has started."""
        self._stops.append((name, stop))

    def request_stop(self) -> None:
        """Asks the program to end; safe from any thread and from a signal handler."""
        self._stopping.set()

    @property
    def stopping(self) -> threading.Event:
        """Set once the program was told to end."""
        return self._stopping

    def catch_signals(self) -> None:
        """Takes SIGTERM and SIGINT; call it from the main thread before starting parts."""

        def handler(_number: int, _frame: FrameType | None) -> None:
            self._stopping.set()

        signal.signal(signal.SIGTERM, handler)
        signal.signal(signal.SIGINT, handler)

    def ready(self) -> None:
        """Tells systemd that the program serves."""
        self._notify("READY=1")

    def alive(self) -> None:
        """Feeds the watchdog; for a program whose main thread runs a loop of its own."""
        self._notify("WATCHDOG=1")

    def run(self) -> None:
        """Waits for the stop request, feeding the watchdog, then stops every part."""
        self.ready()
        while not self._stopping.wait(WATCHDOG_EVERY_S):
            self._notify("WATCHDOG=1")
        self.close()

    def close(self) -> None:
        """Stops every part in reverse order; one that fails does not keep the others up."""
        self._notify("STOPPING=1")
        while self._stops:
            name, stop = self._stops.pop()
            try:
                stop()
            except Exception:  # noqa: BLE001 - the other parts must still stop
                _log.exception("stopping %s failed", name)

    def _notify(self, state: str) -> None:
        if self._notifier is not None:
            self._notifier.notify(state)
