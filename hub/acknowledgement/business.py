"""824 and APERAK: the business answer to messages that were accepted technically and cannot be used as they are.

It tells what a guide or the hub's own rules have against a message; syntax faults belong to 997, 999 and CONTRL, and
stay there. One 824 (X12.44) or APERAK (UN/EDIFACT) for each message with such a fault, all in one interchange.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap
from typing import Literal

from hub.acknowledgement.results import MessageResult
from hub.acknowledgement.separators import usable
from hub.acknowledgement.x12 import group_numbers, release_of, swapped
from hub.errors import Finding, UsageError
from hub.schema import definition
from hub.syntax.model import EDIFACT_SEPARATORS, X12_SEPARATORS, Element, Group, Interchange, Separators
from hub.syntax.writer import Envelope, OutGroup, OutMessage, write

BusinessKind = Literal["824", "APERAK"]
BUSINESS_KINDS = {"x12": "824", "edifact": "APERAK"}
"""The business answer of each standard."""

_MISSING, _INCORRECT = "007", "848"
_CONDITIONS = {"HUB-3310": _MISSING, "HUB-3312": _MISSING}
"""X12 647: data that is missing; everything else is incorrect data."""

_NOTE, _COPIED, _PIECE, _LINE = 60, 99, 80, 69
_MOST_NOTES, _MOST_LINES, _MOST_FAULTS = 10, 5, 999
_SERVICE_TIME = "%Y%m%d%H%M"


def answer_business(
    interchange: Interchange,
    results: Sequence[MessageResult],
    *,
    kind: str,
    control_number: int = 1,
    group_control_number: int | Sequence[int] | None = None,
    at: datetime,
    separators: Separators | None = None,
) -> bytes | None:
    """One interchange with the business answers to one interchange; None where no message has a fault to tell.

    A fault is a finding of `MessageResult.business` of severity reject or error. Sender and receiver are swapped.
    control_number: ISA13 or UNB 0020. group_control_number: GS06 of each answered group, or of the first, counted up;
    None: control_number is. at: the date and time written.

    UsageError: the standard has no such answer, or a group no number. DataError: what the partner sent cannot be
    written back.
    """
    if BUSINESS_KINDS.get(interchange.standard) != kind:
        has = BUSINESS_KINDS.get(interchange.standard, "none")
        text = f"The business answer to {interchange.standard} is {has}; there is no {kind} for it. Leave the kind out."
        raise UsageError("HUB-7001", text)
    faulty = [result for result in results if _faults(result)]
    if not faulty or not interchange.header:
        return None
    x12 = kind == "824"
    if x12:
        answered = answered_groups(interchange, results)
        first = control_number if group_control_number is None else group_control_number
        numbers = group_numbers(first, len(answered))
        groups = _groups(interchange, answered, faulty, control_number, numbers, at)
    else:
        answers = [_aperak(interchange, each, control_number, number, at) for number, each in enumerate(faulty, 1)]
        groups = [OutGroup(messages=answers)]
    version = interchange.version
    known = re.fullmatch("[0-9]{5}", version) if x12 else version in ("1", "2", "3", "4")
    syntax = interchange.header[1].split(interchange.separators.component)[0] if not x12 else "UNOC"
    envelope = Envelope(
        standard=interchange.standard,
        sender=interchange.receiver,
        receiver=interchange.sender,
        control_number=str(control_number),
        prepared=at,
        test=interchange.test,
        version=version if known else "00401" if x12 else "3",
        separators=separators or usable(interchange.separators, X12_SEPARATORS if x12 else EDIFACT_SEPARATORS),
        syntax=syntax,
        exchange=x12,
        transliterate=True,
    )
    return write(envelope, groups)


def _faults(result: MessageResult) -> list[Finding]:
    return [each for each in result.business if each.severity != "warn"][:_MOST_FAULTS]


# -- 824


def answered_groups(interchange: Interchange, results: Sequence[MessageResult]) -> list[Group]:
    """The groups an 824 answers: those with a message that has a fault."""
    faulty = {result.span.group for result in results if _faults(result)}
    return [group for group in interchange.groups if group.index in faulty]


def _groups(
    interchange: Interchange,
    answered: Sequence[Group],
    faulty: Sequence[MessageResult],
    control_number: int,
    numbers: Sequence[int],
    at: datetime,
) -> list[OutGroup]:
    """One group for each answered one, since GS02 and GS03 are the answered group's."""
    groups, reference = [], 0
    for group, number in zip(answered, numbers, strict=True):
        version = release_of(group, "824")
        sender, receiver = swapped(interchange, group)
        messages: list[OutMessage] = []
        for each in (each for each in faulty if each.span.group == group.index):
            reference += 1
            body = _824(group, each, f"{control_number:09}{reference:04}", at)
            messages.append(
                OutMessage(type="824", version=version, control_number=str(len(messages) + 1), segments=body)
            )
        groups.append(
            OutGroup(
                functional_id="AG",
                sender=sender,
                receiver=receiver,
                control_number=str(number),
                version=version,
                messages=messages,
            )
        )
    return groups


