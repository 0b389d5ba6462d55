"""TA1, 997 and 999: the answers to an X12 interchange (X12.5, X12.20, X12.56)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby

from hub.acknowledgement.accepted import Accepted, Together
from hub.acknowledgement.context import contexts
from hub.acknowledgement.model import Detail, Status
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
from hub.errors import DataError, Finding, UsageError
from hub.record import replace
from hub.schema import MessageDef, definition
from hub.syntax.charset import EBCDIC
from hub.syntax.model import X12_SEPARATORS, Element, Group, Interchange, MessageSpan, Separators
from hub.syntax.pen import Ready
from hub.syntax.writer import Envelope, OutGroup, OutMessage, write

_LETTER: dict[Status, str] = {"accepted": "A", "accepted_with_errors": "E", "partially": "P", "rejected": "R"}
_ELEMENTS_PER_SEGMENT = 99
_COPIED = 99
_NO_TYPE = "000"
"""AK201 of a message whose ST01 is empty: the element is mandatory, and this is no message type."""

_ISA_LENGTH = 106
"""Bytes from the I of ISA to its terminator; the writer always pads it."""


def acknowledge_x12(
    interchange: Interchange,
    results: Sequence[MessageResult],
    kind: str | None,
    control_number: int,
    group_control_number: int | Sequence[int],
    at: datetime,
    separators: Separators | None,
    detail: Detail,
) -> bytes | None:
    """One interchange with the TA1 and the 997 or 999 groups due; None if nothing is."""
    if not interchange.header:
        return None
    separators = separators or _separators(interchange)
    note = _ta1(interchange, kind)
    groups: list[OutGroup] = []
    if kind != "TA1" and not (note and note[4] == "R"):
        by_span = Results(results)
        answered = acknowledged_groups(interchange, results)
        groups = [
            _group(interchange, each, by_span, kind or "997", number, separators, detail)
            for each, number in zip(answered, group_numbers(group_control_number, len(answered)), strict=True)
        ]
    if note is None and not groups:
        return None
    _check_identities(interchange, separators)
    envelope = Envelope(
        standard="x12",
        sender=interchange.receiver,
        receiver=interchange.sender,
        control_number=str(control_number),
        prepared=at,
        test=interchange.test,
        version=interchange.version if re.fullmatch("00[2-9][0-9]{2}", interchange.version) else "00401",
        separators=separators,
        codec="latin-1" if interchange.charset in EBCDIC else interchange.charset,
    )
    written = write(envelope, groups)
    return _with_note(written, note, separators) if note else written


def acknowledged_groups(interchange: Interchange, results: Iterable[MessageResult]) -> list[Group]:
    """The X12 groups that get a 997 or 999: not those of acknowledgements, by GS01 or by what is in them; what only
    says that it is one is none (HUB-2004).
    """
    others = {one.span.ordinal for one in results if any(each.code == "HUB-2004" for each in one.findings)}
    return [
        each
        for each in interchange.groups
        if not each.implicit
        and each.functional_id != "FA"
        and not (each.messages and all(_acknowledges(span, others) for span in each.messages))
    ]


def _acknowledges(span: MessageSpan, others: set[int]) -> bool:
    return span.type in ("997", "999") and span.ordinal not in others


def group_numbers(given: int | Sequence[int], count: int) -> list[int]:
    """One control number for each group: those given, or counted up from the one given."""
    if isinstance(given, int):
        return [given + index for index in range(count)]
    if len(given) < count:
        raise UsageError("HUB-7002", f"{count} groups are answered, but there are {len(given)} group control numbers.")
    return list(given[:count])


def _separators(interchange: Interchange) -> Separators:
    """The partner's own separators, or the usual ones where theirs cannot be used."""
    sent = interchange.separators
    if sent.repetition is None and interchange.version >= "00402":
        sent = replace(sent, repetition=X12_SEPARATORS.repetition)
    return usable(sent, X12_SEPARATORS)


def _with_note(written: bytes, note: list[str], separators: Separators) -> bytes:
    """The interchange with the TA1 right behind its ISA."""
    behind = _ISA_LENGTH + len(separators.line.encode("latin-1"))
    end = (separators.segment + separators.line).encode("latin-1")
    return written[:behind] + separators.element.join(note).encode("ascii", "replace") + end + written[behind:]


