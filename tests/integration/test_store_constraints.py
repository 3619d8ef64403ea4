"""The rules that the database keeps even if the code forgets them."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from hall_server.domain.points import PriorityClass, points
from hall_server.domain.profile import EVERYTHING
from hall_server.service.ports import DeviceRecord, StaffRecord
from hall_server.store.store import SqlStore
from tests.fakes.store_rows import DAY, store_in, ticket_row
from tests.support.database import Database, behind_its_back

pytestmark = pytest.mark.usefixtures("database")


def _add(store: SqlStore, *tickets: object) -> None:
    for one in tickets:
        store.write(lambda tx, one=one: tx.add_ticket(one))


def test_a_number_is_given_once_a_day(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        _add(store, ticket_row(12))
        with pytest.raises(IntegrityError):
            _add(store, ticket_row(12, id="another", token="another"))
        _add(store, ticket_row(12, day="2026-11-24", token="x"))
        _add(store, ticket_row(12, series="B"))
        assert [t.id for t in store.read(lambda tx: tx.tickets_by_number(DAY, "A", 12))] == [
            f"t-{DAY}-A-12"
        ]


def test_a_position_page_belongs_to_one_ticket(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        _add(store, ticket_row(1, token="same"))
        with pytest.raises(IntegrityError):
            _add(store, ticket_row(2, token="same"))


@pytest.mark.parametrize(("first", "second"), [("called", "called"), ("serving", "called")])
def test_a_window_has_one_active_ticket(tmp_path: Path, first: str, second: str) -> None:
    with store_in(tmp_path) as store:
        _add(store, ticket_row(1, state=first, window=3), ticket_row(2))
        with pytest.raises(IntegrityError):
            _add(store, ticket_row(3, state=second, window=3))
        waiting = store.read(lambda tx: tx.ticket(f"t-{DAY}-A-2"))
        assert waiting is not None
        with pytest.raises(IntegrityError):
            store.write(lambda tx: tx.save_ticket(waiting.call(3, 5)))
        store.write(lambda tx: tx.save_ticket(waiting.call(4, 5)))
        active = store.read(lambda tx: tx.active_at(3))
        assert active is not None and active.sequence == 1


def test_many_finished_tickets_may_have_been_at_one_window(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        for number, state in enumerate(["done", "done", "no_show", "parked", "serving"]):
            _add(store, ticket_row(number, state=state, window=3))
        assert len(store.read(lambda tx: tx.tickets_in(DAY, ["done", "serving"], 9))) == 3


def test_an_active_ticket_is_at_a_window_and_states_are_known(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        with pytest.raises(IntegrityError):
            _add(store, ticket_row(1, state="called"))
        with pytest.raises(IntegrityError):
            _add(store, ticket_row(1, state="lost"))
        with pytest.raises(IntegrityError):
            store.write(lambda tx: tx.save_staff(StaffRecord("1", "n", "boss", "", 0, 0, False)))
        with pytest.raises(IntegrityError):
            store.write(
                lambda tx: tx.save_device(DeviceRecord("1", "kiosk", "n", "odd", "", "", None))
            )


def test_sequences_are_taken_by_series_and_day(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        taken = store.write(
            lambda tx: [
                tx.take_sequence(day, series)
                for day, series in ((DAY, "A"), (DAY, "A"), (DAY, "B"), ("2026-11-24", "A"))
            ]
        )
        assert taken == [1, 2, 1, 1]


def test_past_the_999th_number_the_sequence_goes_on(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        taken = store.write(lambda tx: [tx.take_sequence(DAY, "A") for _ in range(1001)])
        assert taken[-1] == 1001
        assert ticket_row(1001).number == "A1001"


def test_the_order_of_calling_in_the_database_is_the_points_rule(tmp_path: Path) -> None:
    classes = {
        "ordinary": PriorityClass("ordinary", "普通", "", 0, 1, "", False),
        "green": PriorityClass("green", "绿色通道", "", 10, 3, "绿色通道", True),
    }
    minute = 60_000
    now = 100 * minute
    rows = [
        ticket_row(n, priority=p, base=b * minute, issued=b * minute)
        for n, p, b in (
            (1, "ordinary", 60),
            (2, "green", 95),
            (3, "ordinary", 70),
            (4, "green", 99),
        )
    ]
    rows.append(ticket_row(5, base=120 * minute))  # an appointment whose time has not come
    rows.append(ticket_row(6, priority="gone", base=50 * minute))
    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.save_priorities(classes.values()))
        _add(store, *rows)
        found = store.read(lambda tx: tx.best_waiting(DAY, None, EVERYTHING, now, 9))
    wanted = sorted(
        rows,
        key=lambda t: -points(t.base, classes.get(t.priority, classes["ordinary"]), now),
    )
    assert [t.sequence for t, _ in found] == [t.sequence for t in wanted]
    assert [p for _, p in found] == pytest.approx(
        [points(t.base, classes.get(t.priority, classes["ordinary"]), now) for t in wanted]
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ticket SET sequence = 1 WHERE sequence = 2",
        "UPDATE ticket SET state = 'called', \"window\" = 3 WHERE sequence = 2",
        'UPDATE ticket SET "window" = 3 WHERE sequence = 4',
        'UPDATE ticket SET "window" = NULL WHERE sequence = 4',
        "UPDATE ticket SET state = 'serving', \"window\" = NULL WHERE sequence = 2",
    ],
)
def test_no_program_can_break_the_rules_behind_the_code(
    tmp_path: Path, database: Database, change: str
) -> None:
    """A number twice, a window with two tickets, an active ticket without its one window."""
    rows = [ticket_row(n) for n in (1, 2)]
    rows += [ticket_row(n, state="serving", window=n) for n in (3, 4)]
    with store_in(tmp_path) as store:
        _add(store, *rows)
    with pytest.raises(IntegrityError):
        behind_its_back(database, change)
