"""What the hall makes public: its own pages, and who is on duty on this business day."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import RunningHall, Tables, running, sample_hall


def _rows(text: str) -> list[dict[str, str]]:
    return [{"label": "值班员", "text": text}]


def _roster(tables: Tables) -> None:
    tables["disclosures"] = [
        {"title": "六公开", "title_en": "Six", "rows": [{"label": "收费", "text": "不收费"}]},
        {"title": "监督", "rows": [{"label": "电话", "text": "12345", "text_en": "12345"}]},
    ]
    tables["duty"] = [
        {"weekdays": [1], "rows": _rows("周一")},
        {"weekdays": [2, 4, 6], "rows": _rows("二四六")},
        {"weekdays": [1, 2, 3, 4, 5], "rows": _rows("每天")},
        {"dates": ["2026-10-01", "2026-11-24"], "rows": _rows("专人")},
    ]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    file = sample_hall("baishui-town", _roster)
    with running(tmp_path_factory.mktemp("hall"), file, at="2026-09-12T09:00:00+08:00") as found:
        yield found


def on_duty(hall: RunningHall, at: str) -> list[str] | None:
    """Who is on duty; None when there is no such page."""
    hall.at(at)
    answer = hall.anyone().get("public-pages").ok()
    assert answer["business_day"] == at[:10]
    pages = [page for page in answer["pages"] if page["kind"] == "duty"]
    return [row["text"] for row in pages[0]["rows"]] if pages else None


def test_who_is_on_duty_on_each_day(hall: RunningHall) -> None:
    days: list[tuple[str, Any]] = [
        ("2026-09-12T09:00:00", ["二四六"]),
        ("2026-09-13T09:00:00", None),
        ("2026-09-28T00:00:00", ["周一", "每天"]),
        ("2026-09-30T23:59:59", ["每天"]),
        # A holiday by name has only what is written for its date.
        ("2026-10-01T09:00:00", ["专人"]),
        ("2026-10-02T09:00:00", None),
        # A make-up Saturday works as a Monday.
        ("2026-10-10T09:00:00", ["周一", "每天"]),
        ("2026-11-24T09:00:00", ["专人"]),
        ("2026-11-26T09:00:00", ["二四六", "每天"]),
    ]
    assert [on_duty(hall, at) for at, _ in days] == [wanted for _, wanted in days]


def test_the_pages_are_public_and_in_the_files_order(hall: RunningHall) -> None:
    hall.at("2026-11-27T09:00:00")
    pages = hall.anyone().get("public-pages").ok()["pages"]
    assert [(p["id"], p["title"]) for p in pages] == [
        ("disclosure-1", "六公开"),
        ("disclosure-2", "监督"),
        ("duty", "今日值班"),
    ]
    assert pages[1] == {
        "id": "disclosure-2", "kind": "disclosure", "title": "监督", "title_en": "",
        "rows": [{"label": "电话", "label_en": "", "text": "12345", "text_en": "12345"}],
    }  # fmt: skip


def test_a_hall_without_pages(tmp_path: Path) -> None:
    with running(tmp_path, "baotou-city") as hall:
        assert hall.anyone().get("public-pages").ok()["pages"] == []
