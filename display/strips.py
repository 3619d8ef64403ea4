"""Strips described in TOML files: those that ship with the product and a hall's own.

A file's name is the protocol's name in settings; docs/strips.md explains what is in it.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from display.led.codec import Acks
from display.led.content import Colour
from display.led.strips.checks import check
from display.led.strips.model import Charset, Frame, Motion, Strip, Text
from display.led.strips.notation import hex_bytes, parse_frame
from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import ConfigError, Problem, Settings, problems_of, read_toml

BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
Baud = Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]
_NAME = re.compile(r"^[a-z][a-z0-9-]{1,30}$")
_ACKS: dict[str, Acks] = {"always": "required", "maybe": "optional"}
Bytes = str
Parts = list[str]


class PanelTable(Settings):
    """``[panel]``: what the panels can show and take."""

    charset: Charset
    rows: int = Field(default=1, ge=1, le=4)
    columns: int = Field(ge=2, le=64)
    addresses: list[int] = Field(default=[], max_length=2)
    text_bytes: int = Field(default=120, ge=4, le=1000)
    never: Bytes = ""


class LineTable(Settings):
    """``[line]``: the serial line, 8 data bits, no parity, one stop bit."""

    baud: Baud = 9600
    gap_s: float = Field(default=0.0, ge=0, le=5)
    interval_s: float = Field(default=0.0, ge=0, le=10)


class CodesTable(Settings):
    """``[codes]``: the bytes that stand for a row, a colour or a way of moving."""

    row: list[Bytes] = Field(default=[], max_length=4)
    colour: dict[Literal["red", "green", "yellow"], Bytes] = {}
    motion: dict[Motion, Bytes] = {}


class FramesTable(Settings):
    """``[frames]``."""

    show: Parts = Field(min_length=1)
    first: list[Parts] = []
    clear: list[Parts] = []
    brightness: Parts = []
    ping: Parts = []


class AnswerTable(Settings):
    """``[answer]``: ``expected`` always: silence is a fault; maybe: it is none."""

    expected: Literal["always", "maybe"]
    wait_s: float = Field(default=0.5, ge=0.05, le=5)
    ok: list[Parts] = Field(min_length=1)
    refused: list[Parts] = []


class StripFile(Settings):
    """A whole file."""

    title: str = Field(min_length=1, max_length=40)
    title_en: str = Field(min_length=1, max_length=60)
    source: str = Field(min_length=1)
    verified: bool
    panel: PanelTable
    line: LineTable = LineTable()
    codes: CodesTable = CodesTable()
    frames: FramesTable
    answer: AnswerTable | None = None


def shipped_folder() -> Path:
    """The folder of the strips that ship with the product."""
    return config_dir() / "strips"


@cache
def _shipped(folder: Path) -> dict[str, Strip]:
    return _load_folder(folder)


def shipped_strips() -> dict[str, Strip]:
    """The shipped strips by name; read once."""
    return _shipped(shipped_folder())


def load_strips(folder: Path | None, taken: frozenset[str] = frozenset()) -> dict[str, Strip]:
    """The shipped strips and those in a hall's ``folder``, whose names may be neither shipped ones
    nor ``taken``. Raises ConfigError with everything that is wrong in any of the files."""
    strips = dict(shipped_strips())
    if folder is None:
        return strips
    if not folder.is_dir():
        missing = Problem(str(folder), "", "没有这个文件夹", "there is no such folder")
        raise ConfigError([missing])
    used = taken | strips.keys()
    problems = [
        Problem(
            str(path),
            "",
            f"“{path.stem}”是自带的协议名，请给文件另起名字",
            f"{path.stem!r} is a name of the product: give the file another one",
        )
        for path in sorted(folder.glob("*.toml"))
        if path.stem in used
    ]
    try:
        own = _load_folder(folder)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    return strips | own


def _load_folder(folder: Path) -> dict[str, Strip]:
    strips: dict[str, Strip] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            strips[path.stem] = load_strip(path)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return strips


def load_strip(path: Path) -> Strip:
    """The strip in a file. Raises ConfigError with everything that is wrong with it."""
    data = read_toml(path)
    try:
        file = StripFile.model_validate(data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, StripFile, str(path))) from None
    return _Reader(path, file).strip()


class _Reader:
    """Turns a file that has the right keys into a strip, and finds what is wrong in its frames."""

    def __init__(self, path: Path, file: StripFile) -> None:
        self._path = path
        self._file = file
        self._problems: list[Problem] = []

    def strip(self) -> Strip:
        """Raises ConfigError."""
        file, answer = self._file, self._file.answer
        if not _NAME.match(self._path.stem):
            self._wrong(
                "",
                "文件名只能用小写字母、数字和连字符，字母开头",
                "the file's name takes small letters, digits and hyphens, a letter first",
            )
        frames = self._frames()
        strip = Strip(
            key=self._path.stem,
            title=file.title,
            title_en=file.title_en,
            source=file.source,
            verified=file.verified,
            charset=file.panel.charset,
            rows=file.panel.rows,
            columns=file.panel.columns,
            text_bytes=self._text_bytes(frames["show"]),
            addresses=self._addresses(),
            never=self._bytes("panel.never", file.panel.never, empty=True),
            baud=file.line.baud,
            gap_s=file.line.gap_s,
            interval_s=file.line.interval_s,
            acks=_ACKS[answer.expected] if answer else "none",
            ack_timeout_s=answer.wait_s if answer else 0.5,
            **self._tables(),
            **frames,
        )
        if not self._problems:
            for wrong in check(strip):
                self._wrong(*wrong)
        if self._problems:
            raise ConfigError(self._problems)
        return strip

    def _tables(self) -> dict[str, Any]:
        codes = self._file.codes
        rows = [self._bytes(f"codes.row[{i}]", code) for i, code in enumerate(codes.row)]
        colours = {
            Colour(name): self._bytes(f"codes.colour.{name}", code)
            for name, code in codes.colour.items()
        }
        motions = {
            name: self._bytes(f"codes.motion.{name}", code) for name, code in codes.motion.items()
        }
        for key, table in (
            ("row", rows),
            ("colour", colours.values()),
            ("motion", motions.values()),
        ):
            if len({len(code) for code in table}) > 1:
                self._wrong(
                    f"codes.{key}", "各项的字节数应当相同", "all entries should have as many bytes"
                )
        return {"row_codes": tuple(rows), "colours": colours, "motions": motions}

    def _frames(self) -> dict[str, Any]:
        frames, answer = self._file.frames, self._file.answer

        def several(key: str, written: list[Parts]) -> tuple[Frame, ...]:
            return tuple(self._frame(f"{key}[{i}]", parts) for i, parts in enumerate(written))

        return {
            "show": self._frame("frames.show", frames.show),
            "first": several("frames.first", frames.first),
            "clear": several("frames.clear", frames.clear),
            "brightness": self._frame("frames.brightness", frames.brightness),
            "ping": self._frame("frames.ping", frames.ping),
            "accepts": several("answer.ok", answer.ok if answer else []),
            "refuses": several("answer.refused", answer.refused if answer else []),
        }

    def _frame(self, key: str, written: Parts) -> Frame:
        frame, wrong = parse_frame(written)
        for error in wrong:
            self._wrong(f"{key}[{error.index}]", error.zh, error.en)
        return frame

    def _text_bytes(self, show: Frame) -> int:
        padded = [part.pad_to for part in show if isinstance(part, Text) and part.pad_to]
        return min([self._file.panel.text_bytes, *padded])

    def _addresses(self) -> range:
        given = self._file.panel.addresses
        if not given:
            return range(0)
        if len(given) != 2 or not 0 <= given[0] <= given[1] <= 0x7FFF:
            self._wrong(
                "panel.addresses",
                "应写成 [1, 255]：最小和最大地址",
                "should be written [1, 255]: the least and the largest address",
            )
            return range(1)
        return range(given[0], given[1] + 1)

    def _bytes(self, key: str, text: Bytes, *, empty: bool = False) -> bytes:
        if empty and not text:
            return b""
        try:
            return hex_bytes(text)
        except ValueError as error:
            zh, _, en = str(error).partition(" / ")
            self._wrong(key, zh, en)
            return b"\0"

    def _wrong(self, key: str, zh: str, en: str) -> None:
        self._problems.append(Problem(str(self._path), key, zh, en))
