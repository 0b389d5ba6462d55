"""Every target takes what a coverage-guided fuzzer thinks of in a few seconds; `make fuzz` gives it longer."""

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS, seeds

SECONDS = 4


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_break_nothing(target: str) -> None:
    found = seeds(target)
    assert len(found) > 2
    for seed in found:
        TARGETS[target](seed)


@pytest.mark.slow
@pytest.mark.peer("atheris")
@pytest.mark.parametrize("target", TARGETS)
def test_a_few_seconds_of_fuzzing_break_nothing(target: str) -> None:
    count, fault = fuzz(target, SECONDS)
    assert fault == "", fault
    assert count > len(seeds(target)), "the fuzzer stopped before it tried anything of its own"
