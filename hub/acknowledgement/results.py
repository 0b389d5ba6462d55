"""Checks every message of an interchange by its directory: the results that `acknowledge` answers with."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from hub.acknowledgement.unit import Unit, document_of, units_of
from hub.errors import DataError, Finding
from hub.record import Record, replace
from hub.schema import check, definition
from hub.schema.unparsed import Unparsed, together
from hub.syntax.model import Interchange, Message, MessageSpan
from hub.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.errors import Severity
    from hub.schema.check import CodeValues
    from hub.schema.guide import Guide

BytesAt = Callable[[int, int], bytes]
"""Gives the bytes of a payload from an offset on, as many as its second argument says."""


class MessageResult(Record):
    """What the check of one message found. message is None when it could not be parsed.

    findings carry the agreement's severities; faults of the span itself (its trailer) count too, whether repeated here
    or not. business: what the partner's guide has against the message, which no technical acknowledgement tells.
    document: its number as it gives it. units: document and line of each faulty segment, for a 999's CTX and an 824.
    """

    span: MessageSpan
    message: Message | None
    findings: list[Finding]
    business: list[Finding] = []
    document: Unit | None = None
    units: Mapping[int, Sequence[Unit]] = {}

    def __init__(
        self,
        span: MessageSpan,
        message: Message | None,
        findings: list[Finding],
        business: list[Finding] | None = None,
        document: Unit | None = None,
        units: Mapping[int, Sequence[Unit]] | None = None,
    ) -> None:
        self.span = span
        self.message = message
        self.findings = findings
        self.business = [] if business is None else business
        self.document = document
        self.units = {} if units is None else units


def check_messages(
    payload: bytes | BytesAt,
    interchange: Interchange,
    *,
    severities: "Mapping[str, Severity] | None" = None,
    code_values: "CodeValues" = "warn",
    guide_of: "Callable[[MessageSpan], Guide | None] | None" = None,
    parsed: bool = True,
) -> Iterator[MessageResult]:
    """The result of each message of an X12 or EDIFACT interchange in its order, one at a time; none of other standards.

    payload: all the bytes the interchange was cut from, or what reads them where they are kept. A message that cannot
    be parsed has message None and says why. guide_of: the partner's guide for a message. parsed False: nobody wants the
    messages themselves, only an answer, so one that is proven right as bytes is not parsed. Message is then None, but
    for a CONTRL to messages whose UNH says more than their span: there it is the UNH.
    """
    if interchange.standard not in ("x12", "edifact"):
        return
    # Where separators cannot be told apart, all that is found behind them would be guessed.
    guessed = any(each.code == "HUB-1011" for each in interchange.findings)
    headers = _Headers(interchange)
    x12 = interchange.standard == "x12"
    for span, (start, read), unproven in _read(payload, interchange, codes=code_values != "ignore", parsed=parsed):
        guide = guide_of(span) if guide_of else None
        usual = x12 or headers.are_usual(read, span.offset - start, span)
        if (unproven == [] and usual and guide is None) or (guessed and not parsed):
            yield MessageResult(span, None, [*span.findings])
            continue
        body = read[span.offset - start : span.offset - start + span.length]
        try:
            message = parse(body, span, interchange)
        except DataError as error:
            yield MessageResult(span=span, message=None, findings=[*span.findings, error.as_finding()])
            continue
        defined = definition(message.standard, message.version, message.type)
        found = check(message, defined, severities=severities, code_values=code_values, guide=guide, unproven=unproven)
        business: list[Finding] = []
        if guide is not None:
            from hub.schema.guide_check import check_guide

            business = check_guide(message, defined, guide, severities=severities)
        unnumbered = [each.location for each in span.findings if each.code == "HUB-1029"]
        told = [*span.findings, *(each for each in found if each.location not in unnumbered)]
        if any(each.code == "HUB-2004" for each in found):  # then that it does not belong in its group says nothing new
            told = [each for each in told if each.code != "HUB-1042"]
        result = MessageResult(span=span, message=message, findings=told, business=business)
        if found or business:
            result.document, result.units = document_of(message), units_of(message, [*found, *business])
        if not parsed:
            result.message = None if usual else replace(message, segments=message.segments[:1], offsets=[])
        yield result


def _read(
    payload: bytes | BytesAt, interchange: Interchange, *, codes: bool, parsed: bool
) -> Iterator[tuple[MessageSpan, tuple[int, bytes], list[int] | None]]:
    """Each message, bytes it lies in with their offset, and what is not proven right in it, which is asked where none
    is to be parsed.
    """
    if parsed:
        for span in interchange.messages:
            yield span, (span.offset, _bytes_of(payload, span.offset, span.length)), None
        return
    known = Unparsed(interchange, codes=codes)
    for run in together(interchange.messages, interchange):
        start = run[0].offset
        body = _bytes_of(payload, start, run[-1].offset + run[-1].length - start)
        read = start, body
        for span, unproven in zip(run, known.unproven(body, run), strict=True):
            yield span, read, unproven


class _Headers:
    """Tells whether S009 of a UNH is what its span says, from the United Nations."""

    def __init__(self, interchange: Interchange) -> None:
        self._separators = interchange.separators
        self._kinds: dict[tuple[str, str, str | None], str] = {}

    def are_usual(self, body: bytes, at: int, span: MessageSpan) -> bool:
        """The message begins there in body."""
        kind, separators = (span.type, span.version, span.association), self._separators
        if kind not in self._kinds:
            association = [span.association] if span.association else []
            self._kinds[kind] = separators.component.join([span.type, *span.version.split("."), "UN", *association])
        start = f"UNH{separators.element}{span.control_number}{separators.element}{self._kinds[kind]}"
        return body.startswith((f"{start}{separators.segment}".encode(), f"{start}{separators.element}".encode()), at)


def _bytes_of(payload: bytes | BytesAt, offset: int, length: int) -> bytes:
    return payload[offset : offset + length] if isinstance(payload, bytes) else payload(offset, length)
