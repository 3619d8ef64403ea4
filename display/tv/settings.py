"""Settings of the full-screen mode: ``config/tv.toml``."""

from typing import Literal

from pydantic import Field

from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import Settings

PAGE_PATTERN = r"^(board|panel/[1-9]\d{0,2})$"
Language = Literal["zh", "en", "both"]


class TvSettings(Settings):
    """The whole file."""

    name: str = Field(default="大厅电视", min_length=1, max_length=40)
    page: str = Field(default="board", pattern=PAGE_PATTERN, description="board, or panel/WINDOW")
    language: Language = "zh"
    browser: str = Field(default="", description="Chromium's program; empty: the installed one")
    server: ServerSettings = ServerSettings()
