"""Who may be called, and in which order: the database says what the rules in Python say."""

import random
from collections import Counter
from pathlib import Path

import pytest

from hall_server.domain.instant import MINUTE
from hall_server.domain.points import PriorityClass, points
from hall_server.domain.profile import EVERYTHING, NOTHING, Part, Taken
from hall_server.domain.ticket import Ticket
from tests.fakes.store_rows import AT, store_in, ticket_row

pytestmark = pytest.mark.usefixtures("database")

CLASSES = {
    "ordinary": PriorityClass("ordinary", "普通", "", 0, 1, "", on_kiosk=False),
    "green": PriorityClass("green", "绿色通道", "", 10, 3, "", on_kiosk=True),
    "appointment": PriorityClass("appointment", "预约", "", 10, 2, "", on_kiosk=False),
}
SERVICES = ("a", "b", "c", "d")
NOW = AT + 60 * MINUTE
_FIRST = frozenset({1})


def _class(ticket: Ticket) -> PriorityClass:
    """A class that the hall no longer has counts as ordinary."""
    return CLASSES.get(ticket.priority, CLASSES["ordinary"])


def _part(rng: random.Random) -> Part:
    services = frozenset(rng.sample(SERVICES, rng.randint(1, 3))) if rng.random() < 0.7 else None
    classes = frozenset(rng.sample(list(CLASSES), rng.randint(1, 2)))
    return Part(services, classes if rng.random() < 0.5 else None)


def _ticket(rng: random.Random, day: str, sequence: int) -> Ticket:
    issued = AT + rng.randint(0, 12) * 5 * MINUTE
    return ticket_row(
        sequence,
        id=f"{day}-{rng.random()}",
        token=f"{day}-{rng.random()}",
        day=day,
        service_id=rng.choice(SERVICES),
        priority=rng.choice([*CLASSES, "gone"]),
        base=issued + rng.choice([0, 0, 20 * MINUTE]),
        issued=issued,
        held_until=rng.choice([0, 0, 0, 2]),
        target=rng.choice([None, None, None, 1, 2]),
    )


def _place(ticket: Ticket) -> tuple[int, float, int, int, str]:
    score = points(ticket.base, _class(ticket), NOW)
    return int(ticket.held_until > 0), -score, ticket.base, ticket.issued, ticket.id


def _may_call(ticket: Ticket, window: int, taken: Taken) -> bool:
    if ticket.target is not None:
        return ticket.target == window
    return taken.takes(ticket.service_id, _class(ticket).id)


def test_nobody_is_called_before_somebody_with_more_points(tmp_path: Path) -> None:
    rng = random.Random(20261123)
    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.save_priorities(CLASSES.values()))
        for number in range(40):
            day = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
            tickets = [_ticket(rng, day, n) for n in range(1, 25)]
            parts = [_part(rng) for _ in range(rng.randint(0, 3))]
            taken = rng.choice([Taken.of(parts), Taken.of(parts), EVERYTHING, NOTHING])
            store.write(lambda tx, rows=tickets: [tx.add_ticket(t) for t in rows])
            found = store.read(lambda tx, d=day, t=taken: tx.best_waiting(d, 1, t, NOW, 99))
            wanted = sorted((t for t in tickets if _may_call(t, 1, taken)), key=_place)
            assert [t.id for t, _ in found] == [t.id for t in wanted]
            assert [score for _, score in found] == pytest.approx([-_place(t)[1] for t in wanted])


def test_the_people_before_a_ticket_are_those_called_before_it(tmp_path: Path) -> None:
    rng = random.Random(7)
    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.save_priorities(CLASSES.values()))
        for number in range(20):
            day = f"2026-03-{1 + number:02}"
            tickets = [_ticket(rng, day, n) for n in range(1, 25)]
            taken = Taken.of(_part(rng) for _ in range(rng.randint(0, 3)))
            store.write(lambda tx, rows=tickets: [tx.add_ticket(t) for t in rows])
            mine = tickets[0]
            before = store.read(lambda tx, m=mine, t=taken: tx.waiting_before(m, t, _FIRST, NOW))
            wanted = Counter(
                t.service_id for t in tickets if _place(t) < _place(mine) and _may_call(t, 1, taken)
            )
            assert before == dict(wanted)
