"""Who works here: log-in, sessions, staff."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from hall_server.domain.errors import Conflict, Invalid, TooMany, Unknown
from hall_server.domain.instant import MINUTE, Instant, to_instant
from hall_server.service.credentials import PinHasher, check_pin, new_token, token_hash
from hall_server.service.ports import Reader, SessionRecord, StaffRecord, Store, Transaction
from hall_server.service.recent import Recent
from hallkit.runtime.clock import Clock

ROLES = ("clerk", "guide", "manager")
MOST_FAILURES = 5
LOCKED_FOR: Instant = 10 * MINUTE
# A working day with its extended hours; nobody stays logged in overnight.
SESSION_LASTS: Instant = 12 * 60 * MINUTE
_LONGEST_NO, _LONGEST_NAME = 40, 60
_MOST_STRANGERS = 256


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in; ``window`` is where they sit, None when at no window."""

    staff_no: str
    name: str
    role: str
    window: int | None
    csrf_token: str


@dataclass(frozen=True)
class _Login:
    person: Person
    expires: Instant


@dataclass(frozen=True)
class _Tries:
    failures: int = 0
    locked_until: Instant = 0

    def after_failure(self, now: Instant) -> "_Tries":
        failures = self.failures + 1
        if failures < MOST_FAILURES:
            return _Tries(failures, 0)
        return _Tries(0, now + LOCKED_FOR)


