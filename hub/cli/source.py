"""Files and times named on a command line. "-" is standard input. What is wrong with one does not stop the next."""

import sys
from collections.abc import Iterator
from os import SEEK_SET, fstat

from hub.cli.options import Options, status_of
from hub.cli.output import complain
from hub.errors import HubError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import BinaryIO

CHUNK = 1 << 20
LARGE = 32 << 20
"""From this size on, in bytes, reading shows its progress."""


class _About:
    def __init__(self, options: Options, name: str) -> None:
        self._options = options
        self._name = name

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, HubError):
            return False
        complain(error, self._name)
        self._options.note(status_of(error))
        return True


def about(options: Options, name: str) -> "AbstractContextManager[None]":
    """Work on one file: an error is said with the file's name, and raises the exit status."""
    return _About(options, name)


def _opened(name: str) -> "AbstractContextManager[BinaryIO]":
    """A file to read; a person who waits for a large one sees how far it is read. UsageError: it cannot be opened."""
    if name == "-":
        from contextlib import nullcontext

        return nullcontext(sys.stdin.buffer)
    try:
        stream = open(name, "rb")  # noqa: PTH123, SIM115 - pathlib takes 2 ms to load; who asked for the file closes it
    except OSError as error:
        raise _unread(error) from error
    if not sys.stderr.isatty() or (size := fstat(stream.fileno()).st_size) < LARGE:
        return stream
    from rich.console import Console
    from rich.progress import wrap_file

    return wrap_file(stream, size, description=name, console=Console(stderr=True), transient=True)


def _read(stream: "BinaryIO", size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise _unread(error) from error


def _kept(stream: "BinaryIO") -> "BinaryIO":
    """All that can be read once, in a temporary file."""
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    kept = TemporaryFile()  # noqa: SIM115 - who asked for the payload closes it
    try:
        copyfileobj(stream, kept, CHUNK)
    except OSError as error:
        raise _unread(error) from error
    return kept


def _unread(error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError("HUB-9201", f"The file cannot be read: {reason}. Check its name and permissions.")


class Stored:
    """A payload on disk, while the `with` lasts that opens it: iterating gives its bytes from the start, a megabyte at
    a time, as often as one likes.
    """

    def __init__(self, name: str) -> None:
        self._opened = _opened(name)
        self._block, self._begin = b"", 0

    def __enter__(self) -> "Stored":
        self._stream = self._opened.__enter__()
        if not self._stream.seekable():
            kept = _kept(self._stream)
            self._opened.__exit__(None, None, None)
            self._opened = self._stream = kept
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._opened.__exit__(None, None, None)

    def __iter__(self) -> Iterator[bytes]:
        position = 0
        while chunk := self._read(position, CHUNK):
            yield chunk
            position += len(chunk)

    def at(self, offset: int, length: int) -> bytes:
        """So many bytes from offset on, fewer where the payload ends. Meant for calls in the order of the payload."""
        at = offset - self._begin
        if at < 0 or at + length > len(self._block):
            self._block, self._begin, at = self._read(offset, max(length, CHUNK)), offset, 0
        return self._block[at : at + length]

    def _read(self, offset: int, length: int) -> bytes:
        self._stream.seek(offset, SEEK_SET)
        return _read(self._stream, length)


def stored(name: str) -> Stored:
    """A file that can be read more than once; what cannot (standard input, a pipe) is kept in a temporary file.

    UsageError: it cannot be opened or read.
    """
    return Stored(name)


def read_chunks(name: str) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time. UsageError: it cannot be opened or read."""
    with _opened(name) as stream:
        while chunk := _read(stream, CHUNK):
            yield chunk


def read_bytes(name: str) -> bytes:
    """All bytes of a file. UsageError: it cannot be opened or read."""
    return b"".join(read_chunks(name))


def read_moment(text: str | None, option: str = "--at") -> "datetime":
    """The moment an option names, in UTC unless it says otherwise; None: now. UsageError: it is no ISO 8601 time."""
    from datetime import UTC, datetime

    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("HUB-9202", f"{option} {text}: write 2026-11-22 or 2026-11-22T14:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
