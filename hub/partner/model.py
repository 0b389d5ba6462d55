"""Who talks to whom about what, settled: every default filled in and every name resolved. Built by `Partners`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from hub.canonical import Address, Id, Party
from hub.errors import Finding, Severity
from hub.partner.calendar import Cadence, Calendar
from hub.partner.identity import split_identity
from hub.partner.keeping import Keep
from hub.partner.obligation import Obligation
from hub.partner.window import Window
from hub.syntax.model import Separators
from hub.syntax.pack import Most

Environment = Literal["production", "test"]
Direction = Literal["in", "out"]
Role = Literal["retailer", "marketplace", "merchant", "warehouse", "supplier", "carrier", "network"]
Acknowledge = Literal["997", "999", "contrl", "asked", "none"]
BusinessAnswer = Literal["824", "APERAK"]
AcknowledgeDetail = Literal["message", "group"]
Expects = Literal["none", "group", "message"]
Duplicate = Literal["hold", "ignore", "reject"]

ENVIRONMENTS: tuple[Environment, ...] = ("production", "test")


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """A partner or an account: id is the name of its folder or table, name what people call it."""

    id: str
    name: str
    identities: Mapping[Environment, tuple[str, ...]]
    ids: Mapping[str, str] = {}
    address: Address | None = None

    def party(self, role: str) -> Party:
        """It as a party of a document, in that role."""
        ids = [Id(scheme=scheme, value=value) for scheme, value in self.ids.items()]
        return Party(role=role, ids=ids, name=self.name, address=self.address)


class Account(_Named, frozen=True, kw_only=True):
    """Our own side: one brand or legal entity. gs1_prefix starts its GTINs and SSCCs."""

    gs1_prefix: str | None = None


class Partner(_Named, frozen=True, kw_only=True):
    """The other side. zone: IANA name; times without a zone and `active_from` are meant in it. obligations: what it
    owes us and we owe it besides technical acknowledgements, reckoned on its calendar."""

    role: Role
    zone: str = "UTC"
    keep: Keep = Keep()
    calendar: Calendar = Calendar()
    obligations: tuple[Obligation, ...] = ()


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """After so many failures in a row nothing is delivered for the pause, then one try is made; every one that fails
    doubles the pause, up to the longest."""

    failures: int = 5
    pause: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=10)

    def pause_after(self, failures: int) -> timedelta | None:
        """How long to deliver nothing after so many failures in a row; None: go on."""
        if failures < self.failures:
            return None
        return min(self.pause * (1 << min(failures - self.failures, 20)), self.longest)


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One account on one transport. name: "bluebird/mailbox". carries: partners whose identities it may carry, its own
    partner first. poll: the time between two collections. every: the least time between two deliveries. breaker: when
    deliveries stop. shadow: nothing is ever sent by it. receipt_due: how long its far end's own receipts, or its
    collecting, may take; None: as long as is usual.
    settings: the connector's own, secrets as "secret:name".
    """

    name: str
    partner: str
    account: str
    environment: Environment
    connector: str
    carries: tuple[str, ...]
    poll: timedelta
    every: timedelta = timedelta(0)
    breaker: Breaker = Breaker()
    shadow: bool = False
    receipt_due: timedelta | None = None
    settings: Mapping[str, Any] = {}


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """How interchanges to the partner are written. separators None: the standard's usual; exchange: another in place of
    one that a value holds. columns: the width of their lines, 0 for none. transliterate: spell what the charset does
    not hold with what it holds. most: what one interchange may hold. ask: for a technical acknowledgement; None: where
    the agreement expects one. decimal: the mark in numbers, None for the mapping's. password: the name of a secret,
    "secret:name".
    """

    separators: Separators | None = None
    exchange: bool = False
    columns: int = 0
    transliterate: bool = False
    most: Most = Most(messages=1)
    ask: bool | None = None
    una: bool = False
    syntax_version: str = "3"
    decimal: str | None = None
    application: str = ""
    priority: str = ""
    agreement_id: str = ""
    password: str = ""
    password_qualifier: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Partner x account x type and version x direction x environment.

    connection: what is sent leaves by it; of what is received, its acknowledgements do. identity is the partner's in
    the envelope, our_identity ours ("" where the standard has no envelope). documents: what an outbound agreement is
    written from, ("*",) for every document. mapping: None is whichever fits the type. due: an acknowledgement is
    overdue after it. cadence: how often something
    should come by it; None: nobody knows. window: when what is sent leaves; None: at once. deadline: an incident that
    long after it. charset: None is the standard's usual. guide: the partner's guide, by name.
    """

    partner: str
    account: str
    environment: Environment
    connection: str
    direction: Direction
    reference: str
    standard: str
    version: str
    type: str
    documents: tuple[str, ...]
    mapping: str | None
    identity: str
    our_identity: str
    acknowledge: Acknowledge
    expects: Expects
    due: timedelta
    retry: tuple[timedelta, ...]
    file_name: str
    duplicate: Duplicate
    repeated_number: Duplicate
    strict: bool
    zone: str
    options: Mapping[str, str] = {}
    severities: Mapping[str, Severity] = {}
    writing: Writing = Writing()
    charset: str | None = None
    guide: str | None = None
    acknowledge_detail: AcknowledgeDetail = "message"
    business_answer: BusinessAnswer | None = None
    active_from: date | None = None
    cadence: Cadence | None = None
    window: Window | None = None
    deadline: timedelta | None = None

    @property
    def envelope(self) -> tuple[str, str]:
        """Sender and receiver of an interchange to the partner: ("ZZ:US", "ZZ:THEM")."""
        return split_identity(self.our_identity)[0], split_identity(self.identity)[0]

    @property
    def group(self) -> tuple[str, str]:
        """Sender and receiver of a group to the partner (GS02, GS03): ("US", "THEM")."""
        return _group_id(self.our_identity), _group_id(self.identity)

    @property
    def is_awaited(self) -> bool:
        """Whether the partner owes us an acknowledgement of what we send."""
        return self.expects != "none"

    def is_active(self, now: datetime) -> bool:
        """Whether it has come into force at that moment, by the calendar of the partner's zone."""
        return self.active_from is None or now.astimezone(ZoneInfo(self.zone)).date() >= self.active_from

    def file_name_of(self, control_number: str, now: datetime, *, type: str | None = None) -> str:
        """The name of a file to the partner; type: another than the agreement's, as an acknowledgement's is."""
        local = now.astimezone(ZoneInfo(self.zone))
        return self.file_name.format(
            type=type or self.type,
            control_number=control_number,
            partner=self.partner,
            account=self.account,
            date=f"{local:%Y%m%d}",
            time=f"{local:%H%M%S}",
        )


def _group_id(identity: str) -> str:
    envelope, group = split_identity(identity)
    return group or envelope.partition(":")[2]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of sourcing: what fits all its patterns ships from that partner. Patterns as in file names (NW-*)."""

    ship_from: str
    item: str = "*"
    partner: str = "*"
    ship_to_country: str = "*"


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent an interchange, to which of our accounts, by which connection."""

    partner: str
    account: str
    environment: Environment
    connection: str


class Unidentified(msgspec.Struct, frozen=True, kw_only=True):
    """Why an interchange is held instead. security: somebody may pretend to be a partner; a person must look."""

    finding: Finding
    partner: str = ""
    account: str = ""
    environment: str = ""
    connection: str = ""
    security: bool = True
