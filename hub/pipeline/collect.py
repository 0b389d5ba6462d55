"""Collect: fetch what lies at a partner's system. A file goes away there only after it is committed here."""

from collections.abc import Sequence

from hub.connector import Collector
from hub.dispatch import Commit, Item, enqueue
from hub.errors import HubError, PartnerSystemError
from hub.partner import Connection
from hub.pipeline.context import Context
from hub.pipeline.receive import accept_payload
from hub.store import chain
from hub.store.blobs import upload
from hub.store.incidents import open_incident, resolve_incident


def poll_lane(connection: str) -> str:
    return f"poll/{connection}"


class CollectStage:
    """Work of kind "collect": a connection. It is a timer too: it puts itself off until the next poll."""

    kind = "collect"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            self._collect(item, commit)

    def _collect(self, item: Item, commit: Commit) -> None:
        context, content = self._context, self._context.content()
        names = {connection.name for connection in content.partners.connections()}
        if item.subject_id not in names:  # the partner's file is gone: so is its poll
            with commit([item]):
                return
        connection = content.partners.connection(item.subject_id)
        connector = content.connector(connection)
        failure: HubError | None = None
        if isinstance(connector, Collector):
            try:
                self._fetch_all(connection, connector)
            except PartnerSystemError as error:
                failure = error
        now = context.now()
        cause = f"collect/{connection.name}"
        with commit([item]) as conn:
            if failure is None:
                resolve_incident(conn, now, cause)
            else:
                text = f"Nothing can be collected from {connection.partner} by {connection.name}: {failure.message}"
                open_incident(conn, context.clock, cause, failure.code, text, "connection", connection.name)
            commit.retry(item, now + connection.poll, failure.message if failure else "")

    def _fetch_all(self, connection: Connection, connector: Collector) -> None:
        """Each file is received, then taken away. One that was received before, but not taken away, is only that."""
        for file in connector.list():
            with self._context.database.read() as conn:
                known = chain.payload_by_protocol_id(conn, connection.name, file.identity)
            if known is None:
                body = upload(self._context.database, self._context.new_id(), connector.fetch(file))
                with self._context.database.begin() as conn:
                    accept_payload(
                        conn, self._context, connection, body, file_name=file.name, protocol_id=file.identity
                    )
            connector.done(file)


def schedule_polls(context: Context) -> None:
    """Gives every connection that collects its poll, once."""
    content = context.content()
    with context.database.begin() as conn:
        now = context.now()
        for connection in content.partners.connections():
            if not isinstance(content.connector(connection), Collector):
                continue
            if not chain.has_work(conn, poll_lane(connection.name)):
                enqueue(
                    conn,
                    now,
                    lane=poll_lane(connection.name),
                    kind="collect",
                    subject_id=connection.name,
                    connection=connection.name,
                )
