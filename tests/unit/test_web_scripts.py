"""What browsers of 2020 (Chromium 80) and the pages' security policy do not allow."""

import re
from pathlib import Path

import pytest

from tests.support.web_files import CSS, JS, TEMPLATES

# Name of the thing, what it looks like, the version of Chromium that brought it.
_SCRIPT = [
    ("logical assignment, 85", r"(\?\?=|\|\|=|&&=)"),
    ("replaceAll, 85", r"\.replaceAll\("),
    ("Array.at, 92", r"\.at\("),
    ("findLast, 97", r"\.findLast(Index)?\("),
    ("Object.hasOwn, 93", r"Object\.hasOwn\("),
    ("structuredClone, 98", r"\bstructuredClone\("),
    ("randomUUID, 92 and https only", r"\.randomUUID\("),
    ("replaceChildren, 86", r"\.replaceChildren\("),
    ("Promise.any, 85", r"Promise\.any\("),
    ("AbortSignal.timeout or any, 103", r"AbortSignal\.(timeout|any)\("),
    ("groupBy, 117", r"\.groupBy\("),
    ("copying array methods, 110", r"\.(toSorted|toReversed|toSpliced)\("),
    ("WeakRef, 84", r"\bWeakRef\b"),
    ("private methods, 84", r"^\s+(async |get |set |static )*#\w+\s*\("),
    ("static blocks, 94", r"\bstatic\s*\{"),
    ("top-level await, 89", r"^await\b|^(const|let) .*=\s*await\b"),
    ("error cause, 93", r"\{\s*cause\b"),
    ("import assertions", r"from '[^']+' (with|assert)"),
    ("markup from text", r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b"),
    ("code from text", r"\b(eval|new Function)\("),
    ("console noise", r"\bconsole\."),
]
_STYLE = [
    ("aspect-ratio, 88", r"aspect-ratio\s*:"),
    ("inset, 87", r"^\s*inset(-\w+)*\s*:|[;{]\s*inset(-\w+)*\s*:"),
    ("selector functions, 88 and later", r":(is|where|has)\("),
    ("focus-visible, 86", r":focus-visible"),
    ("nesting or layers, 99 and later", r"@layer|@container|^\s+&"),
    ("gap without grid-gap's old name, flex 84", r"(^|[;{\s])(row-|column-)?gap\s*:"),
    ("small and dynamic viewports, 108", r"\d(dvh|svh|lvh|dvw)\b"),
    ("color-mix, 111", r"color-mix\(|oklch\("),
    ("something from elsewhere", r"@import|url\("),
]


def _offences(files: list[Path], rules: list[tuple[str, str]]) -> list[str]:
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            code = line.split("//")[0] if file.suffix == ".js" else line
            found += [f"{file.name}:{number}: {n}" for n, p in rules if re.search(p, code)]
    return found


def test_scripts_are_for_browsers_of_2020() -> None:
    assert _offences(JS, _SCRIPT) == []


def test_styles_are_for_browsers_of_2020() -> None:
    assert _offences(CSS, _STYLE) == []


@pytest.mark.parametrize("line", ["a ??= b;", "x.at(-1)", "await load();", "e.innerHTML = x;"])
def test_the_guard_sees_a_planted_offence(line: str, tmp_path: Path) -> None:
    file = tmp_path / "planted.js"
    file.write_text(line)
    assert _offences([file], _SCRIPT) != []


def test_templates_have_no_inline_script_or_style() -> None:
    for file in TEMPLATES:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son\w+=|javascript:", text), file.name
        for attributes in re.findall(r"<script([^>]*)>", text):
            assert "src=" in attributes or 'type="application/json"' in attributes, file.name


def test_every_module_that_is_imported_exists() -> None:
    for file in JS:
        for target in re.findall(r"from '([^']+)'", file.read_text(encoding="utf-8")):
            assert (file.parent / target).resolve().is_file(), f"{file.name}: {target}"


def test_files_stay_readable() -> None:
    long = [f.name for f in [*JS, *CSS] if len(f.read_text(encoding="utf-8").splitlines()) > 380]
    assert long == []
