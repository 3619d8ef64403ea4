"""Whatever is done to the queue, in whatever order and at whatever time, it does not lie.

Random verbs, clock moves (both ways, over closing time and midnight), changed profiles, windows
that open, pause and close, restarts and repeated requests run against the real use cases over a
real database; a model written from the rules alone says what each command should have done. After
every step both agree about every ticket, and what must always hold does. ``QUEUE_EXAMPLES`` and
``QUEUE_STEPS`` make it longer.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hall_server.hallfile.schema import ProfileRule
from hall_server.service import call, serve, window
from hall_server.service.cancel import cancel
from hall_server.service.issue import issue
from hall_server.store.journal import GENESIS, entry_hash
from hall_server.store.store import SqlStore
from tests.fakes.hallfile_small import good_tables
from tests.support.queue_model import ACTIVE
from tests.support.queue_rig import Answer, Rig, fast_folder
from tests.support.queue_verbs import Verbs

START = "2026-11-23T09:00:00"
EXAMPLES = int(os.environ.get("QUEUE_EXAMPLES", "6"))
STEPS = int(os.environ.get("QUEUE_STEPS", "45"))
WINDOWS = (1, 2, 3, 4)
EDGES = ("11:59", "12:00", "13:30", "17:29", "17:30", "23:59")
SERVICES = ("pension", "card", "levy", "refund")
CLASSES = ("ordinary", "green", "elder")
CLERKS = ("1", "2")
POLICIES = (
    {"policy": "void"},
    {"policy": "requeue_after_k", "after_k": 2},
    {"policy": "requeue_tail"},
    {"policy": "keep_minutes", "minutes": 20},
)
RULES: tuple[list[dict[str, Any]], ...] = (
    [{"services": "*"}],
    [{"services": ["category:social"]}],
    [{"services": ["levy", "pension"]}],
    [{"services": "*", "classes": ["green", "elder"]}],
    [{"services": ["category:tax"], "from": "08:00", "to": "12:00"}, {"services": ["card"]}],
    [{"services": "*", "weekdays": [2, 4]}],
)

some_window = st.sampled_from(WINDOWS)
some_service = st.sampled_from(SERVICES)
# Who comes and what clerks do is drawn from a seed; Hypothesis draws what comes between.
some_seed = st.integers(0, 2**32)
# What usually follows, by the state of the window or of the ticket at it.
USUAL = {
    "closed": ("open", "open", "close", "requeue"),
    "paused": ("open", "open", "close"),
    "open": (*["next"] * 6, "call", "resume", "requeue", "pause", "close", "cancel"),
    "called": (*["start"] * 4, *["no_show"] * 3, "recall", "service", "window", "nowhere", "pause"),
    "serving": (*["finish"] * 4, "keep", "lacks", "park", "park", "service", "window", "recall"),
}


def hall_tables(policy: dict[str, Any], passes: int, serve_all: bool) -> dict[str, Any]:
    """Four windows, two series, three classes, open every day with a break at noon."""
    tables = good_tables()
    tables["categories"][1].pop("generated")
    tables["categories"][1]["services"] = [
        {"id": "levy", "name": "契税"},
        {"id": "refund", "name": "退税"},
    ]
    tables["windows"] = [
        {"number": n, "name": f"{n}号", "area": "main", "rules": RULES[i]}
        for n, i in zip(WINDOWS, (1, 0, 4, 3), strict=True)
    ]
    tables["priority_classes"] = [
        {"id": "ordinary", "name": "普通"},
        {"id": "green", "name": "绿色通道", "head": 10, "rate": 3},
        {"id": "elder", "name": "老年人", "head": 5, "rate": 1.5},
    ]
    tables["hours"] = {
        "sessions": [
            {"weekdays": list(range(1, 8)), "from": "08:30", "to": "12:00"},
            {"weekdays": list(range(1, 8)), "from": "13:30", "to": "17:30"},
        ],
        "serve_all_taken": serve_all,
    }
    tables["missed_call"] = {**policy, "max_passes": passes}
    return tables


@pytest.fixture(scope="module")
def empty_database() -> Iterator[Path]:
    """A folder with a database that has its tables and nothing else."""
    with fast_folder() as folder:
        SqlStore(folder).close()
        yield folder


class Queue(RuleBasedStateMachine):
    """The hall; the test sets an ``empty`` database and the ``policy`` for missed calls."""

    empty: Path
    policy: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self._place = fast_folder()
        self.folder = self._place.__enter__()
        self.rig: Rig | None = None

    @initialize(
        passes=st.integers(2, 3),
        serve_all=st.booleans(),
        opened=st.sets(some_window, min_size=2),
        seed=some_seed,
    )
    def open_hall(
        self,
        passes: int,
        serve_all: bool,
        opened: set[int],
        seed: int,
    ) -> None:
        tables = hall_tables(self.policy, passes, serve_all)
        self.rig = Rig(self.folder, tables, START, self.empty)
        self.model = Verbs(tables)
        self.last: tuple[Any, ...] = ()
        self.issued = 0
        self.chance = Random(seed)
        self.chain = (0, GENESIS, 0, "")
        for number in sorted(opened):
            self.do(number, "open", 0)
        self.arrive(10)

    def teardown(self) -> None:
        if self.rig is not None:
            self.rig.close()
        self._place.__exit__(None, None, None)

    def attempt(self, verb: str, case: Any, *arguments: Any, **more: Any) -> Answer:
        """Runs a command in the hall and in the model, which have to agree."""
        assert self.rig is not None
        moment = self.rig.moment()
        before = self.model.copy()
        self.model.begin(moment.at, moment.local)
        request_id = str(uuid4())
        told = [*arguments, *more.values()]
        if verb == "profile":
            arguments = (arguments[0], [ProfileRule.model_validate(r) for r in arguments[1]])
        answer = self.rig.run(verb, case, *arguments, request_id=request_id, **more)
        may = getattr(self.model, verb)(answer.json if answer.ok else None, *told)
        assert may is answer.ok, f"{verb}{told}: {answer.code or 'done'}, the rules say {may}"
        if answer.ok:
            self.last = (verb, case, arguments, request_id, more, answer.text)
        else:
            self.model = before
        return answer

    def somebody(self, index: int, *states: str) -> str:
        """The id of one of the day's tickets in these states, else of any, else of nobody."""
        found = self.model.today(*states) or list(self.model.visits.values())
        return found[index % len(found)].id if found else "nobody"

    @rule(people=st.integers(1, 8))
    def arrive(self, people: int) -> None:
        """People take numbers, one in three for more than one service."""
        for _ in range(people):
            service, cls = self.chance.choice(SERVICES), self.chance.choice(CLASSES)
            more = self.chance.choices(SERVICES, k=self.chance.choice([0, 0, 0, 0, 1, 2]))
            if self.attempt("issue", _issue, service, cls, more).ok:
                self.issued += 1

    @rule(turns=st.integers(4, 24))
    def work(self, turns: int) -> None:
        """Clerks do what their window and its ticket invite to."""
        for _ in range(turns):
            number, choice = self.chance.choice(WINDOWS), self.chance.randrange(60)
            visit = self.model.active(number)
            state = self.model.desks[number].state if visit is None else visit.state
            verbs = USUAL[state]
            self.do(number, verbs[choice % len(verbs)], choice)

    @rule(number=some_window, verb=st.sampled_from(sorted({v for u in USUAL.values() for v in u})))
    def misclick(self, number: int, verb: str) -> None:
        """A clerk does anything."""
        self.do(number, verb, 0)

    def life_goes_on(self) -> None:
        """Between all that happens people come and are served."""
        self.arrive(self.chance.randrange(4))
        self.work(8)

    def do(self, number: int, verb: str, choice: int) -> None:
        """A verb at a window; ``choice`` decides what it is about."""
        elsewhere = WINDOWS[choice % len(WINDOWS)]
        attempts: dict[str, Callable[[], Answer]] = {
            "open": lambda: self.attempt("open", window.open_window, number, CLERKS[choice == 59]),
            "pause": lambda: self.attempt("pause", window.pause_window, number, ""),
            "close": lambda: self.attempt("close", window.close_window, number),
            "next": lambda: self.attempt("call_next", call.call_next, number),
            "call": lambda: self.attempt(
                "call", call.call_ticket, number, self.somebody(choice, "waiting", "no_show")
            ),
            "recall": lambda: self.attempt("recall", call.recall, number),
            "start": lambda: self.attempt("start", serve.start, number),
            "finish": lambda: self.attempt("finish", serve.finish, number, "done", keep=False),
            "keep": lambda: self.attempt("finish", serve.finish, number, "done", keep=True),
            "lacks": lambda: self.attempt(
                "finish", serve.finish, number, "supplement", keep=choice % 7 == 0
            ),
            "no_show": lambda: self.attempt("no_show", serve.no_show, number),
            "park": lambda: self.attempt("park", serve.park, number),
            "resume": lambda: self.attempt(
                "resume", serve.resume, number, self.somebody(choice, "parked")
            ),
            "requeue": lambda: self.attempt(
                "requeue", serve.requeue, number, self.somebody(choice, "no_show", "done")
            ),
            "service": lambda: self.attempt(
                "transfer", serve.transfer, number, SERVICES[choice % len(SERVICES)], None
            ),
            "window": lambda: self.attempt("transfer", serve.transfer, number, None, elsewhere),
            "nowhere": lambda: self.attempt("transfer", serve.transfer, number, None, None),
            "cancel": lambda: self.attempt("cancel", cancel, self.somebody(choice, "waiting")),
        }
        attempts[verb]()

    @rule(number=some_window, rules=st.sampled_from(RULES))
    def mapping(self, number: int, rules: list[dict[str, Any]]) -> None:
        self.attempt("profile", window.set_profile, number, rules)
        self.life_goes_on()

    @rule(minutes=st.sampled_from([0.01, 0.5, 1, 2, 3, 7, 20, 21]))
    def later(self, minutes: float) -> None:
        assert self.rig is not None
        self.rig.later(minutes=minutes)
        self.life_goes_on()

    @rule(where=st.sampled_from(["back", "edge", "edge", "morning", "morning"]), far=some_seed)
    def jump(self, where: str, far: int) -> None:
        """The clock is set back, or a while passes: to an edge of the day, to the next morning."""
        assert self.rig is not None
        now = self.rig.moment().local
        if where == "back":
            self.rig.later(minutes=-(1, 15, 600)[far % 3])
            return
        edge = "09:00" if where == "morning" else EDGES[far % len(EDGES)]
        there = now.replace(hour=int(edge[:2]), minute=int(edge[3:]), second=0, microsecond=0)
        if where == "morning":
            there += timedelta(days=1)
        if there <= now:
            return
        self.rig.clock.set(there)
        if where == "morning":
            for number in WINDOWS:
                self.do(number, "open", 0)
        self.life_goes_on()

    @precondition(lambda self: self.last)
    @rule()
    def repeat(self) -> None:
        """The last command again, as a client does that got no answer."""
        assert self.rig is not None
        verb, case, arguments, request_id, more, text = self.last
        before = self.rig.rows("SELECT * FROM journal")
        again = self.rig.run(verb, case, *arguments, request_id=request_id, **more)
        assert again.text == text
        assert self.rig.rows("SELECT * FROM journal") == before

    @rule()
    def restart(self) -> None:
        assert self.rig is not None
        self.rig.restart()
        self.life_goes_on()

    @rule()
    def look(self) -> None:
        """Somebody looks: what time has changed is written down."""
        assert self.rig is not None
        moment = self.rig.commands.today()
        self.model.begin(moment.at, moment.local)

    @invariant()
    def every_ticket_is_where_the_rules_put_it(self) -> None:
        if self.rig is None:
            return
        rows = self.rig.rows("SELECT * FROM ticket")
        found = {row["id"]: row for row in rows}
        assert found.keys() == self.model.visits.keys()
        assert len(rows) == self.issued
        for visit in self.model.visits.values():
            row = found[visit.id]
            seen = (row["state"], row["service_id"], row["later"], row["base"], row["passes"])
            assert seen == (
                visit.state,
                visit.service,
                ",".join(visit.later),
                visit.base,
                visit.passes,
            )
            assert (row["outcome"] == "supplement") is visit.lacking
            if visit.state in ACTIVE:
                assert row["window"] == visit.window
            if visit.state == "waiting":
                assert (row["held_until"], row["target"]) == (visit.held, visit.target)

    @invariant()
    def nobody_is_at_two_windows_and_no_window_has_two(self) -> None:
        if self.rig is None:
            return
        active = self.rig.rows("SELECT id, window FROM ticket WHERE state IN ('called', 'serving')")
        assert all(row["window"] in WINDOWS for row in active)
        assert len({row["window"] for row in active}) == len(active)
        assert len({row["id"] for row in active}) == len(active)

    @invariant()
    def numbers_have_no_gap_and_no_double(self) -> None:
        if self.rig is None:
            return
        taken: dict[tuple[str, str], list[int]] = {}
        for row in self.rig.rows("SELECT day, series, sequence FROM ticket ORDER BY sequence"):
            taken.setdefault((row["day"], row["series"]), []).append(row["sequence"])
        for numbers in taken.values():
            assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def the_journal_is_one_chain_and_its_time_never_turns(self) -> None:
        if self.rig is None:
            return
        seq, previous, at, day = self.chain
        with closing(sqlite3.connect(self.rig.path)) as connection:
            rows = connection.execute(
                "SELECT seq, at, day, type, actor, body, hash FROM journal WHERE seq > ?"
                " ORDER BY seq",
                (seq,),
            )
            for row in rows:
                assert row[0] == seq + 1
                assert row[1] >= at
                assert row[2] >= day
                assert row[6] == entry_hash(previous, row[0], row[1], row[3], row[4], row[5])
                seq, at, day, previous = row[0], row[1], row[2], row[6]
        self.chain = (seq, previous, at, day)


def _issue(tx: Any, context: Any, service: str, cls: str, more: list[str]) -> Any:
    return issue(tx, context, service, cls, "kiosk", more)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p["policy"])
def test_the_queue_never_lies(empty_database: Path, policy: dict[str, Any]) -> None:
    Queue.empty, Queue.policy = empty_database, policy
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
