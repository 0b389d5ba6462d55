"""Writing an interchange: the exact bytes, and what is refused with which words."""

from datetime import datetime
from typing import Any

import pytest

from hub.errors import DataError
from hub.syntax import X12_SEPARATORS, Envelope, OutGroup, OutMessage, Separators, cut, parse, write

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


def test_separators_are_chosen_where_none_are_agreed() -> None:
    written = x12(["MSG", "2*3>5~"])
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
        ({"codec": "ascii"}, ["N1", "ST", "Müller"], "HUB-1061", "'ü' in N1 does not exist in ascii"),
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


def test_unoa_is_capital_ascii_or_transliterated_when_told() -> None:
    with pytest.raises(DataError, match="'u', which does not exist in UNOA"):
        edifact(["FTX", "AAI", "Muster"], syntax="UNOA")
    with pytest.raises(DataError, match="'ß' in FTX does not exist in ascii"):
        edifact(["FTX", "AAI", "Straße"], syntax="UNOB")
    assert b"FTX+AAI+STRASSE 5 CAFE'" in edifact(["FTX", "AAI", "Straße 5 Café"], syntax="UNOA", transliterate=True)
    assert b"FTX+AAI+Strasse 5 Cafe'" in edifact(["FTX", "AAI", "Straße 5 Café"], syntax="UNOB", transliterate=True)
    assert "Straße".encode("latin-1") in edifact(["FTX", "AAI", "Straße"], transliterate=True)


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