def _check_identities(interchange: Interchange, separators: Separators) -> None:
    """DataError: an identity holds a separator, so no ISA can carry it."""
    for identity in (interchange.sender, interchange.receiver):
        if {separators.element, separators.component, separators.segment} & set(identity.replace(":", "", 1)):
            text = f"The identity {identity!r} holds a separator, so the interchange cannot be answered."
            raise DataError("HUB-1062", f"{text} Ask the sender to correct its ISA.", value=identity)


def _ta1(interchange: Interchange, kind: str | None) -> list[str] | None:
    """The TA1 that is due: asked for by ISA14 or by the caller, or because the interchange cannot be used.

    An interchange that holds TA1 segments alone is never answered.
    """
    if interchange.notes and not interchange.groups:
        return None
    faults = [(row, each) for row, each in interchange_faults(interchange) if row.ta1]
    status = status_of(faults)
    if kind != "TA1" and status != "rejected" and interchange.acknowledgement != "1":
        return None
    grave = [row.ta1 for row, each in faults if each.severity == "reject"] or [row.ta1 for row, _ in faults]
    number = interchange.control_number
    number = number.zfill(9) if re.fullmatch("[0-9]{1,9}", number) else "0" * 9
    date, time = interchange.prepared
    date = date if re.fullmatch("[0-9]{6}", date) else "000000"
    time = time if re.fullmatch("[0-9]{4}", time) else "0000"
    return ["TA1", number, date, time, _LETTER[status], grave[0] or "000" if grave else "000"]


def _group(
    interchange: Interchange,
    group: Group,
    by_span: Results,
    kind: str,
    control_number: int,
    separators: Separators,
    detail: Detail,
) -> OutGroup:
    """The 997 or 999 of one group, in a group of its own because GS02 and GS03 belong to the answered one."""
    version = release_of(group, kind)
    faults = [(row, each) for row, each in group_faults(interchange, group) if row.ak9]
    lost = status_of(faults) == "rejected"

    accepted = Accepted(by_span, separators, partial(_accepted, prefix="IK" if kind == "999" else "AK"))

    def answers() -> Iterator[tuple[Status, int, Sequence[list[Element] | Ready]]]:
        for each in group.messages if lost else accepted.runs(group.messages):
            if isinstance(each, Together):
                yield "accepted", each.messages, [each.rows]
            else:
                status, rows = _message(by_span.of(each), kind, separators, version, lost=lost)
                yield status, 1, rows

    named = detail == "message" or any(status != "accepted" for status, _, _ in answers())

    def segments() -> Iterator[list[Element] | Ready]:
        opening: list[Element] = ["AK1", group.functional_id or "", group.control_number or "0"]
        yield [*opening, group.version or ""] if version >= "005010" else opening
        statuses: Counter[Status] = Counter()
        for status, count, answer in answers():
            statuses[status] += count
            yield from answer if named else []
        yield _conclusion(statuses, faults, version)

    sender, receiver = swapped(interchange, group)
    return OutGroup(
        functional_id="FA",
        sender=sender,
        receiver=receiver,
        control_number=str(control_number),
        version=version,
        messages=[OutMessage(type=kind, version=version, control_number="0001", segments=Rows(segments))],
    )


def swapped(interchange: Interchange, group: Group) -> tuple[str, str]:
    """GS02 and GS03 of an answer to a group: its receiver and sender, or the interchange's where it names none."""
    parties = ((group.receiver, interchange.receiver), (group.sender, interchange.sender))
    sender, receiver = (own or around.partition(":")[2] for own, around in parties)
    return sender, receiver


def release_of(group: Group, kind: str) -> str:
    """The release of the answer: the group's own, and at least 005010 for a 999, which older releases do not have."""
    match = re.match("00[3-9][0-9]{3}", group.version or "")
    version = match[0] if match else "004010"
    return max(version, "005010") if kind == "999" else version


def _conclusion(statuses: Counter[Status], faults: list[Reported], version: str) -> list[Element]:
    """AK9: the group's status, the messages announced in GE01, those received and those accepted."""
    received = statuses.total()
    accepted = received - statuses["rejected"]
    if status_of(faults) == "rejected" or (received and not accepted):
        letter = "R"
    elif accepted < received:
        letter = "P"
    else:
        letter = "E" if faults or statuses["accepted_with_errors"] else "A"
    announced = next((each.value for row, each in faults if row.ak9 == "5" and (each.value or "").isdigit()), None)
    # Since 004050 element 716 has a code of its own for a number used twice; before, it only cannot be used.
    unique = {"HUB-1023": "19"} if version >= "004050" else {}
    codes = sorted({unique.get(each.code, row.ak9) for row, each in faults if row.ak9}, key=int)[:5]
    return ["AK9", letter, announced or str(received), str(received), str(accepted), *codes]


