"""Identifiers made by the caller."""

import uuid


def new_id() -> str:
    """A fresh UUID string, for a request, a job or a ticket made offline."""
    return str(uuid.uuid4())
