"""Why a command is refused. Every refusal has a stable code and a sentence in each language.

Refused
├── NotFound    there is no such thing
├── Conflict    it exists, but not in a state that allows this
├── Invalid     the request itself makes no sense
├── Forbidden   this person or device may not do it
├── Unknown     it is not known who asks: log in (HTTP 401)
└── TooMany     too often or too much at once: later (HTTP 429)
"""

from typing import Any


class Refused(Exception):
    """A command that changes nothing."""

    def __init__(self, code: str, zh: str, en: str, details: list[Any] | None = None) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.details = details or []


class NotFound(Refused):
    """There is no such thing."""


class Conflict(Refused):
    """It exists, but not in a state that allows this."""


class Invalid(Refused):
    """The request itself makes no sense."""


class Forbidden(Refused):
    """This person or device may not do it."""


class Unknown(Refused):
    """It is not known who asks."""


class TooMany(Refused):
    """Too often, or too much at once: again in ``retry_after_s`` seconds."""

    def __init__(self, code: str, zh: str, en: str, *, retry_after_s: int = 10) -> None:
        super().__init__(code, zh, en)
        self.retry_after_s = max(1, retry_after_s)
