"""A hall file from disk, checked, and back to TOML."""

from pathlib import Path

import tomli_w

from hall_server.hallfile.expansion import expand
from hall_server.hallfile.rules import check
from hall_server.hallfile.schema import HallFile
from hallkit.runtime.settings import ConfigError, load

__all__ = ["dump_toml", "expand", "load_hall_file"]


def load_hall_file(path: Path) -> HallFile:
    """The hall file as it is written; :func:`expand` makes its generated services real.

    Raises ConfigError with everything that is wrong: an unreadable file or broken TOML, or else
    every wrong entry, or else every contradiction between entries.
    """
    hall_file = load(path, HallFile)
    problems = check(hall_file, str(path))
    if problems:
        raise ConfigError(problems)
    return hall_file


def dump_toml(hall_file: HallFile) -> str:
    """The hall file as TOML text that loads as an equal hall file (comments are not kept)."""
    data = hall_file.model_dump(by_alias=True, exclude_none=True)
    for key in ("disclosures", "duty"):
        if not data[key]:
            del data[key]
    for category in data["categories"]:
        for key in ("services", "generated"):
            if not category[key]:
                del category[key]
        for entry in (*category.get("services", ()), *category.get("generated", ())):
            if not entry["slots"]:
                del entry["slots"]
    return tomli_w.dumps(data)
