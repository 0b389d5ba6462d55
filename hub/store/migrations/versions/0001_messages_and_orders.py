"""Messages and orders."""

# ruff: noqa: E501 - conditions as the tables have them
from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.types import BigInt, Blob, Exact, Json, UtcTime

revision = "0001"
down_revision = None


def where(condition: str) -> dict[str, Any]:
    """A partial index, as both databases call it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("source_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("body", Blob(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_message_id"), "document", ["message_id"])
    op.create_index("ix_document_number", "document", ["type", "number"])
    op.create_index(op.f("ix_document_order_id"), "document", ["order_id"])
    op.create_index(op.f("ix_document_source_id"), "document", ["source_id"])
    op.create_table(
        "payload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("size", BigInt, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("protocol_id", sa.String(length=400), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("body", Blob(), nullable=True),
        sa.Column("archive", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payload")),
        sa.UniqueConstraint("connection", "protocol_id", name=op.f("uq_payload_connection_protocol_id")),
    )
    op.create_index("ix_payload_digest", "payload", ["digest"], postgresql_ops={"digest": "text_pattern_ops"})
    op.create_index(
        "ix_payload_protocol_id", "payload", ["protocol_id"], postgresql_ops={"protocol_id": "text_pattern_ops"}
    )
    op.create_table(
        "payload_chunk",
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.PrimaryKeyConstraint("payload_id", "ordinal", name=op.f("pk_payload_chunk")),
    )
    op.create_table(
        "sales_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("business_key", sa.String(length=400), nullable=False),
        sa.Column("order_type", sa.String(length=40), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("review", sa.String(length=25), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("business_key", name=op.f("uq_sales_order_business_key")),
    )
    op.create_index("ix_sales_order_number", "sales_order", ["number"])
    op.create_table(
        "tracking",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("at", UtcTime(), nullable=True),
        sa.Column("said", Json(), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking")),
    )
    op.create_index("ix_tracking_number", "tracking", ["number"])
    op.create_index(op.f("ix_tracking_order_id"), "tracking", ["order_id"])
    op.create_table(
        "fulfilment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lines", Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_fulfilment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment")),
        sa.UniqueConstraint("number", name=op.f("uq_fulfilment_number")),
    )
    op.create_index(op.f("ix_fulfilment_order_id"), "fulfilment", ["order_id"])
    op.create_table(
        "interchange",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("payload_id", sa.String(length=36), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("standard", sa.String(length=20), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("control_number", sa.String(length=35), nullable=False),
        sa.Column("acknowledgement", sa.String(length=25), nullable=False),
        sa.Column("answers_id", sa.String(length=36), nullable=True),
        sa.Column("header", Json(), nullable=True),
        sa.Column("findings", Json(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["payload_id"], ["payload.id"], name=op.f("fk_interchange_payload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interchange")),
    )
    op.create_index(op.f("ix_interchange_answers_id"), "interchange", ["answers_id"])
    op.create_index("ix_interchange_control", "interchange", ["sender", "receiver", "control_number"])
    op.create_index(op.f("ix_interchange_payload_id"), "interchange", ["payload_id"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=True),
        sa.Column("price", Exact(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_order_line_order_id_number")),
    )
    op.create_index(op.f("ix_order_line_order_id"), "order_line", ["order_id"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("lane", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=25), nullable=False),
        sa.Column("sending", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("policy", Json(), nullable=False),
        sa.Column("maybe_duplicate", sa.Boolean(), nullable=False),
        sa.Column("resend_of", sa.String(length=36), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.Column("receipt", Json(), nullable=True),
        sa.ForeignKeyConstraint(["interchange_id"], ["interchange.id"], name=op.f("fk_delivery_interchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_interchange_id"), "delivery", ["interchange_id"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=200), nullable=False),
        sa.Column("standard", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(length=20), nullable=True),
        sa.Column("group_index", sa.Integer(), nullable=True),
        sa.Column("group_ordinal", sa.Integer(), nullable=True),
        sa.Column("group_functional_id", sa.String(length=10), nullable=True),
        sa.Column("group_control_number", sa.String(length=35), nullable=True),
        sa.Column("control_number", sa.String(length=35), nullable=False),
        sa.Column("offset", BigInt, nullable=True),
        sa.Column("length", BigInt, nullable=True),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("mapping", sa.String(length=200), nullable=True),
        sa.Column("revision", sa.String(length=64), nullable=True),
        sa.Column("validation", sa.String(length=25), nullable=False),
        sa.Column("delivery", sa.String(length=25), nullable=False),
        sa.Column("acknowledgement", sa.String(length=25), nullable=False),
        sa.Column("acknowledgement_due_at", UtcTime(), nullable=True),
        sa.Column("deliver_by", UtcTime(), nullable=True),
        sa.Column("findings", Json(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("reissue_of", sa.String(length=36), nullable=True),
        sa.Column("edited_from", sa.String(length=36), nullable=True),
        sa.Column("erased_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["interchange_id"], ["interchange.id"], name=op.f("fk_message_interchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("interchange_id", "ordinal", name=op.f("uq_message_interchange_id_ordinal")),
    )
    op.create_index("ix_message_created", "message", ["created_at", "id"])
    op.create_index("ix_message_deliver_by", "message", ["deliver_by"], **where("deliver_by IS NOT NULL"))
    op.create_index(op.f("ix_message_document_id"), "message", ["document_id"])
    op.create_index("ix_message_due", "message", ["acknowledgement", "acknowledgement_due_at"])
    op.create_index(op.f("ix_message_edited_from"), "message", ["edited_from"])
    op.create_index(
        "ix_message_group",
        "message",
        ["group_control_number"],
        **where("direction = 'out' AND group_control_number IS NOT NULL"),
    )
    op.create_index(op.f("ix_message_interchange_id"), "message", ["interchange_id"])
    op.create_index("ix_message_number", "message", ["number", "id"], postgresql_ops={"number": "text_pattern_ops"})
    op.create_index(op.f("ix_message_order_id"), "message", ["order_id"])
    op.create_index("ix_message_partner", "message", ["partner", "id"])
    op.create_index(
        "ix_message_problem",
        "message",
        ["id"],
        **where(
            "validation <> 'ignored' AND (validation IN ('rejected', 'held') OR delivery IN ('failed', 'in_doubt', 'held') OR acknowledgement IN ('partially', 'rejected', 'overdue'))"
        ),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["id"],
        **where(
            "validation <> 'ignored' AND (validation IN ('pending') OR delivery IN ('queued') OR acknowledgement IN ('expected'))"
        ),
    )
    op.create_table(
        "package",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("fulfilment_id", sa.String(length=36), nullable=False),
        sa.Column("shipment", sa.String(length=100), nullable=False),
        sa.Column("sscc", sa.String(length=18), nullable=True),
        sa.Column("tracking", sa.String(length=100), nullable=True),
        sa.Column("lines", Json(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_package_fulfilment_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_package_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
    )
    op.create_index(op.f("ix_package_fulfilment_id"), "package", ["fulfilment_id"])
    op.create_index(op.f("ix_package_order_id"), "package", ["order_id"])
    op.create_index(op.f("ix_package_sscc"), "package", ["sscc"])
    op.create_index(op.f("ix_package_tracking"), "package", ["tracking"])
    op.create_table(
        "quantity_event",
        sa.Column("seq", BigInt, autoincrement=True, nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("line_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_quantity_event_line_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_quantity_event_order_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_quantity_event")),
        sa.UniqueConstraint("line_id", "kind", "cause", name=op.f("uq_quantity_event_line_id_kind_cause")),
    )
    op.create_index(op.f("ix_quantity_event_line_id"), "quantity_event", ["line_id"])
    op.create_index(op.f("ix_quantity_event_order_id"), "quantity_event", ["order_id"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(length=25), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"])
    op.create_table(
        "search_key",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("scheme", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("dated", sa.String(length=206), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_search_key_message_id")),
        sa.PrimaryKeyConstraint("message_id", "scheme", "value", name=op.f("pk_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_search_key_dated",
        "search_key",
        ["dated", "message_id"],
        postgresql_ops={"dated": "text_pattern_ops"},
    )
    op.create_index(
        "ix_search_key_value", "search_key", ["value", "message_id"], postgresql_ops={"value": "text_pattern_ops"}
    )
