"""The hall's devices: pairing, tokens, heartbeats."""

import base64
import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from hall_server.domain.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from hall_server.domain.instant import Moment, moment
from hall_server.service.credentials import new_token, token_hash
from hall_server.service.day import SYSTEM
from hall_server.service.ports import DeviceRecord, NewEvent, Remembered, Store, Transaction
from hall_server.service.recent import Recent
from hallkit.runtime.clock import Clock
from hallkit.wire.device import Device, DeviceKind, DeviceStatus, Pairing
from hallkit.wire.ids import new_id

KINDS: tuple[str, ...] = get_args(DeviceKind)
MOST_PENDING = 50
# A device beats every 20 s: two beats were missed.
ABSENT_AFTER_S = 45.0
# Until a manager has looked at the devices that wait.
_ASK_AGAIN_S = 60
_LONGEST_NAME = 60
_SHORTEST_TOKEN = 16
_KEY = "pairing_key"
_UNHEARD = ("未知：设备没有联系", "unknown: the device is not reachable")
State = Literal["pending", "approved", "revoked"]


@dataclass(frozen=True)
class _Beat:
    """The last heartbeat; ``journaled`` is what the journal has of it, ``missed`` whether the
    journal says that no other came in time."""

    status: DeviceStatus
    at: datetime
    heard: float
    journaled: object
    missed: bool = False


