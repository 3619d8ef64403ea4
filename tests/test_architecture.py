"""The house's rules hold, and each of them would notice being broken."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.contracts import (
    ROOT,
    Contract,
    contracts,
    copy_sources,
    lint,
    packages,
    plant,
)
from tests.support.sizes import too_long

PURE = [
    "hallkit.wire",
    "hall_server.domain",
    "kiosk.flow",
    "display.board",
    "display.led",
    "display.voice.phrases",
    "ticket_printer.render",
]
IMPURE = {
    "flask", "sqlalchemy", "sqlite3", "serial", "kivy", "escpos", "zeroconf", "socket",
    "threading", "time",
}  # fmt: skip


def sources(*suffixes: str) -> list[Path]:
    """The project's own files with these suffixes."""
    return sorted(
        path
        for folder in (*packages(), "tests", "bench")
        for suffix in suffixes
        for path in (ROOT / folder).rglob(f"*{suffix}")
    )


def test_every_contract_is_kept() -> None:
    status, words = lint(ROOT)
    assert status == 0, words
    for contract in contracts():
        assert f"{contract.name} KEPT" in words


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_a_contract_notices_every_import_it_forbids(contract: Contract, tmp_path: Path) -> None:
    copy_sources(tmp_path)
    pairs = contract.forbidden_pairs()
    assert pairs
    for pair in pairs:
        plant(tmp_path, pair)
    status, words = lint(tmp_path)
    assert status == 1, words
    assert f"{contract.name} BROKEN" in words
    section = words.partition("Broken contracts")[2].partition(f"{contract.name}\n")[2]
    for importer, imported in pairs:
        assert f"{importer} is not allowed to import {imported}:" in section


@pytest.mark.parametrize(
    "contract",
    [one for one in contracts() if one.written.get("exhaustive")],
    ids=lambda contract: contract.name,
)
def test_an_exhaustive_contract_notices_a_module_without_a_place(
    contract: Contract, tmp_path: Path
) -> None:
    copy_sources(tmp_path)
    for container in contract.written["containers"]:
        (tmp_path / Path(*container.split(".")) / "stray.py").write_text("")
    status, words = lint(tmp_path)
    assert status == 1
    assert f"{contract.name} BROKEN" in words
    assert "stray" in words


@pytest.mark.parametrize("package", PURE)
def test_every_pure_package_has_a_contract_that_says_so(package: str) -> None:
    held = [
        set(one.written["forbidden_modules"])
        for one in contracts()
        if one.written["type"] == "forbidden"
        and package in one.written["source_modules"]
        and not one.written.get("allow_indirect_imports")
    ]
    assert any(forbidden >= IMPURE for forbidden in held)


def test_no_file_and_no_function_is_too_long() -> None:
    files = sources(".py", ".kv")
    assert len(files) > 100
    assert too_long(files) == []


def test_a_file_and_a_function_that_are_too_long_are_noticed(tmp_path: Path) -> None:
    body = "".join(f"    x{n} = {n}\n" for n in range(60))
    (tmp_path / "a.py").write_text(f"def long():\n{body}\ndef short():\n    pass\n")
    (tmp_path / "b.py").write_text("x = 1\n" * 501)
    (tmp_path / "c.py").write_text("x = 1\n" * 500)
    (tmp_path / "d.kv").write_text("Label:\n" * 151)
    (tmp_path / "e.py").write_text(
        "class A:\n    async def wait(self):\n" + body.replace("    x", "        x")
    )
    assert too_long(sorted(tmp_path.iterdir())) == [
        "a.py: long: 61 lines",
        "b.py: 501 lines",
        "d.kv: 151 lines",
        "e.py: wait: 61 lines",
    ]


QUIET_IMPORT = """
import importlib, pkgutil, sys, threading
package = importlib.import_module(sys.argv[1])
names = [sys.argv[1]]
names += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
# A __main__ and Alembic's env.py are made to run; Kivy sets itself up when it is imported.
apart = ("__main__", "migrations.env", "kiosk.screens", "kiosk.app", "kiosk.remote")
names = [name for name in names if not any(part in name for part in apart)]
for name in names:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
"""


@pytest.mark.parametrize("package", packages())
def test_importing_a_package_does_nothing(package: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET_IMPORT, package],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "KIVY_NO_ARGS": "1",
             "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
