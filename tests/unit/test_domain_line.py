"""The line against the rule in so many words: sort everybody by points, every time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.line import Group, Line, MayCall
from hall_server.domain.points import PriorityClass, points
from hall_server.domain.ticket import Ticket

CLASSES = {
    "ordinary": PriorityClass("ordinary", "", "", 0, 1, "", on_kiosk=False),
    "green": PriorityClass("green", "", "", 10, 3, "", on_kiosk=False),
    "appointment": PriorityClass("appointment", "", "", 10, 2, "", on_kiosk=False),
}
NOW = 1_000 * MINUTE


def _ticket(number: int, service: str, priority: str, base: Instant, target: int | None) -> Ticket:
    return Ticket(
        id=f"{number:04d}",
        day="2026-11-23",
        series="A",
        sequence=number,
        service_id=service,
        priority=priority,
        state="waiting",
        channel="kiosk",
        token=str(number),
        base=base,
        issued=base,
        target=target,
    )


_one = st.tuples(
    st.sampled_from(["s1", "s2", "s3"]),
    st.sampled_from(sorted(CLASSES)),
    # Whole minutes, so that ties happen; some are booked for later.
    st.integers(-60, 20).map(lambda m: NOW + m * MINUTE),
    st.sampled_from([None, None, None, 1, 2]),
    st.sampled_from([0, 0, 0, 2]),
)
_everybody = st.lists(_one, max_size=40).map(
    lambda rows: [
        replace(_ticket(i, *row[:4]), held_until=row[4]) for i, row in enumerate(rows, start=1)
    ]
)
_taken = st.sets(st.sampled_from(["s1", "s2", "s3"]))


def _rule(ticket: Ticket, now: Instant) -> tuple[bool, float, Instant, Instant, str]:
    mine = points(ticket.base, CLASSES[ticket.priority], now)
    return ticket.held_until > 0, -mine, ticket.base, ticket.issued, ticket.id


def _may(ticket: Ticket, taken: set[str]) -> bool:
    return ticket.service_id in taken if ticket.target is None else ticket.target == 1


def _group_may(taken: set[str]) -> MayCall:
    def judge(group: Group) -> bool:
        service, _, target = group
        return service in taken if target is None else target == 1

    return MayCall(judge)


@given(_everybody, _taken, st.integers(0, 200))
def test_the_first_of_the_line_have_the_most_points(
    everybody: list[Ticket], taken: set[str], later: int
) -> None:
    now = NOW + later * MINUTE
    wanted = sorted((t for t in everybody if _may(t, taken)), key=lambda t: _rule(t, now))
    found = Line(everybody).best(_group_may(taken), CLASSES.__getitem__, now, 3)
    assert [t.id for t, _ in found] == [t.id for t in wanted[:3]]
    assert [p for _, p in found] == [-_rule(t, now)[1] for t in wanted[:3]]


@given(_everybody, _taken, st.integers(0, 200))
def test_who_comes_before_a_ticket(everybody: list[Ticket], taken: set[str], later: int) -> None:
    now, line = NOW + later * MINUTE, Line(everybody)
    for ticket in everybody:
        wanted: dict[str, int] = {}
        for other in everybody:
            if _may(other, taken) and _rule(other, now) < _rule(ticket, now):
                wanted[other.service_id] = wanted.get(other.service_id, 0) + 1
        found = line.before(ticket, _group_may(taken), CLASSES.__getitem__, now)
        assert dict(found) == wanted


@given(_everybody, st.data())
def test_who_leaves_is_gone_and_nobody_else(everybody: list[Ticket], data: st.DataObject) -> None:
    line = Line(everybody)
    gone = data.draw(st.sets(st.sampled_from(everybody))) if everybody else set()
    for ticket in gone:
        line.remove(ticket)
    left = [t for t in everybody if t not in gone]
    assert len(line) == len(left)
    everyone = line.best(MayCall(lambda _group: True), CLASSES.__getitem__, NOW, len(everybody) + 1)
    wanted = sorted(left, key=lambda t: _rule(t, NOW))
    assert [t.id for t, _ in everyone] == [t.id for t in wanted]
