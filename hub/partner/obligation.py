"""What must follow on what, and by when: obligations towards a partner and of a partner, as rules in its file.

The usual times are the trade's: an order is answered within a day, a ship notice leaves within half an hour of the
truck and before it arrives, an invoice within two days of the ship notice, an order that is held is looked at within a
working hour.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from pydantic import AfterValidator, Field, model_validator

import hub.canonical
from hub.canonical import Document, Moment
from hub.partner.calendar import Calendar, Span, parse_span, parse_time
from hub.partner.schedule import parse_duration
from hub.partner.suggest import suggestion
from hub.partner.table import Table

DOCUMENTS = tuple(hub.canonical.DOCUMENTS)
_PENALTY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,2})?)(?: ([A-Z]{3})|(%))", re.ASCII)
_TYPE = re.compile(r"[0-9]{3}|[A-Z]{6}", re.ASCII)
_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}", re.ASCII)
_DATE = re.compile(r"[a-z_]{1,40}", re.ASCII)


class Penalty(msgspec.Struct, frozen=True, kw_only=True):
    """What missing it costs: an amount in a currency, or (currency "") so many per cent of the order's value."""

    amount: Decimal
    currency: str = ""

    def of(self, value: Decimal | None) -> Decimal | None:
        """The money at risk; None: nobody knows the order's value."""
        if self.currency:
            return self.amount
        return None if value is None else (value * self.amount / 100).quantize(Decimal("0.01"))


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """A rule. after: the events that open one, "receive Order" from the partner, "hold Order" where one waits for a
    person, "send ShipNotice" to it, "learn ShipmentConfirmation" from anybody about one of its orders. wants: the event
    that meets it, "send 870" where it must be by that type of message, "review Order" when a person deals with what is
    held. within: one is opened for each. about: which number ties the two together, the document's own or its order's.

    from_date: the kinds of date in the document the time counts from, at the cut-off by; else it counts from the event,
    or from the first cut-off after it. before: so long before that date it is due; without one nothing is. arrival: the
    kinds of date it is never due after. purpose, order_type: of the documents that open it; none: any.
    """

    kind: str
    after: tuple[str, ...]
    wants: str
    within: tuple[Span, ...]
    about: Literal["number", "order"] = "number"
    from_date: tuple[str, ...] = ()
    by: time | None = None
    before: timedelta | None = None
    arrival: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    order_type: tuple[str, ...] = ()
    warn: timedelta = timedelta(hours=1)
    penalty: Penalty | None = None

    @property
    def ours(self) -> bool:
        """Whether we owe it; else the partner does."""
        return not self.wants.startswith("receive ")

    def is_opened_by(self, document: Document) -> bool:
        """Whether it is about documents like that."""
        kinds = (("purpose", self.purpose), ("order_type", self.order_type))
        return all(not wanted or getattr(document, name, None) in wanted for name, wanted in kinds)

    def due(self, calendar: Calendar, at: datetime, document: Document) -> list[datetime]:
        """By when each must be met, opened at that moment by that document."""
        named = _named(self.from_date, document)
        if self.before is not None:
            return [] if named is None else [_at(calendar, named, calendar.opens) - self.before]
        if named is not None:
            base = calendar.at(datetime.fromisoformat(named.date).date(), self.by or calendar.closes)
        else:
            base = calendar.cut_off(at, self.by) if self.by is not None else at
        arrival = _named(self.arrival, document)
        times = [calendar.add(base, span) for span in self.within]
        if arrival is None or arrival.time is None:  # a day alone says nothing of the hour
            return times
        return [min(one, _at(calendar, arrival, calendar.closes)) for one in times]


def _named(kinds: tuple[str, ...], document: Document) -> Moment | None:
    """The first date there is of these kinds."""
    return next((date for kind in kinds if (date := document.date(kind)) is not None and date.date), None)