def _message(
    result: MessageResult, kind: str, separators: Separators, version: str, *, lost: bool
) -> tuple[Status, list[list[Element]]]:
    """AK2 to AK5 of one message (IK3, IK4, IK5 in a 999). lost: its group is rejected, and so is the message."""
    span, prefix = result.span, "IK" if kind == "999" else "AK"
    if span.type and not (lost or result.findings or span.findings):
        return "accepted", _accepted(span, span.control_number, prefix)
    faults = faults_of(result)
    defined = definition("x12", span.version, span.type)
    segments: list[list[Element]] = [["AK2", span.type or _NO_TYPE, span.control_number]]
    for number, at_segment in groupby(faults, key=lambda fault: fault[1].location.segment):
        if number is not None:
            here = list(at_segment)
            written = _segment(here, prefix, defined, separators, version)
            segments += contexts(written, here, result.units.get(number, ()), separators, prefix)
    status: Status = "rejected" if lost else status_of(faults)
    if not span.type:
        faults = [(replace(row, ak5="6", ik5="6") if row.ak5 == "1" else row, each) for row, each in faults]
    codes = {row.ik5 if kind == "999" else _of_release(row.ak5, version) for row, _ in faults}
    ordered = sorted((code for code in codes if code), key=lambda code: (len(code), code))
    segments.append([f"{prefix}5", _LETTER[status], *ordered[:5]])
    return status, segments


def _accepted(span: MessageSpan, number: str, prefix: str) -> list[list[Element]]:
    return [["AK2", span.type, number], [f"{prefix}5", "A"]]


def _of_release(code: str | None, version: str) -> str | None:
    """Element 718's 23, a number that is not unique, is another thing before 004050: there it is 7, not usable."""
    return "7" if code == "23" and version < "004050" else code


def _segment(
    faults: list[Reported], prefix: str, defined: MessageDef | None, separators: Separators, version: str
) -> list[list[Element]]:
    """AK3 for each fault of the segment itself, then one with code 8 and an AK4 for each fault of its elements."""
    segments: list[list[Element]] = []
    elements: list[list[Element]] = []
    where: list[Element] = []
    for row, each in faults:
        place = [_tag(each.location.tag or ""), str(each.location.segment), ""]
        code = row.ik3 if prefix == "IK" else row.ak3
        if code:
            segments.append([f"{prefix}3", *place, code])
        elif (row.ik4 if prefix == "IK" else row.ak4) and each.location.element:
            where = [*place]
            elements.append(
                _element(row.ik4 or "" if prefix == "IK" else row.ak4 or "", each, prefix, defined, version)
            )
            _copy(elements[-1], each.value, separators)
    if elements:
        segments += [[f"{prefix}3", *where, "8"], *elements[:_ELEMENTS_PER_SEGMENT]]
    return segments


def _tag(tag: str) -> str:
    """A tag as element 721 can carry it: two or three letters or digits, damaged ones replaced by Z."""
    return "".join(each if each.isascii() and each.isalnum() else "Z" for each in tag[:3]).ljust(2, "Z")


def _element(code: str, finding: Finding, prefix: str, defined: MessageDef | None, version: str) -> list[Element]:
    place = finding.location
    position = [str(place.element), str(place.component or "")]
    if version >= "005010":
        position.append(str(place.repetition or ""))
    return [f"{prefix}4", position, _reference(defined, place.tag or "", place.element or 0, place.component), code]


def _reference(defined: MessageDef | None, tag: str, element: int, component: int | None) -> str:
    """The number of the data element at a place; empty where the directory does not tell or names a composite."""
    segment = defined.segments.get(tag) if defined else None
    if segment is None or not 0 < element <= len(segment.elements):
        return ""
    found = segment.elements[element - 1]
    if component and found.components and component <= len(found.components):
        found = found.components[component - 1]
    return found.id if found.id.isdigit() else ""


def _copy(segment: list[Element], value: str | None, separators: Separators) -> None:
    """Add the copy of the bad value, where the acknowledgement can carry it."""
    marks = {separators.element, separators.component, separators.segment, separators.repetition}
    copied = (value or "")[:_COPIED].strip()
    if copied and copied.isascii() and copied.isprintable() and not marks & set(copied):
        segment.append(copied)
