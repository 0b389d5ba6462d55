"""The cutter's short way for ordinary messages finds what its long way finds, whatever the damage."""

from random import Random

import pytest

from hub.errors import UnreadableError
from hub.record import replace
from hub.syntax import Interchange, cut, parse
from hub.syntax.dialect import Dialect
from hub.syntax.ordinary import OrdinaryMessages

ISA = "ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*CROSSDOCK      *260122*1430*U*00401*000000017*0*T*>~"
X12 = (
    ISA
    + "GS*PO*BLUEBIRD*CROSSDOCK*20260122*1430*17*X*004010~"
    + "".join(f"ST*850*{n:04}~BEG*00*SA*{n}**20260122~PO1*1*3*EA*9.5~CTT*1~SE*5*{n:04}~" for n in range(1, 6))
    + "GE*5*17~GS*SH*BLUEBIRD*CROSSDOCK*20260122*1430*18*X*004010~"
    + "".join(f"ST*856*{n:04}*004010~BSN*00*{n}*20260122*1430~SE*3*{n:04}~" for n in range(1, 4))
    + "GE*3*18~IEA*2*000000017~"
).encode()
EDIFACT = (
    "UNB+UNOC:3+4012345000009:14+5412345000013:14+260122:1430+17'"
    + "".join(f"UNH+{n}+ORDERS:D:96A:UN:EAN008'BGM+220+{n}?'?'?+9'FTX+AAI+++é ??'UNT+4+{n}'" for n in range(1, 6))
    + "".join(f"UNH+{n}+INVOIC:D:96A:UN+REF{n}'BGM+380+{n}+9'UNT+3+{n}'" for n in range(6, 9))
    + "UNZ+8+17'"
).encode("latin-1")
JUNK = [
    b"~",
    b"'",
    b"?",
    b"*",
    b"+",
    b"\r\n",
    b" ",
    b"SE*3*0001~",
    b"BIN*3*~~~~",
    b"ST*850*0001~",
    b"UNT+4+1'",
    b"\xc3\xa9",
]


def found(payload: bytes, chunk: int) -> list[Interchange] | str:
    try:
        return list(cut([payload[at : at + chunk] for at in range(0, len(payload), chunk)]))
    except UnreadableError as error:
        return str(error)


def damaged(random: Random, payload: bytes) -> bytes:
    for _ in range(random.randint(0, 3)):
        at = random.randrange(len(payload))
        payload = payload[:at] + random.choice([b"", random.choice(JUNK)]) + payload[at + random.randint(0, 3) :]
    return payload


@pytest.mark.parametrize("right", [X12, EDIFACT, X12.replace(b"~", b"~\r\n")], ids=["x12", "edifact", "lines"])
def test_both_ways_agree(right: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(right)  # noqa: S311 - repeatable, not secret
    payloads = [right, *(damaged(random, right) for _ in range(300))]
    short = [found(payload, 10_000) for payload in payloads]
    pieces = [found(payload, random.choice([7, 64, 500])) for payload in payloads]
    taken = len(list(taken_at_once(right, monkeypatch)))
    monkeypatch.setattr(OrdinaryMessages, "after", lambda *_: iter(()))
    long = [found(payload, 10_000) for payload in payloads]
    assert short == long
    assert pieces == long
    assert taken >= 5


@pytest.mark.parametrize("right", [X12, EDIFACT, X12.replace(b"~", b"~\r\n")], ids=["x12", "edifact", "lines"])
def test_a_plain_message_is_split_as_the_exact_scanner_splits_it(right: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(right)  # noqa: S311 - repeatable, not secret
    plain = 0
    for payload in [right, *(damaged(random, right) for _ in range(300))]:
        for interchange in found(payload, 10_000):
            if isinstance(interchange, str):
                continue
            for span in interchange.messages:
                body = payload[span.offset : span.offset + span.length]
                split = parse(body, span, interchange)
                with monkeypatch.context() as patch:
                    patch.setattr(Dialect, "is_tidy", lambda *_: False)
                    exact = parse(body, replace(span, plain=False), interchange)
                assert (split.segments, [*split.offsets]) == (exact.segments, [*exact.offsets])
                assert split.escaped == exact.escaped
                plain += span.plain
    assert plain >= 600


def test_what_looks_like_a_trailer_in_a_released_text_is_text() -> None:
    text = "UNB+UNOC:3+A:14+B:14+260122:1430+17'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++O?'UNT+3+1'UNT+3+1'UNZ+1+17'"
    (interchange,) = cut(text.encode())
    assert [span.length for span in interchange.messages] == [text.index("UNZ") - text.index("UNH")]
    assert not interchange.all_findings


def taken_at_once(payload: bytes, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the short way alone takes of a payload."""
    taken: list[object] = []
    after = OrdinaryMessages.after
    with monkeypatch.context() as patch:
        patch.setattr(OrdinaryMessages, "after", lambda *a: (taken.extend(each[0]) or each for each in after(*a)))
        list(cut(payload))
    return taken
