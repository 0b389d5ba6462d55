"""The walk: which tree a message becomes, and which findings its structure gives."""

import pytest

from hub.errors import Finding
from hub.schema import Node, definition
from hub.schema.walk import walk
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12


def walked(payload: bytes) -> tuple[Node, list[Finding]]:
    message = messages(payload)[0]
    made = definition(message.standard, message.version, message.type)
    assert made is not None
    return walk(message, made)


def codes(findings: list[Finding]) -> list[tuple[str, int | None, str | None]]:
    return [(each.code, each.location.segment, each.location.tag) for each in findings]


def x12_codes(*segments: str) -> list[tuple[str, int | None, str | None]]:
    return codes(walked(x12(list(segments)))[1])


BEG, PO1, CTT = ORDER


def test_the_tree_holds_loops_by_slot_key() -> None:
    node, found = walked(x12([BEG, "N1*ST*STORE", "N3*1 MAIN", "N1*BT*HQ", PO1, "PID*F****CUP", PO1, CTT]))
    assert found == []
    assert list(node.segments) == ["ST", "BEG", "SE"]
    assert [party.segments["N1"][0][1] for party in node.loops["N1"]] == ["ST", "BT"]
    assert node.loops["N1"][0].numbers == {"N1": [2], "N3": [3]}
    assert [list(line.loops) for line in node.loops["PO1"]] == [["PID"], []]
    assert node.loops["CTT"][0].numbers == {"CTT": [8]}


def test_header_and_summary_slots_of_one_tag_are_kept_apart() -> None:
    allowances = [
        "BGM+220+PO1+9",
        "DTM+137:20260122:102",
        "ALC+A",
        "LIN+1",
        "UNS+S",
        "MOA+79:5",
        "CNT+2:1",
        "ALC+C",
        "MOA+8:1",
    ]
    node, found = walked(edifact(allowances))
    assert found == []
    assert node.loops["ALC"][0].segments["ALC"][0][1] == "A"
    assert node.loops["ALC@2"][0].segments["ALC"][0][1] == "C"


def test_an_unknown_segment_is_left_out_and_derails_nothing() -> None:
    node, found = walked(x12([BEG, "XYZ*1", "N1*ST*STORE", "N3*1 MAIN", PO1, CTT]))
    assert codes(found) == [("HUB-2010", 3, "XYZ")]
    assert "XYZ" not in node.segments
    assert node.loops["N1"][0].numbers["N3"] == [4]


def test_a_segment_of_other_messages_is_named_as_such() -> None:
    assert x12_codes(BEG, "BIG*20260122*1", PO1) == [("HUB-2011", 3, "BIG")]


def test_a_segment_outside_of_its_loop_is_unexpected() -> None:
    assert x12_codes(BEG, "N3*1 MAIN", PO1) == [("HUB-2012", 3, "N3")]


def test_a_segment_too_early_does_not_hide_what_follows() -> None:
    found = walked(x12([CTT, BEG, PO1]))[1]
    assert codes(found) == [("HUB-2013", 2, "CTT")]
    assert found[0].severity == "reject"  # the loop it opens is not read


def test_what_is_too_early_is_told_by_the_segments_behind_the_next_one_too() -> None:
    header = ["BGM+481+RM1+9", "DTM+137:20260220:102", "CUX+2:EUR:9", "MOA+12:1460"]
    lines = ["FII+RB+NL91", "DOC+380+FT1", "MOA+12:1460", "UNS+S", "MOA+12:1460"]
    found = walked(edifact([*header, *lines], type="REMADV"))[1]
    assert codes(found) == [("HUB-2013", 5, "MOA"), ("HUB-2013", 6, "FII")]


def test_what_is_too_late_in_its_loop_is_no_reason_to_leave_the_loop() -> None:
    lines = ["LIN+1++540:EN", "PRI+AAA:1.85", "MOA+203:888", "TAX+7+VAT+++:::20", "UNS+S", "MOA+77:888"]
    invoice = ["BGM+380+1+9", "DTM+137:20260122:102", *lines]
    node, found = walked(edifact(invoice, type="INVOIC"))
    assert codes(found) == [("HUB-2013", 6, "MOA")]
    assert sorted(node.loops["LIN"][0].loops) == ["MOA", "PRI", "TAX"]


def test_a_loop_without_its_outer_loop_costs_one_finding() -> None:
    """Price catalogues are often sent without the product group that the lines stand in."""
    lines = ["LIN+1++5715021128903:EN", "PIA+5+041Y:SA", "IMD+F++:::SHIRT", "PRI+AAE:9.00"]
    node, found = walked(edifact(["BGM+9+1+9", "DTM+137:20260122:102", *lines, *lines], type="PRICAT", version="D:01B"))
    assert codes(found) == [("HUB-2014", 4, "PGI")]
    assert "PGI" not in node.loops  # what stands where nothing is read is left out of the tree
    stock = ["LIN+1++540:EN", "QTY+145:5", "LIN+2++541:EN", "QTY+145:7"]
    reported = walked(edifact(["BGM+35+1+9", "DTM+137:20260122:102", *stock], type="INVRPT", version="D:21B"))[1]
    assert codes(reported)[0] == ("HUB-2014", 5, "INV")


def test_what_stands_before_its_loop_opens_does_not_open_it() -> None:
    assert x12_codes(BEG, PO1, "N3*1 MAIN") == [("HUB-2012", 4, "N3")]
    assert x12_codes(BEG, "SDQ*EA*92*0100*1", PO1) == [("HUB-2012", 3, "SDQ")]


