"""Outside judges: pydifact for EDIFACT and pyx12 for X12 read what we write, and count what we count.

Only what they get right is compared: pydifact takes one interchange in the default separators, pyx12 no repetitions
inside of composites and no separators beyond the printable.
"""

import io
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydifact.parser import Parser
from pyx12.x12file import X12Reader  # type: ignore[import-untyped]

from hub.syntax import Element, Envelope, OutGroup, OutMessage, cut, elements, parse, write
from tests.properties.strategies_syntax import segments

PREPARED = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone
WORDS = st.text("AZaz09 .,-?+:'*~>äß", max_size=10)
TAGS = ("BGM", "NAD", "LIN", "FTX", "UNS")
PLAIN = st.text("AZaz09 .,-", max_size=10)


def ours(payload: bytes) -> list[list[Element]]:
    """The segments of every message, envelope segments of the message included."""
    (interchange,) = cut(payload)
    assert interchange.all_findings == []
    found = []
    for span in interchange.messages:
        message = parse(payload[span.offset : span.offset + span.length], span, interchange)
        found += [elements(message, segment) for segment in message.segments]
    return found


@settings(max_examples=25)
@pytest.mark.filterwarnings("ignore:segments.xml not found")
@given(st.lists(st.lists(segments(WORDS, repeats=False, tags=TAGS), max_size=4), min_size=1, max_size=3))
def test_pydifact_reads_the_same_segments(bodies: list[list[list[Element]]]) -> None:
    messages = [
        OutMessage(type="ORDERS", version="D.96A", control_number=str(number), segments=body)
        for number, body in enumerate(bodies, 1)
    ]
    envelope = Envelope(standard="edifact", sender="14:US", receiver="14:THEM", control_number="7", prepared=PREPARED)
    payload = write(envelope, [OutGroup(messages=messages)])
    theirs: list[list[Any]] = [[each.tag, *each.elements] for each in Parser().parse(payload.decode("latin-1"))]
    inside = [segment for segment in theirs if segment[0] not in ("UNA", "UNB", "UNZ")]
    assert ours(payload) == inside


@given(st.lists(st.lists(segments(PLAIN, repeats=False), max_size=4), min_size=1, max_size=3))
def test_pyx12_reads_the_same_segments_and_finds_no_fault(bodies: list[list[list[Element]]]) -> None:
    messages = [
        OutMessage(type="850", version="004010", control_number=str(number), segments=body)
        for number, body in enumerate(bodies, 1)
    ]
    group = OutGroup(functional_id="PO", sender="US", receiver="THEM", messages=messages)
    envelope = Envelope(standard="x12", sender="ZZ:US", receiver="ZZ:THEM", control_number="7", prepared=PREPARED)
    payload = write(envelope, [group])
    reader = X12Reader(io.StringIO(payload.decode()))
    theirs = [segment.format("~", "*", ">").removesuffix("~") for segment in reader]
    assert reader.pop_errors() == []
    (interchange,) = cut(payload)
    mine = []
    for span in interchange.messages:
        message = parse(payload[span.offset : span.offset + span.length], span, interchange)
        mine += ["*".join(segment) for segment in message.segments]
    assert mine == [segment for segment in theirs if segment.split("*")[0] not in ("ISA", "GS", "GE", "IEA")]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("SE*3", "SE*4"), "HUB-1018", "SE count"),
        (("SE*3*0001", "SE*3*0002"), "HUB-1021", "SE id"),
        (("GE*1*", "GE*2*"), "HUB-1017", "GE count"),
        (("GE*1*1", "GE*1*9"), "HUB-1020", "GE id"),
        (("IEA*1*", "IEA*2*"), "HUB-1016", "IEA count"),
        (("IEA*1*000000007", "IEA*1*000000008"), "HUB-1019", "IEA id"),
    ],
)
def test_pyx12_finds_the_same_faults(change: tuple[str, str], code: str, words: str) -> None:
    group = OutGroup(
        functional_id="PO",
        sender="US",
        receiver="THEM",
        messages=[OutMessage(type="850", version="004010", control_number="1", segments=[["BEG", "00"]])],
    )
    envelope = Envelope(standard="x12", sender="ZZ:US", receiver="ZZ:THEM", control_number="7", prepared=PREPARED)
    payload = write(envelope, [group]).decode().replace(*change)
    reader = X12Reader(io.StringIO(payload))
    for _ in reader:
        pass
    reader.cleanup()
    theirs = [str(error) for error in reader.pop_errors()]
    (interchange,) = cut(payload.encode())
    assert [finding.code for finding in interchange.all_findings] == [code]
    assert any(words in error for error in theirs), theirs
