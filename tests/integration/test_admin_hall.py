"""``hall admin`` as a technician uses it: halls, staff, settings."""

import sqlite3
import tomllib
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from hall_server.cli import admin
from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.service.people import People
from hall_server.store.lock import DataLock
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.paths import config_dir
from tests.fakes.admin_command import AdminCommand
from tests.fakes.store_rows import AT, store_in, ticket_row

HALLS = sorted((config_dir() / "halls").glob("*.toml"))
BAISHUI = config_dir() / "halls" / "baishui-town.toml"
BAOTOU = config_dir() / "halls" / "baotou-city.toml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AdminCommand:
    return AdminCommand(data, capsys, monkeypatch)


def _hall(data: Path) -> HallFile:
    with store_in(data) as store:
        document = store.read(lambda tx: tx.hall_document())
    assert document is not None
    return HallFile.model_validate_json(document)


def test_from_nothing_to_a_hall_with_a_manager(run: AdminCommand, data: Path) -> None:
    status, out, err = run("init", "--hall", BAISHUI)
    assert (status, err) == (0, "") and "6 个窗口" in out and "add-staff" in out
    status, out, _ = run(
        "add-staff", "1001", "--name", "李四", "--role", "manager", typed="482913\n"
    )
    assert status == 0 and "1001 李四 (manager)" in out
    assert run("verify")[0] == 0
    assert _hall(data) == load_hall_file(BAISHUI)
    with store_in(data) as store:
        assert People(store, SystemClock()).log_in("1001", "482913")[1].role == "manager"


def test_init_does_not_touch_data_that_is_there(run: AdminCommand, data: Path) -> None:
    run("init", "--hall", BAISHUI)
    status, _, err = run("init", "--hall", BAOTOU)
    assert status == 1 and "已有数据" in err and "already" in err
    assert _hall(data).hall.id == "baishui-town"


