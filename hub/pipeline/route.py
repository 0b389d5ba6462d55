"""Route: a document changes its order; what must go out because of it becomes messages; the merchant gets copies."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub import canonical, orders
from hub.canonical import AnyDocument, Document, Order, OrderLine
from hub.dispatch import Commit, Item
from hub.errors import DataError, finding
from hub.partner import Agreement, route_facts
from hub.pipeline import keys, outbound
from hub.pipeline.context import Content, Context
from hub.pipeline.identify import agreement_for
from hub.pipeline.obligations import Opening
from hub.store import chain
from hub.store.events import last_event, record_event
from hub.store.incidents import open_incident, resolve_incidents
from hub.store.orders import lock_accounts
from hub.store.status import move


class RouteStage:
    """Work of kind "route": a document. Everything it causes is committed with it."""

    kind = "route"
    batch = 200
    bytes = 2 << 20
    """Of documents that are in memory together, unless one alone has more; as objects they take ten times as much."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        sizes = accumulate(item.arguments.get("size", 0) for item in items)
        fitting = max(1, sum(size <= self.bytes for size in sizes))
        commit.leave(items[fitting:])
        items = items[:fitting]
        try:
            self._route(items, commit)
        except DataError as error:  # something in it that the store has no room for
            if len(items) > 1:  # each is tried alone
                raise
            with commit(items) as conn:
                row = chain.get_document(conn, items[0].subject_id)
                _hold(conn, self._context, row, error.code, error.message)

    def _route(self, items: Sequence[Item], commit: Commit) -> None:
        content = self._context.content()
        with self._context.database.read() as conn:  # documents never change while they are to be routed
            found = chain.get_documents(conn, [item.subject_id for item in items])
        rows = [found[item.subject_id] for item in items]
        documents = [canonical.decode(row["body"]) for row in rows]
        with commit(items) as conn:
            lock_accounts(conn, {row["account"] for row in rows})
            opening = Opening(conn, self._context, content)
            batch = _Batch(opening=opening, again=chain.derived_again(conn, [row["message_id"] for row in rows]))
            routings = [
                _Routing(conn, self._context, content, row, document, batch)
                for row, document in zip(rows, documents, strict=True)
            ]
            orders.look_up(conn, [one.order for one in routings if one.order is not None])
            for routing in routings:
                routing.route()
            batch.opening.write()
            resolve_incidents(conn, self._context.now(), batch.settled)


class _Batch(msgspec.Struct, kw_only=True):
    """What documents routed together share. opening: the obligations they open. again: messages that several documents
    were read from. known: orders by business key, as far as looked up. settled: causes of incidents that are none any
    more."""

    opening: Opening
    again: set[str]
    known: dict[str, Mapping[str, Any] | None] = {}
    settled: set[str] = set()


