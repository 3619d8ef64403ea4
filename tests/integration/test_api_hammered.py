"""64 clerks and 16 kiosks hammer one server over HTTP: no number twice, nobody called twice at
once, every request answered once."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count, repeat
from pathlib import Path
from random import Random
from threading import Event
from typing import Any
from uuid import uuid4

from hall_server.admin.verify import check_database
from hall_server.domain.instant import MINUTE, to_instant
from hall_server.service.credentials import new_token, token_hash
from hall_server.service.ports import SessionRecord
from hall_server.store.database import DATABASE
from tests.fakes.running_hall import Answer, Client, RunningHall, Tables, running, sample_hall

CLERKS, KIOSKS = 64, 16
TICKETS_EACH = 40
SERVICES = ("pension-join", "hukou", "dibao", "id-card", "heliao-join")
# Turns without anybody to call after which a clerk of a quiet hall goes home.
QUIET_TURNS = 2
# How often they come back for those who were sent on meanwhile: fewer each time.
ONCE_MORE = 5
WAITING = "SELECT id FROM ticket WHERE state = 'waiting'"


def with_many_windows(tables: Tables) -> None:
    """64 windows: one in four takes everything, the others a category each."""
    area = tables["windows"][0]["area"]
    categories = [c["id"] for c in tables["categories"]]
    tables["windows"] = [
        {
            "number": n,
            "name": f"{n}号窗口",
            "area": area,
            "rules": [
                {"services": "*" if n % 4 == 0 else [f"category:{categories[n % len(categories)]}"]}
            ],
        }
        for n in range(1, CLERKS + 1)
    ]


def log_in_all(hall: RunningHall) -> list[Client]:
    """A session for each clerk; checking 64 pins would take longer than the test."""
    expires = to_instant(hall.clock.now()) + 60 * MINUTE
    tokens = [(n, new_token(), new_token()) for n in range(1, CLERKS + 1)]

    def add(tx: Any) -> None:
        for number, cookie, csrf in tokens:
            record = SessionRecord(token_hash(cookie), f"c{number}", number, csrf, expires)
            tx.add_session(record)

    hall.store.write(add)
    name = hall.log_in("m1").headers["Cookie"].partition("=")[0]
    return [
        Client(hall, {"Cookie": f"{name}={cookie}", "X-CSRF-Token": csrf})
        for _, cookie, csrf in tokens
    ]


@dataclass
class Sender:
    """Somebody with a device or a desk; one request in five is sent twice at the same time."""

    client: Client
    chance: Random
    twice: ThreadPoolExecutor
    answers: dict[str, Answer] = field(default_factory=dict)
    differing: list[tuple[str, str]] = field(default_factory=list)

    def send(self, path: str, **body: Any) -> Answer:
        """Sends a command; both answers to one that is sent twice should be the same."""
        request_id = str(uuid4())
        body["request_id"] = request_id
        other = (
            self.twice.submit(self.client.post, path, body) if self.chance.random() < 0.2 else None
        )
        answer = self.client.post(path, body)
        if other is not None:
            again = other.result()
            # What is refused is not remembered: the other one may find the window otherwise.
            both = answer.status < 300 and again.status < 300
            if both and again.text != answer.text:
                self.differing.append((answer.text, again.text))
            answer = answer if answer.status < 300 else again
        assert answer.status in (200, 201, 409), f"{path} {answer.status} {answer.text}"
        self.answers[request_id] = answer
        return answer


def take_numbers(kiosk: Sender) -> None:
    """A kiosk's morning."""
    for index in range(TICKETS_EACH):
        service = kiosk.chance.choice(SERVICES)
        more = [s for s in SERVICES if s != service][:1] if index % 5 == 0 else []
        cls = kiosk.chance.choice(["ordinary", "ordinary", "green"])
        body = {"service_id": service, "channel": "kiosk", "priority_class": cls}
        answer = kiosk.send("tickets", **body, more_services=more)
        assert answer.status == 201, answer.text


