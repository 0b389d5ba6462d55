"""The samples beside a mapping: what each is read into, what writing that gives back, and what no rule reads.

A tool of engineers (`hub mapping test`) and of the tests; messages never come here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from hub.canonical import Document, to_builtins
from hub.errors import Finding
from hub.mapping.compare import compare, compare_trees
from hub.mapping.coverage import Coverage, coverage, tree_coverage
from hub.mapping.flat import Part
from hub.mapping.mapping import Mapping
from hub.mapping.results import Reading
from hub.mapping.variants import strip, variants
from hub.mapping.xml_kept import plain
from hub.record import replace
from hub.syntax import cut, parse
from hub.syntax.json import read_json
from hub.syntax.model import Element, Message

Field = tuple[type, str]


class Sampled(msgspec.Struct, kw_only=True):
    """One message of a sample, there and back.

    written: the class of the comparison (hub.mapping.compare), "held" where nothing could be read. lost, added: what
    only the message, or only its rewriting, has. unwritable: findings that forbid writing the document. drift: fields
    that are others when the rewriting is read. broken: variants of the document that do not come back as they went.
    """

    index: int
    written: str
    document: dict[str, Any] | None = None
    findings: list[str] = []
    unread: list[str] = []
    elements: int = 0
    unread_elements: int = 0
    lost: list[str] = []
    added: list[str] = []
    unwritable: list[str] = []
    drift: list[str] = []
    variants: int = 0
    broken: list[str] = []

    @property
    def faulty(self) -> bool:
        """Whether the mapping loses or adds something here."""
        return bool(self.lost or self.added or self.unwritable or self.drift or self.broken)

    def golden(self) -> dict[str, Any]:
        """What is kept beside the sample, and compared."""
        if self.document is None:
            return {"findings": self.findings, "document": None}
        return {
            "findings": self.findings, "written": self.written, "unread": self.unread, "document": self.document,
        }  # fmt: skip


def run_sample(mapping: Mapping, payload: bytes) -> list[Sampled]:
    """Every message of that mapping's type in a payload. HubError: nothing here can read it."""
    if mapping.is_flat:
        return [_run_part(mapping, part, number) for number, part in enumerate(mapping.parts(payload), 1)]
    if mapping.xml is not None:
        return [_there_and_back(mapping, plain(mapping.xml.nodes(payload)), 1, mapping.read_payload(payload))]
    if mapping.standard == "json":
        return [_run_tree(mapping, tree, n) for n, tree in enumerate(mapping.trees(read_json(payload)), 1)]
    found: list[Sampled] = []
    for interchange in cut(payload):
        for span in interchange.messages:
            if span.type == mapping.type:
                body = payload[span.offset : span.offset + span.length]
                found.append(_run_message(mapping, parse(body, span, interchange), len(found) + 1))
    return found


def same_as_golden(found: Sequence[Sampled], golden: object) -> bool:
    """golden: the records of every message, or the documents alone, or the only document."""
    if isinstance(golden, dict):
        golden = [golden]
    if not isinstance(golden, list) or len(golden) != len(found):
        return False
    return all(
        kept == (one.golden() if "findings" in kept else one.document) for one, kept in zip(found, golden, strict=True)
    )


def _run_message(mapping: Mapping, message: Message, index: int) -> Sampled:
    reading = mapping.read(message)
    one = Sampled(index=index, written="held", findings=_told(reading))
    if reading.document is None:
        return one
    writing = mapping.write(reading.document, message.version)
    one.unwritable = [f"{found.code}: {found.message}" for found in writing.findings if found.severity != "warn"]
    back = mapping.read(rewritten(message, writing.segments)).document
    compared = compare(message, writing.segments, mapping, same_document=back == reading.document)
    one.written, one.lost, one.added = compared.kind, compared.lost, compared.added
    one.unread = mapping.loss(message)
    _count(one, coverage(mapping, message, reading.document))
    _describe(one, reading.document, back)

    def again(document: Document) -> tuple[Document | None, Any]:
        wrote = mapping.write(document, message.version)
        if _refused(wrote.findings):
            return document, None
        return mapping.read(rewritten(message, wrote.segments)).document, wrote.segments

    _vary(one, reading.document, mapping.derived(message.version), again)
    return one


def _run_part(mapping: Mapping, part: Part, index: int) -> Sampled:
    return _there_and_back(mapping, part.tree, index, mapping.read_part(part))


def _run_tree(mapping: Mapping, tree: object, index: int) -> Sampled:
    return _there_and_back(mapping, tree, index, mapping.read_tree(tree))


