"""Opening, pausing and closing a window, and what it takes."""

from typing import Any

from hall_server.domain.errors import Conflict, Invalid
from hall_server.hallfile.build import rules_json
from hall_server.hallfile.schema import ProfileRule
from hall_server.service import views
from hall_server.service.answers import Profile, VerbAnswer
from hall_server.service.call import answer
from hall_server.service.context import Context, parsed_profile
from hall_server.service.ports import Transaction


def open_window(tx: Transaction, context: Context, number: int, clerk: str) -> VerbAnswer:
    """Opens the window for this clerk, or ends its pause. Raises NotFound, Conflict."""
    before = context.window(tx, number)
    window = before.open(clerk, context.now)
    if window != before:
        tx.save_window(window)
        context.record(tx, "window.opened", None, window, tx.active_at(number))
    return answer(context, window, tx.active_at(number))


def pause_window(tx: Transaction, context: Context, number: int, reason: str) -> VerbAnswer:
    """Stops calling for a while. Raises NotFound, Conflict."""
    window = context.window(tx, number).pause(reason, context.now)
    tx.save_window(window)
    active = tx.active_at(number)
    context.record(tx, "window.paused", None, window, active)
    return answer(context, window, active)


def close_window(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Ends work at the window; whoever waited for it alone may be called by others.
    Raises NotFound, Conflict (while it has a ticket)."""
    before = context.window(tx, number)
    active = tx.active_at(number)
    if active is not None:
        raise Conflict(
            "ticket_at_window",
            f"{active.number} 号还在窗口，请先办结、挂起或按过号",
            f"{active.number} is still at the window; finish, park or mark it missed first",
        )
    window = before.close(context.now)
    if window != before:
        tx.save_window(window)
        tx.release_targets(number)
        context.record(tx, "window.closed", None, window)
    return answer(context, window, None)


def check_rules(context: Context, rules: list[ProfileRule]) -> None:
    """Raises Invalid with every service or category that the hall does not have."""
    known = set(context.hall.services)
    known |= {f"category:{c.id}" for c in context.hall.categories}
    problems: list[dict[str, Any]] = [
        {"field": f"rules[{i}].services[{j}]", "message": f"没有“{entry}”"}
        for i, rule in enumerate(rules)
        if rule.services != "*"
        for j, entry in enumerate(rule.services)
        if entry not in known
    ]
    problems += [
        {"field": f"rules[{i}].to", "message": "结束时间应晚于开始时间"}
        for i, rule in enumerate(rules)
        if rule.from_ is not None and rule.to is not None and rule.to <= rule.from_
    ]
    if problems:
        raise Invalid(
            "invalid_profile",
            "窗口业务配置有误",
            "the work profile names things that do not exist or hours that never come",
            problems,
        )


def set_profile(
    tx: Transaction, context: Context, number: int, rules: list[ProfileRule]
) -> Profile:
    """Changes what the window takes, in force at its next call. Raises NotFound, Invalid."""
    place = context.hall.window(number)
    check_rules(context, rules)
    text = rules_json(rules)
    before = tx.profile(number)
    if text != before:
        tx.save_profile(number, text, context.now, context.actor)
        shown = [r.model_dump(mode="json", by_alias=True, exclude_none=True) for r in rules]
        context.record(
            tx,
            "profile.changed",
            None,
            context.window(tx, number),
            tx.active_at(number),
            rules=shown,
            number=place.number,
        )
    return views.profile(parsed_profile(text))
