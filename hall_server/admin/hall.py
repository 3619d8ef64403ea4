"""``init``, ``import-hall``, ``export-hall``."""

import json
from pathlib import Path

from hall_server.admin.failure import Failure, has_database, in_words, need_database, opened
from hall_server.hallfile.loader import dump_toml, load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.service.install import install_hall
from hall_server.store.database import database_url, shown
from hall_server.store.lock import DataLock
from hall_server.store.store import prepare_data_dir

ACTOR = "admin"


def init(data_dir: Path, hall: Path | None) -> str:
    """Makes the data folder and its database; with ``hall``, imports it. Raises Failure."""
    if has_database(data_dir):
        raise Failure(f"{data_dir} 中已有数据 / there is data in {data_dir} already")
    file = load_hall_file(hall) if hall is not None else None
    _into(data_dir, file)
    lines = [f"已建立 / made {shown(database_url(data_dir))}"]
    if file is not None:
        lines.append(_imported(file))
    else:
        lines.append("下一步：导入大厅文件 / next: hall admin import-hall FILE")
    lines.append("下一步：添加管理员 / next: hall admin add-staff 工号 --name 姓名 --role manager")
    lines.append(
        f"服务器也要用这个目录 / the server needs the same folder: hall server --data {data_dir}"
    )
    return "\n".join(lines)


def import_hall(data_dir: Path, path: Path) -> str:
    """Puts a hall file into force. Raises ConfigError with all that is wrong with it, Failure."""
    file = load_hall_file(path)
    _into(data_dir, file)
    return _imported(file)


def export_hall(data_dir: Path, output: Path | None) -> str:
    """The hall in force as TOML, with the profiles that managers changed. Raises
    Failure."""
    need_database(data_dir)
    with opened(data_dir) as store:
        document, profiles = store.read(lambda tx: (tx.hall_document(), tx.profiles()))
    if document is None:
        raise Failure("尚未导入大厅文件 / no hall file has been imported yet")
    text = dump_toml(with_profiles(HallFile.model_validate_json(document), profiles))
    if output is None:
        return text.rstrip("\n")
    with in_words():
        output.write_text(text, encoding="utf-8")
    return f"已导出 / exported to {output}"


def with_profiles(file: HallFile, profiles: dict[int, str]) -> HallFile:
    """The file with each window's changed profile (JSON text) as its rules."""
    data = file.model_dump(by_alias=True, exclude_none=True, mode="json")
    for window in data["windows"]:
        if window["number"] in profiles:
            window["rules"] = json.loads(profiles[window["number"]])
    return HallFile.model_validate(data)


def _into(data_dir: Path, file: HallFile | None) -> None:
    with in_words():
        prepare_data_dir(data_dir)
        # A running server would go on with the hall that it read when it started.
        with DataLock(data_dir), opened(data_dir, serving=True) as store:
            if file is not None:
                install_hall(store, file, ACTOR)


def _imported(file: HallFile) -> str:
    services = sum(len(c.services) + sum(g.count for g in c.generated) for c in file.categories)
    return (
        f"已导入 {file.hall.name}：{len(file.windows)} 个窗口，{services} 个事项 / "
        f"imported: {len(file.windows)} windows, {services} services"
    )
