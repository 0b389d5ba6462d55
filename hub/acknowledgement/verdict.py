"""From findings to a verdict: which of them a technical acknowledgement may report, and what they make of a message."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from hub.acknowledgement.model import Status
from hub.acknowledgement.results import MessageResult
from hub.catalogue import CATALOGUE, Row
from hub.errors import Finding
from hub.syntax.model import Element, Group, Interchange, MessageSpan
from hub.syntax.pen import Ready

Reported = tuple[Row, Finding]

_GROUP_TAGS = ("GS", "GE", "UNG", "UNE")
_NO_ROW = Row("", "", "", "")


def row_of(finding: Finding) -> Row:
    """The catalogue's row of a finding; one without acknowledgement codes where the catalogue has none."""
    return CATALOGUE.get(finding.code, _NO_ROW)


def reported(findings: Iterable[Finding]) -> list[Reported]:
    """The findings an acknowledgement speaks of: faults (not advice) for which the standards have a code.

    Guide and business findings have none: they never reject a message technically.
    """
    pairs = [(row_of(each), each) for each in findings if each.severity != "warn"]
    return [(row, each) for row, each in pairs if row.ak3 or row.ak4 or row.ak5 or row.ak9 or row.ta1 or row.contrl]


def status_of(faults: Sequence[Reported]) -> Status:
    """Rejected if any fault rejects, accepted with errors if there is any fault, else accepted."""
    if any(finding.severity == "reject" for _, finding in faults):
        return "rejected"
    return "accepted_with_errors" if faults else "accepted"


def interchange_faults(interchange: Interchange) -> list[Reported]:
    """The reported faults of the interchange itself."""
    return reported(each for each in interchange.findings if not _of_group(each))


def group_faults(interchange: Interchange, group: Group) -> list[Reported]:
    """The reported faults of a group's envelope; they may also stand among the interchange's own findings."""
    others = [each for each in interchange.findings if _of_group(each) and each.location.group == group.index]
    return reported([*group.findings, *(each for each in others if each not in group.findings)])


def _of_group(finding: Finding) -> bool:
    return finding.location.group is not None and finding.location.tag in _GROUP_TAGS


def refusals(interchange: Interchange, group: Group) -> list[Finding]:
    """The faults of the envelope by which every message of the group is refused: TA1 R, AK9 R, UCI or UCF action 4."""
    x12 = interchange.standard == "x12"
    whole = [each for row, each in interchange_faults(interchange) if (row.ta1 if x12 else row.contrl)]
    part = [] if group.implicit else group_faults(interchange, group)
    return [
        each
        for each in (*whole, *(each for row, each in part if (row.ak9 if x12 else row.contrl)))
        if each.severity == "reject"
    ]


def faults_of(result: MessageResult) -> list[Reported]:
    """The reported faults of a message, its span's included, in message order; the result's severities win."""
    known = {(each.code, each.location) for each in result.findings}
    trailer = [each for each in result.span.findings if (each.code, each.location) not in known]
    faults = reported([*result.findings, *trailer])
    return sorted(faults, key=lambda fault: fault[1].location.segment or 0)


class Results:
    """The results given, by message. A message without one has its span's faults only."""

    def __init__(self, results: Iterable[MessageResult]) -> None:
        self._given = {result.span.ordinal: result for result in results}

    def has(self, span: MessageSpan) -> bool:
        return span.ordinal in self._given

    def of(self, span: MessageSpan) -> MessageResult:
        return self._given.get(span.ordinal) or MessageResult(span=span, message=None, findings=[])


class Rows:
    """Segments made anew whenever they are read, so that an answer to a million messages is never held as lists."""

    def __init__(self, make: Callable[[], Iterator[list[Element] | Ready]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[list[Element] | Ready]:
        return self._make()
