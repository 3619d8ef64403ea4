"""Staff log-in."""

from flask import Response, request

from hall_server.api.access import COOKIE, need_staff
from hall_server.api.bodies import LogInBody
from hall_server.api.document import (
    BODY,
    NEEDS_KNOWN,
    NEEDS_ROLE,
    STAFF,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import reply
from hall_server.api.throttle import address
from hall_server.service.answers import Done, SessionInfo, Staff
from hall_server.service.people import SESSION_LASTS, Person

api = blueprint("session")


def _info(person: Person) -> SessionInfo:
    return SessionInfo(
        staff=Staff(staff_no=person.staff_no, name=person.name, role=person.role),
        window=person.window,
        csrf_token=person.csrf_token,
    )


@api.post(
    "/session",
    summary="Logs in",
    responses=answers(200, SessionInfo, *NEEDS_KNOWN, *BODY, 404, 429),
)
def log_in(body: LogInBody) -> Response:
    """Five wrong pins lock the number for ten minutes. Sets the session cookie."""
    if body.window is not None:
        parts().commands.hall.window(body.window)
    parts().throttles.log_ins.take(address())
    cookie, person = parts().people.log_in(body.staff_no, body.pin, body.window)
    parts().throttles.log_ins.give_back(address())
    response = reply(_info(person))
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_LASTS // 1000,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@api.get(
    "/session",
    summary="Who is logged in",
    security=STAFF,
    responses=answers(200, SessionInfo, *NEEDS_KNOWN),
)
def who() -> Response:
    """401 when nobody is."""
    return reply(_info(need_staff()))


@api.delete(
    "/session",
    summary="Logs out",
    security=STAFF_COMMAND,
    responses=answers(200, Done, *NEEDS_ROLE),
)
def log_out() -> Response:
    """The session ends at once, on every page."""
    need_staff()
    parts().people.log_out(request.cookies.get(COOKIE, ""))
    response = reply(Done())
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response
