"""A clock that is set forward is written down and shown; time that passes is not."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hall_server.domain.errors import NotFound
from hall_server.hallfile.build import build_hall
from hall_server.service.alarms import jump_notice
from hall_server.service.cancel import cancel
from hall_server.service.clock_watch import since_boot
from hall_server.service.commands import Commands
from hall_server.service.install import install_hall
from hall_server.service.ports import StorageFailed
from hall_server.service.views import Urls
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import ManualClock
from hallkit.wire.ids import new_id
from tests.fakes.running_hall import MORNING, running, sample_hall


@dataclass
class Steady:
    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_jump_forward_is_journaled_once(tmp_path: Path) -> None:
    store, clock, steady = (
        SqlStore(tmp_path),
        ManualClock(datetime.fromisoformat(MORNING)),
        Steady(),
    )
    try:
        file = sample_hall("baishui-town")
        install_hall(store, file, "system", clock.now)
        commands = Commands(store, build_hall(file), clock, Urls(""), steady)

        def jumps() -> list[str]:
            entries = store.read(lambda tx: tx.entries_after(0, 1_000))
            return [e.body for e in entries if "clock_jump_s" in e.body]

        def passes(clock_s: float, steady_s: float) -> None:
            clock.advance(timedelta(seconds=clock_s))
            steady.seconds += steady_s
            commands.today()

        passes(0, 0)
        passes(7_200, 7_200)
        passes(60, 0)  # NTP
        passes(-60, 60)
        assert jumps() == []
        clock.advance(timedelta(seconds=3_600))
        # The command that finds it is refused; the jump is written down all the same.
        with pytest.raises(NotFound):
            commands.run("x", new_id(), "cancel", {}, lambda tx, c: cancel(tx, c, "nothing"))
        passes(0, 0)
        passes(600, 600)
        assert len(jumps()) == 1
        assert '"clock_jump_s":3600' in jumps()[0]
        now = commands.today()
        (notice,) = jump_notice(now, commands.jump)
        assert "约 60 分钟" in notice.text
        passes(86_400, 86_400)
        assert jump_notice(commands.today(), commands.jump) == []
    finally:
        store.close()


@dataclass
class FillingUp:
    """A store whose disk is full at times."""

    store: SqlStore
    full: bool = False

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self.store.read(work)

    def write(self, work: Callable[[Any], Any], request_id: str | None = None) -> Any:
        if self.full:
            raise StorageFailed("full")
        return self.store.write(work, request_id)


def test_a_jump_that_could_not_be_written_down_is_by_the_next_command(tmp_path: Path) -> None:
    clock, steady = ManualClock(datetime.fromisoformat(MORNING)), Steady()
    store = FillingUp(SqlStore(tmp_path))
    try:
        file = sample_hall("baishui-town")
        install_hall(store, file, "system", clock.now)
        commands = Commands(store, build_hall(file), clock, Urls(""), steady)
        clock.advance(timedelta(seconds=3_600))
        store.full = True
        for _ in range(2):
            with pytest.raises(StorageFailed):
                commands.today()
            assert commands.jump is None
        clock.advance(timedelta(seconds=600))
        store.full = False
        for _ in range(2):
            commands.today()
        entries = store.read(lambda tx: tx.entries_after(0, 1_000))
        (noted,) = [e.body for e in entries if "clock_jump_s" in e.body]
        assert '"clock_jump_s":4200' in noted
        assert commands.jump is not None
    finally:
        store.store.close()


def test_the_machine_s_own_steady_clock_runs() -> None:
    assert since_boot() <= since_boot()


class SetClock:
    """A clock that runs, from ``MORNING``, and that somebody sets."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.ahead = timedelta()

    def now(self) -> datetime:
        passed = timedelta(seconds=time.monotonic() - self._began)
        return datetime.fromisoformat(MORNING) + passed + self.ahead


def test_a_jump_is_among_the_notices(tmp_path: Path) -> None:
    clock = SetClock()
    with running(tmp_path, clock=clock, always_open=True) as hall:
        kiosk = hall.device()

        def told() -> list[str]:
            kiosk.issue("hukou")
            notices = hall.anyone().get("health").ok()["notices"]
            return [n["text"] for n in notices if "时钟" in n["text"]]

        assert told() == []
        clock.ahead = timedelta(hours=1)
        (text,) = told()
        assert "约 60 分钟" in text
