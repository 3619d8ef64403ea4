"""Each fault at each point of a ticket, over TCP and a serial line: what is on paper, where the
job stands, what the citizen (the job's words) and the clerk (the printer's) are told; then the
fault is mended, and the next ticket is whole."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hallkit.wire.printing import JobView
from tests.fakes.printer_pty import serial_line
from tests.fakes.printer_rig import Intake, papers, program, settings, until, virtual_printer
from tests.support.ticket_reading import read_number
from ticket_printer.transport.confirm import Patience
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

QUICK = Patience(stall_s=2.0, silence_s=1.2, confirm_s=1.5, settle_s=0.6)
# The beginning, one byte, the middle of the first picture's band, near the end.
BEFORE, EARLY, MIDDLE = 0, 1, 5_000
LOST, SILENT, UNCONFIRMED = "连接中断", "不再应答", "此打印机不回报，无法确认"


class Expected(NamedTuple):
    """The job's state and words, the printer's state while the fault lasts (empty: either), and
    whether the ticket is whole on paper before it is mended."""

    state: str
    words: str
    printer: str
    whole: bool


class Rig(NamedTuple):
    """A program with its printer; ``used`` counts the tickets."""

    printer: VirtualPrinter
    intake: Intake
    out: Path
    caps: str
    used: list[str]

    def submit(self) -> tuple[str, str]:
        """Hands in a ticket; its job id and number."""
        self.used.append("")
        number = f"A{len(self.used):03d}"
        job_id = f"t-{number}"
        self.intake.submit(job_id, number=number)
        return job_id, number

    def whole(self, number: str) -> int:
        """How many papers show this number, whole."""
        return sum(_number_on(png) == number for png in papers(self.out))


@cache
def _number_on(png: Path) -> str:
    try:
        return read_number(png)
    except ValueError:
        return ""


@contextmanager
def _rig(folder: Path, caps: str, serial: bool) -> Iterator[Rig]:
    with ExitStack() as stack:
        printer = stack.enter_context(virtual_printer(folder / "out", caps=caps))
        known = "epson" if caps == "lan-close" else caps
        extra: dict[str, Any] = {"caps": known, "mode": "raster"}
        if serial:
            path = stack.enter_context(serial_line(printer.address))
            extra["transport"] = f"serial://{path}?baud=115200"
        chosen = settings(folder / "data", printer.address[1], printer=extra)
        intake = stack.enter_context(program(chosen, patience=QUICK))
        yield Rig(printer, intake, folder / "out", caps, [])


@pytest.fixture(scope="module")
def epson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A printer on the network that reports each ticket."""
    with _rig(tmp_path_factory.mktemp("tcp"), "epson", serial=False) as rig:
        yield rig


