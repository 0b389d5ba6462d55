"""Bytes of payloads in an object store."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("payload_chunk", sa.Column("object", sa.Text(), nullable=True))
