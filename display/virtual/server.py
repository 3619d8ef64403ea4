"""Virtual panels on TCP ports and ptys: one thread listens to all, one draws."""

import errno
import heapq
import itertools
import logging
import os
import selectors
import socket
import threading
import time
import tty
from collections.abc import Callable, Sequence
from pathlib import Path

from display.virtual.card import Family
from display.virtual.families import family
from display.virtual.line import Channel, Panel, Sending
from display.virtual.painter import Painter
from display.virtual.settings import VirtualLineSettings, VirtualSettings

_log = logging.getLogger(__name__)

_READ = 4096
# How often areas are checked for their time-out, and a stop request is noticed at the latest.
_TICK_S = 0.5


class ListenError(Exception):
    """A port or pty cannot be opened; the message is in both languages."""


class Hanging:
    """The panels of one line and what they have in common."""

    def __init__(self, family: Family, line: VirtualLineSettings) -> None:
        self.family = family
        self.baud = line.baud
        self.panels = [Panel(entry, family) for entry in line.panels]


class _Pipe:
    """An open connection: a socket or the master side of a pty."""

    def __init__(self, fd: int, close: Callable[[], None], channel: Channel) -> None:
        self.fd = fd
        self.close = close
        self.channel = channel

    def read(self) -> bytes:
        """What has arrived; empty when the other side has gone."""
        try:
            return os.read(self.fd, _READ)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno == errno.EIO:
                return b""
            raise

    def send(self, data: bytes) -> None:
        """Sends; what the other side does not take is lost, as on a real line."""
        try:
            os.write(self.fd, data)
        except OSError as error:
            _log.debug("an answer was not taken: %s", error)


class VirtualPanels:
    """``addresses`` are known after construction; then ``start`` and ``stop``.

    Raises ListenError when an address is taken, OSError when a folder cannot be written.
    """

    def __init__(self, settings: VirtualSettings) -> None:
        self._selector = selectors.DefaultSelector()
        self._cleanup: list[Callable[[], None]] = []
        self._pipes: set[_Pipe] = set()
        self._later: list[tuple[float, int, _Pipe, bytes]] = []
        self._order = itertools.count()
        self._panels: list[Panel] = []
        self._wake_in, self._wake_out = os.pipe()
        self._selector.register(self._wake_in, selectors.EVENT_READ, lambda: None)
        self._stopping = False
        self.addresses: list[str] = []
        try:
            for line in settings.lines:
                self._open_line(line, settings.strips_dir)
            self.painter = Painter(self._panels)
        except BaseException:
            self._close()
            raise
        self._thread = threading.Thread(target=self._run, name="virtual panels", daemon=True)

    def start(self) -> None:
        """Starts answering; every panel's folder holds a (dark) picture soon after."""
        self.painter.start()
        for panel in self._panels:
            self.painter.paint(panel)
        self._thread.start()

    def stop(self) -> None:
        """Cuts every connection and closes every address."""
        self._stopping = True
        os.write(self._wake_out, b"x")
        self._thread.join()
        self.painter.stop()
        self._close()

    @property
    def panels(self) -> Sequence[Panel]:
        """All panels, line by line."""
        return tuple(self._panels)

    def _open_line(self, line: VirtualLineSettings, strips_dir: str) -> None:
        hanging = Hanging(family(line.protocol, strips_dir), line)
        self._panels += hanging.panels
        kind, _, rest = line.listen.partition(":")
        try:
            self.addresses.append(
                self._open_tcp(rest, hanging) if kind == "tcp" else self._open_pty(rest, hanging)
            )
        except OSError as error:
            raise ListenError(
                f"{line.listen}: 无法打开 / cannot be opened: {error.strerror or error}"
            ) from error

    def _open_tcp(self, rest: str, hanging: Hanging) -> str:
        host, _, port = rest.rpartition(":")
        listener = socket.create_server((host or "127.0.0.1", int(port)))
        listener.setblocking(False)
        self._cleanup.append(listener.close)
        self._selector.register(
            listener, selectors.EVENT_READ, lambda: self._accept(listener, hanging)
        )
        name = listener.getsockname()
        return f"tcp:{name[0]}:{name[1]}"

    def _accept(self, listener: socket.socket, hanging: Hanging) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._add(_Pipe(connection.fileno(), connection.close, self._channel(hanging)))

    def _open_pty(self, rest: str, hanging: Hanging) -> str:
        link = Path(rest)
        master, slave = os.openpty()
        # The slave stays open here, or the master would report a hang-up between two users.
        self._cleanup += [lambda: os.close(slave), lambda: link.unlink(missing_ok=True)]
        tty.setraw(slave)
        os.set_blocking(master, False)
        if link.is_symlink():
            link.unlink()
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.ttyname(slave))
        self._add(_Pipe(master, lambda: os.close(master), self._channel(hanging)))
        return f"pty:{link}"

    def _channel(self, hanging: Hanging) -> Channel:
        return Channel(hanging.family, hanging.panels, self._paint, hanging.baud)

    def _paint(self, panel: Panel) -> None:
        self.painter.paint(panel)

    def _add(self, pipe: _Pipe) -> None:
        self._pipes.add(pipe)
        self._selector.register(pipe.fd, selectors.EVENT_READ, lambda: self._receive(pipe))

    def _drop(self, pipe: _Pipe) -> None:
        self._selector.unregister(pipe.fd)
        self._pipes.discard(pipe)
        pipe.close()

    def _receive(self, pipe: _Pipe) -> None:
        try:
            data = pipe.read()
        except OSError:
            data = b""
        if not data:
            self._drop(pipe)
            return
        for sending in pipe.channel.receive(data):
            self._send(pipe, sending)

    def _send(self, pipe: _Pipe, sending: Sending) -> None:
        if sending.after_s:
            due = time.monotonic() + sending.after_s
            heapq.heappush(self._later, (due, next(self._order), pipe, sending.data))
        else:
            pipe.send(sending.data)

    def _run(self) -> None:
        while not self._stopping:
            now = time.monotonic()
            wait = max(0.0, min(_TICK_S, self._later[0][0] - now)) if self._later else _TICK_S
            for key, _ in self._selector.select(wait):
                key.data()
            self._tick(time.monotonic())

    def _tick(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, _, pipe, data = heapq.heappop(self._later)
            if pipe in self._pipes:
                pipe.send(data)
        for panel in self._panels:
            if panel.card.forget_old(now):
                self.painter.paint(panel)

    def _close(self) -> None:
        for pipe in list(self._pipes):
            self._drop(pipe)
        for clean in reversed(self._cleanup):
            clean()
        self._cleanup.clear()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)
