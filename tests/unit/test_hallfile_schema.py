"""What one entry of a hall file must satisfy by itself."""

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from hall_server.hallfile.loader import load_hall_file
from tests.fakes.hallfile_small import good_tables, problems_of, write

Tables = dict[str, Any]


def test_the_small_hall_is_good(tmp_path: Path) -> None:
    assert problems_of(good_tables(), tmp_path) == ()


def _put(*path: Any) -> Callable[[Tables], None]:
    *way, key, value = path

    def change(tables: Tables) -> None:
        place: Any = tables
        for step in way:
            place = place[step]
        place[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "key", "zh", "en"),
    [
        (
            _put(
                "hall",
                "level",
                "towm",
            ),
            "hall.level",
            "“town”",
            '"town"',
        ),
        (_put("hall", "nmae", "x"), "hall.nmae", "未知的设置项，是否应为“name", '"name'),
        (_put("hall", "id", "My Hall"), "hall.id", "小写字母", "lower-case"),
        (_put("hall", "name", ""), "hall.name", "至少 1 个字符", "at least 1"),
        (_put("hall", "name", "  "), "hall.name", "一行文字", "one line"),
        (_put("hall", "name", "两\n行"), "hall.name", "一行文字", "one line"),
        (_put("areas", []), "areas", "至少 1 项", "at least 1"),
        (_put("categories", 0, "series", "I"), "categories[0].series", "不用 I、O、Q", "never I"),
        (
            _put("categories", 0, "series", "AB"),
            "categories[0].series",
            "一个大写字母",
            "one capital",
        ),
        (
            _put("categories", 0, "services", 1, "minutes", 0),
            "categories[0].services[1].minutes",
            "不得小于 1",
            "at least 1",
        ),
        (
            _put("categories", 0, "services", 1, "kind", "colect"),
            "categories[0].services[1].kind",
            "“collect”",
            '"collect"',
        ),
        (
            _put("categories", 1, "generated", 0, "count", 401),
            "categories[1].generated[0].count",
            "不得大于 400",
            "at most 400",
        ),
        (_put("windows", 0, "number", "one"), "windows[0].number", "应为整数", "whole number"),
        (_put("windows", 0, "rules", []), "windows[0].rules", "至少 1 项", "at least 1"),
        (
            _put("windows", 0, "rules", 0, "services", "pension"),
            "windows[0].rules[0].services",
            "全部事项",
            "every service",
        ),
        (
            _put("windows", 0, "rules", 0, "services", [1]),
            "windows[0].rules[0].services",
            "全部事项",
            "every service",
        ),
        (
            _put("windows", 0, "rules", 0, "form", "08:30"),
            "windows[0].rules[0].form",
            "是否应为“from”",
            'did you mean "from"',
        ),
        (
            _put("windows", 0, "rules", 0, "weekdays", [8]),
            "windows[0].rules[0].weekdays[0]",
            "不得大于 7",
            "at most 7",
        ),
        (
            _put("windows", 0, "rules", 0, "weekdays", [1, 1]),
            "windows[0].rules[0].weekdays",
            "同一天写了两次",
            "twice",
        ),
        (
            _put("priority_classes", 1, "rate", 0.5),
            "priority_classes[1].rate",
            "不得小于 1",
            "at least",
        ),
        (
            _put("priority_classes", 1, "head", float("nan")),
            "priority_classes[1].head",
            "不",
            "should",
        ),
        (
            _put("missed_call", {"policy": "requeue_tial"}),
            "missed_call.policy",
            "“requeue_tail”",
            '"requeue_tail"',
        ),
        (_put("hours", "sessions", []), "hours.sessions", "至少 1 项", "at least 1"),
        (_put("hours", "sessions", 0, "from", "8:30"), "hours.sessions[0].from", "HH:MM", "HH:MM"),
        (_put("hours", "sessions", 0, "from", "24:00"), "hours.sessions[0].from", "HH:MM", "HH:MM"),
        (_put("hours", "sessions", 0, "to", "12:00:30"), "hours.sessions[0].to", "HH:MM", "HH:MM"),
        (_put("hours", "sessions", 0, "to", 12), "hours.sessions[0].to", "HH:MM", "HH:MM"),
    ],
)
def test_a_wrong_entry_is_named_in_two_languages(
    tmp_path: Path, change: Callable[[Tables], None], key: str, zh: str, en: str
) -> None:
    tables = good_tables()
    change(tables)
    problems = problems_of(tables, tmp_path)
    assert [p.key for p in problems] == [key]
    assert problems[0].file == str(tmp_path / "hall.toml")
    assert zh in problems[0].zh
    assert en in problems[0].en


def test_every_wrong_entry_is_reported_at_once(tmp_path: Path) -> None:
    tables = good_tables()
    del tables["hall"]["source"]
    tables["areas"][0]["colour"] = "blue"
    tables["windows"][1]["number"] = 0
    tables["hours"]["sessions"][1]["to"] = "half past five"
    assert [p.key for p in problems_of(tables, tmp_path)] == [
        "hall.source",
        "areas[0].colour",
        "windows[1].number",
        "hours.sessions[1].to",
    ]


def test_a_toml_time_without_quotes_is_a_time_too(tmp_path: Path) -> None:
    path = write(good_tables(), tmp_path)
    path.write_text(path.read_text("utf-8").replace('"08:30"', "08:30:00"), "utf-8")
    assert load_hall_file(path).hours.sessions[0].from_ == time(8, 30)