class People:
    """Log-ins, and the staff who may log in; thread-safe. Log-ins survive a restart."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._hasher = PinHasher()
        self._sessions: Recent[_Login] = Recent()
        self._strangers = _Strangers()

    def _now(self) -> Instant:
        return to_instant(self._clock.now())

    def log_in(self, staff_no: str, pin: str, window: int | None = None) -> tuple[str, Person]:
        """Logs in; returns the cookie's token and the person.

        Raises Unknown ``wrong_pin``, TooMany ``staff_locked`` (five wrong pins lock a number for
        ten minutes, one that nobody has as well) or ``login_busy``.
        """
        record = self._store.read(lambda tx: tx.staff(staff_no))
        self._refuse_locked(self._tries(staff_no, record), self._now())
        usable = record is not None and not record.disabled
        right = self._hasher.verify(record.pin_hash if record and usable else None, pin)
        token, csrf_token = new_token(), new_token()
        now = self._now()

        def work(tx: Transaction) -> Person | None:
            # The pin was checked outside: what counts is whether it is still the pin.
            current = tx.staff(staff_no)
            self._refuse_locked(self._tries(staff_no, current), now)
            if not right or current is None or current.pin_hash != _hash_of(record):
                self._note_failure(tx, staff_no, current, now)
                return None
            tx.save_staff(replace(current, failures=0, locked_until=0))
            tx.drop_sessions_before(now)
            expires = now + SESSION_LASTS
            tx.add_session(SessionRecord(token_hash(token), staff_no, window, csrf_token, expires))
            return Person(staff_no, current.name, current.role, window, csrf_token)

        person = self._store.write(work)
        if person is None:
            raise Unknown("wrong_pin", "工号或密码不正确", "the staff number or the pin is wrong")
        return token, person

    def log_out(self, cookie: str) -> None:
        """Ends the session; harmless when there is none."""
        hashed = token_hash(cookie)
        self._store.write(lambda tx: tx.drop_session(hashed))
        self._sessions.clear()

    def who(self, cookie: str) -> Person | None:
        """The person whose session this is; None when it is unknown or over."""
        hashed = token_hash(cookie)
        login = self._sessions.get(
            hashed, lambda: self._store.read(lambda tx: self._login(tx, hashed))
        )
        if login is None or login.expires <= self._now():
            return None
        return login.person

    def add_staff(
        self,
        staff_no: str,
        name: str,
        role: str,
        pin: str,
        *,
        demo: bool = False,
        replace_existing: bool = False,
    ) -> None:
        """Adds a member of staff. ``demo`` allows easy pins; ``replace_existing`` gives a number
        that exists this name, role and pin, unlocks it and ends its sessions.

        Raises Invalid (``bad_staff_no``, ``bad_name``, ``bad_role``, ``bad_pin``, ``weak_pin``),
        Conflict ``staff_exists``.
        """
        _check_staff(staff_no, name, role)
        check_pin(pin, demo=demo)
        record = StaffRecord(staff_no, name, role, self._hasher.hash(pin), 0, 0, disabled=False)

        def work(tx: Transaction) -> None:
            if tx.staff(staff_no) is not None:
                if not replace_existing:
                    raise Conflict(
                        "staff_exists",
                        f"工号 {staff_no} 已存在",
                        f"there is a staff number {staff_no} already",
                    )
                tx.drop_sessions_of(staff_no)
            tx.save_staff(record)

        self._store.write(work)
        self._sessions.clear()

    def keep_staff(self, staff_no: str, name: str, role: str, pin: str) -> None:
        """A member of staff of a demonstration, easy pin and all; one who has this name, role and
        pin already stays logged in. Raises Invalid."""
        record = self._store.read(lambda tx: tx.staff(staff_no))
        kept = record and not record.disabled and (record.name, record.role) == (name, role)
        if not (record and kept and self._hasher.verify(record.pin_hash, pin)):
            self.add_staff(staff_no, name, role, pin, demo=True, replace_existing=True)

    def _login(self, tx: Reader, hashed: str) -> _Login | None:
        session = tx.session(hashed)
        staff = tx.staff(session.staff_no) if session is not None else None
        if session is None or staff is None or staff.disabled:
            return None
        person = Person(staff.staff_no, staff.name, staff.role, session.window, session.csrf_token)
        return _Login(person, session.expires)

    def _tries(self, staff_no: str, record: StaffRecord | None) -> _Tries:
        if record is None:
            return self._strangers.get(staff_no)
        return _Tries(record.failures, record.locked_until)

    def _refuse_locked(self, tries: _Tries, now: Instant) -> None:
        # A clock that was set back must not lock a number for longer than it should be.
        if now < tries.locked_until <= now + LOCKED_FOR:
            raise TooMany(
                "staff_locked",
                "密码多次输错，该工号已锁定 10 分钟",
                "too many wrong pins: this number is locked for 10 minutes",
                retry_after_s=(tries.locked_until - now) // 1000,
            )

    def _note_failure(
        self, tx: Transaction, staff_no: str, record: StaffRecord | None, now: Instant
    ) -> None:
        tries = self._tries(staff_no, record).after_failure(now)
        if record is not None:
            tx.save_staff(replace(record, failures=tries.failures, locked_until=tries.locked_until))
        else:
            self._strangers.put(staff_no, tries)
            # A write as for a real number, so that the time taken does not tell them apart.
            tx.set_meta("stranger_at", str(now))


class _Strangers:
    """Wrong log-ins with numbers that nobody has: they lock like real ones, in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def get(self, staff_no: str) -> _Tries:
        with self._lock:
            return self._tries.get(staff_no, _Tries())

    def put(self, staff_no: str, tries: _Tries) -> None:
        with self._lock:
            self._tries[staff_no] = tries
            self._tries.move_to_end(staff_no)
            if len(self._tries) > _MOST_STRANGERS:
                self._tries.popitem(last=False)


def _hash_of(record: StaffRecord | None) -> str:
    return record.pin_hash if record is not None else ""


def _check_staff(staff_no: str, name: str, role: str) -> None:
    if not 0 < len(staff_no) <= _LONGEST_NO or not (staff_no.isascii() and staff_no.isalnum()):
        raise Invalid(
            "bad_staff_no",
            f"工号应为 1 至 {_LONGEST_NO} 位字母或数字",
            f"the staff number should be 1 to {_LONGEST_NO} letters or digits",
        )
    if not 0 < len(name) <= _LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise Invalid(
            "bad_name",
            f"姓名应为 1 至 {_LONGEST_NAME} 个字符的一行文字",
            f"the name should be one line of 1 to {_LONGEST_NAME} characters",
        )
    if role not in ROLES:
        raise Invalid(
            "bad_role",
            f"角色只能是 {'、'.join(ROLES)}",
            f"the role should be one of {', '.join(ROLES)}",
        )
