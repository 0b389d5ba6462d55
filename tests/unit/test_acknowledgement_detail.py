"""What acknowledgements say at the exact place: codes, positions, contexts; unknown types; how much is named."""

import pytest

from hub.acknowledgement import Detail, acknowledge, check_messages, read_acknowledgement
from hub.errors import Finding
from hub.syntax import cut
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

BEG, PO1 = "BEG*00*SA*PO1001**20260122", "PO1*1*10*EA*9.5**UP*012345678905"


def rows(payload: bytes, kind: str | None = None, detail: Detail = "message") -> list[str]:
    """The segments of the answer without its envelope and trailer."""
    (interchange,) = cut(payload)
    results = list(check_messages(payload, interchange))
    written = (acknowledge(interchange, results, kind=kind, at=AT, detail=detail) or b"").decode()
    end = "'" if written.startswith("UN") else "~"
    told = [row.strip() for row in written.split(end) if row.strip()]
    return [row for row in told if row[:2] not in ("IS", "GS", "ST", "SE", "GE", "IE") and row[:3] not in UN]


UN = ("UNB", "UNH", "UNT", "UNZ")

SEGMENTS = [
    ([BEG, "XYZ*1", PO1], "AK3*XYZ*3**1"),
    ([BEG, "SDQ*EA*92*0100*1", PO1], "AK3*SDQ*3**2"),
    ([PO1], "AK3*BEG*2**3"),
    ([BEG, "CUR*BY*USD", "CUR*BY*USD", PO1], "AK3*CUR*4**5"),
    ([BEG, "W05*N*1", PO1], "AK3*W05*3**6"),
    ([BEG, "PER*BD*ANNA", "CUR*BY*USD", PO1], "AK3*CUR*4**7"),
]
ELEMENTS = [
    ("BEG**SA*PO1**20260122", "AK4*1*353*1"),
    ("BEG*00*SA*PO1**20260122********X", "AK4*13**3*X"),
    ("BEG*00*SA*PO1**20260122*C", None),
    ("BEG*0*SA*PO1**20260122", "AK4*1*353*4*0"),
    (f"BEG*00*SA*{'P' * 23}**20260122", f"AK4*3*324*5*{'P' * 23}"),
    ("BEG*00*SA*PO\x011**20260122", "AK4*3*324*6"),
    ("BEG*00*SA*PO1**20260231", "AK4*5*373*8*20260231"),
]


@pytest.mark.parametrize(("segments", "said"), SEGMENTS)
def test_the_segment_error_is_the_standards_own(segments: list[str], said: str) -> None:
    assert said in rows(x12(segments))


@pytest.mark.parametrize(("segment", "said"), ELEMENTS)
def test_the_element_error_is_the_standards_own(segment: str, said: str | None) -> None:
    told = rows(x12([segment, PO1]))
    if said is not None:
        assert told[2:4] == ["AK3*BEG*2**8", said]


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        ("DTM*002*20260122*2561", "AK4*3*337*9*2561"),
        ("REF*DP", "AK4*2*127*2"),
        ("PER*BD*ANNA*TE", "AK4*4*364*2"),
    ],
)
def test_times_and_notes_are_told_at_their_elements(segment: str, said: str) -> None:
    segments = [BEG, segment, PO1]
    assert said in rows(x12(segments))
    assert said.replace("AK4", "IK4") in rows(x12(segments, version="005010"), "999")


def test_components_and_repetitions_are_told_in_release_005010() -> None:
    payload = x12([BEG, PO1, "MEA***5*EA>X"], version="005010")
    assert "IK4*4>2*1018*6*X" in rows(payload, "999")


def test_a_999_names_the_document_the_line_and_what_asks_for_the_element() -> None:
    lines = [BEG, PO1, "PO1*2*4*EA*9.5**UP", "CTT*2"]
    told = rows(x12(lines, version="005010"), "999")
    assert told[2:7] == [
        "IK3*PO1*4**8",
        "CTX*BEG03>PO1001",
        "CTX*PO101>2",
        "IK4*7*234*2",
        "CTX*SITUATIONAL TRIGGER*PO1*4**6",
    ]
    (answered,) = messages(_written(x12(lines, version="005010"), "999"))
    (_, answer) = read_acknowledgement(answered).answers
    assert [(each.location.segment, each.location.tag, each.location.element) for each in answer.findings] == [
        (4, "PO1", 7)
    ]
    (_interchange,) = cut(_written(x12(lines, version="005010"), "999"))
    assert _found(_written(x12(lines, version="005010"), "999")) == []


