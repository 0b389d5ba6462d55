"""TA1, 997, 999 and CONTRL as bytes: golden files, and the rules of what is answered at all."""

from datetime import datetime
from pathlib import Path

import pytest

from hub.acknowledgement import MessageResult, acknowledge, check_messages
from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import check_payload
from hub.errors import UsageError, finding
from hub.syntax import Separators, cut
from tests.unit.edi import ORDER, ORDERS, edifact, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
GOLDEN = Path(__file__).parents[1] / "golden" / "acknowledgement"
CASES = sorted(path for path in GOLDEN.glob("*.edi") if path.stem.count(".") == 0)


def answers(payload: bytes, kind: str | None = None) -> list[bytes]:
    return acknowledge_payload(payload, kind=kind, control_number=5, at=AT)


@pytest.mark.parametrize("kind", [None, "999", "TA1"])
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_golden(case: Path, kind: str | None, update_golden: bool) -> None:
    payload = case.read_bytes()
    standard = next(iter(cut(payload))).standard
    if kind is not None and standard == "edifact":
        kind = "CONTRL"
    expected = case.with_suffix(f".{kind or 'default'}.ack")
    written = b"".join(answers(payload, kind))
    if update_golden:
        expected.write_bytes(written)
    assert written == expected.read_bytes()
    assert (
        not any(row for row in check_payload("answer", written) if row.get("severity") in ("reject", "error"))
        or not written
    )
    assert written == b"" or answers(written) == []


def rows(payload: bytes, kind: str | None = None) -> list[str]:
    """The segments of the one answer."""
    (written,) = answers(payload, kind)
    return [row for row in written.decode().replace("~\n", "~").replace("'\n", "'").replace("'", "~").split("~") if row]


def test_one_bad_order_of_three_is_rejected_alone() -> None:
    bad = ["BEG*00*SA*PO1002**20261332", ORDER[1], "XYZ*1", ORDER[2]]
    payload = x12(ORDER, bad, ORDER).replace(b"SE*6*0002", b"SE*9*0002")
    assert rows(payload)[2:-3] == [
        "ST*997*0001",
        "AK1*PO*77",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK3*BEG*2**8",
        "AK4*5*373*8*20261332",
        "AK3*XYZ*4**1",
        "AK5*R*4*5",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    ]


def test_the_envelope_is_swapped_and_the_test_indicator_echoed() -> None:
    (written,) = answers(x12(ORDER))
    answer = next(iter(cut(written)))
    assert (answer.sender, answer.receiver, answer.test) == ("12:4015550100", "ZZ:BLUEBIRD", True)
    assert (answer.groups[0].sender, answer.groups[0].receiver) == ("ACME", "BLUEBIRD")
    assert answer.groups[0].functional_id == "FA"


@pytest.mark.parametrize(
    ("messages", "ak9"),
    [
        ([ORDER], "AK9*A*1*1*1"),
        ([["BEG*00*SA*PO1001**20260122", "CUR*BY*USDX", *ORDER[1:]]], "AK9*E*1*1*1"),
        ([ORDER[1:]], "AK9*R*1*1*0"),
        ([ORDER, ORDER[1:]], "AK9*P*2*2*1"),
    ],
)
def test_group_status(messages: list[list[str]], ak9: str) -> None:
    assert ak9 in rows(x12(*messages))


def test_errors_are_reported_and_accepted_advice_is_not_reported() -> None:
    answer = rows(x12([ORDER[0], "CUR*BY*USDX", "CUR*Q!*USD", *ORDER[1:]]))
    assert "AK3*CUR*3**8" in answer
    assert "AK4*2*100*5*USDX" in answer
    assert "AK5*E*5" in answer
    assert not any("Q!" in row for row in answer)


def test_an_element_of_a_composite_is_named_by_both_positions() -> None:
    answer = rows(x12([ORDER[0], "REF*DP*X**D!!!>1", *ORDER[1:]]))
    assert "AK4*4>1*128*5*D!!!" in answer


def test_a_value_the_answer_cannot_carry_is_left_out() -> None:
    answer = rows(x12([ORDER[0], "CUR*BY*USD\x01", *ORDER[1:]]))
    assert "AK4*2*100*6" in answer


def test_a_wrong_group_count_rejects_the_group() -> None:
    answer = rows(x12(ORDER).replace(b"GE*1*77", b"GE*2*77"))
    assert "AK9*R*2*1*0*5" in answer
    assert "AK5*R" in answer


def test_an_interchange_that_cannot_be_used_gets_a_ta1_alone() -> None:
    answer = rows(x12(ORDER).replace(b"IEA*1*", b"IEA*4*"))
    assert answer[1] == "TA1*000000905*260122*1430*R*021"
    assert answer[2].startswith("IEA*0*")


def test_ta1_comes_where_isa14_asks() -> None:
    assert rows(x12(ORDER, ask="1"))[1] == "TA1*000000905*260122*1430*A*000"
    assert not any(row.startswith("TA1") for row in rows(x12(ORDER)))


