"""What people enter: a document in a partner's name, a fact of an order, an order begun in another system."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction

from hub import canonical, orders
from hub.canonical import AnyDocument, Order
from hub.dispatch import enqueue
from hub.errors import UsageError
from hub.orders.byhand import OpenFulfilment, OpenLine, enter_fact, import_order
from hub.pipeline import keys
from hub.pipeline.context import Context
from hub.pipeline.correct import read_document
from hub.pipeline.translate import order_lane
from hub.store import audit, chain
from hub.store.events import record_event


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """In whose name something is entered. account: "" is the only one there is."""

    partner: str
    account: str = ""
    environment: str = "production"


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order of an import, as a line of JSON. document: the canonical Order."""

    partner: str
    document: msgspec.Raw
    account: str = ""
    environment: str = "production"
    facts: list[OpenLine] = []
    fulfilments: list[OpenFulfilment] = []


class Enter:
    """UsageError, of all of them: a partner, account, order or line is not there, or the document is not right."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def document(self, body: bytes, whose: Whose, actor: str, reason: str) -> str:
        """A document as if that partner had sent it: a confirmation by phone, a tracking number out of a mail. The id
        of its message, which goes on like any other."""
        whose = self._known(whose)
        document = read_document(body)
        context = self._context
        with context.database.begin() as conn:
            audit.lock_audit(conn)
            message_id, document_id = self._message(conn, whose, document, {})
            order = next((value for scheme, value in keys.search_keys(document) if scheme == "order"), "")
            lane = order_lane(whose.account, order or document.number or "")
            enqueue(conn, context.now(), lane=lane, kind="route", subject_id=document_id)
            told = {"document": type(document).__name__}
            self._log(conn, "enter", ("message", message_id), (actor, reason), told)
            record_event(conn, context.now(), "message", message_id, "entered", actor, {"reason": reason})
        return message_id

    def fact(
        self, order_id: str, line: str, kind: str, quantity: Decimal, actor: str, reason: str
    ) -> Mapping[str, str]:
        """So much of an order's line was accepted, shipped, cancelled, ..: what the line has then."""
        context = self._context
        with context.database.begin() as conn:
            audit.lock_audit(conn)
            after = enter_fact(
                conn,
                context.now(),
                order_id=order_id,
                line=line,
                kind=kind,
                quantity=quantity,
                fact_id=context.new_id(),
                actor=actor,
                reason=reason,
            )
            told = {"line": line, "kind": kind, "quantity": str(quantity)}
            self._log(conn, "enter", ("order", order_id), (actor, reason), told)
        return after

    def open_order(self, given: OpenOrder, actor: str, reason: str) -> str | None:
        """Takes over an order that another system has begun, without telling anybody. Its id; None: it is here
        already."""
        whose = self._known(Whose(partner=given.partner, account=given.account, environment=given.environment))
        document = read_document(bytes(given.document))
        if not isinstance(document, Order):
            raise UsageError("HUB-6028", f"Only orders are imported, and this is a {type(document).__name__}.")
        context = self._context
        with context.database.begin() as conn:
            audit.lock_audit(conn)
            document_id = context.new_id()
            surroundings = self._surroundings(whose, document_id)
            order_id = import_order(conn, document, surroundings, given.facts, given.fulfilments)
            if order_id is None:
                return None
            self._message(conn, whose, document, {"order_id": order_id}, document_id)
            self._log(conn, "import", ("order", order_id), (actor, reason), {"number": document.number})
        return order_id

    def _known(self, whose: Whose) -> Whose:
        partners = self._context.content().partners
        if whose.partner not in partners:
            raise UsageError("HUB-6028", f"There is no partner {whose.partner}: hub partner list")
        accounts = [one.id for one in partners.accounts()]
        account = whose.account or (accounts[0] if len(accounts) == 1 else "")
        if account not in accounts:
            raise UsageError("HUB-6028", f'There is no account "{account}"; these are: {", ".join(accounts)}.')
        return msgspec.structs.replace(whose, account=account)

    def _message(
        self,
        conn: Transaction,
        whose: Whose,
        document: AnyDocument,
        columns: Mapping[str, Any],
        document_id: str | None = None,
    ) -> tuple[str, str]:
        """A message without bytes, and its document. Their ids."""
        context = self._context
        message_id, made, now = context.new_id(), document_id or context.new_id(), context.now()
        owner = {"partner": whose.partner, "account": whose.account, "environment": whose.environment, "connection": ""}
        number, kind = (document.number or "")[:200], type(document).__name__
        chain.insert_document(
            conn,
            {
                "id": made,
                "type": kind,
                "number": number,
                **owner,
                "message_id": message_id,
                "order_id": columns.get("order_id"),
                "body": canonical.encode(document),
                "created_at": now,
            },
        )
        row = {"id": message_id, "direction": "in", **owner, "standard": "json", "type": kind, "number": number}
        state = {"validation": "accepted", "document_id": made, "revision": context.content().revision}
        chain.insert_messages(conn, [{**row, **state, "created_at": now, **columns}])
        chain.add_search_keys(conn, message_id, keys.search_keys(document))
        return message_id, made

    def _surroundings(self, whose: Whose, document_id: str) -> orders.Context:
        partners = self._context.content().partners
        return orders.Context(
            now=self._context.now(),
            account=whose.account,
            partner=whose.partner,
            environment=whose.environment,
            document_id=document_id,
            own=partners.account(whose.account).party(""),
            choose_source=lambda _order, _line: None,
            new_id=self._context.new_id,
            is_warehouse=lambda source: partners.get(source).role == "warehouse",
            party_of=lambda source: partners.get(source).party(""),
            known={},
        )

    def _log(
        self, conn: Transaction, action: str, on: tuple[str, str], by: tuple[str, str], after: Mapping[str, Any]
    ) -> None:
        """on: type and id. by: who, and why."""
        (type_, id_), (actor, reason), now = on, by, self._context.now()
        audit.append(
            conn, now, actor=actor, action=action, subject_type=type_, subject_id=id_, reason=reason, after=after
        )
