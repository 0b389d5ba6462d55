"""How long one order takes on an idle hub: from its acceptance until the three deliveries it causes (a 940 to the
warehouse, an 855 and a 997 to the retailer) are made.

latency.py [ORDERS]. One process with two threads of work. Prints the median, the 95th percentile and the slowest, in
milliseconds, for each database.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from end_to_end import MEMORY, delivered, open_hub, prepare

from hub.pipeline.receive import accept_payload
from hub.store.blobs import body_of
from tests.hubs import order, x12
from tests.postgres import new_database, postgres

FIRST = 5
"""Orders that load mappings and fill caches, and do not count."""


def measure(folder: Path, url: str, orders: int) -> list[float]:
    """Milliseconds of each order."""
    database = prepare(folder, url, 1)
    hub = open_hub(folder, url)
    by = hub.content().partners.connection("bluebird/mailbox")
    hub.start_workers(2)
    taken = []
    for place in range(1, FIRST + orders + 1):
        while delivered(database) < 3 * place:
            time.sleep(0.01)
        time.sleep(0.3)  # until the workers sleep
        payload = x12(order(f"LATE-{place}"), number=place + 10)
        begun = time.perf_counter()
        with hub.database.begin() as conn:
            accept_payload(conn, hub.context, by, body_of(conn, hub.context.new_id(), payload))
        while delivered(database) < 3 * (place + 1):
            time.sleep(0.001)
        taken.append((time.perf_counter() - begun) * 1000)
    hub.stop()
    database.dispose()
    return taken[FIRST:]


def main(orders: int) -> None:
    print(f"{'database':12} {'median':>8} {'p95':>8} {'slowest':>8}   ms, {orders} orders one by one")
    with postgres(durable=True) as server, tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "postgresql"):
            url = new_database(server.url) if kind == "postgresql" else f"sqlite:///{name}/hub.db"
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                taken = measure(Path(folder), url, orders)
            late = statistics.quantiles(taken, n=20)[-1]
            print(f"{kind:12} {statistics.median(taken):8.0f} {late:8.0f} {max(taken):8.0f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