def test_the_999_names_the_version_and_uses_its_own_segments() -> None:
    answer = rows(x12(ORDER[1:], version="005010"), "999")
    assert "AK1*PO*77*005010" in answer
    assert "IK3*BEG*2**3" in answer
    assert "IK5*R*5" in answer


@pytest.mark.parametrize("type", ["997", "999"])
def test_acknowledgements_are_not_acknowledged(type: str) -> None:
    body = ["AK1*PO*77", "AK9*A*1*1*1"]
    assert answers(x12(body, type=type, group="FA")) == []


def test_acknowledgements_in_a_wrong_group_are_not_acknowledged_either() -> None:
    """Two hubs that answer each other's answers never stop."""
    assert answers(x12(["AK1*SI*1", "AK9*A*1*1*1"], type="997", group="SI")) == []


def test_a_message_without_a_number_is_told_of_that_alone() -> None:
    assert [row for row in rows(x12(ORDER).replace(b"ST*850*0001~", b"ST*850*~")) if row.startswith("AK")] == [
        "AK1*PO*77",
        "AK2*850",
        "AK3*ST*1**8",
        "AK4*2*329*1",
        "AK5*R*7",
        "AK9*R*1*1*0",
    ]
    for payload in (x12(ORDER).replace(b"ST*850*0001~", b"ST*850*~"), edifact(ORDERS).replace(b"UNH+1+", b"UNH++")):
        (interchange,) = cut(payload)
        (result,) = check_messages(payload, interchange)
        assert [(each.code, each.severity) for each in result.findings] == [("HUB-1029", "reject")]


@pytest.mark.parametrize("type", ["997", "999"])
def test_an_order_that_says_it_is_an_acknowledgement_is_answered(type: str) -> None:
    payload = x12(ORDER, type=type, version="005010")
    assert [row for row in rows(payload) if row.startswith("AK")] == [
        "AK1*PO*77*005010",
        f"AK2*{type}*0001",
        "AK5*R*6",
        "AK9*R*1*1*0",
    ]


def test_an_interchange_of_ta1_alone_is_not_answered_even_if_it_asks() -> None:
    (note,) = answers(x12(ORDER).replace(b"IEA*1*", b"IEA*4*"))
    assert answers(note.replace(b"*0*T*", b"*1*T*")) == []


def test_contrl_is_not_answered_but_its_neighbours_are() -> None:
    body = ["UCI+1+A+B+7"]
    assert answers(edifact(body, type="CONTRL", version="D:3")) == []


def test_a_version_no_isa_can_have_is_not_repeated() -> None:
    assert rows(x12(ORDER).replace(b"*00401*", b"*00040*"))[0].split("*")[12] == "00401"


def test_a_group_without_identities_is_answered_by_those_of_its_interchange() -> None:
    payload = x12(ORDER).replace(b"GS*PO*BLUEBIRD*ACME*", b"GS*PO***")
    assert rows(payload)[1].startswith("GS*FA*4015550100*BLUEBIRD*")


def test_business_messages_that_answer_are_acknowledged() -> None:
    body = ["BAK*00*AC*PO1*20260122", "PO1*1*1*EA", "CTT*1"]
    assert "AK2*855*0001" in rows(x12(body, type="855", group="PR"))


def test_contrl_names_every_message_and_the_faults_of_the_rejected() -> None:
    bad = ["BGM+220+PO2+9", "DTM+137:20261399:102", "XXX+1", "LIN+1", "QTY+21:A5"]
    answer = rows(edifact(ORDERS, bad))
    assert answer[2:-2] == [
        "UCI+REF77+4012345000009:14+4098765000004:14+7",
        "UCM+1+ORDERS:D:96A:UN+7",
        "UCM+2+ORDERS:D:96A:UN+4",
        "UCS+3",
        "UCD+12+2:2",
        "UCS+4+15",
        "UCS+6",
        "UCD+37+2:2",
        "UCS+6+13",
    ]


def test_contrl_goes_back_to_the_address_it_came_from() -> None:
    payload = edifact(ORDERS).replace(
        b"4012345000009:14+4098765000004:14", b"4012345000009:14:DIV1+4098765000004:14:DIV2"
    )
    (answer,) = acknowledge_payload(payload, kind=None, control_number=5, at=AT)
    assert answer.startswith(b"UNB+UNOC:3+4098765000004:14:DIV2+4012345000009:14:DIV1+")
    assert b"UCI+REF77+4012345000009:14:DIV1+4098765000004:14:DIV2+" in answer


def test_contrl_of_a_wrong_trailer() -> None:
    assert "UCM+1+ORDERS:D:96A:UN+4+29+UNT+2" in rows(edifact(ORDERS).replace(b"UNT+7+1", b"UNT+9+1"))


def test_contrl_names_the_trailer_that_is_missing() -> None:
    assert "UCM+1+ORDERS:D:96A:UN+4+13+UNT" in rows(edifact(ORDERS).replace(b"UNT+7+1'\n", b""))
    whole = edifact(ORDERS)
    assert rows(whole[: whole.index(b"UNZ")])[2].endswith("+4+13+UNZ")


