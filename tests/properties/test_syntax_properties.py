"""What holds for every interchange: writing and reading are inverse, and how bytes arrive never matters."""

from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import UnreadableError
from hub.record import replace
from hub.syntax import Element, Envelope, Interchange, OutGroup, OutMessage, cut, elements, parse, write
from tests.properties.strategies_syntax import edifact_interchanges, x12_interchanges

SAMPLES = sorted(path for path in (Path(__file__).parents[1] / "golden" / "samples").glob("*/*") if path.is_file())
INTERCHANGES = x12_interchanges() | edifact_interchanges()
PREPARED = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone


def bodies(payload: bytes, interchange: Interchange) -> list[list[list[Element]]]:
    """The segments of every message, as `write` takes them."""
    found = []
    for span in interchange.messages:
        message = parse(payload[span.offset : span.offset + span.length], span, interchange)
        found.append([elements(message, segment) for segment in message.segments[1:-1]])
    return found


@given(INTERCHANGES)
def test_reading_gives_back_what_was_written(written: tuple[Envelope, list[OutGroup]]) -> None:
    envelope, groups = written
    payload = write(envelope, groups)
    (interchange,) = cut(payload)
    assert [finding for finding in interchange.all_findings if finding.code != "HUB-1031"] == []
    assert interchange.sender == envelope.sender
    assert interchange.receiver == envelope.receiver
    assert interchange.test == envelope.test
    assert interchange.separators == envelope.separators
    assert interchange.length == len(payload.rstrip(b"\r\n")) or envelope.separators.segment in "\r\n"
    assert [len(group.messages) for group in interchange.groups] == [len(group.messages) for group in groups]
    if interchange.charset in ("latin-1", "utf-8") and not any(f.code == "HUB-1031" for f in interchange.findings):
        assert bodies(payload, interchange) == [message.segments for group in groups for message in group.messages]


@given(INTERCHANGES)
def test_writing_what_was_read_gives_the_same_bytes(written: tuple[Envelope, list[OutGroup]]) -> None:
    envelope, groups = written
    payload = write(envelope, groups)
    (interchange,) = cut(payload)
    again = iter(bodies(payload, interchange))
    reread = [
        replace(group, messages=[replace(message, segments=next(again)) for message in group.messages])
        for group in groups
    ]
    codec = interchange.charset
    assert write(replace(envelope, codec=codec), reread) == payload


@given(INTERCHANGES)
def test_lines_of_one_width_mean_nothing(written: tuple[Envelope, list[OutGroup]]) -> None:
    envelope, groups = written
    envelope.separators = replace(envelope.separators, line="")
    plain = write(envelope, groups)
    broken = write(replace(envelope, columns=80), groups)
    assert broken.replace(b"\n", b"") == plain
    (one,), (other,) = cut(plain), cut(broken)
    codes = [finding.code for finding in one.all_findings]
    assert [finding.code for finding in other.all_findings] == [*["HUB-1036"] * (len(plain) > 80), *codes]
    assert other.charset == one.charset
    assert bodies(broken, other) == bodies(plain, one)


@given(INTERCHANGES, st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_chunks_never_change_the_result(written: tuple[Envelope, list[OutGroup]], sizes: list[int]) -> None:
    payload = write(*written) + b"\r\n\x1a" + write(*written) + b"left over"
    assert list(cut(chunks(payload, sizes))) == list(cut(payload))


PIECES = [b"'", b"~", b"?", b"??", b"UNB+", b"UNA:+.? '", b"ISA*", b"SE*", b"ST*850*1~", b"BIN*9*", b"UNO+1+a+b+5'"]
PIECES += [b"UNP+1'", b"\r\n", b" ", b"IEA*1*1~", b"UNZ+1+1'", b"UNE+1+1'", b"TA1*1~", b"GS*PO*", "ü".encode(), b"\xff"]
DAMAGE = st.lists(
    st.tuples(st.integers(0), st.integers(0, 9), st.binary(max_size=4) | st.sampled_from(PIECES)),
    min_size=1,
    max_size=5,
)
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=4)


