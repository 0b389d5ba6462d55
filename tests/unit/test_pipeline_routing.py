"""Routing rules: data in hub.toml; what went where says why."""

from decimal import Decimal
from pathlib import Path

import pytest

from hub.canonical import Order, OrderLine, Price, Quantity
from hub.errors import ConfigError
from hub.partner import Partners, RouteFacts, read_hub, route_facts
from hub.partner.routes import Route
from hub.store.tables import event, message
from tests.hubs import Bench, order, x12

FACTS = RouteFacts(
    document="Order",
    order_type="drop_ship",
    partner="bluebird",
    role="retailer",
    parties=("BLUEBIRD", "Bluebird Stores Inc", "0012"),
    ship_to=("0012", "Bluebird Store 12"),
    ship_to_country="US",
    items=("NW-100", "AL-300"),
    amount=Decimal("154.00"),
)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"document": "Ord*"}, True),
        ({"document": "ShipNotice"}, False),
        ({"order_type": "drop_ship"}, True),
        ({"order_type": "release"}, False),
        ({"partner": "oak*"}, False),
        ({"role": "retailer"}, True),
        ({"party": "Bluebird Stores*"}, True),
        ({"party": "Oakmart*"}, False),
        ({"ship_to": "0012"}, True),
        ({"ship_to_country": "D?"}, False),
        ({"item": "AL-*"}, True),
        ({"item": "ZZ-*"}, False),
        ({"least": Decimal("154")}, True),
        ({"least": Decimal("154.01")}, False),
        ({"below": Decimal("154")}, False),
        ({"below": Decimal("155"), "item": "NW-*"}, True),
        ({"below": Decimal("155"), "item": "ZZ-*"}, False),
    ],
)
def test_a_rule_fits_when_everything_it_names_does(wanted: dict[str, object], fits: bool) -> None:
    assert Route(name="rule", to=("erp",), **wanted).fits(FACTS) is fits  # type: ignore[arg-type]


def test_what_has_no_amount_is_of_none() -> None:
    silent = RouteFacts(document="InventoryReport")
    assert not Route(name="big", to=(), least=Decimal(0)).fits(silent)
    assert not Route(name="small", to=(), below=Decimal(10)).fits(silent)


def test_the_amount_is_the_total_or_what_the_lines_come_to() -> None:
    line = OrderLine(
        quantity=Quantity(value=Decimal(10), unit="EA"), price=Price(amount=Decimal("12.50"), per=Decimal(2))
    )
    assert route_facts(Order(number="1", lines=[line]), "a", "retailer").amount == Decimal("62.5")
    assert route_facts(Order(number="1", lines=[line], total=Decimal(7)), "a", "retailer").amount == Decimal(7)
    assert route_facts(Order(number="1"), "a", "retailer").amount is None


RULES = """
[[route]]
name = "big orders are watched"
to = ["watcher"]
document = "Order"
least = "100"
"""

WATCHER = """
name = "Watcher"
role = "carrier"

[connection.drop]
connector = "drop"
folder = "watcher"

[[agreement]]
send = "json/canonical"
documents = ["Order"]
environment = "production"
"""


def with_rules(bench: Bench, rules: str) -> None:
    (bench.folder / "hub.toml").write_text((bench.folder / "hub.toml").read_text() + rules)
    (bench.folder / "partners" / "watcher").mkdir()
    (bench.folder / "partners" / "watcher" / "partner.toml").write_text(WATCHER)
    bench.publish()


def why(bench: Bench) -> list[str]:
    """What the routed messages say of it."""
    return [line for row in bench.rows(event, name="routed") for line in row["detail"]["why"]]


def test_a_document_that_fits_goes_there_too_and_says_why(sqlite_bench: Bench) -> None:
    with_rules(sqlite_bench, RULES)
    small = order("SMALL", ("1", "NW-100", "1", "12.50"))
    sqlite_bench.pass_by(x12(order("BIG"), small))
    assert [row["number"] for row in sqlite_bench.rows(message, partner="watcher")] == ["BIG"]
    assert len(sqlite_bench.lying("watcher")) == 1
    assert 'Order BIG to watcher: the routing rule "big orders are watched"' in why(sqlite_bench)
    assert "Order BIG to erp: the merchant's own systems get copies" in why(sqlite_bench)
    assert [line for line in why(sqlite_bench) if line.startswith("WarehouseOrder") and "harbor" in line]


def test_a_rule_may_keep_documents_from_the_merchants_systems(sqlite_bench: Bench) -> None:
    rule = '\n[[route]]\nname = "no answers"\ndocument = "OrderResponse"\ncopies = false\n'
    with_rules(sqlite_bench, rule)
    sqlite_bench.pass_by(x12(order("PO-1")))
    copied = {line.split(" ")[0] for line in why(sqlite_bench) if " to erp: " in line}
    assert copied == {"Order", "WarehouseOrder"}


def test_whoever_has_it_already_gets_it_once(sqlite_bench: Bench) -> None:
    with_rules(sqlite_bench, RULES + RULES.replace("big orders are watched", "again"))
    sqlite_bench.pass_by(x12(order("BIG")))
    assert len(sqlite_bench.lying("watcher")) == 1


def test_a_rule_to_nobody_is_a_fault_of_hub_toml(tmp_path: Path) -> None:
    text = '[account.a]\nname = "A"\nidentities = ["ZZ:A"]\n[[route]]\nname = "x"\nto = ["nobody"]\n'
    with pytest.raises(ConfigError, match='to names "nobody", which is no partner'):
        Partners([], read_hub(text, "hub.toml"))


def test_two_agreements_to_send_one_type_are_told_apart(sqlite_bench: Bench) -> None:
    again = '\n[[agreement]]\nsend = "x12/004010/940"\nmapping = "x12/940"\n'
    again += 'connection = "drop"\nfile_name = "own_{control_number}.edi"\n'
    file = sqlite_bench.folder / "partners" / "harbor" / "partner.toml"
    file.write_text(file.read_text() + again)
    sqlite_bench.publish()
    sqlite_bench.pass_by(x12(order("PO-1")))
    names = sorted(row["file_name"].startswith("own_") for row in sqlite_bench.deliveries("harbor"))
    assert names == [False, True]
