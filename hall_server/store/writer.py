"""The one thread that writes. Commands that wait together are committed together, so that one
fsync serves many; each is undone alone when it fails."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from hall_server.service.ports import StorageFailed, Then, WriterStopped
from hall_server.store.journal import JournalEntry
from hall_server.store.live import Live
from hall_server.store.live_transaction import LiveTransaction
from hall_server.store.pending import Pending

_log = logging.getLogger(__name__)
R = TypeVar("R")

# Enough to share one fsync among every clerk and kiosk of a large hall.
MOST_TOGETHER = 64
# A commit that takes this long is that of a slow card. Then it pays to wait a little for whoever
# was just answered to come back: otherwise half of the commands always miss the fsync.
SLOW_COMMIT_S, GATHER_S = 0.008, 0.004
# In a rush those who were just answered come back together, and the first of them would be
# committed alone: it waits for the others, as long as the processor needs to read what they ask.
RUSH, GATHER_IN_RUSH_S = 5, 0.002


def _nobody(_entries: list[JournalEntry]) -> None:
    """Nobody listens yet."""


class _Item:
    """A command, and whom to tell of its end."""

    def __init__(
        self, work: Callable[[LiveTransaction], Any], then: Then[Any], request_id: str | None
    ) -> None:
        self.work = work
        self.request_id = request_id
        self.result: Any = None
        self.error: Exception | None = None
        self._then: Then[Any] | None = then

    def answer(self) -> None:
        """Tells of the end, once."""
        then, self._then = self._then, None
        if then is None:
            return
        try:
            then(None if self.error is not None else self.result, self.error)
        except Exception:  # noqa: BLE001 - the others of the batch must be told all the same
            _log.exception("telling of a command's end failed")

    def fail(self, error: Exception) -> None:
        """Tells of an error, unless the end was told already."""
        self.result, self.error = None, error
        self.answer()


class _Waiting:
    """Waits for the end of a command. A bare lock wakes in a fifth of the time that a ``Future``
    takes."""

    def __init__(self) -> None:
        self._ended = threading.Lock()
        self._ended.acquire()
        self._result: Any = None
        self._error: Exception | None = None

    def then(self, result: Any, error: Exception | None) -> None:
        """The end."""
        self._result, self._error = result, error
        self._ended.release()

    def outcome(self) -> Any:
        """The result; waits for it. Raises what the command raised."""
        self._ended.acquire()
        if self._error is not None:
            raise self._error
        return self._result


class Writer:
    """Runs work in transactions, one batch at a time, and answers after the commit.

    ``on_commit`` gets the journal entries of a batch after they are durable, in order.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Read before the first batch, and again after a commit that failed.
        self._live: Live | None = None
        self.on_commit: Callable[[list[JournalEntry]], None] = _nobody
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = False
        self._commit_took_s, self._last_count = 0.0, 0
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes what was submitted and stops."""
        with self._lock:
            self._stopped = True
            self._queue.put(None)
        self._thread.join()

    def submit(self, work: Callable[[LiveTransaction], R], request_id: str | None = None) -> R:
        """Runs ``work``; returns its result once it is durable.

        Raises whatever ``work`` raises (then nothing changed), StorageFailed, WriterStopped.
        """
        waiting = _Waiting()
        self.begin(work, waiting.then, request_id)
        result: R = waiting.outcome()
        return result

    def begin(
        self,
        work: Callable[[LiveTransaction], R],
        then: Then[R],
        request_id: str | None = None,
    ) -> None:
        """Lets ``work`` be run, and ``then`` be told once it is durable, or why it failed. The work
        will ask what was answered to ``request_id``: that is looked up for all of a batch together.

        Raises WriterStopped; nobody is told then.
        """
        item = _Item(work, then, request_id)
        with self._lock:
            if self._stopped:
                raise WriterStopped
            self._queue.put(item)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch: list[_Item] = []
            item = self._queue.get()
            if item is not None:
                self._gather()
            while item is not None:
                batch.append(item)
                if len(batch) == MOST_TOGETHER or self._queue.empty():
                    break
                item = self._queue.get()
            stopping = item is None
            try:
                self._commit(batch)
            except Exception:  # noqa: BLE001 - whatever it is, the next commands must be served
                _log.exception("the writer met something unexpected")
                self._live = None
                for waiting in batch:
                    waiting.fail(StorageFailed("internal"))
            self._last_count = len(batch)

    def _gather(self) -> None:
        if self._commit_took_s > SLOW_COMMIT_S:
            time.sleep(GATHER_S)
        elif self._last_count >= RUSH:
            time.sleep(GATHER_IN_RUSH_S)

    def _commit(self, batch: list[_Item]) -> None:
        if not batch:
            return
        try:
            entries = self._together(batch)
        except IntegrityError as error:
            self._live = None
            if len(batch) == 1:
                batch[0].error, entries = error, []
            else:
                # One of them broke a rule of the database: the others must not suffer for it.
                for item in batch:
                    item.result, item.error = None, None
                    self._commit([item])
                return
        except (SQLAlchemyError, StorageFailed) as error:
            self._live = None
            _log.error("a batch of %d commands was not stored: %s", len(batch), error)
            for item in batch:
                item.fail(StorageFailed(str(error)))
            return
        # Published first: who has a command's answer finds its event on every stream.
        self._publish(entries)
        for item in batch:
            item.answer()

    def _together(self, batch: list[_Item]) -> list[JournalEntry]:
        """Runs the batch in one transaction. Raises SQLAlchemyError."""
        entries: list[JournalEntry] = []
        with self._engine.begin() as connection:
            if self._live is None or not self._live.is_current(connection):
                self._live = Live(connection)
            pending = Pending(self._live)
            pending.look_up(connection, [i.request_id for i in batch if i.request_id is not None])
            for item in batch:
                entries += self._attempt(connection, self._live, pending, item)
                if pending.broken is not None:
                    raise pending.broken
            pending.write(connection)
            began = time.monotonic()
        self._commit_took_s = time.monotonic() - began
        return entries

    def _publish(self, entries: list[JournalEntry]) -> None:
        if not entries:
            return
        try:
            self.on_commit(entries)
        except Exception:  # noqa: BLE001 - what is durable must be answered as done
            _log.exception("publishing %d journal entries failed", len(entries))

    def _attempt(
        self, connection: Connection, live: Live, pending: Pending, item: _Item
    ) -> list[JournalEntry]:
        transaction = LiveTransaction(connection, live, pending)
        try:
            item.result = item.work(transaction)
            transaction.keep()
        except OperationalError as error:
            transaction.undo()
            item.error = StorageFailed(str(error.orig))
            return []
        except Exception as error:  # noqa: BLE001 - handed to the caller, whatever it is
            transaction.undo()
            item.error = error
            return []
        return transaction.appended