def _there_and_back(mapping: Mapping, tree: object, index: int, reading: Reading) -> Sampled:
    def sent(document: Document) -> tuple[list[Finding], Any, Document | None]:
        """What is found when the document is written, the tree written, and what that is read into."""
        if mapping.is_flat:
            payload = mapping.write_flat([document])
            if _refused(payload.findings):
                return payload.findings, None, None
            part = mapping.parts(payload.body)[0]
            return payload.findings, part.tree, mapping.read_part(part).document
        if mapping.xml is not None:
            payload = mapping.write_payload(document)
            tree = plain(mapping.xml.nodes(payload.body))
            return payload.findings, tree, mapping.read_payload(payload.body).document
        writing = mapping.write_tree(document)
        return writing.findings, writing.tree, mapping.read_tree(writing.tree).document

    one = Sampled(index=index, written="held", findings=_told(reading))
    if reading.document is None:
        return one
    findings, written, back = sent(reading.document)
    one.unwritable = [f"{found.code}: {found.message}" for found in findings if found.severity != "warn"]
    compared = compare_trees(tree, written, same_document=back == reading.document)
    one.written, one.lost, one.added = compared.kind, compared.lost, compared.added
    one.unread = mapping.unread(reading.document)
    _count(one, tree_coverage(mapping, tree, reading.document))
    _describe(one, reading.document, back)

    def again(document: Document) -> tuple[Document | None, Any]:
        findings, written, back = sent(document)
        return (document, None) if _refused(findings) else (back, written)

    _vary(one, reading.document, mapping.derived(), again)
    return one


def _refused(findings: Sequence[Finding]) -> bool:
    """Whether the message cannot hold a document, and says so."""
    return any(found.severity != "warn" or found.code == "HUB-3223" for found in findings)


def _told(reading: Reading) -> list[str]:
    return [f"{found.code} {found.severity} {found.location}: {found.message}" for found in reading.findings]


def _count(one: Sampled, counted: Coverage) -> None:
    one.elements, one.unread_elements = counted.elements, counted.unread


def _describe(one: Sampled, document: Document, back: Document | None) -> None:
    one.document = to_builtins(document)
    if back != document:
        one.drift = differences(one.document, to_builtins(back) if back is not None else None)


def _vary(
    one: Sampled, document: Document, derived: set[Field], again: Callable[[Document], tuple[Document | None, Any]]
) -> None:
    """Notes the variants that come back with less than they had, or are written otherwise when they have come back."""
    for what, variant in variants(document):
        one.variants += 1
        back, message = again(variant)
        if back is None:
            one.broken.append(f"{what}: its own message cannot be read")
            continue
        gone = _values(strip(variant), derived) - _values(strip(back), derived)
        if gone or again(back)[1] != message:
            told = differences(to_builtins(strip(variant)), to_builtins(strip(back)))
            one.broken.append(f"{what}: {'; '.join(told[:3]) or 'written otherwise the second time'}")


def _values(part: Any, derived: set[Field]) -> "Counter[str]":
    """Every value in a document, wherever it stands, but for what a reader derives."""
    if isinstance(part, list):
        return sum((_values(entry, derived) for entry in part), Counter())
    if isinstance(part, msgspec.Struct):
        names = (name for name in part.__struct_fields__ if name != "ext" and (type(part), name) not in derived)
        return sum((_values(getattr(part, name), derived) for name in names), Counter())
    return Counter() if part is None or part == {} else Counter([str(part)])


def differences(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Where two trees of dicts and lists differ, as sentences: "lines[1].quantity.value is 5, and was 8"."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = dict.fromkeys([*wanted, *found])
        return [
            told
            for name in names
            for told in differences(wanted.get(name), found.get(name), f"{path}.{name}" if path else name)
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True), 1)
        return [told for number, (old, new) in pairs for told in differences(old, new, f"{path}[{number}]")]
    if wanted == found:
        return []
    return [f"{path or 'the document'} is {_shown(found)}, and was {_shown(wanted)}"]


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."


# ---- a message with other segments inside


def rewritten(message: Message, segments: Sequence[Sequence[Element]]) -> Message:
    """The message with other segments inside its envelope."""
    inside = [[str(segment[0]), *(_raw(message, element) for element in segment[1:])] for segment in segments]
    whole = [message.segments[0], *inside, message.segments[-1]]
    return replace(message, segments=whole, offsets=[0] * len(whole), escaped=message.separators.release is not None)


def _raw(message: Message, element: Element) -> str:
    """An element as the message's own separators and release character would write it."""
    marks = message.separators
    special = {marks.element, marks.component, marks.segment, marks.release, marks.repetition} - {None}

    def escaped(text: str) -> str:
        return "".join(f"{marks.release}{one}" if marks.release and one in special else one for one in text)

    if isinstance(element, str):
        return escaped(element)
    if element and not isinstance(element[0], str):
        repetition = marks.repetition or ""
        return repetition.join(marks.component.join(map(escaped, part)) for part in element)
    return marks.component.join(escaped(str(part)) for part in element)


def places_unread(found: Sequence[Sampled]) -> Iterator[tuple[str, int]]:
    """The loss report: places no rule reads and how often they occur, the most frequent first."""
    counts: dict[str, int] = {}
    for one in found:
        for place in one.unread:
            counts[place] = counts.get(place, 0) + 1
    yield from sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
