"""Devices: pairing, heartbeat, health."""

from flask import Response

from hall_server.api.access import bearer, need_known, need_staff
from hall_server.api.bodies import Command, DevicePath, PairBody, ReprintBody, StatusBody
from hall_server.api.document import (
    ADDRESS,
    BODY,
    DEVICE,
    KNOWN,
    NEEDS_KNOWN,
    NEEDS_ROLE,
    PAIRING,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.api.throttle import address
from hall_server.domain.errors import Forbidden
from hall_server.service.answers import DeviceList, Done
from hall_server.service.ports import DeviceRecord
from hall_server.service.reprints import note_reprint
from hallkit.wire.device import Device, DeviceToken, Pairing

api = blueprint("devices")


@api.get(
    "/devices",
    summary="Every device and how it is",
    security=KNOWN,
    responses=answers(200, DeviceList, *NEEDS_KNOWN),
)
def list_devices() -> Response:
    """Staff and devices."""
    need_known()
    return reply(DeviceList(devices=parts().devices.list()))


@api.post(
    "/devices/pair",
    summary="Asks to be taken in",
    responses=answers(201, Pairing, *BODY, 409, 429),
)
def pair(body: PairBody) -> Response:
    """Public: a manager compares the code with the device's screen before approving."""
    parts().throttles.pairings.take(address())
    return reply(parts().devices.pair(body.request_id, body.kind, body.name), 201)


@api.get(
    "/devices/<device_id>/token",
    summary="Fetches the token",
    security=PAIRING,
    responses=answers(200, DeviceToken, *ADDRESS, 403, 409),
)
def token(path: DevicePath) -> Response:
    """The device proves itself with its pairing secret as bearer; 409 until it is approved."""
    return reply(DeviceToken(token=parts().devices.token(path.device_id, bearer())))


@api.post(
    "/devices/<device_id>/status",
    summary="Heartbeat",
    security=DEVICE,
    responses=answers(200, Done, *NEEDS_ROLE, *ADDRESS, *BODY),
)
def status(path: DevicePath, body: StatusBody) -> Response:
    """The device itself, on change and at least every 30 s."""
    _itself(path)
    parts().devices.heartbeat(path.device_id, body.status())
    return reply(Done())


@api.post(
    "/devices/<device_id>/reprints",
    summary="A slip was printed again",
    security=DEVICE,
    responses=answers(200, Done, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def reprinted(path: DevicePath, body: ReprintBody) -> Response:
    """A printer, for itself: the journal gets ``ticket.reprinted``."""
    device = _itself(path)
    if device.kind != "printer":
        raise Forbidden("not_allowed", "只有打印机可以这样做", "only a printer may do this")
    told = body.model_dump(mode="json", exclude={"request_id", "ticket_id"})
    text = parts().commands.run(
        f"device:{device.id}",
        body.request_id,
        "reprint",
        {"ticket_id": body.ticket_id, **told},
        lambda tx, context: note_reprint(tx, context, body.ticket_id, told),
    )
    return json_text(text)


def _itself(path: DevicePath) -> DeviceRecord:
    """The device that the address names, which is the one that asks. Raises Forbidden."""
    device = need_known().device
    if device is None or device.id != path.device_id:
        raise Forbidden("not_this_device", "不是该设备的令牌", "this is not the device's token")
    return device


@api.post(
    "/devices/<device_id>/approve",
    summary="Takes it in",
    security=STAFF_COMMAND,
    responses=answers(200, Device, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def approve(path: DevicePath, body: Command) -> Response:
    """Managers."""
    actor = f"staff:{need_staff('manager').staff_no}"
    return reply(parts().devices.approve(path.device_id, actor, body.request_id))


@api.post(
    "/devices/<device_id>/revoke",
    summary="Shuts it out",
    security=STAFF_COMMAND,
    responses=answers(200, Device, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def revoke(path: DevicePath, body: Command) -> Response:
    """Managers."""
    actor = f"staff:{need_staff('manager').staff_no}"
    return reply(parts().devices.revoke(path.device_id, actor, body.request_id))
