"""What the limits need of the store."""

from typing import Protocol


class QuotaReader(Protocol):
    """Counters of the numbers given; slot ``""`` is the whole day."""

    def quotas_used(self, day: str) -> dict[str, dict[str, int]]:
        """What was counted on a day, by service and slot."""
        ...


class QuotaTransaction(QuotaReader, Protocol):
    """Changes of the counters."""

    def quota_used(self, day: str, service_id: str) -> dict[str, int]:
        """What was counted for a service, by slot."""
        ...

    def set_quota(self, day: str, service_id: str, slot: str, used: int) -> None: ...
