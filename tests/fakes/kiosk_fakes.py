"""A hall to take numbers from and a printer program, told by the test what goes wrong; and the
real kiosk program beside them, looked at and touched through its remote hand."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3

from hallkit.runtime.ports import free_port
from hallkit.wire.board import Board, WaitingLine
from hallkit.wire.errors import ErrorBody, ErrorInfo
from hallkit.wire.hall import Area, Category, Hall, MissedCallRule, Policy, PriorityClass, Service
from hallkit.wire.hall import Window as HallWindow
from hallkit.wire.printing import JobView, PrinterList, PrinterView, PrintJob
from hallkit.wire.ticket import Ticket
from tests.fakes.hall_server_fake import Answer, FakeHall

# The machine that runs the tests may be very busy.
PATIENCE_S = 60.0


def service(service_id: str, name: str, **more: Any) -> Service:
    """A service that is open."""
    values = {"id": service_id, "name": name, "kind": "apply", "minutes": 10, "open": True}
    return Service.model_validate(values | more)


def priority_classes() -> list[PriorityClass]:
    """Ordinary visitors and a green channel."""
    rows = [
        ("ordinary", "普通", "Ordinary", "", False),
        ("elderly", "60岁以上老人", "Aged 60 or over", "绿色通道", True),
        ("disabled", "残疾人", "Disabled", "绿色通道", True),
        ("pregnant", "孕妇", "Pregnant", "绿色通道", True),
    ]
    return [
        PriorityClass(id=i, name=n, name_en=e, head=0, rate=1, tag=t, on_kiosk=k)
        for i, n, e, t, k in rows
    ]


def hall_of(*categories: Category, name: str = "测试镇便民服务中心", **policy: Any) -> Hall:
    """A hall with these categories."""
    rule = MissedCallRule(
        policy="requeue_after_k",
        after_k=3,
        minutes=30,
        max_passes=3,
        text="过号后请到窗口说明，三位后重新叫号",
        text_en="called again after three",
    )
    window = HallWindow(
        id="w1", number=1, name="综合窗口", area="main", state="open", kind="comprehensive"
    )
    hours = {"hours_text": "周一至周五 9:00–12:00 13:30–17:00", "open_now": True}
    return Hall(
        id="test",
        name=name,
        name_en="Test Town Service Centre",
        areas=[
            Area(id="main", name="窗口服务区", name_en="Windows"),
            Area(id="rest", name="休息等候区", name_en="Waiting area"),
        ],
        categories=list(categories),
        windows=[window],
        priority_classes=priority_classes(),
        policy=Policy.model_validate({"missed_call": rule, **hours, **policy}),
    )


def town_hall(**policy: Any) -> Hall:
    """Two categories, three services, one of them closed."""
    return hall_of(
        Category(
            id="civil",
            series="A",
            name="民政救济",
            name_en="Civil affairs",
            services=[
                service("dibao", "城乡低保申请", name_en="Minimum living allowance"),
                service("hukou", "户口登记", name_en="Household registration"),
                service("closed", "建房审核", open=False, closed_reason="今日已约满"),
            ],
        ),
        Category(
            id="social",
            series="B",
            name="社会保障",
            services=[service("yanglao", "养老保险", name_en="Pension")],
        ),
        **policy,
    )


def board_of(hall: Hall, **counts: int) -> Board:
    """A board where so many people wait in each category."""
    lines = [
        WaitingLine(
            category=c.id,
            category_name=c.name,
            count=counts.get(c.id, 0),
            p50_min=counts.get(c.id, 0) * 6 or None,
            p90_min=counts.get(c.id, 0) * 11 or None,
        )
        for c in hall.categories
    ]
    return Board(
        business_day="2026-11-23", now_serving=[], recent_calls=[], waiting=lines, journal_seq=0
    )


class TicketHall(FakeHall):
    """A fake hall that issues numbers, once per ``request_id``.

    ``drop_answers`` lets it issue but hang up before it answers, so many times; ``refuse`` makes
    it say no.
    """

    def __init__(self, hall: Hall | None = None, board: Board | None = None) -> None:
        hall = hall or town_hall()
        super().__init__(hall, board or board_of(hall, civil=4))
        self.by_request: dict[str, Ticket] = {}
        self.bodies: list[dict[str, Any]] = []
        self.cancelled: list[str] = []
        self.received_at: list[float] = []
        self.drop_answers = 0
        self.refuse: ErrorInfo | None = None
        self.answer("POST", "/tickets", self.issue)

    def respond(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """As the hall, and cancels tickets."""
        if method == "POST" and path.endswith("/cancel"):
            with self.changed:
                self.cancelled.append(path.split("/")[2])
                self.changed.notify_all()
            return 200, next(iter(self.by_request.values()))
        return super().respond(method, path, body)

    def issue(self, body: dict[str, Any]) -> Answer:
        """Answers ``POST /tickets``."""
        with self.changed:
            self.received_at.append(time.monotonic())
            self.bodies.append(body)
            if self.refuse is not None:
                return 409, ErrorBody(error=self.refuse)
            ticket = self.by_request.get(body["request_id"]) or self._new(body)
            self.by_request[body["request_id"]] = ticket
            self.changed.notify_all()
            if self.drop_answers:
                self.drop_answers -= 1
                raise ConnectionResetError("hung up before the answer")
        return 201, ticket

    def _new(self, body: dict[str, Any]) -> Ticket:
        category = next(
            c for c in self.hall.categories for s in c.services if s.id == body["service_id"]
        )
        chosen = next(s for s in category.services if s.id == body["service_id"])
        line = next(w for w in self.board.waiting if w.category == category.id)
        sequence = len(self.by_request) + 1
        return Ticket(
            id=f"11111111-0000-4000-8000-{sequence:012d}",
            number=f"{category.series}{sequence:03d}",
            series=category.series,
            sequence=sequence,
            service_id=chosen.id,
            service_name=chosen.name,
            priority_class=body.get("priority_class", "ordinary"),
            state="waiting",
            ahead=line.count,
            p50_min=line.p50_min,
            p90_min=line.p90_min,
            issued_at=datetime.now(UTC),
            position_url="http://192.168.1.10:8080/t/Xk3pQ9zR2m",
        )


class FakePrinter:
    """A printer program. ``state`` is what becomes of every job, ``collect_at`` where it comes out
    when that is elsewhere; ``up`` is the program itself."""

    def __init__(self) -> None:
        self.state: str = "done"
        self.detail = ("", "")
        self.collect_at = ("", "")
        self.jobs: dict[str, PrintJob] = {}
        self.received_at: list[float] = []
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = free_port()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts serving, on the port it had before."""
        fake = self

        class Connection(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                job = self.path.removeprefix("/jobs/")
                if self.path == "/printers":
                    view = PrinterView(
                        name="p1", state="ready", detail="正常", detail_en="ready", waiting_jobs=0
                    )
                    self._send(200, PrinterList(printers=[view]))
                else:
                    self._send(200, fake.view(job))

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                fake.received_at.append(time.monotonic())
                job = PrintJob.model_validate_json(raw)
                fake.jobs[job.job_id] = job
                self._send(202, fake.view(job.job_id))

            def _send(self, status: int, message: Any) -> None:
                body = message.model_dump_json().encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = False

            def handle_error(self, *_: Any) -> None:
                """A kiosk that hangs up is no error."""

        self._server = Server(("127.0.0.1", self._port), Connection)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()

    def stop(self) -> None:
        """Goes away."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.shutdown()
            self._thread.join()
            server.server_close()

    def view(self, job_id: str) -> JobView:
        """Where a job stands."""
        return JobView.model_validate(
            {
                "job_id": job_id,
                "printer": "p1",
                "state": self.state,
                "detail": self.detail[0],
                "detail_en": self.detail[1],
                "collect_at": self.collect_at[0],
                "collect_at_en": self.collect_at[1],
            }
        )


class Kiosk:
    """The real program, offscreen, in a process of its own."""

    def __init__(self, folder: Path, server: str, printer: str, *more: str, size: str) -> None:
        self.port = free_port()
        config = folder / "kiosk.toml"
        lines = [*more, "[printer]", f'url = "{printer}"']
        lines += ["[remote]", f'listen = "127.0.0.1:{self.port}"']
        config.write_text("\n".join(lines), encoding="utf-8")
        self.log = folder / "kiosk.log"
        command = [sys.executable, "-m", "kiosk", "--config", str(config), "--server", server]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--offscreen", "--size", size],
                stderr=log,
                stdout=log,
            )
        self._http = urllib3.PoolManager(retries=False, timeout=20.0)

    def stop(self) -> int:
        """Ends it as systemd would; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._http.clear()
        try:
            return self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def call(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One request to the remote hand."""
        return self._http.request(method, f"http://127.0.0.1:{self.port}{path}", **options)

    def look(self) -> dict[str, Any]:
        """What is on the screen now."""
        answer = self.call("GET", "/widgets.json")
        assert answer.status == 200, answer.data
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def picture(self) -> bytes:
        """The screen as PNG."""
        answer = self.call("GET", "/screen.png")
        assert answer.status == 200, answer.data
        return answer.data

    def wait(self, screen: str, also: Callable[[dict[str, Any]], bool] | None = None) -> Any:
        """Waits until this page is shown (and ``also`` holds); returns what is on it."""
        deadline = time.monotonic() + PATIENCE_S
        seen: Any = None
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                seen = self.look()
                if seen["screen"] == screen and (also is None or also(seen)):
                    return seen
            time.sleep(0.05)
        raise AssertionError(f"no {screen} page; last seen: {seen}\n{self.log.read_text()}")

    def touch(self, widget_id: str) -> None:
        """Touches the widget's centre."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for widget in self.look()["widgets"]:
                if widget["id"] == widget_id:
                    self.touch_at(widget["x"], widget["y"])
                    return
            time.sleep(0.05)
        raise AssertionError(f"nothing to touch called {widget_id}: {self.look()}")

    def touch_at(self, x: float, y: float) -> None:
        """Touches this pixel."""
        answer = self.call(
            "POST", "/tap", body=json.dumps({"x": x, "y": y}),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status == 200, answer.data


@contextlib.contextmanager
def running_kiosk(
    folder: Path, server: str, printer: str = "", *more: str, size: str = "540x960"
) -> Iterator[Kiosk]:
    """A kiosk that has drawn its first page; it must end cleanly."""
    kiosk = Kiosk(folder, server, printer, *more, size=size)
    try:
        yield kiosk
    finally:
        status = kiosk.stop()
    assert status == 0, kiosk.log.read_text()
    log = kiosk.log.read_text()
    assert "Traceback" not in log, log
