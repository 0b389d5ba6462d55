"""Rows that accept many messages at once are, byte for byte, those that accept each of them."""

from datetime import datetime

import pytest

from hub.acknowledgement import MessageResult, acknowledge
from hub.syntax import cut
from hub.syntax.model import Separators
from tests.unit.edi import edifact, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
ORDER = ["BEG*00*SA*PO1001**20260122", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]
ORDERS = ["BGM+220+PO1+9", "DTM+137:20260122:102", "UNS+S"]
X12 = x12(*[ORDER] * 2500)
EDIFACT = edifact(*[ORDERS] * 2500)
PIPES = Separators(element="|", component="^", segment="\n")
LINES = Separators(element="+", component=":", segment="'", release="?", line="\r\n")


@pytest.mark.parametrize(
    ("payload", "separators"),
    [
        (X12, None),
        (X12, PIPES),
        (X12.replace(b"ST*850*0007", b"ST*850*00-7").replace(b"SE*5*0007", b"SE*5*00-7"), None),
        (EDIFACT, None),
        (EDIFACT, LINES),
        (EDIFACT.replace(b":EAN008", b""), None),
        (EDIFACT.replace(b"UNOC", b"UNOA").replace(b"ORDERS:D:96A:UN:EAN008", b"ORDERS:D:96A:UN:ean008"), None),
    ],
    ids=["x12", "pipes", "odd number", "edifact", "lines", "no association", "beyond the charset"],
)
def test_answers_are_the_same_with_and_without_results(payload: bytes, separators: Separators | None) -> None:
    [interchange] = cut(payload)
    given = [MessageResult(span=span, message=None, findings=[]) for span in interchange.messages]
    answer = acknowledge(interchange, given, at=AT, separators=separators)
    assert answer
    assert acknowledge(interchange, [], at=AT, separators=separators) == answer
    assert acknowledge(interchange, given[:700] + given[1900:], at=AT, separators=separators) == answer


def test_rejected_messages_stand_between_accepted_ones() -> None:
    [interchange] = cut(X12.replace(b"SE*5*0031~", b"SE*9*0031~"))
    answer = (acknowledge(interchange, [], at=AT) or b"").replace(b"\n", b"")
    assert answer.count(b"AK5*A~") == 2499
    assert b"AK2*850*0030~AK5*A~AK2*850*0031~AK5*R*4~AK2*850*0032~AK5*A~" in answer
    assert b"AK9*P*2500*2500*2499~SE*5004*0001~" in answer
