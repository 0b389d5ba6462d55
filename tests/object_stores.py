"""Fixtures for tests that need an object store: a real S3 server over HTTP, which can be cut off."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hub.store.objects import Objects

SERVER = Path(__file__).with_name("object_store_server.py")
_NUMBERS = itertools.count(1)


class ObjectStore:
    """The server. Every test has a prefix of its own."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self._port = port
        self.is_cut = False

    def new_url(self) -> str:
        return f"s3://payloads/hub-{next(_NUMBERS)}?endpoint=http://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Nobody listens any more."""
        self._ask("cut")
        self.is_cut = True

    def back(self) -> None:
        """It listens again and has what it had."""
        self._ask("back")
        self.is_cut = False

    def fail(self, first: int, count: int) -> None:
        """It answers 503 to so many requests from the first on, counted from now."""
        self._ask(f"fail {first} {count}")

    def passed(self) -> int:
        """How many requests there were since fail."""
        return int(self._ask("passed"))

    def _ask(self, words: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


def objects_of(url: str) -> "Objects":
    from hub.store.objects import Objects

    return Objects(url, {"payloads-key": "key", "payloads-secret": "secret"}.__getitem__)


@pytest.fixture(scope="session")
def object_store_server() -> Iterator[ObjectStore]:
    process = subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    yield ObjectStore(process, int(process.stdout.readline()))
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()


@pytest.fixture
def object_store(object_store_server: ObjectStore) -> Iterator[ObjectStore]:
    """The server, which is well again when the test has ended."""
    yield object_store_server
    object_store_server.fail(0, 0)
    if object_store_server.is_cut:
        object_store_server.back()
