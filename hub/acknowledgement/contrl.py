"""CONTRL: the answer to an EDIFACT interchange (ISO 9735, syntax versions 1 to 4).

CONTRL knows no "accepted with errors": a message is acknowledged (action 7) or rejected (4), and only rejected ones
carry faults. Every message is named, so that nobody has to infer its fate.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from hub.acknowledgement.accepted import Accepted, Together
from hub.acknowledgement.model import Detail
from hub.acknowledgement.results import MessageResult
from hub.acknowledgement.separators import usable
from hub.acknowledgement.verdict import (
    Reported,
    Results,
    Rows,
    faults_of,
    group_faults,
    interchange_faults,
    status_of,
)
from hub.errors import DataError
from hub.location import Location
from hub.record import replace
from hub.syntax.charset import UNOX
from hub.syntax.model import EDIFACT_SEPARATORS, Element, Group, Interchange, Message, MessageSpan, Segment, Separators
from hub.syntax.pen import Ready
from hub.syntax.writer import Envelope, OutGroup, OutMessage, write

_ACKNOWLEDGED, _REJECTED = "7", "4"
_SERVICE = ("UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT")
_ELEMENTS_PER_SEGMENT = 99
_MISSING = "HUB-2014"
_ABSENT = {"HUB-1013": "UNZ", "HUB-1014": "UNE", "HUB-1015": "UNT"}
"""The service segment that is missing, by code: the finding itself stands at the header it belongs to."""

_IDENTIFIER = {"4": 7}
"""How many components S009, the message identifier, has by syntax version, if not 5."""


def acknowledge_edifact(
    interchange: Interchange,
    results: Sequence[MessageResult],
    control_number: int,
    at: datetime,
    separators: Separators | None,
    detail: Detail,
) -> bytes | None:
    """One interchange with one CONTRL; None if all it holds is CONTRL, or if no UNB says whom to answer and what."""
    messages = [each for each in interchange.messages if each.type != "CONTRL"]
    named = all(identity.strip(":") for identity in (interchange.sender, interchange.receiver))
    answerable = interchange.header and interchange.control_number and named
    if not answerable or (interchange.messages and not messages):
        return None
    header = _header(interchange)
    faults = [(row, each) for row, each in interchange_faults(interchange) if row.contrl]
    rejected = status_of(faults) == "rejected"
    by_span = Results(results)

    separators = separators or usable(interchange.separators, EDIFACT_SEPARATORS)
    accepted = Accepted(by_span, separators, _accepted)

    def segments() -> Iterator[list[Element] | Ready]:
        action = _action(rejected, faults, interchange.version)
        yield ["UCI", interchange.control_number, header[2], header[3], *action]
        if not rejected:
            for group in sorted(interchange.groups, key=lambda each: not each.implicit):
                yield from _group(interchange, group, by_span, accepted, detail)

    version = interchange.version if interchange.version in ("1", "2", "3", "4") else "3"
    message = OutMessage(
        type="CONTRL", version="4.1" if version == "4" else "D.3", control_number="1", segments=Rows(segments)
    )
    envelope = Envelope(
        standard="edifact",
        sender=interchange.receiver,
        receiver=interchange.sender,
        sender_address=_address(header[3]),
        receiver_address=_address(header[2]),
        control_number=str(control_number),
        prepared=at,
        test=interchange.test,
        version=version,
        separators=separators,
    )
    return _write(envelope, message, header[1][0])


def _write(envelope: Envelope, message: OutMessage, syntax: str) -> bytes:
    """Written in the charset of the answered interchange, or in a wider one if what it repeats does not fit there."""
    wider = ["UNOC", "UNOY"]
    for choice in [syntax, *wider] if syntax in UNOX else wider:
        try:
            return write(replace(envelope, syntax=choice), [OutGroup(messages=[message])])
        except DataError as error:
            if error.code != "HUB-1061" or choice == wider[-1]:
                raise
    raise AssertionError("the last charset holds every character")


def _header(interchange: Interchange) -> list[list[str]]:
    """The components of each element of UNB, release characters undone, at least four elements."""
    reader = Message(
        span=MessageSpan(
            index=1, ordinal=1, type="", version="", control_number="", offset=0, length=0, segments=0, group=1
        ),
        standard="edifact",
        separators=interchange.separators,
        segments=[],
        offsets=[],
        escaped=True,
    )
    parts: Segment = [*interchange.header, "", "", "", ""]
    return [reader.components(part) for part in parts]


_BEFORE_4 = {"45": "16", "48": "13"}
_SINCE_4 = {"1": "12", "31": "12", "34": "12", "38": "37"}
"""0085 was shortened and extended with syntax version 4: the code to write where the list lacks ours."""


def _code(code: str | None, syntax: str) -> str:
    listed = _SINCE_4 if syntax == "4" else _BEFORE_4
    return listed.get(code or "", code or "")


def _address(party: Sequence[str]) -> str:
    """The address for internal routing of S002 or S003 (0008, 0014), which an answer carries back."""
    return party[2] if len(party) > 2 else ""


def _action(rejected: bool, faults: Sequence[Reported], syntax: str) -> list[Element]:
    """0083, and for a rejected level 0085, 0013 and S011 of its gravest fault in a service segment."""
    if not rejected:
        return [_ACKNOWLEDGED]
    grave = next((fault for fault in faults if fault[1].severity == "reject" and fault[0].contrl), None)
    if grave is None:
        return [_REJECTED]
    row, finding = grave
    tag = _ABSENT.get(finding.code) or finding.location.tag or ""
    place = _place(finding.location, syntax) if tag in _SERVICE else ""
    return [_REJECTED, _code(row.contrl, syntax), tag if tag in _SERVICE else "", place]


def _place(location: Location, syntax: str) -> Element:
    """S011: the tag of the segment counts as position 1, components count from 1, and since version 4 repetitions."""
    if location.element is None:
        return ""
    place = [str(location.element + 1), str(location.component or "")]
    return [*place, str(location.repetition)] if syntax == "4" and location.repetition else place


def _group(
    interchange: Interchange, group: Group, by_span: Results, accepted: Accepted, detail: Detail
) -> Iterator[list[Element] | Ready]:
    """UCF for a group that the sender made, then UCM for each of its messages."""
    if not group.implicit:
        faults = [(row, each) for row, each in group_faults(interchange, group) if row.contrl]
        rejected = status_of(faults) == "rejected"
        sender, receiver = _identity(group.sender), _identity(group.receiver)
        yield ["UCF", group.control_number or "0", sender, receiver, *_action(rejected, faults, interchange.version)]
        if rejected:
            return
    # Action 7 of the level above acknowledges what is not named below it.
    for each in accepted.runs(span for span in group.messages if span.type != "CONTRL"):
        if isinstance(each, Together):
            yield from [each.rows] if detail == "message" else []
        else:
            named = _message(by_span.of(each), interchange.version)
            yield from named if detail == "message" or named[0][3] == _REJECTED else []


def _identity(identity: str | None) -> list[str]:
    qualifier, _, value = (identity or "").rpartition(":")
    return [value, qualifier]


def _identifier(span: MessageSpan) -> list[str]:
    """S009 as a message of the United Nations' has it."""
    return [span.type, *span.version.split(".")[:2], "UN", span.association or ""]


