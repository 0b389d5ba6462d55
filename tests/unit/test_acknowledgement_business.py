"""824 and APERAK: what a guide has against a message is told in business terms, never in a 997, and is read back."""

import pytest

from hub.acknowledgement import acknowledge, answer_business, check_messages, read_acknowledgement
from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import Terms
from hub.errors import DataError, UsageError
from hub.partner.read import partner_faults
from hub.schema.guide import Guide
from hub.schema.guide_file import read_guide
from hub.syntax import cut
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

X12_GUIDE = "guide: x12/004010/850\nrules:\n  BEG02: {codes: [NE]}\n  REF(DP): mandatory\n  PO103: {codes: [CA]}"
EDIFACT_GUIDE = "guide: edifact/d96a/ORDERS\nrules:\n  BGM01: {codes: [221]}\n  DTM(137)01-3: {value: 203}"


def guide(text: str) -> Guide:
    return read_guide(text.encode(), "acme.yaml", "acme")


def written(payload: bytes, kind: str, rules: str) -> bytes:
    ours = guide(rules)
    (interchange,) = cut(payload)
    results = list(check_messages(payload, interchange, guide_of=lambda _span: ours))
    return answer_business(interchange, results, kind=kind, control_number=7, at=AT) or b""


def rows(answer: bytes) -> list[str]:
    end = "'\n" if answer.startswith(b"UN") else "~\n"
    return [row for row in answer.decode().split(end) if row]


def test_an_824_names_document_segment_element_and_value() -> None:
    assert rows(written(x12(ORDER, group="PO"), "824", X12_GUIDE))[1:-2] == [
        "GS*AG*ACME*BLUEBIRD*20260122*1500*7*X*004010",
        "ST*824*0001",
        "BGN*11*0000000070001*20260122*1500",
        "OTI*TR*PO*PO1001*BLUEBIRD*ACME***77*0001*850*004010",
        "TED*007*Guide acme requires REF(DP): it is missing. Add the segment*REF*1",
        "NTE**HUB-3310 Guide acme requires REF(DP): it is missing. Add the segment REF.",
        "TED*848*BEG02 holds 'SA'; guide acme allows only NE.*BEG*2*2*92*SA",
        "NTE**HUB-3314 BEG02 holds 'SA'; guide acme allows only NE.",
        "TED*848*PO103 holds 'EA'; guide acme allows only CA.*PO1*3*3*355*EA",
        "NTE**HUB-3314 PO103 holds 'EA'; guide acme allows only CA.",
        "SE*10*0001",
    ]


def test_an_aperak_names_message_segment_and_place() -> None:
    assert rows(written(edifact(ORDERS), "APERAK", EDIFACT_GUIDE))[1:-1] == [
        "UNH+1+APERAK:D:96A:UN",
        "BGM+313+7-1+27",
        "DTM+137:202601221500:203",
        "RFF+ACE:PO1",
        "RFF+ACW:1",
        "NAD+MS+4098765000004::9",
        "NAD+MR+4012345000009::9",
        "ERC+HUB-3314",
        "FTX+AAO+++BGM01?: BGM01 holds ?'220?'; guide acme allows only 221.",
        "RFF+ACW:1:2",
        "ERC+HUB-3314",
        "FTX+AAO+++DTM01-3?: DTM(137)01-3 holds ?'102?'; guide acme allows only 203.",
        "RFF+ACW:1:3",
        "UNT+14+1",
    ]


CASES = [
    (x12(ORDER, ORDER), "824", X12_GUIDE),
    (x12(ORDER, version="005010"), "824", X12_GUIDE),
    (edifact(ORDERS, ORDERS), "APERAK", EDIFACT_GUIDE),
    (edifact(ORDERS, version="D:01B"), "APERAK", EDIFACT_GUIDE),
    (edifact(ORDERS, syntax="UNOC:4"), "APERAK", EDIFACT_GUIDE),
]


@pytest.mark.parametrize(("payload", "kind", "rules"), CASES)
def test_what_is_written_is_right_by_the_directory(payload: bytes, kind: str, rules: str) -> None:
    answer = written(payload, kind, rules)
    (interchange,) = cut(answer)
    assert interchange.all_findings == []
    results = list(check_messages(answer, interchange))
    assert [each.code for result in results for each in result.findings if each.severity != "warn"] == []
    assert len(results) == len(messages(payload))


@pytest.mark.parametrize(("payload", "kind", "rules"), CASES)
def test_what_is_written_is_read_back_to_segment_and_element(payload: bytes, kind: str, rules: str) -> None:
    ours = guide(rules)
    (interchange,) = cut(payload)
    results = list(check_messages(payload, interchange, guide_of=lambda _span: ours))
    for result, message in zip(results, messages(written(payload, kind, rules)), strict=True):
        read = read_acknowledgement(message)
        (answer,) = read.answers
        assert (read.kind, read.status, answer.level) == (kind, "rejected", "message")
        assert answer.control_number == result.span.control_number
        places = [(each.location.segment, each.location.tag, each.location.element) for each in answer.findings]
        assert places == [(each.location.segment, each.location.tag, each.location.element) for each in result.business]
        for found, sent in zip(answer.findings, result.business, strict=True):
            assert (found.code, found.severity) == ("HUB-7015", "reject")
            assert sent.message in found.message


