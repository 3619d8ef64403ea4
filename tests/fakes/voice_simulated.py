"""The speaker's queue in simulated time: who is heard when, without a second of waiting."""

from dataclasses import dataclass, field

from display.voice.backlog import AROUND_S, FULL, Backlog, Costs, Plan
from display.voice.phrases import Announcement

# (when, ticket, window)
Arrival = tuple[float, str, int]


@dataclass
class Heard:
    """What a hall heard: ``said`` maps tickets, in order, to how long after their call their last
    word was said; ``plans`` are the announcements, ``repeats`` how many were said again."""

    said: list[tuple[str, float]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    repeats: int = 0

    @property
    def tickets(self) -> list[str]:
        return [ticket for ticket, _ in self.said]

    @property
    def forms(self) -> list[str]:
        return [plan.form.name for plan in self.plans]

    @property
    def most_behind_s(self) -> float:
        return max((age for _, age in self.said), default=0.0)


def hear(arrivals: list[Arrival], most_behind_s: float = 30.0, repeat: int = 2) -> Heard:
    """Plays a whole day's calls in the order of their times."""
    costs = Costs(repeat=repeat)
    backlog, heard, now = Backlog(most_behind_s, costs), Heard(), 0.0
    coming = sorted(arrivals, key=lambda one: one[0])
    while coming or len(backlog):
        if not len(backlog):
            now = max(now, coming[0][0])
        _arrive(backlog, coming, now)
        plan = backlog.next(now)
        assert plan is not None
        heard.plans.append(plan)
        words_s = costs.words_s(plan.said, plan.form)
        now += costs.before_s(plan.form) + words_s
        heard.said += [(one.call.ticket, now - one.since) for one in plan.waiting]
        for _ in range(repeat - 1 if plan.form is FULL else 0):
            _arrive(backlog, coming, now)
            if not backlog.time_for(words_s, now):
                break
            now += words_s + AROUND_S
            heard.repeats += 1
    return heard


def _arrive(backlog: Backlog, coming: list[Arrival], now: float) -> None:
    while coming and coming[0][0] <= now:
        at, ticket, window = coming.pop(0)
        backlog.add(Announcement(ticket=ticket, window=window, window_kind="comprehensive"), at)
