"""Indexes that a unique constraint already is."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.drop_index(op.f("ix_message_interchange_id"), table_name="message")
    op.drop_index(op.f("ix_order_line_order_id"), table_name="order_line")
    op.drop_index(op.f("ix_quantity_event_line_id"), table_name="quantity_event")
