"""The check of one message against its directory: all findings, never an exception."""

from collections.abc import Mapping, Sequence

from hub.errors import Finding, finding
from hub.record import replace
from hub.schema.directory import definition as definition_of
from hub.schema.directory import directory_of
from hub.schema.elements import SegmentCheck
from hub.schema.hierarchy import hierarchy_faults, may_have_levels
from hub.schema.machine import in_order
from hub.schema.model import MessageDef, Node
from hub.schema.provers import prover_for
from hub.schema.totals import item_of, total_faults
from hub.syntax.model import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from hub.errors import Severity
    from hub.schema.guide import Guide
    from hub.schema.prove import Prover

    CodeValues = Literal["ignore", "warn", "error"]

KEPT = 1000
"""Findings kept for one message; one summary finding stands for the rest."""

_SURE = frozenset({"HUB-2001", "HUB-2017", "HUB-2028", "HUB-2029", "HUB-2030"})
"""Codes that keep their severity when only the nearest directory is here: what is no date is none in any release."""

_TRAILERS = frozenset({"SE", "UNT"})

_LIKELY = frozenset({"HUB-2014", "HUB-2020"})
"""Codes that reject no message then, and are told all the same: most of what is mandatory was so in every release."""


def check(
    message: Message,
    definition: MessageDef | None,
    *,
    node: Node | None = None,
    severities: "Mapping[str, Severity] | None" = None,
    code_values: "CodeValues" = "warn",
    guide: "Guide | None" = None,
    unproven: Sequence[int] | None = None,
) -> list[Finding]:
    """All findings of a message against its definition, in message order; none when it is right.

    definition None: the type is in no directory, which is the one finding. node: the tree of `walk` when the caller has
    walked already; the walk's own findings are then not repeated here. severities: code -> severity of the agreement.
    code_values: what a code outside of the directory's list is. With a definition that is only the nearest one,
    findings that another release may have made right are advice. guide: what it allows besides is right; what it wants
    besides is `check_guide`'s to find. unproven: what `Unparsed.unproven` knows of the message.
    """
    if definition is None:
        text = f"No directory here defines the {message.standard} message type {message.type!r}; it cannot be checked."
        place = message.location(0, 1) if message.standard == "x12" else message.location(0, 2, 1)
        half = len(message.segments) == 1 and _is_cut(message)  # so may the type be
        found = [] if half else [finding("HUB-2001", text, location=place, value=message.type)]
    elif (other := _other_type(message, definition)) is not None:
        found = [other]
    else:
        prover = prover_for(definition, message.separators, codes=code_values != "ignore")
        known = node is not None or unproven is not None or _in_order(message, definition, prover)
        structure = [] if known else _structure(message, definition)
        elements, lost = _elements(message, definition, prover, code_values, unproven)
        if lost:  # told of the segment before: what does not fit right behind it follows from that
            structure = [each for each in structure if (each.location.segment or 0) - 1 not in lost]
        broken = hierarchy_faults(message) if structure or node or may_have_levels(definition) else []
        broken = _uncaused(broken, [*structure, *elements], lost) if broken else broken
        missed = {*lost.values(), *(each.expected for each in structure if each.code != "HUB-2013")}
        totals = [] if item_of(definition) in missed else total_faults(message, definition)
        found = sorted(structure + elements + broken + totals, key=lambda each: each.location.segment or 0)
        if _is_cut(message):  # which is told: the last segment may be half of one
            found = [each for each in found if (each.location.segment or 0) < len(message.segments)]
        if not definition.exact:
            found = [_nearest(message, definition), *[_soften(each) for each in found]]
    if guide is not None:
        from hub.schema.guide_check import permit

        found = permit(message, definition, guide, found)
    if severities:
        found = [replace(each, severity=severities[each.code]) if each.code in severities else each for each in found]
    return _capped(message, found)


def _structure(message: Message, definition: MessageDef) -> list[Finding]:
    from hub.schema.cause import causes  # what is needed for faults alone

    return causes(message, definition, cut=_is_cut(message))


