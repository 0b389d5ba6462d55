"""An object store (S3, or what speaks like it) for the bytes of large payloads: those that would be chunk rows.

An object is put under a name of its own, confirmed before the row that names it commits, and never changed. So what a
crash leaves is an object that no row names, which blobs.sweep_objects takes away, and never a row without its object.
"""

import hashlib
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from hub.errors import ConfigError, HubError, TransientError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Store

log = logging.getLogger(__name__)

PART = 8 * 1024 * 1024
"""Bytes of each object but a payload's last."""
KEY, SECRET = "payloads-key", "payloads-secret"
"""The names of the two secrets."""
_CONNECT, _REQUEST, _RETRY = timedelta(seconds=3), timedelta(seconds=20), timedelta(seconds=15)
_PAGE = 1000
_KEPT = 2
_SAID = re.compile(r"<Code>(.*?)</Code>(?:\s*<Message>(.*?)</Message>)?", re.DOTALL)
_SYSTEM = re.compile(r'message: "(.*?)"')


class Objects:
    """One bucket, or a part of it that belongs to this hub alone. Threads may share it.

    Whatever keeps the store from answering is a TransientError HUB-6037: work waits, and goes on by itself.
    """

    def __init__(self, url: str, secret: Callable[[str], str]) -> None:
        """url: s3://bucket/prefix?endpoint=https://host&region=name. secret: looks secrets up by name.

        ConfigError HUB-6039: not such an address.
        """
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        wrong = options.keys() - {"endpoint", "region"}
        if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or wrong:
            shown = url.rpartition("@")[2].partition("?")[0]  # no secret that somebody put into it
            raise ConfigError(
                "HUB-6039",
                f'The place of payloads is "{shown}", expected s3://bucket/prefix, and after a ? at '
                f"most endpoint=https://host and region=name; the key is in the secrets {KEY} and {SECRET}.",
            )
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._endpoint, self._region = options.get("endpoint"), options.get("region", "us-east-1")
        self._secret = secret
        self._store: S3Store | None = None
        self._lock = threading.Lock()
        self._last: dict[str, bytes] = {}

    def __str__(self) -> str:
        where = f"s3://{self._bucket}/{self._prefix}"
        return f"{where} at {self._endpoint}" if self._endpoint else where

    def open(self) -> "S3Store":
        """The client; nobody is asked anything yet. ConfigError HUB-6039: it is not installed. UsageError HUB-4010: a
        secret is nowhere."""
        with self._lock:
            if self._store is None:
                self._store = self._connect()
            return self._store

    def put(self, payload_id: str, ordinal: int, piece: bytes) -> str:
        """The object's name. When it returns, the store has the bytes."""
        import obstore

        name = f"{payload_id}/{ordinal}.{hashlib.sha256(piece).hexdigest()}.{uuid.uuid4().hex}"
        store = self.open()
        try:
            obstore.put(store, name, piece, use_multipart=False)
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._away("does not take objects", error) from error
        return name

    def get(self, name: str) -> bytes:
        """The bytes put under that name; the last ones are kept, since large payloads are read in slices.

        HubError HUB-6038: the store has it no more, or other bytes.
        """
        import obstore

        with self._lock:
            kept = self._last.get(name)
        if kept is not None:
            return kept
        store = self.open()
        try:
            body = obstore.get(store, name).bytes().to_bytes()
        except (obstore.exceptions.BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise HubError("HUB-6038", f"The object {name} is not in {self} any more.") from error
            raise self._away("does not give objects back", error) from error
        digest = name.rpartition("/")[2].split(".")[1]
        if hashlib.sha256(body).hexdigest() != digest:
            raise HubError("HUB-6038", f"The object {name} in {self} does not hold the bytes that were put there.")
        with self._lock:
            self._last[name] = body
            while len(self._last) > _KEPT:
                del self._last[next(iter(self._last))]
        return body

    def delete(self, names: Sequence[str]) -> None:
        """What is not there is gone already."""
        import obstore

        with self._lock:
            for name in names:
                self._last.pop(name, None)
        store = self.open()
        try:
            for start in range(0, len(names), _PAGE):
                obstore.delete(store, names[start : start + _PAGE])
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._away("does not delete objects", error) from error

    def delete_or_leave(self, names: Sequence[str]) -> None:
        """As delete; what cannot be deleted now is left to blobs.sweep_objects."""
        try:
            self.delete(names)
        except Exception as error:  # noqa: BLE001 - what let go of them is committed, whatever comes here
            log.warning("%d objects are deleted later: %s", len(names), error)

    def list_before(self, before: datetime) -> Iterator[list[str]]:
        """The names of objects put before a moment, a page at a time."""
        import obstore

        store = self.open()
        try:
            for page in obstore.list(store, chunk_size=_PAGE):
                yield [one["path"] for one in page if one["last_modified"] < before]
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._away("does not list objects", error) from error

    def test(self) -> str:
        """Tries all it is needed for, and says how that went. Errors as put, get and delete."""
        began = time.monotonic()
        name = self.put("test", 0, b"hub")
        self.get(name)
        next(self.list_before(datetime.now(UTC)), None)
        self.delete([name])
        took = (time.monotonic() - began) * 1000
        return f"{self} takes objects, gives them back, lists and deletes them ({took:.0f} ms)"

    def _connect(self) -> "S3Store":
        try:
            from obstore.store import S3Store
        except ImportError as error:
            text = f"Payloads are kept in {self}, but its client is not installed: pip install 'crossdock[s3]'."
            raise ConfigError("HUB-6039", text) from error
        config: S3Config = {
            "region": self._region,
            "access_key_id": self._secret(KEY),
            "secret_access_key": self._secret(SECRET),
        }
        if self._endpoint:
            config["endpoint"] = self._endpoint
        plain = (self._endpoint or "").startswith("http://")
        client: ClientConfig = {"allow_http": plain, "connect_timeout": _CONNECT, "timeout": _REQUEST}
        retry: RetryConfig = {"max_retries": 1, "retry_timeout": _RETRY}
        return S3Store(self._bucket, prefix=self._prefix, config=config, client_options=client, retry_config=retry)

    def _away(self, what: str, error: Exception) -> TransientError:
        text = str(error)
        if said := _SAID.search(text):
            why = f"{said[1]}: {said[2]}" if said[2] else said[1]
        elif system := _SYSTEM.search(text):
            why = system[1]
        else:
            why = text.partition("\n")[0].rpartition(" - ")[2].rstrip(": ")
        return TransientError("HUB-6037", f"The object store {self} {what}: {why}")


def objects_at(url: str, secret: Callable[[str], str]) -> Objects | None:
    """The object store at that address; None: it is empty. ConfigError as Objects."""
    return Objects(url, secret) if url else None
