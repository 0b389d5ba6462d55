"""Four workers, each with a folder of its own, over one PostgreSQL: one is cut off and comes back, one is killed, the
server crashes under load. Everything ends, nothing is lost or doubled."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from hub.app import Hub
from hub.config import Config, Secrets
from hub.pipeline.receive import accept_payload
from hub.store.blobs import body_of
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.tables import delivery, fulfilment, incident, interchange, mailbox_file, message, sales_order, work
from hub.workspace import Workspace
from tests.hubs import SECRETS, SOURCE, edifact, european_order, order, x12
from tests.postgres import new_database, postgres

pytestmark = [pytest.mark.slow, pytest.mark.peer("postgres")]

LEASE = 3.0
ROUNDS, ORDERS = 6, 3
ROOT = Path(__file__).parents[2]


def start(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    shutil.copytree(SOURCE, folder)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.racing_worker", str(folder), url, str(LEASE)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL)


def receive(hub: Hub, name: str, body: bytes) -> None:
    by = hub.content().partners.connection(name)
    with hub.database.begin() as conn:
        accept_payload(conn, hub.context, by, body_of(conn, hub.context.new_id(), body))


def traffic(hub: Hub, number: int) -> int:
    """What three connections bring at once; how many orders."""
    mine = [order(f"B-{number}-{place}") for place in range(ORDERS)]
    receive(hub, "bluebird/mailbox", x12(*mine, number=number))
    theirs = [order(f"O-{number}-{place}") for place in range(ORDERS)]
    receive(hub, "oakmart/mailbox", x12(*theirs, number=number, sender="ZZ:OAKMART"))
    receive(hub, "europa/drop", edifact(european_order(f"E-{number}"), number=str(number)))
    return 2 * ORDERS + 1


def until(holds: Callable[[], bool], left: Callable[[], object], seconds: float = 90) -> None:
    """left: what still keeps it, for the message."""
    end = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except OperationalError:
            pass
        assert time.monotonic() < end, f"it did not come to that in time: {left()}"
        time.sleep(0.1)


def left_of(database: Database) -> list[object]:
    with database.read() as conn:
        return [dict(row) for row in conn.execute(select(work).limit(5)).mappings()]


def count(database: Database, table: type | object = sales_order) -> int:
    with database.read() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def is_quiet(database: Database, orders: int) -> bool:
    timers = ("collect", "due")
    with database.read() as conn:
        left = conn.execute(select(func.count()).where(work.c.kind.not_in(timers))).scalar_one()
    return left == 0 and count(database) == orders


def test_four_workers_race_and_fall(tmp_path: Path) -> None:
    with postgres(durable=True) as server:
        url = new_database(server.url)
        database = open_database(url)
        upgrade(database)
        home = tmp_path / "home"
        shutil.copytree(SOURCE, home)
        secrets = Secrets(home, {**SECRETS, "HUB_SECRET_DROPS": str(tmp_path / "drops")})
        hub = Hub(Workspace(home), Config(folder=home, database=url, secrets=secrets), children=1)
        workers = [start(tmp_path / f"machine-{number}", url) for number in range(4)]
        try:
            orders = sum(traffic(hub, number) for number in range(1, ROUNDS // 2))
            until(lambda: count(database) > 3, lambda: left_of(database))
            os.kill(workers[0].pid, signal.SIGSTOP)
            workers[1].kill()
            orders += sum(traffic(hub, number) for number in range(ROUNDS // 2, ROUNDS))
            server.restart("immediate")
            until(lambda: is_quiet(database, orders), lambda: left_of(database))
            os.kill(workers[0].pid, signal.SIGCONT)  # its lease is long over, its work done by others
            orders += traffic(hub, ROUNDS)
            until(lambda: is_quiet(database, orders), lambda: left_of(database))
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            hub.stop()
        amiss = _amiss(database)
        database.dispose()
    assert amiss == []


def _amiss(database: Database) -> list[str]:
    """What was lost or doubled, in words."""
    with database.read() as conn:
        rows = conn.execute(select(message)).mappings().all()
        numbers = conn.execute(
            select(interchange.c.sender, interchange.c.receiver, interchange.c.control_number).where(
                interchange.c.direction == "out"
            )
        ).all()
        states = Counter(conn.execute(select(delivery.c.state)).scalars())
        placed = Counter(
            conn.execute(select(mailbox_file.c.delivery_id).where(mailbox_file.c.folder == "outbox")).scalars()
        )
        incidents = conn.execute(select(incident.c.code, incident.c.message)).all()
        sources = Counter(conn.execute(select(fulfilment.c.order_id, fulfilment.c.source)).all())
        whole = set(conn.execute(select(sales_order.c.id)).scalars())
    sent = Counter(
        (row["partner"], row["type"], row["order_id"])
        for row in rows
        if row["direction"] == "out" and row["order_id"] and row["partner"] != "erp"
    )
    found = [f"{one} was sent {times} times" for one, times in sent.items() if times > 1]
    found += [
        f"order {one} has no answer"
        for one in whole
        if not any(key[2] == one and key[1] in ("855", "ORDRSP") for key in sent)
    ]
    found += [f"number {one} was used {times} times" for one, times in Counter(numbers).items() if one[2] and times > 1]
    found += [f"{times} deliveries are {state}" for state, times in states.items() if state != "delivered"]
    found += [f"{one} lies {times} times in its mailbox" for one, times in placed.items() if times > 1]
    found += [f"{one} released {times} times" for one, times in sources.items() if times > 1]
    found += [
        f"{row['type']} {row['number']} is {row['validation']}"
        for row in rows
        if row["validation"] not in ("accepted", "accepted_with_errors")
    ]
    return found + [f"{code} {text}" for code, text in incidents]
