"""The numbers and dates of messages repeat: what was read of them, for generated readers to look up at once.

Only what would be written as it was read is here, so that nothing need be remembered of its spelling.
"""

from decimal import Decimal
from typing import TypeVar

from hub.canonical import Moment

NUMBERS: dict[str, Decimal] = {}
DAYS: dict[str, Moment] = {}
"""X12 dates of eight digits."""
DTMS: dict[tuple[str, str], Moment] = {}
"""EDIFACT dates (2380, 2379)."""

_MOST = 4096

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def know(known: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    """Add a value; it is handed back. What is full begins anew."""
    if len(known) >= _MOST:
        known.clear()
    known[key] = value
    return value
