"""Reading and writing again is identity on valid interchanges: real samples come out byte for byte."""

from datetime import datetime
from pathlib import Path

import pytest

from hub.errors import UnreadableError
from hub.syntax import Envelope, Interchange, Message, OutGroup, OutMessage, cut, elements, parse, write
from hub.syntax.describe import at, components

SAMPLES = sorted(path for path in (Path(__file__).parents[1] / "golden" / "samples").glob("*/*") if path.is_file())
COUNTS = {"x12": (9, 5), "edifact": (3, 0)}
"""How many samples keep every rule of their envelope, and how many of those are in the form that is written."""


def rewritten(payload: bytes) -> bytes | None:
    """The only interchange of a payload read and written again; None: there is more than one, or it breaks a rule."""
    try:
        interchange, *more = cut(payload)
    except UnreadableError:
        return None
    if more or interchange.all_findings or interchange.notes or interchange.packages:
        return None
    bodies = [
        parse(payload[span.offset : span.offset + span.length], span, interchange) for span in interchange.messages
    ]
    return write(envelope_of(interchange, payload), groups_of(interchange, bodies))


def envelope_of(found: Interchange, payload: bytes) -> Envelope:
    """The envelope that was read, as one to write."""
    date, time = found.prepared
    year = "%Y%m%d" if len(date) == 8 else "%y%m%d"
    x12 = found.standard == "x12"
    parts = [components(at(found.header, number), found.separators) for number in range(12)]
    return Envelope(
        standard=found.standard,
        sender=found.sender.removeprefix(":"),
        receiver=found.receiver.removeprefix(":"),
        control_number=found.control_number,
        prepared=datetime.strptime(date + time, f"{year}%H%M"),  # noqa: DTZ007 - EDI has no zone
        test=found.test,
        version=found.version,
        syntax="" if x12 else parts[1][0],
        separators=found.separators,
        acknowledgement=found.acknowledgement == "1",
        sender_address="" if x12 else at(parts[2], 2),
        receiver_address="" if x12 else at(parts[3], 2),
        password="" if x12 else parts[6][0],
        password_qualifier="" if x12 else at(parts[6], 1),
        application="" if x12 else parts[7][0],
        priority="" if x12 else parts[8][0],
        agreement="" if x12 else parts[10][0],
        una=payload.startswith(b"UNA"),
        codec=found.charset,
    )


def groups_of(found: Interchange, bodies: list[Message]) -> list[OutGroup]:
    rest = iter(bodies)
    return [
        OutGroup(
            functional_id=group.functional_id,
            sender=group.sender or "",
            receiver=group.receiver or "",
            control_number=group.control_number or "1",
            version=group.version or "",
            messages=[
                OutMessage(
                    type=span.type,
                    version=span.version,
                    control_number=span.control_number,
                    association=span.association,
                    segments=[elements(message, segment) for segment in message.segments[1:-1]],
                )
                for span, message in zip(group.messages, rest, strict=False)
            ],
        )
        for group in found.groups
    ]


@pytest.mark.parametrize("standard", COUNTS)
def test_samples_come_out_as_they_went_in(standard: str) -> None:
    """What differs is what writing tidies: empty elements at an end, a group's own date. Once tidied, it stays."""
    same = tried = 0
    for path in SAMPLES:
        payload = path.read_bytes()
        if path.parent.name != standard or (written := rewritten(payload)) is None:
            continue
        tried += 1
        same += written.strip() == payload.strip()
        assert rewritten(written) == written, path.name
    assert (tried, same) == COUNTS[standard]
