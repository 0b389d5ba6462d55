"""What `hub acknowledge` writes for a payload."""

from datetime import datetime
from functools import partial

from hub.acknowledgement import (
    BUSINESS_KINDS,
    KINDS,
    Detail,
    acknowledge,
    answer_business,
    check_messages,
)
from hub.cli.check import Terms, TermsOf, agreed_result, guide_of, with_severity
from hub.cli.source import Stored
from hub.errors import UsageError
from hub.syntax import cut
from hub.syntax.charset import to_ebcdic
from hub.syntax.model import Interchange


def acknowledge_payload(
    payload: bytes | Stored,
    *,
    kind: str | None,
    control_number: int,
    at: datetime,
    charset: str | None = None,
    detail: Detail = "message",
    terms_of: TermsOf | None = None,
) -> list[bytes]:
    """The acknowledgement of each interchange of a payload that may be acknowledged, one output each.

    kind: 824 and APERAK are the business answer to what the guides of terms_of have against the messages.
    control_number is the first output's and counts up, interchange and groups alike. charset: the codec agreed on;
    EBCDIC is answered in EBCDIC. terms_of: what is agreed for a message; for what is around messages, the first one's
    terms hold. UnreadableError: nothing here can read the payload. UsageError: its standard has no such kind, or no
    acknowledgement at all.
    """
    written: list[bytes] = []
    for interchange in cut(payload, charset=charset):
        if interchange.standard not in KINDS:
            raise UsageError("HUB-7001", f"{interchange.standard.upper()} has no technical acknowledgement.")
        terms = partial(terms_of, interchange) if terms_of else None
        at_offset = payload if isinstance(payload, bytes) else payload.at
        guides = partial(guide_of, terms) if terms else None
        checked = check_messages(at_offset, interchange, guide_of=guides, parsed=False)
        results = [each for each in checked if each.findings or each.business or each.message]
        if terms is not None:
            results = [agreed_result(each, terms(each.span)) for each in results]
            for span in interchange.messages[:1]:
                _agree_around(interchange, terms(span))
        number = control_number + len(written)
        if kind is not None and kind in BUSINESS_KINDS.values():
            answer = answer_business(interchange, results, kind=kind, control_number=number, at=at)
        else:
            answer = acknowledge(
                interchange,
                results,
                kind=kind,
                control_number=number,
                group_control_number=number,
                at=at,
                detail=detail,
            )
        if answer is not None:
            written.append(to_ebcdic(answer, interchange.charset))
    return written


def _agree_around(interchange: Interchange, terms: Terms) -> None:
    """The severities of the agreement for the findings of the interchange and its groups."""
    interchange.findings = [with_severity(each, terms.severities) for each in interchange.findings]
    for group in interchange.groups:
        group.findings = [with_severity(each, terms.severities) for each in group.findings]
