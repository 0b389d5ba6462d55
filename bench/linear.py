"""Time and memory of `hub check` and `hub acknowledge` over the size of one interchange, from 1 MB on.

linear.py [--write] [MEGABYTES ..]: the sizes to measure, by default 1 10 100. --write puts the table into
docs/explanation/speed.md and draws docs/explanation/linear.svg. Files are made in the temporary folder and deleted.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from math import log10
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import page, samples

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("check", "acknowledge")
MODELS = 500
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 360, 64, 24, 48


class Run(NamedTuple):
    """One command on one file: megabytes, orders, seconds of CPU time, and the peak of its memory in MB (RSS)."""

    command: str
    size: float
    orders: int
    seconds: float
    memory: float


def payload(megabytes: int) -> Iterator[bytes]:
    """One interchange of so many MB: a few hundred orders again and again, each with a number of its own."""
    random, wanted, written, number = Random(3), megabytes * 10**6, 0, 0
    models = [samples.x12_message(random, 123456789, 0.0).encode() for _ in range(MODELS)]
    head, *_ = samples.x12(1).partition(b"ST*")
    yield head
    while written < wanted:
        number += 1
        message = models[number % MODELS].replace(b"123456789", b"%09d" % number)
        written += len(message)
        yield message
    yield b"GE*%d*17~IEA*1*000000017~" % number


def measure(command: str, path: str, orders: int) -> Run:
    """Run the command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", command, path], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    said = started.stdout.read()
    _, status, used = os.wait4(started.pid, 0)
    assert status == 0, said[-500:]
    assert (
        said.count("AK5*A~") == orders if command == "acknowledge" else f"{orders} messages; 0 reject, 0 error" in said
    )
    return Run(command, Path(path).stat().st_size / 1e6, orders, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def runs(sizes: list[int]) -> Iterator[Run]:
    for size in sizes:
        with tempfile.NamedTemporaryFile(suffix=".edi") as file:
            orders = 0
            for part in payload(size):
                orders += part.startswith(b"ST*")
                file.write(part)
            file.flush()
            for command in COMMANDS:
                yield measure(command, file.name, orders)


def table(measured: list[Run]) -> str:
    lines = ["| MB | orders | command | CPU seconds | MB/s | peak memory (MB) |", "|---:|---:|---|---:|---:|---:|"]
    for each in measured:
        lines.append(
            f"| {each.size:.0f} | {each.orders:,} | `hub {each.command}` | {each.seconds:.2f} "
            f"| {each.size / each.seconds:.0f} | {each.memory:.0f} |"
        )
    return "\n".join(lines)


def drawing(measured: list[Run]) -> str:
    """Seconds over megabytes, both on scales of powers of ten: a straight line of slope one is linear time."""
    low, high = 0.1, max(100.0, 2 * max(each.seconds for each in measured))
    most = max(1000.0, max(each.size for each in measured))
    right, bottom = WIDTH - 24, HEIGHT - BOTTOM

    def x(size: float) -> float:
        return LEFT + (right - LEFT) * log10(max(size, 1)) / log10(most * 1.2)

    def y(seconds: float) -> float:
        return bottom - (bottom - TOP) * (log10(seconds) - log10(low)) / (log10(high) - log10(low))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="CPU seconds of hub check and hub acknowledge over the size of an interchange">',
        "<style>text{font:12px sans-serif;fill:#333}.g{stroke:#ddd}.check{stroke:#0b6bcb;fill:none}"
        ".acknowledge{stroke:#b3540e;fill:none}circle.check{fill:#0b6bcb}circle.acknowledge{fill:#b3540e}"
        "@media (prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}.check{stroke:#6db3ff}"
        ".acknowledge{stroke:#f0a35e}circle.check{fill:#6db3ff}circle.acknowledge{fill:#f0a35e}}</style>",
    ]
    for power in range(4):
        at = x(10**power)
        parts.append(f'<line class="g" x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power} MB</text>')
    for power in range(-1, 3):
        at = y(10.0**power)
        parts.append(f'<line class="g" x1="{LEFT}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for index, command in enumerate(COMMANDS):
        points = [(x(each.size), y(each.seconds)) for each in measured if each.command == command]
        line = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline class="{command}" stroke-width="2" points="{line}"/>')
        parts += [f'<circle class="{command}" cx="{across:.1f}" cy="{down:.1f}" r="3"/>' for across, down in points]
        parts.append(f'<circle class="{command}" cx="{LEFT + 16}" cy="{TOP + 14 + 18 * index}" r="4"/>')
        parts.append(f'<text x="{LEFT + 26}" y="{TOP + 18 + 18 * index}">hub {command}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(arguments: list[str]) -> None:
    sizes = [int(each) for each in arguments if each != "--write"] or [1, 10, 100]
    measured = []
    for each in runs(sizes):
        measured.append(each)
        print(f"{each.size:7.0f} MB  hub {each.command:12} {each.seconds:7.2f} s  {each.memory:5.0f} MB", flush=True)
    if "--write" in arguments:
        page.write("linear", table(measured))
        (page.FOLDER / "linear.svg").write_text(drawing(measured))


if __name__ == "__main__":
    main(sys.argv[1:])
