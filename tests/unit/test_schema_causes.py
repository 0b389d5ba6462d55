"""One cause is told once: terminators that are missing, messages cut short, codes a body of its own adds."""

from hub.acknowledgement import check_messages
from hub.schema import check, definition
from hub.schema.walk import walk
from hub.syntax import cut
from tests.unit.edi import edifact, messages, x12

BEG = "BEG*00*SA*PO1001**20260122"
LINES = ["PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]


def test_a_missing_terminator_is_told_and_not_what_follows_from_it() -> None:
    (message,) = messages(x12([BEG, "N1*ST*STORE*92*0200\nPO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]))
    found = check(message, definition("x12", "004010", "850"))
    assert [each.code for each in found if each.location.segment == 3] == ["HUB-2026"]
    assert "no terminator stands before PO1" in found[0].message


def test_a_missing_terminator_is_told_without_line_breaks_too() -> None:
    line = "PO1*1*1*EA*1**BP*1~PID*F****JACKET~PO4*1"
    whole = [BEG, "REF*DP*12", "DTM*002*20260122", *line.split("~"), *line.split("~"), "CTT*2"]
    for at in (2, 3, 5, 6, 7):
        segments = [*whole[: at - 2], whole[at - 2] + whole[at - 1], *whole[at:]]
        (message,) = messages(x12(segments))
        found = [each for each in check(message, definition("x12", "004010", "850")) if each.severity != "warn"]
        expected = [("HUB-2026", at, whole[at - 2].split("*")[0])]
        assert [(each.code, each.location.segment, each.location.tag) for each in found] == expected
        assert f"no terminator stands before {whole[at - 1].split('*')[0]}:" in found[0].message


def test_a_line_break_in_a_value_is_named() -> None:
    (message,) = messages(x12([BEG, "N1*ST*STORE\nWEST", *LINES]))
    (told,) = check(message, definition("x12", "004010", "850"))
    assert "has a line break in it" in told.message


def test_codes_of_eancom_are_right_in_its_messages_alone() -> None:
    segments = ["BGM+220+1+9", "DTM+137:20260122:102", "DTM+40E:20260122:102", "LIN+1++5410738000152:SRV", "UNS+S"]
    plain = edifact(segments)
    for payload, expected in ((plain, 2), (plain.replace(b"D:96A:UN", b"D:96A:UN:EAN008"), 0)):
        (message,) = messages(payload)
        found = check(message, definition("edifact", "D.96A", "ORDERS"))
        assert [each.code for each in found] == ["HUB-2027"] * expected


def test_of_a_message_cut_short_its_half_segment_is_not_told() -> None:
    payload = x12([BEG, "REF*DP*1", "N1*ST*STORE", *LINES])
    for end in (b"N1", b"N1*S", b"N"):
        (message,) = messages(payload[: payload.index(b"N1*ST")] + end)
        assert check(message, definition("x12", "004010", "850")) == []


def test_a_party_behind_its_place_leaves_the_loop_that_is_open() -> None:
    segments = ["BGM+351+D1+9", "DTM+137:20260122:102", "CPS+1", "NAD+DP+9400000000001::9", "LIN+1++9400000000018:EN"]
    (message,) = messages(edifact([*segments, "QTY+12:5"], type="DESADV"))
    made = definition("edifact", "D.96A", "DESADV")
    assert made is not None
    tree, told = walk(message, made)
    assert [(each.code, each.location.tag) for each in told] == [("HUB-2013", "NAD")]
    assert [node.segments["NAD"][0][1] for node in tree.loops["NAD"]] == ["DP"]
    assert "LIN" in tree.loops["CPS"][0].loops


def test_a_date_in_front_of_what_must_precede_it_stays_in_its_loop() -> None:
    segments = ["BGM+481+R1+9", "DTM+137:20260220:102", "CUX+2:EUR:9", "DOC+380+I1", "DTM+137:20260120:102", "MOA+12:9"]
    (message,) = messages(edifact([*segments, "UNS+S", "MOA+9:9"], type="REMADV"))
    made = definition("edifact", "D.96A", "REMADV")
    assert made is not None
    tree, told = walk(message, made)
    assert [(each.code, each.location.segment, each.message.split(":")[0]) for each in told] == [
        ("HUB-2013", 6, "The segment DTM stands too early")
    ]
    assert len(tree.segments["DTM"]) == 1
    (document,) = tree.loops["DOC"]
    assert [segment[1] for segment in document.segments["DTM"]] == ["137:20260120:102"]


def test_a_message_that_begins_as_another_type_is_told_once() -> None:
    payload = x12([BEG, *LINES], type="810")
    (interchange,) = cut(payload)
    (result,) = check_messages(payload, interchange)
    (told,) = result.findings
    assert (told.code, told.severity, told.location.segment, told.location.element) == ("HUB-2004", "reject", 1, 1)
    assert "ST01 says 810, but the message begins with BEG, as type 850 does" in told.message


def test_of_half_a_trailer_nothing_is_told() -> None:
    payload = edifact(["BGM+220+1+9", "DTM+137:20260122:102", "LIN+1", "UNS+S"])
    for end in (b"UNT", b"UNT+", b"UNT+6", b"UNT+6+"):
        (message,) = messages(payload[: payload.index(b"UNT+6") + len(end)])
        assert check(message, definition("edifact", "D.96A", "ORDERS")) == []


def test_a_code_that_is_not_in_a_short_list_is_told_with_the_list() -> None:
    (message,) = messages(x12([BEG, LINES[0], "PID*Q****JACKET", LINES[1]]))
    (told,) = check(message, definition("x12", "004010", "850"))
    assert told.message == (
        "PID01 holds 'Q', which is not in the code list of element 349 (F, S, X): check it with the partner, or allow "
        "it in their guide."
    )


def told(payload: bytes, type: str, version: str = "004010") -> list[tuple[str, int | None, str | None]]:
    (message,) = messages(payload)
    found = check(message, definition(message.standard, version, type))
    return [(each.code, each.location.segment, each.location.tag) for each in found]


PARTY = ["N1*ST*STORE*92*0200", "N3*1 MAIN STREET", "N4*ATLANTA*GA*30301"]


def test_a_mistyped_first_segment_of_a_loop_is_told_and_not_that_it_is_missing() -> None:
    for tag in ("Z1", "B10"):  # one that nobody knows, and one of another type
        payload = x12([BEG, *PARTY, PARTY[0].replace("N1", tag), *PARTY[1:], *LINES])
        (message,) = messages(payload)
        (only,) = check(message, definition("x12", "004010", "850"))
        assert (only.location.segment, only.location.tag, only.expected) == (6, tag, "N1")
        assert only.message.endswith("it stands where N1 belongs. Correct its tag.")
    assert told(x12(["BEH*00*SA*1**20260122", *PARTY, *LINES]), "850") == [("HUB-2010", 2, "BEH")]


def test_the_missing_first_segment_of_a_loop_is_told_once() -> None:
    assert told(x12([BEG, *PARTY, *PARTY[1:], *LINES]), "850") == [("HUB-2013", 6, "N3")]
    line = ["PO1*1*1*EA*1**BP*1", "PID*F****JACKET", "PO4*1", "REF*ZZ*1"]
    assert told(x12([BEG, *line[1:], *line, "CTT*1"]), "850") == [("HUB-2014", 4, "PO1")]


def test_a_segment_too_early_in_its_loop_is_told_and_not_those_behind_it() -> None:
    assert told(x12([BEG, PARTY[0], "PER*IC*JO", *PARTY[1:], *LINES]), "850") == [("HUB-2013", 4, "PER")]


def test_a_separator_segment_that_is_missing_is_told_and_not_that_a_loop_comes_too_often() -> None:
    head = ["BGM+10+1+9", "DTM+137:20260122:102", "NAD+SU+1::9", "NAD+BY+2::9", "NAD+DP+3::9", "DTM+7:20260122:102"]
    payload = edifact([*head, "LOC+7+4::9"], type="PARTIN", version="D:01B")
    assert told(payload, "PARTIN", "D.01B") == [("HUB-2014", 6, "UNS")]


def test_a_level_that_is_missing_is_told_and_not_that_others_name_it() -> None:
    shipment = ["BSN*00*S1*20260122*1200", "HL*1**S", "TD1*CTN*1", "HL*2*1*O", "PRF*1", "HL*3*2*I", "LIN**BP*1"]
    payload = x12([*shipment[:3], "ZL*2*1*O", *shipment[4:]], type="856", group="SH")
    assert told(payload, "856") == [("HUB-2010", 5, "ZL")]
    long = x12([*shipment[:3], "HL*2222222222222*1*O", *shipment[4:]], type="856", group="SH")
    assert told(long, "856") == [("HUB-2025", 5, "HL")]


def test_a_loop_that_stands_too_early_is_not_missing_behind() -> None:
    shipment = ["HL*1**S", "BSN*00*S1*20260122*1200", "TD1*CTN*1", "TD5*B*2*UPSN", "HL*2*1*O"]
    assert told(x12(shipment, type="856", group="SH"), "856") == [("HUB-2013", 2, "HL")]
    assert told(x12(shipment[:2], type="856", group="SH"), "856") == [("HUB-2013", 2, "HL")]


def test_a_date_that_is_none_is_told_once_however_it_is_wrong() -> None:
    for value in ("9" * 36, "2026\x07122", "X"):
        (message,) = messages(edifact(["BGM+220+1+9", f"DTM+137:{value}:102", "LIN+1", "UNS+S"]))
        assert [each.code for each in check(message, definition("edifact", "D.96A", "ORDERS"))] == ["HUB-2028"]
    (message,) = messages(x12([BEG, "DTM*002****RD8*" + "9" * 36, *LINES]))
    assert [each.code for each in check(message, definition("x12", "004010", "850"))] == ["HUB-2028"]


def test_a_mandatory_value_at_the_end_is_missing_and_not_to_be_left_out() -> None:
    (message,) = messages(x12([BEG, "PER*", *LINES]))
    found = check(message, definition("x12", "004010", "850"))
    assert [(each.code, each.location.element) for each in found if each.location.tag == "PER"] == [("HUB-2020", 1)]
    (message,) = messages(edifact(["BGM+220+1+9", "DTM+137:20260122:102", "LIN+1", "QTY+21:", "UNS+S"]))
    (one,) = check(message, definition("edifact", "D.96A", "ORDERS"))
    assert (one.code, one.location.component) == ("HUB-2020", 2)


def test_a_total_is_not_compared_with_what_is_no_number() -> None:
    (message,) = messages(x12([BEG, "PO1*1*1O*EA*9**BP*1", "PO1*2*5*EA*9**BP*2", "CTT*2*15"]))
    assert [each.code for each in check(message, definition("x12", "004010", "850"))] == ["HUB-2030"]
    lines = ["LIN+1", "QTY+21:1O", "LIN+2", "QTY+21:5", "UNS+S", "CNT+1:15"]
    (message,) = messages(edifact(["BGM+220+1+9", "DTM+137:20260122:102", *lines]))
    assert [each.code for each in check(message, definition("edifact", "D.96A", "ORDERS"))] == ["HUB-2030"]


def test_a_fault_out_of_sequence_says_which_segment_may_be_missing_instead() -> None:
    line = ["PO1*1*1*EA*1**BP*1", "PID*F****JACKET", "PO4*1"]
    (message,) = messages(x12([BEG, *line, "PID*F****SHIRT", "CTT*1"]))
    (one,) = check(message, definition("x12", "004010", "850"))
    assert "its place has passed, or PO1 is missing before it." in one.message
    shipment = ["BSN*00*S1*20260122*1200", "HL*1**S", "TD5*B*2*UPSN", "TD1*CTN*1", "HL*2*1*O"]
    (message,) = messages(x12(shipment, type="856", group="SH"))
    (one,) = check(message, definition("x12", "004010", "856"))
    assert "its place has passed. Keep the order" in one.message
