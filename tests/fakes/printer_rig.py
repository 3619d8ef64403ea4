"""The ticket printer program and virtual printers on real sockets, for tests."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import urllib3

from hallkit.runtime.clock import Clock
from hallkit.runtime.ports import free_port
from hallkit.runtime.service import Service
from hallkit.wire.printing import JobView, PrinterView, TicketSlip
from tests.support.waiting import wait_for
from ticket_printer.program import Program
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.transport.confirm import Patience
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

# A busy machine with two cores; a failed wait is a failed test, so it may be long.
DEADLINE_S = 60.0
# The waits of a delivery, short enough for a test.
BRISK = Patience(stall_s=3.0, silence_s=2.5, confirm_s=4.0, settle_s=1.0)
# A ticket of an earlier day is not printed; one of tomorrow is, also if a test runs over midnight.
ISSUED_AT = datetime.now(timezone(timedelta(hours=8))).replace(microsecond=0) + timedelta(days=1)
QR_URL = "http://192.168.1.10:8080/t/6fJ2kQw9ZtB4"


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits until a condition holds, or fails with what did not happen."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen: {what}")
        time.sleep(0.02)


def slip(**changes: Any) -> TicketSlip:
    """A usual ticket."""
    values: dict[str, Any] = {
        "hall_name": "尧禾镇便民服务中心",
        "service_name": "城乡居民养老保险参保登记",
        "number": "A012",
        "ahead": 7,
        "p50_min": 12,
        "p90_min": 25,
        "wait_at": "休息等候区",
        "missed_rule": "过号后顺延 3 位，请留意叫号；第三次过号，号码作废，请重新取号。",
        "issued_at": ISSUED_AT,
        "position_url": QR_URL,
    }
    return TicketSlip.model_validate(values | changes)


class Intake:
    """A client of the printer program's loopback address."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._pool = urllib3.PoolManager(retries=False, timeout=20)

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of any request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("Content-Type", "application/json")
        answer = self._pool.request(method, self.url + path, body=body, headers=named)
        return answer.status, json.loads(answer.data)

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """POSTs JSON."""
        return self.call("POST", path, json.dumps(body).encode())

    def submit(self, job_id: str, printer: str = "", **changes: Any) -> JobView:
        """Hands in a usual ticket."""
        status, view = self.post(
            "/jobs",
            {
                "job_id": job_id,
                "printer": printer,
                "slip": slip(**changes).model_dump(mode="json"),
            },
        )
        assert status == 202, view
        return JobView.model_validate(view)

    def job(self, job_id: str) -> JobView:
        """Where a job stands."""
        status, view = self.call("GET", f"/jobs/{job_id}")
        assert status == 200, view
        return JobView.model_validate(view)

    def printers(self) -> dict[str, PrinterView]:
        """Every printer by name."""
        _, answer = self.call("GET", "/printers")
        return {p["name"]: PrinterView.model_validate(p) for p in answer["printers"]}

    def wait_state(self, job_id: str, *states: str) -> JobView:
        """Waits until the job is in one of these states; the job as it was then."""
        return wait_for(
            f"{job_id} to become {states}",
            lambda: job if (job := self.job(job_id)).state in states else None,
        )

    def wait_printer(self, state: str, name: str = "P") -> PrinterView:
        """Waits until the printer is in this state; the printer as it was then."""
        return wait_for(
            f"{name} to become {state}",
            lambda: found if (found := self.printers()[name]).state == state else None,
        )


def papers(folder: Path) -> list[Path]:
    """The tickets that fell out of a virtual printer."""
    return sorted(folder.glob("[0-9]*.png"))


@contextmanager
def virtual_printer(
    folder: Path, *, port: int = 0, width: int = 576, **faults: Any
) -> Iterator[VirtualPrinter]:
    """A running virtual printer; its port is its own also while its power is off."""
    printer = VirtualPrinter("127.0.0.1", port or free_port(), folder, Faults(**faults), width)
    printer.start()
    try:
        yield printer
    finally:
        printer.stop()


def settings(data: Path, *ports: int, **more: Any) -> PrinterProgramSettings:
    """Settings with one printer named P (P2, …) for each port; ``printer`` holds more keys for
    each of them."""
    extra = more.pop("printer", {})
    printers = [
        {"name": f"P{i + 1 if i else ''}", "transport": f"tcp://127.0.0.1:{port}", "poll_s": 0.3}
        | extra
        for i, port in enumerate(ports)
    ]
    values = {"data_dir": str(data), "intake": {"port": 0}, "printers": printers}
    return PrinterProgramSettings.model_validate(values | more)


@contextmanager
def program(
    chosen: PrinterProgramSettings,
    *,
    patience: Patience = BRISK,
    server: str | None = None,
    clock: Clock | None = None,
) -> Iterator[Intake]:
    """The running program, in this process."""
    service = Service()
    running = Program(chosen, server, service, clock, patience)
    try:
        running.start()
        with Intake(running.intake_address[1]) as intake:
            # An answer shows that all of the server's threads are up.
            intake.call("GET", "/printers")
            yield intake
    finally:
        service.close()


def start_and_stop(chosen: PrinterProgramSettings) -> None:
    """Raises whatever keeps the program from starting."""
    with program(chosen):
        pass
