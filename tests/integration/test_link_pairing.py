"""A device without a token asks, shows its code, waits for a manager, and keeps what it got."""

import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hallkit.link.client import ApiClient, ServerAway
from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.link.server import ServerSettings, TokenStore, connect
from hallkit.runtime.settings import ConfigError
from hallkit.wire.device import PartStatus
from hallkit.wire.message import Message
from tests.fakes.hall_server_fake import FakeHall
from tests.fakes.link_raw_server import PairingHall

WAIT_S = 60.0


class Device:
    """A device's start-up in a thread: what it showed and what it got."""

    def __init__(self, url: str, token_file: Path, name: str = "大厅取号机", **more: Any) -> None:
        self.settings = ServerSettings(url=url, token_file=str(token_file), **more)
        self.codes: list[str] = []
        self.stopping = threading.Event()
        self.client: ApiClient | None = None
        self.error: Exception | None = None
        self.changed = threading.Condition()
        self.done = False
        self._name = name
        self._thread = threading.Thread(target=self._run, name="device")
        self._thread.start()

    def _run(self) -> None:
        try:
            self.client = enrol(
                self.settings, "kiosk", self._name, None, self.stopping, self._code,
                poll_s=0.02, ask_again_s=0.02,
            )  # fmt: skip
        except ConfigError as error:
            self.error = error
        with self.changed:
            self.done = True
            self.changed.notify_all()

    def _code(self, code: str) -> None:
        with self.changed:
            self.codes.append(code)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, WAIT_S), self.codes

    def wait_done(self) -> None:
        self.wait(lambda: self.done)
        self._thread.join()

    def end(self) -> None:
        self.stopping.set()
        self._thread.join()
        if self.client is not None:
            self.client.close()


@pytest.fixture
def hall() -> Iterator[PairingHall]:
    with PairingHall() as one:
        yield one


@pytest.fixture
def start(hall: PairingHall, tmp_path: Path) -> Iterator[Callable[..., Device]]:
    devices: list[Device] = []

    def begin(**more: Any) -> Device:
        devices.append(Device(hall.url, tmp_path / "keys" / "token", **more))
        return devices[-1]

    yield begin
    for device in devices:
        device.end()


def test_a_device_shows_its_code_until_a_manager_approves(
    hall: PairingHall, start: Callable[..., Device], tmp_path: Path
) -> None:
    device = start()
    device.wait(lambda: bool(device.codes))
    assert device.codes[0]
    hall.wait_requests(4)
    assert not (tmp_path / "keys" / "token").exists()
    hall.decision = "approved"
    device.wait_done()
    assert device.client is not None
    assert device.client.has_token
    assert device.codes == [hall.asked[0]["request_id"][:4], ""]
    assert hall.asked[0]["kind"] == "kiosk"
    assert hall.asked[0]["name"] == "大厅取号机"
    assert device.client.device_id == f"dev-{hall.asked[0]['request_id']}"
    assert device.client.headers["Authorization"] == "Bearer token-1"


def test_token_and_id_are_readable_by_their_owner_only(
    hall: PairingHall, start: Callable[..., Device], tmp_path: Path
) -> None:
    hall.decision = "approved"
    start().wait_done()
    files = sorted((tmp_path / "keys").iterdir())
    assert [p.name for p in files] == ["token", "token.id"]
    assert [stat.S_IMODE(p.stat().st_mode) for p in files] == [0o600, 0o600]
    assert files[0].read_text() == "token-1"


def test_a_paired_device_does_not_ask_again(
    hall: PairingHall, start: Callable[..., Device]
) -> None:
    hall.decision = "approved"
    start().wait_done()
    asked = len(hall.requests)
    second = start()
    second.wait_done()
    assert second.client is not None
    assert second.client.headers["Authorization"] == "Bearer token-1"
    assert second.codes == []
    assert len(hall.requests) == asked


def test_a_device_that_restarts_while_it_waits_shows_the_same_code(
    hall: PairingHall, start: Callable[..., Device], tmp_path: Path
) -> None:
    first = start()
    first.wait(lambda: bool(first.codes))
    first.end()
    assert first.client is None
    request = tmp_path / "keys" / "token.request"
    assert stat.S_IMODE(request.stat().st_mode) == 0o600
    second = start()
    second.wait(lambda: bool(second.codes))
    assert second.codes[0] == first.codes[0]
    hall.decision = "approved"
    second.wait_done()
    assert not request.exists()


def test_a_refused_device_asks_again_with_a_new_request(
    hall: PairingHall, start: Callable[..., Device]
) -> None:
    for refusal in ("revoked", "forgotten"):
        hall.decision = refusal
        device = start()
        hall.wait_requests(len(hall.requests) + 7)
        device.end()
        assert device.client is None
    assert len({body["request_id"] for body in hall.asked}) > 7