class Devices:
    """Every device, and how it is; thread-safe. Heartbeats stay in memory: a beat every 20 s
    from each device would wear an SD card. ``zone`` is the hall's, for the journal's days."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        zone: ZoneInfo = ZoneInfo("Asia/Shanghai"),  # noqa: B008 - immutable
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._monotonic = monotonic
        self._known: Recent[DeviceRecord] = Recent(monotonic)
        self._lock = Lock()
        self._beats: dict[str, _Beat] = {}

    def pair(self, request_id: str, kind: str, name: str) -> Pairing:
        """Asks to be let in; the same ``request_id`` gets the same answer, with the state of now.

        The device's id and secret are derived from ``request_id``, which only the device knows:
        nothing that is stored is enough to make them. Raises Invalid (``bad_kind``, ``bad_name``),
        Conflict ``request_id_reused``, TooMany ``too_many_pending``.
        """
        _check(kind, name)

        def work(tx: Transaction) -> Pairing:
            key = _pairing_key(tx)
            device_id = str(uuid.UUID(bytes=_derive(key, "id", request_id)[:16], version=4))
            secret = base64.urlsafe_b64encode(_derive(key, "secret", request_id)).decode()
            record = tx.device(device_id)
            if record is None:
                record = _pending(tx, device_id, kind, name, secret)
                tx.save_device(record)
            elif (record.kind, record.name) != (kind, name):
                raise Conflict(
                    "request_id_reused",
                    "该请求编号已用于另一台设备",
                    "this request_id was used for another device",
                )
            return Pairing(
                device_id=device_id, code=record.code, state=_state(record), secret=secret
            )

        return self._store.write(work)

    def approve(self, device_id: str, actor: str, request_id: str) -> Device:
        """Lets a device in. Raises NotFound ``unknown_device``, Conflict ``device_revoked``."""
        return self._decide(device_id, actor, request_id, "approved")

    def revoke(self, device_id: str, actor: str, request_id: str) -> Device:
        """Shuts a device out for good; it may pair again. Raises NotFound ``unknown_device``."""
        return self._decide(device_id, actor, request_id, "revoked")

    def token(self, device_id: str, secret: str) -> str:
        """A fresh token for an approved device; the one before no longer works.

        Raises NotFound ``unknown_device`` (also for a wrong secret), Conflict ``not_approved``,
        Forbidden ``device_revoked``.
        """
        fresh = new_token()

        def work(tx: Transaction) -> None:
            record = tx.device(device_id)
            given = token_hash(secret)
            if record is None or not hmac.compare_digest(record.secret_hash, given):
                raise _unknown_device()
            if record.state == "revoked":
                raise Forbidden("device_revoked", "该设备已被停用", "this device was revoked")
            if record.state != "approved":
                raise Conflict(
                    "not_approved", "等待管理员批准", "a manager has not approved this device yet"
                )
            tx.save_device(replace(record, token_hash=token_hash(fresh)))

        self._store.write(work)
        self._known.clear()
        return fresh

    def add(self, kind: str, name: str, token: str | None = None) -> tuple[str, str]:
        """An approved device without pairing: its id and token. One of this kind and name that
        exists keeps its id and gets the new token. Raises Invalid."""
        _check(kind, name)
        given = token if token is not None else new_token()
        if len(given) < _SHORTEST_TOKEN:
            raise Invalid("bad_token", "令牌过短", "the token is too short")

        def work(tx: Transaction) -> str:
            same = [
                d for d in tx.devices() if (d.kind, d.name, d.state) == (kind, name, "approved")
            ]
            fresh = DeviceRecord(
                new_id(), kind, name, "approved", "", token_hash(new_token()), None
            )
            record = same[0] if same else fresh
            tx.save_device(replace(record, token_hash=token_hash(given)))
            return record.id

        device_id = self._store.write(work)
        self._known.clear()
        return device_id, given

    def who(self, token: str) -> DeviceRecord | None:
        """The approved device whose token this is."""
        hashed = token_hash(token)

        def read() -> DeviceRecord | None:
            record = self._store.read(lambda tx: tx.device_by_token(hashed))
            return record if record is not None and record.state == "approved" else None

        return self._known.get(hashed, read)

    def heartbeat(self, device_id: str, status: DeviceStatus) -> None:
        """Notes how a device is. The journal gets an entry when the device appears, or when the
        state of a part changes. Raises NotFound ``unknown_device``."""
        heard, now = self._monotonic(), self._clock.now()
        states = tuple((p.name, p.state, p.ok) for p in status.parts)
        with self._lock:
            before = self._beats.get(device_id)
            known = before is not None and self._is_near(before)
            journaled = before.journaled if before is not None and known else None
            # Claimed here, so that of two beats at the same time only one is journaled.
            self._beats[device_id] = _Beat(status, now, heard, states)
        if journaled == states:
            return
        try:
            self._store.write(lambda tx: self._journal_status(tx, device_id, status, now))
        except NotFound:
            with self._lock:
                self._beats.pop(device_id, None)
            raise
        except BaseException:
            self._unclaim(device_id, states)
            raise

    def tell_absent(self) -> None:
        """Journals each device that has fallen silent since it was last told of, once, so that
        whoever follows learns of it. Raises StorageFailed, WriterStopped."""
        with self._lock:
            silent = [
                device_id
                for device_id, beat in self._beats.items()
                if not beat.missed and not self._is_near(beat)
            ]
        for device_id in silent:
            told = self._store.write(partial(self._journal_absent, device_id))
            with self._lock:
                # A beat that came meanwhile is another one.
                if told is not None and self._beats.get(device_id) is told:
                    self._beats[device_id] = replace(told, missed=True)

    def list(self) -> list[Device]:
        """Every device that was not revoked, by name, with its last heartbeat."""
        records = self._store.read(lambda tx: tx.devices())
        return [self._view(r) for r in records if r.state != "revoked"]

    def _unclaim(self, device_id: str, states: object) -> None:
        with self._lock:
            beat = self._beats.get(device_id)
            if beat is not None and beat.journaled == states:
                self._beats[device_id] = replace(beat, journaled=None)

    def _decide(self, device_id: str, actor: str, request_id: str, state: str) -> Device:
        command = f"device {state} {device_id}"

        def work(tx: Transaction) -> Device:
            repeated = tx.remembered(request_id)
            if repeated is not None:
                return _repeated(repeated, actor, command)
            record = self._changed(tx, device_id, state)
            when = self._moment(tx)
            if tx.device(device_id) != record:
                tx.save_device(record)
                event = NewEvent("device.status", data=_told(self._view(record)))
                tx.append(event, when.at, when.day, actor, request_id)
            answer = self._view(record)
            tx.remember(request_id, Remembered(actor, command, answer.model_dump_json()), when.at)
            return answer

        answer = self._store.write(work)
        self._known.clear()
        if answer.state == "revoked":
            with self._lock:
                self._beats.pop(device_id, None)
        return answer

    def _changed(self, tx: Transaction, device_id: str, state: str) -> DeviceRecord:
        record = tx.device(device_id)
        if record is None:
            raise _unknown_device()
        if state == "revoked":
            return replace(record, state=state, token_hash=None)
        if record.state == "revoked":
            raise Conflict(
                "device_revoked",
                "该设备已被停用，请重新配对",
                "this device was revoked; pair it again",
            )
        return replace(record, state=state)

    def _journal_status(
        self, tx: Transaction, device_id: str, status: DeviceStatus, now: datetime
    ) -> None:
        record = tx.device(device_id)
        if record is None or record.state != "approved":
            raise _unknown_device()
        view = Device(
            id=record.id,
            kind=cast(DeviceKind, record.kind),
            name=record.name,
            state="approved",
            online=True,
            last_seen=now,
            status=status,
        )
        when = self._moment(tx)
        event = NewEvent("device.status", data=_told(view))
        tx.append(event, when.at, when.day, f"device:{device_id}", new_id())

    def _journal_absent(self, device_id: str, tx: Transaction) -> "_Beat | None":
        """Returns the last beat; None when the device is back, or not the hall's any more."""
        record = tx.device(device_id)
        with self._lock:
            beat = self._beats.get(device_id)
        if beat is None or self._is_near(beat) or record is None or record.state != "approved":
            return None
        when = self._moment(tx)
        event = NewEvent("device.status", data=_told(self._view(record)))
        tx.append(event, when.at, when.day, SYSTEM, new_id())
        return beat

    def _moment(self, tx: Transaction) -> Moment:
        return moment(self._clock.now(), self._zone, tx.last_at())

    def _is_near(self, beat: _Beat) -> bool:
        return self._monotonic() - beat.heard < ABSENT_AFTER_S

    def _view(self, record: DeviceRecord) -> Device:
        with self._lock:
            beat = self._beats.get(record.id)
        online = beat is not None and self._is_near(beat)
        status = beat.status if beat is not None else None
        return Device(
            id=record.id,
            kind=cast(DeviceKind, record.kind),
            name=record.name,
            state=_state(record),
            online=online,
            last_seen=beat.at if beat is not None else None,
            code=record.code if record.state == "pending" else "",
            status=status if online or status is None else _unheard(status),
        )


