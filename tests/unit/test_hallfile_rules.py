"""What the entries of a hall file must satisfy together."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hallfile_small import good_tables, problems_of


def _only(tables: dict[str, Any], folder: Path) -> tuple[str, str, str]:
    problems = problems_of(tables, folder)
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0].key, problems[0].zh, problems[0].en


def test_an_unknown_time_zone(tmp_path: Path) -> None:
    tables = good_tables()
    tables["hall"]["timezone"] = "Asia/Shangai"
    key, zh, en = _only(tables, tmp_path)
    assert key == "hall.timezone"
    assert "Asia/Shangai" in zh
    assert "Asia/Shanghai" in zh
    assert 'did you mean "Asia/Shanghai"' in en


@pytest.mark.parametrize("name", ["Asia", "../etc/passwd", "", "/etc/localtime"])
def test_what_is_no_time_zone_at_all(tmp_path: Path, name: str) -> None:
    tables = good_tables()
    tables["hall"]["timezone"] = name
    assert _only(tables, tmp_path)[0] == "hall.timezone"


def test_an_area_twice(tmp_path: Path) -> None:
    tables = good_tables()
    tables["areas"].append({"id": "main", "name": "又一个"})
    assert _only(tables, tmp_path) == (
        "areas[1].id",
        "编号 main 与 areas[0].id 重复",
        "id main is already that of areas[0].id",
    )


def test_a_category_and_a_letter_twice(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][1]["id"] = "social"
    tables["categories"][1]["series"] = "A"
    keys = [p.key for p in problems_of(tables, tmp_path)]
    assert keys[:2] == ["categories[1].id", "categories[1].series"]


def test_a_service_id_is_unique_in_the_whole_hall(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][1]["services"] = [{"id": "pension", "name": "另一个"}]
    key, zh, _ = _only(tables, tmp_path)
    assert key == "categories[1].services[0].id"
    assert "categories[0].services[0].id" in zh


def test_a_generated_id_collides_with_a_written_one(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][0]["services"][0]["id"] = "tax-002"
    key, zh, _ = _only(tables, tmp_path)
    assert key == "categories[1].generated[0].id"
    assert "tax-002" in zh


def test_a_prefix_twice_is_one_problem(tmp_path: Path) -> None:
    tables = good_tables()
    rules = tables["categories"][1]["generated"]
    rules.append({"prefix": "tax", "count": 2, "subjects": ["印花税"], "acts": ["申报", "退税"]})
    key, zh, _ = _only(tables, tmp_path)
    assert key == "categories[1].generated[1].id"
    assert "tax-001" in zh


def test_two_services_of_one_name_in_a_category(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][0]["services"][1]["name"] = "养老保险"
    assert _only(tables, tmp_path)[0] == "categories[0].services[1].name"


def test_a_window_number_twice(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"][1]["number"] = 1
    assert _only(tables, tmp_path)[0] == "windows[1].number"


def test_a_priority_class_twice(tmp_path: Path) -> None:
    tables = good_tables()
    tables["priority_classes"].append({"id": "green", "name": "又一个"})
    assert _only(tables, tmp_path)[0] == "priority_classes[2].id"


def test_a_category_without_a_service(tmp_path: Path) -> None:
    tables = good_tables()
    del tables["categories"][1]["generated"]
    key, zh, _ = _only(tables, tmp_path)
    assert key == "categories[1]"
    assert "没有任何事项" in zh


def test_too_few_words_for_the_generated_services(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][1]["generated"][0]["count"] = 5
    key, zh, en = _only(tables, tmp_path)
    assert key == "categories[1].generated[0].count"
    assert "只能组合出 4 个" in zh
    assert "only 4" in en


def test_generated_services_of_one_name(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][1]["generated"][0]["subjects"] = ["契税", "契税"]
    keys = [p.key for p in problems_of(tables, tmp_path)]
    assert "categories[1].generated[0]" in keys


def test_a_promise_longer_than_the_law(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][0]["services"][0]["promised_days"] = 6
    assert _only(tables, tmp_path)[0] == "categories[0].services[0].promised_days"


def test_a_window_in_no_area(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"][1]["area"] = "mian"
    key, zh, en = _only(tables, tmp_path)
    assert key == "windows[1].area"
    assert "“main”" in zh
    assert '"main"' in en


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pensoin", "pension"),
        ("category:socail", "category:social"),
        ("social", "category:social"),
        ("tax-01", "tax-001"),
        ("*", 'services = "*"'),
    ],
)
def test_a_rule_names_what_does_not_exist(tmp_path: Path, written: str, meant: str) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"].append({"services": ["card", written]})
    key, zh, en = _only(tables, tmp_path)
    assert key == "windows[0].rules[1].services[1]"
    assert written in zh
    assert meant in zh
    assert meant in en


@pytest.mark.parametrize("end", ["08:00", "07:59"])
def test_a_rule_that_ends_before_it_begins(tmp_path: Path, end: str) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"][0]["to"] = end
    assert _only(tables, tmp_path)[0] == "windows[0].rules[0].to"


def test_a_session_that_ends_before_it_begins(tmp_path: Path) -> None:
    tables = good_tables()
    tables["hours"]["sessions"][1]["to"] = "14:00"
    assert _only(tables, tmp_path)[0] == "hours.sessions[1].to"


def test_sessions_that_overlap_on_a_weekday(tmp_path: Path) -> None:
    tables = good_tables()
    tables["hours"]["sessions"].append({"weekdays": [5, 6], "from": "11:59", "to": "13:00"})
    key, zh, _ = _only(tables, tmp_path)
    assert key == "hours.sessions[2]"
    assert "hours.sessions[0]" in zh


def test_sessions_may_touch_and_may_lie_on_other_days(tmp_path: Path) -> None:
    tables = good_tables()
    tables["hours"]["sessions"] += [
        {"weekdays": [1], "from": "12:00", "to": "14:00"},
        {"weekdays": [6], "from": "08:30", "to": "12:00"},
    ]
    assert problems_of(tables, tmp_path) == ()


def test_a_service_that_no_window_takes(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"][1]["rules"] = [{"services": ["category:tax"]}]
    tables["windows"][0]["rules"] = [{"services": ["pension"]}]
    key, zh, en = _only(tables, tmp_path)
    assert key == "categories[0].services[1]"
    assert "社会保障卡" in zh
    assert "card" in en


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        ({"weekdays": [6, 7]}, False),
        ({"weekdays": [5]}, True),
        ({"from": "12:00", "to": "14:00"}, False),
        ({"from": "11:59", "to": "14:00"}, True),
        ({"from": "17:30"}, False),
        ({"to": "08:30"}, False),
        ({"to": "08:31"}, True),
    ],
)
def test_a_service_counts_as_taken_only_while_the_hall_is_open(
    tmp_path: Path, rule: dict[str, Any], taken: bool
) -> None:
    tables = good_tables()
    tables["windows"][1]["rules"] = [
        {"services": ["category:social"]},
        {"services": ["category:tax"], **rule},
    ]
    keys = {p.key for p in problems_of(tables, tmp_path)}
    assert keys == (set() if taken else {"categories[1].generated[0]"})


def test_a_disabled_service_needs_no_window(tmp_path: Path) -> None:
    tables = good_tables()
    tables["categories"][0]["services"][1]["enabled"] = False
    tables["windows"][0]["rules"] = [{"services": ["pension"]}]
    tables["windows"][1]["rules"] = [{"services": ["category:tax"]}]
    assert problems_of(tables, tmp_path) == ()


def test_the_ordinary_class_is_missing(tmp_path: Path) -> None:
    tables = good_tables()
    tables["priority_classes"][0]["id"] = "ordinery"
    key, zh, _ = _only(tables, tmp_path)
    assert key == "priority_classes"
    assert "ordinery" in zh


@pytest.mark.parametrize("points", [{"head": 1}, {"rate": 2}])
def test_the_ordinary_class_has_no_advantage(tmp_path: Path, points: dict[str, int]) -> None:
    tables = good_tables()
    tables["priority_classes"][0].update(points)
    assert _only(tables, tmp_path)[0] == "priority_classes[0]"


def test_everything_wrong_is_reported_at_once(tmp_path: Path) -> None:
    tables = good_tables()
    tables["hall"]["timezone"] = "Asia/Peking"
    tables["areas"].append({"id": "main", "name": "又一个"})
    tables["categories"][1]["series"] = "A"
    tables["categories"][0]["services"][0]["promised_days"] = 30
    tables["windows"][0]["area"] = "hall"
    tables["windows"][0]["rules"][0]["services"] = ["category:social", "penson"]
    tables["windows"][1]["rules"] = [{"services": ["card"], "from": "12:00", "to": "08:00"}]
    tables["priority_classes"][0]["head"] = 5
    tables["hours"]["sessions"][1]["from"] = "11:00"
    problems = problems_of(tables, tmp_path)
    assert [p.key for p in problems] == [
        "hall.timezone",
        "areas[1].id",
        "categories[1].series",
        "categories[0].services[0].promised_days",
        "windows[0].area",
        "windows[0].rules[0].services[1]",
        "windows[1].rules[0].to",
        "categories[1].generated[0]",
        "priority_classes[0]",
        "hours.sessions[1]",
    ]
    assert all(p.zh and p.en for p in problems)


def test_a_rule_for_a_class_that_does_not_exist(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"].append({"services": "*", "classes": ["green", "gren"]})
    key, zh, en = _only(tables, tmp_path)
    assert key == "windows[0].rules[1].classes[1]"
    assert "gren" in zh
    assert 'did you mean "green"' in en


@pytest.mark.parametrize(("other", "words"), [(7, "没有 7 号窗口"), (1, "窗口不能顶替自己")])
def test_a_deputy_for_no_window(tmp_path: Path, other: int, words: str) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"].append({"services": "*", "while_closed": other})
    key, zh, _ = _only(tables, tmp_path)
    assert key == "windows[0].rules[1].while_closed"
    assert zh == words


def test_services_by_their_kind(tmp_path: Path) -> None:
    tables = good_tables()
    tables["windows"][0]["rules"] = [{"services": ["kind:apply"]}]
    assert problems_of(tables, tmp_path) == ()
    tables["windows"][0]["rules"] = [{"services": ["kind:colect"]}]
    assert _only(tables, tmp_path)[0] == "windows[0].rules[0].services[0]"


@pytest.mark.parametrize("more", [{"classes": ["green"]}, {"while_closed": 1}])
def test_only_for_some_or_only_as_a_deputy_is_not_enough(
    tmp_path: Path, more: dict[str, object]
) -> None:
    tables = good_tables()
    tables["windows"][1]["rules"] = [{"services": "*"} | more]
    keys = [p.key for p in problems_of(tables, tmp_path)]
    assert keys == ["categories[1].generated[0]"]


@pytest.mark.parametrize(
    ("where", "entry"),
    [
        ("categories[0].services[1]", (0, "services", 1)),
        ("categories[1].generated[0]", (1, "generated", 0)),
    ],
)
def test_limits_of_parts_of_the_day_that_meet(
    tmp_path: Path, where: str, entry: tuple[int, str, int]
) -> None:
    def slots(*times: tuple[str, str]) -> list[str]:
        tables = good_tables()
        category, kind, at = entry
        limits = [{"from": start, "to": end, "max": 5} for start, end in times]
        tables["categories"][category][kind][at]["slots"] = limits
        return [p.key for p in problems_of(tables, tmp_path)]

    assert slots(("08:30", "10:00"), ("10:00", "12:00")) == []
    assert slots(("08:30", "10:01"), ("10:00", "12:00")) == [f"{where}.slots[1]"]
    assert slots(("10:00", "10:00")) == [f"{where}.slots[0].to"]


# Names of two characters are often set as wide as those of three.
_ROWS = [{"label": "值班员", "text": "张\u3000三"}]


@pytest.mark.parametrize("when", [{}, {"dates": []}, {"dates": ["2026-10-01"], "weekdays": [4]}])
def test_a_duty_has_dates_or_weekdays(tmp_path: Path, when: dict[str, Any]) -> None:
    tables = good_tables() | {"duty": [{"weekdays": [1], "rows": _ROWS}, when | {"rows": _ROWS}]}
    assert _only(tables, tmp_path) == (
        "duty[1]",
        "应写 dates 或 weekdays，只写一个",
        "should have dates or weekdays, and not both",
    )


def test_a_duty_names_a_date_once(tmp_path: Path) -> None:
    twice = {"dates": ["2026-10-01", "2026-10-02", "2026-10-01"], "rows": _ROWS}
    key, zh, _ = _only(good_tables() | {"duty": [twice]}, tmp_path)
    assert (key, "2026-10-01" in zh) == ("duty[0].dates[2]", True)


def test_everything_wrong_with_the_public_pages_at_once(tmp_path: Path) -> None:
    tables = good_tables() | {
        "disclosures": [
            {"title": "六公开" * 7, "rows": [{"label": "收费", "text": "不收费\n"}]},
            {"title": "监督", "rows": []},
        ],
        "duty": [{"weekdays": [8], "rows": [{"label": "值班员", "txt": "张三"}]}],
    }
    assert [p.key for p in problems_of(tables, tmp_path)] == [
        "disclosures[0].title",
        "disclosures[0].rows[0].text",
        "disclosures[1].rows",
        "duty[0].weekdays[0]",
        "duty[0].rows[0].text",
        "duty[0].rows[0].txt",
    ]
