"""``check-config``: a hall file, or the server's settings."""

from pathlib import Path
from typing import Any

from hall_server.admin.failure import Failure
from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.settings import ServerSettings
from hallkit.runtime.settings import load, read_toml

# Tables that only one of the device programs' files has.
_OTHERS = {
    **dict.fromkeys(("panels", "lines", "voice"), "display"),
    **dict.fromkeys(("intake", "printers"), "printer"),
    **dict.fromkeys(("printer", "screen", "remote"), "kiosk"),
}


def check_config(path: Path) -> str:
    """Checks the file as what it is, judged by its keys. Raises ConfigError with everything that
    is wrong, Failure for a file of another program."""
    data = read_toml(path)
    other = _other(data)
    if other is not None:
        raise Failure(
            f"{path} 是 {other} 的配置，请用 hall {other} --config {path} --check-config / "
            f"this is a file of hall {other}: check it with that program's --check-config"
        )
    if _keys_in(data, HallFile) >= _keys_in(data, ServerSettings):
        return f"大厅文件正确 / a good hall file: {load_hall_file(path).hall.name}"
    settings = load(path, ServerSettings)
    load_hall_file(path.parent / settings.hall_file)
    return "服务配置正确 / good server settings"


def _keys_in(data: dict[str, Any], model: Any) -> int:
    return len(data.keys() & model.model_fields.keys())


def _other(data: dict[str, Any]) -> str | None:
    found = {program for key, program in _OTHERS.items() if key in data}
    return found.pop() if len(found) == 1 else None
