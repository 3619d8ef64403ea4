"""The points rule: what its classes are, changing them, and what a change would cost."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from hall_server.domain.errors import Conflict, Invalid, NotFound, TooMany
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import WorkProfile
from hall_server.domain.whatif import Compared, Effect
from hall_server.domain.whatif_days import (
    ENOUGH_PEOPLE,
    MadeUp,
    Served,
    made_up,
    recorded_days,
)
from hall_server.hallfile.schema import HallFile
from hall_server.service import views
from hall_server.service.commands import Commands
from hall_server.service.context import Context
from hall_server.service.ports import Reader, Store, Transaction
from hall_server.service.priorities_answers import Price, PriceBasis, PricePreview, PriorityList
from hall_server.service.profiles import profile_of
from hall_server.service.whatif_process import Classes, Source, WhatIfFailed, run_in_process

_log = logging.getLogger(__name__)
Simulate = Callable[[Source, Classes, Classes], Compared]

# The last days that count, and more tickets than the time for a preview is enough for.
_DAYS, _MOST_TICKETS = 10, 12_000
USUAL_LOAD = 0.95


@dataclass(frozen=True)
class Dial:
    """What a class gets: ``head`` points at once, ``rate`` a minute."""

    id: str
    head: float
    rate: float


class Priorities:
    """The dial; thread-safe. ``simulate`` raises WhatIfFailed."""

    def __init__(
        self, store: Store, commands: Commands, simulate: Simulate = run_in_process
    ) -> None:
        self._store = store
        self._commands = commands
        self._simulate = simulate
        self._changing = threading.Lock()
        self._simulating = threading.Lock()

    def classes(self) -> PriorityList:
        """The classes in force."""
        return _listed(self._commands.hall)

    def change(self, actor: str, dials: Sequence[Dial]) -> str:
        """Puts these values into force at the next call, and keeps them in the hall's file.
        Returns the classes as JSON text. Raises Invalid."""
        hall = self._commands.hall
        # The order in which changes commit is that in which the server takes them up.
        with self._changing:
            text = self._commands.run(
                actor,
                str(uuid4()),
                "priorities",
                {"classes": [[d.id, d.head, d.rate] for d in dials]},
                lambda tx, context: _set(tx, context, dials),
            )
            hall = self._commands.hall
            self._commands.hall = replace(hall, priorities=with_dials(hall, dials))
        return text

    def price(self, dials: Sequence[Dial], load: float | None = None) -> PricePreview:
        """What these values would cost; changes nothing. With a ``load`` it is simulated on
        made-up days whatever the history. Raises Invalid, TooMany while another one is at work,
        Conflict when there is nothing to simulate."""
        hall = self._commands.hall
        then = {p.id: p for p in with_dials(hall, dials)}
        if not self._simulating.acquire(blocking=False):
            raise TooMany(
                "preview_busy",
                "正在为另一位管理员试算，请稍后再试",
                "another preview is at work; try again in a moment",
                retry_after_s=2,
            )
        try:
            source = self._source(hall, load)
            compared = self._simulate(source, {p.id: p for p in hall.priorities}, then)
        except WhatIfFailed as error:
            _log.warning("no preview of the points rule: %s", error)
            raise Conflict(
                "preview_failed",
                "试算没有完成，请稍后再试",
                "the preview did not finish; try again",
            ) from None
        finally:
            self._simulating.release()
        if not compared.effects:
            raise Conflict(
                "nothing_to_simulate",
                "没有窗口办理业务，无法试算",
                "no window takes any service, so there is nothing to simulate",
            )
        return _preview(hall, _basis(source, compared), compared.effects)

    def _source(self, hall: Hall, load: float | None) -> Source:
        """The hall's own last days when they are enough, or what days are made up of."""
        today = self._commands.today()

        def work(tx: Reader) -> "tuple[dict[int, WorkProfile], list[Served]]":
            profiles = {w.number: profile_of(tx, w) for w in hall.windows}
            earlier = tx.days_before(today.day, _DAYS) if load is None else []
            return profiles, tx.served_on(earlier, _MOST_TICKETS) if earlier else []

        profiles, served = self._store.read(work)
        if len(served) < ENOUGH_PEOPLE:
            return made_up(hall, profiles, today.local.date(), load or USUAL_LOAD)
        # The newest first: the time may not be enough for all.
        return recorded_days(hall, profiles, served)[::-1]