def _in_order(message: Message, definition: MessageDef, prover: "Prover | None") -> bool:
    """Whether `walk` has nothing to say of a message; False is no verdict."""
    if prover is None:
        return in_order(definition, [segment[0] for segment in message.segments])
    return prover.in_order(message)


def _uncaused(broken: list[Finding], others: list[Finding], lost: Mapping[int, str]) -> list[Finding]:
    """The faults of the hierarchy that do not follow from a level that is missing, or from a fault of its number."""
    levels = {each.location.tag for each in broken}
    wrong = [each.location for each in others if each.location.tag in levels or each.expected in levels]
    if any(each.element in (None, 1) for each in wrong) or levels.intersection(lost.values()):
        return []
    places = {(each.segment, each.element) for each in wrong}
    return [each for each in broken if (each.location.segment, each.location.element) not in places]


def _other_type(message: Message, definition: MessageDef) -> Finding | None:
    """The finding of an X12 message that begins with the first segment of another type, which its own does not know."""
    begins = message.segments[1][0] if len(message.segments) > 1 else ""
    if message.standard != "x12" or begins in definition.segments:
        return None
    types = [kind for kind in directory_of(definition).types() if kind != message.type]
    others = [kind for kind in types if begins == _beginning(definition_of("x12", definition.version, kind))]
    if not others:
        return None
    name = " or ".join(sorted(others))
    text = (
        f"ST01 says {message.type}, but the message begins with {begins}, as type {name} does: nothing else in it was "
        "checked. Ask the sender which of the two it is."
    )
    return finding("HUB-2004", text, location=message.location(0, 1), value=message.type, expected=name)


def _beginning(definition: MessageDef | None) -> str | None:
    """The segment behind ST, where a type must have it."""
    slot = definition.root.slots[1] if definition else None
    return slot.tag if slot and slot.min and slot.loop is None else None


def _is_cut(message: Message) -> bool:
    return message.segments[-1][0] not in _TRAILERS or any(each.code == "HUB-1015" for each in message.span.findings)


def _elements(
    message: Message,
    definition: MessageDef,
    prover: "Prover | None",
    code_values: "CodeValues",
    unproven: Sequence[int] | None,
) -> tuple[list[Finding], dict[int, str]]:
    """The findings of elements, and what `SegmentCheck.lost` tells."""
    checker = SegmentCheck(message, definition)
    segments = definition.segments

    def exact(number: int) -> bool:
        defined = segments.get(message.segments[number][0])
        if defined is None:
            return False
        before = len(checker.found)
        checker.segment(number, defined)
        return all(each.code == "HUB-2027" for each in checker.found[before:])

    if prover is None:
        for number in range(len(message.segments)) if unproven is None else unproven:
            exact(number)
    else:
        prover.run(message, exact, unproven)
    if code_values == "warn":
        return checker.found, checker.lost
    if code_values == "ignore":
        return [each for each in checker.found if each.code != "HUB-2027"], checker.lost
    found = [replace(each, severity="error") if each.code == "HUB-2027" else each for each in checker.found]
    return found, checker.lost


def _nearest(message: Message, definition: MessageDef) -> Finding:
    said = repr(message.version) if message.version else "no release"
    text = (
        f"The message says {said}; it is checked against {definition.version}, the nearest directory here, so what "
        "another release may allow is advice only."
    )
    return finding("HUB-2002", text, location=message.location(0), value=message.version, expected=definition.version)


def _soften(each: Finding) -> Finding:
    if each.code in _SURE:
        return each
    return replace(each, severity="error" if each.code in _LIKELY else "warn")


def _capped(message: Message, found: list[Finding]) -> list[Finding]:
    """At most KEPT findings. The summary takes the gravest severity of what it stands for."""
    if len(found) <= KEPT:
        return found
    rest = found[KEPT:]
    gravest = min((each.severity for each in rest), key=("reject", "error", "warn").index)
    text = f"{len(rest)} more findings in this message are left out: correct these first and check again."
    return [
        *found[:KEPT],
        finding("HUB-2040", text, location=message.location(0), value=str(len(rest)), severity=gravest),
    ]
