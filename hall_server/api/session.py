"""Staff log-in."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from hall_server.api.access import COOKIE, need_staff
from hall_server.api.bodies import LogInBody
from hall_server.api.parts import parts
from hall_server.api.replies import answers, reply
from hall_server.service.answers import Done, SessionInfo, Staff
from hall_server.service.people import SESSION_LASTS, Person

api = APIBlueprint("session", __name__)


def _info(person: Person) -> SessionInfo:
    return SessionInfo(
        staff=Staff(staff_no=person.staff_no, name=person.name, role=person.role),
        window=person.window,
        csrf_token=person.csrf_token,
    )


@api.post("/session", summary="Logs in", responses=answers(200, SessionInfo))
def log_in(body: LogInBody) -> Response:
    """Five wrong pins lock the number for ten minutes. Sets the session cookie."""
    if body.window is not None:
        parts().commands.hall.window(body.window)
    cookie, person = parts().people.log_in(body.staff_no, body.pin, body.window)
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


@api.get("/session", summary="Who is logged in", responses=answers(200, SessionInfo))
def who() -> Response:
    """401 when nobody is."""
    return reply(_info(need_staff()))


@api.delete("/session", summary="Logs out", responses=answers(200, Done))
def log_out() -> Response:
    """The session ends at once, on every page."""
    need_staff()
    parts().people.log_out(request.cookies.get(COOKIE, ""))
    response = reply(Done())
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response
