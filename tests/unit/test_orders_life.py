"""Statuses are derived from quantities and never move backwards; differences are said in words."""

from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical import Id, Order, OrderLine, Quantity
from hub.orders import statuses
from hub.orders.difference import differences

FULFILMENT = (
    "ordered",
    "partly_accepted",
    "accepted",
    "partly_released",
    "released",
    "cancelled",
    "partly_shipped",
    "shipped",
    "partly_delivered",
    "delivered",
)
MONEY = ("not_invoiced", "partly_invoiced", "invoiced", "credited")
AFTER_SALES = ("none", "partly_returned", "returned")

ordered = st.lists(st.integers(1, 12), min_size=1, max_size=4)
kinds = st.sampled_from(
    ("accepted", "released", "shipped", "delivered", "invoiced", "returned", "credited", "cancelled")
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, str, int]]]:
    """What was ordered of each line, and what is said of the lines afterwards, in any order."""
    lines = draw(ordered)
    fact = st.tuples(st.integers(0, len(lines) - 1), kinds, st.integers(1, 12))
    return lines, draw(st.lists(fact, max_size=25))


@given(histories())
def test_no_event_moves_a_status_backwards(history: tuple[list[int], list[tuple[int, str, int]]]) -> None:
    lines, facts = history
    sums = [{"ordered": Decimal(quantity)} for quantity in lines]
    before = (0, 0, 0)
    for line, kind, quantity in facts:
        sums[line][kind] = sums[line].get(kind, Decimal(0)) + quantity
        found = statuses(sums)
        ranks = (
            FULFILMENT.index(found.fulfilment),
            MONEY.index(found.money),
            AFTER_SALES.index(found.after_sales),
        )
        assert all(now >= then for now, then in zip(ranks, before, strict=True)), f"{kind} moved {before} to {ranks}"
        before = ranks


@given(histories(), st.randoms())
def test_the_order_of_events_does_not_matter(
    history: tuple[list[int], list[tuple[int, str, int]]], chance: Random
) -> None:
    lines, facts = history
    ends = []
    for _ in range(2):
        sums = [{"ordered": Decimal(quantity)} for quantity in lines]
        for line, kind, quantity in facts:
            sums[line][kind] = sums[line].get(kind, Decimal(0)) + quantity
        ends.append(statuses(sums))
        chance.shuffle(facts)
    assert ends[0] == ends[1]


def test_statuses_people_know() -> None:
    def of(*lines: dict[str, int]) -> str:
        return statuses([{kind: Decimal(value) for kind, value in line.items()} for line in lines]).fulfilment

    assert of({"ordered": 10}) == "ordered"
    assert of({"ordered": 10, "cancelled": 10}) == "cancelled"
    assert of({"ordered": 10, "shipped": 6}) == "partly_shipped"
    assert of({"ordered": 10, "shipped": 6, "cancelled": 4}) == "shipped"
    assert of({"ordered": 10, "cancelled": 10}, {"ordered": 5, "shipped": 5}) == "shipped"
    assert of({"ordered": 10, "shipped": 10, "cancelled": 10}) == "shipped", "cancelled too late"
    assert of({"ordered": 10, "shipped": 10, "delivered": 10}, {"ordered": 1, "shipped": 1}) == "partly_delivered"


def line(quantity: str, item: str = "NW-1") -> OrderLine:
    return OrderLine(number="1", ids=[Id(scheme="vendor", value=item)], quantity=Quantity(value=Decimal(quantity)))


def test_differences_name_the_place_and_both_values() -> None:
    before, after = Order(number="1", lines=[line("10")]), Order(number="1", lines=[line("12", "NW-2")])
    assert sorted(differences(before, after)) == [
        "lines[0].ids[0].value: NW-1 -> NW-2",
        "lines[0].quantity.value: 10 -> 12",
    ]
    assert differences(before, Order(number="1", lines=[line("10")])) == []


def test_many_differences_are_counted() -> None:
    before = Order(number="1", lines=[line(str(n)) for n in range(9)])
    after = Order(number="1", lines=[line(str(n + 1)) for n in range(9)])
    assert differences(before, after)[-1] == "and 4 more"


def test_what_a_sender_keeps_for_itself_is_no_difference() -> None:
    assert differences(Order(number="1", ext={"x12/850": {"A": "1"}}), Order(number="1")) == []
