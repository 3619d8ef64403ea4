"""Answers, and how the API document describes them."""

from flask import Response
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel

from hallkit.wire.errors import ErrorBody

_REFUSALS = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)


def answers(status: int, model: type[BaseModel]) -> ResponseDict:
    """The ``responses`` of an endpoint: its answer, and every refusal in the one shape."""
    described: ResponseDict = {str(status): model}
    described.update({str(code): ErrorBody for code in _REFUSALS})
    return described


def json_text(text: str, status: int = 200) -> Response:
    """An answer that is JSON text already."""
    return Response(text, status=status, mimetype="application/json")


def reply(message: BaseModel, status: int = 200) -> Response:
    """A message as an answer."""
    return json_text(message.model_dump_json(by_alias=True), status)
