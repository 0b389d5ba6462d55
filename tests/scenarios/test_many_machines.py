"""Four workers that have nothing in common but the database and the object store."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.app import Hub
from hub.config import Config, Secrets
from hub.pipeline.receive import accept_payload
from hub.store.blobs import INLINE, read_payload, upload
from hub.store.tables import incident, payload, payload_chunk, work
from hub.workspace import Workspace
from tests.hubs import POLLS, SECRETS, SOURCE, european_order, order, x12
from tests.hubs import edifact as edifact_of
from tests.object_stores import ObjectStore

pytestmark = [pytest.mark.slow, pytest.mark.peer("postgres")]

SECONDS = 120
FLOWS = 6


def test_four_workers_share_no_folder(tmp_path: Path, postgres_database_url: str, object_store: ObjectStore) -> None:
    drops, payloads = tmp_path / "partners", object_store.new_url()
    secrets = {**SECRETS, "HUB_SECRET_DROPS": str(drops)}
    machines = [Path(shutil.copytree(SOURCE, tmp_path / f"machine-{number}")) for number in range(5)]
    config = Config(machines[0], postgres_database_url, Secrets(machines[0], secrets), payloads)
    hub = Hub(Workspace(machines[0]), config)
    hub.content()
    environment = {**os.environ, **secrets, "HUB_DATABASE": postgres_database_url, "HUB_PAYLOADS": payloads}
    command = [sys.executable, "-P", "-m", "hub.cli", "worker", "--threads", "1", "--end-with-stdin", "--workspace"]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(subprocess.Popen([*command, folder], stdin=subprocess.PIPE, env=environment))
            for folder in machines[1:]
        ]
        padding = b"\n" * INLINE
        for number in range(1, FLOWS + 1):
            receive(hub, "bluebird/mailbox", x12(order(f"PO-{number}"), number=number) + padding)
            receive(hub, "europa/drop", edifact_of(european_order(f"EO-{number}"), number=str(number)) + padding)
        deadline = time.monotonic() + SECONDS
        while left(hub):
            assert time.monotonic() < deadline, left(hub)
            assert [worker.poll() for worker in workers] == [None] * 4
            time.sleep(0.1)
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.close()
        assert [worker.wait(SECONDS) for worker in workers] == [0] * 4
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
    hub.stop()


def receive(hub: Hub, connection: str, body: bytes) -> None:
    taken = upload(hub.database, hub.context.new_id(), [body])
    with hub.database.begin() as conn:
        accept_payload(conn, hub.context, hub.content().partners.connection(connection), taken)


def left(hub: Hub) -> int:
    """Work that has not ended, timers aside."""
    with hub.database.read() as conn:
        return conn.execute(select(func.count()).select_from(work).where(work.c.kind.not_in(POLLS))).scalar_one()