def test_a_refusal_after_the_code_was_shown_ends_that_code(
    hall: PairingHall, start: Callable[..., Device]
) -> None:
    device = start()
    device.wait(lambda: bool(device.codes))
    hall.decision = "revoked"
    device.wait(lambda: "" in device.codes)
    hall.decision = "approved"
    device.wait_done()
    assert device.codes[:2] == [hall.asked[0]["request_id"][:4], ""]
    assert hall.asked[-1]["request_id"] != hall.asked[0]["request_id"]


def test_a_server_that_goes_away_meanwhile_is_waited_for(
    hall: PairingHall, start: Callable[..., Device], caplog: pytest.LogCaptureFixture
) -> None:
    hall.away = True
    device = start()
    hall.wait_requests(2)
    hall.away = False
    device.wait(lambda: bool(device.codes))
    hall.away = True
    hall.wait_requests(len(hall.requests) + 2)
    hall.decision, hall.away = "approved", False
    device.wait_done()
    assert device.client is not None
    assert len({body["request_id"] for body in hall.asked}) == 1
    assert "等待管理员批准本设备" in caplog.text


def test_stop_ends_the_wait(hall: PairingHall, start: Callable[..., Device]) -> None:
    device = start()
    device.wait(lambda: bool(device.codes))
    device.stopping.set()
    device.wait_done()
    assert device.client is None
    assert device.codes[-1] == ""


def test_a_token_that_cannot_be_kept_is_found_out_before_a_manager_is_asked(
    hall: PairingHall, start: Callable[..., Device], tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    device = start()
    device.wait_done()
    assert device.error is not None
    assert "server.token_file" in str(device.error)
    assert hall.asked == []


def test_without_a_token_file_it_goes_on_without_rights(
    hall: PairingHall, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ServerSettings(url=hall.url)
    client = enrol(settings, "display", "屏", None, threading.Event())
    assert client is not None
    assert not client.has_token
    assert "token_file" in caplog.text
    assert hall.requests == []


@pytest.mark.parametrize("content", [b"two words", b"\xff\xfe", "令牌".encode()])
def test_a_token_file_that_holds_something_else_is_a_config_error(
    hall: PairingHall, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"server\.token_file"):
        connect(ServerSettings(url=hall.url, token_file=str(path)), None, threading.Event())


def test_the_id_that_came_with_the_token_wins_over_the_configured_one(
    hall: PairingHall, tmp_path: Path
) -> None:
    settings = ServerSettings(url=hall.url, token_file=str(tmp_path / "token"), device_id="by hand")
    client = connect(settings, None, threading.Event())
    assert client is not None
    assert client.device_id == "by hand"
    TokenStore(settings).keep("kept", "tok")
    client = connect(settings, None, threading.Event())
    assert client is not None
    assert client.device_id == "kept"


def test_the_address_given_by_hand_wins_and_is_checked(hall: PairingHall) -> None:
    settings = ServerSettings(url="http://127.0.0.1:1")
    client = connect(settings, hall.url + "/", threading.Event())
    assert client is not None
    assert client.base_url == hall.url
    with pytest.raises(ConfigError, match="--server: 不是服务器地址"):
        connect(settings, "ftp://hall", threading.Event())


class Anything(Message):
    pass


def test_a_heartbeat_uses_the_kept_id_beats_on_change_and_survives_an_outage() -> None:
    states = ["ready"]

    def parts() -> list[PartStatus]:
        if states[0] == "broken":
            raise RuntimeError("no idea")
        return [PartStatus(name="p", state=states[0], text="好", text_en="ok", ok=True)]

    with FakeHall() as hall:
        beat = Heartbeat(ApiClient(hall.url, "tok", "dev-1"), parts)
        beat.start()
        assert hall.wait_for(lambda: len(hall.statuses) == 1)
        hall.stop()
        states[0] = "paper_out"
        beat.changed()
        with pytest.raises(ServerAway):
            ApiClient(hall.url).get("/hall", Anything)
        hall.start()
        states[0] = "broken"
        beat.changed()
        states[0] = "ready_again"
        beat.changed()
        assert hall.wait_for(
            lambda: bool(hall.statuses) and hall.statuses[-1][1].parts[0].state == "ready_again"
        )
        beat.stop()
    assert {device for device, _ in hall.statuses} == {"dev-1"}


def test_a_device_without_an_id_sends_no_heartbeat(caplog: pytest.LogCaptureFixture) -> None:
    with FakeHall() as hall:
        beat = Heartbeat(ApiClient(hall.url), list)
        beat.start()
        beat.stop()
        assert hall.requests == []
    assert "no id" in caplog.text
    Heartbeat(ApiClient(hall.url), list).stop()
