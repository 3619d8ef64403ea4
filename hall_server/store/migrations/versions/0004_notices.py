"""Notices: what the hall tells everyone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.String(length=60), nullable=False),
        sa.Column("text_en", sa.String(length=120), nullable=False),
        sa.Column("on_board", sa.Boolean(), nullable=False),
        sa.Column("on_panels", sa.Boolean(), nullable=False),
        sa.Column("on_voice", sa.Boolean(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("posted_by", sa.String(length=40), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("every_min", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 60", name=op.f("ck_notice_text")),
        sa.CheckConstraint("on_board OR on_panels OR on_voice", name=op.f("ck_notice_places")),
        sa.CheckConstraint("ends > posted", name=op.f("ck_notice_ends")),
        sa.CheckConstraint(
            "every_min IS NULL OR (every_min >= 5 AND on_voice)", name=op.f("ck_notice_every")
        ),
        sa.CheckConstraint(
            "(withdrawn IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_notice_withdrawn")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
