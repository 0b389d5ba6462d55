"""Obligations and cadences."""

import sqlalchemy as sa
from alembic import op

from hub.store.types import Exact, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "cadence",
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("standard", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("said", sa.String(length=60), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("look_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cadence")),
    )
    op.create_index(op.f("ix_cadence_look_at"), "cadence", ["look_at"], unique=False)
    op.create_table(
        "obligation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("wants", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("look_at", UtcTime(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("warned_at", UtcTime(), nullable=True),
        sa.Column("missed_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("met_by", sa.String(length=36), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("penalty", Exact(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("cause", "kind", "partner", name=op.f("uq_obligation_cause_kind_partner")),
    )
    op.create_index(
        "ix_obligation_look",
        "obligation",
        ["look_at"],
        unique=False,
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_obligation_open",
        "obligation",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_obligation_order_id"), "obligation", ["order_id"], unique=False)
    op.create_index(
        "ix_obligation_wants",
        "obligation",
        ["partner", "number", "wants"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_message_group",
        "message",
        ["group_control_number"],
        unique=False,
        sqlite_where=sa.text("direction = 'out' AND group_control_number IS NOT NULL"),
        postgresql_where=sa.text("direction = 'out' AND group_control_number IS NOT NULL"),
    )
