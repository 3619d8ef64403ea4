"""The panels on one virtual line: bytes in, delayed bytes out, misbehaving on command."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from display.led.bx5k_wire import NACK, Request, WireError, parse_request, reply
from display.led.onbon_frame import FrameDamaged, cut, unescape, unwrap, wrap
from display.settings import COLOURS
from display.virtual.bx5k_panel import Bx5kPanel
from display.virtual.faults import SLOW_S, Fault, fault_in
from display.virtual.settings import VirtualPanelSettings

_NACK_CRC = 5
_HEADER = 14
_NOISE = bytes.fromhex("00 ff a5 a5 13 37 5a a6 07 c0 ff ee")
# The vendor's own examples of answers have nine start bytes.
_EXTRA_START = b"\xa5"


@dataclass(frozen=True)
class Sending:
    """Bytes to be sent ``after_s`` seconds from now."""

    data: bytes
    after_s: float = 0.0


class Panel:
    """A controller, its folder and its fault."""

    def __init__(self, settings: VirtualPanelSettings) -> None:
        self.settings = settings
        self.folder = Path(settings.out_dir)
        self.fault: Fault = settings.fault
        self.card = Bx5kPanel(
            settings.address, settings.width, settings.height, COLOURS[settings.colours]
        )

    def fault_now(self) -> Fault:
        """The fault in force: the folder's ``fault`` file, else what was set."""
        return fault_in(self.folder) or self.fault


class Channel:
    """One connection to the line. ``changed(panel)`` is called after a panel heard something."""

    def __init__(self, panels: list[Panel], changed: Callable[[Panel], None]) -> None:
        self._panels = panels
        self._changed = changed
        self._buffer = b""

    def receive(self, data: bytes) -> list[Sending]:
        """Takes bytes from the line; returns what the panels send."""
        self._buffer += data
        out: list[Sending] = []
        while True:
            used, raw = cut(self._buffer)
            self._buffer = self._buffer[used:]
            if raw is None:
                return out
            out += self._frame(raw)

    def _frame(self, raw: bytes) -> list[Sending]:
        try:
            request = parse_request(unwrap(raw))
        except FrameDamaged:
            return self._damaged(raw)
        except WireError:
            return []
        heard = [p for p in self._panels if p.card.is_for_me(request.address)]
        return [sending for panel in heard for sending in self._one(panel, request, raw)]

    def _damaged(self, raw: bytes) -> list[Sending]:
        """A frame whose check sum is wrong: refused by the panel it seems to be for."""
        try:
            content = unescape(raw)
        except FrameDamaged:
            content = b""
        address = int.from_bytes(content[:2], "little") if len(content) > _HEADER else None
        meant = [p for p in self._panels if p.card.address == address]
        out = []
        for panel in meant or self._panels:
            if panel.fault_now() == "dead":
                continue
            panel.card.crc_errors += 1
            if meant:
                panel.card.nacks += 1
                refusal = reply(panel.card.address, NACK, _NACK_CRC)
                out.append(Sending(_EXTRA_START + wrap(refusal)))
            self._changed(panel)
        return out

    def _one(self, panel: Panel, request: Request, raw: bytes) -> list[Sending]:
        fault = panel.fault_now()
        if fault == "dead":
            return []
        panel.card.busy = fault == "busy"
        answer = panel.card.handle(request, time.monotonic())
        self._changed(panel)
        if answer is None:
            return []
        if fault == "wrong-address":
            answer = answer[:2] + (panel.card.address + 1).to_bytes(2, "little") + answer[4:]
        frame = _EXTRA_START + wrap(answer)
        if fault == "garbage":
            return [Sending(_NOISE + frame[:-4] + _NOISE)]
        if fault == "half":
            return [Sending(frame[: len(frame) // 2])]
        if fault == "echo":
            return [Sending(b"\xa5" * 8 + raw + b"\x5a" + frame)]
        return [Sending(frame, SLOW_S if fault == "slow" else 0.0)]
