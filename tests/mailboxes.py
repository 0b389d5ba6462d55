"""A mailbox server over a test's database, its users, and what it accepted."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import paramiko
from sqlalchemy import Connection, insert, select

from hub.mailbox import MailboxServer, MailboxUser, Uploaded
from hub.mailbox.keys import host_keys
from hub.store.blobs import read_payload, store_payload
from hub.store.engine import Database
from hub.store.ports import Clock, SystemClock
from hub.store.tables import host_key, mailbox_file, payload

ACME = MailboxUser(
    user="acme", connection="acme/mailbox", partner="acme", account="us", environment="test", password="sesame"
)
OTHER = MailboxUser(
    user="other", connection="other/mailbox", partner="other", account="us", environment="test", password="sesame"
)


class Running(NamedTuple):
    """A started server, its database, and what receive was called with."""

    server: MailboxServer
    database: Database
    received: list[Uploaded]

    @property
    def port(self) -> int:
        return self.server.address[1]

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of the sftp connector, as a partner that connects to the mailbox would have them."""
        base = {"host": "127.0.0.1", "port": self.port, "user": "acme", "password": "secret:acme", "settle": 0}
        folders = {"inbound": "/outbox", "outbound": "/inbox"}
        return {**base, **folders, "host_key": self.server.host_key_lines[:1], "timeout": 20, **more}

    def payloads(self) -> list[tuple[str, bytes]]:
        """File name and bytes of every accepted payload, from the store."""
        with self.database.read() as conn:
            rows = conn.execute(select(payload.c.id, payload.c.file_name).order_by(payload.c.id)).all()
            return [(row.file_name, read_payload(conn, row.id)) for row in rows]

    def files(self) -> list[tuple[str, str, str]]:
        """Folder, name and state of every row."""
        columns = (mailbox_file.c.folder, mailbox_file.c.name, mailbox_file.c.state)
        with self.database.read() as conn:
            return [tuple(row) for row in conn.execute(select(*columns).order_by(mailbox_file.c.id)).all()]


_keys: list[dict[str, Any]] = []


def seed_host_keys(database: Database, clock: Clock) -> None:
    """Give the database host keys made once for all tests: an RSA key takes a second."""
    if not _keys:
        host_keys(database, clock)
        with database.read() as conn:
            _keys.extend(dict(row._mapping) for row in conn.execute(select(host_key)).all())
        return
    with database.begin() as conn:
        conn.execute(insert(host_key), _keys)


@contextmanager
def running(
    database: Database, *users: MailboxUser, clock: Clock | None = None, fail: list[Exception] | None = None
) -> Iterator[Running]:
    """Serves users (acme and other unless given). fail: exceptions that receive raises, one for each upload, first."""
    received: list[Uploaded] = []

    def receive(conn: Connection, now: datetime, uploaded: Uploaded) -> None:
        store_payload(
            conn,
            now,
            uploaded.body,
            direction="in",
            state="received",
            partner=uploaded.user.partner,
            account=uploaded.user.account,
            connection=uploaded.user.connection,
            environment=uploaded.user.environment,
            file_name=uploaded.file_name,
        )
        if fail:
            raise fail.pop(0)
        received.append(uploaded)

    known = {user.user: user for user in users or (ACME, OTHER)}
    used = clock or SystemClock()
    seed_host_keys(database, used) if not _has_keys(database) else None
    server = MailboxServer(database, used, lambda: known, receive)
    server.start()
    try:
        yield Running(server, database, received)
    finally:
        server.stop()


def _has_keys(database: Database) -> bool:
    with database.read() as conn:
        return bool(conn.execute(select(host_key.c.type)).all())


@contextmanager
def login(
    port: int, user: str = "acme", password: str = "sesame", key: paramiko.PKey | None = None
) -> Iterator[paramiko.SFTPClient]:
    """A partner's SFTP session."""
    transport = paramiko.Transport(("127.0.0.1", port))
    try:
        transport.connect(username=user, password=None if key else password, pkey=key)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


def put(client: paramiko.SFTPClient, path: str, body: bytes) -> None:
    client.putfo(io.BytesIO(body), path)
