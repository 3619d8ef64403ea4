"""The import contracts of pyproject.toml, and violations of them to plant in a copy."""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Contract:
    """One contract as it is written."""

    name: str
    written: dict[str, Any]

    def forbidden_pairs(self) -> list[Pair]:
        """Every (importer, imported) that it forbids directly."""
        kind = self.written["type"]
        if kind == "forbidden":
            return [
                (source, target)
                for source in self.written["source_modules"]
                for target in self.written["forbidden_modules"]
            ]
        if kind == "independence":
            return list(permutations(self.written["modules"], 2))
        assert kind == "layers", f"plant violations of {kind} contracts too"
        return [pair for box in self._containers() for pair in self._layer_pairs(box)]

    def _containers(self) -> list[str]:
        return [f"{name}." for name in self.written.get("containers", [])] or [""]

    def _layer_pairs(self, prefix: str) -> list[Pair]:
        layers = [
            [prefix + name.strip(" ()") for name in layer.replace(":", "|").split("|")]
            for layer in self.written["layers"]
        ]
        pairs = [
            (low, high)
            for above, below in combinations(layers, 2)
            for low in below
            for high in above
        ]
        for layer, written in zip(layers, self.written["layers"], strict=True):
            if "|" in written:
                pairs += permutations(layer, 2)
        return pairs


def _table() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    table: dict[str, Any] = project["tool"]["importlinter"]
    return table


def contracts() -> list[Contract]:
    """The contracts of the project."""
    return [Contract(table["name"], table) for table in _table()["contracts"]]


def packages() -> list[str]:
    """The project's top-level packages."""
    names: list[str] = _table()["root_packages"]
    return names


def copy_sources(to: Path) -> None:
    """The Python files of every package, and the contracts, without anything else."""
    for package in packages():
        shutil.copytree(
            ROOT / package, to / package, ignore=lambda folder, names: _not_python(folder, names)
        )
    shutil.copy(ROOT / "pyproject.toml", to / "pyproject.toml")


def _not_python(folder: str, names: list[str]) -> list[str]:
    return [
        name
        for name in names
        if name == "__pycache__" or ((Path(folder) / name).is_file() and Path(name).suffix != ".py")
    ]


def plant(root: Path, pair: Pair) -> None:
    """Makes the first module of the pair import the second."""
    importer, imported = pair
    place = root / Path(*importer.split("."))
    if place.is_dir():
        file = place / f"planted_{imported.replace('.', '_')}.py"
    else:
        file = place.with_suffix(".py")
        assert file.exists(), f"there is no module {importer}"
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\nimport {imported}\n")


def lint(root: Path) -> tuple[int, str]:
    """Exit status and words of lint-imports on the packages below ``root``."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "COLUMNS": "1000"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
