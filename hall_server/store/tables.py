"""The tables. Times are ``Instant`` (milliseconds); the rules that must never be broken are
constraints here as well as code in the domain."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

hall_version = Table(
    "hall_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(80), nullable=False),
)

window_profile = Table(
    "window_profile",
    metadata,
    Column("window", Integer, primary_key=True, autoincrement=False),
    Column("rules", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(80), nullable=False),
)

priority_class = Table(
    "priority_class",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("head", Float, nullable=False),
    Column("rate", Float, nullable=False),
)

window = Table(
    "window",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("clerk", String(40)),
    Column("reason", Text),
    Column("since", BigInteger, nullable=False),
    CheckConstraint("state IN ('closed', 'open', 'paused')", name="state"),
)

series_day = Table(
    "series_day",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("series", String(1), primary_key=True),
    Column("last", Integer, nullable=False),
)

# SQLite uses a partial index only for a query that repeats its condition in these words.
ACTIVE = "state IN ('called', 'serving')"
CALLED = "called IS NOT NULL"
OPEN = "state IN ('waiting', 'called', 'serving', 'no_show', 'parked')"

ticket = Table(
    "ticket",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("series", String(1), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("service_id", String(60), nullable=False),
    Column("priority", String(60), nullable=False),
    Column("state", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("token", String(32), nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("window", Integer),
    Column("called", BigInteger),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("passes", Integer, nullable=False),
    Column("held_until", Integer, nullable=False),
    Column("target", Integer),
    Column("offline", Boolean, nullable=False),
    Column("later", Text, nullable=False, server_default=text("''")),
    Column("outcome", String(12)),
    Column("appointment", String(36)),
    Column("first_called", BigInteger),
    Column("forecast_p50", Float),
    Column("forecast_p90", Float),
    UniqueConstraint("day", "series", "sequence", name="uq_ticket_number"),
    UniqueConstraint("token", name="uq_ticket_token"),
    CheckConstraint(
        "state IN ('waiting', 'called', 'serving', 'done', 'no_show', 'parked',"
        " 'cancelled', 'void')",
        name="state",
    ),
    # Quoted: to PostgreSQL, window is a word of its language.
    CheckConstraint(f'NOT ({ACTIVE}) OR "window" IS NOT NULL', name="active_has_window"),
    # A window has at most one ticket called or being served; a ticket has one window by its row.
    Index(
        "uq_ticket_active_window",
        "window",
        unique=True,
        sqlite_where=text(ACTIVE),
        postgresql_where=text(ACTIVE),
    ),
    # The partial index stays as small as the hall is full, however long the history.
    Index("ix_ticket_open", "day", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    # A number that was just issued is in as few indexes as can be: each is a page of the card.
    Index(
        "ix_ticket_called",
        "day",
        "called",
        sqlite_where=text(CALLED),
        postgresql_where=text(CALLED),
    ),
)

# A booking. ``person`` is a keyed hash of what identifies the visitor, cleared when it is over.
appointment = Table(
    "appointment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("day", String(10), nullable=False),
    Column("service_id", String(60), nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("person", String(64)),
    Column("created", BigInteger, nullable=False),
    CheckConstraint("state IN ('booked', 'arrived', 'cancelled', 'no_show')", name="state"),
    Index(
        "uq_appointment_person_day",
        "day",
        "person",
        unique=True,
        sqlite_where=text("state = 'booked' AND person IS NOT NULL"),
        postgresql_where=text("state = 'booked' AND person IS NOT NULL"),
    ),
    Index("ix_appointment_slot", "day", "service_id", "starts"),
)

# What the hall tells everyone; the instants as in ``domain.notice``.
notice = Table(
    "notice",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("text", String(60), nullable=False),
    Column("text_en", String(120), nullable=False),
    Column("on_board", Boolean, nullable=False),
    Column("on_panels", Boolean, nullable=False),
    Column("on_voice", Boolean, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("posted_by", String(40), nullable=False),
    Column("ends", BigInteger),
    Column("every_min", Integer),
    Column("withdrawn", BigInteger),
    Column("withdrawn_by", String(40)),
    CheckConstraint("length(text) BETWEEN 1 AND 60", name="text"),
    CheckConstraint("on_board OR on_panels OR on_voice", name="places"),
    CheckConstraint("ends > posted", name="ends"),
    CheckConstraint("every_min IS NULL OR (every_min >= 5 AND on_voice)", name="every"),
    CheckConstraint("(withdrawn IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
)

# How many numbers of a service were given on a day in a slot ("" for the whole day, or "HH:MM").
quota_used = Table(
    "quota_used",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("service_id", String(60), primary_key=True),
    Column("slot", String(5), primary_key=True),
    Column("used", Integer, nullable=False),
)

# A block of numbers sealed for a device to give out while the server is away.
lease = Table(
    "lease",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("device_id", String(36), nullable=False),
    Column("day", String(10), nullable=False),
    Column("series", String(1), nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
    CheckConstraint("first >= 1 AND last >= first", name="block"),
    UniqueConstraint("day", "series", "first", name="uq_lease_block"),
    Index("ix_lease_device", "device_id", "day"),
)

command = Table(
    "command",
    metadata,
    Column("request_id", String(36), primary_key=True),
    Column("actor", String(80), nullable=False),
    Column("command", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

journal = Table(
    "journal",
    metadata,
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("at", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("type", String(30), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("staff_no", String(40), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("role", String(10), nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    CheckConstraint("role IN ('clerk', 'guide', 'manager')", name="role"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_no", String(40), nullable=False),
    Column("window", Integer),
    Column("csrf_token", String(64), nullable=False),
    Column("expires", BigInteger, nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("name", String(60), nullable=False),
    Column("state", String(10), nullable=False),
    Column("code", String(10), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("token_hash", String(64), index=True),
    CheckConstraint("state IN ('pending', 'approved', 'revoked')", name="state"),
)
