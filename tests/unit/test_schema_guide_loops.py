"""Guides: loops chosen by their qualifier, segments of a partner's own, rules across elements, totals."""

import pytest

from hub.errors import ConfigError, Finding
from hub.schema import check, definition
from hub.schema.guide_check import check_guide
from hub.schema.guide_file import read_guide
from tests.unit.edi import edifact, messages, x12

BEG = "BEG*00*SA*PO1001**20260122"
PARTIES = ["N1*BT*HQ*92*0100", "N3*MAIN STREET 1", "N1*ST*STORE*92*0200", "N3*SIDE STREET 2", "N4*ULM**89073*DE"]
ASN = ["BSN*00*S1*20260122*1200*0001", "HL*1**S", "DTM*011*20260122", "N1*ST*X*92*01", "N3*STREET", "N1*SF*Y*92*02"]
ASN += ["HL*2*1*O", "PRF*PO1", "N1*BY*Z*92*03", "HL*3*2*I", "LIN**UP*012345678905", "SN1**1*EA", "CTT*3"]
LINES = ["PO1*1*10*EA*9.5**UP*012345678905", "PO1*2*4*CA*2.25**UP*012345678905"]


def against(rules: str, segments: list[str], type: str = "850") -> list[Finding]:
    (message,) = messages(x12(segments, type=type, group={"850": "PO", "856": "SH", "810": "IN"}[type]))
    made, ours = definition("x12", "004010", type), read_guide(f"guide: x12/004010/{type}\n{rules}".encode(), "a", "a")
    return [*check(message, made, guide=ours), *check_guide(message, made, ours)]


def found(rules: str, segments: list[str], type: str = "850") -> list[tuple[str, int | None, str | None]]:
    return [(each.code, each.location.segment, each.location.tag) for each in against(rules, segments, type)]


LOOPS = """
loops:
  N1(ST):
    name: the ship-to
    min: 1
    max: 1
    holds: {N3: mandatory, N4: {min: 1, max: 1}}
  N1(BT): {max: 1, holds: {N3: optional}}
"""


def test_each_loop_is_held_to_its_own_rules() -> None:
    assert found(LOOPS, [BEG, *PARTIES, *LINES]) == []


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (PARTIES[:2], [("HUB-3310", 1, "N1")]),
        ([*PARTIES, *PARTIES[2:]], [("HUB-3311", 8, "N1")]),
        (PARTIES[:4], [("HUB-3310", 5, "N4")]),
        ([PARTIES[0], PARTIES[4], *PARTIES[2:]], [("HUB-3311", 4, "N4")]),
        ([*PARTIES, "N1*SF*DEPOT*92*0300"], [("HUB-3318", 8, "N1")]),
        (["N1*BT*HQ*92*0100", "PER*BD*ANNA", *PARTIES[2:]], [("HUB-3311", 4, "PER")]),
    ],
)
def test_the_right_loop_is_named(segments: list[str], expected: list[tuple[str, int, str]]) -> None:
    told = against(LOOPS, [BEG, *segments, *LINES])
    assert [(each.code, each.location.segment, each.location.tag) for each in told] == expected


def test_what_is_said_names_the_loop() -> None:
    (stranger,) = against(LOOPS, [BEG, *PARTIES, "N1*SF*DEPOT*92*0300", *LINES])
    assert stranger.message == (
        "N1 with 'SF' opens a loop that guide a does not know; it knows N1(ST) (the ship-to) or N1(BT)."
    )
    (missing,) = against(LOOPS, [BEG, *PARTIES[:4], *LINES])
    assert missing.message == "Guide a requires N1(ST)/N4: it is missing. Add the segment N4."
    (other,) = against(LOOPS, [BEG, *PARTIES, "PER*BD*ANNA", *LINES])
    assert other.message == "Guide a has no PER in N1(ST) (the ship-to): leave it out."


def test_a_loop_without_qualifier_stands_for_all_others() -> None:
    assert found(f"{LOOPS}  N1: optional", [BEG, *PARTIES, "N1*SF*DEPOT*92*0300", *LINES]) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("HL(S)/N1(ST)/N3: mandatory", []),
        ("HL(S)/N1(SF)/N3: mandatory", [("HUB-3310", 7, "N3")]),
        ("HL(S)/DTM(011): mandatory", []),
        ("HL(S)/DTM(017): mandatory", [("HUB-3310", 3, "DTM")]),
        ("HL(O)/N1(ST): mandatory", [("HUB-3310", 8, "N1")]),
        ("HL(O)/N1(BY): forbidden", [("HUB-3311", 10, "N1")]),
        ("HL(I)/N1: forbidden", []),
        ("HL(S): {min: 2}", [("HUB-3310", 1, "HL")]),
        ("HL(T): forbidden", []),
        ("HL(I)/LIN(02=UP)03: {length: 12}", []),
    ],
)
def test_levels_of_a_hierarchy_are_chosen_by_their_code(rule: str, expected: list[tuple[str, int, str]]) -> None:
    assert found(f"rules:\n  {rule}", ASN, "856") == expected


def test_nested_loops_are_listed_per_level() -> None:
    rules = "loops:\n  HL(S)/N1(ST): {holds: {N3: mandatory}}\n  HL(S)/N1(SF): {}\n  HL(O): {holds: {PRF: mandatory}}"
    assert found(rules, ASN, "856") == [
        ("HUB-3318", 3, "HL"),
        ("HUB-3311", 10, "N1"),
        ("HUB-3318", 11, "HL"),
    ]