def _824(group: Group, result: MessageResult, reference: str, at: datetime) -> list[list[Element]]:
    span, document = result.span, result.document
    of_document: list[Element] = [document.qualifier, document.value] if document else ["TN", span.control_number]
    answered: list[Element] = [group.control_number or "", span.control_number, span.type, span.version]
    segments: list[list[Element]] = [
        ["BGN", "11", reference, f"{at:%Y%m%d}", f"{at:%H%M}"],
        ["OTI", "TR", *of_document, group.sender or "", group.receiver or "", "", "", *answered],
    ]
    defined = definition("x12", span.version, span.type)
    for each in _faults(result):
        place = each.location
        element = place.element or 0
        shape = defined.segments.get(place.tag or "") if defined else None
        known = shape.elements[element - 1].id if shape and 0 < element <= len(shape.elements) else ""
        row: list[Element] = ["TED", _CONDITIONS.get(each.code, _INCORRECT), _plain(each.message)[:_NOTE].strip()]
        row += [(place.tag or "")[:3], str(place.segment or ""), str(place.element or "")]
        row += [known if known.isdigit() else "", _plain(each.value or "")[:_COPIED].strip()]
        segments.append(row)
        pieces = wrap(f"{each.code} {_plain(each.message)}", _PIECE)
        segments += [["NTE", "", piece] for piece in pieces[:_MOST_NOTES]]
    return segments


# -- APERAK


def _aperak(
    interchange: Interchange, result: MessageResult, control_number: int, number: int, at: datetime
) -> OutMessage:
    """D.01B to newer messages, else D.96A. SG3 (SG4): ERC with our code, FTX with place and sentence, RFF with the
    message and, as its line, the segment."""
    span = result.span
    newer = (made := definition("edifact", span.version, "APERAK")) is not None and made.version >= "D.0"
    newer = newer and made is not None and made.version[2] != "9"
    segments: list[list[Element]] = [
        ["BGM", "313", f"{control_number}-{number}", "27"],
        ["DTM", ["137", f"{at:{_SERVICE_TIME}}", "203"]],
    ]
    if result.document:
        segments.append(["RFF", ["ACE", result.document.value]])
    segments.append(["RFF", ["ACW", span.control_number]])
    for role, identity in (("MS", interchange.receiver), ("MR", interchange.sender)):
        qualifier, _, value = identity.rpartition(":")
        segments.append(["NAD", role, [value[:35], "", "9" if qualifier == "14" else ""]])
    for each in _faults(result):
        place = each.location
        name = f"{place.tag}{place.element:02}" if place.element else place.tag or ""
        name += f"-{place.component}" if place.component else ""
        text = f"{name}: {_plain(each.message)}" if name else _plain(each.message)
        segments.append(["ERC", each.code[:8]])
        segments.append(["FTX", "AAO", "", "", wrap(text, _LINE)[:_MOST_LINES]])
        segments.append(["RFF", ["ACW", span.control_number, str(place.segment or "")]])
    return OutMessage(
        type="APERAK", version="D.01B" if newer else "D.96A", control_number=str(number), segments=segments
    )


def _plain(text: str) -> str:
    """One line of printable characters."""
    return "".join(each if each.isprintable() else " " for each in text)
