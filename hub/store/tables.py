"""Every table of the hub. SQLAlchemy Core; ids are UUIDv7 text, so they sort by time of creation.

The chain: payload -> interchange -> message -> document, and outward document -> message -> interchange -> delivery ->
attempt. Three status columns (validation, delivery, acknowledgement) move only as hub.store.status allows.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hub.store.columns import envelope_columns, id_column, ref_column
from hub.store.columns import metadata as metadata
from hub.store.concern import IS_PROBLEM, IS_WAITING
from hub.store.tables_answer import IS_OPEN
from hub.store.tables_answer import answer as answer
from hub.store.tables_due import cadence as cadence
from hub.store.tables_due import obligation as obligation
from hub.store.types import BigInt, Blob, Exact, Json, UtcTime

HAS_DEADLINE = "deliver_by IS NOT NULL"
"""What must be delivered by a certain time."""

PERIOD = 6
"""As many digits of an id are the same for 4.66 hours: 2 to the 24 milliseconds."""

IN_GROUP = "direction = 'out' AND group_control_number IS NOT NULL"
"""What we sent in groups: a 997 names them by number."""

UNSHIPPED = "fulfilment NOT IN ('shipped', 'delivered', 'cancelled')"
"""Orders of which something is still to leave, or to arrive. A query must spell it exactly so."""

# -- the chain -------------------------------------------------------------------------------------------------------

payload = Table(
    "payload",
    metadata,
    id_column(),
    Column("direction", String(3), nullable=False),  # in, out
    *envelope_columns(),
    Column("created_at", UtcTime, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("digest", String(64), nullable=False),  # sha-256, hex
    Column("file_name", Text, nullable=False, default=""),
    Column("protocol_id", String(400)),  # AS2 Message-ID, webhook id, Idempotency-Key, remote file identity
    Column("media_type", String(100), nullable=False, default="application/octet-stream"),
    Column("state", String(20), nullable=False),  # received, identified, unreadable, held, duplicate, refused, receipt
    Column("note", Text),
    Column("body", Blob),  # None: the bytes are in payload_chunk
    Column("archive", Text),  # the bytes are not here any more: the archive file that has them, "" if none has
    UniqueConstraint("connection", "protocol_id"),
    Index("ix_payload_digest", "digest", postgresql_ops={"digest": "text_pattern_ops"}),  # searched by prefix
    Index("ix_payload_protocol_id", "protocol_id", postgresql_ops={"protocol_id": "text_pattern_ops"}),
)

payload_chunk = Table(
    "payload_chunk",
    metadata,
    Column(
        "payload_id", String(36), primary_key=True
    ),  # no foreign key: chunks commit before their payload is accepted
    Column("ordinal", Integer, primary_key=True),
    Column("body", Blob, nullable=False),  # b"": the bytes are in the object store
    Column("object", Text),  # their name there
)

interchange = Table(
    "interchange",
    metadata,
    id_column(),
    ref_column("payload_id", "payload.id", nullable=True),  # an outbound one gets its payload when it is written
    Column("direction", String(3), nullable=False),
    *envelope_columns(),
    Column("ordinal", Integer, nullable=False, default=1),
    Column("standard", String(20), nullable=False),
    Column("sender", String(200), nullable=False, default=""),
    Column("receiver", String(200), nullable=False, default=""),
    Column("control_number", String(35), nullable=False, default=""),
    Column("acknowledgement", String(25), nullable=False, default="none"),
    Column("answers_id", String(36), index=True),  # a technical acknowledgement: the interchange it answers
    Column("header", Json),  # hub.syntax Interchange without its messages, as far as later stages need it
    Column("findings", Json),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_interchange_control", "sender", "receiver", "control_number"),
)

message = Table(
    "message",
    metadata,
    id_column(),
    ref_column("interchange_id", "interchange.id", nullable=True, index=False),  # outbound: None until written
    Column("direction", String(3), nullable=False),
    *envelope_columns(),
    Column("standard", String(20), nullable=False),
    Column("type", String(100), nullable=False),
    Column("version", String(40), nullable=False, default=""),
    Column("ordinal", Integer, nullable=False, default=1),
    Column("association", String(20)),  # UNH 0057, ST03
    Column("group_index", Integer),
    Column("group_ordinal", Integer),  # its place in its group
    Column("group_functional_id", String(10)),
    Column("group_control_number", String(35)),
    Column("control_number", String(35), nullable=False, default=""),
    Column("offset", BigInt),
    Column("length", BigInt),
    Column("number", String(200), nullable=False, default=""),  # the business number: PO, shipment, invoice
    Column("document_id", String(36), index=True),
    Column("order_id", String(36), index=True),
    Column("mapping", String(200)),
    Column("revision", String(64)),
    Column("validation", String(25), nullable=False, default="pending"),
    Column("delivery", String(25), nullable=False, default="none"),
    Column("acknowledgement", String(25), nullable=False, default="none"),
    Column("acknowledgement_due_at", UtcTime),
    Column("deliver_by", UtcTime),  # outbound: an incident if it is not there then; None once that was looked at
    Column("findings", Json),
    Column("hold_reason", Text),
    Column("reissue_of", String(36)),  # the message this one sends again in a new envelope
    Column("edited_from", String(36), index=True),  # the message that a person corrected to this one
    Column("erased_at", UtcTime),  # what it said was overwritten then
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("interchange_id", "ordinal"),
    Index("ix_message_created", "created_at", "id"),
    Index("ix_message_group", "group_control_number", sqlite_where=text(IN_GROUP), postgresql_where=text(IN_GROUP)),
    Index("ix_message_due", "acknowledgement", "acknowledgement_due_at"),
    Index("ix_message_deliver_by", "deliver_by", sqlite_where=text(HAS_DEADLINE), postgresql_where=text(HAS_DEADLINE)),
    Index("ix_message_number", "number", "id", postgresql_ops={"number": "text_pattern_ops"}),  # searched by prefix
    Index("ix_message_partner", "partner", "id"),
    Index("ix_message_problem", "id", sqlite_where=text(IS_PROBLEM), postgresql_where=text(IS_PROBLEM)),
    Index("ix_message_waiting", "id", sqlite_where=text(IS_WAITING), postgresql_where=text(IS_WAITING)),
)

document = Table(
    "document",
    metadata,
    id_column(),
    Column("type", String(60), nullable=False),
    Column("number", String(200), nullable=False, default=""),
    *envelope_columns(),
    Column("message_id", String(36), index=True),  # inbound: the message it was read from
    Column("source_id", String(36), index=True),  # outward: the document that caused it
    Column("order_id", String(36), index=True),
    Column("body", Blob, nullable=False),  # canonical JSON
    Column("created_at", UtcTime, nullable=False),
    Index("ix_document_number", "type", "number"),
)

search_key = Table(
    "search_key",
    metadata,
    Column("message_id", String(36), ForeignKey("message.id"), primary_key=True),
    Column("scheme", String(30), primary_key=True),  # hub.pipeline.keys has them; control
    Column("value", String(200), primary_key=True),
    # How message_id begins, which messages of some hours share, and then the value: of a beginning that fits a great
    # many the newest are found period by period. One column, so that nothing but its own index can answer.
    Column("dated", String(200 + PERIOD), nullable=False),
    Index("ix_search_key_value", "value", "message_id", postgresql_ops={"value": "text_pattern_ops"}),
    Index("ix_search_key_dated", "dated", "message_id", postgresql_ops={"dated": "text_pattern_ops"}),
    sqlite_with_rowid=False,
)

IS_BEHIND = "(state = 'queued' AND tries > 0 AND NOT sending) OR state IN ('in_doubt', 'failed')"
"""A delivery was tried and not made. Few are, so they have an index; a query must spell the condition as it does."""

delivery = Table(
    "delivery",
    metadata,
    id_column(),
    ref_column("interchange_id", "interchange.id"),
    Column("partner", String(200), nullable=False),
    Column("connection", String(200), nullable=False),
    Column("lane", String(200), nullable=False),
    Column("state", String(25), nullable=False),  # queued, delivered, failed, in_doubt, held, cancelled
    Column("sending", Boolean, nullable=False, default=False),  # an attempt began and its outcome is not recorded yet
    Column("tries", Integer, nullable=False, default=0),
    Column("next_at", UtcTime),
    Column("file_name", Text, nullable=False, default=""),
    Column("idempotency_key", String(100), nullable=False),
    Column(
        "policy", Json, nullable=False
    ),  # what its agreement said when it was queued: retry (seconds), due (seconds)
    Column("maybe_duplicate", Boolean, nullable=False, default=False),  # sent again after an unknown outcome
    Column("resend_of", String(36)),
    Column("created_at", UtcTime, nullable=False),
    Column("delivered_at", UtcTime),
    Column("receipt", Json),
    Column("receipt_state", String(10)),  # of the far end's own receipt: hub.store.receipts; None: none was spoken of
    Column("receipt_due_at", UtcTime),
    Column("parcel", Json),  # a receipt of ours: hub.connector.Parcel without its body, as its connector made it
    Index("ix_delivery_behind", "connection", sqlite_where=text(IS_BEHIND), postgresql_where=text(IS_BEHIND)),
    Index("ix_delivery_receipt", "receipt_due_at", sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN)),
)

attempt = Table(
    "attempt",
    metadata,
    id_column(),
    ref_column("delivery_id", "delivery.id"),
    Column("number", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("outcome", String(25), nullable=False),  # started, delivered, transient, permanent, in_doubt
    Column("code", String(20)),
    Column("detail", Text),
)

event = Table(
    "event",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column(
        "subject_type", String(30), nullable=False
    ),  # payload, interchange, message, delivery, order, connection, revision
    Column("subject_id", String(200), nullable=False),
    Column("name", String(60), nullable=False),
    Column("actor", String(100), nullable=False, default="hub"),
    Column("detail", Json),
    Index("ix_event_subject", "subject_type", "subject_id"),
)

incident = Table(
    "incident",
    metadata,
    id_column(),
    Column("cause", String(300), nullable=False),  # one row a cause while it is open
    Column("code", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("subject_type", String(30), nullable=False),
    Column("subject_id", String(200), nullable=False),
    Column("count", Integer, nullable=False, default=1),
    Column("security", Boolean, nullable=False, default=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Index("ix_incident_cause", "cause", "resolved_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=False),  # 1, 2, 3 .. without a gap
    Column("at", UtcTime, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject_type", String(30), nullable=False),
    Column("subject_id", String(500), nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("digest", String(64), nullable=False),  # of all of this and of the digest before, hub.store.audit
    Index("ix_audit_subject", "subject_type", "subject_id"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one row
    Column("seq", BigInt, nullable=False),
    Column("digest", String(64), nullable=False),
)

bulk = Table(
    "bulk",
    metadata,
    id_column(),
    Column("action", String(60), nullable=False),
    Column("wanted", Json, nullable=False),  # the filter, hub.store.browse.MessageFilter
    Column("options", Json, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),  # running, done, cancelled
    Column("upto", String(36), nullable=False),  # the newest message it is about
    Column("reached", String(36), nullable=False, default=""),  # the message it has dealt with last
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("refusals", Json, nullable=False),  # the first of them: [{"message": id, "text": why}]
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

control_number = Table(
    "control_number",
    metadata,
    Column("scope", String(500), primary_key=True),  # "x12/interchange/ZZ:US/ZZ:THEM", "x12/group/PO/US/THEM"
    Column("last", BigInt, nullable=False),
)

# -- the mailbox: a virtual folder over the store ----------------------------------------------------------------------

mailbox_file = Table(
    "mailbox_file",
    metadata,
    id_column(),
    Column("connection", String(200), nullable=False),
    Column("folder", String(20), nullable=False),  # inbox (what the partner uploads), outbox (what it collects)
    Column("name", Text, nullable=False),
    Column("state", String(20), nullable=False),  # uploading, aborted, received, waiting, collected, removed
    Column("payload_id", String(36), index=True),
    Column("delivery_id", String(36), unique=True),
    Column("size", BigInt, nullable=False, default=0),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Index("ix_mailbox_file_folder", "connection", "folder", "state"),
)

host_key = Table(
    "host_key",
    metadata,
    Column("type", String(40), primary_key=True),  # ed25519, ..
    Column("body", Blob, nullable=False),  # OpenSSH private key
    Column("created_at", UtcTime, nullable=False),
)

# -- work: lanes, leases, timers ---------------------------------------------------------------------------------------

lane = Table(
    "lane",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("connection", String(200), nullable=False, default=""),
    Column("state", String(10), nullable=False, default="asleep"),  # asleep, ready, leased, paused
    Column("due_at", UtcTime),  # the earliest run_at of its work; None when it has none
    Column("owner", String(100)),
    Column("epoch", BigInt, nullable=False, default=0),
    Column("leased_until", UtcTime),
    Column("backoff_until", UtcTime),
    Column("failures", Integer, nullable=False, default=0),  # in a row, of the partner's system
    Column("paused", Boolean, nullable=False, default=False),
    Column("drain_by", String(100)),  # who wants it paused once it is empty; None: nobody
    Column("strict", Boolean, nullable=False, default=False),  # failing work pauses the lane and is not set aside
    Index("ix_lane_due", "state", "due_at"),
)

work = Table(
    "work",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("lane", String(300), ForeignKey("lane.name"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject_id", String(200), nullable=False),
    Column("arguments", Json),
    Column("run_at", UtcTime),  # a timer; None: at once, in the lane's order
    Column("tries", Integer, nullable=False, default=0),  # begun and not ended
    Column("set_aside", Boolean, nullable=False, default=False),  # a person must look; the lane goes on without it
    Column("note", Text),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_work_lane", "lane", "set_aside", "id"),
    Index("ix_work_subject", "subject_id", "kind"),  # what a person holds or cancels is taken back
)

circuit = Table(
    "circuit",
    metadata,
    Column("connection", String(200), primary_key=True),  # only of connections that failed or have a rate
    Column("state", String(10), nullable=False, default="closed"),  # closed, open, half_open
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("since", UtcTime, nullable=False),  # of the state
    Column("next_at", UtcTime),  # open: when one try may be made; half_open: when that try counts as lost
    Column("error", Text),
    Column("free_at", UtcTime),  # when the rate lets the next delivery begin
)

# -- revisions ---------------------------------------------------------------------------------------------------------

revision = Table(
    "revision",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("code_digest", String(64), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("author", String(100), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=False),
)

revision_file = Table(
    "revision_file",
    metadata,
    Column("revision", String(64), ForeignKey("revision.digest"), primary_key=True),
    Column("path", String(400), primary_key=True),
    Column("body", Blob, nullable=False),
)

# -- the order's life --------------------------------------------------------------------------------------------------

sales_order = Table(
    "sales_order",
    metadata,
    id_column(),
    *envelope_columns(),
    Column("number", String(200), nullable=False),
    Column(
        "business_key", String(400), nullable=False, unique=True
    ),  # account/partner/environment/number/release/ship-to
    Column("order_type", String(40)),
    Column("document_id", String(36), nullable=False),
    Column("review", String(25), nullable=False, default="pending"),  # pending, approved, held, rejected
    Column("hold_reason", Text),
    # Its statuses as hub.orders.life derives them from its quantities, so that orders can be listed by them.
    Column("fulfilment", String(25), nullable=False, server_default="ordered"),
    Column("money", String(25), nullable=False, server_default="not_invoiced"),
    Column("after_sales", String(25), nullable=False, server_default="none"),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_sales_order_number", "number", "id", postgresql_ops={"number": "text_pattern_ops"}),
    Index("ix_sales_order_partner", "partner", "id"),
    Index("ix_sales_order_fulfilment", "fulfilment", "id"),
    Index("ix_sales_order_unshipped", "id", sqlite_where=text(UNSHIPPED), postgresql_where=text(UNSHIPPED)),
)

order_line = Table(
    "order_line",
    metadata,
    id_column(),
    ref_column("order_id", "sales_order.id", index=False),
    Column("number", String(40), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("item", String(200), nullable=False, default=""),
    Column("description", Text, nullable=False, default=""),
    Column("unit", String(10)),
    Column("price", Exact),
    UniqueConstraint("order_id", "number"),
)

quantity_event = Table(
    "quantity_event",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=True),
    ref_column("order_id", "sales_order.id"),
    ref_column("line_id", "order_line.id", index=False),
    Column(
        "kind", String(20), nullable=False
    ),  # ordered, accepted, backordered, cancelled, allocated, released, .., returned
    Column("quantity", Exact, nullable=False),  # a correction is a negative one
    Column("document_id", String(36)),
    Column("cause", String(200), nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("line_id", "kind", "cause"),  # the same fact twice counts once
)

fulfilment = Table(
    "fulfilment",
    metadata,
    id_column(),
    ref_column("order_id", "sales_order.id"),
    Column(
        "number", String(100), nullable=False, unique=True
    ),  # our number towards the source: 940 W0502, ORDERS BGM02
    Column("source", String(200), nullable=False),  # the partner who ships it
    Column("document_id", String(36)),
    Column("state", String(20), nullable=False),  # released, closed, cancelled
    Column("lines", Json, nullable=False),  # [{"line": order line number, "quantity": "10"}]
    Column("reason", Text, nullable=False, default=""),  # why this source
    Column("created_at", UtcTime, nullable=False),
)

package = Table(
    "package",
    metadata,
    id_column(),
    ref_column("order_id", "sales_order.id"),
    ref_column("fulfilment_id", "fulfilment.id"),
    Column("shipment", String(100), nullable=False),  # the number of our ship notice
    Column("sscc", String(18), index=True),
    Column("tracking", String(100), index=True),
    Column("lines", Json, nullable=False),  # [{"line": order line number, "quantity": "10"}]
    Column("created_at", UtcTime, nullable=False),
)

tracking = Table(
    "tracking",
    metadata,
    id_column(),
    Column("number", String(100), nullable=False),
    Column("order_id", String(36), index=True),  # None until a shipment names the number
    Column("status", String(30), nullable=False),
    Column("at", UtcTime),
    Column("said", Json),  # date, time and zone as the carrier sent them, code, reason, place
    Column("document_id", String(36)),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_tracking_number", "number"),
)