@pytest.fixture(scope="module", params=["clone", "lan-close"])
def other(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """A printer on the network that reports less, or hangs up after each ticket."""
    with _rig(tmp_path_factory.mktemp("tcp"), request.param, serial=False) as rig:
        yield rig


@pytest.fixture(scope="module", params=["epson", "clone"])
def serial(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """A printer on a serial line."""
    with _rig(tmp_path_factory.mktemp("pty"), request.param, serial=True) as rig:
        yield rig


@pytest.fixture(scope="module", params=[False, True], ids=["tcp", "pty"])
def mute(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A printer that reports nothing, on the network or on a serial line."""
    with _rig(tmp_path_factory.mktemp("mute"), "mute", serial=request.param) as rig:
        yield rig


HELD_FAULTS = [
    ({"paper": "out"}, "缺纸", "paper_out"),
    ({"cover": "open"}, "上盖打开", "cover_open"),
]
_HELD = [
    ({"at": at, **fault}, Expected("held", words, state, whole=at == "cut"))
    for fault, words, state in HELD_FAULTS
    for at in (BEFORE, EARLY, MIDDLE, "raster", "cut")
] + [
    ({"at": at, "cutter": "error"}, Expected("held", "切刀故障", "cutter_error", whole=False))
    for at in (BEFORE, "raster")
]
_QUIET = [
    ({"at": at, fault: True}, Expected("unknown", SILENT, "", whole=True))
    for fault in ("silent", "garbage")
    for at in (BEFORE, MIDDLE, "cut", "confirm")
]
_HARMLESS = [
    ({"at": "raster", "paper": "near-end"}, Expected("done", "已打印", "paper_near_end", True)),
    ({"at": "cut", "cutter": "error"}, Expected("done", "已打印", "ready", True)),
    ({"at": BEFORE, "bytes_per_s": 80_000}, Expected("done", "已打印", "ready", True)),
]


def _gone(words: str, printer: str, **fault: Any) -> list[tuple[dict[str, Any], Expected]]:
    return [
        ({"at": at, **fault}, Expected("unknown", words, printer, at in ("cut", "confirm")))
        for at in (BEFORE, EARLY, MIDDLE, "raster", "cut", "confirm")
    ]


def _ids(case: object) -> str:
    return "-".join(map(str, case.values())) if isinstance(case, dict) else ""


def _happens(rig: Rig, then: dict[str, Any], expected: Expected) -> None:
    keep = {"caps": rig.caps}
    rig.printer.switch(Faults.model_validate(keep))
    rig.intake.wait_printer("ready")
    rig.printer.switch(Faults.model_validate(keep | {"then": then | keep}))
    job_id, number = rig.submit()
    view = _wait(rig.intake, job_id, expected.state)
    assert expected.words in view.detail
    if expected.state == "unknown":
        assert "请查看，需要时补打" in view.detail
    if expected.printer:
        rig.intake.wait_printer(expected.printer)
    if expected.whole:
        until(lambda: rig.whole(number) == 1, "the ticket on paper")
    else:
        assert rig.whole(number) == 0
    _mended(rig, job_id, number, expected)


def _mended(rig: Rig, job_id: str, number: str, expected: Expected) -> None:
    rig.printer.switch(Faults.model_validate({"caps": rig.caps}))
    if expected.state == "held":
        assert _wait(rig.intake, job_id, "done").state == "done"
    next_id, next_number = rig.submit()
    _wait(rig.intake, next_id, "done")
    assert rig.whole(next_number) == 1
    # Nothing came after it: what was known stays so, and the ticket is not on paper again.
    assert rig.intake.job(job_id).state == ("done" if expected.state == "held" else expected.state)
    assert rig.whole(number) == (1 if expected.state == "held" or expected.whole else 0)


def _wait(intake: Intake, job_id: str, state: str) -> JobView:
    ends = {state, "done", "unknown", "failed"}
    view = intake.wait_state(job_id, *ends)
    assert view.state == state, view
    return view


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        *_HELD,
        *_QUIET,
        *_HARMLESS,
        *_gone(LOST, "offline", power="off"),
        *_gone(LOST, "", hang_up=True),
    ],
    ids=_ids,
)
def test_a_fault_on_the_network(epson: Rig, then: dict[str, Any], expected: Expected) -> None:
    _happens(epson, then, expected)


def _some(cases: list[tuple[dict[str, Any], Expected]]) -> list[tuple[dict[str, Any], Expected]]:
    """In the middle of a picture and where the report is lost: the rest is as above."""
    return [case for case in cases if case[0]["at"] in (MIDDLE, "confirm")]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        *_some(_HELD),
        *_HARMLESS,
        *_some(_gone(LOST, "offline", power="off")),
        *_some(_gone(LOST, "", hang_up=True)),
    ],
    ids=_ids,
)
def test_a_fault_of_another_printer(other: Rig, then: dict[str, Any], expected: Expected) -> None:
    _happens(other, then, expected)


@pytest.mark.parametrize(("then", "expected"), _some(_QUIET), ids=_ids)
def test_a_printer_that_is_silent_or_talks_nonsense(
    other: Rig, then: dict[str, Any], expected: Expected
) -> None:
    # Who hangs up after each ticket does so here too.
    words = LOST if other.caps == "lan-close" else expected.words
    _happens(other, then, expected._replace(words=words))


@pytest.mark.parametrize(
    ("then", "expected"),
    [*_some(_HELD), *_some(_QUIET), *_gone(SILENT, "unknown", power="off")],
    ids=_ids,
)
def test_a_fault_on_a_serial_line(serial: Rig, then: dict[str, Any], expected: Expected) -> None:
    _happens(serial, then, expected)


# A ticket of theirs asks for no report.
_ON_THE_WAY = [BEFORE, EARLY, MIDDLE, "raster", "cut"]


@pytest.mark.parametrize(
    "then", [then for then, _ in [*_HELD, *_QUIET] if then["at"] in _ON_THE_WAY], ids=_ids
)
def test_a_fault_that_a_mute_printer_tells_nobody(mute: Rig, then: dict[str, Any]) -> None:
    """The job says that nobody can know; what the printer has, it prints when it is mended."""
    job_id, number = _happens_to_mute(mute, then)
    assert UNCONFIRMED in _wait(mute.intake, job_id, "done").detail
    assert "只写打印机" in mute.intake.wait_printer("ready").detail
    if not {"silent", "garbage"} & set(then) and then["at"] != "cut":
        assert mute.whole(number) == 0
    mute.printer.switch(Faults(caps="mute"))
    next_id, next_number = mute.submit()
    _wait(mute.intake, next_id, "done")
    until(lambda: mute.whole(next_number) == 1, "the next ticket on paper")
    assert (mute.whole(number), mute.intake.job(job_id).state) == (1, "done")


@pytest.mark.parametrize("at", _ON_THE_WAY)
def test_a_mute_printer_without_power_forgets_the_ticket(mute: Rig, at: Any) -> None:
    """On the network the line is seen to break, unless the printer had taken everything; on a
    serial line nobody sees it."""
    job_id, number = _happens_to_mute(mute, {"at": at, "power": "off"})
    view = mute.intake.wait_state(job_id, "done", "unknown")
    assert (LOST if view.state == "unknown" else UNCONFIRMED) in view.detail
    mute.printer.switch(Faults(caps="mute"))
    mute.intake.wait_printer("ready")
    next_id, next_number = mute.submit()
    _wait(mute.intake, next_id, "done")
    until(lambda: mute.whole(next_number) == 1, "the next ticket on paper")
    assert mute.whole(number) == (1 if at == "cut" else 0)
    assert mute.intake.job(job_id).state == view.state


def _happens_to_mute(mute: Rig, then: dict[str, Any]) -> tuple[str, str]:
    mute.printer.switch(Faults.model_validate({"caps": "mute", "then": then}))
    ticket = mute.submit()
    until(lambda: mute.printer.faults.then is None, "the fault")
    return ticket
