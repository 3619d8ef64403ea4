"""One line of panels: one worker thread that owns the port and talks to one panel at a time.

The latest screen wins per panel: what was not yet sent is replaced, never queued behind. The
first frame after a quiet time goes out at once; further ones to the same panel keep the
protocol's interval.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from display.bus.delivery import Delivery, Slot
from display.bus.port import Port, PortError
from display.bus.talk import Talk
from display.led.codec import Ack, Capabilities, Codec, Nack, Reply
from display.led.content import Content
from hallkit.link.backoff import Backoff
from hallkit.runtime.logs import Outage

_log = logging.getLogger(__name__)

# How soon a line that went away unnoticed (a pulled plug, a controller that restarted) is missed.
_IDLE_CHECK_S = 1.0
# While another panel has news, one that failed before may keep the line this long, and one that is
# only slow a little longer: all of them answer within 0.2 s when they are well.
_SUSPECT_S = 0.3
_BUSY_S = 0.6
# So long the worker, when it ends, goes on to send what is still unsent, without answers.
_PARTING_S = 2.0
# A worker may be inside an attempt to connect, which lasts 5 s at most.
_JOIN_S = 10.0


@dataclass(frozen=True)
class LinePlan:
    """Where a line is and who is on it. ``refresh_s``: what a panel shows is sent again after
    that long, which heals a panel that lost its power."""

    name: str
    url: str
    baud: int
    addresses: tuple[int, ...]
    refresh_s: float = 30.0
    rs485: bool = False


class Line:
    """``show`` what a panel should show; ``deliveries`` says what is known. Thread-safe.

    ``on_change()`` is called from the worker after a panel's or the line's state changed;
    ``level()`` says how bright the panels should be now, None for as they are.
    """

    def __init__(
        self,
        plan: LinePlan,
        codec: Codec,
        on_change: Callable[[], None],
        *,
        level: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.plan = plan
        self._codec = codec
        self._can = codec.capabilities
        self._on_change = on_change
        self._level = level if codec.capabilities.brightness else lambda: None
        self._slots = {address: Slot(address) for address in plan.addresses}
        self._changed = threading.Condition()
        self._stopping = False
        self._busy = False
        self._talk: Talk | None = None
        self._away: str | None = "not opened yet"
        self._backoff = Backoff()
        self._silent = False
        self._outage = Outage(_log, f"line {plan.name} ({plan.url})")
        self._thread = threading.Thread(target=self._run, name=f"line {plan.name}", daemon=True)

    @property
    def capabilities(self) -> Capabilities:
        """What the panels of this line can do."""
        return self._can

    def start(self) -> None:
        """Starts the worker."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Has the worker end soon; what was not yet sent goes out now or never. Returns at once."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Stops the worker, which closes the port, and waits for it."""
        self.ask_to_stop()
        self._thread.join(timeout=_JOIN_S)

    def show(self, address: int, content: Content, *, urgent: bool = False) -> None:
        """Makes ``content`` what the panel should show, ``urgent`` when it is a call; returns at
        once.

        Raises ValueError when the panel's protocol cannot show it, KeyError for an unknown panel.
        """
        frames = self._codec.encode(address, content)
        with self._changed:
            self._slots[address].want(content, frames, time.monotonic(), urgent=urgent)
            self._changed.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Waits until everything was sent that can be sent; False when time ran out."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._busy and not self._others_wait(), timeout_s
            )

    @property
    def away(self) -> str | None:
        """Why the line is not there, None while it is."""
        with self._changed:
            return self._away

    def deliveries(self) -> list[Delivery]:
        """What is known of each panel."""
        with self._changed:
            return [slot.delivery for slot in self._slots.values()]

    def _run(self) -> None:
        while not self._stopping:
            try:
                talk = self._talk or self._open()
                self._work_once(talk)
            except PortError as error:
                self._lost(error)
                self._pause(self._backoff.next_s())
            except Exception as error:  # noqa: BLE001 - one bad frame must not end a line for ever
                _log.exception("line %s", self.plan.name)
                # What is on the panels is not known any more.
                self._lost(PortError(f"{type(error).__name__}: {error}"))
                self._pause(self._backoff.next_s())
        self._part()
        self._close()

    def _part(self) -> None:
        """Sends what nobody would send any more: a panel that did not answer may still hear."""
        left = [slot for slot in self._slots.values() if slot.dirty or slot.suspect]
        deadline = time.monotonic() + _PARTING_S
        try:
            talk = self._open() if left and self._silent else self._talk
            for slot in left:
                if talk is not None and time.monotonic() < deadline:
                    talk.tell(slot.frames)
        except PortError as error:
            _log.debug("line %s: %s", self.plan.name, error)

    def _open(self) -> Talk:
        port = Port(self.plan.url, self.plan.baud, rs485=self.plan.rs485)
        talk = self._talk = Talk(port, self._codec, self.plan.baud)
        with self._changed:
            was_away, self._away = self._away is not None, None
            if was_away or not self._silent:
                for slot in self._slots.values():
                    slot.line_lost("", "")
            self._silent = False
        if was_away:
            self._on_change()
        return talk

    def _close(self) -> None:
        if self._talk is not None:
            self._talk.port.close()
            self._talk = None

    def _lost(self, error: PortError) -> None:
        self._close()
        self._outage.failed(error)
        with self._changed:
            news = self._away != str(error)
            self._away = str(error)
            for slot in self._slots.values():
                slot.line_lost("线路断开", "the line is away")
        if news:
            self._on_change()

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)

    def _work_once(self, talk: Talk) -> None:
        level = self._level()
        with self._changed:
            slot, wait = self._next(time.monotonic())
            if slot is None and self._to_dim(level) is None:
                self._changed.wait(wait)
                slot, wait = self._next(time.monotonic())
            dim = self._to_dim(level) if slot is None else None
        if self._stopping:
            return
        if slot is not None:
            self._exchange(talk, slot)
        elif dim is not None and level is not None:
            self._dim(talk, dim, level)
        elif wait >= _IDLE_CHECK_S / 2:
            talk.port.discard_input()

    def _next(self, now: float) -> tuple[Slot | None, float]:
        """The panel to be sent to now, or None and the seconds to wait."""
        due: list[Slot] = []
        wait = _IDLE_CHECK_S
        for slot in self._slots.values():
            at = slot.due_at(self.plan.refresh_s)
            if at is not None and at <= now:
                due.append(slot)
            elif at is not None:
                wait = min(wait, at - now)
        if not due:
            return None, wait
        return min(due, key=lambda s: (s.suspect, not s.dirty, s.wanted_at, s.sent_at or 0.0)), 0.0

    def _to_dim(self, level: int | None) -> Slot | None:
        """A panel whose brightness is not what it should be, now that nothing else is to do."""
        if level is None:
            return None
        answering = (s for s in self._slots.values() if s.delivery.state in ("acked", "sent"))
        return next((s for s in answering if s.level != level and not s.suspect), None)

    def _dim(self, talk: Talk, slot: Slot, level: int) -> None:
        frames = self._codec.brightness(slot.address, level)
        reply = self._send(talk, slot, frames)
        # A refusal is not repeated for ever; silence is, for the panel may have lost its power.
        if reply is not None or self._can.acks != "required":
            slot.level = level
        else:
            with self._changed:
                slot.unanswered(time.monotonic())
            self._on_change()

    def _exchange(self, talk: Talk, slot: Slot) -> None:
        before = slot.delivery
        with self._changed:
            content, frames = slot.content, slot.frames
            slot.sending(time.monotonic(), self._can.interval_s)
            self._busy = True
        reply = self._send(talk, slot, frames)
        if reply is not None or self._can.acks != "required":
            # Not before: a port that opens and closes again is one outage, not many.
            self._outage.recovered()
            self._backoff.reset()
        with self._changed:
            self._judge(slot, reply, content)
            self._changed.notify_all()
        if slot.delivery != before:
            self._report(before, slot.delivery)
            self._on_change()
        if reply is None:
            self._renew_connection()

    def _send(self, talk: Talk, slot: Slot, frames: tuple[bytes, ...]) -> Reply | None:
        try:
            reply = talk.send(slot.address, frames, lambda: self._patience_s(slot))
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        if reply is None and self._can.acks != "none":
            with self._changed:
                slot.rest(talk.answer_by)
        return reply

    def _patience_s(self, slot: Slot) -> float:
        """How long an answer may take: less while others wait, nothing when the program ends."""
        if self._stopping:
            return 0.0
        if not self._others_wait():
            return self._can.ack_timeout_s
        return min(self._can.ack_timeout_s, _SUSPECT_S if slot.suspect else _BUSY_S)

    def _renew_connection(self) -> None:
        """Ends a network connection on which nobody answers any more.

        Where the network is cut without notice, frames pile up in the connection, and old calls
        would run over the panel when it returns.
        """
        used = [slot for slot in self._slots.values() if slot.content is not None]
        silent = self._can.acks == "required" and all(slot.suspect for slot in used)
        if silent and "://" in self.plan.url:
            self._close()
            self._silent = True

    def _judge(self, slot: Slot, reply: Reply | None, content: Content | None) -> None:
        now = time.monotonic()
        if isinstance(reply, Ack):
            slot.accepted(content)
        elif isinstance(reply, Nack):
            slot.refused(reply, now)
        elif self._can.acks == "required":
            slot.unanswered(now)
        else:
            slot.sent_blind(content)

    def _report(self, before: Delivery, after: Delivery) -> None:
        who = f"panel {after.address} on line {self.plan.name}"
        if after.state == "failed" and before.state != "failed":
            _log.warning("%s: %s", who, after.en)
        elif after.state == "acked" and before.state == "failed":
            _log.info("%s: working again", who)

    def _others_wait(self) -> bool:
        with self._changed:
            waiting = (slot.dirty and not slot.suspect for slot in self._slots.values())
            return self._talk is not None and any(waiting)