def _written(payload: bytes, kind: str | None = None) -> bytes:
    (interchange,) = cut(payload)
    return acknowledge(interchange, list(check_messages(payload, interchange)), kind=kind, at=AT) or b""


def _found(payload: bytes) -> list[Finding]:
    (interchange,) = cut(payload)
    return [each for result in check_messages(payload, interchange) for each in result.findings]


def test_a_997_has_no_contexts() -> None:
    assert not any("CTX" in row for row in rows(x12([BEG, "PO1*2*4*EA*9.5**UP"])))


def test_a_number_used_twice_is_7_before_004050_and_23_since() -> None:
    for version, code in (("004010", "7"), ("005010", "23")):
        payload = x12(ORDER, ORDER, version=version).replace(b"*0002", b"*0001")
        assert f"AK5*E*{code}" in rows(payload)


@pytest.mark.parametrize(("type_", "said"), [("837", "1"), ("ZZZ", "1"), ("", "6")])
def test_an_unknown_x12_type_is_refused_as_not_supported(type_: str, said: str) -> None:
    named = type_ or "000"
    assert rows(x12(ORDER, type=type_)) == ["AK1*PO*77", f"AK2*{named}*0001", f"AK5*R*{said}", "AK9*R*1*1*0"]
    told = rows(x12(ORDER, type=type_, version="005010"), "999")
    assert told[1:] == [f"AK2*{named}*0001", f"IK5*R*{said}", "AK9*R*1*1*0"]


@pytest.mark.parametrize("syntax", ["UNOC:3", "UNOC:4"])
def test_an_unknown_edifact_type_is_refused_with_its_place(syntax: str) -> None:
    told = rows(edifact(ORDERS, ["BGM+1"], type="BAPLIE", syntax=syntax))
    assert told[1:] == [f"UCM+{number}+BAPLIE:D:96A:UN+4+14+UNH+3:1" for number in (1, 2)]


def test_contrl_names_segment_element_and_component() -> None:
    body = ["BGM+220+PO1+9", "DTM+137:20261322:102", *ORDERS[2:]]
    assert rows(edifact(body))[1:] == ["UCM+1+ORDERS:D:96A:UN+4", "UCS+3", "UCD+12+2:2"]


def test_contrl_of_syntax_4_names_the_repetition() -> None:
    body = ["BGM+220+PO1+9", "DTM+137:20260122:102", "FTX+AAI", "LIN+1++1:EN", "PIA+5+1:IN*2", "UNS+S"]
    told = rows(edifact(body, version="D:01B", syntax="UNOC:4"))
    assert all(len(row.split("+")) < 5 or row[:3] != "UCD" for row in told)


@pytest.mark.parametrize(
    ("detail", "named"), [("message", ["AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*A"]), ("group", [])]
)
def test_a_997_may_name_the_group_alone(detail: Detail, named: list[str]) -> None:
    assert rows(x12(ORDER, ORDER), detail=detail) == ["AK1*PO*77", *named, "AK9*A*2*2*2"]


def test_as_soon_as_one_message_has_a_fault_all_are_named() -> None:
    payload = x12(ORDER, ["BEG*00*SA*PO1**20261322", PO1, "CTT*1"])
    assert rows(payload, detail="group") == rows(payload)


def test_a_contrl_may_name_what_it_refuses_alone() -> None:
    payload = edifact(ORDERS, ["BGM+220+PO2+9"], ORDERS)
    told = [row for row in rows(payload, detail="group") if row.startswith("UCM")]
    assert told == ["UCM+2+ORDERS:D:96A:UN+4"]
    (answered,) = messages(_written(payload))
    assert [each.status for each in read_acknowledgement(answered).answers[1:]] == ["accepted", "rejected", "accepted"]


@pytest.mark.parametrize(("version", "code"), [("004010", "6"), ("005010", "19")])
def test_a_group_number_used_twice_is_told_as_the_release_says_it(version: str, code: str) -> None:
    payload = x12(ORDER, version=version)
    head, _, group = payload.partition(b"GS*")
    group = b"GS*" + group.partition(b"IEA")[0]
    payload = head + group + group + b"IEA*2*000000905~\n"
    concluded = [row for row in rows(payload) if row.startswith("AK9")]
    assert concluded == ["AK9*A*1*1*1", f"AK9*E*1*1*1*{code}"]
