"""What must hold inside one canonical document, whoever sent it. Agreement-dependent rules live above."""

from collections import Counter
from collections.abc import Sequence

from hub.canonical.document import Document
from hub.canonical.ordering import Order, OrderChange, OrderResponse
from hub.canonical.paying import Invoice
from hub.canonical.shipping import Package, ShipNotice
from hub.canonical.telling import BusinessAnswer, TextMessage
from hub.canonical.transport import TrackingEvent, TransportOrder, TransportResponse
from hub.canonical.warehousing import InboundAdvice, ProductActivity, ReceiptAdvice, ShipmentConfirmation
from hub.errors import Finding, finding

NUMBERLESS = (
    BusinessAnswer,
    OrderChange,
    OrderResponse,
    ProductActivity,
    ShipmentConfirmation,
    TextMessage,
    TrackingEvent,
    TransportResponse,
)
"""Documents that some standard gives no number of their own: they are known by what they are about."""


def gs1_check_digit(digits: str) -> str:
    """The check digit of a GS1 key without it (GS1 General Specifications, section 7.9): weights 3 and 1 from the
    right.
    """
    total = sum(int(digit) * (3 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def valid_gs1(key: str) -> bool:
    """Whether key is all digits and its last digit checks."""
    return len(key) > 1 and key.isascii() and key.isdigit() and gs1_check_digit(key[:-1]) == key[-1]


def check(document: Document) -> list[Finding]:
    """All findings of one document; empty when it is sound."""
    found: list[Finding] = []
    if document.number is None and not isinstance(document, NUMBERLESS):
        found.append(finding("HUB-3110", f"The {type(document).__name__} has no number; every document needs one."))
    if isinstance(document, Order):
        found += _check_order(document)
    elif isinstance(document, ShipNotice):
        found += _check_ship_notice(document)
    elif isinstance(document, ShipmentConfirmation):
        found += _check_packages(document.packages, [(line.number, line.packages) for line in document.lines])
    elif isinstance(document, (InboundAdvice, ReceiptAdvice)):
        inside = [(line.number, [line.package] if line.package else []) for line in document.lines]
        found += _check_packages(document.packages, inside)
    elif isinstance(document, TransportOrder):
        found += _check_packages(document.packages, [])
    elif isinstance(document, Invoice) and document.total is None:
        found.append(finding("HUB-3114", f"Invoice {document.number} has no total."))
    return found


def _check_order(order: Order) -> list[Finding]:
    found = []
    numbers = Counter(line.number for line in order.lines if line.number is not None)
    for number, times in numbers.items():
        if times > 1:
            found.append(
                finding("HUB-3111", f"Order {order.number} has line number {number} {times} times.", value=number)
            )
    for line in order.lines:
        if line.quantity is None or line.quantity.value <= 0:
            value = None if line.quantity is None else str(line.quantity.value)
            found.append(
                finding(
                    "HUB-3112",
                    f"Line {line.number} of order {order.number} orders nothing.",
                    value=value,
                    expected="more than 0",
                )
            )
    return found


def _check_packages(packages: Sequence[Package], lines: Sequence[tuple[str | None, list[str]]]) -> list[Finding]:
    """Every package stands in one that exists, every SSCC checks, and every line lies in packages that exist."""
    found = []
    known = {package.id for package in packages}
    for package in packages:
        if package.parent is not None and package.parent not in known:
            found.append(
                finding("HUB-3113", f"Package {package.id} stands in package {package.parent}, which does not exist.")
            )
        if package.sscc is not None and not (len(package.sscc) == 18 and valid_gs1(package.sscc)):
            found.append(
                finding(
                    "HUB-3115", f"SSCC {package.sscc} is not 18 digits with a right check digit.", value=package.sscc
                )
            )
    for number, inside in lines:
        for id in inside:
            if id not in known:
                found.append(finding("HUB-3113", f"Line {number} lies in package {id}, which does not exist."))
    return found


def _check_ship_notice(notice: ShipNotice) -> list[Finding]:
    inside = [(content.number, [content.package] if content.package else []) for content in notice.contents]
    found = _check_packages(notice.packages, inside)
    orders = {order.id for order in notice.orders}
    for content in notice.contents:
        if content.order is not None and content.order not in orders:
            found.append(
                finding(
                    "HUB-3113", f"Line {content.number} is of order {content.order}, which the notice does not name."
                )
            )
        if content.quantity is not None and content.quantity.value <= 0:
            found.append(
                finding("HUB-3112", f"Line {content.number} ships nothing.", value=str(content.quantity.value))
            )
    return found
