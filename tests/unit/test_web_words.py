"""The pages' words: both languages whole, every word that a page asks for exists, none idle."""

import re
from collections.abc import Iterator

import pytest

from hall_server.web import words
from hall_server.web.words import GROUPS, Words, appointments, script_json
from tests.support.web_files import JS, TEMPLATES

_ASKED = re.compile(r"""\bt\(\s*'([a-z0-9_]+)'""")
# Keys made from a stable word, such as t(`state_${w.state}`) or t('role_' ~ role).
_MADE = re.compile(
    r"""\bt\(\s*(?:`([a-z_]*)\$\{[^}]*\}([a-z_]*)`|'([a-z_]+)' ~|[a-z.]+ ~ '([a-z_]+)')"""
)
_QUOTED = re.compile(r"""['"]([a-z0-9_]+)['"]""")
_PLACES = re.compile(r"\{(\w+)\}")

# Which page's words a script or template may use.
_PAGES = {
    "js/lib": ["common"],
    "js/clerk": ["clerk"],
    "js/manager": ["manager"],
    "js/board": ["board"],
    "js/appointments": ["appointments"],
    "js/devices.js": ["devices"],
    "js/demo.js": ["demo"],
    "js/position.js": ["position"],
}


def _all_pairs() -> Iterator[tuple[str, str, str]]:
    for group in GROUPS.values():
        for key, (zh, en) in group.items():
            yield key, zh, en


def test_every_text_has_both_languages_with_the_same_values() -> None:
    for key, zh, en in _all_pairs():
        assert zh.strip(), key
        assert en.strip(), key
        assert set(_PLACES.findall(zh)) >= set(_PLACES.findall(en)), key


def _known(page: str) -> set[str]:
    return set(GROUPS["common"]) | set(GROUPS[page])


@pytest.mark.parametrize("where", _PAGES)
def test_every_word_that_a_script_asks_for_exists(where: str) -> None:
    files = [f for f in JS if where in f.as_posix()]
    assert files
    known = set().union(*(_known(page) for page in _PAGES[where]))
    for file in files:
        for key in _ASKED.findall(file.read_text(encoding="utf-8")):
            assert key in known, f"{file.name}: {key}"


def test_every_word_that_a_template_asks_for_exists() -> None:
    for file in TEMPLATES:
        page = file.stem.lstrip("_")
        groups = [page] if page in GROUPS else ["clerk", "manager", "devices"]
        known = set().union(*(_known(group) for group in groups))
        for key in _ASKED.findall(file.read_text(encoding="utf-8")):
            if f"'{key}' ~" not in file.read_text(encoding="utf-8"):
                assert key in known, f"{file.name}: {key}"


def test_no_word_is_idle() -> None:
    text = "\n".join(f.read_text(encoding="utf-8") for f in [*JS, *TEMPLATES])
    used = set(_QUOTED.findall(text))
    made = [tuple(part for part in parts if part) for parts in _MADE.findall(text)]
    for key, _, _ in _all_pairs():
        by_rule = any(any(part in key for part in parts) for parts in made)
        assert key in used or by_rule, f"nothing says {key}"


def test_values_are_filled_in() -> None:
    assert Words("zh", "clerk")("did_next", ticket="A012") == "已呼叫 A012"
    assert Words("en", "clerk")("did_next", ticket="A012") == "Called A012"
    with pytest.raises(KeyError):
        Words("zh", "board")("did_next")


def test_data_for_scripts_cannot_end_its_element() -> None:
    text = script_json({"name": "</script><script>alert(1)</script>&<!--"})
    assert not set("<>&") & set(text)
    assert "\\u003c/script" in text


def test_groups_do_not_hide_common_words() -> None:
    common = set(GROUPS["common"])
    for name, group in words.GROUPS.items():
        if name != "common":
            assert not common & set(group), name


def test_whoever_booked_is_sent_only_to_where_a_code_is_taken() -> None:
    """The kiosk has no check-in."""
    zh, en = appointments.WORDS["booked_tell"]
    assert "到导办台凭预约号签到取号" in zh and "取号机" not in zh
    assert "at the guide desk" in en and "kiosk" not in en
