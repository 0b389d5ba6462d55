"""The mailbox's folders as rows: what a partner sees of inbox (it uploads) and outbox (it collects).

States: uploading -> uploaded (closed under a temporary name) -> received, or uploading -> received, or aborted;
waiting -> collected; removed hides a file from the partner and deletes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, and_, func, insert, or_, select, update

from hub.store import batch
from hub.store.events import record_event
from hub.store.tables import mailbox_file

Folder = Literal["inbox", "outbox"]
FOLDERS: tuple[Folder, ...] = ("inbox", "outbox")
_STEPS = {
    "uploaded": ("uploading",),
    "aborted": ("uploading",),
    "received": ("uploading", "uploaded"),
    "collected": ("waiting",),
    "removed": ("uploaded", "received", "waiting", "collected"),
}


class MailboxFile(msgspec.Struct, frozen=True, kw_only=True):
    """A row of mailbox_file as the partner may see it."""

    id: str
    folder: Folder
    name: str
    state: str
    payload_id: str
    delivery_id: str | None
    size: int
    created_at: datetime


class AbortedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload whose session was lost. size: so many bytes had come; they are kept and never received."""

    id: str
    connection: str
    name: str
    size: int
    created_at: datetime
    changed_at: datetime


def aborted_uploads(conn: Connection, *, limit: int = 200) -> list[AbortedUpload]:
    """The newest of all mailboxes."""
    columns = [mailbox_file.c[name] for name in AbortedUpload.__struct_fields__]
    query = select(*columns).where(mailbox_file.c.state == "aborted").order_by(mailbox_file.c.id.desc()).limit(limit)
    return [AbortedUpload(**row) for row in conn.execute(query).mappings()]


def place_in_outbox(
    conn: Connection,
    now: datetime,
    *,
    file_id: str,
    connection: str,
    name: str,
    payload_id: str,
    size: int,
    delivery_id: str | None = None,
) -> None:
    """Lay a payload out for the partner. Several of one name are seen one after the other, oldest first."""
    row = {"id": file_id, "connection": connection, "folder": "outbox", "name": name, "state": "waiting"}
    of = {"payload_id": payload_id, "delivery_id": delivery_id, "size": size}
    batch.insert(conn, mailbox_file, [{**row, **of, "created_at": now, "changed_at": now}])


def lying_since(conn: Connection, connection: str, before: datetime) -> tuple[int, str, datetime] | None:
    """What has lain in an outbox since before that moment: how many files, the oldest one's name, and since when."""
    names = {"connection": connection, "folder": "outbox", "state": "waiting"}
    old = [mailbox_file.c[name] == value for name, value in names.items()]
    old.append(mailbox_file.c.created_at < before)
    oldest = select(mailbox_file.c.name, mailbox_file.c.created_at).where(*old).order_by(mailbox_file.c.id).limit(1)
    found = conn.execute(oldest).one_or_none()
    if found is None:
        return None
    return conn.execute(select(func.count()).where(*old)).scalar_one(), found.name, found.created_at


def begin_upload(conn: Connection, now: datetime, *, file_id: str, connection: str, name: str, payload_id: str) -> None:
    """A partner began to upload; it sees the file once it is closed."""
    row = {"id": file_id, "connection": connection, "folder": "inbox", "name": name, "state": "uploading"}
    conn.execute(
        insert(mailbox_file), {**row, "payload_id": payload_id, "size": 0, "created_at": now, "changed_at": now}
    )


def touch_upload(conn: Connection, now: datetime, file_id: str, size: int) -> None:
    """So many bytes are here and the upload lives."""
    living = update(mailbox_file).where(mailbox_file.c.id == file_id, mailbox_file.c.state == "uploading")
    conn.execute(living.values(size=size, changed_at=now))


def move_file(
    conn: Connection, now: datetime, file_id: str, state: str, *, size: int | None = None, name: str | None = None
) -> bool:
    """Set the state if it may follow the present one, with an event; False: it may not, and nothing changed."""
    changes = {"state": state, "changed_at": now}
    changes |= {key: value for key, value in (("size", size), ("name", name)) if value is not None}
    guarded = update(mailbox_file).where(mailbox_file.c.id == file_id, mailbox_file.c.state.in_(_STEPS[state]))
    found = conn.execute(
        guarded.values(changes).returning(mailbox_file.c.name, mailbox_file.c.delivery_id, mailbox_file.c.payload_id)
    ).one_or_none()
    if found is None:
        return False
    subject = ("delivery", found.delivery_id) if found.delivery_id else ("payload", found.payload_id)
    record_event(conn, now, *subject, f"mailbox.{state}", actor="partner", detail={"name": found.name})
    return True


def rename_file(conn: Connection, now: datetime, file_id: str, name: str) -> None:
    """Another name, the same state."""
    conn.execute(update(mailbox_file).where(mailbox_file.c.id == file_id).values(name=name, changed_at=now))


def abort_stale_uploads(conn: Connection, now: datetime, older_than: timedelta) -> int:
    """Abort what nobody has written to for so long: its mailbox process was killed. How many."""
    stale = select(mailbox_file.c.id).where(
        mailbox_file.c.state == "uploading", mailbox_file.c.changed_at < now - older_than
    )
    return sum(move_file(conn, now, file_id, "aborted") for file_id in conn.execute(stale).scalars().all())


def list_folder(conn: Connection, now: datetime, connection: str, folder: Folder, keep: timedelta) -> list[MailboxFile]:
    """What the partner sees, one for each name: waiting files and closed uploads, and for keep what is dealt with."""
    seen: dict[str, MailboxFile] = {}
    for file in _visible(conn, now, connection, folder, keep):
        seen.setdefault(file.name, file)
    return sorted(seen.values(), key=lambda file: file.id)


def find_file(
    conn: Connection, now: datetime, connection: str, folder: Folder, name: str, keep: timedelta
) -> MailboxFile | None:
    """The file that the name means now: the oldest that waits, else the newest."""
    return next(iter(_visible(conn, now, connection, folder, keep, name=name)), None)


def find_for_removal(
    conn: Connection, now: datetime, connection: str, folder: Folder, name: str, keep: timedelta
) -> MailboxFile | None:
    """The file that a partner means to remove: one it has collected goes before one of the same name that waits."""
    found = _visible(conn, now, connection, folder, keep, name=name)
    return next((file for file in found if file.state != "waiting"), found[0] if found else None)


def _visible(
    conn: Connection, now: datetime, connection: str, folder: Folder, keep: timedelta, *, name: str | None = None
) -> Sequence[MailboxFile]:
    table = mailbox_file.c
    shown = or_(
        table.state.in_(("waiting", "uploaded")),
        and_(table.state.in_(("received", "collected")), table.changed_at >= now - keep),
    )
    query = select(
        table.id,
        table.folder,
        table.name,
        table.state,
        table.payload_id,
        table.delivery_id,
        table.size,
        table.created_at,
    ).where(table.connection == connection, table.folder == folder, shown)
    if name is not None:
        query = query.where(table.name == name)
    files = [MailboxFile(**row._mapping) for row in conn.execute(query.order_by(table.id)).all()]
    waiting = [file for file in files if file.state == "waiting"]
    return waiting + [file for file in reversed(files) if file.state != "waiting"]
