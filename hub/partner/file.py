"""What may stand in a partner.toml and in a hub.toml. The reference pages are made from the descriptions here."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from hub.catalogue import CATALOGUE
from hub.errors import Severity
from hub.partner.calendar import CalendarTable, parse_cadence
from hub.partner.identity import identity_fault
from hub.partner.keeping import HubKeepTable, KeepTable
from hub.partner.model import Acknowledge, AcknowledgeDetail, BusinessAnswer, Duplicate, Environment, Expects, Role
from hub.partner.obligation import ObligationTable
from hub.partner.place import TomlFile
from hub.partner.reference import COPY, DOCUMENTS, ENVELOPED, Reference, parse_reference
from hub.partner.routes import RouteTable
from hub.partner.schedule import RETRY, parse_duration, parse_rate
from hub.partner.suggest import suggestion
from hub.partner.table import Table
from hub.partner.window import WindowTable
from hub.partner.writing import SeparatorsTable, WritingTable, writing_fault
from hub.partner.zone import zone_fault

FILE_NAME_WORDS = ("type", "control_number", "partner", "account", "date", "time")
_ACKNOWLEDGE: dict[str, tuple[str, ...]] = {"x12": ("997", "999", "none"), "edifact": ("contrl", "asked", "none")}
_WITHOUT_MEANING: dict[str, tuple[str, ...]] = {
    "receive": ("expects", "due", "documents", "options", "writing", "charset_fallback", "window", "deadline"),
    "send": ("acknowledge", "acknowledge_detail", "business_answer", "duplicate", "repeated_number"),
}
_SECRET = re.compile(r"(.+_)?(password|passphrase|secrets?|tokens?|private_key|api_key|authorization)", re.ASCII)
_URL_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]*@", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*", re.ASCII)


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a folder, a connection or an account, as a sentence's end; None: nothing."""
    if _NAME.fullmatch(name) and len(name) <= 60:
        return None
    return f'found "{name}", expected at most 60 small letters, digits, dots, - and _, a letter or digit first'


def _name(text: str) -> str:
    if fault := name_fault(text):
        raise ValueError(fault)
    return text


def _identity(text: str) -> str:
    if fault := identity_fault(text):
        raise ValueError(fault)
    return text


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _zone(name: str) -> str:
    if fault := zone_fault(name):
        raise ValueError(fault)
    return name


def _rate(value: object) -> object:
    return parse_rate(value) if isinstance(value, str) else value


def _cadence(text: str) -> str:
    parse_cadence(text)
    return text


def _reference(text: str) -> str:
    parse_reference(text)
    return text


def _sent(text: str) -> str:
    if parse_reference(text).version == "*":
        raise ValueError(f'found "{text}"; what is sent needs its version')
    return text


def _document(name: str) -> str:
    if name != "*" and name not in DOCUMENTS:
        raise ValueError(f'found "{name}", expected "*" or one of {", ".join(DOCUMENTS)}{suggestion(name, DOCUMENTS)}')
    return name


def _code(code: str) -> str:
    if code not in CATALOGUE:
        raise ValueError(f'found "{code}", which is no code of the hub{suggestion(code, CATALOGUE)}')
    return code


def _file_name(pattern: str) -> str:
    words = re.findall(r"\{(.*?)\}", pattern)
    wrong = [word for word in words if word not in FILE_NAME_WORDS]
    if wrong:
        allowed = ", ".join(f"{{{word}}}" for word in FILE_NAME_WORDS)
        raise ValueError(f"found {{{wrong[0]}}}, expected {allowed}{suggestion(wrong[0], FILE_NAME_WORDS)}")
    rest = re.sub(r"\{.*?\}", "", pattern)
    if re.search(r"[{}/\\\x00-\x1f]", rest) or pattern.startswith("."):
        raise ValueError(f'found "{pattern}"; a file name has no slash, brace or control character, no dot in front')
    if "control_number" not in words:
        raise ValueError(f'found "{pattern}"; without {{control_number}} two files would have the same name')
    return pattern


def _not_admin(name: str) -> str:
    if name == "admin":
        raise ValueError('found "admin", expected another name: it is the one of who has the hub\'s own token')
    return name


Name = Annotated[str, AfterValidator(_name)]


