"""How interchanges to a partner are written: what goes together in one, and all that the agreement says of them."""

import pytest

from hub.syntax import cut
from tests.hubs import Bench, answer, edifact, european_order, order, picked, x12

SEND = 'send = "x12/004010/855"\n'


def agree(bench: Bench, more: str, partner: str = "bluebird", send: str = SEND) -> None:
    bench.edit(f"partners/{partner}/partner.toml", send, send + more)
    bench.publish()


def responses(bench: Bench) -> list[bytes]:
    return [body for body in bench.outbox() if b"ST*855*" in body]


def apart(payload: bytes) -> bytes:
    """An interchange whose text may hold what usually separates components."""
    return payload.replace(b">~", b"\x1f~", 1)


def three_orders(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), order("PO-2"), order("PO-3")))


@pytest.mark.parametrize(("more", "sizes"), [("", [1, 1, 1]), ("writing = { messages = 2 }\n", [2, 1])])
def test_so_many_messages_in_one_interchange(sqlite_bench: Bench, more: str, sizes: list[int]) -> None:
    agree(sqlite_bench, more)
    three_orders(sqlite_bench)
    interchanges = [next(iter(cut(body))) for body in responses(sqlite_bench)]
    assert [len(each.messages) for each in interchanges] == sizes
    assert all(each.all_findings == [] for each in interchanges)
    assert len({each.control_number for each in interchanges}) == len(sizes)


def test_so_many_bytes_in_one_interchange(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, "writing = { messages = 99, bytes = 1100 }\n")
    three_orders(sqlite_bench)
    bodies = responses(sqlite_bench)
    assert [picked(body, "ST") for body in bodies] == [["ST*855*0001", "ST*855*0002"], ["ST*855*0001"]]
    assert all(len(body) <= 1100 for body in bodies)


def test_messages_of_one_interchange_are_answered_each_for_itself(bench: Bench) -> None:
    agree(bench, "writing = { messages = 50 }\n")
    three_orders(bench)
    (body,) = responses(bench)
    accepted, refused = ["AK5*A"], ["AK5*R*5"]
    marks = [[f"AK2*855*{number:04}", *(refused if number == 2 else accepted)] for number in (1, 2, 3)]
    bench.pass_by(answer(body, "P", messages=marks))
    rows = sorted(bench.messages("out", type="855"), key=lambda row: row["ordinal"])
    assert [row["acknowledgement"] for row in rows] == ["accepted", "rejected", "accepted"]
    assert len({row["interchange_id"] for row in rows}) == 1
    assert {row["delivery"] for row in rows} == {"delivered"}
    for row in rows:
        span = body[row["offset"] : row["offset"] + row["length"]]
        assert span.startswith(f"ST*855*{row['control_number']}~".encode())
        assert f"*{row['number']}*".encode() in span


def test_one_that_cannot_leave_does_not_hold_its_neighbours(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, "writing = { messages = 50 }\n")
    sqlite_bench.pass_by(apart(x12(order("PO-1"), order("PO>2"), order("PO-3"))))
    (body,) = responses(sqlite_bench)
    assert {each.split("*")[3] for each in picked(body, "BAK")} == {"PO-1", "PO-3"}
    assert sqlite_bench.message("out", type="855", validation="held")["delivery"] == "held"
    assert "HUB-1060" in sqlite_bench.incidents()


def test_separators_are_exchanged_if_agreed(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, "separators = { exchange = true }\n")
    sqlite_bench.pass_by(apart(x12(order("PO>1"))))
    (body,) = responses(sqlite_bench)
    (interchange,) = cut(body)
    assert (interchange.separators.component, interchange.all_findings) == (":", [])
    assert b"*PO>1*" in body


def test_lines_of_80_columns_are_sent(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, 'writing = { lines = "80" }\n')
    sqlite_bench.pass_by(x12(order("PO-1")))
    (body,) = [body for body in sqlite_bench.outbox() if b"855" in body.replace(b"\n", b"")[:300]]
    assert {len(line) for line in body.split(b"\n")[:-1]} == {80}
    row = sqlite_bench.message("out", type="855")
    assert row["delivery"] == "delivered"
    assert "HUB-1036" not in sqlite_bench.findings(row)


def europe(bench: Bench, more: str) -> bytes:
    """What Europa gets for an order under an agreement that says more."""
    agree(bench, more, "europa", 'send = "edifact/d96a/ORDRSP"\n')
    bench.pass_by(edifact(european_order("PO-1")), "europa/drop")
    return next((body for body in bench.lying("europa") if b"ORDRSP" in body), b"")


def test_all_of_the_unb_is_by_agreement(sqlite_bench: Bench) -> None:
    sqlite_bench.secrets["HUB_SECRET_UNB"] = "OPEN"
    body = europe(
        sqlite_bench,
        'charset = "UNOA"\ncharset_fallback = "transliterate"\n'
        'writing = { una = true, decimal = ",", application = "EANCOM", priority = "A", agreement_id = "EAN1", '
        'ask = true, password = "secret:unb", password_qualifier = "AA", lines = "segments" }\n',
    )
    lines = body.decode("ascii").splitlines()
    assert lines[0] == "UNA:+,? '"
    assert lines[1].startswith("UNB+UNOA:3+")
    assert lines[1].endswith("+1+OPEN:AA+EANCOM+A+1+EAN1'")
    assert any(line.startswith("PRI+") and "4,2" in line for line in lines)


def test_a_password_that_is_nowhere_holds_the_message(sqlite_bench: Bench) -> None:
    assert europe(sqlite_bench, 'writing = { password = "secret:unb" }\n') == b""
    row = sqlite_bench.message("out", type="ORDRSP")
    assert (row["validation"], sqlite_bench.findings(row)) == ("held", ["HUB-4010"])
