"""The shapes the API answers with that are more than rows of the store."""

from datetime import datetime

import msgspec

from hub.api.raw import RawView
from hub.orders.life import Statuses
from hub.store.audit import Entry
from hub.store.browse import MessageRow
from hub.store.browse_incident import IncidentRow
from hub.store.browse_message import MessageChain
from hub.store.browse_order import OrderRows
from hub.store.bulks import BulkRow
from hub.store.mailbox import AbortedUpload


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a code means, and what to do."""

    title: str
    meaning: str
    fix: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that makes sense for a message as it stands."""

    action: str
    effect: str
    needs_reason: bool


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """raw: the message's bytes; None where there are none yet. codes explains every code the findings carry."""

    chain: MessageChain
    raw: RawView | None
    codes: dict[str, Explanation]
    offered: list[Offer]
    now: datetime


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    order: OrderRows
    statuses: Statuses
    now: datetime


class Incidents(msgspec.Struct, frozen=True, kw_only=True):
    incidents: list[IncidentRow]


class Uploads(msgspec.Struct, frozen=True, kw_only=True):
    """Uploads whose session was lost."""

    aborted: list[AbortedUpload]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What the live stream sends: messages as they are now, oldest first."""

    messages: list[MessageRow]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """It is done."""

    done: str
    subject: str


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """head: the log's newest number and digest."""

    entries: list[Entry]
    head: str


class Bulks(msgspec.Struct, frozen=True, kw_only=True):
    bulks: list[BulkRow]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    status: str


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the caller is signed in now."""

    signed_in: bool
