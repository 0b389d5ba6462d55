"""Partner guides: what they want and allow besides the directory, and what is said of their own faults."""

import re
from pathlib import Path

import msgspec
import pytest

from hub import canonical
from hub.acknowledgement import acknowledge, check_messages
from hub.errors import ConfigError, Finding
from hub.mapping import Library
from hub.pipeline.jobs import Plan, Translate, TranslateResult, run
from hub.pipeline.jobs_write import Write, WriteAll, WriteResult
from hub.record import replace
from hub.schema import check, definition
from hub.schema.guide import Guide
from hub.schema.guide_check import check_guide
from hub.schema.guide_file import read_guide
from hub.syntax import Message, cut
from hub.syntax.writer import Envelope
from hub.workspace import builtin_root
from tests.unit.edi import ORDERS, edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

BEG, PO1 = "BEG*00*SA*PO1001**20260122", "PO1*1*10*EA*9.5**UP*012345678905"
PARTIES = ["N1*BT*HQ*92*0100", "N1*ST*STORE*92*0200"]
LINES = ["PO1*1*10*EA*9.5**UP*012345678905", "PID*F****CUP", "PO1*2*4*CA*9.5**SK*RED-7"]


def guide(rules: str, reference: str = "x12/004010/850") -> Guide:
    return read_guide(f"guide: {reference}\n{rules}".encode(), "acme.yaml", "acme")


def places(findings: list[Finding]) -> list[tuple[str, int | None, int | None]]:
    return [(each.code, each.location.segment, each.location.element) for each in findings]


def parsed(*segments: str) -> Message:
    return messages(x12(list(segments)))[0]


def wants(rules: str, *segments: str) -> list[tuple[str, int | None, int | None]]:
    message = parsed(*segments)
    return places(check_guide(message, definition("x12", "004010", "850"), guide(rules)))


def allowed(rules: str, *segments: str) -> list[tuple[str, int | None, int | None]]:
    message = parsed(*segments)
    return places(check(message, definition("x12", "004010", "850"), guide=guide(rules)))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("BEG02: {codes: [SA, NE]}", []),
        ("BEG02: {codes: [NE, RL]}", [("HUB-3314", 2, 2)]),
        ("BEG03: {length: 1..5}", [("HUB-3315", 2, 3)]),
        ("BEG03: {length: 6}", []),
        ("BEG04: mandatory", [("HUB-3312", 2, 4)]),
        ("BEG05: forbidden", [("HUB-3313", 2, 5)]),
        ("PO104: {length: 1}", [("HUB-3315", 5, 4), ("HUB-3315", 7, 4)]),
        ("PO104: {length: 2}", []),
        ("N1(ST)03: {value: 91}", [("HUB-3314", 4, 3)]),
        ("N1(04=0200)03: {value: 91}", [("HUB-3314", 4, 3)]),
        ("N1(!ST)03: {value: 91}", [("HUB-3314", 3, 3)]),
        ("N1(SF)03: {value: 91}", []),
        ("REF: mandatory", [("HUB-3310", 1, None)]),
        ("N1(ST): mandatory", []),
        ("N1(SF): mandatory", [("HUB-3310", 1, None)]),
        ("N1: {max: 1}", [("HUB-3311", 4, None)]),
        ("N1: {min: 3}", [("HUB-3310", 1, None)]),
        ("N1(BT): forbidden", [("HUB-3311", 3, None)]),
        ("PO1/PID: mandatory", [("HUB-3310", 7, None)]),
        ("PO1(06=UP)/PID: mandatory", []),
        ("PO1(06=SK)/PID05: mandatory", []),
        ("PO1(06=UP)/PID05: {value: MUG}", [("HUB-3314", 6, 5)]),
        ("CTT: mandatory", [("HUB-3310", 1, None)]),
    ],
)
def test_what_a_guide_wants(rule: str, found: list[tuple[str, int | None, int | None]]) -> None:
    assert wants(f"rules:\n  {rule}", BEG, *PARTIES, *LINES) == found


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("{if: BEG02 = SA, require: REF(DP)}", [("HUB-3316", 2, 2)]),
        ("{if: BEG02 = NE, require: REF(DP)}", []),
        ("{if: BEG02 != NE, require: REF(DP)}", [("HUB-3316", 2, 2)]),
        ("{if: BEG02 = NE|SA, require: N1(ST)}", []),
        ("{if: BEG02, forbid: N1(ST)}", [("HUB-3316", 2, 2)]),
        ("{if: PO106 = UP, require: PO105}", [("HUB-3316", 5, 5)]),
        ("{if: PO106, require: PO107}", []),
        ("{if: PO106 = SK, forbid: PO103 = CA}", [("HUB-3316", 7, 3)]),
        ("{in: PO1, if: PO103 = CA, require: PID}", [("HUB-3316", 7, 3)]),
        ("{in: PO1, if: PO103 = EA, require: PO1/PID}", []),
        ("{in: N1, if: N101 = ST, require: N3}", [("HUB-3316", 4, 1)]),
        ("{if: N1(ST)04 = 0200, require: N1(BT)04 = 0100}", [("HUB-3316", 4, 4)]),
        ("{if: N1(ST), require: PO1/PID05 = CUP}", []),
    ],
)
def test_values_that_go_together(rule: str, found: list[tuple[str, int | None, int | None]]) -> None:
    assert wants(f"together:\n  - {rule}", BEG, *PARTIES, *LINES) == found


