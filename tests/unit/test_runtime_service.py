"""A program's life: ordered start, reversed stop, signals, systemd."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hallkit.runtime.logs import Outage
from hallkit.runtime.service import Service

WAIT_S = 60.0


def test_parts_stop_in_reverse_and_one_that_fails_does_not_keep_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped: list[str] = []

    def fail() -> None:
        stopped.append("link")
        raise RuntimeError("stuck")

    service = Service()
    service.add("store", lambda: stopped.append("store"))
    service.add("link", fail)
    service.add("screen", lambda: stopped.append("screen"))
    service.close()
    assert stopped == ["screen", "link", "store"]
    assert "stopping link failed" in caplog.text
    service.close()
    assert len(stopped) == 3


def test_run_waits_for_the_request_and_then_stops_everything() -> None:
    stopped = threading.Event()
    service = Service()
    service.add("part", stopped.set)
    runner = threading.Thread(target=service.run)
    runner.start()
    assert not stopped.is_set()
    assert not service.stopping.is_set()
    service.request_stop()
    runner.join(WAIT_S)
    assert stopped.is_set()


def test_a_stop_requested_before_run_is_not_lost() -> None:
    service = Service()
    service.request_stop()
    service.run()
    assert service.stopping.is_set()


def test_systemd_is_told_that_it_is_ready_and_that_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        address = tmp_path / "notify"
        listener.bind(str(address))
        listener.settimeout(WAIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        service = Service()
        service.request_stop()
        service.run()
        assert [listener.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]
        # The notifier keeps its socket for the life of the program.
        service._notifier.socket.close()


PROGRAM = """
import sys
from hallkit.runtime.service import Service
service = Service()
service.catch_signals()
service.add("first", lambda: print("first stopped", flush=True))
service.add("second", lambda: print("second stopped", flush=True))
print("ready", flush=True)
service.run()
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_program_cleanly(number: signal.Signals) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    os.kill(child.pid, number)
    out, err = child.communicate(timeout=WAIT_S)
    assert (child.returncode, err) == (0, "")
    assert out.splitlines() == ["second stopped", "first stopped", "ended"]


def test_an_outage_is_one_warning_and_one_recovery(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outage = Outage(logging.getLogger("test.outage"), "panel 3")
    outage.recovered()
    for reason in ("no answer", "still none", "still none"):
        outage.failed(reason)
    assert outage.down
    outage.recovered()
    outage.recovered()
    assert not outage.down
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", "panel 3: no answer"),
        ("DEBUG", "panel 3: still none"),
        ("DEBUG", "panel 3: still none"),
        ("INFO", "panel 3: working again"),
    ]
