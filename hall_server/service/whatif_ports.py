"""What a what-if needs of the store."""

from collections.abc import Collection
from typing import Protocol

from hall_server.domain.whatif_days import Served


class WhatIfTransaction(Protocol):
    """The what-if's part of a transaction: earlier days, read only."""

    def days_before(self, day: str, count: int) -> list[str]:
        """The last ``count`` days before this one on which numbers were given, newest first."""
        ...

    def served_on(self, days: Collection[str], limit: int) -> list[Served]:
        """The tickets of these days that were called, of the newest day first."""
        ...
