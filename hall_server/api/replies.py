"""Answers as JSON."""

from flask import Response
from pydantic import BaseModel


def json_text(text: str, status: int = 200) -> Response:
    """An answer that is JSON text already."""
    return Response(text, status=status, mimetype="application/json")


def reply(message: BaseModel, status: int = 200) -> Response:
    """A message as an answer."""
    return json_text(message.model_dump_json(by_alias=True), status)
