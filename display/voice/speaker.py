"""One zone's voice: one serial queue, each announcement one checked file, heard to its end."""

from __future__ import annotations

import logging
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from datetime import tzinfo

from display.voice.backlog import FULL, SHORT, Backlog, Costs, Plan
from display.voice.files import VoiceFiles, name_of_calls, name_of_notice
from display.voice.notice_queue import NoticeJob, NoticeQueue
from display.voice.phrases import Announcement, Manner, english
from display.voice.player import PlaybackFailed, Player
from display.voice.render import Order, Part, Renderer
from display.voice.settings import VoiceSettings, ZoneSettings
from display.voice.sound import join, seconds, wav
from display.voice.status import Facts, part_status
from display.voice.synthesis import SynthesisFailed
from hallkit.link.backoff import Backoff
from hallkit.runtime.clock import Clock
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Notice
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)

# How long late and lost calls stay visible in the state.
SHOWN_S = 600.0
# When nothing can speak, calls wait for it that long; their visitors have seen the panel then.
GIVE_UP_S = 60.0
_RETRY_FIRST_S = 0.5
_RETRY_MOST_S = 5.0
# Notices are looked at again after that long, because the machine's clock may be set meanwhile.
_MOST_WAIT_S = 30.0


class Speaker:
    """Speaks calls one after the other, in the order in which they came, and notices when no call
    waits. When calls pile up they are said in fewer words (:mod:`display.voice.backlog`).

    ``on_caption(text)`` is called when something begins to be spoken, and with ``""`` when it
    ended, from the speaker's own thread; ``on_state()`` after every change of :meth:`state`, from
    any. ``wanted(announcement)`` is asked when a call's turn comes: false passes it over. A call
    that cannot be spoken is tried again for ``give_up_s`` seconds, then it is counted as lost.
    """

    def __init__(
        self,
        settings: VoiceSettings,
        renderer: Renderer,
        clock: Clock,
        *,
        zone: ZoneSettings | None = None,
        on_caption: Callable[[str], None] = lambda _text: None,
        on_state: Callable[[], None] = lambda: None,
        wanted: Callable[[Announcement], bool] = lambda _call: True,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._clock = clock
        self._zone = zone
        self._on_caption = on_caption
        self._on_state = on_state
        self._wanted = wanted
        self._give_up_s = give_up_s
        name = zone.name if zone else ""
        device = (zone.device if zone else "") or settings.device
        self._player = Player(settings.player, device)
        self._files = VoiceFiles(settings.out_dir, name, settings.keep)
        self._costs = Costs(
            settings.chime, settings.repeat, None if settings.engine == "clips" else settings.rate
        )
        manner = Manner(settings.yao, settings.green_channel)
        self._backlog = Backlog(settings.most_behind_s, self._costs, manner)
        self._notices = NoticeQueue()
        self._timezone: tzinfo | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._facts = Facts(zone=name, card_wanted=self._player.wanted())
        self._counted_at = 0.0
        self._backoff = Backoff(_RETRY_FIRST_S, _RETRY_MOST_S)
        self._folder_outage = Outage(_log, "writing voice files")
        self._voice_outage = Outage(_log, "voice")
        self._play_outage = Outage(_log, "playing calls")
        self._thread = threading.Thread(target=self._run, name=f"speaker {name}", daemon=True)

    @property
    def files(self) -> VoiceFiles:
        """Where what was said is written."""
        return self._files

    def start(self) -> None:
        """Starts speaking."""
        self._files.open()
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Stops at once, also in the middle of a call; returns before it has."""
        with self._changed:
            self._stopping = True
            if self._backlog.calls():
                _log.info("stopping: %d calls are not spoken any more", len(self._backlog))
            self._backlog.clear()
            self._changed.notify()
        self._player.close()

    def stop(self) -> None:
        """Waits for the thread, which was asked to stop."""
        if self._thread.is_alive():
            self._thread.join()
        self._files.close()

    def announce(self, call: Announcement) -> None:
        """Queues a call; returns at once. Ignored when it was stopped."""
        with self._changed:
            if self._stopping:
                return
            if self._backlog.add(call, time.monotonic()):
                _log.info("%s waits to be spoken already, said once", call.ticket)
            self._changed.notify()
        self._on_state()

    def notices(self, notices: Sequence[Notice], *, live: bool) -> None:
        """Takes all notices in force; ``live`` as in :class:`NoticeTimes`."""
        with self._changed:
            self._notices.take(notices, live=live)
            self._changed.notify()

    def timezone(self, zone: tzinfo) -> None:
        """Sets the hall's time zone, for the volume; until then it is the machine's."""
        self._timezone = zone

    def state(self) -> PartStatus:
        """How the voice is, in words."""
        with self._changed:
            facts = self._facts.changed(
                waiting=len(self._backlog),
                oldest_s=self._backlog.oldest_s(time.monotonic()),
                missing=self._renderer.missing,
                fallback=self._renderer.fallback,
                card=self._player.available(),
            )
            if time.monotonic() - self._counted_at > SHOWN_S:
                facts = facts.changed(late=0, lost=0)
        return part_status(facts)

    def _run(self) -> None:
        self._renderer.prepare()
        while (job := self._next()) is not None:
            try:
                if isinstance(job, Plan):
                    self._say_calls(job)
                else:
                    self._say_notice(job)
            except Exception:  # noqa: BLE001 - the next call must still be spoken
                _log.exception("an announcement could not be spoken")
                self._note(fault="engine")
                self._count(lost=len(job.calls) if isinstance(job, Plan) else 0)

    def _next(self) -> Plan | NoticeJob | None:
        while True:
            with self._changed:
                calls = self._backlog.calls()
            # Not under the lock: whoever knows that may be announcing a call just now.
            over = [call for call in calls if not self._wanted(call)]
            for call in over:
                _log.info("call of %s is over, not spoken", call.ticket)
            with self._changed:
                if self._stopping:
                    return None
                self._backlog.remove(over)
                now = self._clock.now()
                self._notices.collect(now)
                plan = self._backlog.next(time.monotonic(), heard=self._player.available())
                job = plan or self._notices.next(now)
                if job is not None:
                    return job
                self._changed.wait(self._notices.wait_s(now, _MOST_WAIT_S))

    def _say_calls(self, plan: Plan) -> None:
        _log.debug("%s: %s", plan.form.name, plan.said.caption)
        self._begin(plan.said.caption, brief=plan.form is SHORT)
        failed = False
        try:
            self._say_plan(plan)
        except SynthesisFailed as error:
            self._failed(error)
            failed = True
        finally:
            self._end(brief=plan.form is SHORT and self._call_waits())
        if failed:
            self._try_again(plan)

    def _say_plan(self, plan: Plan) -> None:
        parts, words_s = self._renderer.call(self._order(plan))
        self._spoken()
        self._costs.learn(plan.said, plan.form, words_s)
        name = name_of_calls(plan.calls)
        self._write(name, parts)
        self._count_late(plan, seconds(parts[0].samples))
        left = self._hear(parts, lambda length_s: self._say_again(plan, length_s))
        if left:
            self._write(name, parts[: -len(left)])

    def _begin(self, caption: str, **facts: object) -> None:
        self._note(speaking=caption, **facts)
        self._on_caption(caption)

    def _end(self, **facts: object) -> None:
        self._on_caption("")
        self._note(speaking="", **facts)

    def _order(self, plan: Plan) -> Order:
        full = plan.form is FULL
        return Order(
            plan.said,
            self._costs.speed(plan.form),
            self._volume(),
            repeat=self._settings.repeat if full else 1,
            chime=plan.form.chime and self._settings.chime,
            english=english(plan.calls[0]) if full and self._settings.english else None,
            fit=full,
        )

    def _volume(self) -> int:
        now = self._clock.now().astimezone(self._timezone)
        return self._settings.volume_at(now.time(), self._zone)

    def _try_again(self, plan: Plan) -> None:
        """Puts back what could not be said, and waits a little; gives up what is too old."""
        with self._changed:
            if self._stopping:
                return
            lost = self._backlog.put_back(plan, time.monotonic() - self._give_up_s)
        if lost:
            _log.error("not spoken: %s (%d calls given up)", plan.said.caption, lost)
        self._count(lost=lost)
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, self._backoff.next_s())

    def _say_notice(self, job: NoticeJob) -> None:
        text = job.notice.text
        self._begin(text)
        failed = False
        try:
            if not job.parts:
                text_en = job.notice.text_en
                volume = self._volume()
                job.parts = self._renderer.notice(job.sentences, text, text_en, volume)
                self._spoken()
                self._write(name_of_notice(), job.parts)
            job.parts = self._hear(job.parts, lambda _s: self._notice_goes_on(job))
        except SynthesisFailed as error:
            self._failed(error)
            failed = True
        finally:
            self._end()
        if failed:
            self._try_notice_again(job)
        elif job.parts:
            # Calls come first: what they interrupted goes on after them.
            with self._changed:
                self._notices.put_back(job)

    def _try_notice_again(self, job: NoticeJob) -> None:
        """Puts back what could not be said, and waits a little, but no call waits for that."""
        now = time.monotonic()
        if job.failing_since is None:
            job.failing_since = now
        with self._changed:
            if now - job.failing_since <= self._give_up_s:
                self._notices.put_back(job)
            else:
                _log.error("not spoken: %s", job.notice.text)
            self._changed.wait_for(
                lambda: self._stopping or self._backlog.calls(), self._backoff.next_s()
            )

    def _notice_goes_on(self, job: NoticeJob) -> bool:
        with self._changed:
            return not self._backlog.calls() and self._notices.holds(job, self._clock.now())

    def _hear(self, parts: Sequence[Part], go_on: Callable[[float], bool]) -> list[Part]:
        """Plays the parts of an announcement, each after the first only if ``go_on`` allows its
        length in seconds. Returns those that were not played."""
        shown = parts[0].caption
        for at, part in enumerate(parts):
            if at and not go_on(seconds(part.samples)):
                return list(parts[at:])
            if part.caption != shown:
                self._on_caption(part.caption)
                shown = part.caption
            self._play(part.samples)
        return []

    def _call_waits(self) -> bool:
        with self._changed:
            return len(self._backlog) > 0

    def _say_again(self, plan: Plan, length_s: float) -> bool:
        """Whether a call, which was said once, is said once more: not when its visitor has come,
        when it was called anew, or when others would wait too long."""
        if not self._player.available():
            return True
        if not all(self._wanted(call) for call in plan.calls):
            return False
        with self._changed:
            anew = any(self._backlog.waits(call.ticket) for call in plan.calls)
            return not anew and self._backlog.time_for(length_s, time.monotonic())

    def _count_late(self, plan: Plan, length_s: float) -> None:
        """Counts calls whose last word comes later than it should."""
        said = time.monotonic() + (length_s if self._player.available() else 0.0)
        late = sum(said - one.since > self._settings.most_behind_s for one in plan.waiting)
        self._count(late=late)

    def _count(self, *, late: int = 0, lost: int = 0) -> None:
        """Adds to what is shown for a while."""
        if not late and not lost:
            return
        now = time.monotonic()
        shown = self._facts if now - self._counted_at <= SHOWN_S else Facts()
        self._counted_at = now
        self._note(late=shown.late + late, lost=shown.lost + lost)

    def _write(self, name: str, parts: Sequence[Part]) -> None:
        try:
            self._files.write(name, join([part.samples for part in parts]))
        except OSError as error:
            self._folder_outage.failed(error)
            self._note(fault="folder")
            return
        self._folder_outage.recovered()
        if self._facts.fault == "folder":
            self._note(fault="")

    def _play(self, samples: array[int]) -> None:
        if not self._player.available() or self._stopping:
            return
        try:
            self._play_twice(wav(samples), seconds(samples))
        except PlaybackFailed as error:
            self._play_outage.failed(error)
            self._note(fault="playback")
        else:
            self._play_outage.recovered()
            if self._facts.fault == "playback":
                self._note(fault="")

    def _play_twice(self, sound: bytes, length_s: float) -> None:
        """Plays; a player that failed at once is started once more. Raises PlaybackFailed."""
        began = time.monotonic()
        try:
            self._player.play(sound, length_s)
        except PlaybackFailed:
            if time.monotonic() - began > length_s:
                raise
            self._player.play(sound, length_s)

    def _failed(self, error: Exception) -> None:
        if not self._stopping:
            self._voice_outage.failed(error)
            self._note(fault="engine")

    def _spoken(self) -> None:
        self._voice_outage.recovered()
        self._backoff.reset()
        if self._facts.fault == "engine":
            self._note(fault="")

    def _note(self, **changes: object) -> None:
        with self._changed:
            self._facts = self._facts.changed(**changes)
        self._on_state()
