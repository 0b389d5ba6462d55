"""Every JSON sample beside a mapping: the document it means (golden), and the payload that document gives back."""

from pathlib import Path

import msgspec
import pytest

from hub.canonical import to_builtins
from hub.mapping import Library
from hub.syntax.json import read_json, write_json

MAPPINGS = Path(__file__).parents[2] / "mappings"
SAMPLES = sorted(MAPPINGS.rglob("samples/*.payload.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_a_payload_means_its_document_and_is_written_back(path: Path, update_golden: bool) -> None:
    mapping = Library([MAPPINGS]).get(path.parent.parent.relative_to(MAPPINGS).as_posix())
    payload = read_json(path.read_bytes())
    reading = mapping.read_tree(payload)
    assert reading.findings == []
    assert reading.document is not None
    writing = mapping.write_tree(reading.document)
    assert writing.findings == []
    assert read_json(write_json(writing.tree)) == payload
    document = msgspec.json.encode(to_builtins(reading.document))
    golden = path.with_name(path.name.replace(".payload.", "."))
    if update_golden:
        golden.write_bytes(msgspec.json.format(document, indent=1) + b"\n")
    assert msgspec.json.decode(golden.read_bytes()) == msgspec.json.decode(document)
