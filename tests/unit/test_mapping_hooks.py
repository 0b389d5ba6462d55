"""Functions beside a mapping (`call`), and pydifact's segments for those who have code for them."""

from pathlib import Path

import pytest
from pydifact.segments import Segment

from hub.canonical import Order
from hub.errors import ConfigError
from hub.interop.pydifact import from_segments, to_segments
from hub.mapping import Library
from hub.syntax import cut, parse
from hub.syntax.model import Message

SPEC = b"""mapping: edifact/ORDERS
versions: [D.96A]
document: Order
fields:
  number: BGM02 | call plain coded
"""
HOOK = b"def plain(text):\n    return text.removeprefix('PO-')\n\ndef coded(value):\n    return 'PO-' + value\n"


def message() -> Message:
    body = b"UNH+1+ORDERS:D:96A:UN'BGM+220+PO-7+9'NAD+BY+1::9++O?'NEILL'UNT+4+1'"
    payload = b"UNB+UNOC:3+A:14+B:14+260122:1430+1'" + body + b"UNZ+1+1'"
    interchange = next(iter(cut(payload)))
    span = interchange.messages[0]
    return parse(payload[span.offset : span.offset + span.length], span, interchange)


def test_a_call_and_its_inverse(tmp_path: Path) -> None:
    library = Library(files={"edifact/ORDERS.yaml": SPEC, "edifact/ORDERS.py": HOOK}, cache=tmp_path)
    mapping = library.get("edifact/ORDERS")
    document = mapping.read(message()).document
    assert isinstance(document, Order)
    assert document.number == "7"
    assert mapping.write(Order(number="8"), "D.96A").segments == [["BGM", "", "PO-8"]]


def test_a_call_that_fails_is_a_finding_with_its_place(tmp_path: Path) -> None:
    hook = b"def plain(text):\n    raise RuntimeError('no such order')\n"
    spec = SPEC.replace(b"fields:\n  number", b"fields: {}\nread:\n  number").replace(b" coded", b"")
    reading = (
        Library(files={"edifact/ORDERS.yaml": spec, "edifact/ORDERS.py": hook}, cache=tmp_path)
        .get("edifact/ORDERS")
        .read(message())
    )
    assert reading.document is None
    [found] = reading.findings
    assert (found.code, found.location.tag, found.location.element) == ("HUB-3230", "BGM", 2)


def test_a_call_without_inverse_is_one_way(tmp_path: Path) -> None:
    library = Library(files={"edifact/ORDERS.yaml": SPEC.replace(b" coded", b"")}, cache=tmp_path)
    with pytest.raises(ConfigError, match="HUB-3021"):
        library.get("edifact/ORDERS").plan("D.96A")


def test_pydifact_segments_and_back() -> None:
    segments = to_segments(message())
    assert segments[2] == Segment("NAD", "BY", ["1", "", "9"], "", "O'NEILL")
    assert from_segments(segments) == [["BGM", "220", "PO-7", "9"], ["NAD", "BY", ("1", "", "9"), "", "O'NEILL"]]
