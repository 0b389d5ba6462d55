"""The shapes the API answers with that are more than rows of the store."""

from datetime import datetime
from typing import Any

import msgspec

from hub.api.raw import RawView
from hub.orders.life import Statuses
from hub.store.browse import ConnectionRow, IncidentRow, MessageRow
from hub.store.browse_message import MessageChain
from hub.store.browse_order import OrderRows


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a code means, and what to do."""

    title: str
    meaning: str
    fix: str


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """raw: the message's bytes; None where there are none yet. codes explains every code the findings carry."""

    chain: MessageChain
    raw: RawView | None
    codes: dict[str, Explanation]
    now: datetime


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    order: OrderRows
    statuses: Statuses
    now: datetime


class Incidents(msgspec.Struct, frozen=True, kw_only=True):
    incidents: list[IncidentRow]


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    connections: list[ConnectionRow]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What the live stream sends: messages as they are now, oldest first."""

    messages: list[MessageRow]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operation."""

    result: dict[str, Any]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    status: str


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the caller is signed in now."""

    signed_in: bool