def test_a_997_says_nothing_of_it() -> None:
    ours, payload = guide(X12_GUIDE), x12(ORDER)
    (interchange,) = cut(payload)
    results = list(check_messages(payload, interchange, guide_of=lambda _span: ours))
    answer = acknowledge(interchange, results, at=AT) or b""
    assert b"AK5*A~" in answer.replace(b"\n", b"")


def test_no_fault_no_answer_and_advice_is_no_fault() -> None:
    assert written(x12(ORDER), "824", "guide: x12/004010/850\nrules:\n  BEG02: {codes: [SA]}") == b""
    terms = Terms({"HUB-3314": "warn", "HUB-3310": "warn"}, guide(X12_GUIDE))
    assert acknowledge_payload(x12(ORDER), kind="824", control_number=1, at=AT, terms_of=lambda _i, _s: terms) == []


def test_only_faulty_messages_are_answered() -> None:
    right = ["BEG*00*NE*PO2**20260122", "REF*DP*1", "PO1*1*10*CA*9.5**UP*012345678905", "CTT*1"]
    answer = written(x12(right, ORDER, right), "824", X12_GUIDE)
    assert [row for row in rows(answer) if row.startswith("OTI")] == [
        "OTI*TR*PO*PO1001*BLUEBIRD*ACME***77*0002*850*004010"
    ]


def test_a_group_that_names_nobody_is_answered_by_its_interchange() -> None:
    payload = x12(ORDER, group="PO").replace(b"GS*PO*BLUEBIRD*ACME*", b"GS*PO***")
    assert rows(written(payload, "824", X12_GUIDE))[1] == "GS*AG*4015550100*BLUEBIRD*20260122*1500*7*X*004010"


@pytest.mark.parametrize(("payload", "kind"), [(x12(ORDER), "APERAK"), (edifact(ORDERS), "824")])
def test_each_standard_has_its_own(payload: bytes, kind: str) -> None:
    with pytest.raises(UsageError, match="HUB-7001"):
        written(payload, kind, X12_GUIDE if kind == "APERAK" else EDIFACT_GUIDE)


def test_long_sentences_and_separators_in_values_are_carried() -> None:
    value = "9*9" * 40
    rules = "guide: x12/004010/850\nrules:\n  PO107: {length: 1..5}"
    payload = x12(["BEG*00*SA*PO1**20260122", f"PO1*1*1*EA*1**UP*{value}", "CTT*1"]).replace(b"*", b"|")
    payload = payload.replace(b"9|9", b"9*9")
    (message,) = messages(written(payload, "824", rules))
    (answer,) = read_acknowledgement(message).answers
    (found,) = answer.findings
    assert "which is 120 long; guide acme wants 1..5." in found.message


def test_answers_of_others_are_read() -> None:
    accepted = ["BGN*11*1*20260122", "OTI*TA*PO*PO1001***20260122*1500*77*0001*850"]
    partly = ["OTI*GP*TN*77*****77", "TED*024*late*", "OTI*IR*PO*PO2", "TED*ZZZ**N1*4*3**X"]
    (message,) = messages(x12([*accepted, *partly], type="824", group="AG"))
    first, second, third = read_acknowledgement(message).answers
    assert (first.status, first.control_number, first.group_control_number) == ("accepted", "0001", "77")
    assert (second.level, second.control_number, second.status) == ("group", "77", "partially")
    assert (third.control_number, third.findings[0].location.segment, third.findings[0].value) == ("PO2", 4, "ZZZ")


@pytest.mark.parametrize(
    ("body", "status", "number"),
    [
        (["BGM+312+1+29", "RFF+ACW:7"], "accepted", "7"),
        (["BGM+313+1+27", "RFF+ON:PO1", "ERC+Z10", "FTX+AAO+++Too late"], "rejected", "PO1"),
        (["BGM+313+1", "RFF+AGO:9", "RFF+ON:PO1", "ERC+Z10"], "rejected", "9"),
        (["BGM+312+1+34", "RFF+ACW:7"], "accepted_with_errors", "7"),
    ],
)
def test_aperaks_of_others_are_read(body: list[str], status: str, number: str) -> None:
    (message,) = messages(edifact(body, type="APERAK"))
    (answer,) = read_acknowledgement(message).answers
    assert (answer.status, answer.control_number) == (status, number)


@pytest.mark.parametrize("payload", [x12(["BGN*11*1*20260122"], type="824"), edifact(["BGM+312+1"], type="APERAK")])
def test_one_that_names_nothing_cannot_be_understood(payload: bytes) -> None:
    (message,) = messages(payload)
    with pytest.raises(DataError, match="HUB-7020"):
        read_acknowledgement(message)


@pytest.mark.parametrize(
    ("receive", "answer", "words"),
    [
        ("x12/004010/850", "APERAK", "it can be 824"),
        ("edifact/d96a/ORDERS", "824", "it can be APERAK"),
        ("json/shopify/order", "824", "there is none"),
    ],
)
def test_an_agreement_asks_for_its_standards_own(receive: str, answer: str, words: str) -> None:
    text = f'name = "A"\nrole = "retailer"\n[[agreement]]\nreceive = "{receive}"\nbusiness_answer = "{answer}"\n'
    assert any(words in str(fault) for fault in partner_faults(text, "partners/a/partner.toml"))