def work(clerk: Sender, number: int, no_more: Event) -> None:
    """A clerk's morning, until nobody comes any more."""
    path = f"windows/{number}"
    assert clerk.send(f"{path}/open").status == 200
    quiet = 0
    while quiet < QUIET_TURNS:
        called = clerk.send(f"{path}/call-next")
        if called.status == 200 and called.json["ticket"] is None:
            quiet += no_more.wait(0.2)
            continue
        dice = clerk.chance.random()
        if dice < 0.1:
            clerk.send(f"{path}/no-show")
            continue
        clerk.send(f"{path}/start")
        if dice < 0.2:
            parked = clerk.send(f"{path}/park")
            if parked.status == 200:
                clerk.send(f"{path}/resume", ticket_id=parked.json["ticket"]["id"])
        elif dice < 0.25:
            clerk.send(f"{path}/transfer", service_id="hukou")
            continue
        clerk.send(f"{path}/finish")


def rows(path: Path, query: str) -> list[Any]:
    """What is in the database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def replay(path: Path) -> Iterator[tuple[str, str, str]]:
    """Walks through the journal: (problem, ticket, event), nothing when all is well."""
    state: dict[str, str] = {}
    at: dict[int, str] = {}
    for kind, body in rows(path, "SELECT type, body FROM journal ORDER BY seq"):
        ticket = json.loads(body).get("ticket")
        if not kind.startswith("ticket.") or ticket is None:
            continue
        number, before = ticket["number"], state.get(ticket["number"])
        if kind == "ticket.issued" and before is not None:
            yield "issued twice", number, kind
        if kind == "ticket.called" and before != "waiting":
            yield f"called while {before}", number, kind
        window = ticket["window"]
        if ticket["state"] in ("called", "serving"):
            if at.get(window, number) != number or number in {
                n for w, n in at.items() if w != window
            }:
                yield "at two windows, or a window with two", number, kind
            at[window] = number
        elif at.get(window) == number:
            del at[window]
        state[number] = ticket["state"]


def test_a_hammered_hall_keeps_its_word(tmp_path: Path) -> None:
    with (
        running(tmp_path, sample_hall("baishui-town", with_many_windows)) as hall,
        ThreadPoolExecutor(CLERKS + KIOSKS) as people,
        ThreadPoolExecutor(KIOSKS) as twice,
    ):
        clerks = [Sender(c, Random(n), twice) for n, c in enumerate(log_in_all(hall))]
        kiosks = [Sender(hall.device(), Random(-n), twice) for n in range(KIOSKS)]
        path, no_more = tmp_path / DATABASE, Event()
        working = [people.submit(work, c, n, no_more) for n, c in enumerate(clerks, 1)]
        taking = [people.submit(take_numbers, kiosk) for kiosk in kiosks]
        try:
            for each in taking:
                each.result()
        finally:
            no_more.set()
        for each in working:
            each.result()
        # Whoever was sent on by the last clerk came to windows whose clerks had gone home.
        for _ in range(ONCE_MORE):
            if rows(path, WAITING):
                list(people.map(work, clerks, count(1), repeat(no_more)))

        senders = [*clerks, *kiosks]
        assert [pair for s in senders for pair in s.differing] == []
        issued = [a.json["number"] for k in kiosks for a in k.answers.values()]
        assert len(issued) == len(set(issued)) == KIOSKS * TICKETS_EACH
        series = rows(path, "SELECT series, sequence FROM ticket ORDER BY series, sequence")
        taken = Counter(letter for letter, _ in series)
        assert series == [(s, n) for s in sorted(taken) for n in range(1, taken[s] + 1)]
        assert list(replay(path)) == []

        done = {i: a for s in senders for i, a in s.answers.items() if a.status < 300}
        kept = dict(rows(path, "SELECT request_id, answer FROM command"))
        assert {i: a.text for i, a in done.items()} == {i: kept[i] for i in done}
        assert set(kept) == set(done)
        calls = [a.json["ticket"]["id"] for i, a in done.items() if a.json.get("why") is not None]
        assert len(calls) == len(hall.journal("ticket.called"))
        states = Counter(state for (state,) in rows(path, "SELECT state FROM ticket"))
        assert sum(states.values()) == len(issued)
        assert set(states) <= {"done", "void"}, "somebody was forgotten"
    assert check_database(tmp_path / DATABASE) > 0
