"""An upload from its first byte to its acceptance. Accepted means committed before the client hears of it."""

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError
from hub.mailbox.login import MailboxUser
from hub.store import blobs
from hub.store.engine import Database
from hub.store.mailbox import MailboxFile, begin_upload, move_file, touch_upload
from hub.store.ports import Clock, new_id

log = logging.getLogger("hub.mailbox")

TEMPORARY = (".part", ".tmp", ".filepart", ".uploading")
"""Endings of names under which a file is still on its way; the rename to another name is the acceptance."""
AHEAD = 4 * 1024 * 1024
"""Bytes held for a client that writes ahead of the next offset."""
LARGEST = 1024 * 1024 * 1024
"""Bytes of one upload; a partner must not be able to fill the database."""
_TOUCH = timedelta(seconds=30)


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """A whole upload about to be accepted. Its bytes are in payload_chunk rows of body.payload_id."""

    user: MailboxUser
    body: blobs.Body
    file_name: str


Receive = Callable[[Connection, datetime, Uploaded], object]
"""Writes the payload's row and its first work item in the caller's transaction."""


class UploadError(Exception):
    """The upload cannot be accepted: bytes are missing, overwritten or not stored."""


def is_temporary(name: str) -> bool:
    return name.lower().endswith(TEMPORARY)


class Upload:
    """One open file of the inbox. Nothing of it is seen until close; a lost session ends in abort."""

    def __init__(self, database: Database, clock: Clock, receive: Receive, user: MailboxUser, name: str) -> None:
        self._database, self._clock, self._receive = database, clock, receive
        self._user, self._name = user, name
        self._id, self._payload_id = new_id(clock), new_id(clock)
        self._taken = blobs.Upload(database, self._payload_id)
        self._ahead: dict[int, bytes] = {}
        self._touched = clock.now()
        self._body: blobs.Body | None = None
        self._failed = False
        self._over = False
        with database.begin() as conn:
            begin_upload(
                conn,
                self._touched,
                file_id=self._id,
                connection=user.connection,
                name=name,
                payload_id=self._payload_id,
            )

    @property
    def size(self) -> int:
        return self._taken.size

    def write(self, offset: int, piece: bytes) -> None:
        """UploadError: the bytes were there already, or too far ahead, or the store did not take them."""
        if self._failed or self._over:
            raise UploadError("the upload has failed already")
        waiting = sum(map(len, self._ahead.values()))
        if offset < self.size or offset in self._ahead or waiting + len(piece) > AHEAD:
            self._failed = True
            raise UploadError(f"bytes at offset {offset}, when {self.size} are stored and {waiting} wait")
        if offset + len(piece) > LARGEST:
            self._failed = True
            raise UploadError(f"it is larger than {LARGEST} bytes")
        self._ahead[offset] = piece
        try:
            while (piece_now := self._ahead.pop(self.size, None)) is not None:
                self._taken.write(piece_now)
            now = self._clock.now()
            if now - self._touched > _TOUCH:
                self._touched = now
                with self._database.begin() as conn:
                    touch_upload(conn, now, self._id, self.size)
        except (SQLAlchemyError, HubError) as error:
            self._failed = True
            raise UploadError(f"the store did not take the bytes: {error}") from error

    def close(self) -> None:
        """Accept it, or keep it for its rename if its name is temporary. UploadError: it is aborted instead."""
        if self._over:
            return
        if self._failed or self._ahead:
            self.abort()
            raise UploadError(f"only {self.size} bytes came without a gap")
        now, target = self._clock.now(), "uploaded" if is_temporary(self._name) else "received"
        try:
            body = self._whole()
            with self._database.begin() as conn:
                blobs.keep_apart(conn, body)
                if not move_file(conn, now, self._id, target, size=body.size):
                    raise UploadError("it was given up as abandoned")
                if target == "received":
                    accepted = msgspec.structs.replace(body, inline=None)
                    self._receive(conn, now, Uploaded(user=self._user, body=accepted, file_name=self._name))
        except Exception:
            self.abort()
            raise
        self._over = True

    def abort(self) -> None:
        """Keep what came, for people to look at; it is never received."""
        if self._over:
            return
        self._over = True
        log.warning("%s: upload of %r broke off after %d bytes", self._user.connection, self._name, self.size)
        body = None
        try:
            with contextlib.suppress(HubError):  # the object store is away, and the last bytes with it
                body = self._whole()
            with self._database.begin() as conn:
                if body is not None:
                    blobs.keep_apart(conn, body)
                move_file(conn, self._clock.now(), self._id, "aborted", size=self.size)
        except SQLAlchemyError:
            log.exception("%s: upload of %r could not be marked as aborted", self._user.connection, self._name)

    def _whole(self) -> blobs.Body:
        if self._body is None:
            self._body = self._taken.finish()
        return self._body


def accept_renamed(
    conn: Connection, now: datetime, receive: Receive, user: MailboxUser, file: MailboxFile, name: str
) -> None:
    """Accept a closed upload under its final name. UploadError: it was accepted or removed in the meantime."""
    if not move_file(conn, now, file.id, "received", name=name):
        raise UploadError("it is no longer waiting for its rename")
    digest = blobs.digest_of_chunks(conn, file.payload_id)
    body = blobs.Body(payload_id=file.payload_id, size=file.size, digest=digest, inline=None)
    receive(conn, now, Uploaded(user=user, body=body, file_name=name))