def _message(result: MessageResult, syntax: str) -> list[list[Element]]:
    """UCM, and for a rejected message UCS and UCD of its faults in segments of the body."""
    span = result.span
    if not (result.findings or span.findings or result.message):
        return _accepted(span, span.control_number)
    faults = [fault for fault in faults_of(result) if fault[0].contrl]
    rejected = status_of(faults) == "rejected"
    service = [fault for fault in faults if fault[1].location.tag in _SERVICE and fault[1].code != _MISSING]
    kind: Element = _identifier(span)
    if result.message is not None and len(result.message.segments[0]) > 2:
        kind = [
            part.strip()
            for part in result.message.components(result.message.segments[0][2])[: _IDENTIFIER.get(syntax, 5)]
        ]
    segments: list[list[Element]] = [["UCM", span.control_number, kind, *_action(rejected, service, syntax)]]
    if rejected:
        body = [fault for fault in faults if fault not in service and fault[1].location.segment is not None]
        for number, at_segment in groupby(body, key=lambda fault: fault[1].location.segment):
            segments += _segment(number or 1, list(at_segment), syntax)
    elif faults:
        segments[0] = ["UCM", span.control_number, kind, _ACKNOWLEDGED]
    return segments


def _accepted(span: MessageSpan, number: str) -> list[list[Element]]:
    return [["UCM", number, _identifier(span), _ACKNOWLEDGED]]


def _segment(number: int, faults: list[Reported], syntax: str) -> list[list[Element]]:
    """UCS for each fault of the segment itself, then one UCS with a UCD for each fault of its elements.

    A missing segment is reported at the segment before the place where it should be.
    """
    segments: list[list[Element]] = []
    elements: list[list[Element]] = []
    for row, finding in faults:
        if finding.location.element is None:
            position = max(number - 1, 1) if finding.code == _MISSING else number
            segments.append(["UCS", str(position), _code(row.contrl, syntax)])
        else:
            elements.append(["UCD", _code(row.contrl, syntax), _place(finding.location, syntax)])
    if elements:
        segments += [["UCS", str(number)], *elements[:_ELEMENTS_PER_SEGMENT]]
    return segments
