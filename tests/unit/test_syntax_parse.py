"""From message bytes to segments: text, offsets, release characters, charsets, binary data."""

import pytest

from hub.errors import DataError
from hub.syntax import Message, cut, elements, parse
from tests.unit.test_syntax_cut import EDIFACT, X12


def message(payload: str | bytes, *, charset: str | None = None) -> Message:
    raw = payload.encode() if isinstance(payload, str) else payload
    (interchange,) = cut(raw, charset=charset)
    (span,) = interchange.messages
    return parse(raw[span.offset : span.offset + span.length], span, interchange)


def test_segments_and_offsets() -> None:
    found = message(X12)
    assert found.segments == [["ST", "850", "0001"], ["BEG", "00", "SA", "4711", "", "20260122"], ["SE", "3", "0001"]]
    assert [*found.offsets] == [X12.index(tag) for tag in ("ST*", "BEG*", "SE*")]
    assert (found.type, found.version, found.standard) == ("850", "004010VICS", "x12")


@pytest.mark.parametrize("line", ["\n", "\r\n", " ", "\r\n   "])
def test_what_stands_between_segments_means_nothing(line: str) -> None:
    payload = X12.replace("~", "~" + line)
    found = message(payload)
    assert found.segments == message(X12).segments
    assert [*found.offsets] == [payload.index(tag) for tag in ("ST*", "BEG*", "SE*")]


def test_uneven_line_breaks() -> None:
    payload = X12.replace("~BEG", "~\nBEG").replace("~SE", "~\r\n\tSE")
    found = message(payload)
    assert found.segments == message(X12).segments
    assert [*found.offsets] == [payload.index(tag) for tag in ("ST*", "BEG*", "SE*")]


def test_released_separators_stay_in_the_element_until_read() -> None:
    found = message(EDIFACT.replace("BGM+220+4711+9", "BGM+220:?::x+4?+7?'1??+9"))
    assert found.escaped
    bgm = found.segments[1]
    assert bgm == ["BGM", "220:?::x", "4?+7?'1??", "9"]
    assert found.text(bgm[2]) == "4+7'1?"
    assert found.components(bgm[1]) == ["220", ":", "x"]
    assert elements(found, bgm) == ["BGM", ["220", ":", "x"], "4+7'1?", "9"]


def test_repetitions() -> None:
    found = message(X12.replace("*U*00401", "*^*00501").replace("*4711*", "*A>1^B*"))
    assert found.segments[1][3] == "A>1^B"
    assert elements(found, found.segments[1])[3] == [["A", "1"], ["B"]]


def test_empty_segments_are_left_out() -> None:
    found = message(X12.replace("BEG", "~\n~BEG"))
    assert [segment[0] for segment in found.segments] == ["ST", "BEG", "SE"]


def test_offsets_are_bytes_where_text_is_not_ascii() -> None:
    payload = X12.replace("4711", "Müller £5").encode()
    found = message(payload)
    assert found.segments[1][3] == "Müller £5"
    assert found.offsets[2] == payload.index(b"SE*")
    assert found.location(1, 5).offset == payload.rindex(b"*20260122") + 1


def test_an_element_has_its_location() -> None:
    where = message(X12).location(1, 3)
    assert (where.interchange, where.group, where.message, where.segment, where.tag) == (1, 1, 1, 2, "BEG")
    assert where.offset == X12.index("4711")


def test_an_agreement_names_the_charset() -> None:
    assert message(X12.replace("4711", "€5").encode("cp1252"), charset="cp1252").segments[1][3] == "€5"
    assert message(X12.replace("4711", "\xff").encode("latin-1"), charset="utf-8").segments[1][3] == "\ufffd"


def test_binary_data_is_one_character_per_byte() -> None:
    data = bytes(range(256)) + b"~SE*1*1~"
    head, tail = X12.replace("SE*3", "SE*4").split("BEG*")
    payload = head.encode() + b"BIN*%d*" % len(data) + data + b"~BEG*" + tail.replace("4711", "Müller").encode()
    found = message(payload)
    assert [segment[0] for segment in found.segments] == ["ST", "BIN", "BEG", "SE"]
    assert found.segments[1][2].encode("latin-1") == data
    assert found.segments[2][3] == "Müller"
    assert found.offsets[2] == payload.index(b"BEG*")


def test_an_object_between_uno_and_unp_is_left_out() -> None:
    payload = EDIFACT.replace("BGM", "UNO+1+X+OBJ+9:1'UNT+9+9''UNP+9+1'BGM").replace("UNT+3", "UNT+5")
    assert [segment[0] for segment in message(payload).segments] == ["UNH", "UNO", "UNP", "BGM", "UNT"]


def test_lines_of_80_columns_are_joined() -> None:
    whole = X12.replace("4711", "4711 " + "with a long text " * 9)
    lines = "\r\n".join(whole[at : at + 80] for at in range(0, len(whole), 80))
    assert message(lines).segments == message(whole).segments


def test_only_messages_of_segments_are_parsed() -> None:
    payload = b'{"id": 1}'
    (interchange,) = cut(payload)
    with pytest.raises(DataError, match="json has no segments"):
        parse(payload, interchange.messages[0], interchange)
