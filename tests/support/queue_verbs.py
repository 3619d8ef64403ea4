"""What every command should do to the model of a hall, to be compared with what the product did.

Each takes what the product answered (None: it refused), says whether the command may be done, and
if it was, does it.
"""

from fractions import Fraction
from typing import Any

from tests.support.queue_bound import overtaking_bound
from tests.support.queue_model import MINUTE, Model, Visit

Said = dict[str, Any] | None
# What rounding in the database may blur: a millionth of a point.
_BLUR = Fraction(1, 1_000_000)


class Verbs(Model):
    """The model with its commands."""

    def issue(self, answer: Said, service: str, cls: str, more: list[str]) -> bool:
        """A number is taken."""
        if not self.gives_numbers() or len({service, *more}) <= len(more):
            return False
        if answer is not None:
            series = self.category(service)["series"]
            key = (self.day, series)
            self.sequences[key] = self.sequences.get(key, 0) + 1
            visit = Visit(
                answer["id"],
                self.day,
                series,
                self.sequences[key],
                len(self.visits),
                service,
                list(more),
                cls,
                self.now,
            )
            assert answer["number"] == f"{series}{visit.sequence:03d}"
            assert visit.id not in self.visits
            self.visits[visit.id] = visit
        return True

    def _free(self, number: int) -> bool:
        return self.desks[number].state == "open" and self.active(number) is None

    def _call(self, visit: Visit, number: int) -> None:
        visit.state, visit.window, visit.held, visit.target = "called", number, 0, None
        for other in self.today("waiting"):
            if other.held and self.takes(number, other):
                other.held -= 1

    def call_next(self, answer: Said, number: int) -> bool:
        """Whoever has the most points; nobody is passed over without more points than theirs."""
        if not self._free(number):
            return False
        if answer is None:
            return True
        line = [v for v in self.today("waiting") if self.takes(number, v)]
        if answer["ticket"] is None:
            assert line == [], "somebody waits and nobody is called"
            return True
        chosen = self.visits[answer["ticket"]["id"]]
        assert chosen in line, f"{chosen} may not be called at {number}"
        mine = self.points(chosen)
        for other in line:
            if other is not chosen:
                self._explained(chosen, mine, other)
        why = answer["why"]
        assert abs(why["points"] - mine) <= Fraction(6, 100)
        assert (why["runner_up"] is None) == (len(line) == 1)
        self._call(chosen, number)
        return True

    def _explained(self, chosen: Visit, mine: Fraction, other: Visit) -> None:
        """Whoever goes first has a reason."""
        if other.held and not chosen.held:
            return
        assert not (chosen.held and not other.held), f"{chosen} is held, {other} is not"
        theirs = self.points(other)
        assert mine >= theirs - _BLUR, f"{chosen} {mine} overtakes {other} {theirs}"
        if chosen.cls == other.cls:
            assert (chosen.base, chosen.order) < (other.base, other.order), f"{chosen} {other}"
        later = Fraction(chosen.base - other.base, MINUTE)
        waited = (self.now - other.base) / MINUTE
        if later > 0:
            bound = overtaking_bound(self.earns(other.cls), [self.earns(chosen.cls)], waited)
            assert later <= Fraction(bound) + _BLUR

    def call(self, answer: Said, number: int, visit_id: str) -> bool:
        """Somebody is called out of turn."""
        visit = self.visits.get(visit_id)
        if not self._free(number) or visit is None or visit not in self.today("waiting", "no_show"):
            return False
        if answer is not None:
            self._call(visit, number)
        return True

    def at(self, number: int, *states: str) -> Visit | None:
        """Whoever is at the window in one of these states."""
        visit = self.active(number)
        return visit if visit is not None and visit.state in states else None

    def recall(self, answer: Said, number: int) -> bool:
        """Called again."""
        return self.at(number, "called") is not None

    def start(self, answer: Said, number: int) -> bool:
        """Came."""
        visit = self.at(number, "called")
        if visit is not None and answer is not None:
            visit.state = "serving"
        return visit is not None

    def finish(self, answer: Said, number: int, outcome: str, keep: bool) -> bool:
        """One service is done."""
        visit = self.at(number, "serving")
        if visit is None:
            return False
        goes_on = bool(visit.later) and outcome == "done"
        if keep:
            following = Visit(**{**vars(visit), "target": None})
            following.service = visit.later[0] if goes_on else ""
            if not goes_on or not self.takes(number, following):
                return False
        if answer is not None and goes_on:
            visit.service, visit.passes = visit.later.pop(0), 0
            visit.state = "serving" if keep else self.still_waits()
        elif answer is not None:
            visit.state, visit.lacking = "done", outcome == "supplement"
        return True

    def no_show(self, answer: Said, number: int) -> bool:
        """Did not come."""
        visit = self.at(number, "called")
        if visit is None or answer is None:
            return visit is not None
        visit.passes += 1
        policy = self.missed["policy"]
        if policy == "void" or visit.passes >= self.missed["max_passes"]:
            visit.state = "void"
        elif policy == "keep_minutes":
            visit.state, visit.missed_at = "no_show", self.now
        else:
            visit.state = self.still_waits()
            visit.held = self.missed["after_k"] if policy == "requeue_after_k" else 0
            visit.base = self.now if policy == "requeue_tail" else visit.base
        return True

    def park(self, answer: Said, number: int) -> bool:
        """Set aside."""
        visit = self.at(number, "serving")
        if visit is not None and answer is not None:
            visit.state = "parked"
        return visit is not None

    def resume(self, answer: Said, number: int, visit_id: str) -> bool:
        """Taken up again, at whatever window."""
        visit = self.visits.get(visit_id)
        if not self._free(number) or visit is None or visit not in self.today("parked"):
            return False
        if answer is not None:
            visit.state, visit.window = "serving", number
        return True

    def requeue(self, answer: Said, number: int, visit_id: str) -> bool:
        """Back after a missed call, or with the papers that were missing."""
        visit = self.visits.get(visit_id)
        if visit is None or visit.day != self.day or self.sent_home:
            return False
        if visit.state != "no_show" and not (visit.state == "done" and visit.lacking):
            return False
        if answer is not None:
            visit.state, visit.lacking, visit.held = "waiting", False, 0
        return True

    def transfer(self, answer: Said, number: int, service: str | None, to: int | None) -> bool:
        """On to another service or window."""
        visit = self.active(number)
        if visit is None or (service is None) == (to is None) or to == number or self.sent_home:
            return False
        if to is not None and self.desks[to].state != "open":
            return False
        if answer is not None:
            visit.state, visit.target = "waiting", to
            visit.service = service or visit.service
            visit.later = [s for s in visit.later if s != service]
        return True

    def cancel(self, answer: Said, visit_id: str) -> bool:
        """Given back."""
        visit = self.visits.get(visit_id)
        if visit is None or visit not in self.today("waiting"):
            return False
        if answer is not None:
            visit.state = "cancelled"
        return True

    def open(self, answer: Said, number: int, clerk: str) -> bool:
        """Opens, or ends the pause."""
        desk = self.desks[number]
        if desk.state != "closed" and desk.clerk != clerk:
            return False
        if answer is not None:
            desk.state, desk.clerk = "open", clerk
        return True

    def pause(self, answer: Said, number: int, reason: str) -> bool:
        """Stops calling for a while."""
        desk = self.desks[number]
        if desk.state != "open":
            return False
        if answer is not None:
            desk.state = "paused"
        return True

    def close(self, answer: Said, number: int) -> bool:
        """Ends; whoever waited for this window alone may be called by others."""
        if self.active(number) is not None:
            return False
        if answer is not None:
            if self.desks[number].state != "closed":
                for visit in self.visits.values():
                    if visit.state == "waiting" and visit.target == number:
                        visit.target = None
            self.desks[number].state, self.desks[number].clerk = "closed", None
        return True

    def profile(self, answer: Said, number: int, rules: list[Any]) -> bool:
        """Takes something else from now on."""
        if answer is not None:
            self.desks[number].rules = rules
        return True
