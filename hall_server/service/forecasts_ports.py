"""What the forecaster needs of the store."""

from typing import Protocol

from hall_server.domain.instant import Instant
from hall_server.domain.ticket import Ticket


class ForecastTransaction(Protocol):
    """The forecasts' part of a transaction."""

    def called_since(self, day: str, limit: int) -> list[Ticket]:
        """The newest ``limit`` tickets of this day and later that were called, oldest call
        first."""
        ...

    def called_on(self, day: str) -> list[Ticket]:
        """The tickets of this day that were called, in any order."""
        ...

    def openings(self, since: Instant) -> list[tuple[Instant, str]]:
        """When windows were opened since then, and the journal's JSON about it, oldest first."""
        ...
