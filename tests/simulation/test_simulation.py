"""Worlds in which things go wrong by chance: every one of them ends well, and a seed is a run, byte for byte.

`make crash WORLDS=2000` plays many. One that fails is played alone by `--worlds 1 --first N`.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.fate import Chance, Fate
from tests.simulation.judge import amiss
from tests.simulation.play import play

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_quiet_world(sqlite_template: Path, tmp_path: Path) -> None:
    world = play(sqlite_template, tmp_path, 1, Fate())
    assert amiss(world) == []
    assert world.mended == 0
    world.house.close()


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_every_world_ends_well(
    sqlite_template: Path, tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    worlds, first = pytestconfig.getoption("--worlds"), pytestconfig.getoption("--first")
    met: Counter[str] = Counter()
    mended = places = 0
    wrong: dict[int, list[str]] = {}
    played = 0
    try:
        for seed in range(first, first + worlds):
            played += 1
            try:
                world = play(sqlite_template, tmp_path, seed, Chance(seed))
            except AssertionError as error:
                wrong[seed] = [str(error)]
                continue
            if found := amiss(world):
                wrong[seed] = found
            met += world.fate.met
            mended += world.mended
            places += world.fate.passed
            world.house.close()
    finally:
        faults = ", ".join(f"{kind} {times}" for kind, times in sorted(met.items()))
        with capsys.disabled():
            print(
                f"\n{played} worlds from seed {first}: {len(wrong)} ended badly; {met.total()} faults at {places} "
                f"places ({faults}); {mended} things waited for a person, each with an incident"
            )
    assert wrong == {}


@pytest.mark.slow
def test_a_seed_is_a_run_byte_for_byte(sqlite_template: Path, tmp_path: Path) -> None:
    """In processes of their own, whose sets have other orders."""
    said = []
    for seeds in ("1", "2"):
        folder = tmp_path / seeds
        folder.mkdir()
        command = [sys.executable, "-m", "tests.simulation.play", str(sqlite_template), str(folder), "3", "4"]
        environment = {**os.environ, "PYTHONHASHSEED": seeds, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
        said.append(done.stdout.split())
    assert said[0] == said[1]
    assert len({*said[0]}) == 2
