"""Opening, pausing and closing a window, and what it takes."""

from collections.abc import Iterator
from typing import Any

from hall_server.domain.errors import Conflict, Invalid
from hall_server.domain.hall import Hall
from hall_server.domain.profile import CATEGORY_PREFIX, KIND_PREFIX, WorkProfile
from hall_server.hallfile.build import profile_from_rules, rules_json
from hall_server.hallfile.schema import ProfileRule
from hall_server.service import views
from hall_server.service.answers import ProfileChange, Stranded, VerbAnswer
from hall_server.service.call import answer
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.profiles import profile_of
from hall_server.service.stranded import after_profile, after_window, people


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
    left = after_window(tx, context.hall, context.moment, window)
    tx.save_window(window)
    active = tx.active_at(number)
    context.record(tx, "window.paused", None, window, active, left_behind=people(left))
    return answer(context, window, active).model_copy(update={"left_behind": left})


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
    left: list[Stranded] = []
    if window != before:
        tx.release_targets(number)
        left = after_window(tx, context.hall, context.moment, window)
        tx.save_window(window)
        context.record(tx, "window.closed", None, window, left_behind=people(left))
    return answer(context, window, None).model_copy(update={"left_behind": left})


def _known(hall: Hall) -> set[str]:
    """What a rule's ``services`` may name."""
    known = set(hall.services)
    known |= {f"{CATEGORY_PREFIX}{c.id}" for c in hall.categories}
    return known | {f"{KIND_PREFIX}{s.kind}" for s in hall.services.values()}


def _problems(hall: Hall, number: int, rules: list[ProfileRule]) -> Iterator[tuple[str, str]]:
    known, numbers = _known(hall), {w.number for w in hall.windows}
    for i, rule in enumerate(rules):
        for j, entry in enumerate(rule.services if rule.services != "*" else ()):
            if entry not in known:
                yield f"rules[{i}].services[{j}]", f"没有“{entry}”"
        for j, entry in enumerate(rule.classes or ()):
            if not hall.has_priority(entry):
                yield f"rules[{i}].classes[{j}]", f"没有优先类别“{entry}”"
        if rule.while_closed == number:
            yield f"rules[{i}].while_closed", "窗口不能顶替自己"
        elif rule.while_closed is not None and rule.while_closed not in numbers:
            yield f"rules[{i}].while_closed", f"没有 {rule.while_closed} 号窗口"
        if rule.from_ is not None and rule.to is not None and rule.to <= rule.from_:
            yield f"rules[{i}].to", "结束时间应晚于开始时间"


def checked_profile(hall: Hall, number: int, rules: list[ProfileRule]) -> WorkProfile:
    """The rules as the window's profile. Raises NotFound, Invalid with every service, category,
    class or window that the hall does not have."""
    hall.window(number)
    problems = [
        {"field": field, "message": message} for field, message in _problems(hall, number, rules)
    ]
    if problems:
        raise Invalid(
            "invalid_profile",
            "窗口业务配置有误",
            "the work profile names things that do not exist or hours that never come",
            problems,
        )
    return profile_from_rules(rules)


def _as_json(profile: WorkProfile) -> list[dict[str, Any]]:
    shown = views.profile(profile).rules
    return [r.model_dump(mode="json", by_alias=True, exclude_none=True) for r in shown]


def set_profile(
    tx: Transaction, context: Context, number: int, rules: list[ProfileRule]
) -> ProfileChange:
    """Changes what the window takes, in force at its next call; tells who is left behind. Raises
    NotFound, Invalid."""
    hall = context.hall
    profile = checked_profile(hall, number, rules)
    before = profile_of(tx, hall.window(number))
    if profile == before:
        return change_of(profile, [])
    left = after_profile(tx, hall, context.moment, number, profile)
    tx.save_profile(number, rules_json(rules), context.now, context.actor)
    context.record(
        tx,
        "profile.changed",
        None,
        context.window(tx, number),
        tx.active_at(number),
        rules=_as_json(profile),
        before=_as_json(before),
        left_behind=people(left),
        number=number,
    )
    return change_of(profile, left)


def change_of(
    profile: WorkProfile, left: list[Stranded], *, dry_run: bool = False
) -> ProfileChange:
    """The answer to a change of a profile."""
    return ProfileChange(rules=views.profile(profile).rules, left_behind=left, dry_run=dry_run)
