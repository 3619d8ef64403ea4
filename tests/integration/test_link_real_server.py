"""A device and the real hall server: pairing, heartbeat, every event once over a restart."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hallkit.link.client import ApiClient, ServerRefused
from hallkit.link.events import EventFollower
from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.link.server import ServerSettings
from hallkit.runtime.ports import free_port
from hallkit.wire.board import Board
from hallkit.wire.device import PartStatus
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall
from tests.fakes.running_hall import RunningHall, running

WAIT_S = 60.0
PART = PartStatus(name="voice", state="ready", text="正常", text_en="ready", ok=True)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    # A server whose port the kernel chose cannot have it again at once; one that chose it can.
    with running(tmp_path / "data", port=free_port()) as one:
        yield one


class Pairing:
    """A device that pairs in a thread."""

    def __init__(self, hall: RunningHall, folder: Path, name: str) -> None:
        self.settings = ServerSettings(url=hall.base_url, token_file=str(folder / "token"))
        self.codes: list[str] = []
        self.client: ApiClient | None = None
        self.stopping = threading.Event()
        self.changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, args=(name,))
        self._thread.start()

    def _run(self, name: str) -> None:
        self.client = enrol(
            self.settings, "display", name, None, self.stopping, self._code,
            poll_s=0.05, ask_again_s=0.05,
        )  # fmt: skip

    def _code(self, code: str) -> None:
        with self.changed:
            self.codes.append(code)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, WAIT_S), self.codes

    def join(self) -> ApiClient:
        self._thread.join(WAIT_S)
        assert self.client is not None
        return self.client

    def end(self) -> None:
        self.stopping.set()
        self._thread.join()


@pytest.fixture
def pair(hall: RunningHall, tmp_path: Path) -> Iterator[Callable[[str], Pairing]]:
    started: list[Pairing] = []

    def begin(name: str) -> Pairing:
        started.append(Pairing(hall, tmp_path / "keys", name))
        return started[-1]

    yield begin
    for one in started:
        one.end()


def test_from_a_code_on_the_screen_to_a_device_that_is_online(
    hall: RunningHall, pair: Callable[[str], Pairing]
) -> None:
    device = pair("大厅显示屏" * 20)
    device.wait(lambda: bool(device.codes))
    manager = hall.manager()
    (pending,) = manager.get("devices").ok()["devices"]
    assert (pending["state"], pending["kind"]) == ("pending", "display")
    manager.command(f"devices/{pending['id']}/approve").ok()
    client = device.join()
    assert client.device_id == pending["id"]
    assert client.get("/hall", Hall).windows
    beat = Heartbeat(client, lambda: [PART])
    beat.start()
    done = threading.Event()

    def online() -> bool:
        (shown,) = manager.get("devices").ok()["devices"]
        return bool(shown["online"]) and shown["status"]["parts"][0]["text"] == "正常"

    for _ in range(int(WAIT_S * 20)):
        if online():
            break
        done.wait(0.05)
    else:
        pytest.fail("the device did not come online")
    beat.stop()


def test_a_device_that_is_turned_away_asks_again_and_may_be_let_in(
    hall: RunningHall, pair: Callable[[str], Pairing]
) -> None:
    device = pair("显示屏")
    device.wait(lambda: bool(device.codes))
    manager = hall.manager()
    (first,) = manager.get("devices").ok()["devices"]
    manager.command(f"devices/{first['id']}/revoke").ok()
    device.wait(lambda: len([code for code in device.codes if code]) == 2)
    (second,) = [d for d in manager.get("devices").ok()["devices"] if d["state"] == "pending"]
    manager.command(f"devices/{second['id']}/approve").ok()
    assert device.join().device_id == second["id"]


def test_a_server_that_restarts_meanwhile_still_knows_the_device(
    hall: RunningHall, pair: Callable[[str], Pairing]
) -> None:
    device = pair("显示屏")
    device.wait(lambda: bool(device.codes))
    hall.restart()
    manager = hall.manager()
    (pending,) = manager.get("devices").ok()["devices"]
    manager.command(f"devices/{pending['id']}/approve").ok()
    assert device.join().device_id == pending["id"]
    assert [code for code in device.codes if code] == device.codes[:1]


def test_a_device_whose_token_is_wrong_is_refused_in_words(hall: RunningHall) -> None:
    with pytest.raises(ServerRefused) as refused:
        ApiClient(hall.base_url, "not-a-token").post(
            "/devices/x/status", {"version": "1", "parts": []}, Board
        )
    assert refused.value.status == 401


def test_every_event_once_and_in_order_over_restarts_of_the_server(hall: RunningHall) -> None:
    got: list[Event] = []
    changed = threading.Condition()

    def event(one: Event) -> None:
        with changed:
            got.append(one)
            changed.notify_all()

    device = hall.device("display")
    token = device.headers["Authorization"].removeprefix("Bearer ")
    client = ApiClient(hall.base_url, token)
    follower = EventFollower(
        client, ("tickets",), event, lambda _up: None, after=client.get("/board", Board).journal_seq
    )
    follower.start()
    service = next(iter(hall.hall.services))
    numbers: list[str] = []
    try:
        for _ in range(3):
            for _ in range(4):
                numbers.append(hall.device("kiosk").issue(service)["number"])
            hall.stop()
            hall.start()
        with changed:
            assert changed.wait_for(lambda: len(got) >= len(numbers), WAIT_S), got
    finally:
        follower.stop()
    issued = [one.ticket.number for one in got if one.ticket and one.type == "ticket.issued"]
    assert issued == numbers
    assert [one.seq for one in got] == sorted({one.seq for one in got})