def test_contrl_of_a_wrong_interchange_count_rejects_all() -> None:
    answer = rows(edifact(ORDERS).replace(b"UNZ+1+", b"UNZ+5+"))
    assert answer[2] == "UCI+REF77+4012345000009:14+4098765000004:14+4+29+UNZ+2"
    assert not any(row.startswith("UCM") for row in answer)


def test_groups_of_edifact_are_answered_by_ucf() -> None:
    body = edifact(ORDERS).decode()
    body = body.replace("UNH+1", "UNG+ORDERS+A:14+B:14+260122:1430+G1+UN+D:96A'\nUNH+1", 1)
    body = body.replace("UNZ+", "UNE+1+G1'\nUNZ+", 1)
    answer = rows(body.encode())
    assert "UCF+G1+A:14+B:14+7" in answer
    assert answer.index("UCF+G1+A:14+B:14+7") < answer.index("UCM+1+ORDERS:D:96A:UN+7")


def test_the_kind_must_be_one_of_the_standard() -> None:
    with pytest.raises(UsageError, match="HUB-7001"):
        answers(edifact(ORDERS), "997")
    with pytest.raises(UsageError, match="HUB-7001"):
        answers(b'{"order": 1}')


def test_separators_are_the_partners_unless_given() -> None:
    payload = x12(ORDER)
    interchange = next(iter(cut(payload)))
    results = list(check_messages(payload, interchange))
    own = Separators(element="|", component=":", segment="!")
    written = acknowledge(interchange, results, at=AT, separators=own)
    assert written is not None
    assert written.startswith(b"ISA|00|")
    assert written.endswith(b"!")


@pytest.mark.parametrize("mark", ["\N{ROCKET}", "X", " "])
def test_separators_nobody_can_write_are_not_echoed(mark: str) -> None:
    (written,) = acknowledge_payload(
        x12(ORDER).replace(b"*>~", f"*{mark}~".encode()), kind="TA1", control_number=5, at=AT
    )
    assert written.split(b"~")[0].endswith(b"*>")


def test_each_group_has_the_number_it_is_given() -> None:
    payload = (GOLDEN / "two-groups-second-bad.edi").read_bytes()
    interchange = next(iter(cut(payload)))
    results = list(check_messages(payload, interchange))
    written = acknowledge(interchange, results, group_control_number=[40, 7], at=AT)
    assert [group.control_number for group in next(iter(cut(written or b""))).groups] == ["40", "7"]
    with pytest.raises(UsageError, match="2 groups"):
        acknowledge(interchange, results, group_control_number=[40], at=AT)


def test_group_findings_kept_with_the_interchange_reject_their_group_alone() -> None:
    for name, rejected in (
        ("two-groups-second-bad", b"AK9|R|2|2|0|5"),
        ("groups-of-edifact", b"UCF+G2+DIV1:ZZ+DIV2:ZZ+4+29+UNE+2"),
    ):
        payload = (GOLDEN / f"{name}.edi").read_bytes().replace(b"GE|2|2~", b"GE|9|2~")
        interchange = next(iter(cut(payload)))
        results = list(check_messages(payload, interchange))
        expected = acknowledge(interchange, results, at=AT)
        interchange.findings = interchange.findings + [each for group in interchange.groups for each in group.findings]
        for group in interchange.groups:
            group.findings = []
        written = acknowledge(interchange, results, at=AT)
        assert written == expected
        assert rejected.replace(b"R|2|2", b"R|9|2") in (written or b"")


def test_a_charset_too_narrow_for_what_is_repeated_is_widened() -> None:
    payload = edifact(ORDERS, syntax="UNOA:3").replace(b"4012345000009:14", b"bluebird:ZZ")
    (written,) = answers(payload)
    assert written.startswith(b"UNB+UNOC:3+4098765000004:14+bluebird:ZZ+")
    (written,) = answers(edifact(ORDERS, syntax="XXXX:3"))
    assert written.startswith(b"UNB+UNOC:3+")


def test_a_damaged_tag_does_not_prevent_the_answer() -> None:
    assert "AK3*XZZ*3**1" in rows(x12([ORDER[0], "X\x0b\N{ROCKET}QQ*1", *ORDER[1:]]))


def test_guide_findings_never_reject_technically() -> None:
    payload = x12(ORDER)
    interchange = next(iter(cut(payload)))
    (result,) = check_messages(payload, interchange)
    business = finding("HUB-7020", severity="reject")
    written = acknowledge(interchange, [MessageResult(result.span, result.message, [business])], at=AT)
    assert b"AK5*A~" in (written or b"")


def test_a_severity_of_the_agreement_decides() -> None:
    payload = x12(ORDER[1:])
    interchange = next(iter(cut(payload)))
    results = list(check_messages(payload, interchange, severities={"HUB-2014": "error"}))
    written = acknowledge(interchange, results, at=AT)
    assert b"AK5*E*5~" in (written or b"")
