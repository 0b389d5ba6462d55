"""What an acknowledgement says: its words, and one that came in."""

from typing import Literal

from hub.errors import Finding
from hub.record import Record

Status = Literal["accepted", "accepted_with_errors", "partially", "rejected"]
Detail = Literal["message", "group"]
"""What an acknowledgement names: every message, or none as long as all are accepted."""

Level = Literal["interchange", "group", "message"]


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
