"""The queue's real use cases over a real database, without HTTP: fast enough for thousands of
commands."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from hall_server.domain.errors import Refused
from hall_server.domain.instant import Moment
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.commands import Commands
from hall_server.service.install import install_hall
from hall_server.service.views import Urls
from hall_server.store.database import DATABASE
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import ManualClock
from hallkit.wire.message import Message

Tables = dict[str, Any]
_MEMORY = Path("/dev/shm")


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is one: fsync costs nothing there."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="hall-test-", dir=place) as name:
        yield Path(name)


@dataclass(frozen=True)
class Answer:
    """What a command answered: JSON text, or the code of its refusal."""

    text: str = ""
    code: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return not self.code

    @property
    def json(self) -> Any:
        """What it answered."""
        return json.loads(self.text)


class Rig:
    """A hall's commands on a database of its own. ``empty`` is a folder with an empty database,
    which is copied: making one takes longer than using it."""

    def __init__(self, folder: Path, tables: Tables, start: str, empty: Path | None = None) -> None:
        if empty is not None:
            shutil.copy(empty / DATABASE, folder / DATABASE)
        self.path = folder / DATABASE
        self._folder = folder
        file = HallFile.model_validate(tables)
        self.hall = build_hall(file)
        self.clock = ManualClock(datetime.fromisoformat(start).replace(tzinfo=self.hall.zone))
        self._open()
        install_hall(self.store, file, "system", self.clock.now)

    def _open(self) -> None:
        self.store = SqlStore(self._folder)
        urls = Urls("http://hall.test")
        self.commands = Commands(self.store, self.hall, self.clock, urls)

    def restart(self) -> None:
        """Closes and opens again, as a restart of the server does."""
        self.store.close()
        self._open()

    def close(self) -> None:
        """Ends it."""
        self.store.close()

    def moment(self) -> Moment:
        """Now, as the next command will see it."""
        return self.commands.moment()

    def later(self, **by: float) -> None:
        """Moves the clock by this, also backwards."""
        self.clock.set(self.clock.now() + timedelta(**by))

    def run(
        self,
        name: str,
        case: Callable[..., Message],
        *arguments: Any,
        request_id: str = "",
        actor: str = "staff:1",
        **more: Any,
    ) -> Answer:
        """Runs a use case as a command."""
        try:
            text = self.commands.run(
                actor,
                request_id or str(uuid4()),
                name,
                {"arguments": [str(a) for a in arguments], **more},
                lambda tx, context: case(tx, context, *arguments, **more),
            )
        except Refused as refused:
            return Answer(code=refused.code)
        return Answer(text)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What is in the database, read without the product's code."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]
