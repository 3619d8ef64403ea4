"""The demo's data folder: hall, log-ins and device tokens, made before the server starts."""

import hashlib
from dataclasses import replace
from pathlib import Path

from hall_server.demo.place import write_place
from hall_server.demo.plan import Plan, write_configs
from hall_server.hallfile.schema import HallFile
from hall_server.service.devices import Devices
from hall_server.service.install import install_hall
from hall_server.service.people import People
from hall_server.store.database import sqlite_url
from hall_server.store.lock import DataLock
from hall_server.store.store import SqlStore, prepare_data_dir
from hallkit.runtime.clock import SystemClock

READY_FILE = "demo.json"
_ROLE_NAMES = {"manager": "演示主任", "guide": "演示导办员", "clerk": "演示窗口员"}
# Of the hall file that was put into force last, in the store's own notes.
_INSTALLED = "demo_hall_file"
_DEVICES = (("kiosk", "kiosk", "取号机 1"), ("display", "display", "显示屏与语音"))


def prepare(plan: Plan, hall: HallFile) -> Plan:
    """Fills the data folder; returns the plan with the devices' ids and tokens.

    Raises DataFolderError, DataLocked, SchemaError, and Conflict when people still wait for what
    another hall file than last time does not have.
    """
    for name in ("tokens", "logs", "config", "voice", "spool"):
        plan.folder(name)
    server_data = plan.data / "server"
    prepare_data_dir(server_data)
    with DataLock(server_data):
        # Only whoever has the lock may say that the demo that wrote it is over.
        (plan.data / READY_FILE).unlink(missing_ok=True)
        store = SqlStore(server_data, url=sqlite_url(server_data))
        try:
            done = _fill(store, plan, hall)
        finally:
            store.close()
    write_configs(done)
    write_place(done.data / "place.json", done.place())
    return done


def _fill(store: SqlStore, plan: Plan, hall: HallFile) -> Plan:
    clock = SystemClock()
    _install(store, hall)
    people = People(store, clock)
    for staff_no, pin, role, window in plan.staff:
        name = _ROLE_NAMES[role] + (f" {window}" if window else "")
        people.keep_staff(staff_no, name, role, pin)
    devices = Devices(store, clock)
    ids, tokens = {}, {}
    for program, kind, name in (*_DEVICES, ("printer", "printer", "小票打印机")):
        ids[program], tokens[program] = devices.add(kind, name)
        _write_secret(plan.data / "tokens" / program, tokens[program])
    return replace(plan, tokens=tokens, devices=ids)


def _install(store: SqlStore, hall: HallFile) -> None:
    """Puts another file than the last one into force; the same again leaves what a manager has
    changed since. Raises Conflict."""
    given = _digest(hall.model_dump_json(by_alias=True))
    if store.read(lambda tx: tx.meta(_INSTALLED) or _digest(tx.hall_document() or "")) != given:
        install_hall(store, hall, "system")
    store.write(lambda tx: tx.set_meta(_INSTALLED, given))


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def _write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret)
