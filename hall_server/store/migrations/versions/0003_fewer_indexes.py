"""A number that was just issued is in fewer indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Drops the index of those who wait; leaves out of that of calls who was not called."""
    op.drop_index("ix_ticket_waiting", table_name="ticket")
    op.drop_index("ix_ticket_called", table_name="ticket")
    called = sa.text("called IS NOT NULL")
    op.create_index(
        "ix_ticket_called",
        "ticket",
        ["day", "called"],
        unique=False,
        sqlite_where=called,
        postgresql_where=called,
    )
