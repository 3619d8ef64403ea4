"""The server's side of the forecaster: starts the process, asks it to look, takes what it says,
starts another when it died."""

import contextlib
import json
import logging
import os
import random
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hall_server.domain.instant import Instant
from hall_server.forecaster.messages import Hello, given_of, line_of
from hall_server.forecaster.messages import Look as LookMessage
from hall_server.service.entry import Entry
from hall_server.service.forecasts import Forecasts, Given
from hall_server.service.ports import StorageFailed, Store, WriterStopped
from hall_server.store.journal import JournalEntry

_log = logging.getLogger(__name__)
# A look at the hall, once a second while anything changes; a large one takes longer.
EVERY_S, EVERY_LARGE_S, LARGE_WINDOWS = 1.0, 2.0, 50
# Time alone moves a forecast while people wait; in an empty hall it hardly does.
ANYHOW_S, QUIET_S = 10.0, 60.0
# How often a replayed clock, which no event announces, is looked at.
REPLAY_S = 0.2
# A worker that has not answered by then hangs. A busy Pi's first look reads three weeks.
ANSWER_S = 30.0
# A worker that ends is started again after these, growing; one that lived this long starts anew.
FIRST_DELAY_S, LAST_DELAY_S, LIVED_S = 1.0, 60.0, 120.0
STOP_S = 3.0
# How soon a stop is noticed while an answer is waited for.
STOP_LOOK_S = 0.1
# The calibration is kept in the database, so that a restart does not forget it.
META_KEY = "forecast_calibration"
KEEP_EVERY_S = 300.0
_MATTERS = ("ticket.", "window.", "profile.", "hall.")


@dataclass(frozen=True)
class Task:
    """What the keeper needs to know: the database, the hall's size, and its time, which a replay
    (``manual``) moves by hand."""

    database_url: str
    windows: int
    now: Callable[[], Instant]
    always_open: bool = False
    manual: bool = False
    every_s: float | None = None


def in_turn(
    *listeners: Callable[[list[JournalEntry]], None],
) -> Callable[[list[JournalEntry]], None]:
    """One listener to the journal that tells each of these, in their order."""

    def tell(entries: list[JournalEntry]) -> None:
        for listener in listeners:
            listener(entries)

    return tell


class _Child:
    """One process and its pipes."""

    def __init__(self, hello: Hello) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hall_server.forecaster"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._rest = b""
        self._selector = selectors.DefaultSelector()
        assert self.process.stdin is not None and self.process.stdout is not None
        self._selector.register(self.process.stdout, selectors.EVENT_READ)
        self.send(line_of(hello))

    def send(self, line: bytes) -> bool:
        """False when the process is gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line)
        except OSError:
            return False
        return True

    def answer(self, within_s: float, stopping: threading.Event) -> bytes | None:
        """The next line; None when the process is gone, or silent for so long, or not wanted any
        more."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + within_s
        while b"\n" not in self._rest:
            if stopping.is_set() or time.monotonic() > deadline:
                return None
            if not self._selector.select(STOP_LOOK_S):
                continue
            more = os.read(self.process.stdout.fileno(), 65_536)
            if not more:
                return None
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def end(self) -> None:
        """Ends the process; it only reads, so nothing is lost."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._selector.close()
        self.process.stdout.close()


class Keeper:
    """Keeps a worker at work in a thread; ``published`` is told of journal entries."""

    def __init__(self, task: Task, store: Store, forecasts: Forecasts) -> None:
        self._task = task
        self._store = store
        self._forecasts = forecasts
        large = task.windows > LARGE_WINDOWS
        self._every = task.every_s or (EVERY_LARGE_S if large else EVERY_S)
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._child: _Child | None = None
        self._k, self._scored_until = _kept(store)
        self._stored = (self._k, self._scored_until)
        self._stored_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="forecasts", daemon=True)

    @property
    def pid(self) -> int | None:
        """The worker's process, None while there is none."""
        child = self._child
        return child.process.pid if child is not None else None

    def start(self) -> None:
        """Starts the thread, which starts the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Ends both, and keeps the calibration."""
        self._stopping.set()
        self._changed.set()
        self._thread.join()
        self._keep()

    def published(self, entries: Iterable[Entry]) -> None:
        """Journal entries that are durable now; most of them move the forecast."""
        if not self._changed.is_set() and any(e.type.startswith(_MATTERS) for e in entries):
            self._changed.set()

    def _run(self) -> None:
        delay = FIRST_DELAY_S
        told = False
        while not self._stopping.is_set():
            began = time.monotonic()
            answered = self._attend()
            self._forecasts.lose()
            if self._stopping.is_set():
                return
            if answered and told:
                told = False
            if not told:
                _log.warning("the forecaster ended; waiting times are rough until it is back")
                told = True
            if time.monotonic() - began > LIVED_S:
                delay = FIRST_DELAY_S
            self._stopping.wait(delay * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            delay = min(delay * 2, LAST_DELAY_S)

    def _attend(self) -> bool:
        """One worker, until it or the server ends; whether it ever answered."""
        hello = Hello(self._task.database_url, self._task.always_open, self._k, self._scored_until)
        try:
            child = _Child(hello)
        except OSError as error:
            _log.debug("the forecaster could not be started: %s", error)
            return False
        self._child = child
        answered = False
        try:
            while not self._stopping.is_set():
                self._changed.clear()
                now = self._task.now()
                given = self._ask(child, now)
                if given is None:
                    break
                if not answered:
                    _log.info("the forecaster is at work")
                answered = True
                self._forecasts.give(given)
                self._remember(given)
                self._until_next(now, given)
        finally:
            self._child = None
            child.end()
        return answered

    def _ask(self, child: _Child, now: Instant) -> Given | None:
        if not child.send(line_of(LookMessage(now))):
            return None
        line = child.answer(ANSWER_S, self._stopping)
        try:
            return given_of(line) if line is not None else None
        except (ValueError, KeyError, TypeError):
            _log.exception("the forecaster said what nobody understands")
            return None

    def _until_next(self, looked: Instant, given: Given) -> None:
        """Waits until it is time for the next look."""
        self._stopping.wait(self._every)
        longest = (QUIET_S if given.quiet else ANYHOW_S) - self._every
        if not self._task.manual:
            self._changed.wait(longest)
            return
        until = time.monotonic() + longest
        while not self._changed.wait(REPLAY_S) and time.monotonic() < until:
            if self._task.now() != looked:
                return

    def _remember(self, given: Given) -> None:
        self._k, self._scored_until = given.k, given.scored_until
        if time.monotonic() - self._stored_at > KEEP_EVERY_S:
            self._keep()

    def _keep(self) -> None:
        self._stored_at = time.monotonic()
        current = (self._k, self._scored_until)
        if current == self._stored:
            return
        value = json.dumps({"k": round(self._k, 4), "scored_until": self._scored_until})
        try:
            self._store.write(lambda tx: tx.set_meta(META_KEY, value))
        except (StorageFailed, WriterStopped) as error:
            _log.debug("the calibration was not kept: %s", error)
            return
        self._stored = current


def _kept(store: Store) -> tuple[float, Instant]:
    text = store.read(lambda tx: tx.meta(META_KEY))
    if text is None:
        return 1.0, 0
    try:
        body = json.loads(text)
        return float(body["k"]), int(body["scored_until"])
    except (ValueError, KeyError, TypeError):
        return 1.0, 0