def _at(calendar: Calendar, moment: Moment, wall: time) -> datetime:
    """In UTC; of a date alone at that time of day. A time without a zone, or in one nobody knows, is the calendar's."""
    if moment.time is None:
        return calendar.at(datetime.fromisoformat(moment.date).date(), wall)
    zone = "+00:00" if moment.zone == "UTC" else moment.zone or ""
    said = datetime.fromisoformat(f"{moment.date}T{moment.time}")
    if _OFFSET.fullmatch(zone):
        return datetime.fromisoformat(f"{said.isoformat()}{zone}").astimezone(UTC)
    if zone in available_timezones():
        return said.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return calendar.at(said.date(), said.time())


def _rule(kind: str, after: str, wants: str, within: str, **more: Any) -> Obligation:
    spans = tuple(parse_span(one) for one in within.split(", "))
    return Obligation(kind=kind, after=tuple(after.split(", ")), wants=wants, within=spans, **more)


_SHIPPED = "learn ShipmentConfirmation, learn ShipNotice"
_SHIP_DATES = ("requested_ship", "ship_not_after")
_ARRIVAL = ("appointment", "estimated_delivery")

KINDS: Mapping[str, Obligation] = {
    rule.kind: rule
    for rule in (
        _rule("order_response", "receive Order", "send OrderResponse", "24h", warn=timedelta(hours=4)),
        _rule("order_status", "receive Order", "send 870", "24h, 48h", about="order", warn=timedelta(hours=4)),
        _rule("first_review", "hold Order", "review Order", "1 working hour", warn=timedelta(minutes=30)),
        _rule("change_response", "receive OrderChange", "send OrderResponse", "24h", about="order"),
        _rule(
            "cancel_response", "receive Order, receive OrderChange", "send OrderResponse", "4h", about="order",
            purpose=("cancel",),
        ),
        _rule("ship_on_time", "receive Order", "send ShipNotice", "0s", from_date=_SHIP_DATES),
        _rule(
            "ship_notice", _SHIPPED, "send ShipNotice", "30m", about="order", arrival=_ARRIVAL,
            warn=timedelta(minutes=10),
        ),
        _rule(
            "ship_notice_ahead", _SHIPPED, "send ShipNotice", "0s", about="order", before=timedelta(hours=4),
            from_date=("appointment",),
        ),
        _rule("invoice", "send ShipNotice", "send Invoice", "48h", about="order", warn=timedelta(hours=8)),
        _rule(
            "shipment_confirmation", "send WarehouseOrder", "receive ShipmentConfirmation", "2h",
            from_date=_SHIP_DATES, by=time(16),
        ),
        _rule(
            "receipt_advice", "send InboundAdvice", "receive ReceiptAdvice", "24h",
            from_date=("estimated_delivery", "requested_delivery"),
        ),
        _rule("transport_response", "send TransportOrder", "receive TransportResponse", "4h"),
        _rule("purchase_response", "send Order", "receive OrderResponse", "24h", warn=timedelta(hours=4)),
    )
}  # fmt: skip
"""The obligations of the trade with their usual times."""

MARKETPLACE = parse_span("4h")
"""How soon a marketplace wants its orders answered."""


def parse_penalty(text: str) -> Penalty:
    """ "50 USD", "2.5%". ValueError: anything else."""
    match = _PENALTY.fullmatch(text)
    if match is None:
        raise ValueError(f'found "{text}", expected a penalty such as "50 USD" or "3%" (of the order\'s value)')
    return Penalty(amount=Decimal(match[1]), currency=match[2] or "")


def _event(text: str) -> str:
    verb, _, document = text.partition(" ")
    if verb not in ("receive", "hold", "send", "learn") or document not in DOCUMENTS:
        hint = suggestion(document, DOCUMENTS)
        raise ValueError(f'found "{text}", expected receive, hold, send or learn and a document, "receive Order"{hint}')
    return text


