"""What is found in a damaged message comes back from its own acknowledgement, at the same segment and element."""

from collections import Counter
from datetime import datetime
from random import Random

import pytest

from hub.acknowledgement import MessageResult, acknowledge, check_messages, read_acknowledgement
from hub.acknowledgement.verdict import faults_of, status_of
from hub.catalogue import CATALOGUE
from hub.errors import Finding
from hub.schema import definition
from hub.syntax import Interchange, cut, parse
from hub.syntax.model import Message
from tests.properties.edi_messages import EDIFACT, X12, damage, random_message
from tests.unit.edi import edifact, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
Place = tuple[int | None, int | None, int | None]
CASES = [
    ("997", "x12", "004010", "850"),
    ("997", "x12", "005010", "856"),
    ("999", "x12", "005010", "810"),
    ("CONTRL", "edifact", "D.96A", "ORDERS"),
    ("CONTRL", "edifact", "D.01B", "DESADV"),
]


def payload_of(message: Message, standard: str, version: str, type_: str) -> bytes:
    mark = message.separators.element
    body = [mark.join(segment) for segment in message.segments[1:-1] if segment]
    if standard == "x12":
        return x12(body, type=type_, version=version)
    return edifact(body, type=type_, version=version.replace(".", ":"))


def told(found: Finding, kind: str) -> Place | None:
    """Where an acknowledgement names a finding; None: it names it for the message as a whole, or not at all."""
    place, row = found.location, CATALOGUE[found.code]
    if kind == "CONTRL":
        service = place.tag in ("UNH", "UNT") and found.code != "HUB-2014"
        if row.contrl is None or service or place.segment is None:
            return None
        if found.code == "HUB-2014":  # CONTRL reports a missing segment at the one before
            return max(place.segment - 1, 1), None, None
        return place.segment, place.element, place.component if place.element else None
    of_segment, of_element = (row.ik3, row.ik4) if kind == "999" else (row.ak3, row.ak4)
    if of_segment:
        return place.segment, None, None
    return (place.segment, place.element, place.component) if of_element and place.element else None


def answered(interchange: Interchange, result: MessageResult, kind: str) -> tuple[str, list[Place]]:
    body = acknowledge(interchange, [result], kind=kind, at=AT) or b""
    (answer,) = cut(body)
    (span,) = answer.messages
    read = read_acknowledgement(parse(body[span.offset : span.offset + span.length], span, answer)).answers[-1]
    places = [
        (each.location.segment, each.location.element, each.location.component)
        for each in read.findings
        if each.code in ("HUB-7013", "HUB-7014")
    ]
    return read.status, places


@pytest.mark.parametrize(("kind", "standard", "version", "type_"), CASES)
def test_findings_come_back_at_their_places(kind: str, standard: str, version: str, type_: str) -> None:
    random = Random(f"{kind}{version}{type_}")  # noqa: S311 - repeatable, not secret
    made = definition(standard, version, type_)
    assert made is not None
    named = 0
    for _ in range(40):
        right = random_message(random, made, X12 if standard == "x12" else EDIFACT)
        payload = payload_of(damage(random, right, made), standard, version, type_)
        interchanges = list(cut(payload))
        if len(interchanges) != 1 or len(interchanges[0].messages) != 1:
            continue  # the damage made another envelope of it
        (result,) = check_messages(payload, interchanges[0])
        faults = faults_of(result)
        status, places = answered(interchanges[0], result, kind)
        if kind == "CONTRL" and status_of(faults) != "rejected":
            assert (status, places) == ("accepted", [])
            continue
        assert status == status_of(faults)
        expected = [place for _, each in faults if (place := told(each, kind)) is not None]
        assert Counter(places) == Counter(expected)
        named += len(expected)
    assert named > 10
