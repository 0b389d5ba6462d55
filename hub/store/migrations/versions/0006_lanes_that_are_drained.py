"""Lanes that are drained."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("lane", sa.Column("drain_by", sa.String(length=100), nullable=True))