def _wanted(text: str) -> str:
    verb, _, what = text.partition(" ")
    if verb not in ("receive", "send", "review") or not (
        what in DOCUMENTS or (verb == "send" and _TYPE.fullmatch(what))
    ):
        hint = suggestion(what, DOCUMENTS)
        expected = 'receive, send or review and a document, "send ShipNotice", or a type that is sent, "send 870"'
        raise ValueError(f'found "{text}", expected {expected}{hint}')
    return text


def _date_kind(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError(f'found "{text}", expected a kind of date such as requested_ship')
    return text


def _read_by(parse: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


Event = Annotated[str, AfterValidator(_event)]
_Span = Annotated[str, _read_by(parse_span)]


class ObligationTable(Table):
    kind: str = Field(
        min_length=1,
        max_length=60,
        description=f"What is owed: {', '.join(KINDS)}; or a name of your own, with after, wants and within.",
    )
    after: list[Event] | None = Field(
        default=None,
        description='What opens it: "receive Order", "hold Order" (it waits for a person), "send ShipNotice", or '
        '"learn ShipmentConfirmation" from anybody about an order of this partner.',
    )
    wants: Annotated[str, AfterValidator(_wanted)] | None = Field(
        default=None,
        description='What meets it: "send ShipNotice", "receive TransportResponse", "send 870" (by that type of '
        'message), "review Order" (a person deals with what is held).',
    )
    within: _Span | Annotated[list[_Span], Field(min_length=1)] | None = Field(
        default=None,
        description='The time for it: "24h", "2 working hours", "3 working days"; where it is owed twice: '
        '["24h", "48h"].',
    )
    by: Annotated[str, _read_by(parse_time)] | None = Field(
        default=None, description="A cut-off, 16:00: the time counts from the first one of a working day that follows."
    )
    from_date: Annotated[str, AfterValidator(_date_kind)] | None = Field(
        default=None, description="The kind of date in the document that the time counts from: requested_ship."
    )
    before: Annotated[str, _read_by(parse_duration)] | None = Field(
        default=None,
        description="So long before the date of from_date it is due; a document without that date opens none.",
    )
    purpose: list[str] | None = Field(
        default=None, description='Only documents of these purposes open it: ["cancel"]. Default: any.'
    )
    order_type: list[str] | None = Field(
        default=None, description='Only orders of these types open it: ["drop_ship"]. Default: any.'
    )
    about: Literal["number", "order"] | None = Field(
        default=None, description="What ties the two together: the document's own number, or its order's."
    )
    warn: Annotated[str, _read_by(parse_duration)] | None = Field(
        default=None, description="So long before the end it is shown as due soon."
    )
    penalty: Annotated[str, _read_by(parse_penalty)] | None = Field(
        default=None, description='What missing it costs: "50 USD", or "3%" of the order\'s value.'
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "ObligationTable":
        if self.kind not in KINDS and not (self.after and self.wants and self.within):
            hint = suggestion(self.kind, KINDS)
            raise ValueError(f'kind is "{self.kind}", which is none of the usual{hint}: say after, wants and within')
        return self


_READ: Mapping[str, Callable[[Any], object]] = {
    "within": lambda said: tuple(parse_span(one) for one in ([said] if isinstance(said, str) else said)),
    "before": parse_duration,
    "purpose": tuple,
    "order_type": tuple,
    "by": parse_time,
    "warn": parse_duration,
    "penalty": parse_penalty,
    "after": tuple,
    "from_date": lambda kind: (kind,),
}


def settle_obligations(tables: list[ObligationTable], role: str) -> tuple[Obligation, ...]:
    return tuple(_settled(table, role) for table in tables)


def _settled(table: ObligationTable, role: str) -> Obligation:
    """The usual rule of its kind with what the file says otherwise."""
    said: dict[str, Any] = {}
    for name in table.model_fields_set:
        if (value := getattr(table, name)) is not None:
            said[name] = _READ[name](value) if name in _READ else value
    usual = KINDS.get(table.kind)
    if usual is None:
        return Obligation(**said)
    if role == "marketplace" and table.kind == "order_response":
        said.setdefault("within", (MARKETPLACE,))
    return msgspec.structs.replace(usual, **said)
