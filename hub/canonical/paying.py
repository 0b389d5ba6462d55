"""Invoices, credit and debit notes, and what is paid of them."""

from decimal import Decimal

from hub.canonical.document import Document, GoodsDocument, GoodsLine, Line
from hub.canonical.goods import Condition
from hub.canonical.values import (
    Amount,
    BankAccount,
    Charge,
    DateAt,
    ExchangeRate,
    Ext,
    Moment,
    Note,
    OrderRef,
    Part,
    Party,
    Place,
    Reference,
    Tax,
    TypedQuantity,
)


class InvoiceLine(GoodsLine):
    """What is asked for one item. kind (credit or debit) and reason: why, in a credit or debit note. conditions: how
    much of it is other than it was ordered or came."""

    kind: str | None = None
    reason: str | None = None
    order: OrderRef | None = None
    conditions: list[Condition] = []


class Invoice(GoodsDocument):
    """kind: invoice, credit_note, debit_note, corrected, self_billed. total: what is to be paid, all in. invoice: what
    a credit or debit note is about. payment: how it is to be paid."""

    payment: "Payment | None" = None
    order: OrderRef | None = None
    invoice: OrderRef | None = None
    shipment: str | None = None
    reason: str | None = None
    lines: list[InvoiceLine] = []
    lines_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None


class Payment(Part):
    """How money moves. method: ach, wire, cheque, card, none, ..; action: payment_with_advice, advice_only,
    prenotification, ..; direction: credit or debit; trace: the bank's own number of it; payer and payee: the accounts
    it leaves and reaches; banks: others, each with its role."""

    method: str | None = None
    action: str | None = None
    direction: str | None = None
    format: str | None = None
    date: Moment | None = None
    trace: str | None = None
    trace_type: str | None = None
    trace_issuer: str | None = None
    purpose: str | None = None
    originator: str | None = None
    originator_supplement: str | None = None
    payer: BankAccount | None = None
    payee: BankAccount | None = None
    banks: list[BankAccount] = []


class Adjustment(Part):
    """Why less or more is paid than was asked. amount: lowers what is paid if negative. reason: damaged, returned,
    short, price, advertising, .."""

    amount: Decimal
    reason: str | None = None
    invoice: OrderRef | None = None
    references: list[Reference] = []
    dates: list[DateAt] = []
    notes: list[Note] = []
    ext: Ext = {}


class RemittanceLine(Line):
    """One invoice or other claim that is paid. paid of total, less discount and adjustments. invoice: its number and
    type; action: paid_in_full, partial, ..; on_behalf_of: for whom, where one payment is for several; items: what was
    bought, where that is told."""

    on_behalf_of: Party | None = None
    invoice: OrderRef | None = None
    action: str | None = None
    paid: Decimal | None = None
    total: Decimal | None = None
    discount: Decimal | None = None
    order: OrderRef | None = None
    amounts: list[Amount] = []
    adjustments: list[Adjustment] = []
    charges: list[Charge] = []
    taxes: list[Tax] = []
    quantities: list[TypedQuantity] = []
    parties: list[Party] = []
    items: list[GoodsLine] = []
    currency: str | None = None
    places: list[Place] = []


class Remittance(Document):
    """What is or was paid, and for what. Banks stand with the payment, or with the parties payer and payee."""

    payment: Payment | None = None
    total: Decimal | None = None
    lines: list[RemittanceLine] = []
    adjustments: list[Adjustment] = []
    amounts: list[Amount] = []
    taxes: list[Tax] = []
    rates: list[ExchangeRate] = []
