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
from display.led.codec import Ack, Capabilities, Codec, Nack, Reply
from display.led.content import Content
from hallkit.link.backoff import Backoff
from hallkit.runtime.logs import Outage

_log = logging.getLogger(__name__)

# How soon a line that went away unnoticed (a pulled plug, a controller that restarted) is missed.
_IDLE_CHECK_S = 1.0
# RS-485 turnaround: 3.5 characters, and never less than the slow adapters' 5 ms.
_LEAST_GAP_S = 0.005
_GAP_CHARACTERS = 3.5
_BITS = 10
# A panel that failed before may keep the line this long while another one has news.
_SUSPECT_S = 0.3
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


class Line:
    """``show`` what a panel should show; ``deliveries`` says what is known. Thread-safe.

    ``on_change()`` is called from the worker after a panel's or the line's state changed.
    """

    def __init__(
        self,
        plan: LinePlan,
        codec: Codec,
        on_change: Callable[[], None],
        *,
        open_port: Callable[[str, int], Port] = Port,
    ) -> None:
        self.plan = plan
        self._codec = codec
        self._can = codec.capabilities
        self._on_change = on_change
        self._open_port = open_port
        self._gap = max(_LEAST_GAP_S, _GAP_CHARACTERS * _BITS / plan.baud)
        self._slots = {address: Slot(address) for address in plan.addresses}
        self._changed = threading.Condition()
        self._stopping = False
        self._port: Port | None = None
        self._quiet_at = 0.0
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
        """Has the worker end soon; what was not yet sent stays unsent. Returns at once."""
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
            return self._changed.wait_for(lambda: not self._others_wait(), timeout_s)

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
                if self._port is None:
                    self._open()
                self._work_once()
            except PortError as error:
                self._lost(error)
                self._pause(self._backoff.next_s())
            except Exception:  # noqa: BLE001 - one bad frame must not end a line for ever
                _log.exception("line %s", self.plan.name)
                self._pause(self._backoff.next_s())
        if self._port is not None:
            self._port.close()

    def _open(self) -> None:
        self._port = self._open_port(self.plan.url, self.plan.baud)
        with self._changed:
            was_away, self._away = self._away is not None, None
            if was_away or not self._silent:
                for slot in self._slots.values():
                    slot.line_lost("", "")
            self._silent = False
        if was_away:
            self._on_change()

    def _lost(self, error: PortError) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
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

    def _work_once(self) -> None:
        with self._changed:
            slot, wait = self._next(time.monotonic())
            if slot is None:
                self._changed.wait(wait)
                slot, wait = self._next(time.monotonic())
        if self._stopping:
            return
        if slot is not None:
            self._exchange(slot)
        elif self._port is not None and wait >= _IDLE_CHECK_S / 2:
            self._port.discard_input()

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

    def _exchange(self, slot: Slot) -> None:
        before = slot.delivery
        with self._changed:
            content, frames, suspect = slot.content, slot.frames, slot.suspect
            slot.sending(time.monotonic(), self._can.interval_s)
        reply = self._send_all(slot.address, frames, suspect)
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

    def _send_all(self, address: int, frames: tuple[bytes, ...], suspect: bool) -> Reply | None:
        """The answer to the last frame, or the first answer that is none or a refusal."""
        assert self._port is not None
        reply: Reply | None = None
        for frame in frames:
            self._keep_gap()
            self._port.discard_input()
            self._port.write(frame)
            reply = self._answer(address, len(frame) * _BITS / self.plan.baud, suspect)
            if isinstance(reply, Nack) or (reply is None and self._can.acks == "required"):
                break
        return reply

    def _renew_connection(self) -> None:
        """Ends a network connection on which nobody answers any more.

        Where the network is cut without notice, frames pile up in the connection, and old calls
        would run over the panel when it returns.
        """
        assert self._port is not None
        used = [slot for slot in self._slots.values() if slot.content is not None]
        silent = self._can.acks == "required" and all(slot.suspect for slot in used)
        if silent and "://" in self.plan.url:
            self._port.close()
            self._port = None
            self._silent = True

    def _judge(self, slot: Slot, reply: Reply | None, content: Content | None) -> None:
        now = time.monotonic()
        if isinstance(reply, Ack):
            slot.accepted(content)
        elif reply is None and self._can.acks != "required":
            slot.sent_blind(content)
        elif isinstance(reply, Nack):
            slot.refused(reply, now)
        else:
            slot.unanswered(now)

    def _report(self, before: Delivery, after: Delivery) -> None:
        who = f"panel {after.address} on line {self.plan.name}"
        if after.state == "failed" and before.state != "failed":
            _log.warning("%s: %s", who, after.en)
        elif after.state == "acked" and before.state == "failed":
            _log.info("%s: working again", who)

    def _keep_gap(self) -> None:
        rest = self._quiet_at + self._gap - time.monotonic()
        if rest > 0:
            time.sleep(rest)

    def _answer(self, address: int, on_wire_s: float, suspect: bool) -> Reply | None:
        """Waits for the answer of ``address``; answers of others are late ones and are skipped."""
        assert self._port is not None
        start = time.monotonic()
        patience_s = 0.0 if self._can.acks == "none" else self._can.ack_timeout_s
        deadline = start + on_wire_s + patience_s
        buffer = b""
        while not self._stopping:
            buffer += self._port.read()
            while True:
                used, reply = self._codec.decode(buffer)
                buffer = buffer[used:]
                if reply is None:
                    break
                if reply.address == address:
                    self._quiet_at = time.monotonic()
                    return reply
            now = time.monotonic()
            if now >= deadline or (suspect and now - start > _SUSPECT_S and self._others_wait()):
                break
        self._quiet_at = time.monotonic()
        return None

    def _others_wait(self) -> bool:
        with self._changed:
            waiting = (slot.dirty and not slot.suspect for slot in self._slots.values())
            return self._port is not None and any(waiting)
