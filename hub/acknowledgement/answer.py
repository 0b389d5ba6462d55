"""The technical acknowledgement of an interchange in either standard."""

from collections.abc import Sequence
from datetime import datetime

from hub.acknowledgement.contrl import acknowledge_edifact
from hub.acknowledgement.model import Detail
from hub.acknowledgement.results import MessageResult
from hub.acknowledgement.x12 import acknowledge_x12
from hub.errors import UsageError
from hub.syntax.model import Interchange, Separators

KINDS = {"x12": ("997", "999", "TA1"), "edifact": ("CONTRL",)}
"""The kinds of technical acknowledgement each standard has, the default first."""


def acknowledge(
    interchange: Interchange,
    results: Sequence[MessageResult],
    *,
    kind: str | None = None,
    control_number: int = 1,
    group_control_number: int | Sequence[int] = 1,
    at: datetime,
    separators: Separators | None = None,
    detail: Detail = "message",
) -> bytes | None:
    """The technical acknowledgement of one interchange as one interchange, or None where nothing may be acknowledged.

    X12: a 997 (or 999) per group, with a TA1 if ISA14 asks; TA1 alone if the interchange cannot be used. EDIFACT: one
    CONTRL. Sender and receiver are swapped, the test indicator and the separators are the partner's unless given.
    None for 997, 999 and CONTRL themselves, for an interchange of TA1 alone, and where no header says whom to answer.
    control_number: of the interchange. group_control_number: GS06 of each answered group, or of the first, counted up.
    detail: whether messages are named where all of a group (or, in CONTRL, the message itself) are accepted.
    at: the date and time written. To EBCDIC the answer is ISO 8859-1: `hub.syntax.charset.to_ebcdic` turns it.

    UsageError: the standard has no such kind, or a group no number. DataError: the partner's envelope has identities
    that cannot be written back.
    """
    if kind not in (None, *KINDS.get(interchange.standard, ())):
        has = " or ".join(KINDS.get(interchange.standard, ())) or "no technical acknowledgement"
        raise UsageError(
            "HUB-7001", f"{interchange.standard} has {has}; there is no {kind} for it. Leave the kind out."
        )
    if interchange.standard == "x12":
        return acknowledge_x12(interchange, results, kind, control_number, group_control_number, at, separators, detail)
    if interchange.standard == "edifact":
        return acknowledge_edifact(interchange, results, control_number, at, separators, detail)
    return None