Identity = Annotated[str, AfterValidator(_identity)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Rate = Annotated[timedelta, BeforeValidator(_rate)]
Zone = Annotated[str, AfterValidator(_zone)]


class AddressTable(Table):
    lines: list[str] = Field(default=[], description="Street and whatever stands above the city.")
    city: str | None = Field(default=None, description="City.")
    region: str | None = Field(default=None, description="State or province, as the country abbreviates it.")
    postal_code: str | None = Field(default=None, description="Postal code.")
    country: str | None = Field(default=None, min_length=2, max_length=2, description="ISO 3166 code of two letters.")


class BreakerTable(Table):
    failures: int = Field(default=5, ge=1, description="Failures in a row after which nothing more is delivered.")
    pause: Duration = Field(default=timedelta(minutes=1), description="How long, before one try is made again.")
    longest: Duration = Field(
        default=timedelta(minutes=10), description="Each try that fails doubles the pause, up to this."
    )


class ConnectionTable(BaseModel):
    """Further keys are the connector's own settings (docs/reference/connectors.md)."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    connector: str = Field(description="The connector's name: a file in connectors/ without its .py.")
    environment: Environment = Field(default="production", description="What goes over it; the other kind is held.")
    account: str | None = Field(default=None, description="Our account in hub.toml. Default: the only one there.")
    carries: list[str] = Field(
        default=[], description="Other partners whose identities may come by it, as in a network's mailbox."
    )
    poll: Duration = Field(default=timedelta(seconds=60), description="The time between two collections.")
    shadow: bool = Field(
        default=False,
        description="Nothing is ever sent by it: what would be is written and kept, to be compared (hub shadow).",
    )
    rate: Rate = Field(
        default=timedelta(0), description="Most deliveries in a time, such as 10/s, 100/m or 1000/h. Default: no limit."
    )
    breaker: BreakerTable = Field(default=BreakerTable(), description="When a system that fails is left alone.")
    receipt_due: Duration | None = Field(
        default=None,
        description="How long the partner's asynchronous MDN may take (default 1h); then it is asked for once more, "
        "then there is an incident. Of a mailbox: how long a file may lie uncollected (default 24h).",
    )

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _secrets_are_named(self) -> "ConnectionTable":
        if path := inline_secret(self.settings):
            raise PydanticCustomError("inline_secret", "a secret stands in the file", {"path": path})
        return self


def inline_secret(settings: Mapping[str, Any]) -> tuple[str | int, ...] | None:
    """Where a secret itself stands among settings, by its key or in a URL, and not "secret:name"; None: nowhere."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            if below := inline_secret(value):
                return (key, *below)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, Mapping) and (below := inline_secret(one)):
                    return (key, index, *below)
                if _is_secret(key, one):
                    return (key, index)
        elif _is_secret(key, value):
            return (key,)
    return None


def _is_secret(key: str, value: object) -> bool:
    if isinstance(value, str) and (value.startswith("secret:") or not value):
        return False
    by_its_key = _SECRET.fullmatch(key.lower().replace("-", "_")) is not None and not isinstance(value, Mapping)
    return by_its_key or (isinstance(value, str) and _URL_WITH_PASSWORD.match(value) is not None)


