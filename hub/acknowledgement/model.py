"""What goes into a technical acknowledgement and what one that came in says."""

from collections.abc import Mapping, Sequence
from typing import Literal

from hub.acknowledgement.unit import Unit
from hub.errors import Finding
from hub.record import Record
from hub.syntax.model import Message, MessageSpan

Status = Literal["accepted", "accepted_with_errors", "partially", "rejected"]
Detail = Literal["message", "group"]
"""What an acknowledgement names: every message, or none as long as all are accepted."""

Level = Literal["interchange", "group", "message"]


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


class Answer(Record):
    """What an acknowledgement says of one interchange, group or message of ours.

    type is the functional id of a group ("PO") or the type of a message ("850"); control_number the answered one's own
    (ISA13, GS06, ST02, UNB 0020, UNH 0062); group_control_number that of the message's group, None where the
    acknowledgement names no group. document: the number of the document in the message, where a business answer gives
    it. findings point into our message: segment, element, component as the partner counted.
    """

    level: Level
    control_number: str
    status: Status
    type: str | None = None
    group_control_number: str | None = None
    document: str | None = None
    findings: list[Finding] = []


class Acknowledgement(Record):
    """An acknowledgement that came in. kind is TA1, 997, 999, CONTRL, 824 or APERAK; control_number its own (ST02, UNH
    0062).

    answers begins with the level it answers (interchange or group), followed by the messages it names, in its order.
    A message it does not name shares the fate of its level: accepted if that was accepted, else rejected.
    """

    kind: str
    control_number: str
    answers: list[Answer]

    @property
    def status(self) -> Status:
        """What it says of the whole that it answers."""
        return self.answers[0].status
