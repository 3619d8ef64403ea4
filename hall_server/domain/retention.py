"""How long the hall keeps what has happened."""

from dataclasses import dataclass
from datetime import date, timedelta

from hall_server.domain.instant import MINUTE, Instant

_DAY = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Retention:
    """Days for which the journal's entries are kept, and the first answers to commands."""

    journal_days: int = 730
    command_days: int = 3

    def first_day(self, today: str) -> str:
        """The first business day whose journal is kept."""
        return (date.fromisoformat(today) - timedelta(days=self.journal_days)).isoformat()

    def answers_from(self, now: Instant) -> Instant:
        """From when on the first answers are kept."""
        return now - self.command_days * _DAY
