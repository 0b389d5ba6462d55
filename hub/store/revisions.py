"""Published revisions: the data files of a workspace under their digest. One is in force; all are kept."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select, update

from hub.errors import UsageError
from hub.store.events import record_event
from hub.store.rows import insert_if_absent
from hub.store.tables import revision, revision_file


def active(conn: Connection) -> RowMapping | None:
    """The revision in force."""
    return conn.execute(select(revision).where(revision.c.active)).mappings().first()


def files(conn: Connection, digest: str) -> dict[str, bytes]:
    """A revision's files by path."""
    query = select(revision_file.c.path, revision_file.c.body).where(revision_file.c.revision == digest)
    return {path: bytes(body) for path, body in conn.execute(query)}


def history(conn: Connection) -> list[RowMapping]:
    """All revisions, newest first."""
    return list(conn.execute(select(revision).order_by(revision.c.published_at.desc())).mappings())


def publish(
    conn: Connection,
    now: datetime,
    digest: str,
    content: Mapping[str, bytes],
    *,
    code_digest: str,
    author: str,
    note: str = "",
) -> str:
    """Stores the files, unless that revision is known, and puts it in force; several processes may do so at once, as
    they do when they start on an empty database. Its digest. Who published it last, when and with which note is what is
    kept; the audit log has all."""
    row = {"digest": digest, "published_at": now, "author": author, "note": note, "active": False}
    insert_if_absent(conn, revision, [{**row, "code_digest": code_digest}])
    again = {"code_digest": code_digest, "published_at": now, "author": author, **({"note": note} if note else {})}
    conn.execute(update(revision).where(revision.c.digest == digest).values(again))
    rows = [{"revision": digest, "path": path, "body": body} for path, body in content.items()]
    if rows:
        insert_if_absent(conn, revision_file, rows)
    activate(conn, now, digest, author)
    return digest


def activate(conn: Connection, now: datetime, digest: str, author: str) -> str:
    """Puts a known revision in force; its first characters are enough. UsageError HUB-6022: not one begins so."""
    if conn.dialect.name == "postgresql":  # two that publish at once: one after the other, so one is in force
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("revision", 0))))
    found = find(conn, digest)
    conn.execute(update(revision).where(revision.c.active).values(active=False))
    conn.execute(update(revision).where(revision.c.digest == found).values(active=True))
    record_event(conn, now, "revision", found, "published", author)
    return found


def find(conn: Connection, digest: str) -> str:
    """The whole digest of the one that begins so. UsageError HUB-6022: not one does."""
    query = select(revision.c.digest).where(revision.c.digest.startswith(digest, autoescape=True))
    found = conn.execute(query).scalars().all()
    if len(found) != 1:
        text = f'{len(found)} revisions begin with "{digest}"; hub publish --list shows them all.'
        raise UsageError("HUB-6022", text)
    return str(found[0])
