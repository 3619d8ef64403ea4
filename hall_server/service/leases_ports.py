"""What leases and what was issued offline need of the store."""

from typing import Protocol

from hall_server.domain.instant import Instant
from hall_server.domain.lease import Lease


class LeaseTransaction(Protocol):
    """The leases' part of a transaction."""

    def add_lease(self, lease: Lease) -> None: ...
    def close_lease(self, lease_id: str) -> None: ...
    def lease(self, lease_id: str) -> Lease | None: ...
    def open_lease(self, device_id: str, day: str, series: str) -> Lease | None: ...
    def open_leases(self, day: str) -> list[Lease]:
        """The day's leases that are still open."""
        ...

    def open_leases_before(self, day: str) -> list[Lease]:
        """Leases of earlier days that are still open."""
        ...

    def leases_of(self, device_id: str, series: str, sequence: int) -> list[Lease]:
        """The device's leases that hold this number, of any day, the newest first."""
        ...

    def issued_since(self, day: str, series: str, at: Instant) -> int:
        """How many numbers of the day's series were issued at ``at`` or later."""
        ...

    def issued_in(self, day: str, series: str, first: int, last: int) -> dict[int, Instant]:
        """The numbers issued of those from ``first`` to ``last``, with their times."""
        ...
