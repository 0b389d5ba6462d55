"""The routes of messages, orders and how things stand."""

import itertools
import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI, Query, Response
from fastapi.responses import StreamingResponse

from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import Explanation, Incidents, MessageDetail, Offer, OrderDetail, Uploads
from hub.api.raw import LIMIT, raw_view
from hub.catalogue import CATALOGUE
from hub.orders.life import statuses
from hub.pipeline.operations import ACTIONS, offered_for
from hub.store.blobs import iter_payload, read_slice
from hub.store.browse import (
    MessageFilter,
    MessagePage,
    Summary,
    list_messages,
    summary,
)
from hub.store.browse_incident import list_incidents
from hub.store.browse_message import MessageChain, message_chain, message_place, payload_name
from hub.store.browse_order import order_rows
from hub.store.browse_orders import STATES, OrderFilter, OrderPage, list_orders
from hub.store.mailbox import aborted_uploads

_Text = Annotated[str, Query(max_length=200)]


def _missing(kind: str, row_id: str) -> RequestError:
    return RequestError(404, "HUB-9103", f"There is no {kind} {row_id}.")


def _explained(chain: MessageChain) -> dict[str, Explanation]:
    refused = chain.refusal.findings if chain.refusal else []
    codes = {finding.code for finding in (*chain.findings, *chain.interchange_findings, *refused)}
    codes |= {attempt.code for entry in chain.deliveries for attempt in entry.attempts if attempt.code}
    rows = [CATALOGUE[code] for code in sorted(codes) if code in CATALOGUE]
    return {row.code: Explanation(title=row.title, meaning=row.meaning, fix=row.fix) for row in rows}


def _as_file(name: str) -> dict[str, str]:
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "payload"
    return {"Content-Disposition": f'attachment; filename="{safe}"'}


def add_messages(app: FastAPI, context: Context) -> None:
    @app.get("/api/messages", **answers(MessagePage))
    def messages(
        q: _Text = "",
        partner: _Text = "",
        type: _Text = "",
        direction: Annotated[str, Query(pattern="^(in|out|)$")] = "",
        status: _Text = "",
        before: Annotated[str, Query(max_length=36)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Newest first. q: a business key or its beginning. status: problem, waiting, done, or field:value."""
        wanted = MessageFilter(query=q.strip(), partner=partner, type=type, direction=direction, status=status)
        with context.database.read() as conn:
            try:
                page = list_messages(conn, wanted, before=before or None, limit=limit)
            except ValueError as error:
                known = "problem, waiting, done, or a field and a value such as delivery:failed"
                raise RequestError(400, "HUB-9104", f"The status {status!r} is not one of {known}.") from error
        return answer(page)

    @app.get("/api/messages/{message_id}", **answers(MessageDetail))
    def message(message_id: str) -> Response:
        """Everything of one message: its bytes, document, deliveries, acknowledgements, and what came of it."""
        with context.database.read() as conn:
            chain = message_chain(conn, message_id)
            if chain is None:
                raise _missing("message", message_id)
            raw = None
            if (place := chain.place) and chain.payload and chain.payload.archive is None:
                body = read_slice(conn, place.payload_id, place.offset, min(place.length, LIMIT))
                raw = raw_view(body, place, [*chain.findings, *(chain.refusal.findings if chain.refusal else ())])
        offered = [
            Offer(action=name, effect=ACTIONS[name].effect, needs_reason=ACTIONS[name].needs_reason)
            for name in offered_for(chain.message)
        ]
        detail = MessageDetail(chain=chain, raw=raw, codes=_explained(chain), offered=offered, now=context.clock.now())
        return answer(detail)

    @app.get("/api/messages/{message_id}/raw", **answers(media_type="application/octet-stream"))
    def raw(message_id: str) -> Response:
        """The message's bytes exactly as received or sent."""
        with context.database.read() as conn:
            place = message_place(conn, message_id)
            if place is None:
                raise _missing("message with bytes", message_id)
            body = read_slice(conn, place.payload_id, place.offset, place.length)
        headers = _as_file(place.file_name or f"{message_id}.txt")
        return Response(body, media_type="application/octet-stream", headers=headers)

    @app.get("/api/payloads/{payload_id}/raw", **answers(media_type="application/octet-stream"))
    def whole(payload_id: str) -> Response:
        """A payload's bytes exactly as received or sent, with all that is in it."""
        with context.database.read() as conn:
            name = payload_name(conn, payload_id)
            if name is None:
                raise _missing("payload", payload_id)
            pieces = iter_payload(conn, payload_id)
            first = next(pieces, b"")  # what has been archived is told before anything is sent

        def rest() -> Iterator[bytes]:
            yield first
            with context.database.read() as conn:
                yield from itertools.islice(iter_payload(conn, payload_id), 1, None)

        return StreamingResponse(rest(), media_type="application/octet-stream", headers=_as_file(name or payload_id))

    @app.get("/api/orders", **answers(OrderPage))
    def orders(
        q: _Text = "",
        partner: _Text = "",
        state: Annotated[str, Query(max_length=25)] = "",
        before: Annotated[str, Query(max_length=36)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Newest first. q: the number, or any key of the order's messages, or its beginning. state: open, problem, or
        how far the order is, such as partly_shipped."""
        wanted = OrderFilter(query=q.strip(), partner=partner, state=state)
        with context.database.read() as conn:
            try:
                page = list_orders(conn, wanted, before=before or None, limit=limit)
            except ValueError as error:
                raise RequestError(
                    400, "HUB-9104", f"The state {state!r} is not one of {', '.join(STATES)}."
                ) from error
        return answer(page)

    @app.get("/api/orders/{order_id}", **answers(OrderDetail))
    def order(order_id: str) -> Response:
        """An order: quantities by line, its statuses, and everything that was said about it."""
        with context.database.read() as conn:
            rows = order_rows(conn, order_id)
        if rows is None:
            raise _missing("order", order_id)
        derived = statuses([line.quantities for line in rows.lines])
        return answer(OrderDetail(order=rows, statuses=derived, now=context.clock.now()))

    @app.get("/api/summary", **answers(Summary))
    def standing() -> Response:
        """Counts of the last 24 hours, the last hour by minute, open incidents."""
        with context.database.read() as conn:
            return answer(summary(conn, context.clock.now()))

    @app.get("/api/incidents", **answers(Incidents))
    def incidents() -> Response:
        """What a person must look at: open ones first."""
        with context.database.read() as conn:
            return answer(Incidents(incidents=list_incidents(conn)))

    @app.get("/api/uploads", **answers(Uploads))
    def uploads() -> Response:
        """Uploads to the mailbox whose session was lost, newest first: they are kept, and were never received."""
        with context.database.read() as conn:
            return answer(Uploads(aborted=aborted_uploads(conn)))