def test_a_late_segment_is_out_of_sequence_and_still_read() -> None:
    node, found = walked(x12([BEG, "DTM*010*20260122", "CUR*BY*USD", PO1]))
    assert codes(found) == [("HUB-2013", 4, "CUR")]
    assert node.segments["CUR"][0][2] == "USD"


def test_a_late_mandatory_segment_is_out_of_sequence_and_not_missing_too() -> None:
    node, found = walked(edifact(["DTM+137:20260122:102", "BGM+220+PO1+9", "LIN+1", "UNS+S"]))
    assert codes(found) == [("HUB-2013", 2, "DTM")]
    assert {"BGM", "DTM"} <= set(node.segments)


def test_a_late_loop_is_entered() -> None:
    node, found = walked(x12([BEG, PO1, "CTT*1", "N1*ST*STORE", "N3*1 MAIN"]))
    assert codes(found) == [("HUB-2013", 5, "N1")]
    assert node.loops["N1"][0].numbers == {"N1": [4], "N3": [5]}


def test_missing_mandatory_segments_are_named_where_they_should_be() -> None:
    assert x12_codes("REF*DP*1", PO1) == [("HUB-2014", 2, "BEG")]
    assert x12_codes(BEG) == [("HUB-2014", 3, "PO1")]


def test_missing_inside_a_loop_is_reported_when_the_loop_ends() -> None:
    node, found = walked(edifact([*ORDERS[:3], "ALC+A", "PCD+1:5", "UNS+S"]))
    assert found == []
    assert len(node.loops["LIN"][0].loops["ALC"]) == 1
    assert codes(walked(x12(["BIG*20260122*1", "LM*VI", "IT1*1*1*EA*9", "TDS*900"], type="810", group="IN"))[1]) == [
        ("HUB-2014", 4, "LQ")
    ]


def test_too_many_segments_and_loops() -> None:
    assert x12_codes(BEG, "CUR*BY*USD", "CUR*SE*EUR", PO1) == [("HUB-2015", 4, "CUR")]
    many = [f"N1*ST*STORE {number}" for number in range(201)]
    assert x12_codes(BEG, *many, PO1) == [("HUB-2016", 203, "N1")]


def test_a_missing_trailer_is_the_envelopes_fault_not_the_structures() -> None:
    payload = x12(ORDER)
    cut_short = payload[: payload.index(b"SE*")]
    assert codes(walked(cut_short)[1]) == []


def test_inner_and_outer_lx_of_a_945_are_kept_apart_by_ls() -> None:
    line = "W12*CC*1*1**EA*012345678905"
    lines = ["W06*N*1*20260122*S1**PO1", "N1*WH*DOCK", "G62*11*20260122", "W27*M*SCAC"]
    lines += ["LX*1", line, "LX*2", line, "W03*2*10*LB"]
    node, found = walked(x12(lines, type="945", group="SW"))
    assert found == []
    assert len(node.loops["LX"]) == 2


def test_every_finding_says_what_to_do_and_where() -> None:
    _, found = walked(x12(["XYZ*1", "N3*1 MAIN", "CUR*BY*USD", "CUR*BY*USD", "BIG*1", "CTT*1", PO1]))
    assert len(found) >= 5
    for each in found:
        assert each.message.endswith(".")
        assert each.location.offset is not None
        assert (each.rule or "").startswith("850 004010")


@pytest.mark.parametrize("count", [20_000])
def test_a_walk_of_many_unknown_segments_is_linear(count: int) -> None:
    _, found = walked(x12([BEG, *["XYZ*1"] * count, PO1]))
    assert len(found) == count


def test_what_is_missing_or_too_often_in_a_loop_names_the_loop() -> None:
    made = definition("x12", "004010", "856")
    assert made is not None
    body = ["BSN*00*S1*20260122*1200*0001", "HL*1**S", "HL*2*1*O", "PRF*1", "PRF*2", "HL*3*2*I", "SN1**1*EA"]
    (message,) = messages(x12(body, type="856", group="SH"))
    (found,) = walk(message, made)[1]
    assert found.message == "The segment PRF occurs more than 1 time in the loop of segment 4 (HL O). Send 1 at most."
    made = definition("x12", "004010", "850")
    assert made is not None
    (message,) = messages(x12(["BEG*00*SA*PO1**20260122", "PO1*1*1*EA*1", "LM*VI", "CTT*1"]))
    (found,) = walk(message, made)[1]
    assert found.message == (
        "The mandatory segment LQ is missing in the loop of segment 4 (LM VI) before CTT. Add the segment LQ."
    )


def test_a_segment_too_late_in_its_loop_is_told_there_though_the_message_has_a_place_for_it_later() -> None:
    call = ["BGM+242+1+9", "DTM+137:20260122:102", "SEQ+1", "LIN+1++P1:IN", "LOC+11+D1", "FTX+AAI+++TEXT"]
    rest = ["QTY+1:5", "SEQ+2", "LIN+2++P2:IN", "QTY+1:5"]
    delivery = edifact([*call, *rest]).replace(b"ORDERS", b"DELJIT")
    assert codes(walked(delivery)[1]) == [("HUB-2013", 7, "FTX")]
    last = edifact([*call[:4], "LOC+11+D1", "QTY+1:5", "FTX+AAI+++TEXT"]).replace(b"ORDERS", b"DELJIT")
    assert walked(last)[1] == []


def test_a_loop_that_comes_too_late_is_out_of_sequence_and_opens_no_other() -> None:
    status = ["B10*1*2*ABCD", "LX*1", "AT7*X1*NS***20260122*0840*CT", "MS1*MEMPHIS*TN", "AT8*G*L*5*1"]
    payload = x12([*status, *status[2:]], type="214", group="QM")
    assert codes(walked(payload)[1]) == [("HUB-2013", 7, "AT7")]
