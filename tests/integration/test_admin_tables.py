"""``hall admin import-calendar`` and ``import-appointments``, on a real data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hall_server.service.calendars import import_years, imported_years
from tests.fakes.admin_command import AdminCommand
from tests.fakes.running_hall import RunningHall, running, sample_hall
from tests.integration.test_api_day import ask, office, refusal

Run = AdminCommand


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AdminCommand:
    return AdminCommand(tmp_path / "data", capsys, monkeypatch)


@contextmanager
def hall_of_2027(data: Path) -> Iterator[RunningHall]:
    file = sample_hall("baishui-town", office)
    with running(data, file, at="2027-01-01T09:00:00+08:00") as hall:
        yield hall


def test_a_later_year_needs_no_new_software(tmp_path: Path, run: Run) -> None:
    data, table = tmp_path / "data", tmp_path / "2027.csv"
    with hall_of_2027(data) as hall:
        ask(hall.device()).ok(201)
    # As a spreadsheet in China saves it.
    rows = "date,kind\r\n2027-01-01,休\r\n2027-01-02,work\r\n\r\n2027-10-01,rest\r\n"
    table.write_bytes(rows.encode("gb18030"))
    status, out, err = run("import-calendar", table)
    assert (status, err) == (0, "")
    assert "2027：放假 2 天，补班 1 天" in out
    with hall_of_2027(data) as hall:
        assert hall.anyone().get("health").ok()["notices"] == []
        assert "今天放假" in refusal(hall.device())
        hall.at("2027-01-02T09:00:00")
        ask(hall.device()).ok(201)
        changed = [b["data"].get("calendar_years") for _, _, b in hall.journal("hall.changed")]
        assert changed == [None, [2027]]
        # Another table of the year takes its place, and leaves other years alone.
        years = hall.store.read(imported_years)
        now = datetime.fromisoformat("2027-01-02T09:00:00+08:00")
        import_years(hall.store, hall.hall, {2028: years[2027]}, "admin", now)
        assert set(hall.store.read(imported_years)) == {2027, 2028}


def test_everything_wrong_with_a_calendar_is_told(tmp_path: Path, run: Run) -> None:
    with hall_of_2027(tmp_path / "data"):
        pass
    table = tmp_path / "bad.csv"
    table.write_text(
        "day,kind\n2027-02-30,rest\n2027-01-01,holiday\n2027-01-02,rest\n2027-01-02,work\n"
    )
    status, _, err = run("import-calendar", table)
    assert status == 2
    assert [line.split(": ")[1] for line in err.splitlines()] == ["1", "2", "3", "5"]
    table.write_bytes(b"\xff\xfe\xfa\xff")
    assert run("import-calendar", table)[0] == 2
    table.write_text("date,kind\n")
    assert "没有任何日期" in run("import-calendar", table)[2]
    assert run("import-calendar", tmp_path / "missing.csv")[0] == 1


def test_a_running_server_is_not_changed_behind_its_back(tmp_path: Path, run: Run) -> None:
    table = tmp_path / "2027.csv"
    table.write_text("date,kind\n2027-01-01,rest\n")
    assert run("import-calendar", table)[0] == 1
    with hall_of_2027(tmp_path / "data"):
        pass
    assert run("import-calendar", table)[0] == 0


def test_a_table_of_appointments(tmp_path: Path, run: Run) -> None:
    data, table = tmp_path / "data", tmp_path / "booked.csv"
    # The command goes by the machine's clock; a hall that is open every day has room tomorrow.
    tomorrow = (datetime.now().astimezone() + timedelta(days=2)).date()

    def every_day(tables: dict[str, object]) -> None:
        tables["calendar"] = {"national": False}
        tables["hours"] = {
            "sessions": [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "to": "12:00"}]
        }
        tables["appointments"] = {"enabled": True, "days_ahead_max": 9}

    with running(data, sample_hall("baishui-town", every_day)):
        pass
    header = "person,service_id,date,time,channel\n"
    table.write_text(
        f"{header}甲,dibao,{tomorrow},09:00,phone\n乙,nothing,{tomorrow},09:00,phone\n"
    )
    status, _, err = run("import-appointments", table)
    assert status == 2
    assert "booked.csv: 3: " in err
    table.write_text(f"{header}甲,dibao,{tomorrow},09:00,phone\n")
    status, out, err = run("import-appointments", table)
    assert (status, err) == (0, "")
    assert "已导入 1 个预约" in out
    assert "甲" not in out
