"""One bad message among good ones: it alone is rejected, everybody is told exactly why, the others flow."""

from pathlib import Path

import pytest

from hub.cli.main import main
from hub.store import browse_message
from hub.store.tables import sales_order
from tests.hubs import Bench, order, picked, x12

BAD = [
    "850",
    "BEG*00*SA*PO-2**20260105",
    "DTM*010*20261345",
    "ZZZ*a segment of our own",
    "PO1*1*1*EA*12.50*PE*VN*NW-100",
    "CTT*1",
    "SE*11*0002",
]


def test_it_alone_is_rejected_and_the_others_flow(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), BAD, order("PO-3")))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "rejected", "accepted"]
    assert [row["acknowledgement"] for row in bench.messages()] == ["accepted", "rejected", "accepted"]
    assert bench.interchanges(direction="in")[0]["acknowledgement"] == "partially"
    assert sorted(row["number"] for row in bench.rows(sales_order)) == ["PO-1", "PO-3"]
    assert sorted(bench.sent()) == ["bluebird 855", "bluebird 855", "bluebird 997", "harbor 940", "harbor 940"]
    assert bench.left() == []
    acknowledgement = next(body for body in bench.outbox() if b"ST*997*" in body)
    assert picked(acknowledgement, "AK1", "AK2", "AK3", "AK4", "AK5", "AK9") == [
        "AK1*PO*1",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK3*DTM*3**8",
        "AK4*2*373*8*20261345",
        "AK3*ZZZ*4**1",
        "AK5*R*4*5",
        "AK2*850*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    ]


def test_what_is_rejected_has_its_own_number_and_not_that_of_a_line(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(BAD, [segment for segment in BAD if not segment.startswith("BEG")]))
    assert [(row["validation"], row["number"]) for row in bench.messages()] == [("rejected", "PO-2"), ("rejected", "")]


def test_a_person_is_told_what_is_wrong_where_and_what_to_do(
    sqlite_bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1"), BAD, order("PO-3")))
    bad = bench.messages()[1]
    monkeypatch.setenv("HUB_DATABASE", bench.url)
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(bench.folder), "message", "show", bad["id"]])
    assert ended.value.code == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "x12 850 004010" in text
    assert "20261345" in text
    assert "ZZZ" in text
    assert text.count("What to do:") >= 2
    with bench.hub.database.read() as conn:
        found = browse_message.message_chain(conn, bad["id"])
    assert found is not None
    places = [(one.location.segment, one.location.tag, one.location.element) for one in found.findings]
    assert (3, "DTM", 2) in places
    assert (4, "ZZZ", None) in places
    assert found.message.concern == "problem"
    body = bench.bytes_of(bad)
    for one in found.findings:
        if one.location.tag == "DTM":
            assert one.location.offset == body.index(b"20261345")


def test_one_bad_order_line_holds_its_order_alone(bench: Bench) -> None:
    unknown = ("1", "XX-1", "1", "1.00")
    bench.pass_by(x12(order("PO-1"), order("PO-2", unknown), order("PO-3")))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "held", "accepted"]
    assert "No rule says who ships line 1 (vendor XX-1) of order PO-2" in bench.messages()[1]["hold_reason"]
    assert bench.incidents() == ["HUB-8007"]
    (acknowledgement,) = [body for body in bench.outbox() if b"ST*997*" in body]
    assert picked(acknowledgement, "AK9") == ["AK9*A*3*3*3"]
    assert sorted(row["number"] for row in bench.rows(sales_order)) == ["PO-1", "PO-3"]


def test_an_interchange_that_lost_something_is_refused_whole(bench: Bench) -> None:
    """What its sender is told by a TA1 R or an AK9 R is what becomes of it: nothing of it ships."""
    whole = x12(order("PO-1"), order("PO-2"))
    for number, broken in enumerate((whole.replace(b"IEA*1*", b"IEA*2*"), whole.replace(b"GE*2*", b"GE*3*")), 1):
        bench.pass_by(broken.replace(b"*000000001*", b"*%09d*" % number).replace(b"*000000001~", b"*%09d~" % number))
    assert {row["validation"] for row in bench.messages()} == {"rejected"}
    assert {row["acknowledgement"] for row in bench.messages()} == {"rejected"}
    assert [row["number"] for row in bench.messages()] == ["PO-1", "PO-2"] * 2
    assert [bench.findings(row) for row in bench.messages()] == [["HUB-1016"]] * 2 + [["HUB-1017"]] * 2
    assert bench.rows(sales_order) == []
    assert bench.left() == []
    refused, lost = bench.outbox()
    assert picked(refused, "TA1") == ["TA1*000000001*260105*0900*R*021"]
    assert picked(lost, "AK5", "AK9") == ["AK5*R", "AK5*R", "AK9*R*3*2*0*5"]


def test_an_agreement_may_let_a_broken_envelope_pass(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    agreed = 'severities = { "HUB-1016" = "warn" }'
    bench.edit("partners/bluebird/partner.toml", 'receive = "x12/004010/850"', f'receive = "x12/004010/850"\n{agreed}')
    bench.publish()
    bench.pass_by(x12(order("PO-1")).replace(b"IEA*1*", b"IEA*2*"))
    assert [row["validation"] for row in bench.messages()] == ["accepted"]
    assert [picked(body, "TA1", "AK9") for body in bench.outbox() if b"ST*855*" not in body] == [["AK9*A*1*1*1"]]


def test_bytes_nothing_can_read_are_kept_and_told(bench: Bench) -> None:
    bench.pass_by(b"\x00\x01 this is no EDI at all")
    assert bench.payloads()[0]["state"] == "unreadable"
    assert bench.messages() == []
    assert len(bench.incidents()) == 1
    assert bench.left() == []


def test_a_payload_of_two_interchanges_is_answered_twice(bench: Bench, tmp_path: Path) -> None:
    bench.pass_by(x12(order("PO-1"), number=1) + x12(order("PO-2"), number=2))
    told = [body for body in bench.outbox() if b"ST*997*" in body]
    assert [picked(body, "AK1") for body in told] == [["AK1*PO*1"], ["AK1*PO*2"]]
    assert sorted(row["number"] for row in bench.rows(sales_order)) == ["PO-1", "PO-2"]
