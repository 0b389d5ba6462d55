"""One SFTP session: the virtual folders /inbox and /outbox of one partner. No path of a disk is behind any name."""

import functools
import logging
import os
import posixpath
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import paramiko
from paramiko.sftp import SFTP_FAILURE, SFTP_NO_SUCH_FILE, SFTP_OK, SFTP_OP_UNSUPPORTED, SFTP_PERMISSION_DENIED
from paramiko.sftp_attr import SFTPAttributes

from hub.mailbox.login import Login, MailboxUser
from hub.mailbox.uploads import Receive, Upload, UploadError, accept_renamed, is_temporary
from hub.store import blobs
from hub.store import mailbox as rows
from hub.store.engine import Database
from hub.store.mailbox import FOLDERS, Folder, MailboxFile
from hub.store.ports import Clock

if TYPE_CHECKING:
    from typing_extensions import Buffer

log = logging.getLogger("hub.mailbox")

WINDOW = 1024 * 1024
LONGEST_NAME = 250

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Session | _Reading | _Writing")


class _StatusError(Exception):
    """The answer is this SFTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _answered(step: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R | int]:
    """Every fault becomes a status to the client; what is not the client's fault is logged."""

    @functools.wraps(step)
    def wrapped(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R | int:
        try:
            return step(self, *args, **kwargs)
        except _StatusError as denied:
            return denied.status
        except UploadError as refused:
            log.warning("%s: %s", step.__name__, refused)
        except Exception:
            log.exception("%s failed", step.__name__)
        return SFTP_FAILURE

    return wrapped


class Session(paramiko.SFTPServerInterface):
    """Paramiko's file operations.

    uploads: what the client has opened to write; those it never closed are given up when the session ends.

    fetched: by name, what this session has downloaded since it last listed. Until then the name means that file, even
    if another one of the same name waits, so that a client's look and removal after its download hit the right one.
    """

    def __init__(self, server: Login, database: Database, clock: Clock, receive: Receive) -> None:
        super().__init__(server)
        if server.user is None:
            raise RuntimeError("a session without a login")
        self.user: MailboxUser = server.user
        self.database, self.clock, self.receive = database, clock, receive
        self.keep = timedelta(hours=self.user.keep_hours)
        self.ended = False
        self.uploads: set[Upload] = set()
        self.fetched: dict[str, MailboxFile] = {}

    def session_ended(self) -> None:
        """Not left to the closing of the files: paramiko skips it when closing the lost channel raises EOFError."""
        self.ended = True
        for upload in self.uploads:
            upload.abort()

    # -- looking ---------------------------------------------------------------------------------------------------

    def canonicalize(self, path: str) -> str:
        return "/" + posixpath.normpath("/" + path).lstrip("/")

    @_answered
    def list_folder(self, path: str) -> list[SFTPAttributes]:
        folder, name = _place(path)
        if name is not None:
            raise _StatusError(SFTP_NO_SUCH_FILE)
        if folder is None:
            return [_folder_attributes(one) for one in FOLDERS]
        self.fetched.clear()
        with self.database.read() as conn:
            files = rows.list_folder(conn, self.clock.now(), self.user.connection, folder, self.keep)
        return [_file_attributes(file) for file in files]

    @_answered
    def stat(self, path: str) -> SFTPAttributes:
        folder, name = _place(path)
        if name is None:
            return _folder_attributes(folder or "/")
        return _file_attributes(self._find(folder, name))

    def lstat(self, path: str) -> SFTPAttributes | int:
        return self.stat(path)

    def _find(self, folder: Folder | None, name: str) -> MailboxFile:
        if folder is None:
            raise _StatusError(SFTP_NO_SUCH_FILE)
        if folder == "outbox" and (fetched := self.fetched.get(name)) is not None:
            return fetched
        with self.database.read() as conn:
            found = rows.find_file(conn, self.clock.now(), self.user.connection, folder, name, self.keep)
        if found is None:
            raise _StatusError(SFTP_NO_SUCH_FILE)
        return found

    # -- reading and writing ---------------------------------------------------------------------------------------

    @_answered
    def open(self, path: str, flags: int, attr: SFTPAttributes) -> paramiko.SFTPHandle:
        folder, name = _place(path)
        if folder is None or name is None:
            raise _StatusError(SFTP_PERMISSION_DENIED)
        if not flags & (os.O_WRONLY | os.O_RDWR):
            found = self._find(folder, name)
            if found.state == "uploaded":
                raise _StatusError(SFTP_PERMISSION_DENIED)
            return _Reading(self, found)
        if folder != "inbox" or not _may_be_name(name):
            raise _StatusError(SFTP_PERMISSION_DENIED)
        if flags & os.O_APPEND or not flags & os.O_CREAT:
            raise _StatusError(SFTP_OP_UNSUPPORTED)
        if flags & os.O_EXCL and not isinstance(self.stat(path), int):
            raise _StatusError(SFTP_FAILURE)
        upload = Upload(self.database, self.clock, self.receive, self.user, name)
        self.uploads.add(upload)
        return _Writing(self, upload)

    @_answered
    def remove(self, path: str) -> int:
        folder, name = _place(path)
        if folder is None or name is None:
            raise _StatusError(SFTP_PERMISSION_DENIED)
        now = self.clock.now()
        with self.database.begin() as conn:
            fetched = self.fetched.pop(name, None) if folder == "outbox" else None
            found = fetched or rows.find_for_removal(conn, now, self.user.connection, folder, name, self.keep)
            if found is None or not rows.move_file(conn, now, found.id, "removed"):
                raise _StatusError(SFTP_NO_SUCH_FILE)
        return SFTP_OK

    @_answered
    def rename(self, oldpath: str, newpath: str) -> int:
        """In the inbox only. From a temporary name to another: the acceptance, committed before the reply."""
        (folder, old), (target, new) = _place(oldpath), _place(newpath)
        if folder != "inbox" or target != "inbox" or old is None or new is None or not _may_be_name(new):
            raise _StatusError(SFTP_PERMISSION_DENIED)
        now = self.clock.now()
        with self.database.begin() as conn:
            found = rows.find_file(conn, now, self.user.connection, "inbox", old, self.keep)
            if found is None:
                raise _StatusError(SFTP_NO_SUCH_FILE)
            if found.state == "uploaded" and not is_temporary(new):
                accept_renamed(conn, now, self.receive, self.user, found, new)
            elif is_temporary(new) and found.state == "received":
                raise _StatusError(SFTP_PERMISSION_DENIED)
            else:
                rows.rename_file(conn, now, found.id, new)
        return SFTP_OK

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self.rename(oldpath, newpath)

    def chattr(self, path: str, attr: SFTPAttributes) -> int:
        """Times and modes that clients set after an upload change nothing here."""
        there = self.stat(path)
        return there if isinstance(there, int) else SFTP_OK

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:
        return SFTP_PERMISSION_DENIED

    def rmdir(self, path: str) -> int:
        return SFTP_PERMISSION_DENIED


class _Writing(paramiko.SFTPHandle):
    """An open file of the inbox."""

    def __init__(self, session: Session, upload: Upload) -> None:
        super().__init__(os.O_WRONLY)
        self._session = session
        self._upload = upload

    @_answered
    def write(self, offset: int, data: "Buffer") -> int:
        self._upload.write(offset, bytes(data))
        return SFTP_OK

    def close(self) -> None:
        """Called for CLOSE, where an exception becomes the failure the client sees, and for a lost session."""
        if self._session.ended:
            return
        try:
            self._upload.close()
        except UploadError as refused:
            log.warning("%s: upload refused: %s", self._session.user.connection, refused)
            raise
        except Exception:
            log.exception("%s: upload failed", self._session.user.connection)
            raise
        finally:
            self._session.uploads.discard(self._upload)

    def stat(self) -> SFTPAttributes:
        return _attributes(stat.S_IFREG | 0o640, self._upload.size)

    def chattr(self, attr: SFTPAttributes) -> int:
        return SFTP_OK


class _Reading(paramiko.SFTPHandle):
    """An open file being downloaded; collected once every byte was read and the client closed it."""

    def __init__(self, session: Session, file: MailboxFile) -> None:
        super().__init__(os.O_RDONLY)
        self._session = session
        self._file = file
        self._read: dict[int, int] = {}
        self._window = (0, b"")

    @_answered
    def read(self, offset: int, length: int) -> bytes:
        start, held = self._window
        if not start <= offset or offset + length > start + len(held):
            with self._session.database.read() as conn:
                held = blobs.read_slice(conn, self._file.payload_id, offset, max(WINDOW, length))
            start, self._window = offset, (offset, held)
        part = held[offset - start : offset - start + length]
        self._read[offset] = max(len(part), self._read.get(offset, 0))
        return part

    def close(self) -> None:
        complete = bool(self._read) and sum(self._read.values()) >= self._file.size
        if self._session.ended or self._file.state != "waiting" or not complete:
            return
        with self._session.database.begin() as conn:
            rows.move_file(conn, self._session.clock.now(), self._file.id, "collected")
        self._session.fetched[self._file.name] = self._file

    def stat(self) -> SFTPAttributes:
        return _file_attributes(self._file)


def _place(path: str) -> tuple[Folder | None, str | None]:
    """Folder and name; (None, None) is the root. _StatusError: there is no such place."""
    parts = [part for part in posixpath.normpath("/" + path).split("/") if part]
    if not parts:
        return None, None
    folder = next((one for one in FOLDERS if one == parts[0]), None)
    if folder is None or len(parts) > 2:
        raise _StatusError(SFTP_NO_SUCH_FILE)
    return folder, parts[1] if len(parts) == 2 else None


def _may_be_name(name: str) -> bool:
    return name.isprintable() and "\\" not in name and len(name) <= LONGEST_NAME and not name.startswith(".")


def _attributes(mode: int, size: int, name: str = "") -> SFTPAttributes:
    made = SFTPAttributes()
    made.st_mode, made.st_size, made.st_uid, made.st_gid = mode, size, 0, 0
    made.filename = name
    return made


def _folder_attributes(name: str) -> SFTPAttributes:
    return _attributes(stat.S_IFDIR | 0o750, 0, name)


def _file_attributes(file: MailboxFile) -> SFTPAttributes:
    made = _attributes(stat.S_IFREG | 0o640, file.size, file.name)
    made.st_atime = made.st_mtime = int(file.created_at.timestamp())
    return made
