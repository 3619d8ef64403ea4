"""Devices: pairing, tokens, heartbeats, on a real database."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from hall_server.domain.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from hall_server.service.device_watch import DeviceWatch
from hall_server.service.devices import Devices
from hall_server.store.store import SqlStore
from hall_server.store.writer import StorageFailed
from hallkit.runtime.clock import ManualClock
from hallkit.wire.device import DeviceStatus, PartStatus
from tests.fakes.store_rows import store_in
from tests.support.database import Database
from tests.support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("database")

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class _Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with store_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def seconds() -> _Seconds:
    return _Seconds()


@pytest.fixture
def devices(store: SqlStore, seconds: _Seconds) -> Devices:
    return Devices(store, ManualClock(START), monotonic=seconds)


def _status(state: str = "ready", text: str = "正常", ok: bool = True) -> DeviceStatus:
    part = PartStatus(name="打印机", state=state, text=text, text_en="", ok=ok)
    return DeviceStatus(version="0.1.0", parts=[part])


def _journal(store: SqlStore) -> list[dict[str, object]]:
    entries = store.read(lambda tx: tx.entries_after(0, 999))
    assert all(e.type == "device.status" for e in entries)
    return [json.loads(e.body)["data"]["device"] for e in entries]


def test_from_pairing_to_a_token(devices: Devices) -> None:
    pairing = devices.pair("r1", "kiosk", "一号取号机")
    assert pairing.state == "pending" and len(pairing.code) == 6
    with pytest.raises(Conflict) as refused:
        devices.token(pairing.device_id, pairing.secret)
    assert refused.value.code == "not_approved"
    assert devices.approve(pairing.device_id, "1001", "q1").state == "approved"
    token = devices.token(pairing.device_id, pairing.secret)
    record = devices.who(token)
    assert record is not None
    assert (record.id, record.kind, record.name) == (pairing.device_id, "kiosk", "一号取号机")


def test_the_same_request_gets_the_same_pairing_also_after_a_restart(
    devices: Devices, store: SqlStore
) -> None:
    first = devices.pair("r1", "kiosk", "K")
    assert devices.pair("r1", "kiosk", "K") == first
    assert Devices(store, ManualClock(START)).pair("r1", "kiosk", "K") == first
    assert devices.pair("r2", "kiosk", "K").device_id != first.device_id
    with pytest.raises(Conflict) as refused:
        devices.pair("r1", "display", "K")
    assert refused.value.code == "request_id_reused"
    devices.approve(first.device_id, "1001", "q1")
    assert devices.pair("r1", "kiosk", "K") == first.model_copy(update={"state": "approved"})


def test_pairing_at_the_same_time_makes_one_device(devices: Devices) -> None:
    threads = [Thread(target=devices.pair, args=("r1", "kiosk", "K")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(devices.list()) == 1


def test_at_most_fifty_wait_for_approval(devices: Devices) -> None:
    pairings = [devices.pair(f"r{n}", "kiosk", f"K{n}") for n in range(50)]
    assert len({p.code for p in pairings}) == 50
    with pytest.raises(TooMany) as refused:
        devices.pair("r50", "kiosk", "K50")
    assert refused.value.code == "too_many_pending"
    assert devices.pair("r0", "kiosk", "K0") == pairings[0]
    devices.revoke(pairings[0].device_id, "1001", "q")
    devices.pair("r50", "kiosk", "K50")


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [("robot", "K", "bad_kind"), ("kiosk", "", "bad_name"), ("kiosk", "a\nb", "bad_name")],
)
def test_what_is_no_device(devices: Devices, kind: str, name: str, code: str) -> None:
    for make in (lambda: devices.pair("r", kind, name), lambda: devices.add(kind, name)):
        with pytest.raises(Invalid) as refused:
            make()
        assert refused.value.code == code


def test_a_wrong_secret_and_an_unknown_device_are_the_same_to_a_stranger(devices: Devices) -> None:
    pairing = devices.pair("r1", "kiosk", "K")
    devices.approve(pairing.device_id, "1001", "q1")
    for device_id, secret in ((pairing.device_id, "guess"), ("unknown", pairing.secret)):
        with pytest.raises(NotFound) as refused:
            devices.token(device_id, secret)
        assert refused.value.code == "unknown_device"


def test_each_fetch_makes_a_fresh_token_and_ends_the_old_one(devices: Devices) -> None:
    pairing = devices.pair("r1", "kiosk", "K")
    devices.approve(pairing.device_id, "1001", "q1")
    first = devices.token(pairing.device_id, pairing.secret)
    assert devices.who(first) is not None
    second = devices.token(pairing.device_id, pairing.secret)
    assert devices.who(first) is None
    assert devices.who(second) is not None


def test_only_hashes_are_stored(devices: Devices, database: Database) -> None:
    pairing = devices.pair("request-number-one", "kiosk", "K")
    devices.approve(pairing.device_id, "1001", "q1")
    token = devices.token(pairing.device_id, pairing.secret)
    stored = database.stored()
    for secret in (pairing.secret, token, "request-number-one"):
        assert secret.encode() not in stored


def test_a_revoked_device_is_out(devices: Devices, store: SqlStore) -> None:
    pairing = devices.pair("r1", "kiosk", "K")
    devices.approve(pairing.device_id, "1001", "q1")
    token = devices.token(pairing.device_id, pairing.secret)
    devices.heartbeat(pairing.device_id, _status())
    devices.revoke(pairing.device_id, "1001", "q2")
    assert devices.who(token) is None and Devices(store, ManualClock(START)).who(token) is None
    assert devices.list() == []
    with pytest.raises(Forbidden) as refused:
        devices.token(pairing.device_id, pairing.secret)
    assert refused.value.code == "device_revoked"
    with pytest.raises(NotFound):
        devices.heartbeat(pairing.device_id, _status())
    with pytest.raises(Conflict) as conflict:
        devices.approve(pairing.device_id, "1001", "q3")
    assert conflict.value.code == "device_revoked"


def test_a_repeated_decision_changes_nothing(devices: Devices, store: SqlStore) -> None:
    pairing = devices.pair("r1", "kiosk", "K")
    first = devices.approve(pairing.device_id, "1001", "q1")
    devices.revoke(pairing.device_id, "1001", "q2")
    assert devices.approve(pairing.device_id, "1001", "q1") == first
    assert devices.list() == []
    for actor, device_id in (("1002", pairing.device_id), ("1001", "another")):
        with pytest.raises(Conflict) as refused:
            devices.approve(device_id, actor, "q1")
        assert refused.value.code == "request_id_reused"
    with pytest.raises(NotFound):
        devices.approve("another", "1001", "q4")
    assert [d["state"] for d in _journal(store)] == ["approved", "revoked"]


def test_a_device_made_by_hand(devices: Devices) -> None:
    device_id, token = devices.add("kiosk", "演示取号机")
    again, second = devices.add("kiosk", "演示取号机", "a-token-of-my-own")
    assert again == device_id and second == "a-token-of-my-own"
    assert devices.who(token) is None
    record = devices.who(second)
    assert record is not None and record.id == device_id
    with pytest.raises(Invalid):
        devices.add("kiosk", "K", "short")


def test_a_device_is_absent_after_45_seconds(devices: Devices, seconds: _Seconds) -> None:
    device_id, _ = devices.add("kiosk", "K")
    assert [(d.online, d.last_seen, d.status) for d in devices.list()] == [(False, None, None)]
    devices.heartbeat(device_id, _status())
    seconds.now = 44.9
    (device,) = devices.list()
    assert device.online and device.last_seen == START and device.status == _status()
    seconds.now = 45.0
    (device,) = devices.list()
    assert not device.online and device.status is not None
    assert [(p.state, p.ok) for p in device.status.parts] == [("unknown", False)]


def test_the_journal_hears_of_changes_not_of_beats(
    devices: Devices, store: SqlStore, seconds: _Seconds
) -> None:
    device_id, _ = devices.add("printer", "P")
    for _ in range(10):
        seconds.now += 20
        devices.heartbeat(device_id, _status())
    assert len(_journal(store)) == 1
    devices.heartbeat(device_id, _status(text="正常。"))  # other words, same state
    assert len(_journal(store)) == 1
    devices.heartbeat(device_id, _status("paper_out", "缺纸", ok=False))
    devices.heartbeat(device_id, _status("paper_out", "缺纸", ok=False))
    seconds.now += 46
    devices.heartbeat(device_id, _status("paper_out", "缺纸", ok=False))
    told = _journal(store)
    assert len(told) == 3 and all(d["id"] == device_id and d["online"] for d in told)
    states = [d["status"]["parts"][0]["state"] for d in told]  # type: ignore[index]
    assert states == ["ready", "paper_out", "paper_out"]


def _signs(*states: str) -> DeviceStatus:
    """A display program with the voice and the panels of windows 1, 2, …"""
    voice = PartStatus(name="voice", state="ready", text="正常", text_en="ready", ok=True)
    panels = [
        PartStatus(
            name=f"panel {n}", state=state, text="已显示", text_en="", ok=state == "acked", window=n
        )
        for n, state in enumerate(states, start=1)
    ]
    return DeviceStatus(version="0.1.0", parts=[voice, *panels])


def test_everybody_is_told_once_that_a_device_fell_silent(
    devices: Devices, store: SqlStore, seconds: _Seconds
) -> None:
    device_id, _ = devices.add("display", "屏")
    devices.add("kiosk", "never seen")
    devices.heartbeat(device_id, _signs("acked", "failed"))
    seconds.now = 44.9
    devices.tell_absent()
    assert len(_journal(store)) == 1
    for seconds.now in (45.0, 50.0):
        devices.tell_absent()
    told = _journal(store)
    assert [d["online"] for d in told] == [True, False]
    parts = told[1]["status"]["parts"]  # type: ignore[index]
    assert [(p["state"], p["ok"]) for p in parts] == [
        ("unknown", False),
        ("unknown", False),
        ("unknown", False),
    ]
    assert parts[1]["text"] == "未知：设备没有联系"
    (shown,) = (d for d in devices.list() if d.id == device_id)
    assert shown.status is not None and shown.status.parts[1].state == "unknown"
    devices.heartbeat(device_id, _signs("acked", "failed"))
    devices.tell_absent()
    assert [d["online"] for d in _journal(store)] == [True, False, True]
    (shown,) = (d for d in devices.list() if d.id == device_id)
    assert shown.status == _signs("acked", "failed")
    devices.revoke(device_id, "1001", "q")
    seconds.now = 200.0
    devices.tell_absent()
    assert len(_journal(store)) == 4


def test_a_silence_after_beats_that_the_journal_missed_is_told_too(
    store: SqlStore, seconds: _Seconds
) -> None:
    wobbly = _Wobbly(store)
    devices = Devices(wobbly, ManualClock(START), monotonic=seconds)
    device_id, _ = devices.add("display", "屏")
    devices.heartbeat(device_id, _signs("acked"))
    seconds.now = 45.0
    # Its next beat comes while its silence is being written down.
    wobbly.then = lambda: devices.heartbeat(device_id, _signs("acked"))
    devices.tell_absent()
    devices.heartbeat(device_id, _signs("acked"))
    assert [d["online"] for d in _journal(store)] == [True, False, True]
    wobbly.full = True
    with pytest.raises(StorageFailed):
        devices.heartbeat(device_id, _signs("failed"))
    wobbly.full = False
    for seconds.now in (90.0, 95.0):
        devices.tell_absent()
    assert [d["online"] for d in _journal(store)] == [True, False, True, False]


def test_a_device_whose_silence_could_not_be_noted_is_noted_later(
    store: SqlStore, seconds: _Seconds
) -> None:
    wobbly = _Wobbly(store)
    devices = Devices(wobbly, ManualClock(START), monotonic=seconds)
    device_id, _ = devices.add("display", "屏")
    devices.heartbeat(device_id, _signs("acked"))
    seconds.now = 60.0
    wobbly.full = True
    watch = DeviceWatch(devices, look_every_s=0.01)
    watch.start()
    try:
        wait_for("a vain look", lambda: wobbly.refused > 1)
        wobbly.full = False
        wait_for("the silence to be noted", lambda: len(_journal(store)) == 2)
    finally:
        watch.stop()


def test_beats_at_the_same_time_are_journaled_once(devices: Devices, store: SqlStore) -> None:
    device_id, _ = devices.add("printer", "P")
    threads = [Thread(target=devices.heartbeat, args=(device_id, _status())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_journal(store)) == 1


def test_a_beat_of_nobody_is_refused_and_not_kept(devices: Devices, store: SqlStore) -> None:
    pairing = devices.pair("r1", "kiosk", "K")
    for device_id in ("unknown", pairing.device_id):
        with pytest.raises(NotFound):
            devices.heartbeat(device_id, _status())
    assert devices.list()[0].status is None and _journal(store) == []


class _Wobbly:
    """A store whose disk may be full."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.full = False
        self.refused = 0
        self.then: Callable[[], None] | None = None

    def write(self, work: Callable[[Any], Any], request_id: str | None = None) -> Any:
        """``then`` is done once, right after what was written."""
        if self.full:
            self.refused += 1
            raise StorageFailed("full")
        done = self._store.write(work, request_id)
        if self.then is not None:
            then, self.then = self.then, None
            then()
        return done

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self._store.read(work)


def test_a_beat_that_could_not_be_journaled_is_journaled_with_the_next(store: SqlStore) -> None:
    wobbly = _Wobbly(store)
    devices = Devices(wobbly, ManualClock(START))
    device_id, _ = devices.add("printer", "P")
    wobbly.full = True
    with pytest.raises(StorageFailed):
        devices.heartbeat(device_id, _status())
    assert devices.list()[0].online
    wobbly.full = False
    devices.heartbeat(device_id, _status())
    devices.heartbeat(device_id, _status())
    assert len(_journal(store)) == 1
