"""Log-in: pins, locks, sessions, on a real database."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hall_server.domain.errors import Conflict, Invalid, TooMany, Unknown
from hall_server.service.people import People
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import ManualClock
from tests.fakes.store_rows import store_in
from tests.support.database import Database

pytestmark = pytest.mark.usefixtures("database")

PIN = "482913"
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with store_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def people(store: SqlStore, clock: ManualClock) -> People:
    made = People(store, clock)
    made.add_staff("1001", "李四", "clerk", PIN)
    return made


def _fail(people: People, staff_no: str = "1001", times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Unknown) as refused:
            people.log_in(staff_no, "999999")
        assert refused.value.code == "wrong_pin"


def test_a_log_in_says_who_and_where(people: People) -> None:
    cookie, person = people.log_in("1001", PIN, 3)
    assert (person.staff_no, person.name, person.role, person.window) == (
        "1001",
        "李四",
        "clerk",
        3,
    )
    assert people.who(cookie) == person
    assert len(cookie) >= 43 and len(person.csrf_token) >= 43 and cookie != person.csrf_token


def test_a_made_up_cookie_is_nobody(people: People) -> None:
    assert people.who("") is None
    assert people.who("x" * 10_000) is None


def test_log_out_ends_only_this_session(people: People) -> None:
    first, _ = people.log_in("1001", PIN)
    second, _ = people.log_in("1001", PIN)
    people.log_out(first)
    people.log_out("never was")
    assert people.who(first) is None
    assert people.who(second) is not None


def test_a_session_survives_a_restart_and_ends_after_twelve_hours(
    people: People, store: SqlStore, clock: ManualClock
) -> None:
    cookie, person = people.log_in("1001", PIN, 2)
    clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert People(store, clock).who(cookie) == person
    assert people.who(cookie) == person
    clock.advance(timedelta(seconds=1))
    assert people.who(cookie) is None
    assert People(store, clock).who(cookie) is None


def test_only_hashes_are_stored(people: People, store: SqlStore, database: Database) -> None:
    cookie, person = people.log_in("1001", PIN)
    record = store.read(lambda tx: tx.staff("1001"))
    assert record is not None and record.pin_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    stored = database.stored()
    assert cookie.encode() not in stored and PIN.encode() not in stored
    assert person.csrf_token.encode() in stored  # a form field, worthless without the cookie


@pytest.mark.parametrize("staff_no", ["1001", "nobody"])
def test_five_wrong_pins_lock_a_number_whether_anybody_has_it_or_not(
    people: People, clock: ManualClock, staff_no: str
) -> None:
    _fail(people, staff_no, times=5)
    for pin in ("999999", PIN):
        with pytest.raises(TooMany) as refused:
            people.log_in(staff_no, pin)
        assert refused.value.code == "staff_locked"
    clock.advance(timedelta(minutes=10))
    _fail(people, staff_no, times=4)


def test_the_lock_is_kept_over_a_restart(
    people: People, store: SqlStore, clock: ManualClock
) -> None:
    _fail(people, times=5)
    with pytest.raises(TooMany):
        People(store, clock).log_in("1001", PIN)
    clock.advance(timedelta(minutes=10))
    assert People(store, clock).log_in("1001", PIN)


def test_a_right_pin_starts_the_count_again(people: People) -> None:
    _fail(people, times=4)
    people.log_in("1001", PIN)
    _fail(people, times=4)
    people.log_in("1001", PIN)


def test_a_lock_does_not_end_those_who_are_logged_in(people: People) -> None:
    cookie, _ = people.log_in("1001", PIN)
    _fail(people, times=5)
    assert people.who(cookie) is not None


def test_a_clock_set_back_does_not_lock_for_longer(people: People, clock: ManualClock) -> None:
    _fail(people, times=5)
    clock.advance(-timedelta(days=30))
    assert people.log_in("1001", PIN)


def test_pins_tried_at_the_same_time_are_all_counted(people: People) -> None:
    outcomes: list[str] = []

    def try_one() -> None:
        try:
            people.log_in("1001", "999999")
        except (Unknown, TooMany) as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=try_one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 16 and outcomes.count("wrong_pin") <= 5
    _fail_until_locked(people)


def _fail_until_locked(people: People) -> None:
    for _ in range(6):
        try:
            people.log_in("1001", "999999")
        except Unknown:
            continue
        except TooMany as refused:
            assert refused.code == "staff_locked"
            return
    raise AssertionError("never locked")


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "987654", "024680", "121212", "123123", "111222"]
)
def test_pins_that_anybody_guesses_are_refused_but_not_in_the_demo(
    people: People, pin: str
) -> None:
    with pytest.raises(Invalid) as refused:
        people.add_staff("1002", "王五", "clerk", pin)
    assert refused.value.code == "weak_pin"
    people.add_staff("1002", "王五", "clerk", pin, demo=True)
    assert people.log_in("1002", pin)


@pytest.mark.parametrize(
    "pin", ["", "48291", "4829134829134", "48291a", "４８２９１３", "-48291", "4829 1"]
)
def test_a_pin_is_six_to_twelve_digits(people: People, pin: str) -> None:
    for demo in (False, True):
        with pytest.raises(Invalid) as refused:
            people.add_staff("1002", "王五", "clerk", pin, demo=demo)
        assert refused.value.code == "bad_pin"


@pytest.mark.parametrize(
    ("staff_no", "name", "role", "code"),
    [
        ("", "王五", "clerk", "bad_staff_no"),
        ("10 02", "王五", "clerk", "bad_staff_no"),
        ("1" * 41, "王五", "clerk", "bad_staff_no"),
        ("工号", "王五", "clerk", "bad_staff_no"),
        ("1002", "", "clerk", "bad_name"),
        ("1002", " 王五", "clerk", "bad_name"),
        ("1002", "王\n五", "clerk", "bad_name"),
        ("1002", "王" * 61, "clerk", "bad_name"),
        ("1002", "王五", "boss", "bad_role"),
    ],
)
def test_staff_who_cannot_be(
    people: People, staff_no: str, name: str, role: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        people.add_staff(staff_no, name, role, PIN)
    assert refused.value.code == code


def test_a_number_that_exists_is_not_overwritten_by_mistake(people: People) -> None:
    cookie, _ = people.log_in("1001", PIN)
    with pytest.raises(Conflict) as refused:
        people.add_staff("1001", "王五", "manager", "593024")
    assert refused.value.code == "staff_exists"
    assert people.who(cookie) is not None


def test_a_replaced_pin_unlocks_and_ends_the_sessions(people: People) -> None:
    cookie, _ = people.log_in("1001", PIN)
    _fail(people, times=5)
    people.add_staff("1001", "李四", "manager", "593024", replace_existing=True)
    assert people.who(cookie) is None
    _fail_once_with_old_pin(people)
    assert people.log_in("1001", "593024")[1].role == "manager"


def _fail_once_with_old_pin(people: People) -> None:
    with pytest.raises(Unknown):
        people.log_in("1001", PIN)


def test_pins_and_tokens_are_not_logged(people: People, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        cookie, person = people.log_in("1001", PIN)
        _fail(people)
        people.log_out(cookie)
    assert not any(secret in caplog.text for secret in (PIN, "999999", cookie, person.csrf_token))
