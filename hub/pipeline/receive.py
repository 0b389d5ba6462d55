"""Receive: a payload is accepted when its bytes, its row and its first work item are committed together."""

from sqlalchemy import Connection as Transaction
from sqlalchemy.exc import IntegrityError

from hub.connector import Arrival, Listener, Refusal, Request
from hub.dispatch import enqueue
from hub.partner import Connection
from hub.pipeline.context import Context, in_lane
from hub.store import chain
from hub.store.blobs import Body, body_of, store_payload
from hub.store.events import record_event


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


def listen(context: Context, partner: str, name: str, request: Request) -> tuple[int, dict[str, object]]:
    """An HTTP request to a listening connection: status and JSON answer. 2xx only after the commit."""
    content = context.content()
    try:
        connection = content.partners.connection(f"{partner}/{name}")
    except KeyError:
        return 404, {"error": "there is nothing here"}
    connector = content.connector(connection)
    if not isinstance(connector, Listener):
        return 404, {"error": "there is nothing here"}
    try:
        arrival = connector.accept(request)
    except Refusal as refusal:
        return refusal.status, {"error": refusal.text}
    try:
        payload_id = _receive(context, connection, arrival)
    except IntegrityError:  # the same protocol id at the same moment: the other one won, and is known now
        payload_id = _receive(context, connection, arrival)
    return 200, {"id": payload_id, "received": True}


def _receive(context: Context, connection: Connection, arrival: Arrival) -> str:
    with context.database.begin() as conn:
        body = body_of(conn, context.new_id(), arrival.body)
        return accept_payload(
            conn,
            context,
            connection,
            body,
            file_name=arrival.file_name,
            protocol_id=arrival.protocol_id,
            media_type=arrival.media_type,
        )
