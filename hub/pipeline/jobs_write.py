"""What child processes do with documents that go out: map, write, and prove what was written.

Documents that go out alike are proven together, as the messages of one interchange: cutting and checking have a price
for each interchange that is several times that of a small message. One of which anything is to be said is written and
proven by itself, so that what is said is about it alone.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

import msgspec

from hub import canonical, schema, syntax
from hub.errors import Finding, HubError, finding
from hub.mapping import Library
from hub.partner.decimals import with_decimal_mark
from hub.pipeline import keys
from hub.schema.guide import Guide
from hub.schema.guide_check import check_guide
from hub.schema.unparsed import Unparsed
from hub.syntax import Envelope, Interchange, MessageSpan, OutGroup, OutMessage
from hub.syntax.renumber import stand_in

_T = TypeVar("_T")

CANONICAL = "json/canonical"
"""The mapping that is none: our own JSON."""

_IN_LINES = "HUB-1036"
"""That lines are of one width is no finding where an agreement asks for it."""

_TOGETHER = 1 << 20
"""Bytes of documents that are proven together."""


class Write(msgspec.Struct, kw_only=True):
    """Turn a document into a message, and prove it by writing it once with placeholder numbers and checking that.

    envelope None: the standard has no envelope (JSON). functional_id None: no group around it; group: GS02 and GS03.
    alone: it is the only message of its interchange, so that the proof may leave, once it is numbered.
    """

    document: bytes
    mapping: str
    version: str
    type: str
    options: dict[str, str] = {}
    envelope: Envelope | None = None
    functional_id: str | None = None
    group: tuple[str, str] = ("", "")
    alone: bool = False
    association: str | None = None
    guide: str | None = None
    decimal: str | None = None
    partner: str = ""
    on: date | None = None


class Written(msgspec.Struct):
    """body: the payload, or the interchange of a message that is alone in it, its control numbers still to be given;
    interchange: what stands where in that. segments: of a message that others may join, without ST/SE and UNH/UNT,
    joined or not (OutMessage). Neither: a finding forbids sending it. keys: search keys of the document."""

    segments: list[str | list[Any]] | None = None
    joined: bool = False
    body: bytes | None = None
    interchange: Interchange | None = None
    findings: list[Finding] = []
    keys: list[tuple[str, str]] = []


class WriteAll(msgspec.Struct, tag_field="job", tag=True):
    """Several documents, each of which fails alone."""

    documents: list[Write]


class WriteResult(msgspec.Struct, tag_field="job", tag=True):
    messages: list[Written]


class _Draft(NamedTuple):
    """A document as segments, with nothing against it so far."""

    job: Write
    envelope: Envelope
    segments: list[Any]
    joined: bool
    findings: list[Finding]
    keys: list[tuple[str, str]]

    @property
    def likeness(self) -> tuple[Any, ...]:
        """Those of one likeness can be messages of one interchange, and their own interchanges are alike."""
        job = self.job
        kind = (job.version, job.type, job.functional_id, job.group, job.association)
        return (*kind, job.alone, job.guide, self.envelope)

    def message(self, number: int) -> OutMessage:
        return OutMessage(
            type=self.job.type,
            version=self.job.version,
            control_number=f"{number:04}" if self.envelope.standard == "x12" else str(number),
            association=self.job.association,
            segments=self.segments,
            joined=self.joined,
        )


def write_all(job: WriteAll, library: Library) -> WriteResult:
    drafts = [_guarded(_draft, one, library) for one in job.documents]
    return WriteResult([written for run in _alike(drafts) for written in _proven(run, library)])


def _guarded(work: Callable[..., _T], *given: Any) -> _T | Written:
    """What cannot be written is ours to mend: the document waits, and the others go on."""
    try:
        return work(*given)
    except HubError as error:
        return Written(findings=[error.as_finding("error")])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours must not take the neighbours along
        return Written(findings=[defect(error)])


def defect(error: Exception) -> Finding:
    """What is told of a defect of ours; the rest is for the log."""
    traceback.print_exception(error)
    text = f"The hub failed on this message: {type(error).__name__}: {error}"
    return finding("HUB-9001", text, severity="error")


def _draft(job: Write, library: Library) -> _Draft | Written:
    document = canonical.decode(job.document)
    keys_ = keys.search_keys(document)
    if job.mapping == CANONICAL:
        return Written(body=canonical.encode(document), keys=keys_)
    mapping = library.get(job.mapping, partner=job.partner, on=job.on)
    if job.envelope is None:
        write = mapping.write_flat([document], job.options) if mapping.is_flat else None
        payload = write or mapping.write_payload(document, job.options)
        body = None if blocking(payload.findings) else payload.body
        return Written(body=body, findings=payload.findings, keys=keys_)
    writing = mapping.write(document, job.version, job.options)
    if blocking(writing.findings):
        return Written(findings=list(writing.findings), keys=keys_)
    segments, joined = list[Any](writing.lines), writing.joined
    if job.decimal and (definition := schema.definition(job.envelope.standard, job.version, job.type)):
        segments, joined = with_decimal_mark(writing.segments, definition, job.decimal), False
    return _Draft(job, job.envelope, segments, joined, list(writing.findings), keys_)


def _alike(drafts: Sequence[_Draft | Written]) -> Iterator[list[_Draft | Written]]:
    """Neighbours of one likeness, as many as fit into a piece of memory; whatever else by itself."""
    run, size = list[_Draft | Written](), 0
    for draft in drafts:
        last = run[-1] if run else None
        like = isinstance(draft, _Draft) and isinstance(last, _Draft) and draft.likeness == last.likeness
        if run and not (like and size < _TOGETHER):
            yield run
            run, size = [], 0
        run.append(draft)
        size += len(draft.job.document) if isinstance(draft, _Draft) else 0
    if run:
        yield run


def _proven(run: Sequence[_Draft | Written], library: Library) -> Iterator[Written]:
    drafts = [one for one in run if isinstance(one, _Draft)]
    if not drafts:
        yield from (one for one in run if isinstance(one, Written))
        return
    first: Written | None = None
    for draft, right in zip(drafts, _right(drafts, library), strict=True):
        if right is not None and not draft.job.alone:
            yield _joinable(draft)
            continue
        if right is not None and first is not None and first.body is not None and first.interchange is not None:
            body, interchange = stand_in(first.body, first.interchange, *right)
            yield Written(body=body, interchange=interchange, findings=draft.findings, keys=draft.keys)
            continue
        written = _guarded(_by_itself, draft, library)
        if right is not None and written.body is not None and written.body.isascii():
            first = written
        yield written


def _right(drafts: Sequence[_Draft], library: Library) -> list[tuple[bytes, MessageSpan] | None]:
    """The bytes of those of which nothing is to be said, and where they stand among each other's.

    What is not ASCII is None, too: what its interchange says of the charset depends on it.
    """
    unknown: list[tuple[bytes, MessageSpan] | None] = [None] * len(drafts)
    envelope, job = drafts[0].envelope, drafts[0].job
    if len(drafts) == 1 or envelope.exchange or envelope.columns:
        return unknown
    try:
        body = syntax.write(envelope, [_group(job, [draft.message(number) for number, draft in enumerate(drafts, 1)])])
    except HubError:  # which of them it is shows when each is by itself
        return unknown
    interchange, *more = syntax.cut(body)
    spans = interchange.messages
    if more or interchange.all_findings or len(spans) != len(drafts):
        return unknown
    bodies = [body[span.offset : span.offset + span.length] for span in spans]
    guide = library.guide(job.guide) if job.guide else None
    unproven = Unparsed(interchange).unproven_each(spans, bodies)
    return [
        (bytes_, span) if bytes_.isascii() and not _told(bytes_, span, interchange, guide, open_) else None
        for bytes_, span, open_ in zip(bodies, spans, unproven, strict=True)
    ]


def _group(job: Write, messages: list[OutMessage]) -> OutGroup:
    sender, receiver = job.group
    return OutGroup(
        functional_id=job.functional_id, sender=sender, receiver=receiver, version=job.version, messages=messages
    )


def _by_itself(draft: _Draft, library: Library) -> Written:
    """Written and proven in an interchange of its own."""
    job = draft.job
    body = syntax.write(draft.envelope, [_group(job, [draft.message(1)])])
    proof = next(iter(syntax.cut(body)))
    guide = library.guide(job.guide) if job.guide else None
    found = draft.findings + [each for each in proof.all_findings if each.code != _IN_LINES]
    for span in proof.messages:
        found += _told(body[span.offset : span.offset + span.length], span, proof, guide)
    if blocking(found):
        return Written(findings=found, keys=draft.keys)
    if job.alone:
        return Written(body=body, interchange=proof, findings=found, keys=draft.keys)
    return _joinable(draft, found)


def _joinable(draft: _Draft, found: list[Finding] | None = None) -> Written:
    """A message that others may join."""
    return Written(draft.segments, draft.joined, findings=found or draft.findings, keys=draft.keys)


def _told(
    body: bytes, span: MessageSpan, interchange: Interchange, guide: Guide | None, unproven: list[int] | None = None
) -> list[Finding]:
    """What we send is checked like what we receive: a reject or error there is ours to mend and is not sent.

    unproven: as of `schema.check`.
    """
    if unproven == [] and guide is None:
        return []
    message = syntax.parse(body, span, interchange)
    definition = schema.definition(message.standard, span.version, span.type)
    found = schema.check(message, definition, guide=guide, unproven=unproven) if unproven != [] else []
    return found + (check_guide(message, definition, guide) if guide else [])


def blocking(findings: Sequence[Finding]) -> bool:
    """Whether a message of ours with these findings may not leave."""
    return any(entry.severity in ("reject", "error") for entry in findings)
