"""Whether a hub's memory stays as it is under steady load: interchanges of orders come one after the other, are
translated, routed, written, delivered and acknowledged, and the memory of a worker and of its children is looked at.

steady.py [MINUTES]. Prints minutes, orders, and the memory of both in MB; at the end by how much it grew in the second
half, and fails where that is more than MOST. MINUTES may be a fraction.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from end_to_end import delivered, open_hub, prepare, receive, start, stop

MOST = 5.0
"""MB."""

EACH = 20
"""Orders of an interchange."""


class Sample(NamedTuple):
    """minutes since the beginning; orders so far; resident memory of the worker and of its children, in MB."""

    minutes: float
    orders: int
    worker: float
    children: float


def load(folder: Path, url: str, minutes: float) -> Iterator[Sample]:
    """Samples every twentieth of the time, the load never pausing."""
    database = prepare(folder, url, EACH)
    process = start(folder, url)
    hub = open_hub(folder, url)
    begun, number, due = time.monotonic(), 1, 0.0
    while (passed := (time.monotonic() - begun) / 60) < minutes:
        number += 1
        receive(hub, EACH, number)
        while delivered(database) < (number - 2) * (2 * EACH + 1):  # one waits while one is worked on
            time.sleep(0.02)
        if passed >= due:
            due = passed + minutes / 20
            yield Sample(passed, number * EACH, *_memory(process.pid))
    stop(process)
    hub.stop()
    database.dispose()


def growth(samples: list[Sample]) -> tuple[float, float]:
    """MB by which worker and children are larger in the last quarter than in the one after the middle."""
    half = samples[len(samples) // 2 :]
    middle, last = half[: len(half) // 2], half[len(half) // 2 :]
    return _mean(one.worker for one in last) - _mean(one.worker for one in middle), _mean(
        one.children for one in last
    ) - _mean(one.children for one in middle)


def _mean(values: Iterator[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _memory(pid: int) -> tuple[float, float]:
    children = [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in _words(task / "children")]
    return _resident(pid), sum(map(_resident, children))


def _words(file: Path) -> list[str]:
    return file.read_text().split()


def _resident(pid: int) -> float:
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main(minutes: float) -> bool:
    """Whether memory stays as it is."""
    print(f"{'minutes':>8} {'orders':>8} {'worker':>8} {'children':>8}   MB")
    samples = []
    with tempfile.TemporaryDirectory() as name:
        for sample in load(Path(name), f"sqlite:///{name}/hub.db", minutes):
            samples.append(sample)
            print(f"{sample.minutes:8.1f} {sample.orders:8} {sample.worker:8.1f} {sample.children:8.1f}", flush=True)
    worker, children = growth(samples)
    print(f"in the second half: worker {worker:+.1f} MB, children {children:+.1f} MB")
    return max(worker, children) <= MOST


if __name__ == "__main__":
    sys.exit(0 if main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0) else 1)
