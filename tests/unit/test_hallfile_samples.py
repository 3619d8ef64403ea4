"""Every sample hall runs as it is, and fits the screens and the paper it is shown on."""

import re
from pathlib import Path

import pytest

from hall_server.hallfile.loader import dump_toml, expand, load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.hallfile.sentences import hours_sentence, missed_call_sentence

HALLS = Path(__file__).parents[2] / "config" / "halls"
FILES = sorted(HALLS.glob("*.toml"))
IDS = [path.stem for path in FILES]

# The windows that the notices name.
WINDOWS = {
    "baishui-town": {
        "党政综合窗口",
        "农林扶贫窗口",
        "民政救济窗口",
        "卫生计生窗口",
        "社会保障窗口",
        "代办便民窗口",
    },
    "baotou-city": {"综合受理窗口", "统一出证窗口", "绿色通道窗口"},
    "baotou-township": {"综合柜员窗口"},
    "hongyuan-street": {
        "信访接待窗口",
        "综合服务窗口",
        "计生服务窗口",
        "民政社保窗口",
        "就业服务窗口",
        "引导台",
    },
    "gaojiecun-town": {"政务窗口", "财政窗口", "计生窗口", "信访窗口"},
    "zichuan-town": {"一窗通办窗口", "老年人专窗"},
    "village-station": {"全科服务窗口"},
    "jiyuan-home": {"多证联办窗口", "市场监管窗口"},
}


def _hall(name: str) -> HallFile:
    return expand(load_hall_file(HALLS / f"{name}.toml"))


def test_the_eight_halls_are_there() -> None:
    assert set(IDS) == set(WINDOWS)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_it_loads_and_names_itself_and_its_source(path: Path) -> None:
    hall_file = load_hall_file(path)
    assert hall_file.hall.id == path.stem
    assert hall_file.hall.source
    assert hall_file.hall.name_en


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_it_comes_back_from_an_export(path: Path, tmp_path: Path) -> None:
    hall_file = load_hall_file(path)
    again = tmp_path / "export.toml"
    again.write_text(dump_toml(hall_file), "utf-8")
    assert load_hall_file(again) == hall_file


@pytest.mark.parametrize("name", IDS)
def test_its_windows_are_those_of_the_notice(name: str) -> None:
    assert WINDOWS[name] <= {window.name for window in _hall(name).windows}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_printer_can_print_every_character(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.encode("gb18030").decode("gb18030") == text
    hall_file = load_hall_file(path)
    made = (missed_call_sentence(hall_file.missed_call), hours_sentence(hall_file.hours))
    assert all(sentence.encode("gb18030") for pair in made for sentence in pair)


@pytest.mark.parametrize("name", IDS)
def test_names_fit_kiosk_buttons_and_tickets(name: str) -> None:
    hall_file = _hall(name)
    assert len(hall_file.hall.name) <= 16
    for category in hall_file.categories:
        assert len(category.name) <= 8
        assert 0 < len(category.name_en) <= 28
        assert name == "jiyuan-home" or len(category.services) <= 12
        for service in category.services:
            assert len(service.name) <= 16
            assert name == "jiyuan-home" or 0 < len(service.name_en) <= 28
    assert all(len(window.name) <= 8 for window in hall_file.windows)


@pytest.mark.parametrize("name", IDS)
def test_every_hall_has_the_green_channel(name: str) -> None:
    classes = {entry.id: entry for entry in _hall(name).priority_classes}
    assert (classes["ordinary"].head, classes["ordinary"].rate) == (0, 1)
    green = classes["green"]
    assert (green.head, green.rate, green.tag, green.on_kiosk) == (10, 3, "绿色通道", True)
    if "appointment" in classes:
        booked = classes["appointment"]
        assert (booked.head, booked.rate, booked.tag) == (10, 2, "预约")


def test_every_missed_call_policy_is_in_use_somewhere() -> None:
    used = {_hall(name).missed_call.policy for name in IDS}
    assert used == {"void", "requeue_after_k", "requeue_tail", "keep_minutes"}


def test_posts_are_named_and_not_people() -> None:
    for name in IDS:
        for window in _hall(name).windows:
            assert window.clerk_a
            assert window.clerk_b
            assert window.clerk_a != window.clerk_b


def test_jiyuan_has_619_services_made_by_rule_and_says_so() -> None:
    written = load_hall_file(HALLS / "jiyuan-home.toml")
    assert all(category.services == [] for category in written.categories)
    services = [s for category in expand(written).categories for s in category.services]
    assert len(services) == 619
    assert len({s.name for s in services}) == 619
    assert 40 <= len(written.windows) <= 60
    assert "生成" in written.hall.note
    assert "预约" in written.hours.note


def test_baotou_keeps_applying_and_collecting_apart() -> None:
    hall_file = _hall("baotou-city")
    kinds = {c.id: {s.kind for s in c.services} for c in hall_file.categories}
    assert kinds["collect"] == {"collect"}
    applying = {f"category:{key}" for key, value in kinds.items() if value == {"apply"}}
    for window in hall_file.windows:
        if window.name == "综合受理窗口":
            assert set(window.rules[0].services) == applying
        if window.kind == "certificate":
            assert window.rules[0].services == ["category:collect"]


def test_any_teller_of_the_township_takes_everything() -> None:
    assert all(w.rules[0].services == "*" for w in _hall("baotou-township").windows)


def test_town_officials_are_in_the_village_on_tuesdays_and_thursdays() -> None:
    (window,) = _hall("village-station").windows
    assert window.rules[1].weekdays == [2, 4]
    hall_file = _hall("village-station")
    there = [d.weekdays for d in hall_file.duty if "驻村干部" in {r.label for r in d.rows}]
    assert there == [[2, 4]]


def test_public_pages_are_in_both_languages_and_say_that_they_are_samples() -> None:
    for path in FILES:
        hall_file = load_hall_file(path)
        pages = [*hall_file.disclosures, *hall_file.duty]
        assert all(row.label_en and row.text_en for page in pages for row in page.rows)
        assert not pages or "姓名和电话是示例" in path.read_text("utf-8")
    filled = {
        "baishui-town",
        "village-station",
        "hongyuan-street",
        "zichuan-town",
        "gaojiecun-town",
    }
    assert {n for n in IDS if _hall(n).disclosures and _hall(n).duty} == filled


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_technician_finds_every_table_explained(path: Path) -> None:
    text = path.read_text("utf-8")
    for title in ("区域", "类别与事项", "窗口", "优先等级", "过号", "开放时间"):
        assert re.search(rf"^# ── {title} / [A-Z]", text, re.MULTILINE)
    assert "docs/hall-file.md" in text
    assert "补全" in text
