"""Windows: their state, their verbs, their work profiles."""

from collections.abc import Callable
from uuid import uuid4

from flask import Response

from hall_server.api.access import need_at_window, need_known, need_staff
from hall_server.api.bodies import ProfileBody, VerbBody, VerbPath, WindowPath
from hall_server.api.document import (
    ADDRESS,
    BODY,
    KNOWN,
    NEEDS_KNOWN,
    NEEDS_ROLE,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import Later, json_text, reply
from hall_server.domain.errors import Invalid
from hall_server.service import call, serve, window
from hall_server.service.answers import Profile, ProfileChange, VerbAnswer, WindowList, WindowLive
from hall_server.service.context import Context
from hall_server.service.people import Person
from hall_server.service.ports import Transaction

api = blueprint("windows")
Verb = Callable[[Transaction, Context, int, VerbBody, Person], VerbAnswer]

_VERBS: dict[str, Verb] = {
    "open": lambda tx, c, n, _b, who: window.open_window(tx, c, n, who.staff_no),
    "close": lambda tx, c, n, _b, _w: window.close_window(tx, c, n),
    "pause": lambda tx, c, n, b, _w: window.pause_window(tx, c, n, b.reason or ""),
    "call-next": lambda tx, c, n, _b, _w: call.call_next(tx, c, n),
    "call": lambda tx, c, n, b, _w: call.call_ticket(tx, c, n, _ticket_id(b), b.reason),
    "recall": lambda tx, c, n, _b, _w: call.recall(tx, c, n),
    "start": lambda tx, c, n, _b, _w: serve.start(tx, c, n),
    "finish": lambda tx, c, n, b, _w: serve.finish(
        tx, c, n, b.outcome or "done", keep=bool(b.keep)
    ),
    "no-show": lambda tx, c, n, _b, _w: serve.no_show(tx, c, n),
    "park": lambda tx, c, n, _b, _w: serve.park(tx, c, n),
    "resume": lambda tx, c, n, b, _w: serve.resume(tx, c, n, _ticket_id(b)),
    "requeue": lambda tx, c, n, b, _w: serve.requeue(tx, c, n, _ticket_id(b)),
    "transfer": lambda tx, c, n, b, _w: serve.transfer(tx, c, n, b.service_id, b.window),
}
# The optional fields that a verb takes; any other one given is a mistake of the caller.
_FIELDS: dict[str, frozenset[str]] = {
    "call": frozenset({"ticket_id", "reason"}),
    "resume": frozenset({"ticket_id"}),
    "requeue": frozenset({"ticket_id"}),
    "transfer": frozenset({"service_id", "window"}),
    "pause": frozenset({"reason"}),
    "finish": frozenset({"outcome", "keep"}),
}


def _ticket_id(body: VerbBody) -> str:
    if body.ticket_id is None:
        raise _invalid("ticket_id", "缺少此项 / is missing")
    return body.ticket_id


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(
        "invalid_fields",
        f"字段有误：{field}",
        f"invalid fields: {field}",
        [{"field": field, "message": message}],
    )


@api.get(
    "/windows",
    summary="Every window, live",
    security=KNOWN,
    responses=answers(200, WindowList, *NEEDS_KNOWN),
)
def list_windows() -> Response:
    """Staff and devices."""
    need_known()
    return reply(parts().queries.windows())


@api.get(
    "/windows/<int:number>",
    summary="A window, live",
    security=KNOWN,
    responses=answers(200, WindowLive, *NEEDS_KNOWN, *ADDRESS),
)
def get_window(path: WindowPath) -> Response:
    """Staff and devices."""
    need_known()
    return reply(parts().queries.window(path.number))


@api.get(
    "/windows/<int:number>/profile",
    summary="What it takes",
    security=KNOWN,
    responses=answers(200, Profile, *NEEDS_KNOWN, *ADDRESS),
)
def get_profile(path: WindowPath) -> Response:
    """Staff and devices."""
    need_known()
    return reply(parts().queries.profile(path.number))


@api.put(
    "/windows/<int:number>/profile",
    summary="Changes what it takes, in force at its next call",
    security=STAFF_COMMAND,
    responses=answers(200, ProfileChange, *NEEDS_ROLE, *ADDRESS, *BODY),
)
def put_profile(path: WindowPath, body: ProfileBody) -> Response:
    """Managers. Putting the same profile again changes nothing. The answer names those who wait
    and whom no open window may call because of the change; with ``dry_run`` it is not made."""
    person = need_staff("manager")
    if body.dry_run:
        p = parts()
        profile = window.checked_profile(p.commands.hall, path.number, body.rules)
        return reply(p.queries.try_profile(path.number, profile))
    text = parts().commands.run(
        f"staff:{person.staff_no}",
        str(uuid4()),
        "profile",
        {"number": path.number},
        lambda tx, context: window.set_profile(tx, context, path.number, body.rules),
    )
    return json_text(text)


@api.post(
    "/windows/<int:number>/<verb>",
    summary="A verb at a window",
    security=STAFF_COMMAND,
    responses=answers(200, VerbAnswer, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def do_verb(path: VerbPath, body: VerbBody) -> Response:
    """The clerk of the window, or a manager."""
    person = need_at_window(path.number)
    given = body.model_dump(exclude={"request_id"}, exclude_none=True)
    for field in sorted(given.keys() - _FIELDS.get(path.verb, frozenset())):
        raise _invalid(field, f"{path.verb} 不需要此项 / {path.verb} takes no such field")

    def work(tx: Transaction, context: Context) -> VerbAnswer:
        # Closing is open to whoever comes after: a colleague may have left without doing so.
        if person.role != "manager" and path.verb != "close":
            context.window(tx, path.number).need_clerk(person.staff_no)
        return _VERBS[path.verb](tx, context, path.number, body, person)

    commands, actor = parts().commands, f"staff:{person.staff_no}"
    asked = {"number": path.number, **given}
    return Later(lambda t: commands.begin(actor, body.request_id, path.verb, asked, work, t))
