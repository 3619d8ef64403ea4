"""A hall file from disk and back to disk."""

import json
import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall_server.domain.quota import Quota, QuotaSlot
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.loader import dump_toml, expand, load_hall_file
from hall_server.hallfile.schema import HallFile
from hallkit.runtime.settings import ConfigError
from tests.fakes.hallfile_small import good_tables, write


def _error(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_hall_file(path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].file == str(path)
    return str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    message = _error(tmp_path / "no.toml")
    assert "文件不存在" in message
    assert "there is no such file" in message


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    message = _error(tmp_path)
    assert "无法读取" in message
    assert "cannot be read" in message


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[hall\n", "第 1 行"),
        ('[hall]\nid = "a"\nid = "b"\n', "第 3 行"),
        ("x = \n", "第 1 行"),
        ("x = " + "[" * 5000, ""),
        ("x = " + "9" * 5000, ""),
    ],
)
def test_what_is_not_toml(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "hall.toml"
    path.write_text(text, "utf-8")
    message = _error(path)
    assert "不是有效的 TOML" in message
    assert "not TOML" in message
    assert where in message


def test_a_file_saved_in_gbk_is_told_so(tmp_path: Path) -> None:
    path = write(good_tables(), tmp_path)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    message = _error(path)
    assert "另存为 UTF-8" in message
    assert "save it as UTF-8" in message


def test_a_file_saved_by_a_windows_editor_loads(tmp_path: Path) -> None:
    path = write(good_tables(), tmp_path)
    text = path.read_text("utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    assert load_hall_file(path).hall.name == "小镇便民服务中心"


def test_an_empty_file_lacks_every_table(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_bytes(b"")
    with pytest.raises(ConfigError) as caught:
        load_hall_file(path)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"hall", "areas", "categories", "windows", "priority_classes", "hours"}


def test_generated_services_are_made_in_order(tmp_path: Path) -> None:
    hall_file = load_hall_file(write(good_tables(), tmp_path))
    assert hall_file.categories[1].services == []
    made = expand(hall_file).categories[1]
    assert [(s.id, s.name) for s in made.services] == [
        ("tax-001", "契税申报"),
        ("tax-002", "契税退税"),
        ("tax-003", "车船税申报"),
    ]
    assert made.generated == []


def test_written_services_come_before_generated_ones(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][1]["services"] = [{"id": "advice", "name": "税务咨询", "kind": "consult"}]
    tables["categories"][1]["generated"][0].update(kind="collect", minutes=4)
    services = expand(load_hall_file(write(tables, tmp_path))).categories[1].services
    assert [s.id for s in services] == ["advice", "tax-001", "tax-002", "tax-003"]
    assert (services[1].kind, services[1].minutes) == ("collect", 4)


@pytest.mark.parametrize("limits", [True, False])
def test_every_generated_service_has_the_limits_of_its_rule(tmp_path: Path, limits: bool) -> None:
    tables = good_tables()
    slots = [{"from": "08:30", "to": "10:00", "max": 5}]
    if limits:
        tables["categories"][1]["generated"][0].update(daily_max=12, slots=slots)
    hall_file = load_hall_file(write(tables, tmp_path))
    quota = Quota(12, (QuotaSlot(time(8, 30), time(10), 5),)) if limits else Quota()
    assert {s.quota for s in build_hall(hall_file).categories[1].services} == {quota}
    assert HallFile.model_validate(tomllib.loads(dump_toml(hall_file))) == hall_file


def test_expanding_twice_changes_nothing_more(tmp_path: Path) -> None:
    once = expand(load_hall_file(write(good_tables(), tmp_path)))
    assert expand(once) == once


@pytest.mark.parametrize("made", [False, True])
def test_a_dumped_file_loads_as_the_same_hall(tmp_path: Path, made: bool) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"][0]["weekdays"] = [1, 3]
    tables["hours"]["note"] = '冬季下午 14:00。\n"引号"、\\反斜杠、\t制表符'
    hall_file = load_hall_file(write(tables, tmp_path))
    hall_file = expand(hall_file) if made else hall_file
    path = tmp_path / "again.toml"
    path.write_text(dump_toml(hall_file), "utf-8")
    again = load_hall_file(path)
    assert again == hall_file
    assert again.windows[0].rules[0].from_ == time(8, 0)


def test_a_dump_writes_the_keys_of_the_schema(tmp_path: Path) -> None:
    text = dump_toml(load_hall_file(write(good_tables(), tmp_path)))
    assert 'from = "08:30"' in text
    assert "from_" not in text
    assert "小镇便民服务中心" in text


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(note=words, name=words.filter(lambda w: w == w.strip() and w.isprintable() and w != ""))
def test_any_text_survives_a_dump(note: str, name: str) -> None:
    tables = good_tables()
    tables["hall"].update(note=note, name=name)
    hall_file = HallFile.model_validate(tables)
    again = tomllib.loads(dump_toml(hall_file))
    assert HallFile.model_validate(again) == hall_file
    assert json.loads(json.dumps(again))["hall"]["note"] == note
