"""kill -9 of the mailbox process while partners upload: what was confirmed is there, nothing half is received."""

import random
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import paramiko
import pytest
from sqlalchemy import select

from hub.store.blobs import read_payload
from hub.store.engine import open_database
from hub.store.mailbox import abort_stale_uploads
from hub.store.ports import SystemClock
from hub.store.tables import mailbox_file, payload
from tests.mailboxes import ACME, login, put

ROUNDS = 8
PARTNERS = 2


def body_of(name: str) -> bytes:
    chance = random.Random(name)  # noqa: S311 - the same bytes every time
    return chance.randbytes(chance.choice((0, 100, 60_000, 300_000, 900_000)))


def upload_until_it_dies(port: int, prefix: str, confirmed: list[str]) -> None:
    """Uploads file after file, directly and by rename, and notes each that the server confirmed."""
    try:
        with login(port, ACME.user) as client:
            for number in range(10_000):
                name = f"{prefix}-{number}.edi"
                if number % 2:
                    put(client, f"/inbox/{name}", body_of(name))
                else:
                    put(client, f"/inbox/{name}.part", body_of(name))
                    client.rename(f"/inbox/{name}.part", f"/inbox/{name}")
                confirmed.append(name)
    except (OSError, EOFError, paramiko.SSHException):
        return


@pytest.mark.slow
def test_kill_while_partners_upload(database_url: str) -> None:
    chance, confirmed = random.Random(11), list[str]()  # noqa: S311
    for number in range(ROUNDS):
        command = [sys.executable, "-m", "tests.mailbox_process", database_url]
        root = Path(__file__).resolve().parent.parent.parent
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            partners = [
                threading.Thread(target=upload_until_it_dies, args=(port, f"{number}-{partner}", confirmed))
                for partner in range(PARTNERS)
            ]
            for partner in partners:
                partner.start()
            time.sleep(0.3 + chance.random() * 0.7)
            process.kill()
            for partner in partners:
                partner.join(30)
    database = open_database(database_url)
    with database.begin() as conn:
        abort_stale_uploads(conn, SystemClock().now() + timedelta(hours=2), timedelta(hours=1))
    with database.read() as conn:
        rows = conn.execute(select(payload.c.id, payload.c.file_name)).all()
        received = {row.file_name: read_payload(conn, row.id) for row in rows}
        states = set(conn.execute(select(mailbox_file.c.state)).scalars())
    database.dispose()
    assert set(confirmed) <= set(received)
    assert all(body == body_of(name) for name, body in received.items())
    assert len(received) == len(rows)
    assert states <= {"received", "aborted", "uploaded"}
    print(f"{ROUNDS} kills: {len(confirmed)} uploads confirmed, {len(received)} received whole, 0 lost, 0 half")
    assert len(confirmed) > ROUNDS
