"""Every error as the one JSON shape, in both languages, never a traceback."""

import itertools
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug import exceptions as werkzeug
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from hall_server.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unknown,
)
from hall_server.service.ports import StorageFailed, WriterStopped
from hallkit.runtime.settings import Problem, problems_of
from hallkit.wire.errors import ErrorBody, ErrorInfo

_log = logging.getLogger(__name__)

_STATUS: dict[type[Refused], int] = {
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Forbidden: 403,
    Unknown: 401,
    TooMany: 429,
}
_HTTP: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求格式有误", "the request is malformed"),
    404: ("not_found", "没有这个地址", "there is nothing at this address"),
    405: ("method_not_allowed", "不支持此操作方式", "this method is not allowed here"),
    413: ("too_large", "请求内容过大", "the request is too large"),
    415: ("json_needed", "请求内容应为 JSON", "the body should be application/json"),
}


# A body of 64 kB may have thousands of unknown fields.
_MOST_NAMED, _MOST_DETAILS, _LONGEST = 10, 50, 300


def error_response(
    status: int, code: str, zh: str, en: str, details: list[Any] | None = None
) -> Response:
    """An error as its HTTP answer."""
    info = ErrorInfo(code=code, message=zh, message_en=en, details=details or [])
    return Response(
        ErrorBody(error=info).model_dump_json(), status=status, mimetype="application/json"
    )


def refused_response(error: Refused) -> Response:
    """A refusal as its HTTP answer."""
    response = error_response(_STATUS[type(error)], error.code, error.zh, error.en, error.details)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def validation_response(error: ValidationError) -> Response:
    """All fields that are wrong, at once. Used by the API layer for every endpoint."""
    problems = zip(problems_of(error, BaseModel, ""), error.errors(), strict=True)
    details = [
        {"field": _readable(problem.key), "message": _words_of(problem, found["type"])}
        for problem, found in itertools.islice(problems, _MOST_DETAILS)
    ]
    named = [d["field"] for d in details if d["field"]]
    zh, en = (mark.join(named[:_MOST_NAMED]) or "…" for mark in ("、", ", "))
    return error_response(
        422, "invalid_fields", f"字段有误：{zh}", f"invalid fields: {en}", details
    )


def _words_of(problem: Problem, kind: str) -> str:
    if kind == "extra_forbidden":
        return "没有这个字段 / there is no such field"
    return _readable(f"{problem.zh} / {problem.en}")


def _readable(text: str) -> str:
    """What the caller wrote, made fit to be shown: short, and of real characters."""
    return text.encode("utf-8", "replace").decode()[:_LONGEST]


def handle_errors(app: Flask, missing_page: Callable[[], Response]) -> None:
    """Registers the answers for everything that can go wrong in a request. ``missing_page`` is
    what a person gets who asks for a page that there is not."""

    def missing(error: werkzeug.NotFound) -> Response:
        return _http(error) if request.path.startswith("/api/") else missing_page()

    app.register_error_handler(404, missing)
    app.register_error_handler(Refused, refused_response)
    app.register_error_handler(StorageFailed, _storage_failed)
    app.register_error_handler(WriterStopped, _stopping)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _storage_failed(_error: StorageFailed) -> Response:
    return error_response(
        503,
        "storage_failed",
        "数据无法保存（磁盘可能已满），本次操作未生效",
        "the data could not be stored (is the disk full?); nothing was changed",
    )


def _stopping(_error: WriterStopped) -> Response:
    return error_response(503, "stopping", "服务正在停止", "the server is stopping")


def outcome_response(error: Exception) -> Response:
    """What went wrong in a command, as its HTTP answer; outside a request too."""
    if isinstance(error, Refused):
        return refused_response(error)
    if isinstance(error, StorageFailed):
        return _storage_failed(error)
    if isinstance(error, WriterStopped):
        return _stopping(error)
    _log.error("a command failed", exc_info=error)
    return _internal()


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    code, zh, en = _HTTP.get(status, ("http_error", "请求无法处理", error.name))
    response = error_response(status, code, zh, en)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _internal()


def _internal() -> Response:
    return error_response(
        500, "internal_error", "服务器内部错误，已记录", "an internal error; it was logged"
    )
