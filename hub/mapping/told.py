"""What a careful variant tells of a rule that met a value it could not read or write."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from hub.errors import Finding, finding
from hub.location import Location
from hub.mapping.refused import Refused


class RuleTold(Protocol):
    """What is told of a rule: its field and place, its codec and code table, and where it is written."""

    @property
    def field(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def codec(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def where(self) -> str: ...


def unread(
    rule: RuleTold, error: Exception, value: str, location: Location, *, standard: str, row: str, at: str = ""
) -> Finding:
    """The finding for a value that a rule could not read. row: what to do about an unknown code; at:
    the place in words, where the location does not say it."""
    if isinstance(error, Refused):
        code, text, expected = error.code, error.message, error.expected
    elif isinstance(error, KeyError) and rule.table:
        code = "HUB-3202" if rule.table == "unit" else "HUB-3201"
        text, expected = (
            f'the code "{value}" has no word in the table {rule.table} of {standard}. {row}',
            known(rule.table, row),
        )
    else:
        code = "HUB-3230" if rule.codec.startswith("call ") else "HUB-3204"
        text, expected = f'"{value}" cannot be read by `{rule.codec}`: {error}', rule.codec
    return finding(
        code, f"{at}{rule.place} ({rule.field}): {text}.", location=location, value=value, expected=expected,
        rule=f"{rule.where} {rule.place}",
    )  # fmt: skip


def unwritten(rule: RuleTold, error: Exception, value: Any) -> Finding:
    """The finding for a value that a rule could not write."""
    if isinstance(error, Refused):
        code, text, expected = error.code, error.message, error.expected
    elif isinstance(error, KeyError):
        code, text = "HUB-3220", f'"{value}" has no code in the table {rule.table}'
        expected = f"a word of the table {rule.table}; add a code for it there"
    else:
        code = "HUB-3230" if rule.codec.startswith("call ") else "HUB-3220"
        text, expected = f'"{value}" cannot be written by `{rule.codec}`: {error}', rule.codec
    return finding(
        code, f"{rule.field} does not fit {rule.place}: {text}.", value=shown(value), expected=expected,
        rule=f"{rule.where} {rule.place}",
    )  # fmt: skip


def known(table: str, row: str) -> str:
    """What is expected where a code has no word."""
    return f"a code of the table {table}; {row[0].lower()}{row[1:]}"


def shown(value: Any) -> str:
    """A value in a finding: short, and as JSON where it is a part."""
    if isinstance(value, str | Decimal | int):
        return str(value)
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 120 else f"{text[:117]}..."


def untold(findings: Sequence[Finding], told: Sequence[Finding]) -> list[Finding]:
    """The findings of a read without the totals (HUB-3206) that the check has told of the same element."""
    places = [each.location for each in told if each.code == "HUB-2018"]
    return [each for each in findings if each.code != "HUB-3206" or each.location not in places]
