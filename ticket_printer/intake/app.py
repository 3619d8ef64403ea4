"""The loopback HTTP address of the ticket printer, a WSGI application.

``POST /jobs`` · ``GET /jobs`` · ``GET /jobs/{id}`` · ``POST /jobs/{id}/reprint`` ·
``POST /jobs/{id}/withdraw`` · ``GET /printers``; messages in :mod:`hallkit.wire.printing`. A
request that comes from a web page
(it has an Origin, or a Host that is not this machine) is refused: a page must not print tickets.
"""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from hallkit.wire.errors import ErrorBody, ErrorInfo
from ticket_printer.intake.checks import JobIn, ReprintIn, details_of
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.intake.refused import Refused

_log = logging.getLogger(__name__)

# A ticket's job is under 2 kB.
MOST_BODY_BYTES = 64 * 1024
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_ROUTES = Map(
    [
        Rule("/jobs", endpoint="submit", methods=["POST"]),
        Rule("/jobs", endpoint="list", methods=["GET"]),
        Rule("/jobs/<job_id>", endpoint="show", methods=["GET"]),
        Rule("/jobs/<job_id>/reprint", endpoint="reprint", methods=["POST"]),
        Rule("/jobs/<job_id>/withdraw", endpoint="withdraw", methods=["POST"]),
        Rule("/printers", endpoint="printers", methods=["GET"]),
    ],
    strict_slashes=False,
)


def _answer(message: BaseModel, status: int = 200) -> Response:
    return Response(
        message.model_dump_json(), status=status, content_type="application/json; charset=utf-8"
    )


def _error(refused: Refused) -> Response:
    info = ErrorInfo(
        code=refused.code, message=refused.zh, message_en=refused.en, details=refused.details
    )
    return _answer(ErrorBody(error=info), refused.status)


def _check_origin(request: Request) -> None:
    host = request.environ.get("HTTP_HOST", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name not in _LOCAL_HOSTS:
        raise Refused(
            403, "foreign_host", "只接受发给本机的请求", "only requests to this machine are taken"
        )
    if "HTTP_ORIGIN" in request.environ:
        raise Refused(403, "web_page", "网页不得打印", "a web page must not print")


def _json_body(request: Request) -> Any:
    if request.mimetype != "application/json":
        raise Refused(415, "not_json", "内容类型应为 application/json", "send application/json")
    try:
        return json.loads(_body(request))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refused(
            400, "malformed_json", "不是有效的 JSON", f"not valid JSON: {error}"
        ) from None


def _body(request: Request) -> bytes:
    """The body; its length need not be given (chunked)."""
    if (request.content_length or 0) > MOST_BODY_BYTES:
        raise RequestEntityTooLarge
    body: bytes = request.stream.read(MOST_BODY_BYTES + 1)
    if len(body) > MOST_BODY_BYTES:
        raise RequestEntityTooLarge
    return body


def _parse(request: Request, model: type[BaseModel]) -> Any:
    data = _json_body(request)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refused(
            422,
            "invalid_fields",
            "打印任务有误",
            "the print job is not valid",
            details_of(error, model),
        ) from None


class IntakeApp:
    """The WSGI application over a :class:`PrintDesk`."""

    def __init__(self, desk: PrintDesk) -> None:
        self._desk = desk

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        return self._respond(request)(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            _check_origin(request)
            endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
            handler: Callable[..., Response] = getattr(self, f"_{endpoint}")
            return handler(request, **values)
        except Refused as refused:
            return _error(refused)
        except RequestEntityTooLarge:
            return _error(Refused(413, "too_large", "内容过大", "the body is too large"))
        except MethodNotAllowed:
            return _error(Refused(405, "wrong_method", "不支持此方法", "no such method here"))
        except NotFound:
            return _error(Refused(404, "not_found", "没有这个地址", "there is no such address"))
        except BadRequest:
            return _error(Refused(400, "bad_request", "请求不完整", "the request is not complete"))
        except HTTPException as error:
            status = error.code or 400
            return _error(Refused(status, "refused", "请求被拒绝", error.name))
        except Exception:  # noqa: BLE001 - the answer to a fault of ours is never a traceback
            _log.exception("a request failed")
            return _error(Refused(500, "internal", "打印程序内部错误", "an error in the program"))

    def _submit(self, request: Request) -> Response:
        return _answer(self._desk.submit(_parse(request, JobIn)), 202)

    def _list(self, request: Request) -> Response:
        return _answer(self._desk.jobs(request.args.get("number", "")))

    def _show(self, _request: Request, job_id: str) -> Response:
        return _answer(self._desk.view(job_id))

    def _reprint(self, request: Request, job_id: str) -> Response:
        body: ReprintIn = _parse(request, ReprintIn)
        view = self._desk.reprint(job_id, body.job_id, body.printer, by=body.by, reason=body.reason)
        return _answer(view, 202)

    def _withdraw(self, _request: Request, job_id: str) -> Response:
        return _answer(self._desk.withdraw(job_id), 202)

    def _printers(self, _request: Request) -> Response:
        return _answer(self._desk.printers())
