"""What child processes do: parse, check, map, write. Pure functions from one struct to another; bytes in, values out.

Everything here may meet hostile bytes, so it runs where time and memory can be taken from it (hub.pipeline.children).
"""

import collections.abc
import contextlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from hub import acknowledgement, canonical, schema, syntax
from hub.acknowledgement import Acknowledgement
from hub.canonical.names import names_document, refuse_unknown
from hub.errors import DataError, Finding, HubError, Severity, UnreadableError, finding
from hub.mapping import Library, Mapping
from hub.mapping.flat import Part
from hub.mapping.recognise import named, recognise
from hub.mapping.results import Reading
from hub.mapping.told import untold
from hub.pipeline import keys
from hub.pipeline.jobs_write import CANONICAL, WriteAll, WriteResult, defect, write_all
from hub.record import replace
from hub.schema.guide_check import check_guide
from hub.schema.unparsed import Unparsed
from hub.syntax import Group, Interchange, Message, MessageSpan
from hub.syntax.charset import EBCDIC
from hub.syntax.json import read_json

BUSINESS_FROM = "HUB-3"
"""Codes below this are of syntax and schema: the only ones a technical acknowledgement may tell."""

ANSWERS = ("997", "999", "CONTRL", "824", "APERAK")
"""Messages about messages of ours. The last two are documents, too."""

PIECE = 1 << 20
"""Bytes of a large payload in memory at a time."""

NUL = "\0"
"""The character that no database and few systems downstream can keep."""


class Cut(msgspec.Struct, tag_field="job", tag=True):
    """Find the interchanges of a payload. flat: the mappings of CSV and fixed width its sender has agreed on; trees:
    those of JSON. path: the file that holds the bytes of a large one, in place of body."""

    body: bytes
    charset: str | None = None
    flat: list[str] = []
    trees: list[str] = []
    path: str = ""


class CutResult(msgspec.Struct, tag_field="job", tag=True):
    """unreadable: why nothing here can read it; then interchanges is empty."""

    interchanges: list[Interchange] = []
    unreadable: Finding | None = None


class Plan(msgspec.Struct, kw_only=True):
    """How one message is to be treated. mapping None: check it, but read no document. guide: the partner's, by name.
    partner, on: whose crosswalks count, and on which day."""

    mapping: str | None = None
    partner: str = ""
    on: date | None = None
    guide: str | None = None
    severities: dict[str, Severity] = {}


class Translate(msgspec.Struct, tag_field="job", tag=True):
    """Check messages of one interchange and read them into documents. bodies, spans and plans go together."""

    interchange: Interchange
    spans: list[MessageSpan]
    bodies: list[bytes]
    plans: list[Plan]


class TranslateTree(msgspec.Struct, tag_field="job", tag=True):
    """Read one XML or JSON payload into a document."""

    body: bytes
    mapping: str
    partner: str = ""
    on: date | None = None
    parts: list[int] = []


class Translated(msgspec.Struct, kw_only=True):
    """One message's outcome. technical findings may go into a technical acknowledgement, business ones only hold."""

    technical: list[Finding] = []
    business: list[Finding] = []
    document_type: str | None = None
    number: str = ""
    body: bytes | None = None
    keys: list[tuple[str, str]] = []
    answers: Acknowledgement | None = None


class TranslateResult(msgspec.Struct, tag_field="job", tag=True):
    messages: list[Translated]


class Failed(msgspec.Struct, tag_field="job", tag=True):
    """The job itself failed: a finding a person can read; ours is True when the fault is in the hub."""

    finding: Finding
    ours: bool


Job = Cut | Translate | TranslateTree | WriteAll


class Allowed(msgspec.Struct):
    """A job, and the seconds it may take besides the usual."""

    job: Job
    more: float = 0.0


Result = CutResult | TranslateResult | WriteResult | Failed


def run(job: Job, library: Library) -> Result:
    """Does one job. HubErrors become Failed; anything else is a defect of ours and is left to the caller."""
    try:
        match job:
            case Cut():
                return _cut_file(job, library) if job.path else _cut(job, library)
            case Translate():
                return _translate(job, library)
            case TranslateTree():
                return _translate_tree(job, library)
            case WriteAll():
                return write_all(job, library)
    except HubError as error:
        return Failed(error.as_finding(), error.fault == "ours")


def _cut(job: Cut, library: Library) -> CutResult:
    try:
        if job.flat and (table := _flat(job, library)) is not None:
            return CutResult([table])
        if job.charset is None and syntax.detect(job.body[:4096]) == "json":
            return CutResult([_tree(read_json(job.body), job, library)])
        interchanges = list(syntax.cut(job.body, charset=job.charset))
        if interchanges and interchanges[0].standard == "xml" and (found := recognise(job.body, library)) is not None:
            interchanges = [named(interchanges[0], found)]
        return _nameable(interchanges) if NUL.encode() in job.body else CutResult(interchanges)
    except DataError as error:
        return CutResult(unreadable=error.as_finding())


