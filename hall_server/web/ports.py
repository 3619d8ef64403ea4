"""What the server-rendered pages need from the rest of the server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hall_server.service.answers import Position
from hallkit.wire.board import Board
from hallkit.wire.hall import Hall


class PageReader(Protocol):
    """The hall as it stands; everything live comes to the browser over ``/api/v1``."""

    def hall(self) -> Hall: ...
    def board(self) -> Board: ...
    def position(self, token: str) -> Position | None:
        """The ticket whose position page has this token, None when there is none."""
        ...


@dataclass(frozen=True)
class DemoPlace:
    """Where the parts of a demo on this machine leave what they make.

    ``printers``: name and output folder of each virtual printer; ``panels``: window, protocol and
    output folder of each virtual panel; ``voice_dir``: the folder of WAV files; ``kiosk_url``: the
    loopback address of the kiosk's remote hand, None without a kiosk; ``staff``: staff number,
    pin, role and window of each log-in made for the demo.
    """

    printers: tuple[tuple[str, Path], ...]
    panels: tuple[tuple[int, str, Path], ...]
    voice_dir: Path | None
    kiosk_url: str | None
    staff: tuple[tuple[str, str, str, int | None], ...]
