"""The domain's things as the messages that devices and pages read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hall_server.domain import hall as domain
from hall_server.domain.forecast import Wait
from hall_server.domain.instant import Moment, from_instant
from hall_server.domain.missed import MissedCallRule
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Rule as ProfileRule
from hall_server.domain.profile import WorkProfile
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.answers import Profile, Rule
from hallkit.wire import hall as wire
from hallkit.wire.board import Call
from hallkit.wire.ticket import LaterService
from hallkit.wire.ticket import Ticket as TicketMessage

# Why something is closed, in Chinese and English; empty when it is not.
Reason = tuple[str, str]
NO_LIMITS: Mapping[str, Reason] = MappingProxyType({})
_OPEN: Reason = ("", "")
_DISABLED: Reason = ("此事项暂停受理", "not taken for the time being")


@dataclass(frozen=True)
class Urls:
    """Where visitors' phones reach the server: ``http://10.0.0.5:8080``, ASCII."""

    public: str

    def position(self, token: str) -> str:
        """The address of a ticket's position page."""
        return f"{self.public}/t/{token}"


def ticket(
    entry: Ticket, hall: domain.Hall, urls: Urls, ahead: int = 0, wait: Wait | None = None
) -> TicketMessage:
    """A ticket; ``ahead`` and ``wait`` matter only while it waits."""
    service = hall.services.get(entry.service_id)
    return TicketMessage(
        id=entry.id,
        number=entry.number,
        series=entry.series,
        sequence=entry.sequence,
        service_id=entry.service_id,
        service_name=service.name if service else entry.service_id,
        priority_class=entry.priority,
        state=entry.state,
        window=entry.window,
        ahead=ahead,
        p50_min=wait.p50 if wait else None,
        p90_min=wait.p90 if wait else None,
        issued_at=from_instant(entry.issued, hall.zone),
        called_at=from_instant(entry.called, hall.zone) if entry.called is not None else None,
        started_at=from_instant(entry.started, hall.zone) if entry.started is not None else None,
        position_url=urls.position(entry.token),
        offline=entry.offline,
        passes=entry.passes,
        more_services=more_services(entry, hall),
        outcome="supplement" if entry.lacks_papers else None,
    )


def more_services(entry: Ticket, hall: domain.Hall) -> list[LaterService]:
    """The services still to be done after this one, named."""
    return [
        LaterService(id=id_, name=hall.services[id_].name if id_ in hall.services else id_)
        for id_ in entry.more_services
    ]


def window(hall: domain.Hall, state: Window, active: Ticket | None) -> wire.Window:
    """A window with the ticket that it has called or serves."""
    place = hall.window(state.number)
    return wire.Window(
        id=f"w{place.number}",
        number=place.number,
        name=place.name,
        area=place.area,
        state=state.state,
        kind=place.kind,
        ticket=active.number if active else None,
        ticket_state=active.state if active else None,
        pause_reason=state.reason,
        clerk=state.clerk,
    )


def call(entry: Ticket, hall: domain.Hall) -> Call:
    """A ticket that has been called, as the board shows it."""
    number = entry.window or 0
    name = next((w.name for w in hall.windows if w.number == number), "")
    service = hall.services.get(entry.service_id)
    return Call(
        window=number,
        window_name=name,
        ticket=entry.number,
        state=entry.state,
        called_at=from_instant(entry.called or entry.issued, hall.zone),
        collect=service is not None and service.kind == "collect",
    )


def _missed(rule: MissedCallRule) -> wire.MissedCallRule:
    return wire.MissedCallRule(
        policy=rule.policy,
        after_k=rule.after_k,
        minutes=rule.minutes,
        max_passes=rule.max_passes,
        text=rule.text,
        text_en=rule.text_en,
    )


def closed_words(source: domain.Hall, moment: Moment) -> Reason:
    """Why no numbers are given now to whoever comes, in Chinese and English."""
    zh, en = source.hours.why_closed(moment.local)
    return (
        f"{zh or '现在不在取号时间'}（{source.hours_text}）",
        f"{en or 'outside opening hours'} ({source.hours_text_en})",
    )


def priority(source: PriorityClass) -> wire.PriorityClass:
    """A class of the points rule."""
    return wire.PriorityClass(
        id=source.id,
        name=source.name,
        name_en=source.name_en,
        head=source.head,
        rate=source.rate,
        tag=source.tag,
        on_kiosk=source.on_kiosk,
    )


def hall(
    source: domain.Hall,
    windows: list[wire.Window],
    moment: Moment,
    full: Mapping[str, Reason] = NO_LIMITS,
    unserved: Collection[str] = (),
) -> wire.Hall:
    """The whole hall as a device sees it now; ``full``: why a service has no numbers left;
    ``unserved``: the services that no open window takes."""
    open_now = source.hours.open_at(moment.local)
    closed = _OPEN if open_now else closed_words(source, moment)
    return wire.Hall(
        id=source.id,
        name=source.name,
        name_en=source.name_en,
        timezone=source.zone.key,
        areas=[wire.Area(id=a.id, name=a.name, name_en=a.name_en) for a in source.areas],
        categories=[_category(c, closed, full, unserved) for c in source.categories],
        windows=windows,
        priority_classes=[priority(p) for p in source.priorities],
        policy=wire.Policy(
            missed_call=_missed(source.missed),
            open_now=open_now,
            closed_text=closed[0],
            closed_text_en=closed[1],
            hours_text=source.hours_text,
            hours_text_en=source.hours_text_en,
            appointments=source.appointments.enabled,
        ),
    )


def _category(
    source: domain.Category, closed: Reason, full: Mapping[str, Reason], unserved: Collection[str]
) -> wire.Category:
    def why(service: domain.Service) -> Reason:
        if not service.enabled:
            return _DISABLED
        return closed if closed != _OPEN else full.get(service.id, _OPEN)

    return wire.Category(
        id=source.id,
        series=source.series,
        name=source.name,
        name_en=source.name_en,
        services=[
            wire.Service(
                id=s.id,
                name=s.name,
                name_en=s.name_en,
                kind=s.kind,
                minutes=s.minutes,
                open=reason == _OPEN,
                window_open=s.id not in unserved,
                closed_reason=reason[0],
                closed_reason_en=reason[1],
            )
            for s in source.services
            for reason in (why(s),)
        ],
    )


def profile(source: WorkProfile) -> Profile:
    """A work profile as the manager's page reads and writes it."""
    return Profile(rules=[_rule(rule) for rule in source.rules])


def _rule(source: ProfileRule) -> Rule:
    return Rule.model_validate(
        {
            "services": "*" if source.services is None else sorted(source.services),
            "classes": sorted(source.classes) if source.classes is not None else None,
            "from": f"{source.start:%H:%M}" if source.start is not None else None,
            "to": f"{source.end:%H:%M}" if source.end is not None else None,
            "weekdays": sorted(source.weekdays) if source.weekdays is not None else None,
            "while_closed": source.while_closed,
        }
    )
