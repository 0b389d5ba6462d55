"""Hierarchies: a parent comes before its children, and no number occurs twice; with and without parsing."""

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.schema import check, definition
from hub.schema.hierarchy import is_whole
from hub.syntax import cut
from tests.unit.edi import edifact, messages, x12
from tests.unit.test_acknowledgement_write import AT

BSN, ITEM = "BSN*00*S1*20260122*1200*0001", ["LIN**UP*012345678905", "SN1**1*EA"]
BGM = ["BGM+351+D1+9", "DTM+137:20260122:102"]


def asn(*levels: str) -> bytes:
    return x12([BSN, *levels, *ITEM], type="856", group="SH")


def advice(*levels: str) -> bytes:
    return edifact([*BGM, *levels, "LIN+1++4000862141404:EN", "QTY+12:5"], type="DESADV")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (asn("HL*1**S", "HL*2*1*O", "HL*3*2*I"), []),
        (asn("HL*1**S", "HL*2*1*O", "HL*3*1*O", "HL*4*3*I"), []),
        (asn("HL*01**S", "HL*2*1*I"), []),
        (asn("HL*1**S", "HL*3*2*O", "HL*2*1*I"), [(4, 2, "2")]),
        (asn("HL*1**S", "HL*2*9*I"), [(4, 2, "9")]),
        (asn("HL*1**S", "HL*1*1*I"), [(4, 1, "1")]),
        (asn("HL*1*1*S"), [(3, 2, "1")]),
        (advice("CPS+1", "CPS+2+1"), []),
        (advice("CPS+1", "CPS+2+7"), [(5, 2, "7")]),
        (advice("CPS+1", "CPS+1"), [(5, 1, "1")]),
    ],
)
def test_what_breaks_a_hierarchy_is_found(payload: bytes, expected: list[tuple[int, int, str]]) -> None:
    (message,) = messages(payload)
    found = check(message, definition(message.standard, message.version, message.type))
    assert [(each.location.segment, each.location.element, each.value) for each in found] == expected
    assert {(each.code, each.severity) for each in found} <= {("HUB-2017", "error")}
    (interchange,) = cut(payload)
    (span,) = interchange.messages
    body = payload[span.offset : span.offset + span.length]
    assert is_whole(body, interchange.standard, interchange.separators) == (not expected)
    (result,) = check_messages(payload, interchange, parsed=False)
    assert [each.code for each in result.findings] == ["HUB-2017"] * len(expected)


def test_it_is_told_at_its_element() -> None:
    payload = asn("HL*1**S", "HL*2*9*I")
    (interchange,) = cut(payload)
    written = (acknowledge(interchange, list(check_messages(payload, interchange)), at=AT) or b"").decode()
    assert "AK3*HL*4**8~\nAK4*2*734*7*9~\nAK5*E*5~" in written
