"""The shape of one row of the catalogue."""

from hub.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


class Row(Record):
    """One code. The last fields are the code values it becomes in a technical acknowledgement; None where it has none.

    ak3: X12 element 720 (segment error), ak4: 723 (data element error), ak5: 718 (transaction set error),
    ak9: 716 (group error), ta1: I18 (interchange note), ik3, ik4, ik5: 999's 620, 621, 618, contrl: EDIFACT 0085.
    """

    code: str
    title: str
    meaning: str
    fix: str
    severity: "Literal['reject', 'error', 'warn']" = "error"
    ak3: str | None = None
    ak4: str | None = None
    ak5: str | None = None
    ak9: str | None = None
    ta1: str | None = None
    ik3: str | None = None
    ik4: str | None = None
    ik5: str | None = None
    contrl: str | None = None
