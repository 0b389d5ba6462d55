"""Totals at the end of a message: told where the line items give others, in bytes proven whole as when parsed."""

from pathlib import Path
from random import Random

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.cli.read import read_messages
from hub.errors import Finding
from hub.mapping import Library
from hub.schema import check, definition
from hub.schema.provers import prover_of
from hub.syntax import cut
from tests.unit.edi import edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

BEG, BSN = "BEG*00*SA*P1**20260122", "BSN*00*S1*20260122*1200*0001"
PO1 = ["PO1*1*3*EA*9.5**UP*036000291452", "PO1*2*4.5*EA*9.5**UP*036000291452"]
LEVELS = ["HL*1**S", "HL*2*1*O", "HL*3*2*I", "LIN**UP*036000291452", "SN1**7*EA"]
BGM = ["BGM+220+1+9", "DTM+137:20260122:102"]
LIN = ["LIN+1++4000862141404:EN", "QTY+21:3", "LIN+2++4000862141404:EN", "QTY+21:4,5"]
SUB = "LIN+3++4000862141404:EN+1:1"

Told = list[tuple[int, int, int | None, str | None, str | None]]


def order(total: str, *more: str) -> bytes:
    return x12([BEG, *PO1, *more, total], type="850")


def notice(total: str) -> bytes:
    return x12([BSN, *LEVELS, total], type="856", group="SH")


def orders(*totals: str, lines: list[str] = LIN) -> bytes:
    return edifact([*BGM, *lines, "UNS+S", *totals], type="ORDERS")


CASES: list[tuple[bytes, Told]] = [
    (order("CTT*2"), []),
    (order("CTT*02"), []),
    (order("CTT*2*7.5"), []),
    (order("CTT*2*48"), []),  # the digits: 3 and 45
    (order("CTT*2*8"), [(5, 2, None, "8", "7.5")]),
    (order("CTT*3"), [(5, 1, None, "3", "2")]),
    (order("CTT*1*9"), [(5, 1, None, "1", "2"), (5, 2, None, "9", "7.5")]),
    (order("CTT*2**12*LB"), []),
    (notice("CTT*3"), []),
    (notice("CTT*3*7"), []),
    (notice("CTT*1"), [(8, 1, None, "1", "3")]),
    (notice("CTT*3*6"), [(8, 2, None, "6", "7")]),
    (orders("CNT+2:2"), []),
    (orders("CNT+1:7.5", "CNT+2:2"), []),
    (orders("CNT+1:7,5"), []),
    (orders("CNT+7:25:KGM", "CNT+2:3"), [(10, 1, 2, "3", "2")]),
    (orders("CNT+2:2", "CNT+1:8"), [(10, 1, 2, "8", "7.5")]),
    (orders("CNT+2:1", lines=["LIN+1++A?'LIN?+B:EN", "QTY+21:3"]), []),
    (orders("CNT+2:2", lines=[*LIN, SUB]), []),
    (orders("CNT+2:3", lines=[*LIN, SUB]), []),
    (orders("CNT+2:4", lines=[*LIN, SUB]), [(10, 1, 2, "4", "3")]),
    (orders("CNT+1:9", lines=[*LIN, SUB]), []),  # a line without a quantity: nothing to compare
    (orders(), []),
]


@pytest.mark.parametrize(("payload", "expected"), CASES)
def test_a_total_that_differs_is_told_at_its_element(payload: bytes, expected: Told) -> None:
    (message,) = messages(payload)
    made = definition(message.standard, message.version, message.type)
    found = [each for each in check(message, made) if each.code == "HUB-2018"]
    places = [(each.location.segment, each.location.element, each.location.component) for each in found]
    assert [(*place, each.value, each.expected) for place, each in zip(places, found, strict=True)] == expected
    assert {each.severity for each in found} <= {"warn"}


