"""However a hall file is spoilt, it loads or is refused in two languages; it never crashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall_server.hallfile.expansion import expand
from hall_server.hallfile.loader import dump_toml
from hall_server.hallfile.rules import check
from hall_server.hallfile.schema import HallFile
from hallkit.runtime.settings import ConfigError
from tests.fakes.hallfile_small import good_tables, problems_of


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in steps:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from _places(inner, (*path, key))


PLACES = sorted(_places(good_tables()), key=str)
VALUES = st.one_of(
    st.sampled_from(
        [[], {}, "", "*", "category:", 0, -1, 2**70, 1e308, float("inf"), True, "08:30", [[]], [{}]]
    ),
    st.text(max_size=8),
    st.integers(-5, 500),
    st.lists(st.sampled_from(["card", "pension", "category:tax", "*", "x"]), max_size=3),
)


def _replace(tables: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        tables = tables[step]
    if value is None:
        del tables[path[-1]]
    else:
        tables[path[-1]] = value


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.sampled_from(PLACES), value=st.one_of(st.none(), VALUES))
def test_any_value_at_any_place(tmp_path: Path, place: tuple[Any, ...], value: Any) -> None:
    tables = good_tables()
    _replace(tables, place, value)
    for problem in problems_of(tables, tmp_path):
        assert problem.zh
        assert problem.en


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [
        (("hall",), 3, "应为表"),
        (("areas",), {}, "应为列表"),
        (("windows", 0), "one", "应为表"),
        (("categories", 0, "services", 0), [], "应为表"),
    ],
)
def test_a_value_instead_of_a_table(
    tmp_path: Path, place: tuple[Any, ...], value: Any, word: str
) -> None:
    tables = good_tables()
    _replace(tables, place, value)
    (problem,) = problems_of(tables, tmp_path)
    assert word in problem.zh


def test_a_large_hall_is_checked_at_once() -> None:
    tables = good_tables()
    words = [f"甲{i}" for i in range(20)], [f"乙{i}" for i in range(20)]
    tables["categories"] = [
        {
            "id": f"c{i}",
            "series": letter,
            "name": f"类别{i}",
            "generated": [
                {"prefix": f"c{i}", "count": 400, "subjects": words[0], "acts": words[1]}
            ],
        }
        for i, letter in enumerate("ABCDEFGHJKLMNPRSTUVWXYZ")
    ]
    tables["windows"] = [
        {"number": n, "name": "综合窗口", "area": "main", "rules": [{"services": "*"}]}
        for n in range(1, 101)
    ]
    hall_file = HallFile.model_validate(tables)
    assert check(hall_file, "hall.toml") == []
    assert sum(len(c.services) for c in expand(hall_file).categories) == 23 * 400
    assert "乙19" in dump_toml(hall_file)


def test_problems_read_as_lines() -> None:
    tables = good_tables()
    tables["windows"][0]["area"] = "mian"
    error = ConfigError(check(HallFile.model_validate(tables), "hall.toml"))
    assert str(error) == (
        "hall.toml: windows[0].area: 没有编号为 mian 的区域，是否应为“main”？"
        ' / there is no area mian, did you mean "main"?'
    )
