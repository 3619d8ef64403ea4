"""Tickets of the guide desk and the manager's summary, when something is in their way."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hallkit.wire.errors import ErrorBody, ErrorInfo
from hallkit.wire.event import Event
from tests.fakes.hall_server_fake import Answer, FakeHall, Nothing, ticket
from tests.fakes.printer_rig import papers, program, settings, until, virtual_printer
from ticket_printer import desk_summary
from ticket_printer.render.samples import sample
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool import store
from ticket_printer.spool.store import FILE_NAME

# A number of an earlier day is not printed, also when the tests run over midnight.
AT = datetime.now(UTC) + timedelta(days=1)
BUSY = ErrorBody(error=ErrorInfo(code="busy", message="稍后再试", message_en="try again"))


def issued(seq: int, number: str, desk: int | None = None) -> Event:
    """A number given out at the guide desk, or at a window."""
    data = {"channel": "desk"} | ({"desk": desk} if desk is not None else {})
    known = ticket(number, issued_at=AT)
    return Event(seq=seq, at=AT, type="ticket.issued", hall="test", ticket=known, data=data)


def asked(seq: int) -> Event:
    """A manager wants the day's summary."""
    data = {"day": "2026-11-23", "claim": f"claim-{seq}"}
    return Event(seq=seq, at=AT, type="summary.requested", hall="test", data=data)


def summary(_: dict[str, Any]) -> Answer:
    """The day's figures."""
    return 200, sample("summary")


def chosen(tmp_path: Path, port: int, url: str, **more: Any) -> PrinterProgramSettings:
    """A printer program with a server."""
    server = {"url": url, "device_id": "printer-1"}
    values = {"printer": {"mode": "text"}, "desk_printer": "P", "server": server} | more
    return settings(tmp_path / "data", port, **values)


def texts(folder: Path) -> list[str]:
    """What came out, in order, without blanks."""
    return ["".join(p.with_suffix(".txt").read_text().split()) for p in papers(folder)]


@contextmanager
def at_the_desk(tmp_path: Path, **more: Any) -> Iterator[FakeHall]:
    """A printer program that follows this hall, its paper in ``tmp_path / "out"``."""
    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        hall.answer("POST", "/summary/claim", lambda _: (200, Nothing()))
        hall.answer("GET", "/summary", summary)
        with program(chosen(tmp_path, printer.address[1], hall.url, **more)):
            assert hall.wait_for(lambda: hall.streams == 1)
            yield hall


def expect_papers(folder: Path, *words: str) -> None:
    """Exactly these come out, in this order."""
    until(lambda: len(papers(folder)) == len(words), f"{words} on paper")
    for word, text in zip(words, texts(folder), strict=True):
        assert word in text


@pytest.mark.parametrize("first", ["ticket", "summary"])
def test_what_a_locked_spool_does_not_take_is_printed_later(
    tmp_path: Path, first: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "_LOCK_TIMEOUT_S", 0.3)
    with at_the_desk(tmp_path) as hall:
        other = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        hall.push(issued(1, "A001") if first == "ticket" else asked(1))
        hall.push(issued(2, "A002"))
        until(lambda: "the spool does not take" in caplog.text, "it to be refused")
        other.execute("ROLLBACK")
        other.close()
        expect_papers(tmp_path / "out", "A001" if first == "ticket" else "大厅运行日报", "A002")


def test_the_summary_is_not_printed_where_no_printer_is_the_guide_desks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mine = {"mode": "text", "desks": [3]}
    with at_the_desk(tmp_path, desk_printer="", printer=mine) as hall:
        hall.push(asked(1))
        hall.push(issued(2, "A002", desk=3))
        expect_papers(tmp_path / "out", "A002")
        assert not any("/summary" in request for request in hall.requests)
    assert "desk_printer is not set" in caplog.text


def test_a_summary_that_another_printer_took_is_not_printed(tmp_path: Path) -> None:
    with at_the_desk(tmp_path) as hall:
        claims: list[str] = []

        def taken(body: dict[str, Any]) -> Answer:
            claims.append(body["request_id"])
            return 409, BUSY

        hall.answer("POST", "/summary/claim", taken)
        hall.push(asked(1))
        hall.push(issued(2, "A002"))
        expect_papers(tmp_path / "out", "A002")
        assert claims == ["claim-1"]


def test_a_summary_that_is_not_understood_holds_up_no_tickets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(desk_summary, "PATIENCE_S", 2.0)
    with at_the_desk(tmp_path) as hall:
        hall.answer("GET", "/summary", lambda _: (200, {"figures": "?"}))
        hall.push(asked(1))
        hall.push(issued(2, "A002"))
        expect_papers(tmp_path / "out", "A002")
    assert "the day's summary is given up" in caplog.text


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("path", ["/summary", "/summary/claim"])
def test_a_busy_server_is_asked_for_the_summary_again(
    tmp_path: Path, status: int, path: str
) -> None:
    with at_the_desk(tmp_path) as hall:
        method = "GET" if path == "/summary" else "POST"
        asks: list[int] = []

        def busy_once(body: dict[str, Any]) -> Answer:
            asks.append(status)
            if len(asks) == 1:
                return status, BUSY
            return summary(body) if path == "/summary" else (200, Nothing())

        hall.answer(method, path, busy_once)
        hall.push(asked(1))
        expect_papers(tmp_path / "out", "大厅运行日报")
        assert len(asks) == 2
