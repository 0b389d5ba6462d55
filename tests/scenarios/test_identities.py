"""Who may send what by which connection: what may not is held as an incident and nothing of it is routed."""

import pytest

from hub.errors import UsageError
from hub.store.tables import incident, sales_order
from tests.hubs import Bench, order, picked, x12


@pytest.mark.parametrize(
    ("by", "code", "payload"),
    [
        ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:MALLORY")),
        ("oakmart/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:BLUEBIRD")),
        ("bluebird/mailbox", "HUB-4103", x12(order("PO-1"), receiver="ZZ:SOMEBODY")),
        ("bluebird/mailbox", "HUB-4104", x12(order("PO-1"), test=True)),
        ("bluebird/mailbox-test", "HUB-4105", x12(order("PO-1"), sender="ZZ:BLUEBIRDT", receiver="ZZ:NORTHWINDT")),
    ],
    ids=["unknown sender", "another partner's name", "not for us", "test in production", "production in test"],
)
def test_what_may_not_come_this_way_is_held(bench: Bench, by: str, code: str, payload: bytes) -> None:
    bench.pass_by(payload, by)
    assert [row["validation"] for row in bench.messages()] == ["held"]
    assert bench.incidents() == [code]
    assert bench.row(incident)["security"]
    assert bench.payloads()[0]["state"] == "held"
    assert bench.rows(sales_order) == []
    assert bench.messages("out") == []
    assert bench.left() == []


def test_it_goes_on_once_the_identity_is_allowed(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), order("PO-2"), sender="ZZ:BLUEBIRD2"))
    held = bench.messages()[0]
    with pytest.raises(UsageError, match="HUB-4102"):
        bench.hub.operations.replay(held["id"], "ann")
    assert [row["validation"] for row in bench.messages()] == ["held", "held"]
    bench.edit("partners/bluebird/partner.toml", '["ZZ:BLUEBIRD"]', '["ZZ:BLUEBIRD", "ZZ:BLUEBIRD2"]')
    bench.publish()
    bench.hub.operations.replay(held["id"], "ann")
    bench.run()
    assert [row["validation"] for row in bench.messages()] == ["accepted", "accepted"], "an envelope goes on as a whole"
    assert bench.incidents() == []
    assert bench.payloads()[0]["state"] == "identified"
    assert len(bench.rows(sales_order)) == 2
    (told,) = [body for body in bench.outbox() if b"ST*997*" in body]
    assert picked(told, "AK9") == ["AK9*A*2*2*2"]
    assert b"BLUEBIRD2 " in told


def test_who_pretends_to_be_a_partner_uses_up_none_of_its_numbers(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-666"), number=7), "oakmart/mailbox")
    bench.pass_by(x12(order("PO-1"), number=7))
    assert [row["number"] for row in bench.rows(sales_order)] == ["PO-1"]


def test_test_traffic_never_meets_production(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    bench.pass_by(
        x12(order("PO-1"), sender="ZZ:BLUEBIRDT", receiver="ZZ:NORTHWINDT", test=True), "bluebird/mailbox-test"
    )
    assert [row["environment"] for row in bench.rows(sales_order)] == ["production", "test"]
    assert {row["environment"] for row in bench.messages("out", connection="harbor/drop-test")} == {"test"}
    assert len(bench.lying("harbor-test")) == 1
    assert b"*T*>" in bench.lying("harbor-test")[0]
    assert b"*P*>" in bench.lying("harbor")[0]
    assert bench.incidents() == []
