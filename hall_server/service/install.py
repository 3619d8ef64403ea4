"""Putting a hall file into force: stored as a version, with its points rules, journaled."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall
from hall_server.domain.instant import moment
from hall_server.domain.ticket import Ticket
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.ports import NewEvent, Store, Transaction
from hall_server.service.quotas import recount
from hallkit.runtime.clock import SystemClock
from hallkit.wire.ids import new_id

_OPEN = ("waiting", "called", "serving", "no_show", "parked")
# More open tickets than any hall has in a day.
_MOST_TICKETS = 100_000
_system_time = SystemClock().now


def install_hall(
    store: Store, file: HallFile, actor: str, now: Callable[[], datetime] = _system_time
) -> None:
    """Makes ``file`` the hall from now on; every window's profile is the file's again.

    Raises Conflict ``tickets_in_the_way`` when somebody with a number would be stranded: waiting
    for a service, or at a window, that the file does not have.
    """
    hall = build_hall(file)

    def work(tx: Transaction) -> None:
        when = moment(now(), ZoneInfo(file.hall.timezone), tx.last_at())
        _refuse_stranding(tx, hall, when.day)
        tx.add_hall(file.model_dump_json(by_alias=True), when.at, actor)
        tx.save_priorities(hall.priorities)
        tx.drop_profiles()
        recount(tx, hall, when.day)
        event = NewEvent("hall.changed", data={"id": hall.id, "name": hall.name})
        tx.append(event, when.at, when.day, actor, new_id())

    store.write(work)


def _bound_to(ticket: Ticket) -> set[int]:
    """The windows that the ticket cannot do without: where it is, or where it was sent."""
    here = ticket.window if ticket.state in ("called", "serving") else ticket.target
    return set() if here is None else {here}


def _refuse_stranding(tx: Transaction, hall: Hall, day: str) -> None:
    numbers = {w.number for w in hall.windows}
    stranded = [
        t.number
        for t in tx.tickets_in(day, _OPEN, _MOST_TICKETS)
        if not {t.service_id, *t.more_services} <= hall.services.keys()
        or not _bound_to(t) <= numbers
    ]
    if stranded:
        some = "、".join(stranded[:5])
        raise Conflict(
            "tickets_in_the_way",
            f"还有 {len(stranded)} 个未办结的号码（{some} 等）的事项或窗口不在新文件中，请先办完",
            f"{len(stranded)} open numbers ({', '.join(stranded[:5])}…) belong to services or "
            "windows that the new file lacks; serve or cancel them first",
            list(stranded),
        )
