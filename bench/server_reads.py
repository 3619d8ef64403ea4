"""How long the server's reads take in a large hall: ``python -m bench.server_reads``.

The hall is ``jiyuan-home`` (50 windows, 619 services) with 300 people waiting and every window
open and serving. Prints milliseconds (median and worst of the runs), statements and answer size of
each read, and of a number and a call.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import event

from hall_server.factory import Limits, build_parts
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.loader import load_hall_file
from hall_server.service import call, serve
from hall_server.service.commands import Commands
from hall_server.service.install import install_hall
from hall_server.service.issue import issue
from hall_server.service.views import Urls
from hall_server.service.window import open_window
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.paths import config_dir
from hallkit.wire.message import Message

WAITING = 300
RUNS = 25


def _run(commands: Commands, name: str, case: Callable[..., Message], *arguments: object) -> None:
    commands.run("bench", str(uuid4()), name, {}, lambda tx, context: case(tx, context, *arguments))


def _fill(commands: Commands) -> None:
    hall = commands.hall
    services = list(hall.services)
    for place in hall.windows:
        _run(commands, "open", open_window, place.number, f"c{place.number}")
    for index in range(WAITING + len(hall.windows)):
        service = services[index * 7 % len(services)]
        _run(commands, "issue", issue, service, "green" if index % 8 == 0 else "ordinary", "kiosk")
    for place in hall.windows:
        _run(commands, "call-next", call.call_next, place.number)
        try:
            _run(commands, "start", serve.start, place.number)
        except call.Conflict:
            continue


class _Statements:
    """Counts what the reading connections execute."""

    def __init__(self, store: SqlStore) -> None:
        self.count = 0
        event.listen(store._read, "before_cursor_execute", self._counted)

    def _counted(self, *_: object) -> None:
        self.count += 1


def _measure(name: str, statements: _Statements, read: Callable[[], Message]) -> None:
    read()
    taken, size = [], 0
    statements.count = 0
    for _ in range(RUNS):
        began = time.perf_counter()
        size = len(read().model_dump_json(by_alias=True))
        taken.append((time.perf_counter() - began) * 1_000)
    each = statements.count / RUNS
    print(
        f"{name:<34}{statistics.median(taken):>8.1f} ms{max(taken):>8.1f} ms"
        f"{each:>6.0f} statements{size / 1_000:>9.1f} kB"
    )


def main() -> int:
    """Prints the figures."""
    file = load_hall_file(config_dir() / "halls" / "jiyuan-home.toml")
    hall = build_hall(file, always_open=True)
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(Path(folder))
        try:
            install_hall(store, file, "bench", clock.now)
            parts = build_parts(store, hall, clock, Urls("http://hall.test"), Limits())
            store.publish_to(parts.feed.published)
            _fill(parts.commands)
            queries, statements = parts.queries, _Statements(store)
            waiting = queries.in_states(["waiting"], None, None).tickets
            print(f"{platform.machine()} {platform.python_version()}")
            print(
                f"{len(hall.windows)} windows, {len(hall.services)} services, "
                f"{len(waiting)} waiting, median and worst of {RUNS}"
            )
            last = waiting[-1]

            def fresh_board() -> Message:
                queries._board = None
                return queries.board()

            _measure("hall", statements, queries.hall)
            _measure("board, made", statements, fresh_board)
            _measure("board, kept", statements, queries.board)
            _measure("windows", statements, queries.windows)
            _measure("window", statements, lambda: queries.window(1))
            _measure(
                "tickets?state=waiting",
                statements,
                lambda: queries.in_states(["waiting"], None, None),
            )
            _measure(
                "tickets?state=waiting&window=1",
                statements,
                lambda: queries.in_states(["waiting"], None, 1),
            )
            _measure("ticket", statements, lambda: queries.ticket(last.id))
            began = time.perf_counter()
            for _ in range(RUNS):
                _run(parts.commands, "issue", issue, last.service_id, "ordinary", "kiosk")
            each = (time.perf_counter() - began) * 1_000 / RUNS
            print(f"{'issue (with its fsync)':<34}{each:>8.1f} ms")
            print(json.dumps({"journal": queries.last_seq()}))
        finally:
            store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
