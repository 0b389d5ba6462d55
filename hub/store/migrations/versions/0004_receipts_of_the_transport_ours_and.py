"""Receipts of the transport, ours and theirs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.types import Blob, Json, UtcTime

revision = "0004"
down_revision = "0003"


def where(condition: str) -> dict[str, Any]:
    """A partial index, as both databases call it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["payload_id"], ["payload.id"], name=op.f("fk_answer_payload_id")),
        sa.PrimaryKeyConstraint("payload_id", name=op.f("pk_answer")),
    )
    op.add_column("delivery", sa.Column("receipt_state", sa.String(length=10), nullable=True))
    op.add_column("delivery", sa.Column("receipt_due_at", UtcTime(), nullable=True))
    op.add_column("delivery", sa.Column("parcel", Json(), nullable=True))
    op.create_index(
        "ix_delivery_receipt",
        "delivery",
        ["receipt_due_at"],
        **where("receipt_state IN ('awaited', 'asked', 'overdue')"),
    )
