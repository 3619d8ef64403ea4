"""The virtual printer on a real TCP port, one connection at a time like most printers."""

import contextlib
import logging
import selectors
import socket
import threading
import time
from pathlib import Path

from PIL import ImageFont
from pydantic import ValidationError

from hallkit.runtime.fonts import face
from hallkit.runtime.settings import ConfigError, problems_of
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine
from ticket_printer.virtual.tray import Tray

_log = logging.getLogger(__name__)

CONTROL_FILE = "control.json"
# How often the control file is looked at.
_TICK_S = 0.2
# Printers hang up on a client that says nothing for so long, or nobody else could print.
IDLE_S = 90.0
# A printer of the kind ``lan-close`` does so at once.
_CLOSE_IDLE_S = 1.0
_READ_BYTES = 16_384


class VirtualPrinter:
    """Listens on ``host:port`` (0: any) and drops tickets into ``folder``.

    Raises OSError when it cannot listen or write. ``address`` is where it listens;
    ``switch(faults)`` sets faults from within this process, ``control.json`` from outside.
    """

    def __init__(
        self, host: str, port: int, folder: Path, faults: Faults, width: int = 576
    ) -> None:
        typeface = face()
        fonts: dict[int, ImageFont.FreeTypeFont] = {}

        def font(size: int) -> ImageFont.FreeTypeFont:
            if size not in fonts:
                fonts[size] = ImageFont.truetype(str(typeface.path), size, index=typeface.index)
            return fonts[size]

        self._folder = folder
        self._base = faults
        self._faults = faults
        self._machine = Machine(width, font, faults, Tray(folder).drop)
        self._listener: socket.socket | None = _listen(host, port)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._client: socket.socket | None = None
        self._received = 0
        self._heard_at = 0.0
        self._seen_control = ""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._waker, self._wakee = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="virtual-printer", daemon=True)

    @property
    def faults(self) -> Faults:
        """What is wrong now; without ``then`` once that has happened."""
        return self._faults

    def start(self) -> None:
        """Starts answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stops and frees the port."""
        self._stop.set()
        self._waker.send(b"x")
        if self._thread.is_alive():
            self._thread.join()
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
        self._waker.close()
        self._wakee.close()

    def switch(self, faults: Faults) -> None:
        """Sets the faults; in force when it returns."""
        with self._lock:
            self._apply(faults)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except OSError as error:
                # A full disk, or a port that was taken while the power was off.
                _log.warning("%s", error)
                self._stop.wait(_TICK_S)

    def _turn(self) -> None:
        with selectors.DefaultSelector() as selector:
            for source in self._sources():
                selector.register(source, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(_TICK_S)]
        with self._lock:
            self._look_at_control()
            if self._client is not None and self._client in ready:
                self._receive(self._client)
            elif self._listener is not None and self._listener in ready:
                self._accept(self._listener)
            elif self._client is not None and time.monotonic() - self._heard_at > self._idle_s:
                self._hang_up()
        pace = self._faults.bytes_per_s
        if pace and self._client is not None:
            self._stop.wait(_pace_bytes(pace) / pace)

    @property
    def _idle_s(self) -> float:
        return _CLOSE_IDLE_S if self._faults.caps == "lan-close" else IDLE_S

    def _sources(self) -> list[socket.socket]:
        with self._lock:
            sources = [self._wakee]
            if self._client is not None:
                if self._machine.room:
                    sources.append(self._client)
            elif self._listener is not None:
                sources.append(self._listener)
            return sources

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._client, _ = listener.accept()
            self._client.settimeout(_TICK_S)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._received = 0
            self._heard_at = time.monotonic()

    def _receive(self, client: socket.socket) -> None:
        limit = min(_READ_BYTES, self._machine.room)
        if self._faults.bytes_per_s:
            limit = min(limit, _pace_bytes(self._faults.bytes_per_s))
        if self._faults.drop_after_bytes is not None:
            limit = min(limit, self._faults.drop_after_bytes - self._received)
        try:
            data = client.recv(max(1, limit))
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        self._received += len(data)
        self._heard_at = time.monotonic()
        self._answer(self._machine.receive(data))
        if self._machine.faults is not self._faults:
            self._apply(self._machine.faults)
        if self._machine.hangs_up:
            self._hang_up()
            return
        drop_at = self._faults.drop_after_bytes
        if drop_at is not None and self._received >= drop_at:
            self._hang_up()
            self._apply(self._faults.model_copy(update={"drop_after_bytes": None}))

    def _answer(self, replies: bytes) -> None:
        if self._client is not None and replies:
            with contextlib.suppress(OSError):
                self._client.sendall(replies)

    def _hang_up(self, *, power_lost: bool = False) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        self._machine.disconnected(power_lost=power_lost)

    def _look_at_control(self) -> None:
        try:
            text = (self._folder / CONTROL_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("%s: %s", CONTROL_FILE, error)
            return
        if text == self._seen_control:
            return
        self._seen_control = text
        try:
            change = Faults.model_validate_json(text or "{}")
        except ValidationError as error:
            _log.warning("%s", ConfigError(problems_of(error, Faults, CONTROL_FILE)))
            return
        values = self._base.model_dump() | change.model_dump(exclude_unset=True)
        self._apply(Faults.model_validate(values))

    def _apply(self, faults: Faults) -> None:
        self._faults = faults
        if faults.power == "off" and self._listener is not None:
            self._hang_up(power_lost=True)
            self._listener.close()
            self._listener = None
        elif faults.power == "on" and self._listener is None:
            self._listener = _listen(*self.address)
        self._answer(self._machine.set_faults(faults))


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), backlog=4)


def _pace_bytes(bytes_per_s: int) -> int:
    """A twentieth of a second's bytes at a time."""
    return max(1, bytes_per_s // 20)
