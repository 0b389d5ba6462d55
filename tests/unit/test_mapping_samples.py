"""Every sample beside a mapping: the document it means (golden JSON), and what writing that document gives back."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.canonical import to_builtins
from hub.mapping import Library, Mapping
from hub.mapping.compare import compare
from hub.syntax import cut, parse
from hub.syntax.model import Element, Message

MAPPINGS = Path(__file__).parents[2] / "mappings"
SAMPLES = sorted(path for path in MAPPINGS.rglob("samples/*.edi"))


@cache
def library() -> Library:
    return Library([MAPPINGS])


def messages(payload: bytes, type: str) -> list[Message]:
    return [
        parse(payload[span.offset : span.offset + span.length], span, interchange)
        for interchange in cut(payload)
        for span in interchange.messages
        if span.type == type
    ]


def raw(message: Message, element: Element) -> str:
    """An element as the message's own separators and release character would write it."""
    marks = message.separators
    special = {marks.element, marks.component, marks.segment, marks.release, marks.repetition} - {None}

    def escaped(text: str) -> str:
        return "".join(f"{marks.release}{c}" if marks.release and c in special else c for c in text)

    if isinstance(element, str):
        return escaped(element)
    if element and not isinstance(element[0], str):
        repetition = marks.repetition or ""
        return repetition.join(marks.component.join(map(escaped, part)) for part in element)
    return marks.component.join(escaped(str(part)) for part in element)


def rewritten(message: Message, segments: list[list[Element]]) -> Message:
    """The message with other segments inside its envelope."""
    inside = [[str(segment[0]), *(raw(message, element) for element in segment[1:])] for segment in segments]
    whole = [message.segments[0], *inside, message.segments[-1]]
    return msgspec.structs.replace(
        message, segments=whole, offsets=[0] * len(whole), escaped=message.separators.release is not None
    )


def result(mapping: Mapping, message: Message) -> dict[str, Any]:
    reading = mapping.read(message)
    findings = [f"{found.code} {found.severity} {found.location}: {found.message}" for found in reading.findings]
    if reading.document is None:
        return {"findings": findings, "document": None}
    writing = mapping.write(reading.document, message.version)
    back = mapping.read(rewritten(message, writing.segments))
    compared = compare(message, writing.segments, mapping, same_document=back.document == reading.document)
    assert not compared.faulty, (compared.lost, compared.added)
    assert back.document == reading.document
    return {
        "findings": findings,
        "written": compared.kind,
        "unread": mapping.loss(message),
        "document": to_builtins(reading.document),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_sample_means_its_document_and_is_written_back(path: Path, update_golden: bool) -> None:
    folder = path.parent.parent
    mapping = library().get(folder.relative_to(MAPPINGS).as_posix())
    found = [result(mapping, message) for message in messages(path.read_bytes(), mapping.type)]
    assert found
    golden = path.with_suffix(".json")
    if update_golden:
        golden.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    assert msgspec.json.decode(golden.read_bytes()) == msgspec.json.decode(msgspec.json.encode(found))
