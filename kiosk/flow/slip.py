"""What is printed on a ticket, from what the server answered."""

from hallkit.wire.hall import Hall
from hallkit.wire.printing import TicketSlip
from hallkit.wire.ticket import Ticket
from kiosk.flow.words import THE_HALL, Language, named

# An area meant for waiting says so in its name.
_WAITING_WORDS = ("等候", "等待", "休息")


def wait_place(hall: Hall, language: Language = "zh") -> str:
    """Where to wait: the area made for it, the only area there is, or simply the hall."""
    waiting = [a for a in hall.areas if any(word in a.name for word in _WAITING_WORDS)]
    fitting = waiting or (hall.areas if len(hall.areas) == 1 else [])
    if not fitting:
        return THE_HALL.say(language)
    return named(language, fitting[0].name, fitting[0].name_en)


def serving_area(hall: Hall, language: Language) -> str:
    """The areas with windows that serve visitors, joined, at most three of them."""
    used = {w.area for w in hall.windows if w.kind != "guide"}
    names = [named(language, a.name, a.name_en) for a in hall.areas if a.id in used]
    return "、".join(names[:3]) if language == "zh" else ", ".join(names[:3])


def slip_of(hall: Hall, ticket: Ticket) -> TicketSlip:
    """The slip of a ticket that was just issued."""
    tags = [c.tag for c in hall.priority_classes if c.id == ticket.priority_class and c.tag]
    return TicketSlip(
        hall_name=hall.name,
        area_name=serving_area(hall, "zh"),
        service_name=ticket.service_name,
        number=ticket.number,
        ahead=ticket.ahead,
        p50_min=ticket.p50_min,
        p90_min=ticket.p90_min,
        wait_at=wait_place(hall),
        missed_rule=hall.policy.missed_call.text,
        issued_at=ticket.issued_at,
        tags=[*tags, *(["离线"] if ticket.offline else [])],
        position_url=ticket.position_url,
    )