@pytest.mark.parametrize(
    ("segments", "rule", "left", "gone"),
    [
        ([BEG, "PO1*1*10*XX*9.5**UP*1"], "PO103: {codes+: [XX]}", [], "HUB-2027"),
        ([BEG, "PO1*1*10*XX*9.5**UP*1"], "PO103: {codes: [XX, EA]}", [], "HUB-2027"),
        ([BEG, "PO1*1*10*XX*9.5**UP*1"], "PO103: {codes+: [YY]}", ["HUB-2027"], "HUB-2027"),
        ([BEG, f"PO1*1*10*EA*9.5**UP*{'9' * 55}"], "PO107: {length: 1..60}", [], "HUB-2025"),
        ([BEG, f"PO1*1*10*EA*9.5**UP*{'9' * 65}"], "PO107: {length: 1..60}", ["HUB-2025"], "HUB-2025"),
        ([BEG, f"PO1*1*10*EA*9.5**UP*{'9' * 55}"], "PO1(06=SK)07: {length: 1..60}", ["HUB-2025"], "HUB-2025"),
        (["BEG*00*SA*PO1**", PO1], "BEG05: optional", [], "HUB-2020"),
        ([PO1], "BEG: optional", [], "HUB-2014"),
        ([BEG, "CUR*BY*USD", "CUR*SE*USD", PO1], "CUR: {max: 2}", [], "HUB-2015"),
        ([BEG, "CUR*BY*USD", "CUR*SE*USD", "CUR*SE*EUR", PO1], "CUR: {max: 2}", ["HUB-2015"] * 2, "HUB-2015"),
    ],
)
def test_what_a_guide_allows(segments: list[str], rule: str, left: list[str], gone: str) -> None:
    before = [code for code, *_ in places(check(parsed(*segments), definition("x12", "004010", "850")))]
    assert gone in before
    assert [code for code, *_ in allowed(f"rules:\n  {rule}", *segments)] == left


def test_a_segment_of_the_partners_own() -> None:
    own = "segments:\n  PO1/ZZ1: {max: 1, elements: [AN 2..5 mandatory, R 1..9]}"
    good = [BEG, PO1, "ZZ1*HELLO*9.5", PO1]
    assert places(check(parsed(*good), definition("x12", "004010", "850"))) == [("HUB-2010", 4, None)]
    assert allowed(own, *good) == []
    assert wants(own, *good) == []
    assert wants(own, BEG, PO1, "ZZ1**X*Y", "ZZ1*HELLO") == [
        ("HUB-3312", 4, 1),
        ("HUB-3315", 4, 2),
        ("HUB-3313", 4, 3),
        ("HUB-3311", 5, None),
    ]
    assert allowed(own, BEG, "ZZ1*HELLO", PO1) == [("HUB-2010", 3, None)]


def test_a_segment_of_other_messages_where_the_directory_has_none() -> None:
    assert allowed("", BEG, PO1, "W05*N*1") == [("HUB-2011", 4, None)]
    assert allowed("segments:\n  PO1/W05: {}", BEG, PO1, "W05*N*1", "CTT*1") == []


def test_edifact_places_mean_the_first_component() -> None:
    rules = ["DTM(137)01-3: {value: 203}", "BGM01: {codes: [220, 221]}", "LIN/QTY(21): mandatory", "NAD(BY): mandatory"]
    ours = guide("\n  ".join(["rules:", *rules]), "edifact/d96a/ORDERS")
    (message,) = messages(edifact(ORDERS))
    found = check_guide(message, definition("edifact", "D.96A", "ORDERS"), ours)
    assert places(found) == [("HUB-3310", 1, None), ("HUB-3314", 3, 1)]
    assert (found[1].location.component, found[1].value, found[1].expected) == (3, "102", "203")


