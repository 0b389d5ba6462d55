"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

from hub.store.types import BigInt, Blob, Exact, Json, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "control_number",
        sa.Column("scope", sa.String(length=500), nullable=False),
        sa.Column("last", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_control_number")),
    )
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
    op.create_index(op.f("ix_document_message_id"), "document", ["message_id"], unique=False)
    op.create_index("ix_document_number", "document", ["type", "number"], unique=False)
    op.create_index(op.f("ix_document_order_id"), "document", ["order_id"], unique=False)
    op.create_index(op.f("ix_document_source_id"), "document", ["source_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", BigInt, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("subject_type", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("detail", Json(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_subject", "event", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "host_key",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_host_key")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_cause", "incident", ["cause", "resolved_at"], unique=False)
    op.create_table(
        "lane",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=True),
        sa.Column("epoch", BigInt, nullable=False),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("backoff_until", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lane")),
    )
    op.create_index("ix_lane_due", "lane", ["state", "due_at"], unique=False)
    op.create_table(
        "mailbox_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("folder", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("payload_id", sa.String(length=36), nullable=True),
        sa.Column("delivery_id", sa.String(length=36), nullable=True),
        sa.Column("size", BigInt, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_file")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_mailbox_file_delivery_id")),
    )
    op.create_index("ix_mailbox_file_folder", "mailbox_file", ["connection", "folder", "state"], unique=False)
    op.create_index(op.f("ix_mailbox_file_payload_id"), "mailbox_file", ["payload_id"], unique=False)
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payload")),
        sa.UniqueConstraint("connection", "protocol_id", name=op.f("uq_payload_connection_protocol_id")),
    )
    op.create_index("ix_payload_digest", "payload", ["digest"], unique=False)
    op.create_table(
        "payload_chunk",
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.PrimaryKeyConstraint("payload_id", "ordinal", name=op.f("pk_payload_chunk")),
    )
    op.create_table(
        "revision",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_revision")),
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
    op.create_index("ix_sales_order_number", "sales_order", ["number"], unique=False)
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
    op.create_index("ix_tracking_number", "tracking", ["number"], unique=False)
    op.create_index(op.f("ix_tracking_order_id"), "tracking", ["order_id"], unique=False)
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
    op.create_index(op.f("ix_fulfilment_order_id"), "fulfilment", ["order_id"], unique=False)
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
    op.create_index(op.f("ix_interchange_answers_id"), "interchange", ["answers_id"], unique=False)
    op.create_index("ix_interchange_control", "interchange", ["sender", "receiver", "control_number"], unique=False)
    op.create_index(op.f("ix_interchange_payload_id"), "interchange", ["payload_id"], unique=False)
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
    op.create_index(op.f("ix_order_line_order_id"), "order_line", ["order_id"], unique=False)
    op.create_table(
        "revision_file",
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revision.digest"], name=op.f("fk_revision_file_revision")),
        sa.PrimaryKeyConstraint("revision", "path", name=op.f("pk_revision_file")),
    )
    op.create_table(
        "work",
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.Column("lane", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=200), nullable=False),
        sa.Column("arguments", Json(), nullable=True),
        sa.Column("run_at", UtcTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lane"], ["lane.name"], name=op.f("fk_work_lane")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    op.create_index("ix_work_lane", "work", ["lane", "set_aside", "id"], unique=False)
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
    op.create_index(op.f("ix_delivery_interchange_id"), "delivery", ["interchange_id"], unique=False)
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
        sa.Column("findings", Json(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("reissue_of", sa.String(length=36), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["interchange_id"], ["interchange.id"], name=op.f("fk_message_interchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("interchange_id", "ordinal", name=op.f("uq_message_interchange_id_ordinal")),
    )
    op.create_index("ix_message_created", "message", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_message_document_id"), "message", ["document_id"], unique=False)
    op.create_index("ix_message_due", "message", ["acknowledgement", "acknowledgement_due_at"], unique=False)
    op.create_index(op.f("ix_message_interchange_id"), "message", ["interchange_id"], unique=False)
    op.create_index(
        "ix_message_number", "message", ["number"], unique=False, postgresql_ops={"number": "text_pattern_ops"}
    )
    op.create_index(op.f("ix_message_order_id"), "message", ["order_id"], unique=False)
    op.create_index("ix_message_partner", "message", ["partner", "id"], unique=False)
    problem = sa.text(
        "validation IN ('rejected', 'held') OR delivery IN ('failed', 'in_doubt', 'held') "
        "OR acknowledgement IN ('partially', 'rejected', 'overdue')"
    )
    op.create_index("ix_message_problem", "message", ["id"], sqlite_where=problem, postgresql_where=problem)
    waiting = sa.text("validation IN ('pending') OR delivery IN ('queued') OR acknowledgement IN ('expected')")
    op.create_index("ix_message_waiting", "message", ["id"], sqlite_where=waiting, postgresql_where=waiting)
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
    op.create_index(op.f("ix_package_fulfilment_id"), "package", ["fulfilment_id"], unique=False)
    op.create_index(op.f("ix_package_order_id"), "package", ["order_id"], unique=False)
    op.create_index(op.f("ix_package_sscc"), "package", ["sscc"], unique=False)
    op.create_index(op.f("ix_package_tracking"), "package", ["tracking"], unique=False)
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
    op.create_index(op.f("ix_quantity_event_line_id"), "quantity_event", ["line_id"], unique=False)
    op.create_index(op.f("ix_quantity_event_order_id"), "quantity_event", ["order_id"], unique=False)
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
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"], unique=False)
    op.create_table(
        "search_key",
        sa.Column("scheme", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_search_key_message_id")),
        sa.PrimaryKeyConstraint("scheme", "value", "message_id", name=op.f("pk_search_key")),
    )
    op.create_index("ix_search_key_message", "search_key", ["message_id"], unique=False)
    op.create_index(
        "ix_search_key_value", "search_key", ["value"], unique=False, postgresql_ops={"value": "text_pattern_ops"}
    )
