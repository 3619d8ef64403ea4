"""Devices: pairing, heartbeat, health."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from hall_server.api.access import bearer, caller, need_known, need_staff
from hall_server.api.bodies import Command, DevicePath, PairBody, StatusBody
from hall_server.api.parts import parts
from hall_server.api.replies import answers, reply
from hall_server.domain.errors import Forbidden
from hall_server.service.answers import DeviceList, DeviceToken, Done
from hallkit.wire.device import Device, Pairing

api = APIBlueprint("devices", __name__)


@api.get("/devices", summary="Every device and how it is", responses=answers(200, DeviceList))
def list_devices() -> Response:
    """Staff and devices."""
    need_known()
    return reply(DeviceList(devices=parts().devices.list()))


@api.post("/devices/pair", summary="Asks to be taken in", responses=answers(201, Pairing))
def pair(body: PairBody) -> Response:
    """Public: a manager compares the code with the device's screen before approving."""
    return reply(parts().devices.pair(body.request_id, body.kind, body.name), 201)


@api.get(
    "/devices/<device_id>/token", summary="Fetches the token", responses=answers(200, DeviceToken)
)
def token(path: DevicePath) -> Response:
    """The device proves itself with its pairing secret as bearer; 409 until it is approved."""
    return reply(DeviceToken(token=parts().devices.token(path.device_id, bearer())))


@api.post("/devices/<device_id>/status", summary="Heartbeat", responses=answers(200, Done))
def status(path: DevicePath, body: StatusBody) -> Response:
    """The device itself, on change and at least every 30 s."""
    device = caller().device
    if device is None or device.id != path.device_id:
        raise Forbidden("not_this_device", "不是该设备的令牌", "this is not the device's token")
    parts().devices.heartbeat(path.device_id, body)
    return reply(Done())


@api.post("/devices/<device_id>/approve", summary="Takes it in", responses=answers(200, Device))
def approve(path: DevicePath, body: Command) -> Response:
    """Managers."""
    actor = f"staff:{need_staff('manager').staff_no}"
    return reply(parts().devices.approve(path.device_id, actor, body.request_id))


@api.post("/devices/<device_id>/revoke", summary="Shuts it out", responses=answers(200, Device))
def revoke(path: DevicePath, body: Command) -> Response:
    """Managers."""
    actor = f"staff:{need_staff('manager').staff_no}"
    return reply(parts().devices.revoke(path.device_id, actor, body.request_id))
