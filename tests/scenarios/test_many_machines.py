"""Four workers that have nothing in common but the database and the object store, under load: one is cut off, one is
killed, and the database crashes."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.app import Hub
from hub.config import Config, Secrets
from hub.pipeline.receive import accept_payload
from hub.store.blobs import INLINE, read_payload, upload
from hub.store.engine import open_database
from hub.store.migrate import upgrade
from hub.store.tables import incident, payload, payload_chunk, work
from hub.workspace import Workspace
from tests.hubs import POLLS, SECRETS, SOURCE, european_order, order, x12
from tests.hubs import edifact as edifact_of
from tests.object_stores import ObjectStore
from tests.postgres import PostgresServer, new_database, postgres

pytestmark = [pytest.mark.slow, pytest.mark.peer("postgres")]

SECONDS = 120
FLOWS = 12


class Wire:
    """A way to the database that can be cut: what went over it breaks off, and nobody gets through any more."""

    def __init__(self, port: int) -> None:
        self._there = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._ends = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, far = self._listening.accept()[0], socket.create_connection(self._there)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres(durable=True) as made:
        yield made


def test_four_workers_share_no_folder(tmp_path: Path, server: PostgresServer, object_store: ObjectStore) -> None:
    postgres_database_url = new_database(server.url)
    wire = Wire(server.port)
    database = open_database(postgres_database_url)
    upgrade(database)
    database.dispose()
    drops, payloads = tmp_path / "partners", object_store.new_url()
    secrets = {**SECRETS, "HUB_SECRET_DROPS": str(drops)}
    machines = [Path(shutil.copytree(SOURCE, tmp_path / f"machine-{number}")) for number in range(5)]
    config = Config(machines[0], postgres_database_url, Secrets(machines[0], secrets), payloads)
    hub = Hub(Workspace(machines[0]), config)
    hub.content()
    environment = {**os.environ, **secrets, "HUB_DATABASE": postgres_database_url, "HUB_PAYLOADS": payloads}
    by_wire = {"HUB_DATABASE": postgres_database_url.replace(f":{server.port}/", f":{wire.port}/")}
    assert by_wire["HUB_DATABASE"] != postgres_database_url
    command = [sys.executable, "-P", "-m", "hub.cli", "worker", "--threads", "1", "--end-with-stdin", "--workspace"]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(subprocess.Popen([*command, folder], stdin=subprocess.PIPE, env=environment | other))
            for folder, other in zip(machines[1:], ({}, {}, {}, by_wire), strict=True)
        ]
        padding = b"\n" * INLINE
        for number in range(1, FLOWS + 1):
            receive(hub, "bluebird/mailbox", x12(order(f"PO-{number}"), number=number) + padding)
            receive(hub, "europa/drop", edifact_of(european_order(f"EO-{number}"), number=str(number)) + padding)
        deadline = time.monotonic() + SECONDS
        begun = left(hub)
        troubles = [wire.cut, workers[2].kill, lambda: server.restart("immediate")]
        while waiting := left(hub):
            assert time.monotonic() < deadline, waiting
            assert [worker.poll() for worker in workers[:2]] == [None] * 2
            if troubles and delivered(drops):
                troubles.pop(0)()
                hub.database.dispose()
            time.sleep(0.05)
        assert troubles == [], f"all {begun} pieces of work were done before"
        workers[3].kill()
        for worker in workers[:2]:
            assert worker.stdin is not None
            worker.stdin.close()
        assert [worker.wait(SECONDS) for worker in workers[:2]] == [0] * 2
    with hub.database.read() as conn:
        assert conn.execute(select(incident.c.message).where(incident.c.code != "HUB-4206")).scalars().all() == []
        chunks = conn.execute(select(payload_chunk.c.object, payload_chunk.c.body)).all()
        sent = select(payload.c.id, payload.c.file_name).where(payload.c.direction == "out")
        written = {row.file_name: read_payload(conn, row.id) for row in conn.execute(sent)}
    assert len(chunks) == 2 * FLOWS
    assert all(row.object and not row.body for row in chunks)
    lying = {path.name: path.read_bytes() for path in (drops / "harbor").iterdir()}
    assert len(lying) == FLOWS
    assert lying == {name: written[name] for name in lying}
    keys = [line.split()[1] for line in (drops / "harbor.log").read_text().splitlines() if line.startswith("ok ")]
    assert len(keys) == len(set(keys)) == FLOWS, "each was handed over once"
    hub.stop()


def delivered(drops: Path) -> int:
    """How many lie at the warehouse's."""
    return len(list((drops / "harbor").glob("*")))


def receive(hub: Hub, connection: str, body: bytes) -> None:
    taken = upload(hub.database, hub.context.new_id(), [body])
    with hub.database.begin() as conn:
        accept_payload(conn, hub.context, hub.content().partners.connection(connection), taken)


def left(hub: Hub) -> int:
    """Work that has not ended, timers aside."""
    with hub.database.read() as conn:
        return conn.execute(select(func.count()).select_from(work).where(work.c.kind.not_in(POLLS))).scalar_one()
