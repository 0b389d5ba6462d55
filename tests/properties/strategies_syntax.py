"""Interchanges to write, of either standard, with any separators and any text they can hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from hub.syntax import Element, Envelope, OutGroup, OutMessage, Separators

MARKS = "*|~^>:!+'?#@;$\x1c\x1d\x1e\x1f"
TAGS = ("BEG", "REF", "N1", "PO1", "DTM", "NAD", "LIN", "FTX", "UNS", "STX", "SET", "GSA")
LINES = ("", "\n", "\r\n")


def texts(without: str, codec: str) -> st.SearchStrategy[str]:
    alphabet = st.characters(codec=codec, exclude_categories=("Cc", "Cs"), exclude_characters=without)
    return st.text(alphabet, max_size=12)


def trimmed(parts: list[Any]) -> list[Any]:
    """Without the empty parts at the end, which a writer leaves out."""
    while parts and not parts[-1]:
        parts.pop()
    return parts


def values(text: st.SearchStrategy[str], repeats: bool) -> st.SearchStrategy[Element]:
    """An element as `elements` gives it: text, two or more components, or two or more repetitions of components."""
    composite = st.lists(text, min_size=2, max_size=4).map(trimmed).filter(lambda parts: len(parts) > 1)
    simple: st.SearchStrategy[Any] = text | composite
    if not repeats:
        return simple
    one = st.lists(text, min_size=1, max_size=3).map(lambda parts: trimmed(parts) or [""])
    many = st.lists(one, min_size=2, max_size=3).filter(lambda each: each[-1] != [""])
    return simple | many


def segments(
    text: st.SearchStrategy[str], repeats: bool, tags: Sequence[str] = TAGS
) -> st.SearchStrategy[list[Element]]:
    parts = st.lists(values(text, repeats), min_size=1, max_size=6).map(trimmed).filter(bool)
    return st.tuples(st.sampled_from(tags), parts).map(lambda pair: [pair[0], *pair[1]])


@st.composite
def x12_interchanges(draw: st.DrawFn) -> tuple[Envelope, list[OutGroup]]:
    marks = draw(st.permutations(MARKS.replace("?", "")))
    version = draw(st.sampled_from(["00401", "00501"]))
    repeats = version == "00501"
    separators = Separators(
        element=marks[0],
        component=marks[1],
        segment=marks[2],
        repetition=marks[3] if repeats else None,
        line=draw(st.sampled_from(LINES)),
    )
    text = texts(without="".join(marks[:4]), codec="utf-8")
    groups = draw(st.lists(_groups(text, repeats, "x12"), min_size=1, max_size=3))
    for number, group in enumerate(groups, 1):
        group.control_number = str(number)
    return _envelope(draw, "x12", separators, version), groups


@st.composite
def edifact_interchanges(draw: st.DrawFn) -> tuple[Envelope, list[OutGroup]]:
    marks = draw(st.permutations(MARKS))
    version = draw(st.sampled_from(["3", "4"]))
    separators = Separators(
        element=marks[0],
        component=marks[1],
        segment=marks[2],
        release=marks[3],
        repetition=marks[4] if version == "4" else None,
        line=draw(st.sampled_from(LINES)),
    )
    printable = "".join(mark for mark in marks[:5] if mark.isprintable())
    text = texts(without="", codec="latin-1") | st.text(printable + "a", max_size=8)
    groups = draw(st.lists(_groups(text, version == "4", "edifact"), min_size=1, max_size=3))
    for number, group in enumerate(groups, 1):
        group.control_number = str(number)
        group.functional_id = "ORDERS" if draw(st.booleans()) else None
    if any(group.functional_id is None for group in groups):
        groups = [OutGroup(messages=[message for group in groups for message in group.messages])]
    for number, message in enumerate((message for group in groups for message in group.messages), 1):
        message.control_number = f"{number:04}"
    return _envelope(draw, "edifact", separators, version), groups


def _groups(text: st.SearchStrategy[str], repeats: bool, standard: str) -> st.SearchStrategy[OutGroup]:
    version, kind = ("004010", "850") if standard == "x12" else ("D.96A", "ORDERS")

    def build(bodies: list[list[list[Element]]]) -> OutGroup:
        messages = [
            OutMessage(type=kind, version=version, control_number=f"{number:04}", segments=body)
            for number, body in enumerate(bodies, 1)
        ]
        party = "" if standard == "x12" else "14:"
        return OutGroup(
            functional_id="PO", sender=f"{party}US", receiver=f"{party}THEM", version=version, messages=messages
        )

    return st.lists(st.lists(segments(text, repeats), max_size=5), min_size=1, max_size=3).map(build)


def _envelope(draw: st.DrawFn, standard: str, separators: Separators, version: str) -> Envelope:
    return Envelope(
        standard=standard,
        sender="14:4012345000009",
        receiver="ZZ:BLUEBIRD",
        control_number=str(draw(st.integers(1, 999_999_999))),
        prepared=draw(st.datetimes(datetime(2000, 1, 1), datetime(2049, 12, 31))),  # noqa: DTZ001 - EDI has no zone
        test=draw(st.booleans()),
        version=version,
        separators=separators,
        acknowledgement=draw(st.booleans()),
    )
