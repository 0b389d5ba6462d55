"""Collect: fetch what lies at a partner's system. A file goes away there only after it is committed here."""

import hashlib
from collections.abc import Sequence

from hub.connector import Collector, RemoteFile
from hub.dispatch import Commit, Item, enqueue
from hub.errors import HubError, PartnerSystemError
from hub.partner import Connection
from hub.pipeline.context import Content, Context
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
        failures: list[HubError] = []
        try:
            connector = content.connector(connection)
            if isinstance(connector, Collector):
                failures = self._fetch_all(connection, connector, commit)
        except HubError as error:  # the far end, or a setting of ours: either way the next poll tries again
            failures = [error]
        now = context.now()
        cause = f"collect/{connection.name}"
        with commit([item]) as conn:
            for failure in failures:
                text = f"Not everything can be collected by {connection.name}: {failure.message}"
                open_incident(conn, context.clock, cause, failure.code, text, "connection", connection.name)
            if not failures:
                resolve_incident(conn, now, cause)
            at = now if commit.stopping else now + connection.poll
            commit.retry(item, at, failures[0].message if failures else "")

    def _fetch_all(self, connection: Connection, connector: Collector, commit: Commit) -> list[HubError]:
        """Takes every file; what one file's fault was does not keep the others. A worker that is to end takes no more,
        or it would be killed in the end. The faults."""
        failures: list[HubError] = []
        for file in connector.list():
            if commit.stopping:
                break
            try:
                self._fetch(connection, connector, file)
            except PartnerSystemError as error:
                failures.append(error)
        return failures

    def _fetch(self, connection: Connection, connector: Collector, file: RemoteFile) -> None:
        """Receives a file, then takes it away there. One that was received and not taken away is compared first:
        another file may have got its name, size and time."""
        context, protocol_id = self._context, file.identity
        with context.database.read() as conn:
            known = chain.payload_by_protocol_id(conn, connection.name, file.identity)
        if known is not None and connection.shadow:
            return
        if known is not None:
            digest = hashlib.sha256()
            for piece in connector.fetch(file):
                digest.update(piece)
            with context.database.read() as conn:
                same = chain.get_payload(conn, known)["digest"] == digest.hexdigest()
            if same:
                connector.done(file)
                return
            protocol_id = f"{file.identity}:{digest.hexdigest()}"
        body = upload(context.database, context.new_id(), connector.fetch(file))
        with context.database.begin() as conn:
            accept_payload(conn, context, connection, body, file_name=file.name, protocol_id=protocol_id)
        if not connection.shadow:  # whoever does the business still needs the file
            connector.done(file)


def schedule_polls(context: Context) -> None:
    """Gives every connection that collects its poll, once, whoever else does so at the moment."""
    content = context.content()
    collecting = [connection for connection in content.partners.connections() if _collects(content, connection)]
    with context.database.begin() as conn:
        chain.lock_polls(conn)
        now = context.now()
        for connection in collecting:
            if not chain.has_work(conn, poll_lane(connection.name)):
                enqueue(
                    conn,
                    now,
                    lane=poll_lane(connection.name),
                    kind="collect",
                    subject_id=connection.name,
                    connection=connection.name,
                )


def _collects(content: Content, connection: Connection) -> bool:
    """One that cannot be built now may well do: its poll tells what is amiss, and tries again."""
    try:
        return isinstance(content.connector(connection), Collector)
    except HubError:
        return True
