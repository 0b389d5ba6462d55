"""What is agreed about messages: a guide holds what was accepted, blocks what would leave; EBCDIC both ways."""

from hub.store.tables import sales_order
from hub.syntax.charset import to_ebcdic
from tests.hubs import Bench, answer, order, picked, x12

RECEIVE = '[[agreement]]\nreceive = "x12/004010/850"\n'
SEND = 'send = "x12/004010/855"\n'


def agree(bench: Bench, *, receive: str = "", send: str = "", guide: str) -> None:
    """Bluebird's agreements say more, and a guide "bluebird" is there."""
    file = bench.folder / "mappings/guides/bluebird.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(guide)
    bench.edit("partners/bluebird/partner.toml", RECEIVE, RECEIVE + receive)
    bench.edit("partners/bluebird/partner.toml", SEND, SEND + send)
    bench.publish()


def test_what_breaks_the_guide_is_accepted_and_held(bench: Bench) -> None:
    guide = "guide: x12/004010/850\nrules:\n  BEG02: {codes: [NE]}\n"
    agree(bench, receive='guide = "bluebird"\n', guide=guide)
    bench.pass_by(x12(order("PO-1")))
    message = bench.message()
    assert (message["validation"], message["acknowledgement"]) == ("held", "accepted")
    assert bench.findings(message) == ["HUB-3314"]
    assert message["hold_reason"] == "BEG02 holds 'SA'; guide bluebird allows only NE."
    assert bench.incidents() == ["HUB-3314"]
    assert bench.rows(sales_order) == []
    (told,) = bench.outbox()
    assert picked(told, "AK5", "AK9") == ["AK5*A", "AK9*A*1*1*1"]


def test_the_partner_is_told_in_business_terms_where_it_is_agreed(bench: Bench) -> None:
    guide = "guide: x12/004010/850\nrules:\n  BEG02: {codes: [NE]}\n"
    agree(bench, receive='guide = "bluebird"\nbusiness_answer = "824"\nacknowledge_detail = "group"\n', guide=guide)
    bench.pass_by(x12(order("PO-1")))
    technical, business = bench.outbox()
    assert picked(technical, "AK1", "AK2", "AK9") == ["AK1*PO*1", "AK9*A*1*1*1"]
    assert picked(business, "OTI", "TED") == [
        "OTI*TR*PO*PO-1*BLUEBIRD*NORTHWIND***1*0001*850*004010",
        "TED*848*BEG02 holds 'SA'; guide bluebird allows only NE.*BEG*2*2*92*SA",
    ]
    assert [picked(body, "ISA")[0].split("*")[13] for body in (technical, business)] == ["000000001", "000000002"]
    assert bench.message("in")["validation"] == "held"
    bench.pass_by(answer(business))
    assert bench.messages("out", type="824")[0]["acknowledgement"] == "accepted"
    assert bench.incidents() == ["HUB-3314"]


def test_what_the_guide_allows_flows(bench: Bench) -> None:
    agree(bench, receive='guide = "bluebird"\n', guide="guide: x12/004010/850\nsegments:\n  ZZ1: {max: 1}\n")
    bench.pass_by(x12(order("PO-1", more=["ZZ1*OWN"])))
    assert (bench.message()["validation"], bench.findings(bench.message())) == ("accepted", [])
    assert [row["number"] for row in bench.rows(sales_order)] == ["PO-1"]


def test_what_would_break_the_partners_guide_does_not_leave(bench: Bench) -> None:
    agree(bench, send='guide = "bluebird"\n', guide="guide: x12/004010/855\nrules:\n  PER: mandatory\n")
    bench.pass_by(x12(order("PO-1")))
    (response,) = bench.messages("out", type="855")
    assert response["delivery"] == "held"
    assert "HUB-3310" in bench.findings(response)
    assert all(b"ST*855*" not in body for body in bench.outbox())


def test_ebcdic_is_read_and_acknowledged_by_agreement(bench: Bench) -> None:
    bench.edit("partners/bluebird/partner.toml", RECEIVE, RECEIVE + 'charset = "cp037"\n')
    bench.publish()
    bench.pass_by(to_ebcdic(x12(order("PO-1", more=["REF*DP*GRÜN"])).decode().encode("latin-1"), "cp037"))
    assert [row["number"] for row in bench.rows(sales_order)] == ["PO-1"]
    assert bench.message()["acknowledgement"] == "accepted"
    answers = [body for body in bench.outbox() if not body.startswith(b"ISA")]
    assert [picked(body.decode("cp037").encode(), "AK9") for body in answers] == [["AK9*A*1*1*1"]]


def test_ebcdic_nobody_agreed_on_is_kept_and_told(bench: Bench) -> None:
    bench.pass_by(to_ebcdic(x12(order("PO-1")), "cp037"))
    assert [row["state"] for row in bench.payloads()] == ["unreadable"]
    assert bench.incidents() == ["HUB-1005"]
