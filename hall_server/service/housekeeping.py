"""The thread that keeps house while the hall works."""

from hall_server.service.commands import Commands
from hall_server.service.retention import Trimming
from hall_server.service.rounds import Rounds

# How soon after the day has begun its work is looked for; it is not urgent.
LOOK_EVERY_S = 60.0
# Between two transactions others have the writer to themselves.
PAUSE_S = 0.05


class Housekeeper(Rounds):
    """Removes what is no longer kept, once a day, little by little."""

    def __init__(self, commands: Commands, *, look_every_s: float = LOOK_EVERY_S) -> None:
        trimming = Trimming(commands, lambda: self.pause(PAUSE_S))
        super().__init__("housekeeping", trimming.run, look_every_s)
