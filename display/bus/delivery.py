"""What is known of one panel: what it should show, and whether it does."""

from dataclasses import dataclass, field
from typing import Literal

from display.led.codec import Nack
from display.led.content import Content
from hallkit.link.backoff import Backoff

DeliveryState = Literal["unknown", "sent", "acked", "failed"]

# A panel that is away is asked again after 2 s, then less and less often: each vain question
# costs the other panels of its line up to an answer's time-out.
_FIRST_BACKOFF_S = 2.0
_MOST_BACKOFF_S = 20.0
# One lost answer is repeated once before the panel counts as failed.
_TRIES = 2


@dataclass(frozen=True)
class Delivery:
    """``state``: unknown (never sent, or the line is away), sent (no answer yet, or none is ever
    given), acked, failed. ``zh`` and ``en`` say more; ``shown`` is the text last acknowledged,
    or last sent to a panel that gives no answers."""

    address: int
    state: DeliveryState
    shown: str = ""
    zh: str = ""
    en: str = ""


@dataclass
class Slot:
    """A panel's place on its line. Times are the worker's monotonic seconds."""

    address: int
    content: Content | None = None
    frames: tuple[bytes, ...] = ()
    dirty: bool = False
    wanted_at: float = 0.0
    ready_at: float = 0.0
    urgent: bool = False
    may_hurry: bool = True
    sent_at: float | None = None
    vain: int = 0
    level: int | None = None
    delivery: Delivery = field(init=False)
    backoff: Backoff = field(
        default_factory=lambda: Backoff(first_s=_FIRST_BACKOFF_S, most_s=_MOST_BACKOFF_S)
    )

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.address, "unknown")

    @property
    def suspect(self) -> bool:
        """Whether the panel did not answer the last time."""
        return self.vain > 0

    def due_at(self, refresh_s: float) -> float | None:
        """When it is next to be sent to; None when there is nothing to send."""
        if self.content is None:
            return None
        if self.dirty and self._hurries:
            return 0.0
        if self.dirty or self.suspect:
            return self.ready_at
        return (self.sent_at or 0.0) + refresh_s

    @property
    def _hurries(self) -> bool:
        """Whether a call goes before the interval is over: once, and only when the panel has
        acknowledged the frame before. Else every call right after an idle text or a refresh
        would hang up to a second late."""
        return self.urgent and self.may_hurry and self.delivery.state == "acked" and not self.vain

    def want(
        self, content: Content, frames: tuple[bytes, ...], now: float, *, urgent: bool = False
    ) -> None:
        """Replaces what the panel should show; what was not yet sent is forgotten. ``urgent``: a
        call, which need not wait for the panel's rest."""
        if not self.dirty:
            self.wanted_at = now
        self.urgent = urgent
        self.content, self.frames, self.dirty = content, frames, True

    def line_lost(self, zh: str, en: str) -> None:
        """The line has gone: nothing is known any more, and everything is to be sent again."""
        self.dirty = self.content is not None
        self.ready_at, self.vain, self.level = 0.0, 0, None
        self.backoff.reset()
        self.delivery = Delivery(self.address, "unknown", "", zh, en)

    def sending(self, now: float, interval_s: float) -> None:
        """A frame goes out now."""
        self.may_hurry = now >= self.ready_at
        if not self.dirty:
            # The refresh heals a panel that has lost its power unnoticed: its brightness too.
            self.level = None
        self.dirty, self.sent_at, self.ready_at = False, now, now + interval_s
        if self.delivery.state == "unknown":
            self.delivery = Delivery(self.address, "sent")

    def accepted(self, content: Content | None) -> None:
        """The panel took ``content``."""
        self.vain = 0
        self.backoff.reset()
        self.delivery = Delivery(self.address, "acked", content.words if content else "")

    def sent_blind(self, content: Content | None) -> None:
        """A panel that need not answer was sent ``content``."""
        self.vain = 0
        self.backoff.reset()
        self.delivery = Delivery(self.address, "sent", content.words if content else "")

    def rest(self, until: float) -> None:
        """Nothing is sent before ``until``: an answer to the last frame may come so late, and
        would be taken for that to the next one."""
        self.ready_at = max(self.ready_at, until)

    def unanswered(self, now: float) -> None:
        """No answer came."""
        if self.vain + 1 < _TRIES:
            self._vain(now, "已发送，屏尚未应答", "sent, not answered yet")
        else:
            words = "屏无应答，请检查电源、接线和地址", "no answer: check power, wiring, address"
            self._vain(now, *words)

    def refused(self, nack: Nack, now: float) -> None:
        """The panel said no."""
        self._vain(now, f"屏拒绝：{nack.zh}", f"refused: {nack.en}")

    def _vain(self, now: float, zh: str, en: str) -> None:
        self.vain += 1
        # A panel without power comes back with the brightness that it once was given.
        self.level = None
        failed = self.vain >= _TRIES
        if failed:
            self.rest(now + self.backoff.next_s())
        self.delivery = Delivery(self.address, "failed" if failed else "sent", "", zh, en)
