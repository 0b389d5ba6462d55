"""What `hub read` reports of a payload, and what `hub translate` goes on with."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from lxml.etree import QName

from hub import canonical
from hub.acknowledgement import MessageResult, check_messages
from hub.canonical import Document
from hub.canonical.names import names_document, refuse_unknown
from hub.cli.check import Terms, TermsOf, agreed_result, guide_of
from hub.errors import DataError, Finding, NotYetError, UsageError
from hub.location import NOWHERE, Location
from hub.mapping import Library, Mapping
from hub.mapping.recognise import recognise_root
from hub.mapping.told import untold
from hub.record import replace
from hub.syntax import cut, detect
from hub.syntax.json import read_json
from hub.syntax.model import Interchange, MessageSpan
from hub.syntax.xml import read_xml

ENVELOPED = frozenset({"x12", "edifact"})
TECHNICAL = frozenset({"997", "999", "CONTRL"})


class ReadMessage(msgspec.Struct, kw_only=True):
    """One message and its document; None where it is rejected, has no mapping, or is an acknowledgement.

    interchange and index are 1-based, in the payload and in the interchange. findings: of the interchange and the group
    around it, of the message, and of the document.
    """

    interchange: int
    index: int
    type: str
    control_number: str | None
    document: Document | None = None
    findings: list[Finding] = []


class TodaysLibrary:
    """The mappings as they count today, with the crosswalks of a partner ("": of nobody)."""

    def __init__(self, library: Library, partner: str = "") -> None:
        self.all, self._partner, self._today = library, partner, datetime.now(UTC).date()

    def get(self, id: str) -> Mapping:
        return self.all.get(id, partner=self._partner, on=self._today)

    def of_message(self, interchange: Interchange, span: MessageSpan, named: str | None) -> Mapping:
        """The one named, else the one that fits. NotYetError: there is none."""
        return self.get(named or self.all.find(interchange.standard, span.type, span.version).id)


def read_messages(
    data: bytes, every: Library, mapping: str | None = None, terms_of: TermsOf | None = None, partner: str = ""
) -> Iterator[ReadMessage]:
    """Every message of a payload, read by the mapping named, else by the one agreed, else by the one that fits.

    terms_of: what is agreed for a message; else the catalogue's severities hold, and no guide. partner: whose
    crosswalks count.

    UnreadableError: nothing here can read the payload. ConfigError: there is no such mapping as the one named.
    UsageError: a JSON payload that bears no mapping's marks, and none named. NotYetError: the payload is of a standard
    without mappings.
    """
    library = TodaysLibrary(every, partner)
    if mapping is not None and library.get(mapping).is_flat:
        yield from _read_flat(data, library.get(mapping))
        return
    standard = detect(data[:4096])
    if standard == "csv":
        fitting = every.match_flat(data)
        yield from _read_flat(data, library.get(fitting.id) if fitting is not None else None)
        return
    if standard == "json":
        yield from _read_json(data, library, mapping)
        return
    if standard == "xml":
        yield _read_xml(data, library, mapping)
        return
    if standard not in ENVELOPED:
        raise NotYetError("HUB-3030", f"not yet: {standard}; X12, EDIFACT, XML, JSON and CSV are read.")
    for interchange in cut(data):
        terms = partial(terms_of, interchange) if terms_of else None
        for result in check_messages(data, interchange, guide_of=partial(guide_of, terms) if terms else None):
            agreed = terms(result.span) if terms else Terms()
            yield _read_message(interchange, agreed_result(result, agreed), library, mapping or agreed.mapping)


def _read_message(
    interchange: Interchange, result: MessageResult, library: TodaysLibrary, mapping: str | None
) -> ReadMessage:
    span = result.span
    group = next((each.findings for each in interchange.groups if each.index == span.group), [])
    read = ReadMessage(
        interchange=interchange.index,
        index=span.ordinal,
        type=span.type,
        control_number=span.control_number,
        findings=[*interchange.findings, *group, *result.findings, *result.business],
    )
    rejected = any(finding.severity == "reject" for finding in result.findings)
    if result.message is None or rejected or span.type in TECHNICAL:
        return read
    try:
        reading = library.of_message(interchange, span, mapping).read(result.message)
    except (DataError, NotYetError) as error:
        place = Location(interchange=interchange.index, group=span.group, message=span.index, offset=span.offset)
        located = error.location if error.location != NOWHERE else place
        read.findings.append(replace(error.as_finding("error"), location=located))
        return read
    return _take(read, reading.document, untold(reading.findings, result.findings))


def _read_flat(data: bytes, known: Mapping | None) -> Iterator[ReadMessage]:
    """The documents of a table or of records. UsageError: no mapping knows its columns."""
    if known is None:
        message = "No mapping here knows the columns of this table: name its mapping with --mapping, as csv/order."
        raise UsageError("HUB-9202", message)
    for number, reading in enumerate(known.read_flat(data), 1):
        read = ReadMessage(interchange=1, index=number, type=known.type, control_number=None)
        yield _take(read, reading.document, reading.findings)


def _read_json(data: bytes, library: TodaysLibrary, mapping: str | None) -> Iterator[ReadMessage]:
    """By the mapping named, or the one whose marks it bears; our own document as it is."""
    tree = read_json(data)
    if mapping is None and names_document(tree):
        document = canonical.from_builtins(tree)
        refuse_unknown(tree, document)
        yield _take(ReadMessage(interchange=1, index=1, type="canonical", control_number=None), document, [])
        return
    marked = library.all.match_json(tree) if mapping is None else None
    named = mapping or (marked.id if marked is not None else None)
    if named is None:
        known = ", ".join(id for id in library.all.ids() if id.startswith("json/")) or "none"
        message = f"This JSON bears the marks of no mapping here: name its mapping with --mapping. There are: {known}."
        raise UsageError("HUB-9202", message)
    found = library.get(named)
    for number, one in enumerate(found.trees(tree), 1):
        reading = found.read_tree(one)
        read = ReadMessage(interchange=1, index=number, type=found.id.rpartition("/")[2], control_number=None)
        yield _take(read, reading.document, reading.findings)


def _read_xml(data: bytes, library: TodaysLibrary, mapping: str | None) -> ReadMessage:
    root = read_xml(data)
    matching = library.all.match_xml(root) if mapping is None else None
    named = mapping or (matching.id if matching is not None else None)
    if named is None:
        name = QName(root)
        text = f"not yet: no mapping here is for an XML document <{name.localname}> of the namespace {name.namespace}."
        raise NotYetError("HUB-3030", text)
    found, known = recognise_root(root, library.all), library.get(named)
    reading = known.read_payload(data)
    number = found.control_number if found is not None else None
    return _take(
        ReadMessage(interchange=1, index=1, type=known.type, control_number=number or None),
        reading.document,
        reading.findings,
    )


def _take(read: ReadMessage, document: Document | None, findings: list[Finding]) -> ReadMessage:
    read.document = document
    read.findings += findings
    if document is not None:
        read.findings += canonical.check(document)
    return read


def read_payload(
    name: str,
    data: bytes,
    library: Library,
    mapping: str | None = None,
    terms_of: TermsOf | None = None,
    partner: str = "",
) -> Iterator[dict[str, Any]]:
    """The objects of `hub read` for one file, one for each message. Errors as `read_messages`."""
    for read in read_messages(data, library, mapping, terms_of, partner):
        yield {
            "file": name,
            "interchange": read.interchange,
            "message_index": read.index,
            "control_number": read.control_number,
            "message": read.type,
            "document": type(read.document).__name__ if read.document is not None else None,
            "body": canonical.to_builtins(read.document) if read.document is not None else None,
            "findings": msgspec.to_builtins(read.findings),
        }
