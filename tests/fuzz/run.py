"""Fuzz targets by coverage: atheris mutates what reaches new lines of hub/.

Usage: python -m tests.fuzz.run SECONDS [TARGET..]

Each target runs in a process of its own. A line per target says how many inputs it took; an input that breaks one is
printed in full and kept in var/fuzz, from where `python -m tests.fuzz.run --replay FILE TARGET` runs it again.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "fuzz"
SLOWEST = 10
"""Seconds that one input of a few KB may take before it counts as a hang (a busy machine, instrumented code)."""

MEMORY = 1024
"""MB a process may grow to: the interpreter, the directories and what thousands of inputs leave behind."""


def fuzz(target: str, seconds: int) -> tuple[int, str]:
    """Fuzz one target: how many inputs it took, and what broke it ("" if nothing did)."""
    KEPT.mkdir(parents=True, exist_ok=True)
    # By a shell that stays: Linux counts the most memory of whoever starts a process as that process's own.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    command = [*shell, sys.executable, "-m", "tests.fuzz.run", "--child", target, str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=seconds + 300)
    counted = re.findall(r"number_of_executed_units: (\d+)|^#(\d+)", done.stderr, re.MULTILINE)
    count = max((int(one or other) for one, other in counted), default=0)
    return count, "" if done.returncode == 0 else (done.stdout + done.stderr[-2000:])[-8000:]


def run_child(target: str, seconds: int) -> None:
    """In a process of its own: instrument hub, start from the seeds, and let libFuzzer mutate them."""
    import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

    with atheris.instrument_imports(include=["hub"]):
        from tests.fuzz.targets import LONGEST, TARGETS, seeds

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds(target)):
            (Path(folder) / f"{number:04}").write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
            f"-rss_limit_mb={MEMORY}",
            f"-artifact_prefix={KEPT}/{target}-",
            "-print_final_stats=1",
            "-seed=1",
        ]
        atheris.Setup([sys.argv[0], *options, folder], TARGETS[target])
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    if arguments[0] == "--child":
        run_child(arguments[1], int(arguments[2]))
        return 0
    from tests.fuzz.targets import TARGETS

    if arguments[0] == "--replay":
        TARGETS[arguments[2]](Path(arguments[1]).read_bytes())
        return 0
    broken = 0
    for target in arguments[1:] or TARGETS:
        count, fault = fuzz(target, int(arguments[0]))
        broken += bool(fault)
        print(f"{target}: {count} inputs, {'BROKEN' if fault else 'no fault'}\n{fault}".rstrip(), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
