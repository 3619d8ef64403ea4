"""A reprint is journaled at the hall's server: once, whatever is away meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from hallkit.wire.errors import ErrorBody, ErrorInfo
from hallkit.wire.message import Message
from tests.fakes.hall_server_fake import FakeHall
from tests.fakes.printer_rig import Intake, program, settings, until, virtual_printer
from tests.fakes.running_hall import Client, RunningHall, running
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.reprints import Reprints
from ticket_printer.spool.store import Spool

_PATH = "/devices/printer-1/reprints"


class _Ok(Message):
    ok: bool = True


class _Journal:
    """The server's side of the reports, by ``request_id``; ``failing`` answers instead."""

    def __init__(self, hall: FakeHall) -> None:
        self.calls: list[dict[str, Any]] = []
        self.failing: tuple[int, ErrorBody] | None = None
        self._hall = hall
        hall.answer("POST", _PATH, self._take)

    def _take(self, body: dict[str, Any]) -> Any:
        with self._hall.changed:
            self.calls.append(body)
            self._hall.changed.notify_all()
        return self.failing or (200, _Ok())


def _settings(tmp_path: Path, port: int, url: str, **server: str) -> PrinterProgramSettings:
    return settings(
        tmp_path / "data",
        port,
        printer={"mode": "text"},
        server={"url": url, "device_id": "printer-1", **server},
    )


def _reprint(intake: Intake, old: str, new: str, **more: str) -> None:
    status, answer = intake.post(f"/jobs/{old}/reprint", {"job_id": new, **more})
    assert status == 202, answer
    intake.wait_state(new, "done")


def _untold(tmp_path: Path) -> bool:
    spool = Spool(tmp_path / "data")
    try:
        return Reprints(spool).first() is not None
    finally:
        spool.close()


def test_the_server_is_told_of_each_reprint_once(tmp_path: Path) -> None:
    ticket = str(uuid4())
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        journal = _Journal(hall)
        with program(_settings(tmp_path, printer.address[1], hall.url)) as intake:
            intake.submit(ticket)
            intake.wait_state(ticket, "done")
            for _ in range(2):
                _reprint(intake, ticket, "again-1", by="李芳", reason="卡纸")
            _reprint(intake, "again-1", "again-2")
            assert hall.wait_for(lambda: len(journal.calls) == 2)
            until(lambda: not _untold(tmp_path), "the reports to be forgotten")
        first, second = journal.calls
        assert (first["number"], first["ticket_id"], first["kind"]) == ("A012", ticket, "ticket")
        assert (first["by"], first["reason"], first["printer"]) == ("李芳", "卡纸", "P")
        assert second["ticket_id"] == ticket
        assert first["request_id"] != second["request_id"]


def test_a_report_is_kept_until_the_server_has_it(tmp_path: Path) -> None:
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        journal = _Journal(hall)
        info = ErrorInfo(code="storage", message="磁盘已满", message_en="the disk is full")
        journal.failing = (503, ErrorBody(error=info))
        chosen = _settings(tmp_path, printer.address[1], hall.url)
        with program(chosen) as intake:
            intake.submit("t-1")
            intake.wait_state("t-1", "done")
            _reprint(intake, "t-1", "again-1")
            assert hall.wait_for(lambda: len(journal.calls) >= 1)
        assert _untold(tmp_path)
        before = len(journal.calls)
        hall.stop()
        journal.failing = None
        with program(chosen):
            hall.start()
            assert hall.wait_for(lambda: len(journal.calls) > before)
            until(lambda: not _untold(tmp_path), "the report to be forgotten")
        assert len({call["request_id"] for call in journal.calls}) == 1