def _unheard(status: DeviceStatus) -> DeviceStatus:
    """What is known of a device that has fallen silent: a panel may show anything."""
    unknown = {"state": "unknown", "text": _UNHEARD[0], "text_en": _UNHEARD[1], "ok": False}
    parts = [part.model_copy(update=unknown) for part in status.parts]
    return status.model_copy(update={"parts": parts})


def _state(record: DeviceRecord) -> State:
    return cast(State, record.state)


def _told(view: Device) -> dict[str, object]:
    return {"device": view.model_dump(mode="json")}


def _repeated(first: Remembered, actor: str, command: str) -> Device:
    if (first.actor, first.command) != (actor, command):
        raise Conflict(
            "request_id_reused",
            "该请求编号已用于另一操作",
            "this request_id was used for another command",
        )
    return Device.model_validate_json(first.answer)


def _pairing_key(tx: Transaction) -> bytes:
    key = tx.meta(_KEY)
    if key is None:
        key = secrets.token_hex(32)
        tx.set_meta(_KEY, key)
    return bytes.fromhex(key)


def _derive(key: bytes, what: str, request_id: str) -> bytes:
    return hmac.new(key, f"{what}:{request_id}".encode(), hashlib.sha256).digest()


def _pending(tx: Transaction, device_id: str, kind: str, name: str, secret: str) -> DeviceRecord:
    codes = {d.code for d in tx.devices() if d.state == "pending"}
    if len(codes) >= MOST_PENDING:
        raise TooMany(
            "too_many_pending",
            "待批准的设备过多，请管理员先处理",
            "too many devices are waiting for approval; a manager should look at them first",
            retry_after_s=_ASK_AGAIN_S,
        )
    while (code := f"{secrets.randbelow(1_000_000):06d}") in codes:
        pass
    return DeviceRecord(device_id, kind, name, "pending", code, token_hash(secret), None)


def _unknown_device() -> NotFound:
    return NotFound("unknown_device", "没有这台设备", "there is no such device")


def _check(kind: str, name: str) -> None:
    if kind not in KINDS:
        raise Invalid(
            "bad_kind",
            f"设备类型只能是 {'、'.join(KINDS)}",
            f"the kind of a device should be one of {', '.join(KINDS)}",
        )
    if not 0 < len(name) <= _LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise Invalid(
            "bad_name",
            f"名称应为 1 至 {_LONGEST_NAME} 个字符的一行文字",
            f"the name should be one line of 1 to {_LONGEST_NAME} characters",
        )
