"""What `hub write` and `hub translate` write: documents as one interchange of a standard."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import msgspec

from hub import canonical, schema, syntax
from hub.acknowledgement import check_messages
from hub.canonical import Document
from hub.canonical.names import refuse_unknown
from hub.errors import DataError, Finding, NotYetError, UsageError
from hub.mapping import Library, Mapping
from hub.mapping.flat import FLAT
from hub.partner import Agreement, Partners, envelope_for, interchange_version
from hub.partner.decimals import with_decimal_mark
from hub.partner.reference import COPY, ENVELOPED, Reference, parse_reference
from hub.record import replace
from hub.schema.guide import Guide
from hub.syntax import Envelope, Most, OutGroup, OutMessage
from hub.syntax.json import read_json


class Written(msgspec.Struct, kw_only=True):
    """payload None: a finding of severity reject or error forbids it."""

    payload: bytes | None
    findings: list[Finding] = []


def documents_in(data: bytes) -> list[Document]:
    """Canonical documents out of JSON: bodies alone, or the objects of `hub read`, one or one a line.

    DataError: it is none. UsageError: an object of `hub read` holds no body, because its message was rejected.
    """
    try:
        found = [read_json(data)]
    except DataError:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        found = [read_json(line) for line in lines]
    return [_document(content) for content in found]


def _document(content: object) -> Document:
    body = content
    if isinstance(content, dict) and "body" in content:
        body = cast(dict[str, object], content)["body"]
        if body is None:
            raise UsageError("HUB-9202", "The message this came from was rejected, so there is no document to write.")
    document = canonical.from_builtins(body)
    refuse_unknown(body, document)
    return document


def write_documents(
    documents: Sequence[Document],
    to: str,
    library: Library,
    *,
    agreement: Agreement | None = None,
    password: str = "",
    at: datetime,
) -> Written:
    """All documents as messages of one interchange, or of as many as the agreement asks for; or the only one as JSON.

    to: "x12/004010/850", "json/shop/order", or "json/canonical" for the documents themselves, one a line. agreement
    None: ZZ:SENDER to ZZ:RECEIVER, test, control numbers from 1. password: UNB 0022, where the agreement names one.
    UsageError: `to` is no reference, or is written from another
    kind of document, or holds one document only. NotYetError: there is no mapping for it.
    """
    reference = _reference(to)
    if str(reference) == COPY:
        return _write_canonical(documents)
    if reference.standard in FLAT:
        return _write_flat(documents, reference, library, agreement)
    if reference.standard in ("json", "xml"):
        return _write_whole(documents, reference, library, agreement)
    if reference.standard not in ENVELOPED:
        raise NotYetError("HUB-3030", f"not yet: {reference}; X12, EDIFACT, XML, JSON and flat files are written.")
    version = _version(reference)
    definition = schema.definition(reference.standard, version, reference.type)
    if definition is None:
        raise NotYetError("HUB-2001", f"not yet: {reference}. No directory here defines {reference.type}.")
    mapping = _mapping(reference, version, library, agreement)
    _refuse_others(documents, mapping)
    options = dict(agreement.options) if agreement else {}
    mark = agreement.writing.decimal if agreement else None
    findings: list[Finding] = []
    messages = []
    for number, document in enumerate(documents, 1):
        writing = mapping.write(document, version, options)
        findings += writing.findings
        messages.append(
            OutMessage(
                type=reference.type,
                version=version,
                control_number=f"{number:04}",
                association=_association(reference) or options.get("association"),
                segments=with_decimal_mark(writing.segments, definition, mark) if mark else writing.segments,
            )
        )
    if _blocking(findings):
        return Written(payload=None, findings=findings)
    envelope = _envelope(reference, version, agreement, password, at)
    group = _group(definition.functional_id, version, messages, agreement)
    payload = _interchanges(envelope, group, agreement.writing.most if agreement else Most())
    findings += _faults_of_ours(
        payload, reference, library.guide(agreement.guide) if agreement and agreement.guide else None
    )
    return Written(payload=None if _blocking(findings) else payload, findings=findings)


def _interchanges(envelope: Envelope, group: OutGroup, most: Most) -> bytes:
    """The messages of a group in as many interchanges as it takes, numbered from 1."""
    return b"".join(
        syntax.write(
            replace(envelope, control_number=str(number)),
            [replace(group, messages=messages, control_number=str(number))],
        )
        for number, messages in enumerate(syntax.pack(group.messages, most, envelope, group), 1)
    )


def _faults_of_ours(payload: bytes, reference: Reference, guide: Guide | None) -> list[Finding]:
    """What we write is checked like what we receive. The sentences say that they are about what is written."""
    found = [
        each
        for interchange in syntax.cut(payload)
        for result in check_messages(payload, interchange, guide_of=lambda _: guide)
        for each in (*result.findings, *result.business)
    ]
    return [replace(each, message=f"Written as {reference}: {each.message}") for each in found]


def _write_canonical(documents: Sequence[Document]) -> Written:
    return Written(payload=b"".join(canonical.encode(document) + b"\n" for document in documents))


def _write_flat(
    documents: Sequence[Document], reference: Reference, library: Library, agreement: Agreement | None
) -> Written:
    id = agreement.mapping if agreement and agreement.mapping else None
    known = id or library.named(reference.standard, reference.version, reference.type)
    mapping = library.get(known or str(reference))
    _refuse_others(documents, mapping)
    payload = mapping.write_flat(documents, dict(agreement.options) if agreement else {})
    return Written(payload=None if _blocking(payload.findings) else payload.body, findings=payload.findings)


def _write_whole(
    documents: Sequence[Document], reference: Reference, library: Library, agreement: Agreement | None
) -> Written:
    if len(documents) != 1:
        raise UsageError("HUB-9202", f"{reference} holds one document, but there are {len(documents)} to write.")
    if reference.standard == "xml":
        mapping = _mapping(reference, reference.version, library, agreement)
    else:
        mapping = library.get(agreement.mapping if agreement and agreement.mapping else str(reference))
    _refuse_others(documents, mapping)
    writing = mapping.write_payload(documents[0], dict(agreement.options) if agreement else {})
    payload = None if _blocking(writing.findings) else writing.body.rstrip(b"\n") + b"\n"
    return Written(payload=payload, findings=writing.findings)


def agreement_for(partners: Partners, partner: str, to: str) -> Agreement:
    """The agreement by which we send that to a partner. UsageError: there is none, or no such partner."""
    reference = _reference(to)
    found = [
        agreement
        for account in partners.accounts()
        for environment in ("test", "production")
        for agreement in partners.agreements(partner, account.id, environment, "out")
        if (agreement.standard, agreement.type) == (reference.standard, reference.type)
    ]
    if not found:
        raise UsageError("HUB-9202", f"By no agreement do we send {reference} to {partner}; see: hub partner list")
    return found[0]


def _reference(to: str) -> Reference:
    try:
        return parse_reference(to)
    except ValueError as error:
        raise UsageError("HUB-9202", f'"{to}" says no standard and message: {error}.') from None


def _mapping(reference: Reference, version: str, library: Library, agreement: Agreement | None) -> Mapping:
    if agreement is not None and agreement.mapping is not None:
        return library.get(agreement.mapping)
    return library.find(reference.standard, reference.type, version)


def _refuse_others(documents: Sequence[Document], mapping: Mapping) -> None:
    """A mapping writes one kind of document; that an 850 becomes a 940 is decided by a hub, not by a translation."""
    for document in documents:
        kind = type(document).__name__
        if kind != mapping.document:
            text = f"{mapping.id} is written from the document {mapping.document}, and this is {kind}."
            raise UsageError("HUB-9202", f"{text} What {kind} can be written as says: hub mapping list")


def _version(reference: Reference) -> str:
    """The version as the envelope writes it: GS08 "004010", UNH "D.96A"."""
    plain = reference.version.partition("-")[0]
    if reference.standard == "x12" or "." in plain:
        return plain.upper()
    return f"{plain[:1]}.{plain[1:]}".upper()


def _association(reference: Reference) -> str | None:
    return reference.version.partition("-")[2].upper() or None


def _envelope(reference: Reference, version: str, agreement: Agreement | None, password: str, at: datetime) -> Envelope:
    if agreement is not None:
        return envelope_for(agreement, version, "1", at, password=password)
    return Envelope(
        standard=reference.standard,
        sender="ZZ:SENDER",
        receiver="ZZ:RECEIVER",
        control_number="1",
        prepared=at,
        test=True,
        exchange=True,
        version=interchange_version(reference.standard, version),
    )


def _group(
    functional_id: str | None, version: str, messages: Sequence[OutMessage], agreement: Agreement | None
) -> OutGroup:
    sender, receiver = agreement.group if agreement else ("SENDER", "RECEIVER")
    return OutGroup(
        functional_id=functional_id,
        sender=sender,
        receiver=receiver,
        control_number="1",
        version=version,
        messages=messages,
    )


def _blocking(findings: Sequence[Finding]) -> bool:
    return any(finding.severity != "warn" for finding in findings)
