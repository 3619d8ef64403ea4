"""With a server: desk tickets are printed, and the server knows how the printers are."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from hallkit.runtime.clock import ManualClock
from hallkit.runtime.ports import free_port
from hallkit.wire.errors import ErrorBody, ErrorInfo
from hallkit.wire.event import Event
from hallkit.wire.hall import Area, PriorityClass
from tests.fakes import printer_rig
from tests.fakes.hall_server_fake import FakeHall, empty_board, small_hall, ticket
from tests.fakes.printer_rig import Intake, papers, settings, until, virtual_printer
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.virtual.faults import Faults

# The day of the tickets below.
program = partial(printer_rig.program, clock=ManualClock(datetime(2026, 11, 23, 1, 2, tzinfo=UTC)))


def _issued(seq: int, number: str, channel: str = "desk", **more: Any) -> Event:
    return Event(
        seq=seq,
        at=datetime.now(UTC),
        type="ticket.issued",
        hall="test",
        ticket=ticket(number, ahead=3, issued_at=datetime(2026, 11, 23, 1, 2, tzinfo=UTC), **more),
        data={"channel": channel},
    )


def _settings(tmp_path: Path, port: int, url: str) -> PrinterProgramSettings:
    return settings(
        tmp_path / "data",
        port,
        printer={"mode": "text"},
        desk_printer="P",
        server={"url": url, "device_id": "printer-1"},
    )


def _texts(folder: Path) -> list[str]:
    return [png.with_suffix(".txt").read_text() for png in papers(folder)]


def _wait_following(hall: FakeHall) -> None:
    assert hall.wait_for(lambda: hall.streams == 1)


def test_desk_tickets_are_printed_in_the_halls_own_words_and_time(tmp_path: Path) -> None:
    hall_now = small_hall().model_copy(
        update={
            "areas": [Area(id="a", name="办事区"), Area(id="b", name="休息等候区")],
            "priority_classes": [
                PriorityClass(id="elder", name="老年人", head=1, rate=1, tag="绿色通道")
            ],
        }
    )
    with (
        FakeHall(hall_now) as hall,
        virtual_printer(tmp_path / "out") as printer,
        program(_settings(tmp_path, printer.address[1], hall.url)),
    ):
        _wait_following(hall)
        hall.push(_issued(1, "A001", channel="kiosk"))
        hall.push(_issued(2, "A002", priority_class="elder"))
        until(lambda: len(papers(tmp_path / "out")) == 1, "the desk ticket on paper")
        (text,) = _texts(tmp_path / "out")
        lines = text.splitlines()
        assert lines[0] == "测试便民服务中心"
        assert "A002" in lines
        assert " 绿色通道" in lines
        assert "请在 休息等候区 等候" in lines
        assert "取号时间 2026-11-23 09:02" in lines
        assert "过号后三位重新排队" in lines
        assert any("http://hall.test/t/x" in line for line in lines)


def test_a_desk_ticket_that_the_server_does_not_know_is_printed_without_its_qr(
    tmp_path: Path,
) -> None:
    with (
        FakeHall() as hall,
        virtual_printer(tmp_path / "out") as printer,
        program(_settings(tmp_path, printer.address[1], hall.url)),
    ):
        _wait_following(hall)
        info = ErrorInfo(code="unknown_ticket", message="没有这个号码", message_en="no such ticket")
        hall.answer("GET", "/tickets/t-A001", lambda _: (404, ErrorBody(error=info)))
        hall.push(_issued(1, "A001"))
        until(lambda: len(papers(tmp_path / "out")) == 1, "the desk ticket on paper")
        (text,) = _texts(tmp_path / "out")
        assert "A001" in text
        assert "http" not in text


def test_desk_tickets_are_neither_lost_nor_doubled_over_restarts(tmp_path: Path) -> None:
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        chosen = _settings(tmp_path, printer.address[1], hall.url)
        with program(chosen):
            _wait_following(hall)
            hall.push(_issued(1, "A001"))
            until(lambda: len(papers(tmp_path / "out")) == 1, "the first ticket")
        hall.board = empty_board(3)
        hall.push(_issued(2, "A002"))
        hall.push(_issued(3, "A003"))
        with program(chosen):
            until(lambda: len(papers(tmp_path / "out")) == 3, "the tickets issued meanwhile")
            hall.stop()
            hall.push(_issued(4, "A004"))
            hall.start()
            until(lambda: len(papers(tmp_path / "out")) == 4, "the ticket of the outage")
        numbers = [line for text in _texts(tmp_path / "out") for line in text.split("\n")]
        assert [n for n in numbers if n in ("A001", "A002", "A003", "A004")] == [
            "A001",
            "A002",
            "A003",
            "A004",
        ]


def test_tickets_from_before_the_first_start_are_not_printed(tmp_path: Path) -> None:
    with FakeHall(board=empty_board(5)) as hall, virtual_printer(tmp_path / "out") as printer:
        hall.push(_issued(5, "A005"))
        with program(_settings(tmp_path, printer.address[1], hall.url)):
            _wait_following(hall)
            hall.push(_issued(6, "A006"))
            until(lambda: len(papers(tmp_path / "out")) == 1, "the new ticket")
            assert "A006" in _texts(tmp_path / "out")[0]


def test_a_journal_that_began_anew_is_followed_from_its_end(tmp_path: Path) -> None:
    with FakeHall(board=empty_board(90)) as hall, virtual_printer(tmp_path / "out") as printer:
        chosen = _settings(tmp_path, printer.address[1], hall.url)
        with program(chosen):
            _wait_following(hall)
            hall.push(_issued(91, "A091"))
            until(lambda: len(papers(tmp_path / "out")) == 1, "the ticket")
    with (
        FakeHall(board=empty_board(1)) as hall,
        virtual_printer(tmp_path / "out") as printer,
        program(_settings(tmp_path, printer.address[1], hall.url)),
    ):
        _wait_following(hall)
        hall.push(_issued(2, "A002"))
        until(lambda: len(papers(tmp_path / "out")) == 2, "the ticket of the new journal")


def test_each_desk_has_its_printer(tmp_path: Path) -> None:
    with (
        FakeHall() as hall,
        virtual_printer(tmp_path / "P") as one,
        virtual_printer(tmp_path / "P2") as two,
    ):
        values = settings(tmp_path / "data", one.address[1], two.address[1]).model_dump()
        for printer, desks in zip(values["printers"], ([], [3]), strict=True):
            printer |= {"mode": "text", "desks": desks}
        values["server"] = {"url": hall.url, "device_id": "printer-1"}
        values["desk_printer"] = "P"
        with program(PrinterProgramSettings.model_validate(values)):
            _wait_following(hall)
            for seq, desk in enumerate((3, None, 4), 1):
                event = _issued(seq, f"A00{seq}")
                at = {"desk": desk} if desk is not None else {}
                hall.push(event.model_copy(update={"data": {**event.data, **at}}))
            until(lambda: len(papers(tmp_path / "P")) == 2, "what was issued elsewhere")
            until(lambda: len(papers(tmp_path / "P2")) == 1, "the ticket of window 3")
        assert "A001" in _texts(tmp_path / "P2")[0]


def _last_state(hall: FakeHall) -> str:
    return hall.statuses[-1][1].parts[0].state if hall.statuses else ""


def test_the_server_hears_of_a_fault_at_once(tmp_path: Path) -> None:
    with (
        FakeHall() as hall,
        virtual_printer(tmp_path / "out") as printer,
        program(_settings(tmp_path, printer.address[1], hall.url)),
    ):
        assert hall.wait_for(lambda: _last_state(hall) == "ready")
        printer.switch(Faults(paper="out"))
        assert hall.wait_for(lambda: _last_state(hall) == "paper_out")
        device, status = hall.statuses[-1]
        assert device == "printer-1"
        assert (status.parts[0].name, status.parts[0].ok) == ("P", False)
        assert "缺纸" in status.parts[0].text


def _submits(intake: Intake, folder: Path) -> None:
    intake.submit("t-1")
    intake.wait_state("t-1", "done")
    assert len(papers(folder)) == 1


def test_without_its_server_everything_still_prints(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(_settings(tmp_path, printer.address[1], url)) as intake,
    ):
        _submits(intake, tmp_path / "out")


def test_desk_tickets_of_an_earlier_day_are_not_printed(tmp_path: Path) -> None:
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        chosen = _settings(tmp_path, printer.address[1], hall.url)
        with program(chosen):
            _wait_following(hall)
        hall.push(_issued(1, "A001"))
        hall.board = empty_board(1).model_copy(update={"business_day": "2026-11-24"})
        with program(chosen):
            _wait_following(hall)
            today = datetime(2026, 11, 23, 16, 1, tzinfo=UTC)
            event = _issued(2, "A002")
            assert event.ticket is not None
            of_today = event.ticket.model_copy(update={"issued_at": today})
            hall.push(event.model_copy(update={"ticket": of_today}))
            until(lambda: len(papers(tmp_path / "out")) == 1, "the ticket of today")
        (text,) = _texts(tmp_path / "out")
        assert "A002" in text
