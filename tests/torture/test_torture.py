"""One order's way, with the n-th call to the database or to a far end failing, for every n.

Each call fails as it can: an error; an answer that is lost after the call did its work; the end of the process.
`make crash EVERY=1` tries all of them, and else every n-th.
"""

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.fate import DATABASE, AtPlace
from tests.simulation.judge import amiss
from tests.simulation.play import play

SEED = 1


def kinds(place: str) -> list[str]:
    """How a call can fail. A statement that kills is as good as the commit that is then never made; what a far end has
    taken it cannot refuse any more.
    """
    if place == "statement":
        return ["error"]
    if place in DATABASE or place == "request" or place.startswith("answer "):
        return ["error", "killed"]
    if place.startswith("delivered "):
        return ["killed", "doubt"]
    return ["error", "killed", "doubt"] if place.startswith("deliver ") else ["error", "killed"]


def unmended(found: list[str], place: str, later: list[str]) -> list[str]:
    """Without the incident of a far end that was not asked again before the run was over."""
    return [told for told in found if place in later or not told.startswith("open: HUB-5002")]


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_every_call_may_fail(
    sqlite_template: Path, tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    every = pytestconfig.getoption("--every")
    golden = play(sqlite_template, tmp_path, SEED, quiet := AtPlace(0, ""), small=True)
    assert amiss(golden) == []
    golden.house.close()
    cases = [(nth, kind) for nth, place in enumerate(quiet.places, 1) for kind in kinds(place)]
    wrong: dict[str, list[str]] = {}
    failed: Counter[str] = Counter()
    mended = 0
    try:
        for nth, kind in cases[::every]:
            fate = AtPlace(nth, kind)
            try:
                world = play(sqlite_template, tmp_path, SEED, fate, small=True)
            except AssertionError as error:
                wrong[f"{kind} at call {nth}, {fate.places[nth - 1]}"] = [str(error)]
                continue
            assert fate.met[kind] == 1
            if found := unmended(amiss(world), fate.places[nth - 1], quiet.places[nth:]):
                wrong[f"{kind} at call {nth}, {fate.places[nth - 1]}"] = found
            failed[f"{fate.places[nth - 1].split()[0]}: {kind}"] += 1
            mended += world.mended
            world.house.close()
    finally:
        with capsys.disabled():
            print(
                f"\n{failed.total()} of {len(cases)} failures at {len(quiet.places)} calls: {len(wrong)} ended badly; "
                f"{mended} waited for a person, each with an incident\n  {dict(sorted(failed.items()))}"
            )
    assert wrong == {}
