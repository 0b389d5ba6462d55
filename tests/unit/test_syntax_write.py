"""Writing an interchange: the exact bytes, and what is refused with which words."""

from datetime import datetime
from typing import Any

import pytest

from hub.errors import DataError
from hub.syntax import X12_SEPARATORS, Envelope, OutGroup, OutMessage, Separators, cut, elements, parse, write
from hub.syntax.charset import UNOX

PREPARED = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone


def x12(*segments: Any, **fields: Any) -> bytes:
    message = OutMessage(type="850", version="004010", control_number="1", segments=list(segments))
    group = OutGroup(functional_id="PO", sender="US", receiver="THEM", version="004010", messages=[message])
    wanted: dict[str, Any] = {
        "sender": "ZZ:US",
        "receiver": "01:123456789",
        "control_number": "7",
        "prepared": PREPARED,
    }
    return write(Envelope(standard="x12", **(wanted | fields)), [group])


def edifact(*segments: Any, **fields: Any) -> bytes:
    message = OutMessage(
        type="ORDERS", version="D.96A", association="EAN008", control_number="1", segments=list(segments)
    )
    wanted: dict[str, Any] = {"sender": "14:US", "receiver": ":THEM", "control_number": "7", "prepared": PREPARED}
    return write(Envelope(standard="edifact", **(wanted | fields)), [OutGroup(messages=[message])])


def test_an_x12_interchange() -> None:
    assert x12(["BEG", "00", "SA", "4711", "", "20260122", ""], test=True, acknowledgement=True) == (
        b"ISA*00*          *00*          *ZZ*US             *01*123456789      *260122*1430*U*00401*000000007*1*T*>~"
        b"GS*PO*US*THEM*20260122*1430*1*X*004010~ST*850*0001~BEG*00*SA*4711**20260122~SE*3*0001~GE*1*1~"
        b"IEA*1*000000007~"
    )


def test_an_edifact_interchange() -> None:
    written = edifact(["BGM", "220", "it's 4+7?", "9"], ["FTX", "AAI", "", "", ["a", "", "b:c", ""]], test=True)
    assert written == (
        b"UNB+UNOC:3+US:14+THEM+260122:1430+7++++++1'UNH+1+ORDERS:D:96A:UN:EAN008'"
        b"BGM+220+it?'s 4?+7??+9'FTX+AAI+++a::b?:c'UNT+4+1'UNZ+1+7'"
    )


def test_line_breaks_and_una() -> None:
    mine = Separators(element="|", component=":", segment="~", release="!", decimal=",", line="\n")
    written = edifact(["BGM", "220", "a|b!"], separators=mine)
    assert written.startswith(b"UNA:|,! ~\nUNB|UNOC:3|US:14|THEM|260122:1430|7~\nUNH|")
    assert b"\nBGM|220|a!|b!!~\nUNT|" in written
    assert edifact(["BGM", "220"], una=True).startswith(b"UNA:+.? 'UNB+")


def test_syntax_4_has_long_dates_and_repetitions() -> None:
    stars = Separators(element="+", component=":", segment="'", release="?", repetition="*")
    written = edifact(["BGM", [["a"], ["b", "c"]], "2*2"], version="4", syntax="UNOY", separators=stars)
    assert b"UNB+UNOY:4+US:14+THEM+20260122:1430+7'" in written
    assert b"BGM+a*b:c+2?*2'" in written


def test_separators_are_exchanged_where_values_hold_them() -> None:
    written = x12(["MSG", "2*3>5~"], exchange=True)
    (interchange,) = cut(written)
    assert interchange.all_findings == []
    marks = interchange.separators
    assert not {marks.element, marks.component, marks.segment} & set("2*3>5~")
    (span,) = interchange.messages
    assert parse(written[span.offset : span.offset + span.length], span, interchange).segments[1] == ["MSG", "2*3>5~"]


