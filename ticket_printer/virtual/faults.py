"""What can be wrong with the virtual printer, switchable while it runs.

``DIR/control.json`` holds an object of these keys; a key that is missing has the value of the
command line. The file is looked at five times a second; delete it to mend everything.
"""

from typing import Annotated, Literal

from pydantic import Field

from hallkit.runtime.settings import Settings

VirtualCaps = Literal["epson", "clone", "status-only", "mute", "lan-close"]
# Where in a ticket something goes wrong: at a byte, counted from its ESC @, or when the printer
# has begun to print a picture, has just cut, or is about to report that a ticket is printed.
Moment = Annotated[int, Field(ge=0)] | Literal["raster", "cut", "confirm"]


class _Wrong(Settings):
    """``paper``, ``cover``, ``cutter``: sensors; a cutter error shows at the next cut.
    ``rows_left``: the paper ends after so many more dot rows. ``power`` off closes the port and
    forgets what was not printed. ``silent`` answers nothing for now; ``garbage`` answers
    nonsense. ``drop_after_bytes`` cuts a connection, once, after it sent so many bytes.
    ``bytes_per_s`` slows the line. ``buffer_bytes`` is the receive buffer: when it is full and the
    printer cannot print, it takes no more. ``keeps_half``: a command that was cut short by a
    lost connection is completed by whatever comes next, as many printers do."""

    caps: VirtualCaps = "epson"
    paper: Literal["ok", "near-end", "out"] = "ok"
    cover: Literal["closed", "open"] = "closed"
    cutter: Literal["ok", "error"] = "ok"
    power: Literal["on", "off"] = "on"
    rows_left: int | None = Field(default=None, ge=0)
    silent: bool = False
    garbage: bool = False
    keeps_half: bool = False
    drop_after_bytes: int | None = Field(default=None, ge=1)
    bytes_per_s: int | None = Field(default=None, ge=20)
    buffer_bytes: int = Field(default=1 << 20, ge=1024)


class Then(_Wrong):
    """What goes wrong at a moment of the next ticket: the keys that are given, and ``hang_up``,
    which cuts the connection then."""

    at: Moment
    hang_up: bool = False


class Faults(_Wrong):
    """Everything that can be switched, see above; ``then`` happens once."""

    then: Then | None = None

    def when_it_happens(self) -> "Faults":
        """The faults from the moment of ``then`` on."""
        assert self.then is not None
        change = self.then.model_dump(exclude_unset=True, exclude={"at", "hang_up"})
        return self.model_copy(update=change | {"then": None})
