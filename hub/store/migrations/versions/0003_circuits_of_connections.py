"""Circuits of connections."""

import sqlalchemy as sa
from alembic import op

from hub.store.types import UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "circuit",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("free_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_circuit")),
    )
