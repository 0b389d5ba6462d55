"""Every sample beside a mapping: the document it means (golden JSON), and what writing that document gives back."""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from hub.mapping import Library
from hub.mapping.samples import run_sample, same_as_golden

MAPPINGS = Path(__file__).parents[2] / "mappings"
SAMPLES = sorted(MAPPINGS.rglob("samples/*.edi"))


@cache
def library() -> Library:
    return Library([MAPPINGS])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_sample_means_its_document_and_is_written_back(path: Path, update_golden: bool) -> None:
    mapping = library().get(path.parent.parent.relative_to(MAPPINGS).as_posix())
    found = run_sample(mapping, path.read_bytes())
    assert found
    assert [one for one in found if one.faulty] == []
    golden = path.with_suffix(".json")
    if update_golden:
        kept = [one.golden() for one in found]
        golden.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    assert same_as_golden(found, msgspec.json.decode(golden.read_bytes()))