def _nameable(interchanges: list[Interchange]) -> CutResult:
    if any(NUL in text for each in interchanges for text in _names(each)):
        return CutResult(unreadable=finding("HUB-4207"))
    return CutResult(interchanges)


def _cut_file(job: Cut, library: Library) -> CutResult:
    """Only what is one message as a whole is read as a whole."""
    file = Path(job.path)
    with file.open("rb") as opened:
        head = opened.read(4096)
    try:
        enveloped = job.charset in EBCDIC or syntax.detect(head) in ("x12", "edifact")
    except UnreadableError:
        enveloped = False
    if not enveloped:
        return _cut(msgspec.structs.replace(job, body=file.read_bytes(), path=""), library)
    try:
        with file.open("rb") as opened:
            pieces = iter(lambda: opened.read(PIECE), b"")
            return _nameable(list(syntax.cut(pieces, charset=job.charset)))
    except DataError as error:
        return CutResult(unreadable=error.as_finding())


def _flat(job: Cut, library: Library) -> Interchange | None:
    """A table or a file of records as an interchange with a message for each document, whose version is the mapping
    that fits; None: it is none agreed on."""
    try:
        if syntax.detect(job.body[:4096]) != "csv":
            return None
    except UnreadableError as error:
        if error.code != "HUB-1002":  # records of fixed width look like nothing
            return None
    mapping = library.match_flat(job.body, job.flat)
    if mapping is None:
        return None
    spans = [
        MessageSpan(
            index=number, ordinal=number, type=mapping.type, version=mapping.id, control_number="", offset=0,
            length=len(job.body), segments=0, group=1,
        )
        for number in range(1, len(mapping.parts(job.body)) + 1)
    ]  # fmt: skip
    group = Group(index=1, messages=spans, implicit=True, findings=[])
    return Interchange(index=1, standard=mapping.standard, offset=0, length=len(job.body), groups=[group])


