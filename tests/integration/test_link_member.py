"""A device's link for as long as the program runs: let in, told of, shut out and let in again."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.link.server import ServerSettings
from hallkit.wire.device import PartStatus
from tests.fakes.hall_server_fake import Answer, FakeHall

WAIT_S = 60.0
PART = PartStatus(name="p", state="ready", text="正常", text_en="ready", ok=True)


class TokenHall(FakeHall):
    """Lets every device in that asks, and knows the newest token only, until it is revoked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.approves = True
        self.revoked = False
        self.answer("POST", "/devices/pair", self._pair)

    def respond(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """As the hall; a revoked device's heartbeat is refused, its token is given."""
        with self.changed:
            self.changed.notify_all()
            if path.endswith("/token"):
                self.requests.append(path)
                if not self.approves:
                    return 409, _error("not_approved")
                self.revoked = False
                return 200, {"token": f"token-{self.asked}"}
            if path.endswith("/status") and self.revoked:
                return 401, _error("bad_token")
        return super().respond(method, path, body)

    def _pair(self, _body: dict[str, Any]) -> Answer:
        self.asked += 1
        device = {"device_id": f"d{self.asked}", "code": f"{self.asked}" * 4}
        return 201, device | {"state": "pending", "secret": "s" * 32}

    def beats(self, device: str) -> bool:
        """Whether this device's heartbeat came."""
        return any(sender == device for sender, _ in self.statuses)


def _error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "不行", "message_en": "no"}}


class Program:
    """A program with nothing but a link; notes what the link has it do."""

    def __init__(self, url: str, token_file: str, fails: int) -> None:
        self.did: list[str] = []
        self.codes: list[str] = []
        self.fails = fails
        self.link = DeviceLink(
            ServerSettings(url=url, token_file=token_file, device_id="by-hand"),
            "display", "屏", None, lambda: [PART], self._begin, self.codes.append,
        )  # fmt: skip
        self.link.start()

    def _begin(self, client: ApiClient, _ending: threading.Event) -> Callable[[], None]:
        if self.fails:
            self.fails -= 1
            self.did.append("failed")
            raise RuntimeError("planted")
        self.did.append(f"begin {client.device_id}")
        return lambda: self.did.append(f"end {client.device_id}")


@pytest.fixture
def hall() -> Iterator[TokenHall]:
    with TokenHall() as one:
        yield one


@pytest.fixture
def begin(hall: TokenHall, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    programs: list[Program] = []

    def one(token_file: str | None = None, fails: int = 0) -> Program:
        named = str(tmp_path / "token") if token_file is None else token_file
        programs.append(Program(hall.url, named, fails))
        return programs[-1]

    yield one
    for program in programs:
        program.link.stop()


def test_a_revoked_device_asks_again_and_works_once_it_is_approved(
    hall: TokenHall, begin: Callable[..., Program], tmp_path: Path
) -> None:
    program = begin()
    assert hall.wait_for(lambda: hall.beats("d1"), WAIT_S)
    assert program.codes == ["1111", ""]
    hall.approves, hall.revoked = False, True
    program.link.changed()
    assert hall.wait_for(lambda: hall.asked == 2, WAIT_S)
    assert hall.wait_for(lambda: "/devices/d2/token" in hall.requests, WAIT_S)
    assert program.codes[2] == "2222"
    # Until a manager has approved, nothing is thrown away: this may be another hall's server.
    assert (tmp_path / "token").read_text() == "token-1"
    hall.approves = True
    assert hall.wait_for(lambda: hall.beats("d2"), WAIT_S)
    assert (tmp_path / "token").read_text() == "token-2"
    program.link.stop()
    assert program.did == ["begin d1", "end d1", "begin d2", "end d2"]


def test_a_device_revoked_while_it_was_off_asks_again(
    hall: TokenHall, begin: Callable[..., Program]
) -> None:
    first = begin()
    assert hall.wait_for(lambda: hall.beats("d1"), WAIT_S)
    first.link.stop()
    hall.revoked = True
    begin()
    assert hall.wait_for(lambda: hall.beats("d2"), WAIT_S)


def test_without_a_token_file_a_refusal_changes_nothing(
    hall: TokenHall, begin: Callable[..., Program]
) -> None:
    hall.revoked = True
    program = begin("")
    assert hall.wait_for(lambda: program.did == ["begin by-hand"], WAIT_S)
    hall.revoked = False
    assert hall.wait_for(lambda: hall.beats("by-hand"), WAIT_S)
    assert hall.asked == 0


def test_a_fault_in_the_program_does_not_end_its_link(
    hall: TokenHall, begin: Callable[..., Program]
) -> None:
    program = begin(fails=1)
    assert hall.wait_for(lambda: program.did == ["failed", "begin d1"], WAIT_S)


def test_a_link_that_waits_for_a_manager_stops_at_once(
    hall: TokenHall, begin: Callable[..., Program]
) -> None:
    hall.approves = False
    program = begin()
    assert hall.wait_for(lambda: "/devices/d1/token" in hall.requests, WAIT_S)
    program.link.stop()
    assert program.did == []
