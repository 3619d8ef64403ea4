"""Identifiers made by the caller."""

import secrets
import uuid
from datetime import UTC, datetime


def new_id() -> str:
    """A fresh UUID string, for a request, a job or a ticket made offline. Version 7 of RFC 9562:
    those of one time stand together in a database's index, so that a card is written less; 74 bits
    are chance, so that nobody guesses one."""
    return timed_id(round(datetime.now(UTC).timestamp() * 1000), secrets.randbits(74))


def timed_id(at: int, rest: int) -> str:
    """A UUID of version 7 that sorts by ``at`` (milliseconds since 1970) and then by ``rest``
    (74 bits)."""
    high, low = rest >> 62, rest & (1 << 62) - 1
    return str(uuid.UUID(int=at << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))
