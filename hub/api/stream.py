"""The live stream: messages that are new or changed, as server-sent events.

One task reads the event table for all clients, and only while there are any.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hub.api.answer import answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import Changes
from hub.store.browse import changes_since, last_event, message_rows

INTERVAL = 1.0
KEEP_ALIVE = 15.0
MOST_CLIENTS = 200
MOST_WAITING = 100
LATE = 200
"""Sequence numbers looked at again: a transaction may commit after one that drew a later number."""

_log = structlog.get_logger()
_RESET = b"event: reset\ndata: {}\n\n"


class Feed:
    """Hands every change to every client. A client too slow to follow is told to load anew."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._clients: set[asyncio.Queue[bytes]] = set()
        self._wanted = asyncio.Event()
        self._last: int | None = None
        self._known: set[int] = set()
        self._starting = threading.Lock()

    async def run(self) -> None:
        """Follow the event table until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                chunk = await run_in_threadpool(self._poll)
            except SQLAlchemyError as error:
                _log.warning("the live stream cannot read the database", error=str(error))
                chunk = None
            if chunk:
                self._hand_out(chunk)
            await asyncio.sleep(INTERVAL)
            if not self._clients:
                self._wanted.clear()
                self._last = None

    def _poll(self) -> bytes | None:
        with self._context.database.read() as conn:
            last = self._start(conn)
            seqs, changes = changes_since(conn, last - LATE, known=self._known)
            self._last = last = max([last, *seqs])
            self._known = {seq for seq in (*self._known, *seqs) if seq > last - LATE}
            rows = message_rows(conn, {change.message_id for change in changes})
        return _chunk(last, Changes(messages=rows)) if rows else None

    def _start(self, conn: Connection) -> int:
        """The event the feed stands at. It starts no later than where its first client is told it stands."""
        with self._starting:
            if self._last is None:
                self._known = set(changes_since(conn, last_event(conn) - LATE)[0])
                self._last = max(self._known, default=0)
            return self._last

    def _hand_out(self, chunk: bytes) -> None:
        for queue in self._clients:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(_RESET)
            else:
                queue.put_nowait(chunk)

    def _missed(self, since: int | None) -> bytes:
        """What happened after that event; without one, only where the stream stands."""
        with self._context.database.read() as conn:
            self._start(conn)
            last = last_event(conn)
            if since is None or since >= last:
                return f"id: {last}\nevent: hello\ndata: {{}}\n\n".encode()
            seqs, changes = changes_since(conn, since)
            if seqs and seqs[-1] < last:
                return f"id: {last}\n".encode() + _RESET
            rows = message_rows(conn, {change.message_id for change in changes})
        return _chunk(last, Changes(messages=rows))

    async def follow(self, since: int | None) -> AsyncIterator[bytes]:
        """Chunks for one client, for as long as it listens."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._clients.add(queue)
        self._wanted.set()
        try:
            yield b"retry: 2000\n\n"
            yield await run_in_threadpool(self._missed, since)
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._clients.discard(queue)

    @property
    def is_full(self) -> bool:
        return len(self._clients) >= MOST_CLIENTS


def _chunk(seq: int, changes: Changes) -> bytes:
    return b"id: %d\nevent: messages\ndata: %s\n\n" % (seq, msgspec.json.encode(changes))


@contextlib.asynccontextmanager
async def following(feed: Feed) -> AsyncIterator[None]:
    """Runs the feed's task."""
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def add_stream(app: FastAPI, feed: Feed) -> None:
    @app.get("/api/stream", **answers(media_type="text/event-stream"))
    async def stream(request: Request) -> Response:
        """Server-sent events: `messages` (Changes), `reset` (load anew), `hello`. Last-Event-ID resumes."""
        if feed.is_full:
            raise RequestError(503, "HUB-9106", f"{MOST_CLIENTS} pages follow the live stream already.")
        given = request.headers.get("last-event-id", "")
        since = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
        return StreamingResponse(feed.follow(since), media_type="text/event-stream")
