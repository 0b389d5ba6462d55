"""How many orders a second go all the way: an interchange of 850s comes; each is checked, read, and routed, and a 940
to the warehouse's folder and an 855 to the retailer's mailbox are written and delivered; one 997 answers them all.

end_to_end.py [ORDERS] [WORKERS ..]. Prints a table: database, workers (processes of two threads and two children, as
`hub worker` starts them, warm), seconds from the acceptance of the interchange to its last delivery, orders a second.
The databases are durable, as in earnest.

end_to_end.py cost [ORDERS]: what an order costs one thread and its child in processor time, stage by stage; this can be
measured on a machine that does other things, too.

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
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from hub.app import Hub, stages
from hub.config import Config, Secrets
from hub.dispatch import Commit, Dispatcher, Handler, Item
from hub.dispatch.loop import tune_interpreter
from hub.pipeline.receive import accept_payload
from hub.store.blobs import upload
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.tables import delivery, work
from hub.workspace import Workspace
from tests.hubs import SECRETS, SOURCE, order, x12
from tests.postgres import new_database, postgres

WARM = 40
"""Orders that start children, load mappings and fill caches before anything is measured."""
WARM_UP = 300
"""As many for each worker process, so that both its threads and children have worked side by side."""
_SHARED = Path("/dev/shm")  # noqa: S108 - by TemporaryDirectory
MEMORY = _SHARED if _SHARED.is_dir() else None
"""Where the warehouse's folder is: how fast a partner's disk takes a file says nothing of the hub."""

FOLDER = '''"""The warehouse: takes a file under its name, and the same file twice as once."""

from pathlib import Path

from pydantic import BaseModel

from hub.connector import Parcel, Receipt, Secrets


class Settings(BaseModel):
    folder: str


class Connector:
    repeatable = True

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._folder = Path(secrets("drops")) / settings.folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def deliver(self, parcel: Parcel) -> Receipt:
        (self._folder / parcel.file_name).write_bytes(parcel.body)
        return Receipt(reference=parcel.file_name)

    def probe(self, parcel: Parcel) -> str:
        return "delivered" if (self._folder / parcel.file_name).exists() else "absent"
'''


def open_hub(folder: Path, url: str) -> Hub:
    secrets = Secrets(folder, {**SECRETS, "HUB_SECRET_DROPS": str(folder / "drops")})
    return Hub(Workspace(folder), Config(folder=folder, database=url, secrets=secrets), children=2)


def prepare(folder: Path, url: str, orders: int) -> Database:
    """A workspace without the merchant's copies, whose warehouse takes the same delivery twice as once; and one
    interchange received."""
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "partners" / "erp")
    (folder / "connectors" / "drop.py").write_text(FOLDER)
    database = open_database(url)
    upgrade(database)
    hub = open_hub(folder, url)
    receive(hub, orders, 1)
    hub.stop()
    return database


def receive(hub: Hub, orders: int, number: int) -> None:
    """An interchange of so many orders, accepted."""
    connection = hub.content().partners.connection("bluebird/mailbox")
    payload = x12(*(order(f"PO-{number}-{place}") for place in range(orders)), number=number)
    body = upload(hub.database, hub.context.new_id(), [payload])
    with hub.database.begin() as conn:
        accept_payload(conn, hub.context, connection, body)


def work_on(folder: Path, url: str) -> None:
    """One worker process, until it is told to end."""
    hub = open_hub(folder, url)
    hub.content()
    hub.start_workers(2)
    print("working", flush=True)
    sys.stdin.read()
    hub.stop()


def start(folder: Path, url: str) -> subprocess.Popen[str]:
    """A worker process that is at work."""
    command = [sys.executable, __file__, "work", str(folder), url]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.communicate()


def delivered(database: Database) -> int:
    with database.read() as conn:
        query = select(func.count()).where(delivery.c.state == "delivered")
        return int(conn.execute(query).scalar_one())


def measure(url: str, orders: int, workers: int) -> float:
    """Seconds from the acceptance of the interchange to the last delivery."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        database = prepare(folder, url, WARM)
        started = [start(folder, url) for _ in range(workers)]
        hub = open_hub(folder, url)
        for number in range(2, 2 + workers):
            receive(hub, WARM_UP, number)
        warm = 2 * WARM + 1 + (2 * WARM_UP + 1) * workers
        _until(database, warm)
        begun = time.monotonic()
        receive(hub, orders, 100)
        _until(database, warm + 2 * orders + 1)
        seconds = time.monotonic() - begun
        for process in started:
            stop(process)
        hub.stop()
        database.dispose()
        return seconds


def _until(database: Database, deliveries: int) -> None:
    """Waits for so many, as long as nothing is set aside. To count them takes longer the more there are, and must not
    take part in what is measured."""
    asked = time.monotonic()
    while delivered(database) < deliveries:
        with database.read() as conn:
            assert conn.execute(select(work.c.id).where(work.c.set_aside)).first() is None
        time.sleep(max(0.05, 20 * (time.monotonic() - asked)))
        asked = time.monotonic()


class _Timed:
    """A stage, and the processor time it takes of this process."""

    def __init__(self, inner: Handler, spent: dict[str, float]) -> None:
        self.kind, self.batch, self.alone = inner.kind, inner.batch, getattr(inner, "alone", False)
        self._inner = inner
        self._spent = spent

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        begun = time.process_time()
        self._inner.run(items, commit)
        self._spent[self.kind] += time.process_time() - begun


def cost(url: str, orders: int) -> None:
    """Prints milliseconds of processor time for each order: the worker's, by stage, and its child's."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        prepare(folder, url, WARM).dispose()
        hub = open_hub(folder, url)
        tune_interpreter()
        spent: dict[str, float] = defaultdict(float)
        worker = Dispatcher(hub.database, [_Timed(one, spent) for one in stages(hub.context)], hub.clock, "bench")
        while worker.step():
            pass
        spent.clear()
        receive(hub, orders, 100)
        child, begun = children_seconds(), time.process_time()
        while worker.step():
            pass
        total, child = time.process_time() - begun, children_seconds() - child
        assert delivered(hub.database) == 2 * WARM + 1 + 2 * orders + 1
        hub.stop()
    spent["dispatch"] = total - sum(spent.values())
    kind = url.partition(":")[0]
    print(f"{kind:12} worker {total * 1000 / orders:6.2f}  child {child * 1000 / orders:6.2f}   ms an order")
    for stage, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        print(f"    {stage:12} {seconds * 1000 / orders:6.3f}")


def children_seconds() -> float:
    """Processor seconds of this process's children that still run."""
    ticks = 0
    for pid in Path("/proc/self/task").glob("*/children"):
        for child in pid.read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


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
        case ["cost", *rest]:
            with postgres(durable=True) as server, tempfile.TemporaryDirectory() as name:
                for url in (f"sqlite:///{name}/hub.db", new_database(server.url)):
                    cost(url, int(rest[0]) if rest else 1000)
        case ["profile", *rest]:
            profile(int(rest[0]) if rest else 200)
        case rest:
            numbers = [int(text) for text in rest]
            main(numbers[0] if numbers else 300, numbers[1:] or [1, 2, 4])
