"""``verify``: whether the queue is what the journal says happened to it.

Every number of a day is issued or lies in a sealed block; every ticket is in the state in which
its entries in the journal leave it, and came there by steps that exist; no window ever had two.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select, text

from hall_server.domain.lease import explain, in_words
from hall_server.domain.numbering import ticket_number
from hall_server.service.blocks import KEPT_DAYS
from hall_server.store.retention import read_anchor
from hall_server.store.tables import ACTIVE, journal, lease, series_day, ticket

_PAGE = 1_000
_OPEN = frozenset({"waiting", "called", "serving", "no_show", "parked"})
_AT_WINDOW = frozenset({"called", "serving"})
# The state in which each entry leaves a ticket, and those in which it may find it.
_STEPS: dict[str, tuple[str, frozenset[str]]] = {
    "ticket.issued": ("waiting", frozenset({""})),
    "ticket.called": ("called", frozenset({"waiting", "no_show"})),
    "ticket.recalled": ("called", frozenset({"called"})),
    "ticket.started": ("serving", frozenset({"called", "parked", "done"})),
    "ticket.finished": ("done", frozenset({"serving"})),
    "ticket.no_show": ("no_show", frozenset({"called"})),
    "ticket.parked": ("parked", frozenset({"serving"})),
    "ticket.transferred": ("waiting", _AT_WINDOW),
    "ticket.requeued": ("waiting", frozenset({"no_show", "done"})),
    "ticket.cancelled": ("cancelled", frozenset({"waiting"})),
    "ticket.void": ("void", _OPEN),
}


def check_queue(connection: Connection) -> Iterator[str]:
    """Everything that is wrong, one line each, Chinese / English; reads in pages, writes
    nothing."""
    yield from _number_problems(connection)
    yield from _window_problems(connection)
    yield from _Replay(connection).problems()


def _number_problems(connection: Connection) -> Iterator[str]:
    blocks: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in connection.execute(select(lease.c.day, lease.c.series, lease.c.first, lease.c.last)):
        blocks[row.day, row.series].append((row.first, row.last))
    counters = {(row.day, row.series): row.last for row in connection.execute(select(series_day))}
    numbers = (
        select(ticket.c.day, ticket.c.series, ticket.c.sequence)
        .order_by(ticket.c.day, ticket.c.series, ticket.c.sequence)
        .execution_options(yield_per=_PAGE)
    )
    unseen = set(counters)
    with connection.execute(numbers) as rows:
        for key, group in groupby(rows, key=lambda row: (row.day, row.series)):
            unseen.discard(key)
            issued = [row.sequence for row in group]
            yield from _unexplained(key, counters.get(key, 0), issued, blocks[key])
    for key in sorted(unseen):
        yield from _unexplained(key, counters[key], [], blocks[key])


def _unexplained(
    key: tuple[str, str], last: int, issued: list[int], blocks: list[tuple[int, int]]
) -> Iterator[str]:
    day, series = key
    found = explain(last, issued, blocks)
    if len(issued) > found.issued:
        yield f"{day} {series}：有重复的号码 / a number was given twice"
    if found.missing:
        words = in_words(found.missing)
        yield (
            f"{day} {series}：号码 {words} 既未取出，也不在离线预留号段内 / numbers {words} were "
            "neither issued nor sealed for a kiosk"
        )
    if found.beyond:
        words = in_words(found.beyond)
        yield (
            f"{day} {series}：号码 {words} 超出已发到的 {last} / numbers {words} are beyond the "
            f"last one given, {last}"
        )


def _window_problems(connection: Connection) -> Iterator[str]:
    twice = (
        select(ticket.c.window, func.count())
        .where(text(ACTIVE))
        .group_by(ticket.c.window)
        .having(func.count() > 1)
    )
    for window, count in connection.execute(twice):
        yield (
            f"{window} 号窗口同时有 {count} 个号码 / window {window} has {count} tickets at once"
        )


class _Replay:
    """Follows every ticket through the journal, day by day, and compares where it ends."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection
        # Tickets of the days up to this have lost entries of the journal.
        anchor = read_anchor(connection)
        self._cut_day = anchor.day if anchor is not None else ""
        self._states: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        self._at_window: dict[int, str] = {}
        self._compared: set[str] = set()

    def problems(self) -> Iterator[str]:
        """Everything that does not fit."""
        entries = (
            select(journal.c.seq, journal.c.day, journal.c.type, journal.c.body)
            .where(journal.c.type.in_(sorted(_STEPS)))
            .order_by(journal.c.seq)
            .execution_options(yield_per=_PAGE)
        )
        today = ""
        with self._conn.execute(entries) as rows:
            for seq, day, type_, body in rows:
                if day != today:
                    today = day
                    yield from self._compare_before(day)
                yield from self._follow(seq, type_, json.loads(body).get("ticket"))
        for day in sorted(self._states):
            yield from self._compare(day, self._states[day])
        yield from self._never_journaled()

    def _follow(self, seq: int, type_: str, shown: dict[str, Any] | None) -> Iterator[str]:
        if shown is None:
            yield f"日志第 {seq} 条缺少号码 / journal entry {seq} ({type_}) names no ticket"
            return
        number, state = shown["number"], shown["state"]
        states = self._states[shown["issued_at"][:10]]
        before = states.get(shown["id"], ("", ""))[1]
        after, possible = _STEPS[type_]
        whole = shown["issued_at"][:10] > self._cut_day
        if whole and (state != after or before not in possible):
            yield (
                f"日志第 {seq} 条：{number} 号由“{before or '无'}”经 {type_} 变为“{state}”，"
                f"不合规则 / entry {seq}: {number} cannot go from '{before or 'nothing'}' to "
                f"'{state}' by {type_}"
            )
        states[shown["id"]] = (number, state)
        yield from self._occupy(seq, shown)

    def _occupy(self, seq: int, shown: dict[str, Any]) -> Iterator[str]:
        window, id_ = shown["window"], shown["id"]
        if window is None:
            return
        holder = self._at_window.get(window)
        if shown["state"] not in _AT_WINDOW:
            if holder == id_:
                del self._at_window[window]
            return
        if holder not in (None, id_):
            yield (
                f"日志第 {seq} 条：{window} 号窗口还有另一个号码 / journal entry {seq}: window "
                f"{window} had another ticket still"
            )
        self._at_window[window] = id_

    def _compare_before(self, day: str) -> Iterator[str]:
        """Compares the days that nothing can happen to any more: nobody of theirs is left, and a
        kiosk no longer hands in what it issued then."""
        limit = (date.fromisoformat(day) - timedelta(days=KEPT_DAYS + 1)).isoformat()
        for done in sorted(d for d in self._states if d < limit):
            if not any(state in _OPEN for _, state in self._states[done].values()):
                yield from self._compare(done, self._states.pop(done))

    def _compare(self, day: str, states: dict[str, tuple[str, str]]) -> Iterator[str]:
        self._compared.add(day)
        columns = (ticket.c.id, ticket.c.series, ticket.c.sequence, ticket.c.state)
        whole = day > self._cut_day
        for id_, series, sequence, state in self._conn.execute(
            select(*columns).where(ticket.c.day == day)
        ):
            number = ticket_number(series, sequence)
            said = states.pop(id_, None)
            if said is None and whole:
                yield _never(day, number)
            elif said is not None and said != (number, state):
                yield (
                    f"{day} {number} 号现为“{state}”，日志最后为 {said[0]}“{said[1]}” / {day} "
                    f"{number} is '{state}', the journal left {said[0]} '{said[1]}'"
                )
        for number, state in states.values():
            yield (
                f"{day} {number} 号在日志中（“{state}”），但号码表里没有 / {day} {number} is in "
                f"the journal ('{state}') but not among the tickets"
            )

    def _never_journaled(self) -> Iterator[str]:
        days = select(ticket.c.day).distinct().where(ticket.c.day > self._cut_day)
        for (day,) in self._conn.execute(days.order_by(ticket.c.day)).all():
            if day not in self._compared:
                yield from self._compare(day, {})


def _never(day: str, number: str) -> str:
    return (
        f"{day} {number} 号没有取号记录 / {day} {number}: the journal does not say that it was "
        "issued"
    )
