"""Answers to messages that were proven right as bytes and never parsed: the same as to parsed ones."""

from datetime import datetime

import pytest

from hub.acknowledgement import acknowledge, check_messages
from hub.schema import proof, prove, provers
from hub.schema.guide import Guide
from hub.schema.guide_file import read_guide
from hub.syntax import MessageSpan, cut
from tests.unit.edi import edifact, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
ORDER = ["BEG*00*SA*PO1001**20260122", "N1*ST*STORE*92*12", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]
LONG_TAG = [*ORDER[:2], "PO1X*1*10*EA*9.5**UP*012345678905", "CTT*1"]
BINARY = [*ORDER[:3], "BIN*12*~SE*4*0007~X", "CTT*1"]
BAD_ORDER = ["BEG*00*SA*PO1002**20261332", *ORDER[1:]]
ORDERS = ["BGM+220+PO1+9", "DTM+137:20260122:102", "NAD+BY+4012345000009::9", "NAD+SU+4098765000004::9",
          "LIN+1++4000862141404:EN", "QTY+21:5", "UNS+S", "CNT+2:1"]  # fmt: skip
RELEASED = ["BGM+220+P??O?'1???'+9", *ORDERS[1:]]
BAD_RELEASED = ["BGM+220+P?'O?'1??+9+X", *ORDERS[1:]]
BAD_ORDERS = ["BGM+220+PO2+9", "DTM+137:20261399:102", *ORDERS[2:]]


@pytest.fixture(autouse=True)
def no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Provers of this test alone, that are warm after one message."""
    monkeypatch.setattr(provers, "_provers", {})
    monkeypatch.setattr(prove, "WARM", 5)


@pytest.mark.parametrize(
    "payload",
    [
        x12(*[ORDER] * 6, BAD_ORDER, ORDER),
        x12(*[ORDER] * 6, LONG_TAG, ORDER),
        x12(*[ORDER] * 6, BINARY, ORDER),
        edifact(*[ORDERS] * 6, RELEASED, BAD_RELEASED, ORDERS),
        edifact(*[ORDERS] * 6, BAD_ORDERS, ORDERS),
        edifact(*[ORDERS] * 6, BAD_ORDERS).replace(b"ORDERS:D:96A:UN", b"ORDERS:D:96A:OD"),
        edifact(*[ORDERS] * 6, BAD_ORDERS).replace(b"ORDERS:D:96A:UN:EAN008", b"ORDERS:D:96A:UN"),
        edifact(*[ORDERS] * 6).replace(b":D:96A:UN", b":D:96A:UN::X"),
    ],
    ids=[
        "x12",
        "a longer tag",
        "binary",
        "releases",
        "edifact",
        "another agency",
        "no association",
        "a component more",
    ],
)
@pytest.mark.parametrize("detail", ["message", "group"])
def test_the_answer_is_the_same(payload: bytes, detail: str) -> None:
    [interchange] = cut(payload)
    parsed = list(check_messages(payload, interchange))
    unparsed = list(check_messages(payload, interchange, parsed=False))
    assert [each.findings for each in unparsed] == [each.findings for each in parsed]
    told = [each for each in unparsed if each.findings or each.message]
    assert len(told) < len(parsed) or interchange.standard == "edifact"
    answer = acknowledge(interchange, parsed, at=AT, detail="group" if detail == "group" else "message")
    assert answer is not None
    assert acknowledge(interchange, told, at=AT, detail="group" if detail == "group" else "message") == answer


@pytest.mark.parametrize("engine", ["re", "re2"])
def test_a_guide_has_its_say_on_messages_that_are_right(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "ENGINES", {engine: proof.ENGINES[engine]})
    guide = read_guide(b"guide: x12/004010/850\nrules: {REF: mandatory}\n", "acme.yaml", "acme")
    payload = x12(*[ORDER] * 6, BAD_ORDER, ORDER)
    [interchange] = cut(payload)

    def guide_of(span: MessageSpan) -> Guide | None:
        return guide if span.ordinal % 2 else None

    for _ in range(2):
        parsed = list(check_messages(payload, interchange, guide_of=guide_of))
    unparsed = list(check_messages(payload, interchange, guide_of=guide_of, parsed=False))
    assert [each.findings for each in unparsed] == [each.findings for each in parsed]
    assert [each.business for each in unparsed] == [each.business for each in parsed]
    assert [bool(each.business) for each in unparsed] == [True, False] * 4


def test_what_is_proven_is_not_parsed() -> None:
    payload = x12(*[ORDER] * 6)
    [interchange] = cut(payload)
    list(check_messages(payload, interchange))
    assert [each.message for each in check_messages(payload, interchange, parsed=False)] == [None] * 6
    assert all(each.message is not None for each in check_messages(payload, interchange))
