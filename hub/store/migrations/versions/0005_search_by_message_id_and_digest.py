"""Search by Message-ID and digest."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index("ix_payload_digest", "payload")
    op.create_index(
        "ix_payload_digest",
        "payload",
        ["digest"],
        unique=False,
        postgresql_ops={"digest": "text_pattern_ops"},
    )
    op.create_index(
        "ix_payload_protocol_id",
        "payload",
        ["protocol_id"],
        unique=False,
        postgresql_ops={"protocol_id": "text_pattern_ops"},
    )
    op.drop_index("ix_message_number", "message")
    op.create_index(
        "ix_message_number",
        "message",
        ["number", "id"],
        unique=False,
        postgresql_ops={"number": "text_pattern_ops"},
    )
    op.drop_index("ix_search_key_value", "search_key")
    op.create_index(
        "ix_search_key_value",
        "search_key",
        ["value", "message_id"],
        unique=False,
        postgresql_ops={"value": "text_pattern_ops"},
    )
