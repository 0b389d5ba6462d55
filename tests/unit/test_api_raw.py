"""Bytes as lines to read: cut where they should be, marked where findings are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.raw import RawView, raw_view
from hub.errors import Finding
from hub.location import Location
from hub.store.browse_message import Place

EDIFACT = {"element": "+", "component": ":", "segment": "'", "release": "?"}


def place(body: bytes, standard: str = "x12", *, offset: int = 0, charset: str = "utf-8", length: int = -1) -> Place:
    separators = EDIFACT if standard == "edifact" else None
    return Place(
        payload_id="p",
        standard=standard,
        offset=offset,
        length=len(body) if length < 0 else length,
        charset=charset,
        separators=separators,
        file_name="f",
    )


def at(**where: Any) -> Finding:
    return Finding(code="HUB-2001", severity="error", location=Location(**where), message="wrong")


def view(body: bytes, standard: str = "x12", *findings: Finding, offset: int = 0, charset: str = "utf-8") -> RawView:
    return raw_view(body, place(body, standard, offset=offset, charset=charset), findings)


def test_segments_are_counted_from_the_message_and_offsets_from_the_payload() -> None:
    shown = view(b"ISA*00~\r\nGS*PO~\r\nST*850*1~\r\nBEG*00~\r\nSE*3*1~\r\nGE*1~\r\n", offset=100)
    assert [(line.number, line.offset, line.parts[0]) for line in shown.lines] == [
        (None, 100, "ISA"),
        (None, 109, "GS"),
        (1, 117, "ST"),
        (2, 128, "BEG"),
        (3, 137, "SE"),
        (None, 146, "GE"),
    ]
    assert (shown.separator, shown.terminator) == ("*", "~")


def test_released_separators_do_not_cut() -> None:
    shown = view(b"UNA:+.? 'UNH+1+ORDERS'FTX+Don?'t ?+ stack??'UNT+3+1'", "edifact")
    assert [line.parts for line in shown.lines] == [
        ["UNA:+.? "],
        ["UNH", "1", "ORDERS"],
        ["FTX", "Don?'t ?+ stack??"],
        ["UNT", "3", "1"],
    ]


def test_offsets_count_bytes_in_any_charset() -> None:
    shown = view("ST*850~N1*Köln~N2*x~".encode("latin-1"), charset="latin-1")
    assert [(line.offset, line.parts[1]) for line in shown.lines] == [(0, "850"), (7, "Köln"), (15, "x")]
    broken = view(b"ST*850~N1*K\xf6ln~")
    assert broken.lines[1].parts[1] == "K�ln"


@pytest.mark.parametrize(
    ("finding", "line", "part"),
    [
        (at(segment=2, element=1), 1, 1),
        (at(segment=2, element=9), 1, None),
        (at(segment=2), 1, None),
        (at(offset=12), 1, None),
        (at(segment=9, offset=12), 1, None),
        (at(), None, None),
        (at(segment=9), None, None),
    ],
)
def test_a_finding_is_marked_at_its_element_or_segment_or_byte(
    finding: Finding, line: int | None, part: int | None
) -> None:
    shown = view(b"ST*850*1~BEG*00*SA~SE*3*1~", "x12", finding)
    marked = [(index, mark.part) for index, line in enumerate(shown.lines) for mark in line.marks]
    assert marked == ([] if line is None else [(line, part)])


def test_text_is_shown_by_line() -> None:
    shown = view(b'{\n  "id": 1\n}\n', "json", at(offset=4))
    assert [(line.number, line.offset, line.parts) for line in shown.lines] == [
        (1, 0, ["{"]),
        (2, 2, ['  "id": 1']),
        (3, 12, ["}"]),
    ]
    assert len(shown.lines[1].marks) == 1


def test_a_part_of_a_message_says_so() -> None:
    assert raw_view(b"ST*850", place(b"ST*850", length=4000), []).truncated
    assert not view(b"ST*850~").truncated


@given(st.binary(max_size=200), st.sampled_from(["x12", "edifact", "json"]))
def test_any_bytes_can_be_shown_and_none_is_lost(body: bytes, standard: str) -> None:
    shown = view(body, standard, charset="latin-1")
    said = "".join(shown.separator.join(line.parts) for line in shown.lines)
    ignored = dict.fromkeys(map(ord, "\r\n \t\0\x1a'~"))
    assert said.translate(ignored) == body.decode("latin-1").translate(ignored)
    offsets = [line.offset for line in shown.lines]
    assert offsets == sorted(offsets)
