"""docs/hall-file.md describes every key of a hall file, with its true default, and no other."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile, HallInfo, MissedCall
from hall_server.hallfile.sentences import missed_call_sentence
from tests.fakes.hallfile_small import good_tables, problems_of

TEXT = (Path(__file__).parents[2] / "docs" / "hall-file.md").read_text("utf-8")
CHINESE, ENGLISH = TEXT.split("\n---\n")


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether it is a list of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for argument in get_args(annotation):
        model, _ = _inner(argument)
        if model is not None:
            return model, True
    return None, False


def _tables(model: type[BaseModel], path: str = "") -> dict[str, type[BaseModel]]:
    """Every table of a file, as it is headed in TOML, with its model."""
    found: dict[str, type[BaseModel]] = {}
    for name, field in model.model_fields.items():
        inner, many = _inner(field.annotation)
        if inner is not None:
            key = f"{path}{field.alias or name}"
            found[f"[[{key}]]" if many else f"[{key}]"] = inner
            found.update(_tables(inner, f"{key}."))
    return found


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "必填"
    return "无" if field.default is None else f"`{json.dumps(field.default, ensure_ascii=False)}`"


def _schema(model: type[BaseModel]) -> dict[str, str]:
    return {f.alias or name: _default(f) for name, f in model.model_fields.items()}


def _section(table: str) -> str:
    section = re.search(rf"^##+ `{re.escape(table)}`.*?(?=^##+ |\Z)", CHINESE, re.M | re.S)
    assert section, f"{table} has no section"
    return section[0]


def _rows(table: str) -> dict[str, str]:
    """The rows ``| `key` | default |`` of the section headed with this table."""
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", _section(table), re.M))


TABLES = _tables(HallFile)


def test_the_tables_are_those_expected() -> None:
    assert "[[categories.services]]" in TABLES
    assert "[hours]" in TABLES
    assert len(TABLES) == 21


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_described_with_its_default(table: str) -> None:
    assert _rows(table) == _schema(TABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_in_the_english_part(table: str) -> None:
    row = re.search(rf"^\| `{re.escape(table)}`.*$", ENGLISH, re.M)
    assert row, f"{table} has no row"
    assert set(_schema(TABLES[table])) <= set(re.findall(r"`(\w+)`", row[0]))


def test_an_undocumented_key_is_found() -> None:
    class WithMore(HallInfo):
        telephone: str = ""

    assert _rows("[hall]") != _schema(WithMore)


def _blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", CHINESE, re.S)


def test_the_example_loads(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(_blocks()[-1], "utf-8")
    assert load_hall_file(path).hall.name == "新民村便民服务站"


def test_the_sentences_shown_are_those_printed() -> None:
    shown = re.findall(
        r'^\| `policy = "(\w+)"`(?:，`(\w+) = (\d+)`)?.* \| (.+。) \|$', CHINESE, re.M
    )
    assert len(shown) == 4
    for policy, key, value, sentence in shown:
        rule: dict[str, Any] = {"policy": policy} | ({key: int(value)} if key else {})
        assert missed_call_sentence(MissedCall.model_validate(rule)).zh == sentence


def test_the_error_shown_is_the_one_printed(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"].append({"number": 3, "name": "三号", "area": "main"})
    tables["windows"][2]["rules"] = [{"services": ["card", "pensoin"]}]
    (problem,) = problems_of(tables, tmp_path)
    shown = re.search(r"^my-hall\.toml: (windows.*)$", CHINESE, re.M)
    assert shown
    assert str(problem).endswith(shown[1])


def test_the_limits_shown_are_those_of_the_schema() -> None:
    for table, model in TABLES.items():
        for name, field in model.model_fields.items():
            limits = {type(m).__name__: m for m in field.metadata}
            if "Ge" in limits and "Le" in limits:
                key = field.alias or name
                row = re.search(rf"^\| `{key}` \|.*$", _section(table), re.M)
                assert row
                shown = f"（{limits['Ge'].ge}–{limits['Le'].le}"
                assert shown in row[0] or "同上" in row[0], f"{table} {key} {shown}"