@given(INTERCHANGES, DAMAGE, SIZES)
def test_damage_gives_findings_or_an_unreadable_error(
    written: tuple[Envelope, list[OutGroup]], damage: list[tuple[int, int, bytes]], sizes: list[int]
) -> None:
    check_damaged(write(*written), damage, sizes)


@settings(max_examples=200)
@given(st.sampled_from(SAMPLES), DAMAGE, SIZES)
def test_damage_to_real_payloads(sample: Path, damage: list[tuple[int, int, bytes]], sizes: list[int]) -> None:
    check_damaged(sample.read_bytes(), damage, sizes)


def check_damaged(payload: bytes, damage: list[tuple[int, int, bytes]], sizes: list[int]) -> None:
    """Replace bytes here and there; whatever can still be read is the same in chunks, and every span is right."""
    spoiled = bytearray(payload)
    for place, count, piece in damage:
        at = place % (len(spoiled) + 1)
        spoiled[at : at + count] = piece
    damaged = bytes(spoiled)
    interchanges = outcome(damaged)
    assert outcome(chunks(damaged, sizes)) == interchanges
    if isinstance(interchanges, str):
        return
    end = 0
    for interchange in interchanges:
        if interchange.standard in ("x12", "edifact"):
            assert interchange.offset >= end
            end = interchange.offset + interchange.length
            assert end <= len(damaged)
            check_spans(damaged, interchange)


def outcome(payload: bytes | list[bytes]) -> list[Interchange] | str:
    """The interchanges of a payload, or why nothing can read it."""
    try:
        return list(cut(payload))
    except UnreadableError as error:
        return str(error)


def check_spans(payload: bytes, interchange: Interchange) -> None:
    """Every span parses, counts as many segments as the cutter, and every segment is where its offset says."""
    end = interchange.offset
    for span in interchange.messages:
        assert span.offset >= end
        end = span.offset + span.length
        assert end <= interchange.offset + interchange.length
        message = parse(payload[span.offset : end], span, interchange)
        assert len(message.segments) == span.segments
        if not interchange.wrapped:
            for segment, offset in zip(message.segments, message.offsets, strict=True):
                assert payload[offset:end].startswith(segment[0].encode(interchange.charset, "replace")) or (
                    "\ufffd" in segment[0]
                )


@given(st.binary(max_size=200) | st.text("ISAUNBHG*+:'~? \r\n0123\x00", max_size=300).map(str.encode))
def test_any_bytes_at_all(payload: bytes) -> None:
    interchanges = outcome(payload)
    if isinstance(interchanges, str):
        assert interchanges.startswith("HUB-10")
        return
    for interchange in interchanges:
        if interchange.standard in ("x12", "edifact"):
            check_spans(payload, interchange)


@given(st.lists(st.text("a?'+: \n", max_size=10), min_size=1, max_size=6))
def test_runs_of_release_characters(texts: list[str]) -> None:
    texts = [text.replace("\n", "?") or "?" for text in texts]
    message = OutMessage(
        type="ORDERS", version="D.96A", control_number="1", segments=[["FTX", "AAI", text + "x"] for text in texts]
    )
    envelope = Envelope(
        standard="edifact", sender="14:US", receiver="14:THEM", control_number="1", prepared=PREPARED, syntax="UNOC"
    )
    payload = write(envelope, [OutGroup(messages=[message])])
    (interchange,) = cut(payload)
    assert interchange.all_findings == []
    assert bodies(payload, interchange) == [message.segments]


def chunks(payload: bytes, sizes: list[int]) -> list[bytes]:
    """payload in pieces of these sizes, again and again."""
    pieces, position, turn = [], 0, 0
    while position < len(payload):
        size = sizes[turn % len(sizes)]
        pieces.append(payload[position : position + size])
        position, turn = position + size, turn + 1
    return pieces
