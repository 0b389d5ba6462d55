"""Every shipped mapping, in every release it lists: what is generated from it is right Python."""

from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from hub.mapping import Library
from hub.mapping.compiled import Variant, emit
from hub.schema.walk import walk
from tests.unit.edi import messages

MAPPINGS = Path(__file__).parents[2] / "mappings"


@cache
def library() -> Library:
    return Library([MAPPINGS])


XML = [id for id in library().ids() if library().get(id).xml is not None]
CASES = [(id, version) for id in library().ids() if id not in XML for version in library().get(id).versions]


@pytest.mark.parametrize(("id", "version"), CASES)
def test_every_variant_compiles(id: str, version: str) -> None:
    plan = library().get(id).plan(version)
    assert plan.rules
    for variant in get_args(Variant):
        compile(emit(plan, variant), f"<{id} {version} {variant}>", "exec")


@pytest.mark.parametrize("id", XML)
def test_every_variant_of_xml_compiles(id: str) -> None:
    xml = library().get(id).xml
    assert xml is not None
    for variant in get_args(Variant):
        compile(xml.source(variant), f"<{id} {variant}>", "exec")


SAMPLES = sorted(MAPPINGS.rglob("samples/*.edi"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_careful_variants_agree_with_the_fast_ones(path: Path) -> None:
    mapping = library().get(path.parent.parent.relative_to(MAPPINGS).as_posix())
    for message in messages(path.read_bytes()):
        if message.type != mapping.type:
            continue
        known = mapping.definition(message.version)
        reading = mapping.read(message)
        tree, _ = walk(message, known)
        careful, _ = mapping._read_carefully(message, tree, known)
        assert careful.findings == reading.findings
        if reading.document is None or careful.document is None:
            assert reading.document is careful.document
            continue
        written = mapping.write(reading.document, message.version).segments
        assert mapping.write(careful.document, message.version).segments == written