def test_init_with_a_bad_hall_makes_nothing(run: AdminCommand, data: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[hall]\n")
    assert run("init", "--hall", bad)[0] == 2
    assert not data.exists()


@pytest.mark.parametrize("path", HALLS, ids=lambda p: p.stem)
def test_every_sample_hall_is_checked_imported_and_exported(
    run: AdminCommand, data: Path, path: Path, tmp_path: Path
) -> None:
    assert run("check-config", path)[0] == 0
    status, out, _ = run("import-hall", path)
    assert status == 0 and "已导入" in out
    assert _hall(data) == load_hall_file(path)
    status, out, _ = run("export-hall")
    written = tmp_path / "exported.toml"
    written.write_text(out, encoding="utf-8")
    assert status == 0 and load_hall_file(written) == load_hall_file(path)


def test_importing_is_journaled_and_stores_the_points_rules(run: AdminCommand, data: Path) -> None:
    run("import-hall", BAOTOU)
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        types = connection.execute("SELECT type, actor FROM journal").fetchall()
        rules = dict(connection.execute("SELECT id, rate FROM priority_class"))
    assert types == [("hall.changed", "admin")]
    assert rules == {p.id: p.rate for p in load_hall_file(BAOTOU).priority_classes}


def test_a_bad_hall_file_lists_everything_and_changes_nothing(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    text = BAISHUI.read_text(encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace('level = "town"', 'levle = "town"'), encoding="utf-8")
    for command in ("check-config", "import-hall"):
        status, out, err = run(command, bad)
        assert (status, out) == (2, "")
        assert "hall.levle" in err and "hall.level" in err and str(bad) in err
        assert len(err.splitlines()) == 2
    assert _hall(data) == load_hall_file(BAISHUI)


def test_profiles_changed_by_a_manager_are_exported_and_end_with_an_import(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    service = load_hall_file(BAISHUI).categories[0].services[0].id
    rules = f'[{{"services": ["{service}"], "from": "09:00"}}]'
    with store_in(data) as store:
        store.write(lambda tx: tx.save_profile(1, rules, AT, "1001"))
    target = tmp_path / "now.toml"
    assert run("export-hall", "--output", target)[0] == 0
    window = tomllib.loads(target.read_text(encoding="utf-8"))["windows"][0]
    assert window["rules"] == [{"services": [service], "from": "09:00"}]
    run("import-hall", BAISHUI)
    with store_in(data) as store:
        assert store.read(lambda tx: tx.profiles()) == {}


def test_nobody_with_a_number_is_stranded_by_an_import(run: AdminCommand, data: Path) -> None:
    run("import-hall", BAISHUI)
    service = load_hall_file(BAISHUI).categories[0].services[0].id
    day = SystemClock().now().astimezone().date().isoformat()
    with store_in(data) as store:
        # The hall's day may be one ahead of this machine's.
        days = {day, _tomorrow(day)}
        for number, one in enumerate(sorted(days)):
            row = ticket_row(number + 12, day=one, service_id=service)
            store.write(lambda tx, row=row: tx.add_ticket(row))
    status, _, err = run("import-hall", BAOTOU)
    assert status == 1 and "未办结的号码" in err and "open numbers" in err
    assert _hall(data).hall.id == "baishui-town"
    assert run("import-hall", BAISHUI)[0] == 0


def _tomorrow(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("command", ["import-hall", "restore", "init"])
def test_while_the_server_runs_its_data_is_not_replaced(
    run: AdminCommand, data: Path, tmp_path: Path, command: str
) -> None:
    if command != "init":
        run("import-hall", BAISHUI)
        run("backup", tmp_path / "backup.db")
    argument = {"import-hall": [BAOTOU], "restore": [tmp_path / "backup.db"], "init": []}[command]
    data.mkdir(exist_ok=True)
    with DataLock(data):
        status, _, err = run(command, *argument)
    assert status == 1 and "请先停止服务" in err and "stop the server first" in err
    assert run(command, *argument)[0] == 0


def test_staff_are_added_while_the_server_runs(run: AdminCommand, data: Path) -> None:
    run("init")
    with DataLock(data), store_in(data) as store:
        assert run("add-staff", "1001", "--name", "李四", typed="482913\n")[0] == 0
        assert People(store, SystemClock()).log_in("1001", "482913")[1].role == "clerk"


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["1001", "--name", "李四"], "111111\n", "过于简单"),
        (["1001", "--name", "李四"], "123\n", "6 至 12 位"),
        (["1001", "--name", "李四"], "", "6 至 12 位"),
        (["10-01", "--name", "李四"], "482913\n", "工号应为"),
        (["2000", "--name", "王五"], "482913\n", "工号 2000 已存在"),
    ],
)
def test_staff_who_are_not_added(
    run: AdminCommand, words: list[str], typed: str, said: str
) -> None:
    run("init")
    run("add-staff", "2000", "--name", "赵六", typed="593024\n")
    status, out, err = run("add-staff", *words, typed=typed)
    assert (status, out) == (1, "")
    assert said in err and len(err.splitlines()) == 1
    assert not any(pin and pin in err for pin in [typed.strip()])


def test_a_forgotten_pin_is_replaced(run: AdminCommand, data: Path) -> None:
    run("init")
    run("add-staff", "1001", "--name", "李四", typed="482913\n")
    assert run("add-staff", "1001", "--name", "李四", "--replace", typed="593024\n")[0] == 0
    with store_in(data) as store:
        assert People(store, SystemClock()).log_in("1001", "593024")


@pytest.mark.parametrize(
    "words", [["verify"], ["export-hall"], ["backup", "b.db"], ["add-staff", "1", "--name", "n"]]
)
def test_a_mistyped_folder_is_not_made(run: AdminCommand, data: Path, words: list[str]) -> None:
    status, _, err = run(*words, typed="482913\n")
    assert status == 1 and "hall admin init" in err
    assert not data.exists()


def test_a_folder_that_cannot_be_written_is_a_clear_error(
    run: AdminCommand, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    status, _, err = run("--data", tmp_path / "file" / "data", "init")
    assert status == 1 and "无法写入" in err and "cannot be written" in err


def test_the_server_s_settings_are_checked_by_what_is_in_them(
    run: AdminCommand, tmp_path: Path
) -> None:
    assert run("check-config", config_dir() / "server.toml")[0] == 0
    settings = tmp_path / "anything.toml"
    settings.write_text(f'hall_file = "{BAISHUI}"\nprot = 8080\nmax_streams = "many"\n')
    status, _, err = run("check-config", settings)
    assert status == 2 and "prot" in err and '"port"' in err and "max_streams" in err


@pytest.mark.parametrize("program", ["kiosk", "display", "printer"])
def test_a_device_s_file_is_sent_to_its_program(run: AdminCommand, program: str) -> None:
    status, _, err = run("check-config", config_dir() / f"{program}.toml")
    assert status == 1 and f"hall {program} --config" in err


@pytest.mark.parametrize("text", ["", "no toml", "\0", "[hall]\nid = 1"])
def test_what_is_no_settings_file(run: AdminCommand, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    status, _, err = run("check-config", path)
    assert status == 2 and err
    assert run("check-config", tmp_path / "missing.toml")[0] == 2


def test_the_folder_is_taken_from_the_environment(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALL_DATA", str(data))
    assert admin(["init"]) == 0
    assert (data / "hall.db").exists() and str(data) in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["nonsense"], ["backup"], ["add-staff", "1"]])
def test_wrong_arguments_are_explained(run: AdminCommand, words: list[str]) -> None:
    status, _, err = run(*words)
    assert status == 2 and "usage: hall admin" in err
