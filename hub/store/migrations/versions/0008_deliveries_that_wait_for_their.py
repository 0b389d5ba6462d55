"""Deliveries that wait for their next try."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def where(condition: str) -> dict[str, Any]:
    """A partial index, as both databases call it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_index(
        "ix_delivery_behind",
        "delivery",
        ["connection"],
        **where("(state = 'queued' AND tries > 0 AND NOT sending) OR state IN ('in_doubt', 'failed')"),
    )
