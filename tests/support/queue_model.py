"""A hall once more, written from ``queue.md`` alone and as plainly as possible: what its file says
and what time does to it. ``queue_verbs`` adds the commands."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Self

from tests.support.queue_bound import Earns

OPEN = ("waiting", "called", "serving", "no_show", "parked")
_NEVER = datetime.min.replace(tzinfo=UTC)
ACTIVE = ("called", "serving")
MINUTE = 60_000


@dataclass
class Visit:
    """A ticket."""

    id: str
    day: str
    series: str
    sequence: int
    order: int
    service: str
    later: list[str]
    cls: str
    base: int
    state: str = "waiting"
    window: int | None = None
    target: int | None = None
    held: int = 0
    passes: int = 0
    missed_at: int = 0
    lacking: bool = False


@dataclass
class Desk:
    """A window."""

    rules: list[dict[str, Any]]
    state: str = "closed"
    clerk: str | None = None


@dataclass
class Model:
    """A hall as its file ``tables`` says."""

    tables: dict[str, Any]
    desks: dict[int, Desk] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    day: str = ""
    sent_home: bool = False
    now: int = 0
    local: datetime = _NEVER

    def __post_init__(self) -> None:
        for window in self.tables["windows"]:
            self.desks.setdefault(window["number"], Desk(window["rules"]))

    def copy(self) -> Self:
        """The same, to go back to when a command is refused."""
        desks = {n: Desk(d.rules, d.state, d.clerk) for n, d in self.desks.items()}
        visits = {k: Visit(**{**vars(v), "later": list(v.later)}) for k, v in self.visits.items()}
        return type(self)(
            self.tables,
            desks,
            visits,
            dict(self.sequences),
            self.day,
            self.sent_home,
            self.now,
            self.local,
        )

    # What the file says

    @property
    def missed(self) -> dict[str, Any]:
        """The policy for missed calls."""
        found: dict[str, Any] = self.tables["missed_call"]
        return found

    def category(self, service: str) -> dict[str, Any]:
        """The category of a service."""
        for category in self.tables["categories"]:
            if any(s["id"] == service for s in category["services"]):
                found: dict[str, Any] = category
                return found
        raise AssertionError(service)

    def earns(self, cls: str) -> Earns:
        """What waiting earns a class."""
        for entry in self.tables["priority_classes"]:
            if entry["id"] == cls:
                return Earns(entry.get("head", 0), entry.get("rate", 1))
        raise AssertionError(cls)

    def points(self, visit: Visit) -> Fraction:
        """Points now."""
        waited = Fraction(self.now - visit.base, MINUTE)
        earns = self.earns(visit.cls)
        return Fraction(earns.head) + Fraction(earns.rate) * waited if waited >= 0 else waited

    def _clock(self) -> str:
        return f"{self.local:%H:%M:%S.%f}"

    def gives_numbers(self) -> bool:
        """Whether the hall gives numbers now."""
        return any(
            self.local.isoweekday() in s["weekdays"] and s["from"] <= self._clock() < s["to"]
            for s in self.tables["hours"]["sessions"]
        )

    def _holds(self, rule: dict[str, Any]) -> bool:
        if "weekdays" in rule and self.local.isoweekday() not in rule["weekdays"]:
            return False
        return bool(rule.get("from", "00:00") <= self._clock() < rule.get("to", "24:00"))

    def takes(self, number: int, visit: Visit) -> bool:
        """Whether the window may call this ticket now."""
        if visit.target is not None:
            return visit.target == number
        names = (visit.service, f"category:{self.category(visit.service)['id']}")
        return any(
            self._holds(rule)
            and (rule["services"] == "*" or any(n in rule["services"] for n in names))
            and visit.cls in rule.get("classes", [visit.cls])
            for rule in self.desks[number].rules
        )

    # Time

    def begin(self, now: int, local: datetime) -> None:
        """What time alone changes: a new day, the close, a kept number's end."""
        self.now, self.local = now, local
        day = local.date().isoformat()
        if day != self.day:
            for visit in self.visits.values():
                if visit.state in OPEN:
                    visit.state = "void"
            for desk in self.desks.values():
                desk.state, desk.clerk = "closed", None
            self.day, self.sent_home = day, False
        hours = self.tables["hours"]
        last = max(s["to"] for s in hours["sessions"])
        if not hours["serve_all_taken"] and not self.sent_home and self._clock() >= last:
            self.sent_home = True
            for visit in self.today("waiting"):
                visit.state = "void"
        if self.missed["policy"] == "keep_minutes":
            for visit in self.today("no_show"):
                if now > visit.missed_at + self.missed["minutes"] * MINUTE:
                    visit.state = "void"

    def today(self, *states: str) -> list[Visit]:
        """The day's tickets in these states."""
        return [v for v in self.visits.values() if v.day == self.day and v.state in states]

    def still_waits(self) -> str:
        """What becomes of somebody who would wait again now."""
        return "void" if self.sent_home else "waiting"

    def active(self, number: int) -> Visit | None:
        """Whoever is called or served at a window."""
        here = [v for v in self.visits.values() if v.state in ACTIVE and v.window == number]
        assert len(here) <= 1
        return here[0] if here else None