class AgreementTable(Table):
    receive: Annotated[str, AfterValidator(_reference)] | None = Field(
        default=None, description="What the partner sends us: standard/version/type; version may be *."
    )
    send: Annotated[str, AfterValidator(_reference), AfterValidator(_sent)] | None = Field(
        default=None,
        description="What we send the partner: standard/version/type, or json/canonical for the documents themselves.",
    )
    environment: Environment | None = Field(default=None, description="Only in this one. Default: in both.")
    connection: str | None = Field(
        default=None,
        description="What we send leaves by it, and acknowledgements of what we receive. Default: the partner's only "
        "one in that environment. Another partner's (a network's) by its full name: \"valuenet/mailbox\".",
    )
    documents: list[Annotated[str, AfterValidator(_document)]] | None = Field(
        default=None, description='The documents a send is written from, ["*"] for all. Default: by the type.'
    )
    mapping: str | None = Field(default=None, description="The mapping. Default: the one that serves type and version.")
    guide: str | None = Field(
        default=None,
        description="The partner's guide: a file of mappings/guides without its .yaml. What we receive against it is "
        "held, what we send against it does not leave.",
    )
    acknowledge: Acknowledge | None = Field(
        default=None,
        description="How we acknowledge what we receive; asked: CONTRL where UNB 0031 asks for it. Default: 997 for "
        "x12, asked for edifact, else none.",
    )
    acknowledge_detail: AcknowledgeDetail = Field(
        default="message",
        description="What our acknowledgement names: every message, or, with group, none as long as all are accepted.",
    )
    business_answer: BusinessAnswer | None = Field(
        default=None,
        description="824 (X12) or APERAK (EDIFACT): tell the partner what its guide has against a message, besides "
        "holding it. Default: we do not.",
    )
    expects: Expects | None = Field(
        default=None,
        description="The technical acknowledgement we await for what we send: for the group, for each message, or "
        "none. Default: group for x12, else none.",
    )
    due: Duration = Field(default=timedelta(hours=24), description="An awaited acknowledgement is overdue after it.")
    every: Annotated[str, AfterValidator(_cadence)] | None = Field(
        default=None,
        description='How often something should come (or, with send, leave): "1d", "day by 06:00", "working day by '
        '06:00". Nothing by then is an incident.',
    )
    duplicate: Duplicate = Field(
        default="hold",
        description="What becomes of an order or invoice that came before with other content: hold shows what differs, "
        "ignore keeps to the first, reject answers an order with an order response that says so.",
    )
    repeated_number: Duplicate = Field(
        default="hold",
        description="What becomes of an interchange whose control number came before with other content: hold shows "
        "where they differ, ignore sends the first one's acknowledgement again, reject answers with a TA1 or CONTRL.",
    )
    order: Literal["free", "strict"] = Field(
        default="free", description="strict: a message that cannot go on stops those behind it."
    )
    retry: list[Duration] = Field(
        default=list(RETRY), min_length=1, description="The wait before each try of a delivery."
    )
    window: WindowTable | None = Field(
        default=None,
        description='When it leaves, in one interchange: { at = ["18:30"], calendar = "us" }. Default: at once.',
    )
    deadline: Duration | None = Field(
        default=None,
        description="What is not there so long after it was to leave is an incident. Default: what is given up is.",
    )
    file_name: Annotated[str, AfterValidator(_file_name)] | None = Field(
        default=None,
        description=f"Words: {', '.join(f'{{{word}}}' for word in FILE_NAME_WORDS)}. "
        'Default: "{type}_{control_number}" and .edi, .xml, .json, .csv or .txt.',
    )
    options: dict[str, str] = Field(default={}, description="The mapping's options, such as shape.")
    separators: SeparatorsTable | None = Field(default=None, description="Default: the standard's usual.")
    writing: WritingTable | None = Field(default=None, description="How interchanges to the partner are written.")
    charset: str | None = Field(
        default=None,
        description="Of what we send: UNB 0001, UNOA to UNOY (default UNOC); in X12 a charset such as utf-8. "
        "Of what we receive: what it is in truth, whatever it declares: UNOC, utf-8, windows-1252; cp037 and cp500 "
        "are EBCDIC.",
    )
    charset_fallback: Literal["refuse", "transliterate"] | None = Field(
        default=None,
        description="What becomes of a character the charset does not hold: refuse holds the message (the default), "
        "transliterate spells it with others (é as e, ß as ss, Я as Ia; in UNOA all in capitals).",
    )
    severities: dict[Annotated[str, AfterValidator(_code)], Severity] = Field(
        default={}, description='Severity by code of finding: { "HUB-2027" = "error" }.'
    )
    identity: Identity | None = Field(default=None, description="The partner's. Default: its first.")
    our_identity: Identity | None = Field(default=None, description="Ours. Default: the partner's our_identity.")
    active_from: date | None = Field(default=None, description="In force from this day in the partner's zone.")

    @property
    def reference(self) -> Reference:
        return parse_reference(self.receive or self.send or "")

    @model_validator(mode="after")
    def _fits_its_direction(self) -> "AgreementTable":
        if bool(self.receive) == bool(self.send):
            raise ValueError('expected one of receive = "standard/version/type" and send = "standard/version/type"')
        here = "send" if self.send else "receive"
        for key in _WITHOUT_MEANING[here]:
            if key in self.model_fields_set:
                raise ValueError(f"{key} has no meaning in an agreement with {here}; take it out")
        self._fits_its_standard()
        return self

    def _fits_its_standard(self) -> None:
        reference = self.reference
        kinds = _ACKNOWLEDGE.get(reference.standard, ("none",))
        if self.acknowledge is not None and self.acknowledge not in kinds:
            raise ValueError(f'acknowledge is "{self.acknowledge}", but for {reference} it can be {", ".join(kinds)}')
        wanted = {"x12": "824", "edifact": "APERAK"}.get(reference.standard)
        if self.business_answer is not None and self.business_answer != wanted:
            said = f"it can be {wanted}" if wanted else "there is none"
            raise ValueError(f'business_answer is "{self.business_answer}", but for {reference} {said}')
        if fault := writing_fault(reference.standard, self.writing, self.separators):
            raise ValueError(fault)
        if reference.standard not in ENVELOPED and self.expects not in (None, "none"):
            raise ValueError(f"expects is {self.expects}, but {reference.standard} has no technical acknowledgement")
        if self.send and self.documents is None and reference.document is None and self.send != COPY:
            raise ValueError(f'documents is missing: say what {reference} is written from, documents = ["Order"]')


