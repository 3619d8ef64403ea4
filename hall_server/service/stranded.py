"""People who wait and whom no open window may call: shown, never silent."""

from collections.abc import Iterable

from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.profile import EVERYTHING, WorkProfile
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.answers import Stranded
from hall_server.service.layout import Kind, Layout, kind_of
from hall_server.service.ports import QueueReader

# More people than ever wait in one hall at once.
MOST_TICKETS = 2_000
_MOST_NUMBERS = 5
_STATES = {"closed": ("未开放", "is closed"), "paused": ("暂停", "is paused")}


def everybody_waiting(reader: QueueReader, moment: Moment) -> list[Ticket]:
    """Today's waiting tickets in calling order."""
    queue = reader.best_waiting(moment.day, None, EVERYTHING, moment.at, MOST_TICKETS)
    return [ticket for ticket, _ in queue]


def stranded(layout: Layout, hall: Hall, waiting: Iterable[Ticket]) -> list[Stranded]:
    """Those of ``waiting`` whom no open window may call now, by what they wait for."""
    by_kind: dict[Kind, list[str]] = {}
    for ticket in waiting:
        kind = kind_of(ticket, hall)
        if not layout.takers(kind).opened:
            by_kind.setdefault(kind, []).append(ticket.number)
    return [_shown(layout, hall, kind, numbers) for kind, numbers in by_kind.items()]


def _shown(layout: Layout, hall: Hall, kind: Kind, numbers: list[str]) -> Stranded:
    service_id, class_id, target = kind
    service = hall.services.get(service_id)
    others_served = any(
        layout.takers((service_id, other.id, None)).opened for other in hall.priorities
    )
    of_class = target is None and others_served
    zh, en = _reason(layout, target, of_class=of_class)
    return Stranded(
        service_id=service_id,
        service_name=service.name if service else service_id,
        class_name=hall.priority(class_id).name if of_class else None,
        count=len(numbers),
        numbers=numbers[:_MOST_NUMBERS],
        reason=zh,
        reason_en=en,
        windows=layout.all_takers(kind),
    )


def _reason(layout: Layout, target: int | None, *, of_class: bool) -> tuple[str, str]:
    if target is not None:
        state = layout.windows[target].state if target in layout.windows else "closed"
        zh, en = _STATES.get(state, _STATES["closed"])
        return (
            f"只能由 {target} 号窗口办理，该窗口{zh}",
            f"only window {target} may call them, and it {en}",
        )
    if of_class:
        return "开放的窗口不接待此类号", "the open windows do not take numbers of this class"
    return "没有开放窗口办理", "no open window takes it"


def people(several: list[Stranded]) -> int:
    """How many people they are."""
    return sum(s.count for s in several)


def left_behind(before: list[Stranded], after: list[Stranded]) -> list[Stranded]:
    """What is in ``after`` and was not as much in ``before``: those whom a change strands."""
    was = {(s.service_id, s.class_name, s.reason): s.count for s in before}
    return [s for s in after if s.count > was.get((s.service_id, s.class_name, s.reason), 0)]


def after_profile(
    reader: QueueReader, hall: Hall, moment: Moment, number: int, profile: WorkProfile
) -> list[Stranded]:
    """Whom it would strand, were this the profile of the window."""
    now = Layout.read(reader, hall, moment)
    then = now.with_profile(number, profile)
    waiting = everybody_waiting(reader, moment)
    return left_behind(stranded(now, hall, waiting), stranded(then, hall, waiting))


def after_window(reader: QueueReader, hall: Hall, moment: Moment, window: Window) -> list[Stranded]:
    """Whom it would strand, were this the state of the window."""
    now = Layout.read(reader, hall, moment)
    then = now.with_window(window)
    waiting = everybody_waiting(reader, moment)
    return left_behind(stranded(now, hall, waiting), stranded(then, hall, waiting))
