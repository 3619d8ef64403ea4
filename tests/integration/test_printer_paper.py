"""The paper counter: near the end by what was printed, a new roll by itself or by command."""

from pathlib import Path

import pytest
from PIL import Image

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.fonts import face
from tests.fakes.printer_rig import papers, program, settings, slip, until, virtual_printer
from ticket_printer.commands.paper import main
from ticket_printer.layouts import load_layouts
from ticket_printer.render.length import length_mm
from ticket_printer.render.samples import SampleHall, sample
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.slips import Renderer
from ticket_printer.settings import PrinterSettings
from ticket_printer.spool.paper import PaperWatch
from ticket_printer.spool.rolls import Roll, Rolls
from ticket_printer.spool.store import Spool
from ticket_printer.virtual.faults import Faults


def _dots(folder: Path) -> int:
    total = 0
    for png in papers(folder):
        with Image.open(png) as picture:
            total += picture.height
    return total


@pytest.mark.parametrize(("mode", "off_by"), [("raster", 0.02), ("text", 0.15)])
def test_what_is_counted_is_what_came_out(tmp_path: Path, mode: str, off_by: float) -> None:
    """The virtual printer draws what it was sent, with a decoder of its own."""
    with virtual_printer(tmp_path / "out") as printer:
        chosen = settings(
            tmp_path / "data", printer.address[1], printer={"mode": mode, "roll_m": 80}
        )
        with program(chosen) as intake:
            for i in range(3):
                intake.submit(f"t-{i}")
                intake.wait_state(f"t-{i}", "done")
            until(lambda: len(papers(tmp_path / "out")) == 3, "the tickets")
            out_mm = pytest.approx(_dots(tmp_path / "out") / 8, rel=off_by)

            def counted_mm() -> float:
                left = intake.printers()["P"].paper_left_m
                return 0.0 if left is None else (80 - left) * 1000

            # What is left is shown at the printer's next turn.
            until(lambda: counted_mm() == out_mm, f"{counted_mm()} mm to become {out_mm}")


@pytest.mark.parametrize("kind", ["materials", "receipt", "guide"])
@pytest.mark.parametrize("paper_mm", [80, 58])
def test_text_and_picture_of_a_slip_are_of_like_length(kind: str, paper_mm: int) -> None:
    drawn = sample(kind, SampleHall())
    typeface, layouts = Typeface(face(), face("bold")), load_layouts(None)
    picture, text = (
        length_mm(Renderer(paper_mm, as_picture, typeface, layouts)(drawn))
        for as_picture in (True, False)
    )
    assert 0.5 < text / picture < 2


def test_near_the_end_by_the_counter_and_a_new_roll_after_paper_out(tmp_path: Path) -> None:
    extra = {"roll_m": 0.3, "near_end_m": 0.25}
    data = tmp_path / "data"
    with virtual_printer(tmp_path / "out") as printer:
        chosen = settings(data, printer.address[1], printer=extra)
        with program(chosen) as intake:
            assert intake.wait_printer("ready").paper_left_m == pytest.approx(0.3)
            intake.submit("t-1")
            view = intake.wait_printer("paper_near_end")
            assert view.detail.startswith("纸将尽（按用量估计还剩 0.")
            assert "by the counter" in view.detail_en
            intake.submit("t-2")
            intake.wait_state("t-2", "done")
        # The count outlives the program, and so does that the paper was out.
        with program(chosen) as intake:
            intake.wait_printer("paper_near_end")
            printer.switch(Faults(paper="out"))
            intake.wait_printer("paper_out")
        printer.switch(Faults())
        with program(chosen) as intake:
            assert intake.wait_printer("ready").paper_left_m == pytest.approx(0.3)


def test_a_printer_that_reports_nothing_is_counted_too(tmp_path: Path) -> None:
    extra = {"caps": "write-only", "roll_m": 0.2, "near_end_m": 0.15}
    with (
        virtual_printer(tmp_path / "out", caps="mute") as printer,
        program(settings(tmp_path / "data", printer.address[1], printer=extra)) as intake,
    ):
        intake.submit("t-1")
        intake.wait_printer("paper_near_end")


def _config(folder: Path) -> Path:
    path = folder / "printer.toml"
    path.write_text(
        f'data_dir = "{folder / "data"}"\n'
        '[[printers]]\nname = "一号机"\ntransport = "tcp://127.0.0.1:9"\nroll_m = 80\n'
        '[[printers]]\nname = "二号机"\ntransport = "tcp://127.0.0.1:9"\n'
    )
    return path


def test_the_command_tells_and_resets_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _config(tmp_path)
    spool = Spool(tmp_path / "data")
    now = SystemClock().now()
    job, _ = spool.accept("t-1", "一号机", slip(), now)
    spool.start_sending(job, now, 12_300)
    assert main(["--config", str(path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "一号机: 已用 12.3 米，约剩 67.7 米 / 12.3 m used, about 67.7 m left"
    assert second == "二号机: 已用 0.0 米 / 0.0 m used"
    assert main(["--config", str(path), "--reset", "一号"]) == 2
    assert "是否应为“一号机”？ / no printer" in capsys.readouterr().err
    # The program holds the spool meanwhile.
    assert main(["--config", str(path), "--reset", "一号机"]) == 0
    assert "约剩 80.0 米" in capsys.readouterr().out
    assert Rolls(spool).of("一号机").used_mm == 0
    spool.close()


def test_a_counter_that_cannot_be_kept_does_not_disturb_the_ticket(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "data")
    printer = PrinterSettings(name="P", transport="tcp://127.0.0.1:9", roll_m=80)
    watch = PaperWatch(printer, Rolls(spool), SystemClock())
    words = ("缺纸", "out")
    spool.close()
    assert watch.follow("paper_out", words) == ("paper_out", words)


def test_a_spool_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    now = SystemClock().now()
    spool.accept("t-1", "P", slip(), now)
    with spool.change() as db:
        for statement in (
            "ALTER TABLE jobs DROP COLUMN wanted",
            "DROP TABLE rolls",
            "DROP TABLE reprints",
            "DELETE FROM notes",
            "PRAGMA user_version = 1",
        ):
            db.execute(statement)
    spool.close()
    spool = Spool(tmp_path)
    job = spool.job("t-1")
    assert job is not None
    assert (job.wanted, job.state) == ("P", "queued")
    assert Rolls(spool).of("P") == Roll()
    first = spool.identity
    spool.close()
    spool = Spool(tmp_path)
    assert len(first) == 36
    assert spool.identity == first
    spool.close()