def test_groups_of_edifact_are_chosen_too() -> None:
    body = ["BGM+220+PO1+9", "DTM+137:20260122:102", "NAD+BY+1::9", "NAD+DP+2::9", "LOC+7+X::9", "LIN+1++1:EN", "UNS+S"]
    (message,) = messages(edifact(body))
    made = definition("edifact", "D.96A", "ORDERS")
    text = b"guide: edifact/d96a/ORDERS\nloops:\n  NAD(BY): {min: 1, max: 1, holds: {}}\n  NAD(SU): {min: 1}"
    told = check_guide(message, made, read_guide(text, "a", "a"))
    assert [(each.code, each.location.segment) for each in told] == [("HUB-3310", 1), ("HUB-3318", 5)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{any_of: [REF(DP), REF(IA)]}", ["HUB-3316"]),
        ("{any_of: [REF(DP), N1(ST)]}", []),
        ("{one_of: [N1(ST), N1(BT)]}", ["HUB-3316"]),
        ("{one_of: [N1(ST), N1(SF)]}", []),
        ("{at_most_one: [N1(ST), N1(BT)]}", ["HUB-3316"]),
        ("{at_most_one: [REF(DP), REF(IA)]}", []),
        ("{all_or_none: [N1(ST), REF(DP)]}", ["HUB-3316"]),
        ("{all_or_none: [REF(IA), REF(DP)]}", []),
        ("{one_of: [BEG02 = SA, BEG02 = NE]}", []),
        ("{in: N1, any_of: [N4, N103 = 91]}", ["HUB-3316"]),
        ("{in: PO1, one_of: [PO103 = EA, PO103 = CA]}", []),
        ("{count: PO1, equals: CTT01}", []),
        ("{count: N1, equals: CTT01}", []),
        ("{count: N3, equals: PO101}", ["HUB-3319"]),
        ("{sum: PO102, equals: CTT02}", ["HUB-3319"]),
        ("{sum: PO102, equals: CTT02, within: 1}", []),
        ("{sum: PO102, equals: AMT02}", ["HUB-3319"]),
        ("{sum: PO102 * PO104, equals: AMT02}", []),
        ("{sum: PO102 * PO104, equals: REF02}", []),
    ],
)
def test_rules_across_elements(rule: str, expected: list[str]) -> None:
    segments = [BEG, *PARTIES, *LINES, "CTT*2*15", "AMT*TT*104"]
    told = [code for code, *_ in found(f"together:\n  - {rule}", segments)]
    assert [code for code in told if code != "HUB-2018"] == expected  # CTT02 is wrong for some of the rules


def test_a_total_the_guide_speaks_of_is_told_by_the_guide_alone() -> None:
    segments = [BEG, *PARTIES, *LINES, "CTT*3*15"]
    assert [code for code, *_ in found("rules: {}", segments)] == ["HUB-2018", "HUB-2018"]
    assert [code for code, *_ in found("together: [{count: PO1, equals: CTT01}]", segments)] == ["HUB-2018", "HUB-3319"]


def test_implied_decimals_count() -> None:
    invoice = ["BIG*20260122*I1", "IT1*1*10*EA*9.5", "IT1*2*4*EA*2.25", "TDS*10400"]
    assert found("together:\n  - {sum: IT102 * IT104, equals: TDS01}", invoice, "810") == []
    invoice[-1] = "TDS*10401"
    (told,) = against("together:\n  - {sum: IT102 * IT104, equals: TDS01}", invoice, "810")
    assert told.message == (
        "TDS01 is 104.01, but the sum of IT102 * IT104 is 104 (guide a): correct the one or the other."
    )
    assert (told.location.tag, told.location.element, told.expected) == ("TDS", 1, "104")


def test_an_own_segment_in_three_lines() -> None:
    own = "segments:\n  PO1/ZZ1: {max: 1, elements: [AN 2..5 mandatory, R 1..9]}"
    assert found(own, [BEG, LINES[0], "ZZ1*HELLO*9.5"]) == []
    assert [code for code, *_ in found(own, [BEG, LINES[0], "ZZ1**9.5", "ZZ1*HELLO"])] == ["HUB-3312", "HUB-3311"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("loops:\n  N1(ST)02: {max: 1}", "is an element"),
        ("loops:\n  BEG: {max: 1}", "opens no loop"),
        ("loops:\n  N1(ST): {hold: {}}", 'did you mean "holds"'),
        ("loops:\n  N1(ST): {holds: {W05: mandatory}}", "W05 is not in"),
        ("together:\n  - {sum: PO102, equals: PO1}", "PO1 must be an element"),
        ("together:\n  - {count: PO102, equals: CTT01}", "PO102 must be a segment"),
        ("together:\n  - {sum: PO102 * IT104, equals: CTT02}", "IT1 is not in"),
        ("together:\n  - {sum: PO102 * CTT01, equals: CTT02}", "same segment"),
        ("together:\n  - {sum: PO102}", "has `equals:`"),
        ("together:\n  - {sum: PO102, equals: CTT02, within: a}", "must be a number"),
        ("together:\n  - {one_of: [REF], if: BEG02}", "a rule of `together:` has"),
    ],
)
def test_faults_of_the_file_say_what_to_do(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_guide(f"guide: x12/004010/850\n{text}".encode(), "acme.yaml", "acme")
    assert words in str(error.value)
    assert str(error.value).startswith("acme.yaml:")
