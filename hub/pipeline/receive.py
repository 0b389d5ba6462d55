"""Receive: a payload is accepted when its bytes, its row and its first work item are committed together."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection as Transaction
from sqlalchemy.exc import IntegrityError

from hub.connector import Addressed, Answer, Arrival, Listener, Refusal, Request, Word
from hub.dispatch import enqueue
from hub.errors import HubError, readable
from hub.partner import Connection
from hub.pipeline.context import Context, in_lane
from hub.pipeline.receipts import keep_refused, queue_receipt, queue_receipt_again, take_word
from hub.store import chain, receipts
from hub.store.blobs import Body, body_of, store_payload
from hub.store.events import record_event
from hub.store.incidents import open_incident

ANSWERED_LATER = 100
"""Refused requests of one cause that get the receipt they ask for, while its incident is open."""


def accept_payload(
    conn: Transaction,
    context: Context,
    connection: Connection,
    body: Body,
    *,
    file_name: str = "",
    protocol_id: str | None = None,
    media_type: str = "application/octet-stream",
) -> str:
    """Accepts a payload in the caller's transaction; the caller answers its sender only after the commit. Its id.

    A payload that came before over this connection under the same protocol id is not accepted again; its id it is.
    Other content under an id that was used is a payload of its own: what it says decides whether it is business.
    """
    if protocol_id is not None:
        known = chain.payload_by_protocol_id(conn, connection.name, protocol_id)
        if known is not None and chain.get_payload(conn, known)["digest"] != body.digest:
            protocol_id = f"{protocol_id[:300]}#{body.digest}"
            known = chain.payload_by_protocol_id(conn, connection.name, protocol_id)
        if known is not None:
            record_event(conn, context.now(), "payload", known, "repeated", detail={"protocol_id": protocol_id})
            return known
    now = context.now()
    payload_id = store_payload(
        conn,
        now,
        body,
        direction="in",
        state="received",
        partner=connection.partner,
        account=connection.account,
        connection=connection.name,
        environment=connection.environment,
        file_name=file_name,
        protocol_id=protocol_id,
        media_type=media_type,
    )
    detail = {"connection": connection.name, "file": file_name, "size": body.size}
    record_event(conn, now, "payload", payload_id, "received", detail=detail)
    enqueue(
        conn, now, lane=in_lane(connection.name), kind="identify", subject_id=payload_id, connection=connection.name
    )
    return payload_id


def listen(context: Context, partner: str, name: str, request: Request) -> Answer:
    """An HTTP request to a listening connection: what to answer. 2xx only after the commit."""
    content = context.content()
    try:
        connection = content.partners.connection(f"{partner}/{name}")
    except KeyError:
        return _told(404, {"error": "there is nothing here"})
    try:
        connector = content.connector(connection)
    except HubError as error:
        return _not_ready(context, connection, error)
    if not isinstance(connector, Listener):
        return _told(404, {"error": "there is nothing here"})
    return _take(context, connection, connector, request)


def listen_for(context: Context, transport: str, request: Request) -> Answer:
    """An HTTP request to the address that all connections of a transport share: its headers say whose it is."""
    content = context.content()
    found: list[tuple[Connection, Listener]] = []
    broken: HubError | None = None
    for connection in content.partners.connections():
        if connection.connector != transport:
            continue
        try:
            connector = content.connector(connection)
        except HubError as error:  # one partner's missing secret keeps nobody else out
            broken = error
            continue
        if isinstance(connector, Addressed) and isinstance(connector, Listener) and connector.knows(request):
            found.append((connection, connector))
    if len(found) == 1:
        return _take(context, *found[0], request)
    if broken is not None and not found:
        return _told(503, {"error": "come back later"})
    _for_nobody(context, transport, request, [connection.name for connection, _ in found])
    return _told(404, {"error": f"{_ends(transport, request)} names no one connection of this hub"})


def _for_nobody(context: Context, transport: str, request: Request, fitting: list[str]) -> None:
    """One incident for all of them, however many strangers there are; nothing of what they send is kept."""
    why = f"{' and '.join(fitting)} both have these names; give each its own" if fitting else "no connection has them"
    text = (
        f"A request to /{transport} with {_ends(transport, request)} was refused: {why}. "
        "If it is a partner, write these names into its connection; if not, ask who sends it."
    )
    with context.database.begin() as conn:
        open_incident(conn, context.clock, f"nobody/{transport}", "HUB-4217", text, "connection", transport, True)


def _ends(transport: str, request: Request) -> str:
    names = (f"{transport}-from", f"{transport}-to")
    return " and ".join(f'{name.upper()} "{readable(request.headers.get(name, ""))[:128]}"' for name in names)


def _take(context: Context, connection: Connection, connector: Listener, request: Request) -> Answer:
    try:
        said = connector.accept(request)
    except Refusal as refusal:
        if refusal.why:
            _note_refusal(context, connection, refusal)
        return refusal.answer or _told(refusal.status, {"error": refusal.text})
    except HubError as error:
        return _not_ready(context, connection, error)
    if isinstance(said, Word):
        with context.database.begin() as conn:
            take_word(conn, context, connection, said)
        return said.answer
    try:
        return _receive(context, connection, said)
    except IntegrityError:  # the same protocol id at the same moment: the other one won, and is known now
        return _receive(context, connection, said)


def _receive(context: Context, connection: Connection, arrival: Arrival) -> Answer:
    """Accepts it with its answer, or gives the answer that the same one got when it came first."""
    with context.database.begin() as conn:
        body = body_of(conn, context.new_id(), arrival.body)
        payload_id = accept_payload(
            conn,
            context,
            connection,
            body,
            file_name=arrival.file_name,
            protocol_id=arrival.protocol_id,
            media_type=arrival.media_type,
        )
        usual = arrival.answer or _told(200, {"id": payload_id, "received": True})
        if payload_id != body.payload_id:
            first = receipts.find_answer(conn, payload_id)
            queue_receipt_again(conn, context, payload_id)
            return usual if first is None else Answer(status=first.status, headers=first.headers, body=first.body)
        if arrival.answer is not None or arrival.later is not None:
            later = arrival.later if not connection.shadow else None
            sent = queue_receipt(conn, context, connection, later, payload_id) if later else None
            said: dict[str, Any] = msgspec.structs.asdict(usual)
            receipts.store_answer(conn, payload_id, **said, delivery_id=sent)
        return usual


def _not_ready(context: Context, connection: Connection, error: HubError) -> Answer:
    """A secret or setting of ours is not there: no fault of the sender's, and nothing for strangers to read."""
    text = f"A request to {connection.name} could not be taken: {error.message} Its sender was told to try again later."
    cause = f"not_ready/{connection.name}"
    with context.database.begin() as conn:
        open_incident(conn, context.clock, cause, "HUB-4219", text, "connection", connection.name)
    return _told(503, {"error": "it cannot be taken at the moment; send it again later"})


def _note_refusal(context: Context, connection: Connection, refusal: Refusal) -> None:
    """An incident of the connection, one for each cause; the bytes of the first requests are kept with it."""
    cause = f"refusal/{connection.name}/{refusal.cause}"
    text = f"A request to {connection.name} was refused: {refusal.why}"
    with context.database.begin() as conn:
        open_incident(conn, context.clock, cause, "HUB-4216", text, "connection", connection.name, security=True)
        kept = keep_refused(conn, context, connection, refusal.kept, cause, text)
        if refusal.later and not connection.shadow and receipts.times_open(conn, cause) <= ANSWERED_LATER:
            sent = queue_receipt(conn, context, connection, refusal.later, kept)
            if kept is not None:  # a person may have it delivered again
                said: dict[str, Any] = msgspec.structs.asdict(refusal.answer or Answer())
                receipts.store_answer(conn, kept, **said, delivery_id=sent)


def _told(status: int, said: Mapping[str, object]) -> Answer:
    return Answer(status=status, headers={"content-type": "application/json"}, body=msgspec.json.encode(said))
