"""Handing connections to workers."""

import threading
from collections.abc import Callable

from hall_server.http.handover import Handover

PATIENCE_S = 60


class _Worker:
    """Takes one thing, and waits to be let go."""

    def __init__(self, handed: Handover) -> None:
        self.took: object = None
        self._handed = handed
        self._took = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.took = self._handed.get()
        self._took.set()

    def wait(self) -> object:
        assert self._took.wait(PATIENCE_S)
        self._thread.join()
        return self.took


def _until(found: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 500):
        if found():
            return
        threading.Event().wait(0.002)
    raise AssertionError("never")


def test_whoever_became_idle_last_goes_first() -> None:
    handed = Handover()
    workers = []
    for count in (1, 2, 3):
        workers.append(_Worker(handed))
        _until(lambda n=count: len(handed._idle) == n)  # type: ignore[misc]
    for thing in "abc":
        handed.put(thing)
    assert [w.wait() for w in workers] == ["c", "b", "a"]


def test_what_nobody_takes_waits_in_turn() -> None:
    handed = Handover()
    for thing in "abc":
        handed.put(thing)
    assert handed.qsize() == 3
    assert [_Worker(handed).wait() for _ in range(3)] == ["a", "b", "c"]


def test_everything_is_taken_once_by_many_workers() -> None:
    handed, taken = Handover(), []

    def work() -> None:
        while (thing := handed.get()) is not None:
            taken.append(thing)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for thing in range(5_000):
        handed.put(thing)
    for _ in workers:
        handed.put(None)
    for worker in workers:
        worker.join(PATIENCE_S)
    assert sorted(taken) == list(range(5_000))
