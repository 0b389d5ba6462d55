"""What people correct, enter and erase: the original stays, what is right goes on, what is erased is nowhere."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import RowMapping

from hub.canonical import Order, decode, encode, to_builtins
from hub.errors import UsageError
from hub.orders.byhand import OpenFulfilment, OpenLine
from hub.pipeline.enter import OpenOrder, Whose
from hub.pipeline.operations import Done
from hub.store import orders as order_store
from hub.store.audit import list_audit, verify
from hub.store.columns import metadata
from hub.store.tables import document, event, fulfilment, message, payload, sales_order, search_key, work
from hub.store.upkeep import compact
from tests.hubs import Bench, as_json, confirmation, order, x12


def act(bench: Bench, action: str, row: RowMapping, reason: str = "by phone, Ms Roe", **options: object) -> Done:
    return bench.hub.operations.act(action, row["id"], "ann", reason, options)


def raw(bench: Bench, row: RowMapping) -> bytes:
    return bench.bytes_of(row)[row["offset"] : row["offset"] + row["length"]]


# -- edit and continue -------------------------------------------------------------------------------------------------


def test_a_rejected_message_is_corrected_and_goes_on(bench: Bench) -> None:
    wrong = order("PO-1")
    wrong[1] = "BEG*00*SA*PO-1**20261305"
    bench.pass_by(x12(wrong, order("PO-2")))
    bad, good = bench.messages()
    assert (bad["validation"], good["validation"]) == ("rejected", "accepted")
    sent_before = len(bench.outbox())
    done = act(bench, "edit", bad, payload=raw(bench, bad).replace(b"20261305", b"20260105"))
    bench.run()
    made = bench.row_of(done.made["edited_as"])
    assert (made["validation"], made["edited_from"], made["number"]) == ("accepted", bad["id"], "PO-1")
    assert bench.row_of(bad["id"])["validation"] == "ignored"
    assert b"20261305" in bench.bytes_of(bad), "the original is kept"
    assert len(bench.messages("out", type="940")) == 2
    assert len(bench.outbox()) == sent_before + 1, "the 855, and no second 997"
    told = bench.row(event, name="edited_from")
    assert (told["actor"], told["detail"]["reason"]) == ("ann", "by phone, Ms Roe")
    with bench.hub.database.read() as conn:
        (entry,) = list_audit(conn)
    assert entry.after["digest"] == bench.row(payload, digest=entry.after["digest"])["digest"]
    assert "20260105" not in str(entry), "the log holds digests only"


def test_what_is_still_wrong_is_rejected_again(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    wrong = order("PO-1")
    wrong[1] = "BEG*00*SA*PO-1**20261305"
    bench.pass_by(x12(wrong))
    done = act(bench, "edit", bench.message(), payload=raw(bench, bench.message()))
    bench.run()
    assert bench.row_of(done.made["edited_as"])["validation"] == "rejected"


def test_a_held_document_is_corrected_and_routed(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00"))))
    held = bench.message()
    (read,) = bench.documents()
    assert isinstance(read, Order)
    read.lines[0].ids[0].value = "NW-100"
    done = act(bench, "edit", held, document=encode(read))
    bench.run()
    assert bench.row_of(done.made["edited_as"])["validation"] == "accepted"
    assert bench.incidents() == []
    assert "harbor 940" in bench.sent()
    assert b"XX-1" in bench.row(document, id=held["document_id"])["body"], "the original is kept"


def test_what_cannot_be_written_is_corrected_and_sent(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit("partners/harbor/partner.toml", "[[agreement]]\nsend", '[[agreement]]\nmapping = "x12/945"\nsend')
    bench.pass_by(x12(order("PO-1")))
    held = bench.message("out", type="940")
    assert held["validation"] == "held"
    bench.edit("partners/harbor/partner.toml", 'mapping = "x12/945"\n', "")
    bench.publish()
    body = decode(bench.row(document, id=held["document_id"])["body"])
    done = act(bench, "edit", held, document=encode(body).decode())
    bench.run()
    assert bench.row_of(done.made["edited_as"])["delivery"] == "delivered"
    old = bench.row_of(held["id"])
    assert (old["validation"], old["delivery"]) == ("ignored", "cancelled")
    assert len(bench.lying("harbor")) == 1
    assert bench.incidents() == []


def test_a_correction_that_is_none_is_refused(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00")), order("PO-2")))
    held, fine = bench.messages()
    for options, said in (
        ({}, "one of the two"),
        ({"payload": "x", "document": "{}"}, "one of the two"),
        ({"document": "{"}, "is no canonical document"),
        ({"document": '{"document": "Order"}'}, "is not right yet"),
        ({"document": '{"document": "Order", "nummer": "1"}'}, 'has no field "nummer"'),
        ({"document": '{"document": "Invoice", "number": "1", "total": "0"}'}, "and the original a Order"),
        ({"payload": " "}, "is empty"),
    ):
        with pytest.raises(UsageError, match=said):
            act(bench, "edit", held, **options)
    with pytest.raises(UsageError, match="only what is held or rejected"):
        act(bench, "edit", fine, payload="x")
    assert len(bench.rows(message, direction="in")) == 2


# -- erase -------------------------------------------------------------------------------------------------------------


def test_what_is_erased_is_nowhere_in_the_database(bench: Bench, tmp_path: Path) -> None:
    secret = order("PO-777", more=["N1*BT*Erika Mustermann*92*4711"])
    bench.pass_by(x12(secret, order("PO-2")))
    digests = {row["id"]: row["digest"] for row in bench.rows(payload)}
    named = [row for row in bench.rows(message) if b"Mustermann" in _all(bench, row)]
    assert len(named) > 1, "copies to the merchant hold it too"
    for row in named:
        act(bench, "erase", row, "her wish of 3 May")
    assert all(b"Mustermann" not in _all(bench, row) for row in bench.rows(message))
    assert all(b"Mustermann" not in bytes(row["body"]) for row in bench.rows(document))
    assert {row["id"]: row["digest"] for row in bench.rows(payload)} == digests
    assert bench.rows(search_key, message_id=named[0]["id"]) == []
    other = next(row for row in bench.messages() if row["number"] == "PO-2")
    assert b"PO-2" in raw(bench, other), "its neighbour is whole"
    with pytest.raises(UsageError, match="was erased"):
        act(bench, "replay", named[0])
    with bench.hub.database.read() as conn:
        assert verify(conn).fault is None
    if bench.url.startswith("sqlite"):
        compact(bench.hub.database)
        bench.hub.database.dispose()
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))
        assert b"PO-2" in stored
        assert b"Mustermann" not in stored


def _all(bench: Bench, row: RowMapping) -> bytes:
    found = bench.rows(document, id=row["document_id"]) if row["document_id"] else []
    return b"".join(bytes(one["body"]) for one in found) + (raw(bench, row) if row["interchange_id"] else b"")


def test_why_something_was_held_is_not_kept_by_the_audit_log(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    for number, name in enumerate(("Erika Mustermann", "Hans Mustermann"), 1):
        bench.pass_by(x12(order("PO-9", more=[f"N1*BT*{name}*92*4711"]), number=number))
    held = bench.message(validation="held")
    assert "Mustermann" in held["hold_reason"]
    act(bench, "replay", held)
    bench.run()
    act(bench, "ignore", held)
    for row in bench.rows(message):
        act(bench, "erase", row, "her wish of 3 May")
    stored = [str(value) for table in metadata.sorted_tables for row in bench.rows(table) for value in row.values()]
    assert any("PO-9" not in value and "ignored" in value for value in stored)
    assert [value for value in stored if "Mustermann" in value] == []


def test_what_is_not_dealt_with_is_not_erased(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "transient")
    bench.pass_by(x12(order("PO-1")))
    with pytest.raises(UsageError, match="cancel or ignore it first"):
        act(bench, "erase", bench.message("out", type="940"))


def test_what_is_still_to_be_routed_is_not_erased(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    while not bench.rows(work, kind="route"):
        assert bench.worker.step()
    work_id = bench.set_aside("route")
    with pytest.raises(UsageError, match="is being worked on"):
        act(bench, "erase", bench.message())
    bench.take_up(work_id)
    bench.run()
    assert bench.message("out", type="940")["delivery"] == "delivered"


# -- entered by hand ---------------------------------------------------------------------------------------------------


def lines_of(bench: Bench) -> dict[str, dict[str, Decimal]]:
    made = bench.row(sales_order)
    with bench.hub.database.read() as conn:
        names = {row["id"]: row["number"] for row in order_store.order_lines(conn, made["id"])}
        return {names[key]: dict(value) for key, value in order_store.quantities(conn, made["id"]).items()}


def test_a_fact_by_phone_counts_and_names_its_source(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    order_id = bench.row(sales_order)["id"]
    sent = len(bench.messages("out"))
    after = bench.hub.enter.fact(order_id, "1", "cancelled", Decimal(4), "ann", "short, Mr Lee by phone")
    assert after["cancelled"] == "4"
    assert lines_of(bench)["1"]["cancelled"] == 4
    bench.hub.enter.fact(order_id, "1", "cancelled", Decimal(-1), "ann", "it was 3")
    assert lines_of(bench)["1"]["cancelled"] == 3
    for line, kind, quantity, said in (
        ("9", "shipped", Decimal(1), "has no line 9"),
        ("1", "ordered", Decimal(1), 'no quantity "ordered"'),
        ("1", "cancelled", Decimal(-4), "would make -1"),
    ):
        with pytest.raises(UsageError, match=said):
            bench.hub.enter.fact(order_id, line, kind, quantity, "ann", "x")
    assert len(bench.messages("out")) == sent, "nobody is told"
    assert [row["actor"] for row in bench.rows(event, name="fact_entered")] == ["ann", "ann"]


def test_a_document_entered_by_a_person_goes_on_like_a_partner_s(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    number = bench.row(fulfilment)["number"]
    said = {
        "document": "ShipmentConfirmation",
        "number": "S-1",
        "warehouse_order": number,
        "dates": [{"type": "shipped", "at": {"date": "2026-01-06"}}],
        "lines": [
            {
                "ids": [{"scheme": "vendor", "value": "NW-100"}],
                "shipped": {"value": "10"},
                "status": "complete",
            }
        ],
    }
    bench.hub.enter.document(as_json(said), Whose(partner="harbor"), "ann", "Mr Lee by phone")
    bench.run()
    assert lines_of(bench)["1"]["shipped"] == 10
    assert "bluebird 856" in bench.sent()
    entered = bench.message(type="ShipmentConfirmation")
    assert [row["actor"] for row in bench.rows(event, subject_id=entered["id"], name="entered")] == ["ann"]
    for wrong, whose, text in (
        (b"{}", Whose(partner="harbor"), "no canonical document"),
        (as_json(said), Whose(partner="nobody"), "There is no partner nobody"),
        (as_json(said), Whose(partner="harbor", account="x"), "no account"),
    ):
        with pytest.raises(UsageError, match=text):
            bench.hub.enter.document(wrong, whose, "ann", "x")


# -- taken over from another system ------------------------------------------------------------------------------------


def test_open_business_is_taken_over_and_goes_on_where_it_was(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-9")))
    (read,) = [one for one in bench.documents() if isinstance(one, Order)][:1]
    sent = len(bench.messages("out"))
    taken = {**to_builtins(read), "number": "PO-OLD"}
    given = OpenOrder(
        partner="bluebird",
        document=msgspec.Raw(as_json(taken)),
        facts=[OpenLine(line="1", kind="accepted", quantity=Decimal(10))],
        fulfilments=[OpenFulfilment(number="W77", source="harbor", lines=[{"line": "1", "quantity": "10"}])],
    )
    made = bench.hub.enter.open_order(given, "ann", "cut-over")
    assert bench.hub.enter.open_order(given, "ann", "cut-over") is None, "it is here already"
    bench.run()
    assert len(bench.messages("out")) == sent, "nobody is told"
    parts = ("CC", "10", "10", "NW-100")
    bench.receive("harbor/drop", x12(confirmation("W77", "S-1", parts), sender="01:123456789"))
    bench.run()
    with bench.hub.database.read() as conn:
        shipped = [sums.get("shipped") for sums in order_store.quantities(conn, made or "").values()]
    assert Decimal(10) in shipped
    assert "bluebird 856" in bench.sent(), "from here on it is business like any other"
    bench.pass_by(x12(order("PO-OLD"), number=2))
    again = bench.message(number="PO-OLD", standard="x12")
    assert again["order_id"] == made, "the buyer's repeat is recognised"
