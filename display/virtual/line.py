"""The panels on one virtual line: bytes in, delayed bytes out, misbehaving on command."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from display.virtual.card import Family, Manner
from display.virtual.faults import SLOW_S, Fault, fault_in
from display.virtual.settings import VirtualPanelSettings

# Start, eight bits, stop.
_BITS = 10
_KEPT = 1000
_NOISE = bytes.fromhex("00 ff a5 a5 13 37 5a a6 07 c0 ff ee")


@dataclass(frozen=True)
class Sending:
    """Bytes to be sent ``after_s`` seconds from now."""

    data: bytes
    after_s: float = 0.0


class Panel:
    """A controller, its folder and its fault. ``said``: what it said, newest last."""

    def __init__(self, settings: VirtualPanelSettings, family: Family) -> None:
        self.settings = settings
        self.folder = Path(settings.out_dir)
        self.fault: Fault = settings.fault
        self.card = family.card(settings)
        self.said: deque[str] = deque(maxlen=_KEPT)

    def fault_now(self) -> Fault:
        """The fault in force: the folder's ``fault`` file, else what was set."""
        return fault_in(self.folder) or self.fault


class Channel:
    """One connection to the line. ``changed(panel)`` is called after a panel heard something. With
    ``baud`` answers take the time that they and their questions need on a wire of that speed."""

    def __init__(
        self,
        family: Family,
        panels: list[Panel],
        changed: Callable[[Panel], None],
        baud: int | None = None,
    ) -> None:
        self._character_s = _BITS / baud if baud else 0.0
        self._wire_free_at = 0.0
        self._family = family
        self._panels = panels
        self._changed = changed
        self._buffer = b""

    def receive(self, data: bytes) -> list[Sending]:
        """Takes bytes from the line; returns what the panels send."""
        self._on_wire(len(data))
        self._buffer += data
        out: list[Sending] = []
        while True:
            used, frame = self._family.cut(self._buffer)
            heard, self._buffer = self._buffer[:used], self._buffer[used:]
            if frame is None:
                return out
            for panel in self._panels:
                out += (self._delayed(sending) for sending in self._one(panel, frame, heard))

    def _on_wire(self, count: int) -> float:
        """Seconds until the wire has carried that many more characters."""
        now = time.monotonic()
        self._wire_free_at = max(now, self._wire_free_at) + count * self._character_s
        return self._wire_free_at - now

    def _delayed(self, sending: Sending) -> Sending:
        if not self._character_s:
            return sending
        return replace(sending, after_s=sending.after_s + self._on_wire(len(sending.data)))

    def _one(self, panel: Panel, frame: bytes, heard: bytes) -> list[Sending]:
        fault = panel.fault_now()
        if fault == "dead":
            return []
        card = panel.card
        before = (card.frames, card.crc_errors)
        posing_as = card.address + 1 if fault == "wrong-address" else None
        answer = card.hear(frame, time.monotonic(), Manner(fault == "busy", posing_as))
        if (card.frames, card.crc_errors) == before:
            return []
        if not panel.said or panel.said[-1] != card.text:
            panel.said.append(card.text)
        self._changed(panel)
        if fault == "echo":
            return [Sending(heard + (answer or b""))]
        return _misbehaving(fault, answer)


def _misbehaving(fault: Fault, answer: bytes | None) -> list[Sending]:
    if answer is None:
        return [Sending(_NOISE)] if fault == "garbage" else []
    if fault == "garbage":
        return [Sending(_NOISE + answer[: len(answer) * 3 // 4] + _NOISE)]
    if fault == "half":
        return [Sending(answer[: len(answer) // 2])]
    return [Sending(answer, SLOW_S if fault == "slow" else 0.0)]
