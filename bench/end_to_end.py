"""How many orders a second go all the way: an interchange of 850s comes; each is checked, read, and routed, and a 940
to the warehouse's folder and an 855 to the retailer's mailbox are written and delivered; one 997 answers them all.

end_to_end.py [ORDERS] [WORKERS ..]. Prints a table: database, workers (processes of one thread and one child each),
seconds, orders a second. The databases are durable, as in earnest.

end_to_end.py profile [ORDERS]: where one worker's time goes, on SQLite.
"""

import cProfile
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from hub.app import Hub
from hub.config import Config, Secrets
from hub.pipeline.receive import accept_payload
from hub.store.blobs import upload
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.tables import delivery, work
from hub.workspace import Workspace
from tests.hubs import SECRETS, SOURCE, order, x12
from tests.postgres import new_database, postgres


def open_hub(folder: Path, url: str) -> Hub:
    secrets = Secrets(folder, {**SECRETS, "HUB_SECRET_DROPS": str(folder / "drops")})
    return Hub(Workspace(folder), Config(folder=folder, database=url, secrets=secrets), children=1)


def prepare(folder: Path, url: str, orders: int) -> Database:
    """A workspace without the merchant's copies, whose warehouse takes the same delivery twice as once; and one
    interchange received."""
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "partners" / "erp")
    drop = folder / "connectors" / "drop.py"
    drop.write_text(drop.read_text().replace("class Connector:\n", "class Connector:\n    repeatable = True\n"))
    database = open_database(url)
    upgrade(database)
    hub = open_hub(folder, url)
    connection = hub.content().partners.connection("bluebird/mailbox")
    payload = x12(*(order(f"PO-{place}") for place in range(orders)))
    body = upload(hub.database, hub.context.new_id(), [payload])
    with hub.database.begin() as conn:
        accept_payload(conn, hub.context, connection, body)
    hub.stop()
    return database


def work_on(folder: Path, url: str) -> None:
    """One worker process, until it is told to end."""
    hub = open_hub(folder, url)
    hub.content()
    print("ready", flush=True)
    sys.stdin.readline()
    hub.start_workers(1)
    sys.stdin.read()
    hub.stop()


def delivered(database: Database) -> int:
    with database.read() as conn:
        query = select(func.count()).where(delivery.c.state == "delivered")
        return int(conn.execute(query).scalar_one())


def measure(url: str, orders: int, workers: int) -> float:
    """Seconds from the first claim to the last delivery."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = prepare(folder, url, orders)
        command = [sys.executable, __file__, "work", str(folder), url]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        started = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
            for _ in range(workers)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        begun = time.monotonic()
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        while delivered(database) < 2 * orders + 1:
            time.sleep(0.1)
            with database.read() as conn:
                assert conn.execute(select(work.c.id).where(work.c.set_aside)).first() is None
        seconds = time.monotonic() - begun
        for process in started:
            process.communicate()
        database.dispose()
        return seconds


def profile(orders: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/hub.db"
        prepare(Path(name), url, orders).dispose()
        hub = open_hub(Path(name), url)
        worker = hub.dispatcher("bench")
        watch = cProfile.Profile()
        watch.enable()
        while worker.step():
            pass
        watch.disable()
        hub.stop()
        pstats.Stats(watch).sort_stats("cumulative").print_stats(45)


def main(orders: int, counts: list[int]) -> None:
    print(f"{orders} orders, two deliveries each, one 997")
    print(f"{'database':12} {'workers':>8} {'seconds':>9} {'orders/s':>9}")
    with postgres(durable=True) as server, tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "postgresql"):
            for count in counts:
                url = new_database(server.url) if kind == "postgresql" else f"sqlite:///{name}/{count}.db"
                seconds = measure(url, orders, count)
                print(f"{kind:12} {count:8} {seconds:9.1f} {orders / seconds:9.0f}", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", folder, url]:
            work_on(Path(folder), url)
        case ["profile", *rest]:
            profile(int(rest[0]) if rest else 200)
        case rest:
            numbers = [int(text) for text in rest]
            main(numbers[0] if numbers else 300, numbers[1:] or [1, 2, 4])
