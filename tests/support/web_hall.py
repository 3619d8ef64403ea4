"""The real server in this process, with staff, for tests of its pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import urllib3

from hall_server.program import start
from hall_server.settings import ServerSettings
from hall_server.store.store import SqlStore, prepare_data_dir
from hall_server.web.ports import DemoPlace
from hallkit.runtime.clock import Clock
from hallkit.runtime.ports import free_port
from hallkit.runtime.service import Service
from hallkit.wire.ids import new_id
from tests.fakes.hallfile_small import good_tables, write
from tests.support.daytime import DayClock
from tests.support.staff import member
from tests.support.waiting import wait_for

Hours = Literal["real", "always"]
PIN = "246810"
MANAGER, GUIDE, CLERK, OTHER_CLERK = "9001", "8001", "1001", "1002"
_STAFF = [
    (MANAGER, "李主任", "manager"),
    (GUIDE, "王导办", "guide"),
    (CLERK, "张三", "clerk"),
    (OTHER_CLERK, "赵四", "clerk"),
]


def plain_tables() -> dict[str, Any]:
    """The small hall, its windows working whatever the time of day: window 1 takes social
    matters, window 2 everything."""
    tables = good_tables()
    tables["windows"][0]["rules"] = [{"services": ["category:social"]}]
    return tables


class WebHall:
    """A hall server that can be stopped and started again at the same address."""

    def __init__(
        self, tables: dict[str, Any], folder: Path, clock: Clock, hours: Hours = "always"
    ) -> None:
        self._clock = clock
        self._hours = hours
        self._hall_file = write(tables, folder)
        self._data = folder / "data"
        self._service: Service | None = None
        self._http = urllib3.PoolManager(retries=False, timeout=10.0)
        self._headers: dict[str, str] = {}
        # Its own also while the server is stopped: no other program is given it then.
        self.port = free_port()
        prepare_data_dir(self._data)
        store = SqlStore(self._data)
        try:
            staff = [member(*one, PIN) for one in _STAFF]
            store.write(lambda tx: [tx.save_staff(one) for one in staff])
        finally:
            store.close()

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def let_in(self) -> None:
        """Approves the one device that asks, once it does."""

        def pending() -> list[str]:
            devices = self.ask("GET", "/devices")["devices"]
            return [device["id"] for device in devices if device["state"] == "pending"]

        (device,) = wait_for("a device to ask", pending)
        self.command(f"/devices/{device}/approve")

    def first_part(self) -> str:
        """The state of the first part of the only device, as the server knows it."""
        (device,) = self.ask("GET", "/devices")["devices"]
        return str(device["status"]["parts"][0]["state"]) if device["status"] else ""

    def start(self, demo: DemoPlace | None = None) -> None:
        """Starts the server, at the same port as before."""
        settings = ServerSettings(
            hall_file=self._hall_file,
            data_dir=self._data,
            host="127.0.0.1",
            port=self.port,
            announce=False,
            hours=self._hours,
        )
        self._service = Service()
        start(self._service, settings, self._clock, demo)

    def stop(self) -> None:
        """Stops the server; the data stays."""
        if self._service is not None:
            self._service.close()
            self._service = None
        self._http.clear()

    def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """A manager's request to the API, or that of whoever has these headers; its answer, which
        must be a good one."""
        if not self._headers and headers is None:
            answer = self._http.request(
                "POST", f"{self.url}/api/v1/session", json={"staff_no": MANAGER, "pin": PIN}
            )
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            self._headers = {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}
        answer = self._http.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers or self._headers
        )
        assert answer.status < 300, answer.data.decode()
        return answer.json()

    def command(self, path: str, **body: Any) -> Any:
        """A manager's command."""
        return self.ask("POST", path, {"request_id": new_id(), **body})

    def issue(
        self, service_id: str, priority: str = "ordinary", more: Sequence[str] = ()
    ) -> dict[str, Any]:
        """A ticket taken at the guide desk, ``more`` being done after the first service."""
        ticket = self.command(
            "/tickets",
            service_id=service_id,
            priority_class=priority,
            more_services=list(more),
            channel="desk",
        )
        assert isinstance(ticket, dict)
        return ticket

    def tickets(self, state: str) -> list[str]:
        """The numbers of today's tickets in this state."""
        return [t["number"] for t in self.ask("GET", f"/tickets?state={state}")["tickets"]]


@contextmanager
def web_hall(
    tables: dict[str, Any],
    folder: Path,
    clock: Clock | None = None,
    demo: DemoPlace | None = None,
    hours: Hours = "always",
) -> Iterator[WebHall]:
    """A started hall, stopped at the end."""
    hall = WebHall(tables, folder, clock or DayClock(), hours)
    try:
        hall.start(demo)
        yield hall
    finally:
        hall.stop()