def test_a_finding_names_the_guide_and_its_line() -> None:
    ours = guide("rules:\n  BEG01: mandatory\n  BEG02: {codes: [NE]}")
    (found,) = check_guide(parsed(BEG, PO1), definition("x12", "004010", "850"), ours)
    assert found.rule == "acme line 4"
    assert found.severity == "error"
    assert found.message == "BEG02 holds 'SA'; guide acme allows only NE."
    (softer,) = check_guide(parsed(BEG), definition("x12", "004010", "850"), ours, severities={"HUB-3314": "warn"})
    assert softer.severity == "warn"


def test_a_flood_of_findings_is_told_in_a_thousand() -> None:
    found = check_guide(
        parsed(BEG, *[PO1] * 1100), definition("x12", "004010", "850"), guide("rules:\n  PO105: mandatory")
    )
    assert [each.code for each in found] == ["HUB-3312"] * 1000 + ["HUB-3317"]


@pytest.mark.slow
def test_a_flood_of_what_the_guide_allows_costs_time_in_proportion() -> None:
    lines = ["PO1*1*10*EA*9.5**UP*1", "ZZ1*A", "ZZ1*B"] * 5000
    rules = "rules:\n  PO1/ZZ1: {max: 2}\nsegments:\n  PO1/ZZ1: {elements: [AN 1]}"
    assert allowed(rules, BEG, *lines) == []
    assert wants(rules, BEG, *lines) == []


def test_a_guide_is_for_one_message_type() -> None:
    ours = guide("rules:\n  BEG02: {codes: [NE]}")
    (other,) = messages(x12(["BCH*01*SA*1***20260122"], type="860", group="PC"))
    assert check_guide(other, definition("x12", "004010", "860"), ours) == []


@pytest.mark.parametrize("severity", ["error", "reject"])
def test_a_guide_never_rejects_technically(severity: str) -> None:
    payload = x12([BEG, PO1])
    ours = guide("rules:\n  BEG02: {codes: [NE]}\n  REF(DP): mandatory")
    (interchange,) = cut(payload)
    severities = {"HUB-3314": severity, "HUB-3310": severity}
    results = list(check_messages(payload, interchange, severities=severities, guide_of=lambda _span: ours))  # type: ignore[arg-type]
    assert [each.severity for each in results[0].business] == [severity, severity]
    written = acknowledge(interchange, results, at=AT)
    assert written is not None
    assert b"AK5*A~" in written.replace(b"\n", b"")


