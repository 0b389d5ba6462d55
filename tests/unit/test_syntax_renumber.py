"""Renumbering an interchange is as writing it with those numbers."""

from datetime import datetime
from typing import Any

import pytest

from hub.syntax import EDIFACT_SEPARATORS, X12_SEPARATORS, Envelope, OutGroup, OutMessage, cut, write
from hub.syntax.renumber import renumber
from hub.syntax.writer import Separators

PREPARED = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone
LINES = {"line": "\r\n"}
X12 = {name: getattr(X12_SEPARATORS, name) for name in ("element", "component", "segment", "repetition")}
EDIFACT = {name: getattr(EDIFACT_SEPARATORS, name) for name in ("element", "component", "segment", "release")}


def x12(number: int, group: int, messages: int = 1, **fields: Any) -> bytes:
    made = [
        OutMessage(type="850", version="004010", control_number=f"{at:04}", segments=[["BEG", "00", "SA", "1"]])
        for at in range(1, messages + 1)
    ]
    groups = [
        OutGroup(
            functional_id="PO", sender="1", receiver="1", version="004010", control_number=str(group), messages=made
        )
    ]
    wanted: dict[str, Any] = {"sender": "ZZ:1", "receiver": "01:000000001"} | fields
    return write(Envelope(standard="x12", control_number=str(number), prepared=PREPARED, **wanted), groups)


def edifact(number: int, _: int, messages: int = 1, **fields: Any) -> bytes:
    made = [
        OutMessage(type="ORDERS", version="D.96A", control_number=str(at), segments=[["BGM", "220", "1+1'?"]])
        for at in range(1, messages + 1)
    ]
    wanted: dict[str, Any] = {"sender": "14:1+1", "receiver": ":1"} | fields
    return write(
        Envelope(standard="edifact", control_number=str(number), prepared=PREPARED, **wanted), [OutGroup(messages=made)]
    )


@pytest.mark.parametrize("numbers", [(1, 1), (7, 1), (123456789, 987654321), (10, 999)])
@pytest.mark.parametrize("messages", [1, 2])
@pytest.mark.parametrize(
    ("made", "fields"),
    [
        (x12, {}),
        (x12, {"version": "00501", "test": True, "acknowledgement": True}),
        (x12, {"separators": Separators(**X12, **LINES)}),
        (x12, {"codec": "latin-1"}),
        (edifact, {}),
        (edifact, {"una": True, "test": True}),
        (edifact, {"version": "4", "syntax": "UNOY", "password": "1"}),
        (edifact, {"separators": Separators(**EDIFACT, **LINES)}),
    ],
)
def test_it_is_as_if_written_with_these_numbers(
    made: Any, fields: dict[str, Any], messages: int, numbers: tuple[int, int]
) -> None:
    first = made(1, 1, messages, **fields)
    wanted = made(*numbers, messages, **fields)
    assert renumber(first, next(iter(cut(first))), *numbers) == (wanted, next(iter(cut(wanted))))
