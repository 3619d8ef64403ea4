"""Several services on one ticket, supplements, forecasts to be scored; bookings, quotas, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the columns and the tables."""
    with op.batch_alter_table("ticket") as ticket:
        ticket.add_column(
            sa.Column("later", sa.Text(), server_default=sa.text("''"), nullable=False)
        )
        ticket.add_column(sa.Column("outcome", sa.String(length=12), nullable=True))
        ticket.add_column(sa.Column("appointment", sa.String(length=36), nullable=True))
        ticket.add_column(sa.Column("first_called", sa.BigInteger(), nullable=True))
        ticket.add_column(sa.Column("forecast_p50", sa.Float(), nullable=True))
        ticket.add_column(sa.Column("forecast_p90", sa.Float(), nullable=True))
    op.execute("UPDATE ticket SET first_called = called")
    _calls_left()
    _bookings()
    _leases()


def _calls_left() -> None:
    """What holds a missed number is how many calls are left, no more a count of its series."""
    calls = (
        "(SELECT calls FROM series_day"
        " WHERE series_day.day = ticket.day AND series_day.series = ticket.series)"
    )
    op.execute(
        f"UPDATE ticket SET held_until = CASE WHEN held_until > {calls}"  # noqa: S608 - no input
        f" THEN held_until - {calls} ELSE 0 END WHERE held_until > 0"
    )
    with op.batch_alter_table("series_day") as series_day:
        series_day.drop_column("calls")


def _bookings() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("service_id", sa.String(length=60), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('booked', 'arrived', 'cancelled', 'no_show')",
            name=op.f("ck_appointment_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("code", name=op.f("uq_appointment_code")),
    )
    op.create_index("ix_appointment_slot", "appointment", ["day", "service_id", "starts"])
    op.create_index(
        "uq_appointment_person_day",
        "appointment",
        ["day", "person"],
        unique=True,
        sqlite_where=sa.text("state = 'booked' AND person IS NOT NULL"),
        postgresql_where=sa.text("state = 'booked' AND person IS NOT NULL"),
    )
    op.create_table(
        "quota_used",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("service_id", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.String(length=5), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "service_id", "slot", name=op.f("pk_quota_used")),
    )


def _leases() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("series", sa.String(length=1), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("first >= 1 AND last >= first", name=op.f("ck_lease_block")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
        sa.UniqueConstraint("day", "series", "first", name="uq_lease_block"),
    )
    op.create_index("ix_lease_device", "lease", ["device_id", "day"])
