"""PURE: the calls that wait to be spoken, and in which form the next ones are said.

When calls pile up, the repeats are left out first, then the chime, then several calls are joined
in one announcement, then speech becomes quicker, and at last only the fewest words are said. The
gentlest form is taken in which every call that waits now would be said, to its last word, within
the set time of its arrival. Calls are always said in the order in which they came; none is left
out. Times are seconds of any steady clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from display.voice.phrases import Announcement, Manner, Phrase, joined, phrase, short

# One syllable at 180 words a minute takes 0.22 to 0.26 s; a pause between two calls 0.2 s.
SYLLABLE_S = 0.26
USUAL_RATE = 180
PAUSE_S = 0.2
CHIME_S = 1.3
# The pauses around an announcement, and the start of the player.
AROUND_S = 0.45
# Words a minute in a hurry; faster is not understood in a hall.
HURRIED_RATE = 220
# What one announcement joins at most: a call that is over meanwhile is not said, and a new
# recall of one that waits is not said twice.
MOST_JOINED = 4
# How much the estimate of a syllable follows what was just heard.
_LEARN = 0.3
_SYLLABLE_BOUNDS_S = (0.2, 0.8)
# The share of the set time for a call that waits alone.
_ROOM_ALONE = 0.9
# No more calls than these are looked at to choose a form: far fewer already need the shortest.
_LOOK_AHEAD = 40


@dataclass(frozen=True)
class Form:
    """One way of saying calls. ``room`` is the share of the set time that the calls which wait
    now may take; the rest is for those which are still to come."""

    name: str
    room: float
    repeats: bool = False
    chime: bool = False
    joins: int = 1
    hurried: bool = False
    brief: bool = False


FULL = Form("full", 0.5, repeats=True, chime=True)
ONCE = Form("once", 0.6, chime=True)
PLAIN = Form("plain", 0.7)
JOINED = Form("joined", 0.85, joins=MOST_JOINED)
QUICK = Form("quick", 0.95, joins=MOST_JOINED, hurried=True)
SHORT = Form("short", 1.0, joins=MOST_JOINED, hurried=True, brief=True)
FORMS = (FULL, ONCE, PLAIN, JOINED, QUICK, SHORT)


@dataclass
class Costs:
    """How long things take to be said. ``chime`` and ``repeat`` as set; ``rate`` is the set speed,
    None for recordings, which have one speed only."""

    chime: bool = True
    repeat: int = 2
    rate: int | None = USUAL_RATE
    syllable_s: float = SYLLABLE_S

    def words_s(self, said: Phrase, form: Form) -> float:
        """The words alone, once."""
        return said.syllables * self.syllable_s * self._slower(form) + said.pauses * PAUSE_S

    def before_s(self, form: Form) -> float:
        """What comes before the first word."""
        return AROUND_S + (CHIME_S if form.chime and self.chime else 0.0)

    def speed(self, form: Form) -> int:
        """The words a minute of this form."""
        rate = self.rate or USUAL_RATE
        return max(rate, HURRIED_RATE) if form.hurried else rate

    def learn(self, said: Phrase, form: Form, lasted_s: float) -> None:
        """Takes how long a phrase, said once without anything around it, really was."""
        real = (lasted_s - said.pauses * PAUSE_S) / max(1, said.syllables) / self._slower(form)
        low, high = _SYLLABLE_BOUNDS_S
        moved = self.syllable_s + (real - self.syllable_s) * _LEARN
        self.syllable_s = min(high, max(low, moved))

    def _slower(self, form: Form) -> float:
        return 1.0 if self.rate is None else USUAL_RATE / self.speed(form)


@dataclass(frozen=True)
class Waiting:
    """A call and since when it waits."""

    since: float
    call: Announcement


@dataclass(frozen=True)
class Plan:
    """What is said next: these calls at once, in this form."""

    form: Form
    waiting: tuple[Waiting, ...]
    said: Phrase

    @property
    def calls(self) -> tuple[Announcement, ...]:
        """The calls, in order."""
        return tuple(one.call for one in self.waiting)


@dataclass
class Backlog:
    """Calls in the order in which they came. ``most_behind_s`` is the age at which a call should
    have been said. Not thread-safe: its owner keeps one thread at a time in it."""

    most_behind_s: float
    costs: Costs
    manner: Manner = field(default_factory=Manner)
    _waiting: list[Waiting] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def oldest_s(self, now: float) -> float:
        """The age of the oldest call; 0 when none waits."""
        return max((now - one.since for one in self._waiting), default=0.0)

    def calls(self) -> list[Announcement]:
        """The calls that wait, in order."""
        return [one.call for one in self._waiting]

    def add(self, call: Announcement, now: float) -> bool:
        """Takes a call. One that waits for the same ticket is not said as well: to the same window
        the new call takes its place, to another window the old one is over. Returns whether that
        was so."""
        for at, one in enumerate(self._waiting):
            if one.call.ticket != call.ticket:
                continue
            if one.call.window == call.window:
                self._waiting[at] = Waiting(one.since, call)
            else:
                del self._waiting[at]
                self._waiting.append(Waiting(now, call))
            return True
        self._waiting.append(Waiting(now, call))
        return False

    def remove(self, over: Sequence[Announcement]) -> None:
        """Takes out calls that are over."""
        self._waiting = [one for one in self._waiting if one.call not in over]

    def clear(self) -> None:
        """Takes out all."""
        self._waiting = []

    def put_back(self, plan: Plan, came_after: float) -> int:
        """Takes calls back that could not be said, to the head of the queue; those that were
        called anew meanwhile stay where they are. Returns how many are given up, because they
        did not come after that time."""
        missed = [one for one in plan.waiting if not self.waits(one.call.ticket)]
        young = [one for one in missed if one.since >= came_after]
        self._waiting = [*young, *self._waiting]
        return len(missed) - len(young)

    def waits(self, ticket: str) -> bool:
        """Whether a call of this ticket waits."""
        return any(one.call.ticket == ticket for one in self._waiting)

    def next(self, now: float, *, heard: bool = True) -> Plan | None:
        """Takes out what is said next; None when nothing waits. What is not ``heard``, because
        only files are written, takes no time: each call is then said in full."""
        if not self._waiting:
            return None
        form = self._form(now) if heard else FULL
        taken = tuple(self._waiting[: form.joins])
        del self._waiting[: form.joins]
        return Plan(form, taken, self._said(form, taken))

    def time_for(self, seconds: float, now: float) -> bool:
        """Whether a repeat of that length may be said before the calls that wait."""
        return not self._waiting or self._in_time(ONCE, now + seconds, ONCE.room)

    def _form(self, now: float) -> Form:
        if len(self._waiting) == 1:
            return self._form_alone(now)
        return next((form for form in FORMS if self._in_time(form, now, form.room)), SHORT)

    def _form_alone(self, now: float) -> Form:
        """A call that waits alone may take nearly all the time: it is itself cut short when others
        come meanwhile. One that is late already keeps nobody waiting: it is said in full."""
        if self.oldest_s(now) > self.most_behind_s:
            return FULL
        fit = (form for form in FORMS if self._in_time(form, now, _ROOM_ALONE))
        return next(fit, QUICK)

    def _in_time(self, form: Form, now: float, room: float) -> bool:
        """Whether all would be said in this form within that share of the set time."""
        most = self.most_behind_s * room
        ahead = self._waiting[:_LOOK_AHEAD]
        at = now
        for first in range(0, len(ahead), form.joins):
            group = ahead[first : first + form.joins]
            words_s = self.costs.words_s(self._said(form, group), form)
            at += self.costs.before_s(form) + words_s
            if any(at - one.since > most for one in group):
                return False
            if form.repeats:
                at += (self.costs.repeat - 1) * (words_s + AROUND_S)
        return True

    def _said(self, form: Form, group: Sequence[Waiting]) -> Phrase:
        calls = [one.call for one in group]
        if form.brief:
            return short(calls, self.manner)
        return joined(calls, self.manner) if len(calls) > 1 else phrase(calls[0], self.manner)
