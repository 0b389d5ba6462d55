"""The fast path against the exact one: the same findings, whatever the damage; none on what a directory allows.

With each engine that may prove, and for the proof of a message's bytes as a whole.
"""

from random import Random
from typing import TYPE_CHECKING

import pytest

from hub.acknowledgement import check_messages
from hub.errors import Finding
from hub.record import replace
from hub.schema import MessageDef, check, definition, proof, prove, provers
from hub.schema.directory import directory
from hub.schema.hierarchy import is_whole
from hub.schema.provers import prover_of
from hub.schema.unparsed import Unparsed, together, unproven
from hub.syntax import Message, Separators, cut, parse
from tests.properties.edi_messages import EDIFACT, EDIFACT_4, ODD, X12, damage, random_message

if TYPE_CHECKING:
    from hub.schema.check import CodeValues

NAMES = ["x12-004010", "x12-005010", "edifact-d.93a", "edifact-d.96a", "edifact-d.01b", "edifact-d.21b"]
CASES = [(name, separators) for name in NAMES for separators in ([X12, ODD] if "x12" in name else [EDIFACT, EDIFACT_4])]
TYPES, DAMAGES = 2, 12


@pytest.fixture(autouse=True, params=["re", "re2"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this engine, and no prover of another test's."""
    monkeypatch.setattr(proof, "ENGINES", {request.param: proof.ENGINES[request.param]})
    monkeypatch.setattr(provers, "_provers", {})


def definitions(name: str) -> list[MessageDef]:
    return [made for type in directory(name).types() if (made := directory(name).message(type, exact=True))]


def exact(
    message: Message, made: MessageDef, code_values: "CodeValues", monkeypatch: pytest.MonkeyPatch
) -> list[Finding]:
    """The findings of the exact path alone: a prover that never gets warm."""
    with monkeypatch.context() as patch:
        patch.setattr(provers, "_provers", {})
        patch.setattr(prove, "WARM", 10**9)
        return check(message, made, code_values=code_values)


def proven(message: Message, made: MessageDef, code_values: "CodeValues") -> list[Finding]:
    """The findings with a proof that knows the shape of every right segment of the message."""
    prover = prover_of(made, message.separators, codes=code_values != "ignore")
    check(message, made, code_values=code_values)
    if prover.fresh:
        prover.prove_known()
    return check(message, made, code_values=code_values)


def proven_whole(message: Message, made: MessageDef, codec: str) -> bool:
    """Whether the message's bytes are proven right in one go, by the prover that has just checked it."""
    mark = message.separators
    text = mark.segment.join([*map(mark.element.join, message.segments), ""])
    try:
        body = text.encode(codec)
    except UnicodeEncodeError:
        return False
    return unproven(body, codec, prover_of(made, mark, codes=True)) == [[]] and is_whole(body, message.standard, mark)


@pytest.mark.parametrize(("name", "separators"), CASES, ids=str)
def test_fast_and_exact_agree(name: str, separators: Separators, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(f"{name}{separators}")  # noqa: S311 - repeatable, not secret
    made = random.sample(definitions(name), TYPES)
    faulty = 0
    for each in made:
        right = random_message(random, each, separators)
        for message in [right, *(damage(random, right, each) for _ in range(DAMAGES))]:
            expected = exact(message, each, "warn", monkeypatch)
            assert proven(message, each, "warn") == expected, (each.type, message.segments)
            faulty += bool(expected)
            whole = [proven_whole(message, each, codec) for codec in ("utf-8", "latin-1")]
            assert not (any(whole) and expected), (each.type, message.segments)
    assert faulty > len(made)


def interchange_of(messages: list[Message], mark: Separators, made: MessageDef) -> bytes:
    """The insides of these messages between headers and trailers of their own that are right."""
    element, end = mark.element, mark.segment
    if made.standard == "x12":
        header, trailer, kind, version = "ST", "SE", [made.type, ""], ["00401", "00501"][made.version >= "005010"]
        parties = ["ZZ", "BLUEBIRD".ljust(15), "ZZ", "CROSSDOCK".ljust(15), "260122", "1430"]
        isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, mark.repetition or "U", version, "000000017", "0", "T"]
        group = ["GS", "PO", "BLUEBIRD", "CROSSDOCK", "20260122", "1430", "17", "X", made.version]
        parts = [element.join([*isa, mark.component]), element.join(group)]
    else:
        syntax = "UNOC:4" if mark.repetition else "UNOC:3"
        header, trailer, kind = "UNH", "UNT", ["", ":".join([made.type, *made.version.split("."), "UN"])]
        parts = [f"UNB+{syntax}+5412345000013:14+4012345000009:14+260122:1430+17"]
    for number, message in enumerate(messages, 1):
        control = [part or f"{number:04}" for part in kind]
        inside = message.segments[1:-1]
        parts += map(element.join, [[header, *control], *inside, [trailer, str(len(inside) + 2), f"{number:04}"]])
    ends = [["GE", str(len(messages)), "17"], ["IEA", "1", "000000017"]]
    ends = ends if made.standard == "x12" else [["UNZ", str(len(messages)), "17"]]
    return (end + mark.line).join([*parts, *map(element.join, ends), ""]).encode()


@pytest.mark.parametrize("line", ["", "\r\n"], ids=["", "lines"])
@pytest.mark.parametrize(("name", "separators"), CASES, ids=str)
def test_messages_side_by_side_are_told_apart(
    name: str, separators: Separators, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(f"{name}{separators}{line}")  # noqa: S311 - repeatable, not secret
    mark = replace(separators, line=line)
    [made] = random.sample([each for each in definitions(name) if each.type not in ("CONTRL", "997", "999")], 1)
    rights = [random_message(random, made, mark) for _ in range(4)]
    messages = [right if random.random() < 0.5 else damage(random, right, made) for right in rights * 8]
    payload = interchange_of(messages, mark, made)
    [interchange] = cut(payload)
    with monkeypatch.context() as patch:
        patch.setattr(provers, "_provers", {})
        patch.setattr(prove, "WARM", 10**9)
        expected = [each.findings for each in check_messages(payload, interchange)]
    for _ in range(2):
        list(check_messages(payload, interchange))
        prover_of(made, interchange.separators, codes=True).prove_known()
    found = list(check_messages(payload, interchange, parsed=False))
    assert [each.findings for each in found] == expected
    assert any(expected)
    known, spans = Unparsed(interchange), interchange.messages
    runs = [(run[0].offset, run[-1].offset + run[-1].length, run) for run in together(spans, interchange)]
    side_by_side = [each for start, stop, run in runs for each in known.unproven(payload[start:stop], run)]
    bodies = [payload[span.offset : span.offset + span.length] for span in spans]
    assert known.unproven_each(spans, bodies) == side_by_side


@pytest.mark.parametrize("name", NAMES)
def test_what_a_directory_allows_has_no_finding(name: str) -> None:
    random = Random(name)  # noqa: S311 - repeatable, not secret
    separators = X12 if "x12" in name else EDIFACT
    for each in definitions(name):
        message = random_message(random, each, separators)
        # Its levels and totals are random numbers.
        found = [one for one in check(message, each) if one.code not in ("HUB-2017", "HUB-2018")]
        assert found == [], (each.type, found[0].message, message.segments)


def test_codes_may_be_ignored_on_both_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7)  # noqa: S311 - repeatable, not secret
    made = definition("x12", "004010", "850")
    assert made is not None
    right = random_message(random, made, X12)
    for _ in range(20):
        message = damage(random, right, made)
        assert proven(message, made, "ignore") == exact(message, made, "ignore", monkeypatch)


def test_a_prover_gets_warm_and_still_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provers, "_provers", {})
    monkeypatch.setattr(prove, "WARM", 200)
    random = Random(11)  # noqa: S311 - repeatable, not secret
    made = definition("edifact", "D.96A", "DESADV")
    assert made is not None
    expected = []
    for _ in range(30):
        message = damage(random, random_message(random, made, EDIFACT), made)
        expected.append((check(message, made), exact(message, made, "warn", monkeypatch)))
    assert all(fast == slow for fast, slow in expected)
    prover = prover_of(made, EDIFACT, codes=True)
    assert prover.fresh < 200 + 250 * len(made.segments)


GOOD = [
    (X12, "ST*850*0001~BEG*00*SA*1**20260122~N1*BY*BLUEBIRD é*92*12~PO1*1*3*EA*9.5**UP*036000291452~CTT*1~SE*6*0001~"),
    (
        EDIFACT,
        "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+1+9'DTM+137:20260122:102'NAD+BY+4012345000009::9++O?'Neill ??é'"
        "LIN+1++4000862141404:EN'QTY+21:3'UNS+S'CNT+7:12:KGM'CNT+2:1'UNT+10+1'",
    ),
]


@pytest.mark.parametrize("codec", ["utf-8", "latin-1", "cp1252"])
@pytest.mark.parametrize(("separators", "text"), GOOD, ids=["x12", "edifact"])
@pytest.mark.parametrize("line", ["", "\r\n"])
def test_a_good_order_is_proven_whole_and_damaged_ones_are_not(
    separators: Separators, text: str, codec: str, line: str
) -> None:
    separators = replace(separators, line=line)
    text = text.replace(separators.segment, separators.segment + line).replace("?'" + line, "?'").removesuffix(line)
    standard, version, type = ("x12", "004010", "850") if separators.release is None else ("edifact", "D.96A", "ORDERS")
    made = definition(standard, version, type)
    assert made is not None
    [interchange] = cut(text.encode())
    [span] = interchange.messages
    message = parse(text.encode(), span, interchange)
    message.separators = separators
    assert proven(message, made, "warn") == []
    prover = prover_of(made, separators, codes=True)
    assert unproven(text.encode(codec), codec, prover) == [[]]
    for at in range(len(text)):
        shorter = text[:at] + text[at + 1 :]
        if unproven(shorter.encode(codec), codec, prover) == [[]]:
            [span] = next(iter(cut(shorter.encode()))).messages
            assert check(parse(shorter.encode(), span, interchange), made) == [], shorter
