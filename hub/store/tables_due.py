"""Tables of what is awaited: obligations, and what should come at a cadence. They are among hub.store.tables."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from hub.store.columns import id_column, metadata
from hub.store.types import Exact, UtcTime

OPEN = "state = 'open'"
AWAITED = "look_at IS NOT NULL"
"""Conditions of partial indexes; a query must spell them exactly so."""

obligation = Table(
    "obligation",
    metadata,
    id_column(),
    Column("kind", String(60), nullable=False),  # the rule's name in the partner's file
    Column("ordinal", Integer, nullable=False, default=1),  # of those that the rule opens at once: 24 h, 48 h
    Column("partner", String(200), nullable=False),
    Column("account", String(200), nullable=False),
    Column("wants", String(80), nullable=False),  # what meets it: "send OrderResponse"
    Column("number", String(200), nullable=False),  # the business number that must be in it
    Column("cause", String(36), nullable=False),  # what opened it: once for each kind and partner
    Column("message_id", String(36)),  # the message it was opened by
    Column("order_id", String(36), index=True),
    Column("opened_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("look_at", UtcTime),  # when it is due soon, or due; None: nothing more is to be said of it
    Column("state", String(10), nullable=False, default="open"),  # open, met, closed (by a person)
    Column("warned_at", UtcTime),
    Column("missed_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("met_by", String(36)),  # the message that met it
    Column("actor", String(100)),
    Column("reason", Text),
    Column("penalty", Exact),
    Column("currency", String(3)),
    UniqueConstraint("cause", "kind", "partner", "ordinal"),
    Index("ix_obligation_look", "look_at", sqlite_where=text(AWAITED), postgresql_where=text(AWAITED)),
    Index("ix_obligation_open", "due_at", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_obligation_wants", "partner", "number", "wants", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
)

cadence = Table(
    "cadence",
    metadata,
    Column("name", String(500), primary_key=True),  # partner/account/environment/direction/standard/version/type
    Column("partner", String(200), nullable=False),
    Column("account", String(200), nullable=False),
    Column("environment", String(200), nullable=False),
    Column("direction", String(3), nullable=False),
    Column("standard", String(20), nullable=False),
    Column("type", String(100), nullable=False),
    Column("said", String(60), nullable=False),  # as the agreement has it: when that changes, it begins anew
    Column("heard_at", UtcTime, nullable=False),  # the newest message of it, or when it was first awaited
    Column("due_at", UtcTime, nullable=False),  # by when the next one should come
    Column("silent", Boolean, nullable=False, default=False),
    Column("look_at", UtcTime, nullable=False, index=True),
)
