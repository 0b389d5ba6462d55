"""Outside judges: pydifact for EDIFACT, pyx12 and ansi-x12 for X12, and mock-edi for both read what we write, and count
what we count.

Only what they get right is compared: pydifact takes one interchange in the default separators, pyx12 no repetitions
inside of composites and no separators beyond the printable, mock-edi text alone. ansi-x12 takes every X12 interchange.
"""

import io
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mockedi import edifact as mock_edifact
from mockedi import x12 as mock_x12
from pydifact.parser import Parser
from pyx12.x12file import X12Reader  # type: ignore[import-untyped]
from x12 import X12EnvelopeError, parse_x12_interchange, tokenize_x12

from hub.syntax import Element, Envelope, OutGroup, OutMessage, cut, elements, parse, write
from tests.properties.strategies_syntax import segments, x12_interchanges

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


@given(x12_interchanges())
def test_ansi_x12_reads_the_same_bytes_of_every_segment(written: tuple[Envelope, list[OutGroup]]) -> None:
    payload = write(*written)
    theirs = parse_x12_interchange(tokenize_x12(payload))
    (interchange,) = cut(payload)
    assert [len(group.transactions) for group in theirs.groups] == [len(group.messages) for group in interchange.groups]
    sets = [each for group in theirs.groups for each in group.transactions]
    for span, judged in zip(interchange.messages, sets, strict=True):
        message = parse(payload[span.offset : span.offset + span.length], span, interchange)
        ours = [[part.encode(interchange.charset) for part in segment[1:]] for segment in message.segments]
        assert ours == [list(each.elements) for each in (judged.header, *judged.segments, judged.trailer)]
        assert span.type.encode() == judged.transaction_set_code


@pytest.mark.parametrize("standard", ["x12", "edifact"])
@given(st.data())
def test_mock_edi_reads_the_same_elements(standard: str, data: st.DataObject) -> None:
    text = (PLAIN if standard == "x12" else WORDS).filter(lambda value: value == value.strip())
    bodies = data.draw(st.lists(st.lists(segments(text, repeats=False, tags=TAGS), max_size=4), min_size=1, max_size=3))
    x12 = standard == "x12"
    messages = [
        OutMessage(
            type="850" if x12 else "ORDERS",
            version="004010" if x12 else "D.96A",
            control_number=f"{number:04}",
            segments=body,
        )
        for number, body in enumerate(bodies, 1)
    ]
    group = OutGroup(functional_id="PO" if x12 else None, sender="US", receiver="THEM", messages=messages)
    envelope = Envelope(standard=standard, sender="14:US", receiver="14:THEM", control_number="7", prepared=PREPARED)
    payload = write(envelope, [group])
    theirs = (mock_x12 if x12 else mock_edifact).parse(payload.decode("utf-8" if x12 else "latin-1"))
    found = [
        [each.tag, *(list(value) if isinstance(value, (list, tuple)) else value for value in each.elements)]
        for made in theirs.groups
        for message in made.messages
        for each in message.segments
    ]
    assert (theirs.sender, theirs.receiver, int(theirs.control)) == ("US", "THEM", 7)
    assert found == ours(payload)


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
    with pytest.raises(X12EnvelopeError):
        parse_x12_interchange(tokenize_x12(payload.encode()))
    (interchange,) = cut(payload.encode())
    assert [finding.code for finding in interchange.all_findings] == [code]
    assert any(words in error for error in theirs), theirs
