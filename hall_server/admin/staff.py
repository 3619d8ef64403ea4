"""``add-staff``."""

import getpass
import sys
from pathlib import Path

from hall_server.admin.failure import Failure, need_database, opened
from hall_server.service.people import People
from hallkit.runtime.clock import SystemClock


def add_staff(data_dir: Path, staff_no: str, name: str, role: str, *, replace: bool) -> str:
    """Adds a member of staff, also while the server runs. Raises Failure."""
    need_database(data_dir)
    pin = _read_pin()
    with opened(data_dir) as store:
        people = People(store, SystemClock())
        people.add_staff(staff_no, name, role, pin, replace_existing=replace)
    return f"已添加 / added {staff_no} {name} ({role})"


def _read_pin() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass.getpass("密码（6 至 12 位数字）/ pin (6 to 12 digits): ")
    if getpass.getpass("再输入一次 / once more: ") != pin:
        raise Failure("两次输入不一致 / the two pins differ")
    return pin
