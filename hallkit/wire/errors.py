"""The one shape of an error, in both languages of the hall."""

from typing import Any

from hallkit.wire.message import Message


class ErrorInfo(Message):
    """What went wrong: a stable ``code`` for programs, a sentence for people in each language,
    and ``details`` where several things are wrong at once."""

    code: str
    message: str
    message_en: str
    details: list[Any] = []


class ErrorBody(Message):
    """The JSON body of every answer with status 4xx or 5xx."""

    error: ErrorInfo
