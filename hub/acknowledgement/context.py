"""CTX in a 999: which document and line a faulty segment belongs to, and which element makes another one necessary.

A business unit is told by a place and its value (CTX*BEG03:PO1001), a situation by SITUATIONAL TRIGGER and the place of
the element that asks for the one that is missing or forbids the one that is there (X12.56, 999 of release 005010).
"""

from collections.abc import Sequence

from hub.acknowledgement.unit import Unit
from hub.acknowledgement.verdict import Reported
from hub.errors import Finding
from hub.schema.notes import positions
from hub.syntax.model import Element, Separators

_LONGEST = 35
_MOST = 10
_SITUATION = frozenset({"HUB-2021", "HUB-2022"})


def contexts(
    segments: list[list[Element]],
    faults: Sequence[Reported],
    units: Sequence[Unit],
    separators: Separators,
    prefix: str,
) -> list[list[Element]]:
    """The IK3 and IK4 of one segment with their CTX behind them; a 997 has none and stays as it is."""
    if prefix != "IK":
        return segments
    named = [row for unit in units[:_MOST] if (row := _business(unit, separators))]
    triggers = {_key(each): row for _, each in faults if (row := _situation(each))}
    out: list[list[Element]] = []
    for segment in segments:
        out.append(segment)
        if segment[0] == "IK3":
            out += named
        elif segment[0] == "IK4":
            place = tuple(segment[1][:2])
            if place in triggers:
                out.append(triggers[place])
    return out


def _business(unit: Unit, separators: Separators) -> list[Element] | None:
    marks = {separators.element, separators.component, separators.segment, separators.repetition}
    value = unit.value[:_LONGEST]
    return None if marks & set(value) or not value.isascii() else ["CTX", [unit.place, value]]


def _situation(finding: Finding) -> list[Element] | None:
    """The element that a syntax note ties the faulty one to, where the note has but one such."""
    place, note = finding.location, (finding.rule or "").rpartition(" ")[2]
    if finding.code not in _SITUATION or place.component is not None or not note[1:].isdigit() or note[0] == "R":
        return None
    tied = [at for at in positions(note) if at != place.element]
    first = positions(note)[0]
    trigger = first if note[0] in "CL" and first != place.element else tied[0] if len(tied) == 1 else None
    if trigger is None:
        return None
    return ["CTX", "SITUATIONAL TRIGGER", place.tag or "", str(place.segment), "", [str(trigger)]]


def _key(finding: Finding) -> tuple[str, str]:
    return str(finding.location.element), str(finding.location.component or "")
