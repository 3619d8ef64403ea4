"""What is printed on the slip of a ticket, from what the server says of hall and ticket."""

from zoneinfo import ZoneInfo

from hallkit.wire.hall import Area, Hall
from hallkit.wire.slips import TicketSlip
from hallkit.wire.ticket import Ticket

# An area meant for waiting says so in its name.
_WAITING_WORDS = ("等候", "等待", "休息")
_THE_HALL = "大厅"
_OFFLINE_TAG = "离线"
_MOST_AREAS = 3


def waiting_area(hall: Hall) -> Area | None:
    """The area made for waiting, or the only area there is, or None."""
    waiting = [a for a in hall.areas if any(word in a.name for word in _WAITING_WORDS)]
    fitting = waiting or (hall.areas if len(hall.areas) == 1 else [])
    return fitting[0] if fitting else None


def serving_areas(hall: Hall) -> list[Area]:
    """The areas with windows that serve visitors, at most three of them."""
    used = {w.area for w in hall.windows if w.kind != "guide"}
    return [a for a in hall.areas if a.id in used][:_MOST_AREAS]


def slip_of(hall: Hall, ticket: Ticket) -> TicketSlip:
    """The slip of a ticket that was just issued, in the hall's own time."""
    tags = [c.tag for c in hall.priority_classes if c.id == ticket.priority_class and c.tag]
    area = waiting_area(hall)
    return TicketSlip(
        hall_name=hall.name,
        area_name="、".join(a.name for a in serving_areas(hall)),
        service_name=ticket.service_name,
        more_services=[service.name for service in ticket.more_services],
        number=ticket.number,
        ahead=ticket.ahead,
        p50_min=ticket.p50_min,
        p90_min=ticket.p90_min,
        wait_at=area.name if area is not None else _THE_HALL,
        missed_rule=hall.policy.missed_call.text,
        issued_at=ticket.issued_at.astimezone(ZoneInfo(hall.timezone)),
        tags=[*tags, *([_OFFLINE_TAG] if ticket.offline else [])],
        position_url=ticket.position_url,
    )