def with_dials(hall: Hall, dials: Sequence[Dial]) -> tuple[PriorityClass, ...]:
    """The hall's classes with these values. Raises Invalid, NotFound."""
    given = {dial.id: dial for dial in dials}
    for dial in dials:
        if not hall.has_priority(dial.id):
            raise NotFound(
                "unknown_priority_class",
                f"没有优先类别“{dial.id}”",
                f"there is no priority class '{dial.id}'",
            )
        if dial.id == ORDINARY and (dial.head, dial.rate) != (0, 1):
            raise Invalid(
                "ordinary_is_fixed",
                "普通号固定为起步 0 分、每分钟 1 分，其他类别以它为准",
                "the ordinary class has 0 points and earns 1 a minute; the others are set by it",
            )
    if len(given) < len(dials):
        raise Invalid("class_twice", "同一类别写了两次", "a class is named twice")
    return tuple(
        replace(p, head=given[p.id].head, rate=given[p.id].rate) if p.id in given else p
        for p in hall.priorities
    )


def _values(classes: Sequence[PriorityClass]) -> "list[dict[str, str | float]]":
    return [{"id": p.id, "head": p.head, "rate": p.rate} for p in classes]


def _listed(hall: Hall) -> PriorityList:
    return PriorityList(classes=[views.priority(p) for p in hall.priorities])


def _set(tx: Transaction, context: Context, dials: Sequence[Dial]) -> PriorityList:
    hall, classes = context.hall, with_dials(context.hall, dials)
    document = tx.hall_document()
    if classes != hall.priorities and document is not None:
        tx.add_hall(_document_with(document, classes), context.now, context.actor)
        tx.save_priorities(classes)
        context.record(
            tx,
            "hall.changed",
            id=hall.id,
            name=hall.name,
            priorities=_values(classes),
            before=_values(hall.priorities),
        )
    return _listed(replace(hall, priorities=classes))


def _document_with(document: str, classes: Sequence[PriorityClass]) -> str:
    values = {p.id: {"head": p.head, "rate": p.rate} for p in classes}
    file = HallFile.model_validate_json(document)
    entries = [entry.model_copy(update=values.get(entry.id, {})) for entry in file.priority_classes]
    return file.model_copy(update={"priority_classes": entries}).model_dump_json(by_alias=True)


def _basis(source: Source, compared: Compared) -> PriceBasis:
    people = sum(effect.people for effect in compared.effects)
    if isinstance(source, MadeUp):
        load, windows = source.load, len(source.desks)
        zh = f"本厅记录还不够，按事项的参考时长、{windows} 个窗口、负荷 {load:.0%} 推算"
        en = (
            f"without enough history: nominal minutes, {windows} windows, at {load:.0%} of what "
            "they can serve"
        )
    else:
        load, windows = None, max(len(day.desks) for day in source)
        zh = f"按本厅最近 {compared.days} 个工作日的 {people} 个号推算"
        en = f"from the hall's own last {compared.days} days and their {people} numbers"
    return PriceBasis(
        kind="nominal" if load else "history",
        days=compared.days,
        windows=windows,
        people=people,
        load=load,
        text=zh,
        text_en=en,
    )


def _preview(hall: Hall, basis: PriceBasis, effects: Sequence[Effect]) -> PricePreview:
    order = {p.id: i for i, p in enumerate(hall.priorities)}
    listed = sorted(effects, key=lambda e: (e.class_id != ORDINARY, order.get(e.class_id, 0)))
    names = {p.id: p for p in hall.priorities}
    return PricePreview(basis=basis, classes=[_price(names, effect) for effect in listed])


def _price(names: Mapping[str, PriorityClass], effect: Effect) -> Price:
    now, then, kind = effect.now, effect.then, names[effect.class_id]
    ordinary = kind.id == ORDINARY
    zh_who, en_who = ("普通群众", "ordinary visitors") if ordinary else (kind.name, kind.name_en)
    means, p90s, p95s = (
        _with_difference(now.mean, then.mean),
        _with_difference(now.p90, then.p90),
        _with_difference(now.p95, then.p95),
    )
    zh, en = _in_words(means[2])
    return Price(
        id=kind.id,
        name=kind.name,
        people=effect.people,
        mean_now=means[0],
        mean_then=means[1],
        mean_diff=means[2],
        p90_now=p90s[0],
        p90_then=p90s[1],
        p90_diff=p90s[2],
        p95_now=p95s[0],
        p95_then=p95s[1],
        p95_diff=p95s[2],
        text=f"{zh_who}平均{zh}",
        text_en=f"{en_who or kind.id} wait {en} on average",
    )


def _with_difference(now: float, then: float) -> tuple[float, float, float]:
    """Both as they are shown, and the difference of what is shown: a reader does that sum."""
    shown_now, shown_then = round(now, 1), round(then, 1)
    return shown_now, shown_then, round(shown_then - shown_now, 1)


def _in_words(minutes: float) -> tuple[str, str]:
    size = f"{abs(minutes):.1f}"
    if size == "0.0":
        return "等候不变", "as long as now"
    if minutes > 0:
        return f"多等 {size} 分钟", f"{size} min longer"
    return f"少等 {size} 分钟", f"{size} min less"