def test_what_the_guide_allows_is_accepted_in_the_997() -> None:
    payload = x12([BEG, PO1, "ZZ1*1"])
    ours = guide("segments:\n  ZZ1: {}")
    (interchange,) = cut(payload)
    letters = []
    for chosen in (None, ours):
        results = list(check_messages(payload, interchange, guide_of=lambda _span, chosen=chosen: chosen))
        written = acknowledge(interchange, results, at=AT) or b""
        letters.append(written[written.index(b"AK5") :][4:5])
    assert letters == [b"R", b"A"]


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "words"),
    [
        ("gide: x12/004010/850", 1, 1, "HUB-3301", 'did you mean "guide"?'),
        ("rules: {}", 1, 1, "HUB-3014", "guide"),
        ("guide: x12/850", 1, 8, "HUB-3301", "x12/004010/850"),
        ("guide: x12/004010/999999", 1, 8, "HUB-3301", "in no directory"),
        ("guide: x12/004010/850\nrule: {}", 2, 1, "HUB-3301", 'did you mean "rules"?'),
        ("guide: x12/004010/850\nrules:\n  BEG2: mandatory", 3, 3, "HUB-3002", "not a place"),
        ("guide: x12/004010/850\nrules:\n  BGM: mandatory", 3, 3, "HUB-3303", 'did you mean "BEG"?'),
        ("guide: x12/004010/850\nrules:\n  BEG77: mandatory", 3, 3, "HUB-3303", "12 elements"),
        ("guide: x12/004010/850\nrules:\n  PID/PO1: mandatory", 3, 3, "HUB-3303", "PO1 is not in loop PID"),
        ("guide: x12/004010/850\nrules:\n  P01/PID: mandatory", 3, 3, "HUB-3303", 'did you mean "PO1"?'),
        ("guide: x12/004010/850\nrules:\n  BEG02: mandatry", 3, 10, "HUB-3301", 'did you mean "mandatory"?'),
        ("guide: x12/004010/850\nrules:\n  BEG02: {code: [SA]}", 3, 11, "HUB-3301", 'did you mean "codes"?'),
        ("guide: x12/004010/850\nrules:\n  BEG02: {codes: []}", 3, 3, "HUB-3301", "empty"),
        ("guide: x12/004010/850\nrules:\n  BEG03: {length: 9..2}", 3, 19, "HUB-3301", "like 1..10"),
        ("guide: x12/004010/850\nrules:\n  BEG03: {max: 2}", 3, 11, "HUB-3301", "counts segments"),
        ("guide: x12/004010/850\nrules:\n  REF: {length: 2}", 3, 9, "HUB-3301", "REF01"),
        ("guide: x12/004010/850\nrules:\n  REF: {max: many}", 3, 14, "HUB-3301", "whole number"),
        ("guide: x12/004010/850\nrules:\n  BEG02: x\n  BEG02: y", 4, 3, "HUB-3001", "twice"),
        ("guide: x12/004010/850\nsegments:\n  ZZ1: {elements: [XX 3]}", 3, 20, "HUB-3301", "AN 1..30"),
        ("guide: x12/004010/850\nsegments:\n  ZZ101: {}", 3, 3, "HUB-3301", "must be a segment"),
        ("guide: x12/004010/850\ntogether:\n  - {if: BEG02}", 3, 6, "HUB-3301", "require"),
        (
            "guide: x12/004010/850\ntogether:\n  - {in: PO, if: PO102, require: PO103}",
            3,
            10,
            "HUB-3303",
            'did you mean "PO1"?',
        ),
        ("guide: x12/004010/850\ntogether:\n  - {in: PID2, if: PO102, require: PO103}", 3, 10, "HUB-3002", "place"),
        ("guide: x12/004010/850\ntogether:\n  - {if: BEG = 2, require: CUR}", 3, 10, "HUB-3301", "BEG01"),
        ("guide: [", 2, 1, "HUB-3014", "not YAML"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, line: int, column: int, code: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_guide(text.encode(), "acme.yaml", "acme")
    error = caught.value
    assert (error.code, words in str(error)) == (code, True), str(error)
    assert str(error).startswith(f"acme.yaml:{line}:{column}: "), str(error)


def test_the_guide_of_the_reference_is_right() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/guides.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    ours = read_guide(text.encode(), "acme-850.yaml", "acme-850")
    assert (len(ours.rules), len(ours.extras), len(ours.together)) == (17, 1, 3)
    assert (len(ours.loops), len(ours.several), len(ours.totals)) == (2, 1, 2)


FILES = {"mappings/guides/acme.yaml": b"guide: x12/004010/850\nrules:\n  BEG02: {codes: [NE]}\n"}


def test_guides_of_a_library_by_name() -> None:
    library = Library(files=FILES)
    assert library.guides() == ["acme"]
    assert library.guide("acme").reference == "x12/004010/850"
    with pytest.raises(ConfigError, match=r'HUB-3302 .*did you mean "acme"'):
        library.guide("acne")


def test_translate_keeps_the_guide_out_of_the_technical_findings() -> None:
    payload = x12([BEG, PO1])
    (interchange,) = cut(payload)
    (span,) = interchange.messages
    body = payload[span.offset : span.offset + span.length]
    job = Translate(replace(interchange, groups=[]), [span], [body], [Plan(guide="acme")])
    result = run(job, Library(files=FILES))
    assert isinstance(result, TranslateResult)
    assert result.messages[0].technical == []
    assert [(each.code, each.rule) for each in result.messages[0].business] == [("HUB-3314", "acme line 3")]


def test_what_breaks_the_partners_guide_is_not_sent() -> None:
    library = Library([builtin_root() / "mappings"], files=FILES)
    order = library.get("x12/850").read(parsed(BEG, PO1, "CTT*1")).document
    assert order is not None
    envelope = Envelope(standard="x12", sender="ZZ:US", receiver="ZZ:THEM", control_number="1", prepared=AT)
    job = Write(
        document=canonical.encode(order),
        mapping="x12/850",
        version="004010",
        type="850",
        envelope=envelope,
        functional_id="PO",
        group=("US", "THEM"),
    )
    result = run(WriteAll([job, msgspec.structs.replace(job, guide="acme")]), library)
    assert isinstance(result, WriteResult)
    sent, refused = result.messages
    assert sent.segments is not None
    assert refused.segments is None
    assert [each.code for each in refused.findings if each.severity == "error"] == ["HUB-3314"]