class PartnerFile(Table):
    name: str = Field(min_length=1, description="What people call the partner.")
    role: Role = Field(description="What the partner is to us. network: it only carries what others send.")
    identities: list[Identity] = Field(
        default=[],
        description='The partner\'s identities in production: qualifier:id. "ZZ:BIG/DIVISION7" only with that GS02.',
    )
    test_identities: list[Identity] = Field(default=[], description="Its identities in tests. Default: the same.")
    our_identity: Identity | None = Field(
        default=None, description="How we call ourselves towards it. Default: our account's first identity."
    )
    zone: Zone = Field(default="UTC", description="IANA name of the partner's time zone.")
    ids: dict[str, str] = Field(default={}, description='Its numbers by scheme: { gln = "..", duns = ".." }.')
    address: AddressTable | None = Field(default=None, description="Its address, for documents that name it.")
    connection: dict[Name, ConnectionTable] = Field(default={}, description="The transports, each by a name.")
    agreement: list[AgreementTable] = Field(default=[], description="What is exchanged.")
    calendar: CalendarTable = Field(default=CalendarTable(), description="When people work there.")
    obligation: list[ObligationTable] = Field(
        default=[], description="What must follow on what, and by when, in production."
    )
    keep: KeepTable = Field(
        default=KeepTable(), description="How long payloads are kept, where hub.toml says otherwise."
    )

    _id: str = PrivateAttr(default="")
    _toml: TomlFile = PrivateAttr()

    @property
    def id(self) -> str:
        """The name of the partner's folder."""
        return self._id

    @property
    def toml(self) -> TomlFile:
        return self._toml


class HubTable(Table):
    database: str | None = Field(
        default=None,
        description="SQLAlchemy URL; HUB_DATABASE wins over it. Default: sqlite:///var/hub.db in the workspace.",
    )
    payloads: str | None = Field(
        default=None,
        description="Object store for the bytes of large payloads: s3://bucket/prefix, and after a ? endpoint=https://.."
        " and region=..; HUB_PAYLOADS wins over it. Its key is in the secrets payloads-key and payloads-secret. "
        "Default: the database.",
    )
    largest_request: int = Field(
        default=50_000_000,
        ge=1_000_000,
        description="Most bytes of one request of a partner (POST /in, /as2). All of it is in memory; AS2 takes "
        "about five times as much.",
    )
    users: list[Annotated[Name, AfterValidator(_not_admin)]] = Field(
        default=[],
        description="Who may sign in besides the administrator: each with the secret user-NAME as the token, and by "
        "that name in the history and the audit log.",
    )
    approve_differences: str | None = Field(
        default=None,
        pattern=r"^[0-9]+[dhm]$",
        description="Publish only when every class of differences new mappings make to the traffic of so long (30d) "
        "is approved: hub mapping diff shows them, hub mapping approve notes them.",
    )


class AccountTable(Table):
    name: str = Field(min_length=1, description="What people call this brand or legal entity.")
    identities: list[Identity] = Field(default=[], description="Our identities in production: qualifier:id.")
    test_identities: list[Identity] = Field(default=[], description="Our identities in tests. Default: the same.")
    ids: dict[str, str] = Field(default={}, description='Our numbers by scheme: { gln = "..", duns = ".." }.')
    gs1_prefix: str | None = Field(
        default=None, pattern=r"^[0-9]{4,12}$", description="The GS1 company prefix our GTINs and SSCCs start with."
    )
    address: AddressTable | None = Field(default=None, description="Our address, for documents that name us.")


class SourceTable(Table):
    ship_from: str = Field(alias="from", description="The warehouse or supplier that ships what fits.")
    item: str = Field(default="*", description="Pattern over an item's identifiers: NW-*.")
    partner: str = Field(default="*", description="Pattern over the ordering partner's folder.")
    ship_to_country: str = Field(default="*", description="Pattern over the ISO 3166 code of where it goes.")


class HubFile(Table):
    hub: HubTable = Field(default=HubTable(), description="This installation.")
    keep: HubKeepTable = Field(default=HubKeepTable(), description="How long payloads are kept; see hub retain.")
    account: dict[Name, AccountTable] = Field(default={}, description="Our own sides, each by a name.")
    source: list[SourceTable] = Field(
        default=[], description="Who ships an order line: the first rule that fits; none: the line waits for a person."
    )
    calendar: dict[Name, CalendarTable] = Field(
        default={}, description="Working days and holidays that delivery windows name: [calendar.us]."
    )
    route: list[RouteTable] = Field(default=[], description="Which documents go to whom besides; every rule that fits.")
    connection: dict[str, dict[str, Any]] = Field(
        default={},
        description='What is different here in a connection of a partner: [connection."harbor/sftp"] host, port, url.',
    )

    _toml: TomlFile = PrivateAttr()

    @property
    def toml(self) -> TomlFile:
        return self._toml
