"""Rows for tests of the store, with usual values, and a store in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hall_server.domain.ticket import Ticket
from hall_server.service.ports import NewEvent
from hall_server.store.store import SqlStore
from hall_server.store.transaction import SqlTransaction

DAY = "2026-11-23"
AT = 1_795_400_000_000


@contextmanager
def store_in(folder: Path, *, serving: bool = False) -> Iterator[SqlStore]:
    """A store, closed at the end."""
    store = SqlStore(folder, serving=serving)
    try:
        yield store
    finally:
        store.close()


def ticket_row(sequence: int, **more: Any) -> Ticket:
    """A waiting ticket of series A."""
    values: dict[str, Any] = {
        "id": f"t-{more.get('day', DAY)}-{more.get('series', 'A')}-{sequence}",
        "day": DAY,
        "series": "A",
        "sequence": sequence,
        "service_id": "hukou",
        "priority": "ordinary",
        "state": "waiting",
        "channel": "kiosk",
        "token": f"token-{more.get('series', 'A')}-{sequence}",
        "base": AT,
        "issued": AT,
    }
    return Ticket(**(values | more))


def append(tx: SqlTransaction, number: int, at: int = AT) -> None:
    """A journal entry that says ``number``."""
    event = NewEvent("hall.changed", data={"number": number})
    tx.append(event, at, DAY, "test", f"r-{number}")
