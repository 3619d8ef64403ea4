"""Putting a hall into an empty or running database."""

from hall_server.domain.instant import to_instant
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.ports import NewEvent, Store, Transaction
from hallkit.runtime.clock import Clock


def install_hall(store: Store, clock: Clock, file: HallFile, actor: str) -> None:
    """Stores a checked hall file as the hall in force and journals it. The server reads it at
    its next start."""
    hall = build_hall(file)
    document = file.model_dump_json(by_alias=True)

    def work(tx: Transaction) -> None:
        now = clock.now()
        at = max(to_instant(now), tx.last_at())
        tx.add_hall(document, at, actor)
        tx.save_priorities(hall.priorities)
        event = NewEvent("hall.changed", data={"hall": hall.id, "name": hall.name})
        tx.append(event, at, now.astimezone(hall.zone).date().isoformat(), actor, "")

    store.write(work)
