"""Payloads made to take time or memory: each is read, or refused, in time that grows with its size only."""

import subprocess
import sys

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


PEAK = """
import resource, sys
from hub.syntax import cut, parse
kind, size = sys.argv[1], int(sys.argv[2])
isa = b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *260122*1430*U*00401*000000007*0*P*>~"
gs = b"GS*PO*BLUEBIRD*NORTHWIND*20260122*1430*1*X*004010~"
line = b"PO1*1*10*EA*12.5**VN*NW-100~"
def chunks():
    yield isa + gs
    if kind == "one segment":
        yield b"ST*850*0001~REF*ZZ*"
        for _ in range(size >> 20):
            yield b"A" * (1 << 20)
        yield b"~SE*3*0001~GE*1*1~"
    elif kind == "one message":
        yield b"ST*850*0001~"
        for _ in range(size // (len(line) * 1000)):
            yield line * 1000
        yield b"SE*%d*0001~GE*1*1~" % (size // (len(line) * 1000) * 1000 + 2)
    else:
        count = size // (len(line) * 100)
        for number in range(1, count + 1):
            yield b"ST*850*%04d~" % number + line * 99 + b"SE*101*%04d~" % number
        yield b"GE*%d*1~" % count
    yield b"IEA*1*000000007~"
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
before = peak()
(interchange,) = cut(chunks())
assert interchange.all_findings == [], interchange.all_findings[:3]
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one segment", "one message", "many messages"])
def test_memory_is_bounded_by_five_times_the_payload(kind: str) -> None:
    size = 100 << 20
    command = [sys.executable, "-c", PEAK, kind, str(size)]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown <= 5 * size + (64 << 20), f"{grown >> 20} MB"
    if kind == "many messages":
        assert grown <= 64 << 20, f"{grown >> 20} MB: the payload was kept"
