"""kill -9 at every named moment of a flow: before a commit, after it, in the middle of each side effect.

`make crash KILLS=500` takes so many moments on each database; the first, the middle and the last of every kind come
first. One in five is killed once more while it recovers. The figures are printed whatever the outcome.
"""

import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crash.as2_flow import As2Scene, write_keys
from tests.crash.flow import Killer, Scene, fork
from tests.simulation.house import loaded
from tests.sshd import start_sshd

ROOT = Path(__file__).resolve().parent.parent.parent
AGAIN = 5
"""One run in so many is killed in its recovery, too."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]


class Case(NamedTuple):
    moment: str
    nth: int


def cases(passed: list[str], chance: random.Random) -> list[Case]:
    """Every moment passed; the first, the middle and the last of each kind before all others."""
    times: dict[str, int] = defaultdict(int)
    for moment in passed:
        times[moment] += 1
    first = [Case(kind, nth) for kind, most in times.items() for nth in sorted({1, (most + 1) // 2, most})]
    others = [Case(kind, nth) for kind, most in times.items() for nth in range(1, most + 1)]
    rest = [case for case in others if case not in set(first)]
    chance.shuffle(first)
    chance.shuffle(rest)
    return first + rest


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "ssh").mkdir(mode=0o700)
    (tmp_path / "services").mkdir()
    command = [sys.executable, "-m", "tests.crash.http_peer", str(tmp_path / "services")]
    with (
        start_sshd(tmp_path / "ssh") as sshd,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as service,
    ):
        assert service.stdout is not None
        try:
            yield Scene(tmp_path, sshd, int(service.stdout.readline()))
        finally:
            service.kill()


class Stage:
    """Sets the scene anew for each run, on an empty database."""

    def __init__(self, scene: Scene, url: str, template: Path) -> None:
        self.scene = scene
        self.url = url
        self._template = template

    def set(self) -> None:
        self.scene.set()
        for log in (self.scene.folder / "services").iterdir():
            if log.is_file():
                log.unlink()
        if self.url.startswith("sqlite"):
            file = Path(self.url.removeprefix("sqlite:///"))
            for old in file.parent.glob(f"{file.name}*"):
                old.unlink()
            shutil.copy(self._template, file)
        else:
            from tests.postgres import empty_database

            empty_database(self.url)

    def run(self, killer: Killer, lives: int = 0) -> list[str] | None:
        """The moments passed; None: it was killed."""
        done: list[str] | None = fork(lambda: self.scene.run(self.url, killer, lives), self.scene.folder / "answer")
        return done


def ordeal(scene: Scene, url: str, template: Path, kills: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Kills so many runs of the scene's flow, lets each recover, and judges what there is in the end."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    loaded(scene.workspace)
    stage = Stage(scene, url, template)
    stage.set()
    passed = stage.run(Killer())
    assert passed is not None
    every = cases(passed, chance)
    wrong: dict[str, list[str]] = {}
    done = missed = again = repeated = flagged = 0
    try:
        for place, case in enumerate(every[:kills]):
            stage.set()
            name = f"{case.moment}, time {case.nth}"
            if stage.run(Killer(case.moment, case.nth)) is not None:
                missed += 1
                continue
            if place % 2:
                scene.take()
            lives = 1
            if place % AGAIN == 0 and stage.run(Killer("", chance.randint(1, len(passed) // 3)), lives) is None:
                again += 1
                lives += 1
            assert stage.run(Killer(), lives) is not None
            verdict = fork(lambda: scene.judge(url), scene.folder / "answer")
            repeated += verdict["repeated"]
            flagged += verdict["flagged"]
            done += 1
            if verdict["wrong"]:
                wrong[name] = verdict["wrong"]
    finally:
        with capsys.disabled():
            print(
                f"\n{done} of {len(every)} moments ({len({case.moment for case in every})} kinds) on "
                f"{url.split(':')[0]}, {again} killed again in recovery: {len(wrong)} ended badly; "
                f"{repeated} repeats at a bare SFTP folder, {flagged} deliveries flagged"
            )
    assert wrong == {}
    assert missed <= done // 10, "moments that do not come again: the flow is another each time"


@pytest.mark.peer("sshd")
def test_killed_at_every_moment(
    scene: Scene,
    database_url: str,
    sqlite_template: Path,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kills, seed = pytestconfig.getoption("--kills"), pytestconfig.getoption("--seed")
    ordeal(scene, database_url, sqlite_template, kills, seed, capsys)


@pytest.mark.parametrize("mdn", ["sync", "async"])
def test_killed_at_every_moment_over_as2(
    mdn: str,
    tmp_path: Path,
    database_url: str,
    sqlite_template: Path,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A tenth of the kills for each way of receipts."""
    kills, seed = pytestconfig.getoption("--kills"), pytestconfig.getoption("--seed")
    write_keys(tmp_path)
    (tmp_path / "services").mkdir()
    command = [sys.executable, "-m", "tests.crash.as2_peer", str(tmp_path / "services")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as partner:
        assert partner.stdout is not None
        try:
            made = As2Scene(tmp_path, int(partner.stdout.readline()), mdn)
            ordeal(made, database_url, sqlite_template, max(1, kills // 10), seed, capsys)
        finally:
            partner.kill()
