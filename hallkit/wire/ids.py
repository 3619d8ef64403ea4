"""Identifiers made by the caller."""

import secrets
import uuid
from datetime import UTC, datetime


def new_id() -> str:
    """A fresh UUID string, for a request, a job or a ticket made offline. Version 7 of RFC 9562:
    those of one time stand together in a database's index, so that a card is written less; 74 bits
    are chance, so that nobody guesses one."""
    at = round(datetime.now(UTC).timestamp() * 1000)
    chance = secrets.randbits(74)
    number = at << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | (chance & (1 << 62) - 1)
    return str(uuid.UUID(int=number))
