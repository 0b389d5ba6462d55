"""Whether an order costs what it cost when the database was empty: interchanges of 1,000 orders go all the way, one
after the other, until a million documents are stored.

growth.py [DOCUMENTS] [URL]. Prints, ten times on the way, the documents stored (the order in, two deliveries out), the
database's size, and for each order since the last line milliseconds of the clock and of processor time, of one worker
thread and its children. Processor time can be compared on a machine that does other things, too.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from end_to_end import MEMORY, WARM, children_seconds, delivered, open_hub, prepare, receive

from hub.app import stages
from hub.dispatch import Dispatcher
from hub.dispatch.loop import tune_interpreter

EACH = 1000
"""Orders of an interchange."""
OF_AN_ORDER = 3
"""Documents."""


class Sample(NamedTuple):
    """documents stored so far; since the last sample milliseconds an order: of the clock, the worker's, its children's;
    the database's size in MB, None if it is no file."""

    documents: int
    clock: float
    worker: float
    children: float
    size: float | None


def grow(folder: Path, url: str, documents: int) -> Iterator[Sample]:
    """Samples, one for each tenth."""
    prepare(folder, url, WARM).dispose()
    hub = open_hub(folder, url)
    tune_interpreter()
    worker = Dispatcher(hub.database, stages(hub.context), hub.clock, "bench")
    while worker.step():
        pass
    interchanges = max(10, round(documents / OF_AN_ORDER / EACH))
    done = 0
    for tenth in range(1, 11):
        before, first = _spent(), done
        while done < interchanges * tenth // 10:
            done += 1
            receive(hub, EACH, 1 + done)
            while worker.step():
                pass
        orders = (done - first) * EACH
        clock, own, children = ((now - then) * 1000 / orders for now, then in zip(_spent(), before, strict=True))
        yield Sample(OF_AN_ORDER * EACH * done, clock, own, children, _size(url))
    assert delivered(hub.database) == 2 * (WARM + EACH * done) + 1 + done
    hub.stop()


def _spent() -> tuple[float, float, float]:
    """Seconds of the clock, of this process, of its children."""
    return time.monotonic(), time.process_time(), children_seconds()


def _size(url: str) -> float | None:
    if not url.startswith("sqlite:///"):
        return None
    file = Path(url.removeprefix("sqlite:///"))
    return sum(part.stat().st_size for part in file.parent.glob(file.name + "*")) / 1e6


def main(documents: int, url: str | None) -> None:
    print(f"{'documents':>10} {'MB':>8} {'clock':>8} {'worker':>8} {'children':>8}   ms an order", flush=True)
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=MEMORY) as drops:
        for one in grow(Path(drops), url or f"sqlite:///{name}/hub.db", documents):
            size = f"{one.size:8.0f}" if one.size is not None else " " * 8
            print(f"{one.documents:10} {size} {one.clock:8.2f} {one.worker:8.2f} {one.children:8.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else None)
