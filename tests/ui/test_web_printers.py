"""A printer's state in words on the manager's page, at the server and at the kiosk; how soon:
``bench/printer_states.py``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from hallkit.link.client import ApiClient
from kiosk.work.paper import PaperDesk
from tests.fakes.printer_rig import Intake, program, settings, until, virtual_printer
from tests.support.web_hall import MANAGER, WebHall
from tests.support.web_pages import log_in, visit
from ticket_printer.settings import PrinterProgramSettings, PrinterSettings
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

pytestmark = pytest.mark.ui

CHANGES = [
    (Faults(paper="near-end"), "paper_near_end", "纸将尽"),
    (Faults(paper="out"), "paper_out", "缺纸"),
    (Faults(cover="open"), "cover_open", "上盖打开"),
    (Faults(silent=True), "unknown", "未知"),
    (Faults(paper="out"), "paper_out", "缺纸"),
    (Faults(power="off"), "offline", "离线"),
    (Faults(), "ready", "正常"),
]


@contextmanager
def _kiosk(intake: Intake) -> Iterator[PaperDesk]:
    desk = PaperDesk(ApiClient(intake.url, prefix=""), "", "取号机", lambda _: None, lambda: None)
    desk.start()
    try:
        yield desk
    finally:
        desk.stop()


def _settings(hall: WebHall, folder: Path, printer: VirtualPrinter) -> PrinterProgramSettings:
    """One printer, asked as often as usual, of a program that asks to be let in."""
    return settings(
        folder / "spool",
        printer.address[1],
        printer={"poll_s": PrinterSettings.model_fields["poll_s"].default},
        server={"url": hall.url, "token_file": str(folder / "token")},
    )


def test_the_states_of_a_printer_are_known_everywhere(
    hall: WebHall, browser: Browser, tmp_path: Path
) -> None:
    with virtual_printer(tmp_path / "out") as printer, visit(browser) as page:
        chosen = _settings(hall, tmp_path, printer)
        log_in(page, f"{hall.url}/devices", MANAGER)
        with program(chosen) as intake, _kiosk(intake) as kiosk:
            hall.let_in()
            expect(page.locator(".part")).to_contain_text("正常")
            until(lambda: kiosk.part.state == "ready", "the kiosk to know")
            for faults, state, words in CHANGES:
                printer.switch(faults)
                until(lambda state=state: kiosk.part.state == state, f"the kiosk to know {state}")
                until(lambda state=state: hall.first_part() == state, f"the server to know {state}")
                expect(page.locator(".part")).to_contain_text(words)


def test_the_manager_is_told_of_a_reprint(hall: WebHall, browser: Browser, tmp_path: Path) -> None:
    with virtual_printer(tmp_path / "out") as printer, visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        with program(_settings(hall, tmp_path, printer)) as intake:
            hall.let_in()
            ticket = hall.issue("card")
            intake.submit(ticket["id"], number=ticket["number"])
            intake.wait_state(ticket["id"], "done")
            again = {"job_id": "again-1", "by": "李芳", "reason": "卡纸"}
            assert intake.post(f"/jobs/{ticket['id']}/reprint", again)[0] == 202
            row = page.locator("#audit tr")
            expect(row).to_have_count(1)
            expect(row).to_contain_text(f"补打 {ticket['number']}（P），李芳，原因：卡纸")
