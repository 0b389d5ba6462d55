"""824 and APERAK that come in, read into answers about our messages."""

import re
from itertools import takewhile

from hub.acknowledgement.model import Answer, Status
from hub.errors import Finding, Severity, finding
from hub.location import Location
from hub.syntax.model import Message, Segment

_STATUS: dict[str, Status] = {
    "A": "accepted",
    "C": "accepted_with_errors",
    "E": "accepted_with_errors",
    "P": "partially",
    "R": "rejected",
}
"""The second letter of X12 110: accepted, with changes, with errors, partially, rejected."""

_RESPONSES: dict[str, Status] = {"27": "rejected", "29": "accepted", "34": "accepted_with_errors"}
"""EDIFACT 1225."""

_REFERENCES = ("ACW", "AGO")
_PLACE = re.compile(r"([A-Z][A-Z0-9]{1,2}?)(?:(\d\d)(?:-(\d+))?)?: (.*)", re.DOTALL)


def read_824(message: Message) -> list[Answer]:
    """An answer for each OTI: T.. and I.. speak of a message (OTI09, else OTI03), G.. and B.. of a group (OTI08)."""
    answers: list[Answer] = []
    for number, parts in enumerate(message.segments):
        if parts[0] == "OTI":
            answers.append(_of_oti(parts))
        elif answers and parts[0] == "TED":
            behind = takewhile(lambda each: each[0] not in ("TED", "OTI"), message.segments[number + 1 :])
            notes = " ".join(_at(each, 2) for each in behind if each[0] == "NTE")
            answers[-1].findings.append(_of_ted(parts, notes, answers[-1].status))
    return answers


def _of_oti(parts: Segment) -> Answer:
    level, status = _at(parts, 1)[:1], _STATUS.get(_at(parts, 1)[1:2], "rejected")
    group = _at(parts, 8) or None
    if level in ("G", "B"):
        return Answer(level="group", control_number=group or _at(parts, 3), status=status, findings=[])
    return Answer(
        level="message",
        control_number=_at(parts, 9) or _at(parts, 3),
        status=status,
        type=_at(parts, 10) or None,
        group_control_number=group,
        document=_at(parts, 3) or None,
        findings=[],
    )


def _of_ted(parts: Segment, notes: str, status: Status) -> Finding:
    """notes: the text of its NTE, which stands for TED02 where it repeats it in full."""
    place = Location(segment=_number(_at(parts, 4)), tag=_at(parts, 3) or None, element=_number(_at(parts, 5)))
    short = _at(parts, 2)
    said = notes if short and short in notes else f"{short} {notes}".strip()
    text = said or f"a fault of kind {_at(parts, 1)}"
    where = f" of {place}" if place != Location() else ""
    return _fault(f"The partner says{where}: {text}", place, _at(parts, 1), "824 TED01", status)


def read_aperak(message: Message) -> list[Answer]:
    """One answer: of the message that RFF ACW or AGO names, else of the document of the first RFF."""

    def text(parts: Segment, at: int) -> list[str]:
        return message.components(_at(parts, at))

    references: dict[str, str] = {}
    status: Status | None = None
    faults: list[tuple[str, str, int | None]] = []
    for parts in message.segments:
        tag = parts[0]
        if tag == "BGM":
            status = _RESPONSES.get(text(parts, 3)[0])
        elif tag == "RFF":
            qualifier, value, line, *_ = [*text(parts, 1), "", ""]
            if not faults:
                references.setdefault(qualifier, value)
            elif line:
                faults[-1] = (*faults[-1][:2], _number(line))
        elif tag == "ERC":
            faults.append((text(parts, 1)[0], "", None))
        elif tag == "FTX" and faults:
            said = "".join(piece if len(piece) == 70 else f"{piece} " for piece in text(parts, 4))
            faults[-1] = (faults[-1][0], f"{faults[-1][1]} {said}".strip(), faults[-1][2])
    named = next((references[each] for each in _REFERENCES if each in references), None)
    number = named if named is not None else next(iter(references.values()), "")
    if not number:
        return []
    status = status or ("rejected" if faults else "accepted")
    document = next((value for qualifier, value in references.items() if qualifier not in _REFERENCES), None)
    answer = Answer(level="message", control_number=number, status=status, document=document, findings=[])
    answer.findings += [_of_erc(code, said, segment, status) for code, said, segment in faults]
    return [answer]


def _of_erc(code: str, said: str, segment: int | None, status: Status) -> Finding:
    match = _PLACE.fullmatch(said)
    tag, element, component = (match[1], match[2], match[3]) if match else (None, None, None)
    place = Location(segment=segment, tag=tag, element=_number(element or ""), component=_number(component or ""))
    text = (match[4] if match else said) or f"a fault of kind {code}"
    where = f" of {place}" if place != Location() else ""
    return _fault(f"The partner says{where}: {text}", place, code, "APERAK ERC01", status)


def _fault(text: str, place: Location, value: str, rule: str, status: Status) -> Finding:
    severity: Severity = "reject" if status == "rejected" else "error"
    return finding("HUB-7015", text, location=place, value=value or None, rule=rule, severity=severity)


def _at(parts: Segment, at: int) -> str:
    return parts[at] if at < len(parts) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
