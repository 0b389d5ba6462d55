"""Deadlines of what is sent."""

import sqlalchemy as sa
from alembic import op

from hub.store.types import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("message", sa.Column("deliver_by", UtcTime(), nullable=True))
    op.create_index(
        "ix_message_deliver_by",
        "message",
        ["deliver_by"],
        unique=False,
        sqlite_where=sa.text("deliver_by IS NOT NULL"),
        postgresql_where=sa.text("deliver_by IS NOT NULL"),
    )
