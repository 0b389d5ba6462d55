"""A single fault anywhere in a message is told once: a segment lost, doubled, mistyped, unknown, or two that changed
places.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.errors import Finding
from hub.record import replace
from hub.schema import check, definition
from hub.schema.cause import causes
from hub.schema.walk import walk
from hub.syntax import Message, cut
from tests.unit.edi import edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

SAMPLES = Path(__file__).parents[1] / "samples"
FILES = (
    "x12/own__856_pick_pack_gs1.edi",
    "x12/own__869_order_status_inquiry.edi",
    "x12/own__876_grocery_change.edi",
    "x12/own__997_mixed.edi",
    "edifact/own__CONTRL_groups.edi",
    "edifact/own__DESADV_D96A_sscc.edi",
    "edifact/own__GENRAL_D96A.edi",
    "edifact/own__HANMOV_D96A.edi",
    "edifact/own__IFTMCS_D96A.edi",
    "edifact/own__REMADV_D96A.edi",
    "edifact/own__SLSFCT_D96A.edi",
)
Segments = list[list[str]]


def faults(message: Message, segments: Segments | None = None) -> list[Finding]:
    """What is told of a message, or of other segments in its stead; advice left out, but for totals."""
    if segments is not None:
        message = replace(message, segments=segments, offsets=[0] * len(segments))
    found = check(message, definition(message.standard, message.version, message.type))
    return [each for each in found if each.severity != "warn"]


def damaged(segments: Segments) -> Iterator[tuple[str, int, Segments]]:
    """What was done, to which segment (1-based, as it stands then), and the segments."""
    for at in range(1, len(segments) - 1):
        before, here, behind = segments[:at], segments[at], segments[at + 1 :]
        yield "lost", at + 1, before + behind
        yield "doubled", at + 2, [*before, here, here, *behind]
        yield "mistyped", at + 1, [*before, ["J" + here[0][1:], *here[1:]], *behind]
        yield "unknown", at + 1, [*before, ["QQQ", "1"], here, *behind]
        if len(behind) > 1 and behind[0][0] != here[0]:
            yield "swapped", at + 1, [*before, behind[0], here, *behind[1:]]


@pytest.mark.parametrize("name", FILES)
def test_a_single_fault_is_told_once(name: str) -> None:
    message = messages((SAMPLES / name).read_bytes())[0]
    assert faults(message) == []
    wrong = []
    for done, number, segments in damaged(message.segments):
        told = [(each.code, each.location.segment) for each in faults(message, segments)]
        sure = done in ("mistyped", "unknown")
        if len(told) > 1 or (sure and told != [("HUB-2010", number)]):
            wrong.append((done, number, message.segments[number - 1][0], told))
    assert wrong == []


def told(message: Message) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(each.code, each.location.segment, each.location.tag, each.expected) for each in faults(message)]


def only(payload: bytes) -> tuple[str, int | None, str | None, str | None]:
    (message,) = messages(payload)
    (one,) = told(message)
    return one


def test_two_segments_that_changed_places_are_told_at_the_first() -> None:
    segments = ["BSR*3*PP*INQ1*20260122", "HL*1**O", "PRF*1", "ISR*BP*20260122", "HL*2*1*I", "PO1*1*5*EA*9**BP*1"]
    right = x12(segments, type="870", group="RS")
    assert faults(messages(right)[0]) == []
    assert only(x12([segments[1], segments[0], *segments[2:]], type="870", group="RS"))[:3] == ("HUB-2013", 2, "HL")


def test_the_verdict_is_that_of_the_faults_explained() -> None:
    head = ["BGM+73E+1+9", "DTM+137:20260122:102"]
    party = ["NAD+SE+5412345000013::9", "CTA+SR+:A. SELLER", "COM+3225550100:TE"]
    rest = ["CUX+2:EUR", "LOC+162+5412345000099::9", "LIN+1", "QTY+53:1"]
    (message,) = messages(edifact([*head, party[1], party[0], party[2], *rest], type="SLSFCT"))
    (one,) = faults(message)
    assert (one.code, one.location.segment, one.severity) == ("HUB-2013", 4, "reject")
    assert one.message.startswith("The segment CTA stands too early: NAD comes before CTA.")


def test_a_remittance_without_its_separator_misses_that_alone() -> None:
    segments = ["BGM+481+1+9", "DTM+137:20260122:102", "DOC+380+I1", "MOA+9:5:EUR", "MOA+12:5:EUR", "UNS+S", "MOA+9:5"]
    assert faults(messages(edifact(segments, type="REMADV"))[0]) == []
    del segments[5]
    assert only(edifact(segments, type="REMADV")) == ("HUB-2014", 7, "UNS", "UNS")


def test_the_first_segment_of_a_loop_that_is_lost_is_told_however_late_it_shows() -> None:
    head = ["BPR*C*5*C*ACH", "TRN*1*1"]
    segments = [*head, "N1*PR*A", "N1*PE*B", "ENT*1", "RMR*IV*1**5", "REF*PO*1", "DTM*003*20260122", "ADX*1*01"]
    assert faults(messages(x12(segments, type="820", group="RA"))[0]) == []
    del segments[4]
    assert only(x12(segments, type="820", group="RA")) == ("HUB-2014", 6, "ENT", "ENT")


def test_each_of_several_causes_is_told_once() -> None:
    party = ["N1*ST*STORE", "N3*1 MAIN", "N4*ATLANTA*GA*30301"]
    head, line = "BEG*00*SA*1**20260122", "PO1*1*1*EA*1**BP*1"
    wrong = [party[0], "QQQ*1", *party[1:], line, "Z1*BY*A", *party[1:], line, "PID*F****JACKET", "CTT*2"]
    (message,) = messages(x12([head, *wrong]))
    assert [(each.code, each.location.segment, each.expected) for each in faults(message)] == [
        ("HUB-2010", 4, None),
        ("HUB-2010", 8, "N1"),
    ]


def test_a_level_that_is_lost_is_told_where_its_number_is_left_out() -> None:
    shipment = ["BSN*00*S1*20260122*1200", "HL*1**S", "TD1*CTN*1", "HL*2*1*O", "PRF*1", "HL*3*2*I", "LIN**BP*1"]
    items = ["SN1**1*EA", "HL*4*2*I", "LIN**BP*2"]
    assert faults(messages(x12([*shipment, *items], type="856", group="SH"))[0]) == []
    del shipment[3]
    assert only(x12([*shipment, *items], type="856", group="SH")) == ("HUB-2014", 5, "HL", "HL")


def test_a_parent_that_is_not_there_is_told_once() -> None:
    shipment = ["BSN*00*S1*20260122*1200", "HL*1**S", "HL*3*2*I", "LIN**BP*1", "HL*4*2*I", "LIN**BP*2", "HL*5*9*I"]
    (message,) = messages(x12([*shipment, "LIN**BP*3"], type="856", group="SH"))
    assert [(each.code, each.location.segment, each.value) for each in faults(message)] == [
        ("HUB-2017", 4, "2"),
        ("HUB-2017", 8, "9"),
    ]


def test_a_total_says_nothing_of_line_items_that_are_told_as_missing() -> None:
    lines = ["PO1*1*1*EA*1**BP*1", "PID*F****JACKET", "P01*2*1*EA*1**BP*2", "PID*F****SHIRT", "CTT*2"]
    (message,) = messages(x12(["BEG*00*SA*1**20260122", *lines]))
    found = check(message, definition("x12", "004010", "850"))
    assert [(each.code, each.expected) for each in found] == [("HUB-2010", "PO1")]


def test_two_causes_far_apart_in_a_long_message_are_both_told_once() -> None:
    line = ["PO1*1*1*EA*1**BP*1", "PID*F****JACKET", "PO4*1"]
    party = ["N1*ST*STORE", "N3*1 MAIN", "N4*ATLANTA*GA*30301"]
    long = [*line] * 300
    wrong = [party[1], party[0], party[2], *long, "N1*BY*A", party[2], party[1], "N1*BY*B", *line]
    (message,) = messages(x12(["BEG*00*SA*1**20260122", *wrong]))
    assert len(faults(message)) == 2


def test_of_a_message_cut_short_no_cause_is_made_of_its_end() -> None:
    segments = ["BGM+380+1+9", "DTM+137:20260122:102", "NAD+BY+1::9", "LIN+1", "QTY+47:1", "MOA+203:5"]
    payload = edifact(segments, type="INVOIC")
    (message,) = messages(payload)
    assert [each.expected for each in faults(message)] == ["UNS"]
    for end in (b"QTY+47:1'\nMOA", b"MOA+203:5'\n", b"MOA+203:5'\nUN"):
        (message,) = messages(payload[: payload.index(end) + len(end)])
        assert faults(message) == []


def test_a_message_cut_short_in_its_type_has_no_unknown_type() -> None:
    payload = edifact(["BGM+380+1+9"], type="INVOIC")
    assert faults(messages(payload[: payload.index(b"INVOIC") + 3])[0]) == []
    whole = messages(edifact(["BGM+380+1+9"], type="INV"))[0]
    assert [each.code for each in faults(whole)] == ["HUB-2001"]


def test_a_cause_is_told_before_another_fault_close_behind() -> None:
    head = ["BGM+10+1+9", "DTM+137:20260325:102", "NAD+MS+1::9", "NAD+MR+2::9"]
    (message,) = messages(edifact([*head, "NAD+DP+3::9", "CTA+IC+:X", "RFF+ACD:Y"], type="PARTIN", version="D:01B"))
    assert told(message) == [("HUB-2014", 6, "UNS", "UNS"), ("HUB-2013", 8, "RFF", None)]


def test_the_answer_names_the_segment_that_is_the_cause() -> None:
    segments = [
        "BPR*C*5*C*ACH",
        "TRN*1*1",
        "N1*PR*A",
        "N1*PE*B",
        "RMR*IV*1**5",
        "REF*PO*1",
        "DTM*003*20260122",
        "ADX*1*01",
    ]
    payload = x12(segments, type="820", group="RA")
    (interchange,) = cut(payload)
    answer = acknowledge(interchange, list(check_messages(payload, interchange)), at=AT)
    assert answer is not None
    assert b"AK2*820*0001~AK3*ENT*6**3~AK5*R*5~" in answer.replace(b"\n", b"")


@pytest.mark.parametrize("name", FILES)
def test_however_damaged_no_more_is_told_than_a_walk_finds_and_the_verdict_stays(name: str) -> None:
    message = messages((SAMPLES / name).read_bytes())[0]
    made = definition(message.standard, message.version, message.type)
    assert made is not None
    dice = random.Random(name)  # noqa: S311 - the same damage each time
    fewer = 0
    for _ in range(80):
        segments = [*message.segments]
        for _ in range(dice.randint(2, 5)):
            at, to = dice.randrange(1, len(segments) - 1), dice.randrange(1, len(segments) - 1)
            done = dice.randrange(4)
            if done == 0 and len(segments) > 4:
                del segments[at]
            elif done == 1:
                segments.insert(to, segments[at])
            elif done == 2:
                segments.insert(to, segments.pop(at))
            else:
                segments[at] = ["J" + segments[at][0][1:], *segments[at][1:]]
        changed = replace(message, segments=segments, offsets=[0] * len(segments))
        walked, found = walk(changed, made)[1], causes(changed, made)
        assert len(found) <= len(walked)
        assert {"reject" in {each.severity for each in one} for one in (walked, found)} in ({True}, {False})
        assert [each.location.segment for each in found] == sorted(each.location.segment or 0 for each in found)
        fewer += len(found) < len(walked)
    assert fewer
