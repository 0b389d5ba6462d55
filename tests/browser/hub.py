"""A running server over a seeded database, as tests open it."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI

from hub.api.app import create_app
from hub.connector import Answer, Refusal, Request
from hub.errors import UsageError
from hub.partner import Connection
from hub.pipeline.bulk import Bulk
from hub.pipeline.context import Context
from hub.pipeline.desk import Desk
from hub.pipeline.operations import Done, Operations
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.ports import SystemClock

TOKEN = "a-token-of-tests"
CONFIGURED = Connection(
    name="unused/http",
    partner="unused",
    account="northwind",
    environment="test",
    connector="http",
    carries=("unused",),
    poll=timedelta(minutes=1),
)


class Noting(Operations):
    """Notes what it was asked, and does nothing."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.asked: list[tuple[str, str, str]] = []

    def act(
        self,
        action: str,
        message_id: str,
        actor: str,
        *_rest: Any,
        dry_run: bool = False,
        **_more: Any,
    ) -> Done:
        if action == "replay":
            raise UsageError("HUB-6029", f"Message {message_id} has been erased: there is nothing to replay.")
        if not dry_run:
            self.asked.append((action, message_id, actor))
        before, after = {"delivery": "failed"}, {"delivery": "queued"}
        return Done(
            action=action,
            message=message_id,
            what="940",
            effect="It goes out.",
            before=before,
            after=after,
            made={},
            dry_run=dry_run,
        )


class Hub:
    """A context of the API without a pipeline behind it: it keeps what partners send."""

    def __init__(self, database: Database, token: str | None = TOKEN) -> None:
        self.database = database
        self.clock = SystemClock()
        self.tokens: Mapping[str, str] = {"admin": token} if token else {}
        self.idle: str | None = None
        self.context = Context(database, self.clock, self._content, lambda name: "")
        self.operations = Noting(self.context)
        self.bulk = Bulk(self.operations)
        self.desk = Desk(self.context)
        self.received: list[tuple[str, str, Request]] = []

    def _content(self) -> NoReturn:
        raise UsageError("HUB-6020", "There is no pipeline behind these pages.")

    def connections(self) -> Sequence[Connection]:
        return [CONFIGURED]

    def test_connection(self, name: str) -> tuple[bool, str]:
        return name == CONFIGURED.name, f"{name} was tried."

    def why_idle(self) -> str | None:
        return self.idle

    def listen(self, partner: str, connection: str, request: Request) -> Answer:
        if request.headers.get("authorization") != "Bearer partner":
            raise Refusal(401, "This connection takes no requests without its token.")
        self.received.append((partner, connection, request))
        return Answer(status=202, headers={"x-kept": "1"}, body=b'{"id":"payload-1","received":true}')

    def listen_for(self, transport: str, request: Request) -> Answer:
        return self.listen("", transport, request)


def new_database(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'hub.db'}")
    upgrade(database)
    return database


@contextlib.contextmanager
def serving(hub: Hub, *, most_bytes: int = 10_000, app: FastAPI | None = None) -> Iterator[str]:
    """The address of a server on this machine; it ends with the block. app: instead of the hub's own."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app or create_app(hub, most_bytes=most_bytes), log_level="critical", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        ready = threading.Event()
        startup = server.startup

        async def started(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            ready.set()

        server.startup = started  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(20), "the server did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
