"""Payloads made to take time or memory: each is read, or refused, in time that grows with its size only."""

import pytest

from hub.errors import UnreadableError
from hub.syntax import cut, parse
from tests.unit.test_syntax_cut import EDIFACT, GS, ISA, X12

FLOODS = {
    "empty segments": (f"{ISA}{GS}ST*850*1~" + "~" * 500_000 + "SE*2*1~GE*1*1~IEA*1*000000001~", {"HUB-1035"}),
    "one long segment": (X12.replace("4711", "4" * 2_000_000), set()),
    "release characters": (EDIFACT.replace("4711", "?" * 1_000_000), set()),
    "released terminators": (EDIFACT.replace("4711", "?'" * 500_000), set()),
    "released separators": (EDIFACT.replace("4711", "?+" * 500_000), set()),
    "blanks": (X12.replace("~BEG", ("~" + " " * 999) * 1000 + "~BEG"), {"HUB-1035"}),
    "line feeds": (X12.replace("~BEG", "~" + "\n" * 1_000_000 + "BEG"), set()),
    "wrong lengths": (X12.replace("~BEG", "~BIN*5*a" * 20_000 + "~BEG"), {"HUB-1018", "HUB-1037"}),
    "trailers": (X12.replace("~IEA", "~SE*1*1" * 20_000 + "~IEA"), {"HUB-1028"}),
    "headers behind the end": (X12 + "ISA*" * 50_000, {"HUB-1012"}),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_read(name: str) -> None:
    text, codes = FLOODS[name]
    payload = text.encode()
    first, *others = cut(payload[at : at + 65536] for at in range(0, len(payload), 65536))
    assert {finding.code for finding in first.all_findings} == codes
    assert len(first.all_findings) <= 1001
    assert all(not other.messages for other in others)
    (span,) = first.messages
    message = parse(payload[span.offset : span.offset + span.length], span, first)
    assert len(message.segments) == span.segments


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(UnreadableError):
        list(cut(b"UNB+" + b"A" * 2_000_000))


def test_many_headers_are_many_interchanges() -> None:
    assert sum(1 for _ in cut((ISA * 2000).encode())) == 2000
