"""Devices: pairing and heartbeat."""

from typing import Literal

from pydantic import AwareDatetime

from hallkit.wire.message import Message

DeviceKind = Literal["kiosk", "display", "printer", "board"]


class PartStatus(Message):
    """One part of a device (a printer, a panel, the speaker). ``state`` is a stable word such as
    ``ready`` or ``paper_out``; ``text`` and ``text_en`` are for people; ``ok`` is false when
    somebody should look at it. ``window`` is the number of the window it belongs to, if any."""

    name: str
    state: str
    text: str
    text_en: str
    ok: bool
    window: int | None = None


class DeviceStatus(Message):
    """Body of ``POST /api/v1/devices/{id}/status``, sent on change and at least every 30 s."""

    version: str
    parts: list[PartStatus] = []


class Device(Message):
    """A device as the manager sees it. ``online`` is false when its heartbeat is overdue;
    ``code`` is on its own screen too while it waits for approval, empty afterwards."""

    id: str
    kind: DeviceKind
    name: str
    state: Literal["pending", "approved", "revoked"]
    online: bool
    last_seen: AwareDatetime | None = None
    code: str = ""
    status: DeviceStatus | None = None


class Pairing(Message):
    """Answer of ``POST /api/v1/devices/pair``; the manager compares ``code`` with the screen.
    ``secret`` is the device's alone: it fetches the token with it after approval."""

    device_id: str
    code: str
    state: Literal["pending", "approved", "revoked"]
    secret: str


class DeviceToken(Message):
    """Answer of ``GET /api/v1/devices/{id}/token``: the device keeps it, the server only its
    hash."""

    token: str
