"""Files named on a command line. "-" is standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hub.errors import UsageError

CHUNK = 1 << 20


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError("HUB-9001", f"{name} cannot be read: {reason}. Check the name and its permissions.") from error


def read_chunks(name: str) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time. UsageError: it cannot be opened or read."""
    with _open(name) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def read_bytes(name: str) -> bytes:
    """All bytes of a file. UsageError: it cannot be opened or read."""
    return b"".join(read_chunks(name))
