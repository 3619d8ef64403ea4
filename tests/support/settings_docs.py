"""The settings models and the commented files that document them."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from hallkit.runtime.settings import Settings

# Each program's settings module and its shipped file.
PROGRAMS = {
    "hall_server.settings": "server.toml",
    "ticket_printer.settings": "printer.toml",
    "display.settings": "display.toml",
    "display.tv.settings": "tv.toml",
    "kiosk.settings": "kiosk.toml",
}
# A setting or a table that is shown in a comment.
_SHOWN = re.compile(r"^(\s*)#\s*((?:[a-z_0-9]+\s*=\s*\S|\[{1,2}[a-z_.]+\]{1,2}).*)$")


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation holds, such as the entry of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def root_model(module_name: str) -> type[Settings]:
    """The model of a program's whole file: the one of its module that no other one holds."""
    module = importlib.import_module(module_name)
    own = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Settings)
        and value.__module__ == module_name
    ]
    held = {
        inner
        for model in own
        for field in model.model_fields.values()
        for inner in models_in(field.annotation)
    }
    roots = [model for model in own if model not in held]
    assert len(roots) == 1, f"{module_name}: which is the whole file's model? {roots}"
    return roots[0]


def keys_of(model: type[BaseModel]) -> set[str]:
    """Every key of the file and its tables: ``lines``, ``lines.panels``, ``lines.panels.name``."""
    keys: set[str] = set()
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        keys.add(name)
        for inner in models_in(field.annotation):
            keys |= {f"{name}.{key}" for key in keys_of(inner)}
    return keys


def shown(text: str) -> dict[str, Any]:
    """The file with every setting that it shows in a comment taken as set."""
    return tomllib.loads("\n".join(_SHOWN.sub(r"\1\2", line) for line in text.splitlines()))


def keys_shown(table: dict[str, Any]) -> set[str]:
    """The keys that a file's tables have."""
    return set(_walk(table, ""))


def _walk(table: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in table.items():
        yield prefix + key
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield from _walk(entry, f"{prefix}{key}.")
