"""Charsets by agreement: names, EBCDIC byte for byte, and bytes that are not what was agreed."""

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import check_payload
from hub.errors import UnreadableError
from hub.syntax import cut, parse
from hub.syntax.charset import EBCDIC, codec_of, readable, to_ebcdic
from tests.unit.edi import ORDER, ORDERS, edifact, x12
from tests.unit.test_acknowledgement_write import AT


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UNOC", "latin-1"),
        ("unoy", "utf-8"),
        ("UTF8", "utf-8"),
        ("iso-8859-1", "latin-1"),
        ("ascii", "latin-1"),
        ("windows-1252", "cp1252"),
        ("ISO-8859-2", "iso8859-2"),
        ("euc-kr", "euc_kr"),
        ("IBM037", "cp037"),
        ("cp500", "cp500"),
        ("UNOZ", None),
        ("klingon", None),
        ("", None),
        ("utf-16", None),
        ("utf-7", None),
        ("shift_jis", None),
        ("gb18030", None),
        ("iso-2022-jp", None),
        ("cp1140", None),
        ("rot13", None),
        ("base64", None),
        ("x\0y", None),
    ],
)
def test_charsets_by_name(name: str, codec: str | None) -> None:
    assert codec_of(name) == codec


@pytest.mark.parametrize("codec", sorted(EBCDIC))
def test_ebcdic_is_a_matter_of_single_bytes(codec: str) -> None:
    every = bytes(range(256))
    text, plain = readable(every, codec)
    assert (len(text), plain) == (256, "latin-1")
    back = to_ebcdic(text, codec)
    assert [byte for byte, again in zip(every, back, strict=True) if byte != again] == [0x15]
    assert readable(b"ab", "utf-8") == (b"ab", "utf-8")
    assert to_ebcdic(b"ab", "utf-8") == b"ab"


@pytest.mark.parametrize("codec", sorted(EBCDIC))
@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("payload", [x12(ORDER), edifact([*ORDERS[:2], "FTX+AAI+++Straße ?+ Gebäude", *ORDERS[2:]])])
def test_ebcdic_is_read_like_any_charset(payload: bytes, codec: str, size: int) -> None:
    plain = payload.decode("utf-8").encode("latin-1")
    raw = to_ebcdic(plain, codec)
    (expected,) = cut(plain, charset="latin-1")
    (found,) = cut((raw[at : at + size] for at in range(0, len(raw), size)), charset=codec)
    assert found.charset == codec
    assert found.header == expected.header
    assert found.messages == expected.messages
    assert found.all_findings == expected.all_findings
    (span,) = found.messages
    place = slice(span.offset, span.offset + span.length)
    message, wanted = parse(raw[place], span, found), parse(plain[place], span, expected)
    assert (message.segments, [*message.offsets]) == (wanted.segments, [*wanted.offsets])
    assert message.location(2, 2) == wanted.location(2, 2)


def test_ebcdic_line_ends_are_line_ends() -> None:
    raw = to_ebcdic(x12(ORDER), "cp037").replace(b"\x25", b"\x15")
    assert raw.count(b"\x15") == 9
    (found,) = cut(raw, charset="cp037")
    assert (found.separators.line, found.all_findings) == ("\n", [])


def test_ebcdic_nobody_agreed_on_is_refused_with_advice() -> None:
    with pytest.raises(UnreadableError, match='charset = "cp037"'):
        list(cut(to_ebcdic(x12(ORDER), "cp037")))


@pytest.mark.parametrize("payload", [x12(ORDER, ask="1"), edifact(ORDERS)])
def test_ebcdic_is_answered_in_ebcdic(payload: bytes) -> None:
    (plain,) = acknowledge_payload(payload, kind=None, control_number=5, at=AT)
    raw = to_ebcdic(payload, "cp500")
    (answer,) = acknowledge_payload(raw, kind=None, control_number=5, at=AT, charset="cp500")
    assert answer.decode("cp500") == plain.decode("latin-1")
    *findings, last = check_payload("answer", answer, charset="cp500")
    assert findings == []
    assert last["summary"]["messages"] == 1


def test_the_answer_itself_is_plain() -> None:
    raw = to_ebcdic(x12(ORDER), "cp037")
    (interchange,) = cut(raw, charset="cp037")
    written = acknowledge(interchange, list(check_messages(raw, interchange)), at=AT)
    assert written is not None
    assert written.startswith(b"ISA*")


def test_the_agreement_is_believed_and_not_the_unb() -> None:
    raw = edifact([*ORDERS[:2], "FTX+AAI+++€ 5", *ORDERS[2:]], syntax="UNOA:3").decode().encode("iso8859-15")
    (declared,), (agreed,) = cut(raw), cut(raw, charset="iso8859-15")
    assert (declared.charset, agreed.charset) == ("latin-1", "iso8859-15")
    (span,) = agreed.messages
    assert parse(raw[span.offset : span.offset + span.length], span, agreed).segments[3][4] == "€ 5"
    assert agreed.all_findings == []


def test_bytes_that_are_not_what_was_agreed() -> None:
    raw = edifact([*ORDERS[:2], "FTX+AAI+++Straße", *ORDERS[2:]]).decode().encode("latin-1")
    (found,) = cut(raw, charset="utf-8")
    ((code, offset, expected),) = [(each.code, each.location.offset, each.expected) for each in found.all_findings]
    assert (code, expected) == ("HUB-1032", "utf-8")
    assert raw[offset or 0] == 0xDF
