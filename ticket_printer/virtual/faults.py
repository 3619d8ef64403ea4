"""What can be wrong with the virtual printer, switchable while it runs.

``DIR/control.json`` holds an object of these keys; a key that is missing has the value of the
command line. The file is looked at five times a second; delete it to mend everything.
"""

from typing import Literal

from pydantic import Field

from hallkit.runtime.settings import Settings

VirtualCaps = Literal["epson", "clone", "status-only", "mute"]


class Faults(Settings):
    """Everything that can be switched.

    ``paper``, ``cover``, ``cutter``: sensors; a cutter error shows at the next cut.
    ``rows_left``: the paper ends after so many more dot rows. ``power`` off closes the port and
    forgets what was not printed. ``silent`` answers nothing for now; ``garbage`` answers
    nonsense. ``drop_after_bytes`` cuts a connection, once, after it sent so many bytes.
    ``bytes_per_s`` slows the line. ``buffer_bytes`` is the receive buffer: when it is full and the
    printer cannot print, it takes no more.
    """

    caps: VirtualCaps = "epson"
    paper: Literal["ok", "near-end", "out"] = "ok"
    cover: Literal["closed", "open"] = "closed"
    cutter: Literal["ok", "error"] = "ok"
    power: Literal["on", "off"] = "on"
    rows_left: int | None = Field(default=None, ge=0)
    silent: bool = False
    garbage: bool = False
    drop_after_bytes: int | None = Field(default=None, ge=1)
    bytes_per_s: int | None = Field(default=None, ge=20)
    buffer_bytes: int = Field(default=1 << 20, ge=1024)
