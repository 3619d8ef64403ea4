"""The layouts of a hall's slips: ``KIND.toml`` and logos in one folder, read and checked.

A file that a folder lacks is taken from the shipped ``config/slips/``. What is wrong in a file is
said all at once, each with its line.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from pydantic import Field, ValidationError

from hallkit.a4.words import FILE as PAGES
from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import (
    ConfigError,
    Problem,
    Settings,
    did_you_mean,
    problems_of,
    read_toml,
)
from hallkit.wire.slips import SLIP_KINDS, SlipKind
from ticket_printer.render.layout import (
    BLOCKS,
    PLACEHOLDER,
    AnyBlock,
    Labelleds,
    Layout,
    Listing,
    Logo,
    Table,
    templates_of,
)
from ticket_printer.render.samples import sample
from ticket_printer.render.words import Words, words_of

_HEADER = re.compile(r"\s*\[\[\s*blocks\s*\]\]")
_INDEX = re.compile(r"blocks\[(\d+)\](?:\.(\w+))?")
# Decoding a larger one would cost a small machine its memory; paper is 576 dots wide.
_MOST_LOGO_DOTS = 4_000_000


class LayoutFile(Settings):
    """A layout as it is written."""

    kind: SlipKind
    defaults: dict[str, str] = {}
    blocks: list[dict[str, Any]] = Field(min_length=1)


def shipped_folder() -> Path:
    """The folder of the layouts that ship with the product."""
    return config_dir() / "slips"


def load_layouts(folder: Path | None = None) -> dict[SlipKind, Layout]:
    """A layout for every kind, from ``folder`` where it has one, else the shipped one. Raises
    ConfigError with everything that is wrong in any of them."""
    problems: list[Problem] = []
    layouts: dict[SlipKind, Layout] = {}
    if folder is not None:
        problems += _strangers(folder)
    for kind in SLIP_KINDS:
        own = folder / f"{kind}.toml" if folder is not None else None
        path = own if own is not None and own.exists() else shipped_folder() / f"{kind}.toml"
        try:
            layouts[kind] = load_layout(path, kind)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return layouts


def load_layout(path: Path, kind: SlipKind | None = None) -> Layout:
    """The layout in a file; ``kind`` is the one that it should be for. Raises ConfigError."""
    data = read_toml(path)
    try:
        file = LayoutFile.model_validate(data)
    except ValidationError as error:
        raise _with_lines(path, problems_of(error, LayoutFile, str(path))) from None
    words = words_of(sample(file.kind))
    problems = list(_wrong_kind(path, file, kind))
    problems += [
        _unknown(path, f"defaults.{name}", name, words.texts)
        for name in file.defaults
        if name not in words.texts
    ]
    blocks, logos = [], {}
    for i, table in enumerate(file.blocks):
        try:
            block = _block(path, i, table)
            problems += _names(path, i, block, words)
            if isinstance(block, Logo):
                logos[block.file] = _logo(path, i, block)
            blocks.append(block)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise _with_lines(path, problems)
    return Layout(file.kind, tuple(blocks), file.defaults, logos)


def _block(path: Path, index: int, table: dict[str, Any]) -> AnyBlock:
    at, name = f"blocks[{index}]", table.get("block")
    if name is None:
        raise ConfigError([Problem(str(path), f"{at}.block", "缺少此项", "is missing")])
    model = BLOCKS.get(name) if isinstance(name, str) else None
    if model is None:
        zh, en = did_you_mean(str(name), list(BLOCKS))
        known = "、".join(BLOCKS)
        wrong = (f"没有“{name}”这种块{zh or f'，只有 {known}'}", f"there is no block {name!r}{en}")
        raise ConfigError([Problem(str(path), f"{at}.block", *wrong)])
    try:
        return model.model_validate(table)
    except ValidationError as error:
        found = problems_of(error, model, str(path))
        raise ConfigError([Problem(p.file, f"{at}.{p.key}", p.zh, p.en) for p in found]) from None


def _names(path: Path, index: int, block: AnyBlock, words: Words) -> Iterator[Problem]:
    """The words and lists that a block names and its slip has not."""
    at = f"blocks[{index}]"
    for key, template in templates_of(block):
        for name in PLACEHOLDER.findall(template):
            if name not in words.texts:
                yield _unknown(path, f"{at}.{key}", name, words.texts)
    if isinstance(block, Listing | Table | Labelleds) and block.items not in words.lists:
        yield _unknown(path, f"{at}.items", block.items, words.lists)


def _unknown(path: Path, key: str, name: str, known: Mapping[str, object]) -> Problem:
    zh, en = did_you_mean(name, list(known))
    there = "、".join(sorted(known)) or "无"
    hint = zh or f"，可用：{there}"
    return Problem(str(path), key, f"此单据没有“{name}”{hint}", f"this slip has no {name!r}{en}")


def _wrong_kind(path: Path, file: LayoutFile, kind: SlipKind | None) -> Iterator[Problem]:
    if kind is not None and file.kind != kind:
        yield Problem(str(path), "kind", f"应为 {kind}，与文件名一致", f"should be {kind!r}")


def _strangers(folder: Path) -> list[Problem]:
    """The files in the folder that are for no slip."""
    if not folder.is_dir():
        return [Problem(str(folder), "", "没有这个文件夹", "there is no such folder")]
    problems = []
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in SLIP_KINDS and path.name != PAGES:
            zh, en = did_you_mean(path.stem, SLIP_KINDS)
            problems.append(
                Problem(str(path), "", f"没有这种单据{zh}", f"there is no such slip{en}")
            )
    return problems


def _logo(path: Path, index: int, block: Logo) -> Image.Image:
    """The picture on white, in grey. Raises ConfigError."""
    key, file = f"blocks[{index}].file", path.parent / block.file
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > _MOST_LOGO_DOTS:
                raise ConfigError([Problem(str(path), key, "图片过大", "the picture is too large")])
            seen = picture.convert("RGBA")
    except (OSError, UnidentifiedImageError):
        wrong = (f"无法读取图片 {file}", f"the picture {file} cannot be read")
        raise ConfigError([Problem(str(path), key, *wrong)]) from None
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("L")


def _with_lines(path: Path, problems: list[Problem]) -> ConfigError:
    """The problems with the line that each is in."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return ConfigError(
        [
            Problem(p.file, f"第 {line} 行 / line {line}: {p.key}", p.zh, p.en)
            if (line := _line_of(lines, p.key))
            else p
            for p in problems
        ]
    )


def _line_of(lines: list[str], key: str) -> int:
    """The line (from 1) that a key is on, or its block begins on; 0 when it is not found."""
    found = _INDEX.match(key)
    if not found:
        return _search(lines, 0, len(lines), key.removeprefix("defaults.").split("[")[0])
    starts = [i for i, line in enumerate(lines) if _HEADER.match(line)] + [len(lines)]
    index = int(found[1])
    if index >= len(starts) - 1:
        return 0
    inside = _search(lines, starts[index], starts[index + 1], found[2] or "")
    return inside or starts[index] + 1


def _search(lines: list[str], start: int, end: int, key: str) -> int:
    head = re.compile(rf"\s*\"?{re.escape(key)}\"?\s*=") if key else None
    for i in range(start, end):
        if head and head.match(lines[i]):
            return i + 1
    return 0
