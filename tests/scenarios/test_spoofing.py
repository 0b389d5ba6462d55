"""Who pretends to be somebody else: every way is held as a security incident, and nothing of it is routed."""

import pytest

from hub.errors import UsageError
from hub.store.tables import document, incident, sales_order
from tests.hubs import Bench, answer, edifact, european_order, order, x12

US, THEM = "4098765000010:14", "4012345000009:14"


def european(sender: str = THEM, receiver: str = US, test: bool = False) -> bytes:
    body = edifact(european_order("EM-1"), sender=sender, receiver=receiver)
    return body.replace(b"+260105:0900+1'", b"+260105:0900+1++++++1'") if test else body


CASES = {
    "X12: unknown sender": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:MALLORY")),
    "X12: right name, other qualifier": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="01:BLUEBIRD")),
    "X12: name in small letters": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:bluebird")),
    "X12: name with a prefix": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:BLUEBIRD1")),
    "X12: no name": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:")),
    "X12: another partner's name": ("oakmart/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:BLUEBIRD")),
    "X12: a warehouse's name": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="01:123456789")),
    "X12: our own name": ("bluebird/mailbox", "HUB-4102", x12(order("PO-1"), sender="ZZ:NORTHWIND")),
    "X12: not for us": ("bluebird/mailbox", "HUB-4103", x12(order("PO-1"), receiver="ZZ:SOMEBODY")),
    "X12: for another partner": ("bluebird/mailbox", "HUB-4103", x12(order("PO-1"), receiver="ZZ:OAKMART")),
    "X12: test in production": ("bluebird/mailbox", "HUB-4104", x12(order("PO-1"), test=True)),
    "X12: production in test": (
        "bluebird/mailbox-test",
        "HUB-4105",
        x12(order("PO-1"), sender="ZZ:BLUEBIRDT", receiver="ZZ:NORTHWINDT"),
    ),
    "EDIFACT: unknown sender": ("europa/drop", "HUB-4102", european(sender="4000000000001:14")),
    "EDIFACT: other qualifier": ("europa/drop", "HUB-4102", european(sender="4012345000009:9")),
    "EDIFACT: another partner's name": ("alpine/drop", "HUB-4102", european()),
    "EDIFACT: not for us": ("europa/drop", "HUB-4103", european(receiver="4000000000002:14")),
    "EDIFACT: test in production": ("europa/drop", "HUB-4104", european(test=True)),
}


@pytest.mark.parametrize(("by", "code", "payload"), CASES.values(), ids=CASES)
def test_nothing_of_it_is_routed(sqlite_bench: Bench, by: str, code: str, payload: bytes) -> None:
    bench = sqlite_bench
    bench.pass_by(payload, by)
    assert bench.incidents() == [code]
    assert bench.row(incident)["security"]
    assert {row["state"] for row in bench.payloads()} == {"held"}
    assert {row["validation"] for row in bench.messages()} == {"held"}
    assert bench.rows(sales_order) == bench.rows(document) == bench.messages("out") == []
    assert bench.left() == []


def test_nobody_answers_in_another_ones_name(sqlite_bench: Bench) -> None:
    """An acknowledgement of what another partner was sent settles nothing."""
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    [sent] = [body for body in bench.lying("harbor") if b"ST*940*" in body]
    before = bench.message("out", type="940")["acknowledgement"]
    bench.pass_by(answer(sent), "oakmart/mailbox")
    assert bench.incidents() == ["HUB-4102"]
    assert bench.message("out", type="940")["acknowledgement"] == before == "expected"


def test_groups_of_two_partners_in_one_interchange_are_nobodys(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit(
        "partners/bluebird/partner.toml",
        'password = "secret:bluebird"',
        'password = "secret:bluebird"\ncarries = ["oakmart"]',
    )
    bench.edit("partners/oakmart/partner.toml", '["ZZ:OAKMART"]', '["ZZ:BLUEBIRD/OAKMART"]')
    bench.publish()
    own, other = x12(order("PO-1")), x12(order("PO-2"), group=2).replace(b"GS*PO*BLUEBIRD*", b"GS*PO*OAKMART*")
    bench.pass_by(other.replace(b"000000001", b"000000003"))
    assert [row["partner"] for row in bench.messages()] == ["oakmart"]
    head, second = own[: own.index(b"IEA*")], other[other.index(b"GS*") : other.index(b"IEA*")]
    bench.pass_by(head + second + b"IEA*2*000000001~\n")
    assert [row["validation"] for row in bench.messages()] == ["accepted", "held", "held"]
    assert (bench.incidents(), bench.row(incident)["security"]) == (["HUB-4102"], True)
    with pytest.raises(UsageError, match="several partners"):
        bench.hub.operations.act("replay", bench.messages()[1]["id"], "ann")
    assert [row["number"] for row in bench.rows(sales_order)] == ["PO-2"]


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Bearer token2", "Basic token", "token"])
def test_a_request_without_the_token_is_not_taken(sqlite_bench: Bench, token: str) -> None:
    from hub.connector import Request

    bench = sqlite_bench
    headers = {"authorization": token, "idempotency-key": "1"}
    request = Request(method="POST", headers=headers, query={}, body=b"{}", now=bench.clock.now())
    for _ in range(3):
        assert bench.hub.listen("roadrunner", "http", request).status == 401
    assert bench.payloads() == []
    told = bench.row(incident)
    assert (told["code"], told["security"], told["count"]) == ("HUB-4216", True, 3)
    assert "by token" in told["message"]
