"""Shares of a line over stores (SDQ), date and time that do not stand side by side, composites in groups."""

from decimal import Decimal

from hub.canonical import (
    Condition,
    DateAt,
    Moment,
    Order,
    OrderLine,
    Quantity,
    ReceiptAdvice,
    ReceivedLine,
    Schedule,
    Split,
    WarehouseOrder,
)
from tests.unit.edi import x12
from tests.unit.test_mapping_parts import library, read, written


def share(store: str, quantity: int, unit: str = "H87", scheme: str = "buyer_assigned") -> Split:
    return Split(location=store, quantity=Quantity(value=Decimal(quantity), unit=unit), scheme=scheme)


def order(*splits: Split) -> Order:
    line = OrderLine(number="1", quantity=Quantity(value=Decimal(99), unit="H87"), splits=list(splits))
    return Order(number="PO1", issued=Moment(date="2026-01-22"), lines=[line])


def splits_of(document: Order) -> list[str]:
    return [line for line in written("x12/850", document, "004010") if line.startswith("SDQ")]


def test_shares_are_read_from_all_segments() -> None:
    lines = ["BEG*00*SA*PO1**20260122", "PO1*1*30*EA", "SDQ*EA*92*0012*14*0019*10", "SDQ*CA*92*0023*6"]
    found = read("x12/850", x12(lines)).lines[0].splits
    assert found == [share("0012", 14), share("0019", 10), share("0023", 6, unit="XCS")]


def test_ten_shares_fill_a_segment() -> None:
    found = splits_of(order(*(share(f"{n:04}", n) for n in range(1, 13))))
    assert [line.count("*00") for line in found] == [10, 2]
    assert found[1] == "SDQ*EA*92*0011*11*0012*12"


def test_shares_of_another_unit_or_scheme_begin_a_segment() -> None:
    found = splits_of(order(share("1", 1), share("2", 2, unit="XCS"), share("3", 3, unit="XCS", scheme="gln")))
    assert found == ["SDQ*EA*92*1*1", "SDQ*CA*92*2*2", "SDQ*CA*UL*3*3"]


def test_shares_go_back_where_they_stood() -> None:
    lines = ["BEG*00*SA*PO1**20260122", "PO1*1*30*EA", "SDQ*EA*92*0012*14", "SDQ*EA*92*0019*16"]
    assert splits_of(read("x12/850", x12(lines))) == lines[2:]


def test_a_segment_that_nothing_opens_is_left_out_and_said() -> None:
    document = order()
    document.lines[0].schedules = [Schedule(kind="firm")]
    writing = library().get("x12/850").write(document, "004010")
    assert [found.code for found in writing.findings if "schedules" in found.message] == ["HUB-3223"]
    assert "SCH" not in [segment[0] for segment in writing.segments]


def test_a_time_behind_its_qualifier_belongs_to_the_date_before_it() -> None:
    lines = [
        "W17*F*20260122*R1*D1**4*1415",
        "N1*WH*RENO",
        "G62*19*20260121*8*1330*UT",
        "W07*1*EA*012345678905",
        "W14*1",
    ]
    receipt = read("x12/944", x12(lines, type="944", group="RE"))
    assert receipt.issued == Moment(date="2026-01-22", time="14:15")
    assert receipt.dates == [
        DateAt(type="unloaded", at=Moment(date="2026-01-21", time="13:30", zone="UTC"), time_type="actual_pickup")
    ]
    assert lines[2] in written("x12/944", receipt, "004010")


def test_the_unit_of_a_group_may_be_a_composite() -> None:
    lines = ["BRA*R1*20260122*00*1", "DTM*050*20260122", "RCD*1*8*EA***2*EA*01*1*EA*02"]
    receipt = read("x12/861", x12(lines, type="861", group="RC"))
    one, two = (Quantity(value=Decimal(n), unit="H87") for n in (1, 2))
    assert receipt.lines[0].conditions == [
        Condition(status="damaged", quantity=two),
        Condition(status="short", quantity=one),
    ]
    bare = ReceiptAdvice(number="R1", lines=[ReceivedLine(number="1", conditions=[Condition(status="damaged")])])
    assert "RCD*1*******01" in written("x12/861", bare, "004010")


def test_a_warehouse_order_carries_where_the_freight_is_free() -> None:
    document = read("x12/940", x12(["W05*N*D1", "W66*CC*M***ROUTE*02*RENO"], type="940", group="OW"))
    assert isinstance(document, WarehouseOrder)
    assert document.delivery_terms is not None
    assert (document.delivery_terms.code, document.delivery_terms.text) == ("destination", "RENO")
