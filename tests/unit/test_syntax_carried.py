"""What mails, editors and forms make of EDI on its way: read where nothing is lost, and else named for what it is."""

import base64

import pytest

from hub.cli.check import check_payload
from hub.errors import UnreadableError
from hub.syntax import cut
from tests.unit.edi import ORDER, ORDERS, edifact, x12

X12, EDIFACT = x12(ORDER), edifact(ORDERS)
HTML = {b"&": b"&amp;", b">": b"&gt;", b"'": b"&#39;"}


def found(payload: bytes) -> list[tuple[str, str]]:
    return [(row["code"], row["severity"]) for row in check_payload("a", payload) if "code" in row]


def in_html(payload: bytes) -> bytes:
    for mark, entity in HTML.items():
        payload = payload.replace(mark, entity)
    return payload


def each_line(payload: bytes, before: bytes, behind: bytes = b"") -> bytes:
    return b"".join(before + line + behind + b"\n" for line in payload.splitlines())


@pytest.mark.parametrize("payload", [X12, EDIFACT], ids=["x12", "edifact"])
def test_what_loses_nothing_is_read(payload: bytes) -> None:
    lines = payload.splitlines()
    for carried in (
        b"\r\n".join(lines),
        b"\n\n".join(lines),
        each_line(payload, b"\t"),
        each_line(payload, b"", b"  "),
        b"\xef\xbb\xbf" + payload,
    ):
        assert found(carried) == [], carried
    assert found(b"```edi\n" + payload + b"```\n") == [("HUB-1012", "warn")] * 2


@pytest.mark.parametrize("payload", [X12, EDIFACT], ids=["x12", "edifact"])
def test_what_is_encoded_is_named(payload: bytes) -> None:
    numbered = b"".join(b"%d: %b\n" % (number, line) for number, line in enumerate(payload.splitlines(), 1))
    cases = {
        "EDI in HTML": in_html(payload),
        "EDI in base64": base64.encodebytes(payload),
        "EDI in a JSON string": b'"' + payload.replace(b"\n", b"\\n") + b'"',
        "EDI in quoted-printable": payload.replace(b"\n", b"=0D=0A=\n"),
        "EDI with each line in quotation marks": each_line(payload, b'"', b'"'),
        "EDI quoted in a mail, with > before each line": each_line(payload, b"> "),
        "EDI with numbers before its lines": numbered,
    }
    for name, carried in cases.items():
        with pytest.raises(UnreadableError) as refused:
            list(cut(carried))
        assert (refused.value.code, refused.value.value) == ("HUB-1005", name), carried
    with pytest.raises(UnreadableError) as refused:
        list(cut(X12.replace(b"*", b"\t")))
    assert refused.value.value == "X12 with tabs between its elements"


def test_marks_that_look_like_an_encoding_are_marks() -> None:
    assert found(X12.replace(b"~", b"=")) == []
    assert found(X12.replace(b"~", b"&")) == []
    assert found(X12.replace(b"*T*>~", b"*T*&~")) == []


def test_where_only_the_isa_ends_without_a_terminator_the_next_line_tells_it() -> None:
    without = X12.replace(b"*T*>~", b"*T*>", 1)
    assert found(without) == [("HUB-1010", "warn")]
    (interchange,) = cut(without)
    assert (interchange.separators.segment, interchange.separators.component) == ("~", ">")
    assert [span.segments for span in interchange.messages] == [len(ORDER) + 2]
    lines = X12.replace(b"~\n", b"\n")
    assert found(lines) == []


@pytest.mark.parametrize("mark", [b"~", b"|", b"^"])
def test_a_terminator_that_no_una_names_is_seen_at_the_lines_ends(mark: bytes) -> None:
    payload = EDIFACT.replace(b"'", mark)
    assert found(payload) == [("HUB-1040", "warn")]
    (interchange,) = cut(payload)
    assert interchange.separators.segment == mark.decode()


def test_an_una_that_the_unb_contradicts_counts_for_nothing() -> None:
    payload = b"UNA+:.? '\n" + EDIFACT
    assert found(payload) == [("HUB-1040", "warn")]
    (interchange,) = cut(payload)
    assert [span.type for span in interchange.messages] == ["ORDERS"]
    assert interchange.sender == "14:4012345000009"


def test_an_unb_without_a_terminator_ends_with_its_line() -> None:
    payload = EDIFACT.replace(b"++++++1'", b"++++++1", 1)
    assert found(payload) == [("HUB-1034", "warn")]
    (interchange,) = cut(payload)
    assert (interchange.control_number, interchange.test) == ("REF77", True)
    assert [span.segments for span in interchange.messages] == [len(ORDERS) + 2]