class _Routing:
    """Routes one document in the caller's transaction."""

    def __init__(
        self,
        conn: Transaction,
        context: Context,
        content: Content,
        row: RowMapping,
        document: AnyDocument,
        batch: _Batch,
    ) -> None:
        self._conn = conn
        self._context = context
        self._content = content
        self._now = context.now()
        self._row = row
        self._batch = batch
        self._document = document
        self._around = self._surroundings()
        self._order_id: str | None = None
        self._why: list[str] = []

    @property
    def order(self) -> tuple[Order, orders.Context] | None:
        """The order to look up, if the document is one."""
        return (self._document, self._around) if isinstance(self._document, Order) else None

    def route(self) -> None:
        row, document = self._row, self._document
        outcome = orders.apply(self._conn, document, self._around)
        self._order_id = outcome.order_id
        if outcome.order_id is not None:
            chain.set_document(self._conn, row["id"], order_id=outcome.order_id)
            chain.set_message(self._conn, row["message_id"], order_id=outcome.order_id)
        if not outcome.repeated:
            self._batch.opening.received(document, row, outcome.order_id)
        if outcome.hold is not None:
            self._batch.opening.held(document, row, outcome.order_id)
            self._note(outcome)
            _hold(self._conn, self._context, self._row, outcome.code or "HUB-8001", outcome.hold)
            return
        seen = row["message_id"] in self._batch.again and chain.was_routed(self._conn, row["message_id"], row["id"])
        if outcome.rejected is not None:
            self._reject(outcome)
            return
        if not outcome.repeated and not seen:
            self._copy(document, row["id"], {row["partner"]})
        for outward in outcome.outward:
            self._outward(outward)
        if outcome.repeated:  # replayed, perhaps because nobody had agreed how to send what it caused
            for unsent in chain.documents_unsent(self._conn, row["message_id"]):
                self._to_partner(canonical.decode(unsent["body"]), unsent["partner"], unsent["id"])
                self._say(unsent["type"], unsent["number"], unsent["partner"], "it was not sent yet")
        self._note(outcome)

    def _note(self, outcome: orders.Outcome) -> None:
        """Why what went where, with the message."""
        outward = [type(one.document).__name__ for one in outcome.outward]
        detail = {"note": outcome.note, "outward": outward, "why": self._why}
        record_event(self._conn, self._now, "message", self._row["message_id"], "routed", detail=detail)

    def _say(self, kind: str, number: str | None, partner: str, reason: str) -> None:
        self._why.append(f"{kind} {number or ''} to {partner}: {reason}")

    def _surroundings(self) -> orders.Context:
        row, partners = self._row, self._content.partners
        return orders.Context(
            now=self._now,
            account=row["account"],
            partner=row["partner"],
            environment=row["environment"],
            document_id=row["id"],
            own=partners.account(row["account"]).party(""),
            choose_source=self._choose_source,
            new_id=self._context.new_id,
            is_warehouse=lambda source: partners.get(source).role == "warehouse",
            party_of=lambda source: partners.get(source).party(""),
            known=self._batch.known,
            duplicate=self._on_duplicate,
        )

    def _on_duplicate(self) -> str:
        agreement = agreement_for(self._content, chain.get_message(self._conn, self._row["message_id"]), self._now)
        return agreement.duplicate if agreement is not None else "hold"

    def _choose_source(self, order: Order, line: OrderLine) -> str | None:
        ship_to = order.party("ship_to")
        country = ship_to.address.country if ship_to and ship_to.address and ship_to.address.country else ""
        items = [entry.value for entry in line.ids]
        rule = self._content.partners.source(items, partner=self._row["partner"], ship_to_country=country)
        return rule.ship_from if rule else None

    def _reject(self, outcome: orders.Outcome) -> None:
        """Nothing comes of the document but the answer to its sender, once however often it is derived."""
        message_id = self._row["message_id"]
        found = finding(outcome.code or "HUB-8001", outcome.rejected or "", severity="error")
        before = chain.get_message(self._conn, message_id)["findings"] or []
        move(self._conn, "validation", [message_id], "rejected")
        chain.set_message(self._conn, message_id, findings=[*before, found])
        if last_event(self._conn, "message", message_id, "rejected") is None:
            record_event(self._conn, self._now, "message", message_id, "rejected", detail={"finding": found})
            for outward in outcome.outward:
                self._outward(outward)
        self._note(outcome)

    def _outward(self, outward: orders.Outward) -> None:
        """A document for a partner: kept, copied to the merchant, and written by each agreement that asks for it."""
        kind = type(outward.document).__name__
        row = self._row
        document_id = self._context.new_id()
        chain.insert_document(
            self._conn,
            {
                "id": document_id,
                "type": kind,
                "number": outward.document.number or "",
                "partner": outward.partner,
                "account": row["account"],
                "connection": "",
                "environment": row["environment"],
                "source_id": row["id"],
                "order_id": self._order_id,
                "body": canonical.encode(outward.document),
                "created_at": self._now,
            },
        )
        self._to_partner(outward.document, outward.partner, document_id)
        self._say(kind, outward.document.number, outward.partner, outward.reason)
        self._copy(outward.document, document_id, {outward.partner})

    def _to_partner(self, document: Document, partner: str, document_id: str) -> None:
        """Written by each agreement in force; none is an incident, and replaying what caused it comes here again."""
        kind, row = type(document).__name__, self._row
        agreements = self._content.partners.agreements_out(
            partner, row["account"], kind, row["environment"], now=self._now
        )
        for agreement in agreements:
            self._send(document, document_id, agreement)
        cause = f"no-agreement/{partner}/{kind}"
        if agreements:
            self._batch.settled.add(cause)
            return
        text = (
            f"{partner} should get {kind} {document.number}, but no agreement in force says how. "
            f"Add an [[agreement]] send to partners/{partner}/partner.toml, then replay what caused it."
        )
        open_incident(self._conn, self._context.clock, cause, "HUB-4201", text, "message", row["message_id"])

    def _copy(self, document: Document, document_id: str, told: set[str]) -> None:
        """The merchant's own systems get every document, as it is, and others what the routing rules say. told: who has
        it already."""
        row, partners, kind = self._row, self._content.partners, type(document).__name__
        rules = []
        if partners.has_routes:
            rules = partners.routes(route_facts(document, row["partner"], partners.get(row["partner"]).role))
        if all(rule.copies for rule in rules):
            for agreement in partners.route_copy(row["account"], kind, row["environment"], now=self._now):
                self._send(document, document_id, agreement)
                if agreement.partner not in told:
                    self._say(kind, document.number, agreement.partner, "the merchant's own systems get copies")
                told.add(agreement.partner)
        for rule in rules:
            for partner in rule.to:
                if partner not in told:
                    self._to_partner(document, partner, document_id)
                    self._say(kind, document.number, partner, f'the routing rule "{rule.name}"')
                    told.add(partner)

    def _send(self, document: Document, document_id: str, agreement: Agreement) -> None:
        """One outbound message, still to be written."""
        version = agreement.version if agreement.standard != "edifact" else edifact_version(agreement.version)
        message: dict[str, Any] = {
            **outbound.message_row(self._context, agreement, agreement.type, version),
            "number": (document.number or "")[:200],
            "document_id": document_id,
            "order_id": self._order_id,
            "mapping": agreement.mapping,  # tells two agreements to send the same type apart
            "revision": self._content.revision,
        }
        chain.insert_messages(self._conn, [message])
        self._batch.opening.sent(document, message)
        chain.insert_search_keys(self._conn, [(message["id"], *key) for key in keys.search_keys(document)])
        outbound.queue_writing(self._conn, self._context, agreement, message["id"])


def _hold(conn: Transaction, context: Context, row: RowMapping, code: str, said: str) -> None:
    """The message a document was read from waits for a person."""
    message = chain.get_message(conn, row["message_id"])
    found = [*(message["findings"] or []), finding(code, said, severity="error")]
    move(conn, "validation", [message["id"]], "held")
    chain.set_message(conn, message["id"], hold_reason=said, findings=found)
    cause = f"held/{row['partner']}/{message['type']}/{code}"
    open_incident(conn, context.clock, cause, code, said, "message", message["id"])


def edifact_version(version: str) -> str:
    """ "d96a" as agreements name it -> "D.96A" as messages do."""
    return f"{version[0]}.{version[1:]}".upper() if version and "." not in version else version.upper()
