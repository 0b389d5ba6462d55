"""Obligations as documents come and go: rules of the partners' files open them, the right document meets them.

Only what happens in production counts. What we owe is met when the message is delivered, not when it is written, so a
delivery carries the obligations it meets.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction

from hub.canonical import Document
from hub.partner import Obligation
from hub.pipeline import keys
from hub.pipeline.context import Content, Context
from hub.store import obligations as store
from hub.store.events import record_event
from hub.store.incidents import open_incident

MOST = 200
"""As many are looked at in one transaction."""


class _By(msgspec.Struct, frozen=True, kw_only=True):
    """What opens an obligation, and when. cause: the same one opens it once."""

    at: datetime
    account: str
    message_id: str
    cause: str


class Opening:
    """Gathers what the documents of one transaction open, and writes it at the end."""

    def __init__(self, conn: Transaction, context: Context, content: Content) -> None:
        self._conn = conn
        self._context = context
        self._partners = content.partners
        self._rows: list[dict[str, Any]] = []
        self._learned: list[tuple[str, Document, Any]] = []

    def received(self, document: Document, row: Any, order_id: str | None) -> None:
        """A document came from a partner: it meets what the partner owed, and opens what follows from it. row: of the
        document, or of the message it was read from (message_id, partner, account, environment, created_at)."""
        if row["environment"] != "production":
            return
        kind, partner, at = type(document).__name__, row["partner"], row["created_at"]
        if self._partners.wants(partner, f"receive {kind}"):
            numbers = {value for _, value in keys.search_keys(document)} | {document.number or ""} - {""}
            met = store.answered(self._conn, partner, f"receive {kind}", numbers)
            store.meet(self._conn, at, [one["id"] for one in met], row["message_id"])
        opened_by = _By(at=at, account=row["account"], message_id=row["message_id"], cause=row["message_id"])
        self._open(partner, f"receive {kind}", document, opened_by, order_id)
        if order_id is not None and self._partners.learns(f"learn {kind}"):
            self._learned.append((order_id, document, opened_by))

    def held(self, document: Document, row: Any, order_id: str | None) -> None:
        """A document that came waits for a person. row: as in received."""
        if row["environment"] == "production":
            message_id = row["message_id"]
            opened_by = _By(at=self._context.now(), account=row["account"], message_id=message_id, cause=message_id)
            self._open(row["partner"], f"hold {type(document).__name__}", document, opened_by, order_id)

    def sent(self, document: Document, message: Any) -> None:
        """A document is to go to a partner. message: the row of the message."""
        if message["environment"] == "production":
            opened_by = _By(
                at=self._context.now(),
                account=message["account"],
                message_id=message["id"],
                cause=message["document_id"],
            )
            event = f"send {type(document).__name__}"
            self._open(message["partner"], event, document, opened_by, message["order_id"])

    def write(self) -> None:
        """Opens what was gathered."""
        told = store.orders_told(self._conn, [one[0] for one in self._learned]) if self._learned else {}
        for order_id, document, opened_by in self._learned:
            order, event = told[order_id], f"learn {type(document).__name__}"
            self._open(order["partner"], event, document, opened_by, order_id, order["number"])
        store.open_obligations(self._conn, self._rows)

    def _open(
        self,
        partner: str,
        event: str,
        document: Document,
        opened_by: "_By",
        order_id: str | None,
        order_number: str | None = None,
    ) -> None:
        for rule in self._partners.obligations(partner, event):
            number = document.number if rule.about == "number" else order_number or _order_of(document)
            if not number or not rule.is_opened_by(document):
                continue
            times = rule.due(self._partners.get(partner).calendar, opened_by.at, document)
            risk = self._at_risk(rule, document, order_id) if times else {}
            for ordinal, due in enumerate(times, 1):
                self._rows.append(
                    {
                        "id": self._context.new_id(),
                        "kind": rule.kind,
                        "ordinal": ordinal,
                        "partner": partner,
                        "wants": rule.wants,
                        "number": number[:200],
                        "account": opened_by.account,
                        "cause": opened_by.cause,
                        "message_id": opened_by.message_id,
                        "order_id": order_id,
                        "opened_at": opened_by.at,
                        "due_at": due,
                        "look_at": due - rule.warn,
                        "state": "open",
                        **risk,
                    }
                )

    def _at_risk(self, rule: Obligation, document: Document, order_id: str | None) -> dict[str, Any]:
        """The money at risk; of an order without prices nobody knows it."""
        if rule.penalty is None:
            return {"penalty": None, "currency": None}
        currency = rule.penalty.currency or getattr(document, "currency", None)
        worth: Decimal | None = None
        if not rule.penalty.currency and order_id is not None:
            worth = store.order_value(self._conn, order_id) or None
        return {"penalty": rule.penalty.of(worth), "currency": currency}


def _order_of(document: Document) -> str | None:
    """The number of the order a document is about."""
    return next((value for scheme, value in keys.search_keys(document) if scheme == "order"), None)


def met_by(conn: Transaction, content: Content, row: Any, document: str, found: Sequence[tuple[str, str]]) -> list[str]:
    """The open obligations that an outbound message meets once it is delivered. row: the message. document: its
    document's type. found: its search keys."""
    events = [
        event for event in (f"send {document}", f"send {row['type']}") if content.partners.wants(row["partner"], event)
    ]
    if row["environment"] != "production" or not events:
        return []
    numbers = {value for _, value in found} | {row["number"]}
    return [one["id"] for event in events for one in store.answered(conn, row["partner"], event, numbers)]


def look(conn: Transaction, context: Context) -> bool:
    """Says which obligations are due soon, and which are missed. True: there are more to look at."""
    now = context.now()
    rows = store.to_look_at(conn, now, MOST)
    for row in rows:
        if now < row["due_at"]:
            store.set_obligation(conn, row["id"], warned_at=now, look_at=row["due_at"])
            _tell(conn, now, row, "obligation_due_soon")
            continue
        store.set_obligation(conn, row["id"], missed_at=now, look_at=None)
        _tell(conn, now, row, "obligation_missed")
        cause = store.cause_of(row["partner"], row["kind"])
        subject = ("message", row["message_id"]) if row["message_id"] else ("obligation", row["id"])
        open_incident(conn, context.clock, cause, "HUB-4210", _missed(row), *subject)
    return len(rows) == MOST


def _tell(conn: Transaction, now: datetime, row: Any, name: str) -> None:
    if row["message_id"]:
        detail = {"obligation": row["id"], "kind": row["kind"], "due": row["due_at"]}
        record_event(conn, now, "message", row["message_id"], name, detail=detail)


def _missed(row: Any) -> str:
    verb, _, document = row["wants"].partition(" ")
    due = f"{row['due_at']:%Y-%m-%d %H:%M} UTC"
    risk = f" At risk: {row['penalty']} {row['currency'] or ''}".rstrip() + "." if row["penalty"] is not None else ""
    if verb == "review":
        text = f"{row['partner']}'s {document} {row['number']} is held, and nobody has looked at it by {due}."
        return f"{text}{risk} See why it waits: unhold, edit, replay or ignore it."
    if verb == "send":
        text = f"We owe {row['partner']} the {document} for {row['number']} ({row['kind']}), due {due}."
        return f"{text}{risk} See what holds it up, then send it; or close the obligation with a reason."
    text = f"{row['partner']} owes us the {document} for {row['number']} ({row['kind']}), due {due}."
    return f"{text}{risk} Ask {row['partner']} for it; or close the obligation with a reason."