@pytest.mark.parametrize("line", ["", "\r\n"])
@pytest.mark.parametrize(("payload", "expected"), CASES)
def test_what_is_proven_whole_has_its_totals_right(payload: bytes, expected: Told, line: str) -> None:
    (interchange,) = cut(payload)
    mark = interchange.separators
    payload = payload.replace(mark.segment.encode() + mark.line.encode(), (mark.segment + line).encode())
    payload = payload.replace(b"?'" + line.encode(), b"?'")
    (interchange,) = cut(payload)
    (message,) = messages(payload)
    made = definition(message.standard, message.version, message.type)
    assert made is not None
    exact = check(message, made)
    prover = prover_of(made, interchange.separators, codes=True)
    prover.prove_known()
    (result,) = check_messages(payload, interchange, parsed=False)
    assert result.findings == exact
    span = interchange.messages[0]
    known = prover.unproven(payload[span.offset : span.offset + span.length], 1)
    assert known != [None]
    assert not (known == [[]] and exact)


def test_a_right_count_needs_no_parsing() -> None:
    for payload in (order("CTT*2"), order("CTT*2**12*LB"), notice("CTT*3"), orders("CNT+7:25:KGM", "CNT+2:2")):
        (interchange,) = cut(payload)
        (message,) = messages(payload)
        made = definition(message.standard, message.version, message.type)
        assert made is not None
        check(message, made)
        prover = prover_of(made, interchange.separators, codes=True)
        prover.prove_known()
        span = interchange.messages[0]
        assert prover.unproven(payload[span.offset : span.offset + span.length], 1) == [[]], payload


def test_it_is_advice_unless_the_agreement_says_more() -> None:
    payload = order("CTT*3")
    (interchange,) = cut(payload)
    results = list(check_messages(payload, interchange))
    assert b"AK5*A~" in (acknowledge(interchange, results, at=AT) or b"")
    stricter = list(check_messages(payload, interchange, severities={"HUB-2018": "error"}))
    written = (acknowledge(interchange, stricter, at=AT) or b"").decode()
    assert "AK3*CTT*5**8~\nAK4*1*354*7*3~\nAK5*E*5~" in written


def test_a_number_nothing_can_be_is_not_compared() -> None:
    found = [each.code for payload in (order("CTT*X"), orders("CNT+2")) for each in _checked(payload)]
    assert "HUB-2018" not in found


def _checked(payload: bytes) -> list[Finding]:
    (message,) = messages(payload)
    return list(check(message, definition(message.standard, message.version, message.type)))


def test_side_by_side_each_message_has_its_own_total() -> None:
    random = Random(5)  # noqa: S311 - repeatable, not secret
    several = []
    for _ in range(60):
        lines = [f"PO1*{number}*3*EA*9.5**UP*036000291452" for number in range(1, random.randint(1, 5))]
        odd = random.choice([[], [], ["CTTX*1"], ["ZZZ*1"], ["PO1*X*"]])
        total = [f"CTT*{len(lines) + random.choice([0, 0, 0, 1, -1])}"] if random.random() < 0.9 else []
        several.append([BEG, *lines, *odd, *total])
    payload = x12(*several)
    (interchange,) = cut(payload)
    made = definition("x12", "004010", "850")
    assert made is not None
    expected = [each.findings for each in check_messages(payload, interchange)]
    prover_of(made, interchange.separators, codes=True).prove_known()
    found = [each.findings for each in check_messages(payload, interchange, parsed=False)]
    assert found == expected
    assert sum(any(one.code == "HUB-2018" for one in each) for each in found) > 10


def test_a_total_is_told_once_when_a_message_is_read() -> None:
    library = Library([Path(__file__).parents[2] / "mappings"])
    for payload in (order("CTT*3*9"), orders("CNT+2:3")):
        (read,) = read_messages(payload, library)
        places = [str(each.location) for each in read.findings if each.code in ("HUB-2018", "HUB-3206")]
        assert places
        assert len(set(places)) == len(places)
