"""Real payloads from public repositories (SOURCES.md): what is read from each, and that every message writes back.

The counts of interchanges and messages were confirmed by an independent reader; expected.tsv says what differs:
payloads without ISA or UNB are one interchange here, with a finding.
"""

import csv
from pathlib import Path

import pytest

from hub.errors import UnreadableError
from hub.syntax import Message, cut, elements, parse
from hub.syntax.pen import Pen

SAMPLES = Path(__file__).parents[1] / "golden" / "samples"
ROWS = list(csv.DictReader((SAMPLES / "expected.tsv").read_text().splitlines(), delimiter="\t"))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_counts_and_findings(row: dict[str, str]) -> None:
    payload = (SAMPLES / row["file"]).read_bytes()
    try:
        interchanges = list(cut(payload))
        codes = {finding.code for each in interchanges for finding in each.all_findings}
    except UnreadableError as error:
        interchanges, codes = [], {error.code}
    messages = sum(len(each.messages) for each in interchanges)
    found = (str(len(interchanges)), str(messages), " ".join(sorted(codes)) or "-")
    assert found == (row["interchanges"], row["messages"], row["findings"])


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_every_segment_writes_back_byte_for_byte(row: dict[str, str]) -> None:
    payload = (SAMPLES / row["file"]).read_bytes()
    if row["interchanges"] == "0":
        return
    for interchange in cut(payload):
        for span in interchange.messages:
            raw = payload[span.offset : span.offset + span.length]
            message = parse(raw, span, interchange)
            for number, segment in enumerate(message.segments):
                if len(segment[0]) > 3 or segment[0] == "BIN":
                    continue  # a tag someone's test made up; the sample with a wrong length
                assert rendered(message, number) == as_sent(message, payload, number)


def rendered(message: Message, number: int) -> bytes:
    pen = Pen(message.separators, message.charset)
    pen.write(elements(message, message.segments[number]))
    return pen.out[0].rstrip(b"\r\n").removesuffix(message.separators.segment.encode(message.charset))


def as_sent(message: Message, payload: bytes, number: int) -> bytes:
    """The segment's bytes without what a writer leaves out: separators with nothing behind them, line breaks."""
    ends = [*[*message.offsets][1:], message.span.offset + message.span.length]
    raw = payload[message.offsets[number] : ends[number]].rstrip(b" \t\r\n")
    raw = raw.removesuffix(message.separators.segment.encode(message.charset)).translate(None, b"\r\n")
    element, component = (mark.encode() for mark in (message.separators.element, message.separators.component))
    while raw.endswith((element, component)) and not raw.endswith(b"?" + element):
        raw = raw[:-1]
    while component + element in raw:
        raw = raw.replace(component + element, element)
    return raw
