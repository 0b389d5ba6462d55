"""Test and production side by side: whatever comes in either, everything it causes stays in it."""

import pytest

from hub.store.tables import delivery, fulfilment, interchange, message, sales_order
from tests.hubs import Bench, order, x12

TABLES = (message, interchange, sales_order)
TRAFFIC = {
    "production": ("bluebird/mailbox", {}),
    "test": ("bluebird/mailbox-test", {"sender": "ZZ:BLUEBIRDT", "receiver": "ZZ:NORTHWINDT", "test": True}),
}


@pytest.mark.parametrize("first", sorted(TRAFFIC))
def test_the_same_order_in_both_never_meets(bench: Bench, first: str) -> None:
    second = next(one for one in TRAFFIC if one != first)
    for environment in (first, second):
        connection, how = TRAFFIC[environment]
        bench.pass_by(x12(order("PO-1"), number=1, **how), connection)
    kinds = {one.name: one.environment for one in bench.hub.content().partners.connections()}
    assert {row["environment"] for row in bench.rows(sales_order)} == set(TRAFFIC), "one is no repeat of the other"
    for table in TABLES:
        for row in bench.rows(table):
            if row["connection"]:
                assert kinds[row["connection"]] == row["environment"], (table.name, row["connection"])
    sent = {row["id"]: row["environment"] for row in bench.rows(interchange, direction="out")}
    for row in bench.rows(delivery):
        assert kinds[row["connection"]] == sent[row["interchange_id"]]
    for body in bench.outbox("bluebird/mailbox"):
        assert b"*0*P*" in body[:106]
        assert b"NORTHWINDT" not in body
    tests = bench.outbox("bluebird/mailbox-test")
    assert tests != []
    for body in tests:
        assert b"*0*T*" in body[:106]
    numbers = [row["number"] for row in bench.rows(fulfilment)]
    assert len(numbers) == len(set(numbers)), "an answer never means two things"
