"""Staff, their sessions, and devices."""

from dataclasses import asdict

from sqlalchemy import Connection, select

from hall_server.domain.instant import Instant
from hall_server.service.ports import DeviceRecord, SessionRecord, StaffRecord
from hall_server.store.tables import device, session, staff
from hall_server.store.upsert import upsert


class PeopleTables:
    """The people's and devices' part of a transaction; see ``service.ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def staff(self, staff_no: str) -> StaffRecord | None:
        row = self._conn.execute(select(staff).where(staff.c.staff_no == staff_no)).first()
        return StaffRecord(**row._mapping) if row is not None else None

    def all_staff(self) -> list[StaffRecord]:
        rows = self._conn.execute(select(staff).order_by(staff.c.staff_no))
        return [StaffRecord(**row._mapping) for row in rows]

    def save_staff(self, record: StaffRecord) -> None:
        values = asdict(record)
        upsert(self._conn, staff, {"staff_no": values.pop("staff_no")}, values)

    def session(self, token_hash: str) -> SessionRecord | None:
        statement = select(session).where(session.c.token_hash == token_hash)
        row = self._conn.execute(statement).first()
        return SessionRecord(**row._mapping) if row is not None else None

    def add_session(self, record: SessionRecord) -> None:
        self._conn.execute(session.insert(), asdict(record))

    def drop_session(self, token_hash: str) -> None:
        self._conn.execute(session.delete().where(session.c.token_hash == token_hash))

    def drop_sessions_before(self, at: Instant) -> None:
        self._conn.execute(session.delete().where(session.c.expires < at))

    def drop_sessions_of(self, staff_no: str) -> None:
        self._conn.execute(session.delete().where(session.c.staff_no == staff_no))

    def device(self, device_id: str) -> DeviceRecord | None:
        row = self._conn.execute(select(device).where(device.c.id == device_id)).first()
        return DeviceRecord(**row._mapping) if row is not None else None

    def device_by_token(self, token_hash: str) -> DeviceRecord | None:
        row = self._conn.execute(select(device).where(device.c.token_hash == token_hash)).first()
        return DeviceRecord(**row._mapping) if row is not None else None

    def devices(self) -> list[DeviceRecord]:
        rows = self._conn.execute(select(device).order_by(device.c.name, device.c.id))
        return [DeviceRecord(**row._mapping) for row in rows]

    def save_device(self, record: DeviceRecord) -> None:
        values = asdict(record)
        upsert(self._conn, device, {"id": values.pop("id")}, values)