def test_binary_data_gets_its_length() -> None:
    data = bytes(range(256)).decode("latin-1")
    written = x12(["BIN", "0", data])
    assert b"~BIN*256*" + bytes(range(256)) + b"~SE*3*" in written
    (interchange,) = cut(written)
    assert interchange.all_findings == []


@pytest.mark.parametrize(
    ("fields", "segment", "code", "words"),
    [
        ({"separators": X12_SEPARATORS}, ["N1", "ST", "A*B"], "HUB-1060", "N102 'A*B' holds '*'"),
        ({}, ["N1", "ST", "A\nB"], "HUB-1063", "N102 'A\\nB' holds a control character"),
        ({"codec": "ascii"}, ["N1", "ST", "Müller"], "HUB-1061", "N102 holds 'ü', which ascii does not have"),
        ({"sender": "ZZ:SIXTEEN-LETTERS!"}, ["N1", "ST"], "HUB-1062", "longer than 15"),
        ({"sender": "ZZ:"}, ["N1", "ST"], "HUB-1062", "ISA06 '' is empty"),
        ({"control_number": "A1"}, ["N1", "ST"], "HUB-1062", "ISA13 'A1' is no number"),
        ({"control_number": "1234567890"}, ["N1", "ST"], "HUB-1062", "longer than 9"),
        ({"separators": Separators(element="*", component="*", segment="~")}, ["N1"], "HUB-1064", "all differ"),
        ({"separators": Separators(element="*", component="A", segment="~")}, ["N1"], "HUB-1064", "all differ"),
        ({}, ["N1", ""], "HUB-1065", "no element with a value"),
        ({}, ["N1*", "A"], "HUB-1065", "no segment tag"),
        ({}, [], "HUB-1065", "no segment tag"),
        ({}, ["SE", "1"], "HUB-1065", "segment of the envelope"),
        ({}, ["N1", [["A"], ["B"]]], "HUB-1064", "N101 repeats"),
    ],
)
def test_what_x12_cannot_hold_is_refused(fields: dict[str, Any], segment: Any, code: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        x12(segment, **fields)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_refusal_says_where() -> None:
    with pytest.raises(DataError) as caught:
        x12(["BEG", "00"], ["N1", "ST", "A\tB"])
    where = caught.value.location
    assert (where.group, where.message, where.segment, where.element) == (1, 1, 3, 2)


@pytest.mark.parametrize(
    ("syntax", "text", "held"),
    [
        ("UNOA", "Straße 5 Café", "STRASSE 5 CAFE"),
        ("UNOB", "Straße 5 Café", "Strasse 5 Cafe"),
        ("UNOC", "Straße 5 Café", "Straße 5 Café"),
        ("UNOB", "Smørrebrød, Ærø, Þór, Đorđe", "Smorrebrod, Aero, Thor, Dorde"),
        ("UNOB", "Łódź, Kraków, Wąż", "Lodz, Krakow, Waz"),
        ("UNOC", "Łódź, Kraków", "Lódz, Kraków"),
        ("UNOD", "Łódź, Kraków, Škoda", "Łódź, Kraków, Škoda"),
        ("UNOD", "Åse Ñandú", "Ase Nandú"),
        ("UNOB", "Işık, İstanbul, Güneş", "Isik, Istanbul, Gunes"),  # noqa: RUF001
        ("UNOK", "Işık, İstanbul, Güneş", "Işık, İstanbul, Güneş"),  # noqa: RUF001
        ("UNOB", "Αθήνα, Ψυχή", "Athina, Psychi"),
        ("UNOF", "Αθήνα", "Αθήνα"),
        ("UNOB", "Москва, Щёлково, Київ", "Moskva, Shchelkovo, Kiiv"),
        ("UNOA", "Москва", "MOSKVA"),
        ("UNOC", "5 € – \u201eneu\u201c", '5 EUR - "neu"'),  # noqa: RUF001
        ("UNOL", "5 €", "5 €"),
        ("UNOC", "Cafe\u0301 ﬁx Ⅳ", "Café fix IV"),
    ],
)
def test_text_is_transliterated_where_its_charset_lacks_it(syntax: str, text: str, held: str) -> None:
    written = edifact(["FTX", "AAI", text], syntax=syntax, transliterate=True)
    (interchange,) = cut(written, charset=UNOX[syntax])
    (span,) = interchange.messages
    message = parse(written[span.offset : span.offset + span.length], span, interchange)
    assert message.text(message.segments[1][2]) == held


@pytest.mark.parametrize(
    ("syntax", "text", "words", "transliterate"),
    [
        ("UNOA", "Muster", "FTX02 holds 'u', which UNOA does not have", False),
        ("UNOB", "Straße", "FTX02 holds 'ß', which UNOB does not have", False),
        ("UNOB", "me@example", "FTX02 holds '@', which UNOB does not have", True),
        ("UNOC", "Łódź", "FTX02 holds 'Ł', which UNOC does not have", False),
        ("UNOC", "東京", "FTX02 holds '東', which UNOC does not have", True),
        ("UNOE", "Αθήνα", "FTX02 holds 'Α', which UNOE does not have", False),  # noqa: RUF001
    ],
)
def test_text_its_charset_lacks_is_refused(syntax: str, text: str, words: str, transliterate: bool) -> None:
    with pytest.raises(DataError) as caught:
        edifact(["FTX", "AAI", text], syntax=syntax, transliterate=transliterate)
    assert caught.value.code == "HUB-1061"
    assert words in str(caught.value)


def test_x12_is_transliterated_too() -> None:
    assert b"~N1*ST*Muller & Sohne~" in x12(["N1", "ST", "Müller & Söhne"], codec="ascii", transliterate=True)


def test_all_of_the_unb() -> None:
    written = edifact(
        ["BGM", "220"],
        sender_address="DIV1",
        receiver_address="DIV2",
        password="OPEN",
        password_qualifier="AA",
        application="EANCOM",
        priority="A",
        acknowledgement=True,
        agreement="XYZ",
        test=True,
    )
    unb = b"UNB+UNOC:3+US:14:DIV1+THEM::DIV2+260122:1430+7+OPEN:AA+EANCOM+A+1+XYZ+1'"
    assert written.startswith(unb)
    (interchange,) = cut(written)
    assert interchange.all_findings == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sender_address", "A" * 36, "UNB 0008"),
        ("receiver_address", "A" * 36, "UNB 0014"),
        ("password", "A" * 15, "UNB 0022"),
        ("application", "A" * 15, "UNB 0026"),
        ("priority", "AA", "UNB 0029"),
        ("agreement", "A" * 36, "UNB 0032"),
    ],
)
def test_what_the_unb_cannot_hold_is_refused(field: str, value: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        edifact(["BGM", "220"], **{field: value})


@pytest.mark.parametrize("write_one", [x12, edifact])
def test_lines_of_80_columns(write_one: Any) -> None:
    body = [["FTX", "AAI", f"line {number}", "A" * 30] for number in range(20)]
    plain, written = write_one(*body), write_one(*body, columns=80)
    assert written.replace(b"\n", b"") == plain
    assert {len(line) for line in written.split(b"\n")[:-1]} == {80}
    (interchange,) = cut(written)
    assert [each.code for each in interchange.all_findings] == ["HUB-1036"]
    (span,) = interchange.messages
    message = parse(written[span.offset : span.offset + span.length], span, interchange)
    assert message.segments[1:-1] == body


@pytest.mark.parametrize(
    ("fields", "segment"),
    [
        ({"separators": Separators(element="*", component=">", segment="~", line="\n")}, ["MSG", "1"]),
        ({"separators": Separators(element="*", component=">", segment="\n")}, ["MSG", "1"]),
        ({}, ["BIN", "1", "A"]),
    ],
)
def test_what_cannot_be_broken_into_lines_is_refused(fields: dict[str, Any], segment: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        x12(segment, columns=80, **fields)
    assert caught.value.code == "HUB-1064"


def test_an_unknown_syntax_identifier_is_refused() -> None:
    with pytest.raises(DataError, match="'UNOQ' is unknown"):
        edifact(["BGM", "220"], syntax="UNOQ")


def test_groups_of_both_standards_are_counted() -> None:
    message = OutMessage(type="ORDERS", version="D.96A", control_number="1", segments=[["BGM", "220"]])
    groups = [
        OutGroup(functional_id="ORDERS", sender="14:US", receiver="14:THEM", control_number=number, messages=[message])
        for number in ("1", "2")
    ]
    envelope = Envelope(standard="edifact", sender="14:US", receiver="14:THEM", control_number="7", prepared=PREPARED)
    written = write(envelope, groups)
    assert b"'UNG+ORDERS+US:14+THEM:14+260122:1430+2+UN+D:96A'" in written
    assert written.endswith(b"UNE+1+2'UNZ+2+7'")
    (interchange,) = cut(written)
    assert interchange.all_findings == []


def test_an_object_is_written_with_its_length_and_read_back() -> None:
    data = bytes(range(256)).decode("latin-1") + "UNP+9+1'UNT+9+9'"
    uno = ["UNO", "1", "X", "PDF", ["0", "2"], "", "", "", "", data]
    for separators in (None, Separators(element="+", component=":", segment="'", release="?", line="\r\n")):
        written = edifact(["BGM", "220"], uno, ["UNP", "0", "1"], ["FTX", "AAI", "behind"], separators=separators)
        (interchange,) = cut(written)
        assert interchange.all_findings == []
        (span,) = interchange.messages
        message = parse(written[span.offset : span.offset + span.length], span, interchange)
        found = [elements(message, segment) for segment in message.segments[1:-1]]
        wanted = ["UNO", "1", "X", "PDF", ["272", "2"], "", "", "", "", data]
        assert found == [["BGM", "220"], wanted, ["UNP", "272", "1"], ["FTX", "AAI", "behind"]]


@pytest.mark.parametrize("segments", [(["UNO", "1", "X", "PDF", ["0"]],), (["UNP", "0", "1"],)])
def test_an_object_without_its_end_is_refused(segments: Any) -> None:
    with pytest.raises(DataError, match="UNP follows a UNO, and only that"):
        edifact(*segments)


def test_a_package_beside_messages_is_counted() -> None:
    package = b"UNO+P1+X+PDF+7'UNZ+9+7UNP+7+P1'"
    written = edifact(["BGM", "220"]).replace(b"UNZ+1", package + b"UNZ+2")
    (interchange,) = cut(written)
    assert interchange.all_findings == []
    ((offset, length),) = interchange.packages
    assert written[offset : offset + length] == package
    assert [span.type for span in interchange.messages] == ["ORDERS"]
    short = written.replace(b"UNZ+2", b"UNZ+1")
    assert [each.code for each in next(iter(cut(short))).all_findings] == ["HUB-1016"]


EURO = Separators(element="€", component=">", segment="~")
SECTION = Separators(element="§", component=":", segment="'", release="?")


@pytest.mark.parametrize(
    ("write_one", "fields", "code", "words"),
    [
        (x12, {"sender": "Z\ufffd:US"}, "HUB-1062", "ISA05"),
        (x12, {"receiver": "ü:THEM"}, "HUB-1062", "ISA07"),
        (x12, {"version": "0040\xfc"}, "HUB-1062", "ISA12"),
        (x12, {"separators": EURO, "codec": "latin-1"}, "HUB-1064", "'€' cannot be written in latin-1"),
        (edifact, {"separators": SECTION, "syntax": "UNOY"}, "HUB-1064", "'§' cannot be written in utf-8"),
        (edifact, {"separators": SECTION, "syntax": "UNOB"}, "HUB-1064", "'§' cannot be written in ascii"),
    ],
)
def test_an_envelope_beyond_its_charset_is_refused(
    write_one: Any, fields: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        write_one(["MSG", "1"], **fields)
    assert caught.value.code == code
