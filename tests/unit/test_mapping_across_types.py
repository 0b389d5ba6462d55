"""Every kind of document that both standards have, from the one into the other: what the trade lives on stays what it
is, and no code of the one standard shows up in the other."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.test_mapping_across import across, library, read, samples, shared

Said = Callable[[Any], Any]


def head(document: Any) -> Any:
    return document.number, document.issued and document.issued.date


def names(document: Any) -> Any:
    return [party.name for party in document.parties if party.name]


def amounts(document: Any) -> Any:
    return [line.quantity and line.quantity.value for line in document.lines]


def numbers(document: Any) -> Any:
    return [line.number for line in document.lines]


def items(document: Any) -> Any:
    return [shared(line.ids, "item-scheme", "scheme", "value") for line in document.lines]


def order(document: Any) -> Any:
    return document.order and document.order.number


def counted(document: Any) -> Any:
    both = ("on_hand", "sold", "available", "cumulative", "previous_week", "unusable")
    return [[(q.type, q.value) for q in line.quantities if q.type in both] for line in document.lines]


def on_hand(document: Any) -> Any:
    same = {"actual_stock": "on_hand", "damaged": "unusable", "unusable": "unusable", "on_hand": "on_hand"}
    return [[(same[q.type], q.value) for q in line.quantities if q.type in same] for line in document.lines]


def number(document: Any) -> Any:
    return document.number


def paid(document: Any) -> Any:
    return document.total, document.currency, [(line.invoice.number, line.paid) for line in document.lines]


def buckets(document: Any) -> Any:
    return [[bucket.quantity and bucket.quantity.value for bucket in line.schedules] for line in document.lines]


def events(document: Any) -> Any:
    return [event.status for event in document.events]


def prices(document: Any) -> Any:
    return [[price.amount for price in line.prices] for line in document.lines]


def entries(document: Any) -> Any:
    return [(entry.party.name, [one.value for one in entry.party.ids]) for entry in document.entries]


CHANGED: list[Said] = [head, order, names, numbers, amounts, items]
CASES: list[tuple[str, str, list[str], list[Said]]] = [
    ("x12/860", "edifact/ORDCHG", ["quantity-and-delete", "three-changes"], CHANGED),
    ("edifact/ORDCHG", "x12/860", ["own-ordchg-d01b", "own-ordchg-d96a"], CHANGED),
    ("x12/861", "edifact/RECADV", ["received", "short-and-damaged"], [head, names, numbers, amounts, items]),
    ("x12/944", "edifact/RECADV", ["example", "pallets-of-lots", "short-and-damaged"], [head, names, amounts, items]),
    ("edifact/RECADV", "x12/944", ["own-recadv-d01b", "own-recadv-d96a"], [head, names, amounts, items]),
    ("edifact/RECADV", "x12/861", ["own-recadv-d01b", "own-recadv-d96a"], [head, names, numbers, amounts, items]),
    ("x12/846", "edifact/INVRPT", ["stock-of-a-day", "two-places"], [head, names, items, counted]),
    ("edifact/INVRPT", "x12/846", ["own-invrpt-d01b", "own-invrpt-d96a"], [head, items, on_hand]),
    ("x12/820", "edifact/REMADV", ["deductions", "list-bill", "medicaid", "summary-bill"], [head, names, paid]),
    ("edifact/REMADV", "x12/820", ["own-remadv-d01b", "own-remadv-d96a"], [number, names, paid]),
    ("x12/852", "edifact/SLSRPT", ["store", "two-items-two-stores"], [head, names, items, counted]),
    ("edifact/SLSRPT", "x12/852", ["own-slsrpt-d01b"], [names, items, counted]),
    ("x12/862", "edifact/DELFOR", ["two-days"], [head, numbers, items, buckets]),
    ("x12/862", "edifact/DELJIT", ["two-days"], [head, numbers, items, buckets]),
    ("edifact/DELFOR", "x12/862", ["own-delfor-d01b", "own-delfor-d96a"], [head, items, buckets]),
    ("edifact/DELJIT", "x12/862", ["own-deljit-d01b"], [head, items, buckets]),
    ("x12/204", "edifact/IFTMIN", ["hazmat", "paper", "two-orders"], [head, names]),
    ("edifact/IFTMIN", "x12/204", ["own-iftmin-d96a"], [names]),
    ("x12/214", "edifact/IFTSTA", ["004030", "005010"], [head, names, events]),
    ("edifact/IFTSTA", "x12/214", ["own-iftsta-d01b", "own-iftsta-d96a"], [events]),
    ("x12/832", "edifact/PRICAT", ["books", "seasonal"], [head, numbers, prices]),
    ("edifact/PRICAT", "x12/832", ["own-pricat-d01b", "own-pricat-d96a"], [names, items, prices]),
    ("x12/816", "edifact/PARTIN", ["two-stores"], [head, entries]),
    ("edifact/PARTIN", "x12/816", ["own-partin-d01b"], [head, entries]),
    ("x12/180", "edifact/RETANN", ["damaged-and-overstock", "rma"], [names, amounts, items]),
    ("edifact/RETANN", "x12/180", ["own-retann-d01b"], [head, order, names, amounts, items]),
    ("x12/824", "edifact/APERAK", ["insurance", "rejected"], [head]),
    ("edifact/APERAK", "x12/824", ["own-aperak-d01b", "own-aperak-d96a"], [head, names]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "named", "said"), CASES, ids=[f"{one[0]}-{one[1]}" for one in CASES])
def test_what_the_trade_lives_on_stays_what_it_is(source: str, target: str, named: list[str], said: list[Said]) -> None:
    found = [(name, message) for name, message in samples(source) if name in named]
    assert {name for name, _ in found} == set(named)
    for name, message in found:
        document = read(library().get(source), message)
        there = across(source, target, document)
        for of in said:
            assert of(there) == of(document), f"{name}: {of.__name__}"
