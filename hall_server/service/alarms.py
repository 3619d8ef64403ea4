"""Services beyond the hall's limits, and what else its manager should know."""

from collections.abc import Iterable

from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.ticket import Ticket
from hall_server.service.answers import Alarm, Notice

_DECEMBER = 12


def alarms(hall: Hall, waiting: Iterable[Ticket], moment: Moment) -> list[Alarm]:
    """What a manager is warned of, the longest wait first."""
    return [
        Alarm(
            service_id=found.service_id,
            service_name=hall.services[found.service_id].name
            if found.service_id in hall.services
            else found.service_id,
            waiting=found.waiting,
            longest_min=found.longest_min,
            text=found.zh,
            text_en=found.en,
        )
        for found in hall.alarms.raised(waiting, moment.at)
    ]


def jump_notice(moment: Moment, jump: tuple[Moment, int] | None) -> list[Notice]:
    """That the clock was set forward today."""
    if jump is None or jump[0].day != moment.day:
        return []
    minutes, at = -(-jump[1] // 60), jump[0].local
    return [
        Notice(
            code="clock_jumped",
            text=f"{at:%H:%M} 时钟向前跳了约 {minutes} 分钟，请检查校时；今天的等候时间可能不准",
            text_en=f"the clock went {minutes} min forward at {at:%H:%M}: check the time source",
        )
    ]


def notices(hall: Hall, moment: Moment) -> list[Notice]:
    """That the year has no table of rest days, or in December that the next one has none; of no
    interest to a hall that goes by its own week and takes no appointments."""
    if not (hall.hours.national or hall.appointments.enabled):
        return []
    year, calendar = moment.local.year, hall.hours.calendar
    if not calendar.has_year(year):
        return [
            Notice(
                code="no_calendar",
                text="本年度没有节假日表，日期按周一至周五估算",
                text_en=f"{year} has no table of rest days: dates are reckoned Monday to Friday",
            )
        ]
    if moment.local.month == _DECEMBER and not calendar.has_year(year + 1):
        return [
            Notice(
                code="no_calendar_next_year",
                text=f"{year + 1} 年没有节假日表，请导入；否则按周一至周五估算",
                text_en=f"{year + 1} has no table of rest days yet: please import it",
            )
        ]
    return []
