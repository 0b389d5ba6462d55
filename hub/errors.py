"""Findings (data) and exceptions (work that cannot go on). Codes and their texts live in hub.catalogue.

The exception tree says whose fault it is and whether trying again can help:

    HubError
    |-- DataError            the partner's data; never retried; becomes a finding and a negative acknowledgement
    |   `-- UnreadableError  bytes nothing here can read
    |-- PartnerSystemError   the partner's system or the network between
    |   |-- TransientError   try again later
    |   |-- PermanentError   trying again cannot help: a person must look
    |   `-- InDoubtError     the outcome is unknown: probe first, then decide
    |-- ConfigError          ours: a mapping, partner or hub file is wrong; carries file, line and column
    |-- NotYetError          something this release does not do, said plainly: "not yet: 846"
    `-- UsageError           a command or call was given what it cannot use
"""

from hub.location import NOWHERE, Location
from hub.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Severity = Literal["reject", "error", "warn"]
    Fault = Literal["ours", "data", "system"]
else:

    def __getattr__(name):
        """A payload is checked without `typing`, which takes as long to load as a message takes to check."""
        if name != "Severity":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from typing import Literal

        return Literal["reject", "error", "warn"]


class Finding(Record, unsafe_hash=True, kw_only=True):
    """One thing found in a payload, a message or a document. A check returns all of them and never stops at the first.

    value is what was found, expected what should have been there, rule the rule that says so ("850 BEG05", "acme
    guide"). message is a whole sentence for a person: what is wrong and what to do.
    """

    code: str
    severity: "Severity"
    location: Location = NOWHERE
    value: str | None = None
    expected: str | None = None
    rule: str | None = None
    message: str

    def __init__(
        self,
        *,
        code: str,
        severity: "Severity",
        message: str,
        location: Location = NOWHERE,
        value: str | None = None,
        expected: str | None = None,
        rule: str | None = None,
    ) -> None:
        self.code = code
        self.severity = severity
        self.location = location
        self.value = value
        self.expected = expected
        self.rule = rule
        self.message = message


def finding(
    code: str,
    message: str = "",
    *,
    location: Location = NOWHERE,
    value: str | None = None,
    expected: str | None = None,
    rule: str | None = None,
    severity: "Severity | None" = None,
) -> Finding:
    """A finding with the catalogue's own severity and title where the caller gives none. KeyError: no such code."""
    from hub.catalogue import row_of  # most payloads are right, and then nobody reads it

    row = row_of(code)
    return Finding(
        code=code,
        severity=severity or row.severity,
        location=location,
        value=value,
        expected=expected,
        rule=rule,
        message=readable(message) or row.title,
    )


_LONGEST = 1000


def readable(message: str) -> str:
    """A message as one line a person can read, whatever it quotes: control characters are shown as \\x1d and the like,
    and the middle of what is far too long is left out.
    """
    if len(message) > _LONGEST:
        message = f"{message[: _LONGEST * 3 // 4]} [..] {message[-_LONGEST // 5 :]}"
    if message.isprintable():
        return message
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in message
    )


class HubError(Exception):
    """The family of everything this package raises on purpose; str() is a sentence for a person."""

    fault: "Fault" = "ours"
    retry = False

    def __init__(
        self,
        code: str,
        message: str,
        *,
        location: Location = NOWHERE,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        message = readable(message) if self.fault == "data" else message
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.location = location
        self.value = value
        self.expected = expected

    def as_finding(self, severity: "Severity" = "reject") -> Finding:
        return Finding(
            code=self.code,
            severity=severity,
            location=self.location,
            value=self.value,
            expected=self.expected,
            message=self.message,
        )


class DataError(HubError):
    fault = "data"


class UnreadableError(DataError):
    pass


class PartnerSystemError(HubError):
    fault = "system"


class TransientError(PartnerSystemError):
    """retry_after: seconds the partner's system asked us to wait, if it said so."""

    retry = True

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class PermanentError(PartnerSystemError):
    pass


class InDoubtError(PartnerSystemError):
    retry = True


class ConfigError(HubError):
    """A file an engineer wrote is wrong. str() starts with file:line:column when they are known."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(code, message)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.code} {self.message}" if place else f"{self.code} {self.message}"


class NotYetError(HubError):
    pass


class UsageError(HubError):
    pass