def test_a_report_that_the_server_never_takes_does_not_hold_up_the_next(tmp_path: Path) -> None:
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        journal = _Journal(hall)
        info = ErrorInfo(code="request_id_reused", message="已用", message_en="used")
        journal.failing = (409, ErrorBody(error=info))
        with program(_settings(tmp_path, printer.address[1], hall.url)) as intake:
            intake.submit("t-1")
            intake.wait_state("t-1", "done")
            _reprint(intake, "t-1", "again-1")
            until(lambda: not _untold(tmp_path), "the report to be given up")


def test_a_report_that_cannot_be_read_does_not_hold_up_the_next(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "data")
    with spool.change() as db:
        db.execute("INSERT INTO reprints (report) VALUES (?)", ('{"of": "another version"}',))
    spool.close()
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        journal = _Journal(hall)
        with program(_settings(tmp_path, printer.address[1], hall.url)) as intake:
            intake.submit("t-1")
            intake.wait_state("t-1", "done")
            _reprint(intake, "t-1", "again-1")
            assert hall.wait_for(lambda: len(journal.calls) == 1)
            until(lambda: not _untold(tmp_path), "the reports to be forgotten")


@contextmanager
def _whole(tmp_path: Path) -> Iterator[tuple[RunningHall, Client, Intake]]:
    """A real server, its printer program and a printer."""
    with (
        running(tmp_path / "hall") as hall,
        virtual_printer(tmp_path / "out") as printer,
    ):
        device = hall.device("printer")
        token = tmp_path / "token"
        token.write_text(device.headers["Authorization"].removeprefix("Bearer "))
        chosen = _settings(
            tmp_path,
            printer.address[1],
            hall.base_url,
            device_id=device.device_id,
            token_file=str(token),
        )
        with program(chosen) as intake:
            yield hall, device, intake


def test_the_manager_reads_of_a_reprint_in_words(tmp_path: Path) -> None:
    with _whole(tmp_path) as (hall, device, intake):
        ticket = hall.device().issue("hukou")
        intake.submit(ticket["id"], number=ticket["number"])
        intake.wait_state(ticket["id"], "done")
        _reprint(intake, ticket["id"], "again-1", by="李芳", reason="卡纸，只出了一半")
        until(lambda: len(hall.journal("ticket.reprinted")) == 1, "the reprint in the journal")
        ((_, actor, body),) = hall.journal("ticket.reprinted")
        assert actor == f"device:{device.device_id}"
        assert body["ticket"]["id"] == ticket["id"]
        found = hall.manager().get("journal?type=ticket.reprinted").ok()["entries"]
        number = ticket["number"]
        assert [e["text"] for e in found] == [f"补打 {number}（P），李芳，原因：卡纸，只出了一半"]
        assert found[0]["text_en"] == (
            f"ticket {number} printed again at P by 李芳: 卡纸，只出了一半"
        )
        assert found[0]["ticket"] == number


def test_only_a_printer_reports_for_itself_and_repeats_change_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        device, kiosk = hall.device("printer"), hall.device()
        body = {
            "request_id": str(uuid4()),
            "kind": "receipt",
            "number": "SL-7",
            "printer": "P",
            "reprinted_at": "2026-11-23T09:00:00+08:00",
        }
        path = f"devices/{device.device_id}/reprints"
        for _ in range(2):
            device.post(path, body).ok()
        device.post(path, body | {"reason": "另一个"}).refused(409, "request_id_reused")
        kiosk.post(path, body).refused(403, "not_this_device")
        own = f"devices/{kiosk.device_id}/reprints"
        kiosk.post(own, body | {"request_id": str(uuid4())}).refused(403, "not_allowed")
        hall.manager().post(path, body).refused(403, "not_this_device")
        unknown = {"request_id": str(uuid4()), "kind": "ticket", "ticket_id": str(uuid4())}
        device.post(path, body | unknown | {"number": "A001"}).ok()
        found = hall.manager().get("journal?type=ticket.reprinted").ok()["entries"]
        assert [e["text"] for e in found] == ["补打 A001（P）", "补打受理凭证 SL-7（P）"]
        assert [e["ticket"] for e in found] == [None, None]
