"""One state of all tables: the ``Reader`` of ``service.ports``."""

from sqlalchemy import Connection

from hall_server.store.appointments import AppointmentTables
from hall_server.store.audit import AuditTables
from hall_server.store.forecasts import ForecastTables
from hall_server.store.journal import JournalTables
from hall_server.store.journal_days import JournalDays
from hall_server.store.leases import LeaseTables
from hall_server.store.notices import NoticeTables
from hall_server.store.people import PeopleTables
from hall_server.store.queue import QueueTables
from hall_server.store.quotas import QuotaTables
from hall_server.store.retention import RetentionTables
from hall_server.store.whatif import WhatIfTables


class SqlTransaction(
    WhatIfTables,
    ForecastTables,
    AppointmentTables,
    NoticeTables,
    JournalDays,
    QuotaTables,
    LeaseTables,
    QueueTables,
    JournalTables,
    PeopleTables,
    RetentionTables,
    AuditTables,
):
    """Everything that is kept, on one connection."""

    def __init__(self, connection: Connection) -> None:
        JournalTables.__init__(self, connection)
