"""How a queue number is written."""

# Letters that are misread: I as 1, O and Q as 0.
FORBIDDEN_LETTERS = frozenset("IOQ")


def ticket_number(series: str, sequence: int) -> str:
    """``A`` and 12 as ``A012``; after 999 it widens to four digits and never wraps."""
    return f"{series}{sequence:03d}"