def _tree(tree: object, job: Cut, library: Library) -> Interchange:
    """A JSON payload as an interchange; with messages, whose version is the mapping, where its content says which."""
    whole = Interchange(index=1, standard="json", offset=0, length=len(job.body))
    count = 1
    if CANONICAL in job.trees and names_document(tree):
        kind, version = "canonical", CANONICAL
    elif found := _known_tree(tree, [id for id in job.trees if id != CANONICAL], library):
        kind, version, count = found.type, found.id, len(found.trees(tree))
    else:
        return whole
    spans = [
        MessageSpan(
            index=number, ordinal=number, type=kind, version=version, control_number="", offset=0,
            length=len(job.body), segments=0, group=1,
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    group = Group(index=1, messages=spans, implicit=True, findings=[])
    return replace(whole, groups=[group])


def _known_tree(tree: object, ids: list[str], library: Library) -> Mapping | None:
    """The mapping of a JSON payload: by its marks, or the only one agreed, where it tells several documents apart."""
    if found := library.match_json(tree, ids):
        return found
    alone = library.get(ids[0]) if len(ids) == 1 else None
    return alone if alone is not None and len(alone.trees(tree)) > 1 else None


def _names(interchange: Interchange) -> Iterator[str]:
    """What the envelopes of an interchange name."""
    yield from (interchange.sender, interchange.receiver, interchange.control_number)
    for group in interchange.groups:
        yield from (group.sender or "", group.receiver or "", group.control_number or "", group.functional_id or "")
        for span in group.messages:
            yield from (span.type, span.version, span.control_number, span.association or "")


def _translate(job: Translate, library: Library) -> TranslateResult:
    unproven = Unparsed(job.interchange).unproven_each(job.spans, job.bodies)
    each = zip(job.spans, job.bodies, job.plans, unproven, strict=True)
    return TranslateResult([_alone(span, body, job, plan, known, library) for span, body, plan, known in each])


def _alone(
    span: MessageSpan, body: bytes, job: Translate, plan: Plan, unproven: list[int] | None, library: Library
) -> Translated:
    outcome = Translated(technical=_severe(span.findings, plan.severities))
    with _by_itself(outcome):
        _read(outcome, syntax.parse(body, span, job.interchange), plan, library, unproven)
    return outcome


@contextlib.contextmanager
def _by_itself(outcome: Translated) -> Iterator[None]:
    """One message's fault is nobody else's: what breaks the syntax is rejected, what we cannot do is held."""
    try:
        yield
    except HubError as error:
        if isinstance(error, DataError) and error.code < BUSINESS_FROM:
            outcome.technical.append(error.as_finding())
        else:
            outcome.business.append(error.as_finding("error"))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours must not take the neighbours along
        outcome.business.append(defect(error))
    outcome.technical = [_printable(one) for one in outcome.technical]
    outcome.business = [_printable(one) for one in outcome.business]
    outcome.number = outcome.number.replace(NUL, "")
    outcome.keys = [(scheme, value.replace(NUL, "")) for scheme, value in outcome.keys]


def _printable(found: Finding) -> Finding:
    if NUL not in found.message:
        return found
    return replace(found, message=found.message.replace(NUL, "\N{SYMBOL FOR NULL}"))


def _read(outcome: Translated, message: Message, plan: Plan, library: Library, unproven: list[int] | None) -> None:
    """Checks a message, unless it is proven right, and reads it into the document, or the answers, that it holds."""
    definition = schema.definition(message.standard, message.version, message.type)
    guide = library.guide(plan.guide) if plan.guide else None
    if unproven != []:
        found = schema.check(message, definition, severities=plan.severities, guide=guide, unproven=unproven)
        outcome.technical += found
    if guide is not None:
        outcome.business += check_guide(message, definition, guide, severities=plan.severities)
    if message.type in ANSWERS:
        outcome.answers = acknowledgement.read_acknowledgement(message)
    if plan.mapping is not None:
        mapping = library.get(plan.mapping, partner=plan.partner, on=plan.on)
        if not any(entry.severity == "reject" for entry in outcome.technical):
            reading = mapping.read(message)
            _take(outcome, reading.document, untold(reading.findings, outcome.technical))
        if outcome.body is None:
            _name(outcome, mapping, message)


def _name(outcome: Translated, mapping: Mapping, message: Message) -> None:
    """Business number of a message that makes no document: people search for it all the same."""
    numbers = [trace.value for trace in mapping.explain(message) if trace.field == "number"]
    if numbers:
        _number(outcome, mapping.document, numbers[0])


def _number(outcome: Translated, document: str, number: str) -> None:
    outcome.number = number
    outcome.keys = [(keys.scheme_of(document), number[:200])]


def _severe(findings: Sequence[Finding], severities: collections.abc.Mapping[str, Severity]) -> list[Finding]:
    """Findings of the envelope with the agreement's severities."""
    return [replace(one, severity=severities.get(one.code, one.severity)) for one in findings]


def _translate_tree(job: TranslateTree, library: Library) -> TranslateResult:
    if job.mapping == CANONICAL:
        return TranslateResult([_translate_canonical(job.body)])
    mapping = library.get(job.mapping, partner=job.partner, on=job.on)
    outcome = Translated()
    if mapping.is_flat or mapping.standard == "json":
        numbers, parts = job.parts or [1], list[Part]()
        with _by_itself(outcome):
            parts = mapping.parts(job.body)
        if not parts:
            return TranslateResult([outcome] * len(numbers))
        return TranslateResult([_translate_part(mapping, parts[number - 1]) for number in numbers])
    with _by_itself(outcome):
        _take_reading(outcome, mapping, mapping.read_payload(job.body))
    return TranslateResult([outcome])


def _translate_canonical(body: bytes) -> Translated:
    """Our own document, as a merchant's system writes it: strictly, so that nothing it says is passed over."""
    outcome = Translated()
    with _by_itself(outcome):
        tree = read_json(body)
        if isinstance(tree, dict) and isinstance(number := tree.get("number"), str):
            _number(outcome, str(tree.get("document")), number)
        document = canonical.from_builtins(tree)
        refuse_unknown(tree, document)
        _take(outcome, document, [])
    return outcome


def _translate_part(mapping: Mapping, part: Part) -> Translated:
    outcome = Translated()
    with _by_itself(outcome):
        _take_reading(outcome, mapping, mapping.read_part(part))
    return outcome


def _take_reading(outcome: Translated, mapping: Mapping, reading: Reading) -> None:
    if reading.document is None and reading.number:
        _number(outcome, mapping.document, reading.number)
    _take(outcome, reading.document, reading.findings)


def _take(outcome: Translated, document: canonical.Document | None, findings: list[Finding]) -> None:
    outcome.business += findings
    if document is None:
        return
    outcome.business += canonical.check(document)
    outcome.document_type = type(document).__name__
    outcome.number = document.number or ""
    outcome.body = canonical.encode(document)
    if b"\\u0000" in outcome.body:
        outcome.business.append(finding("HUB-4207", severity="error"))
    outcome.keys = keys.search_keys(document)


def fault(code: str, message: str, **details: Any) -> Failed:
    """A failure of the hub's own, as a result."""
    return Failed(finding(code, message, **details), True)
