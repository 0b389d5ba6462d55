"""Files and times named on a command line. "-" is standard input. What is wrong with one does not stop the next."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import SEEK_SET, fstat
from typing import BinaryIO, cast

from hub.cli.options import Options, status_of
from hub.cli.output import complain
from hub.errors import HubError, UsageError

CHUNK = 1 << 20
LARGE = 32 << 20
"""From this size on, in bytes, reading shows its progress."""


@contextmanager
def about(options: Options, name: str) -> Iterator[None]:
    """Work on one file: an error is said with the file's name, and raises the exit status."""
    try:
        yield
    except HubError as error:
        complain(error, name)
        options.note(status_of(error))


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with open(name, "rb") as stream, _shown(name, stream) as watched:  # noqa: PTH123 - pathlib takes 2 ms to load
            yield watched
    except BrokenPipeError:  # whoever reads what is printed has gone, and the file is well
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError("HUB-9201", f"The file cannot be read: {reason}. Check its name and permissions.") from error


@contextmanager
def _shown(name: str, stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream; a person who waits for a large file sees how far it is read."""
    if not sys.stderr.isatty() or (size := fstat(stream.fileno()).st_size) < LARGE:
        yield stream
        return
    from rich.console import Console
    from rich.progress import wrap_file

    with wrap_file(stream, size, description=name, console=Console(stderr=True), transient=True) as watched:
        yield watched


class Stored:
    """A payload on disk: iterating gives its bytes from the start, a megabyte at a time, as often as one likes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._block, self._begin = b"", 0

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
        return self._stream.read(length)


@contextmanager
def stored(name: str) -> Iterator[Stored]:
    """A file that can be read more than once; what cannot (standard input, a pipe) is kept in a temporary file.

    UsageError: it cannot be opened or read.
    """
    with _open(name) as stream:
        if stream.seekable():
            yield Stored(stream)
            return
        from shutil import copyfileobj
        from tempfile import TemporaryFile

        with TemporaryFile() as kept:
            copyfileobj(stream, kept, CHUNK)
            yield Stored(cast(BinaryIO, kept))


def read_chunks(name: str) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time. UsageError: it cannot be opened or read."""
    with _open(name) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def read_bytes(name: str) -> bytes:
    """All bytes of a file. UsageError: it cannot be opened or read."""
    return b"".join(read_chunks(name))


def read_moment(text: str | None, option: str = "--at") -> datetime:
    """The moment an option names, in UTC unless it says otherwise; None: now. UsageError: it is no ISO 8601 time."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("HUB-9202", f"{option} {text}: write 2026-11-22 or 2026-11-22T14:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
