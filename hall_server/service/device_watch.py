"""The thread that notices when devices fall silent."""

from hall_server.service.devices import Devices
from hall_server.service.rounds import Rounds

# A device counts as absent after 45 s; how much later everybody is told.
LOOK_EVERY_S = 3.0


class DeviceWatch(Rounds):
    """Tells the journal, and so every page, of devices that fell silent."""

    def __init__(self, devices: Devices, *, look_every_s: float = LOOK_EVERY_S) -> None:
        super().__init__("device watch", devices.tell_absent, look_every_s)
