"""What partners do not collect: an incident until they do, kept whatever its age, and evidence once they have."""

from hub.pipeline.due import schedule_due
from hub.pipeline.retain import Retain
from hub.store.evidence import proofs
from hub.store.mailbox import move_file
from hub.store.tables import incident, mailbox_file, obligation
from tests.hubs import HOUR, Bench, order, x12


def test_what_lies_in_a_mailbox_for_a_day_is_an_incident_until_it_is_collected(bench: Bench) -> None:
    file = bench.folder / "partners/bluebird/partner.toml"
    file.write_text(f'{file.read_text()}\n[[obligation]]\nkind = "order_response"\n\n[keep]\nsent = "10d"\n')
    bench.edit("partners/oakmart/partner.toml", 'connector = "mailbox"', 'connector = "mailbox"\nreceipt_due = "2d"')
    bench.publish()
    schedule_due(bench.hub.context)
    bench.pass_by(x12(order("PO-1")))
    bench.pass_by(x12(order("PO-2"), sender="ZZ:OAKMART"), "oakmart/mailbox")
    lying = bench.rows(mailbox_file, connection="bluebird/mailbox", state="waiting")
    bench.wait(23 * HOUR)
    assert "HUB-4220" not in bench.incidents()
    bench.wait(2 * HOUR)
    told = bench.row(incident, code="HUB-4220")
    assert told["subject_id"] == "bluebird/mailbox"
    assert f"2 files, the oldest {lying[0]['name']}" in told["message"]
    bench.wait(20 * 24 * HOUR)
    assert Retain(bench.hub.context).due() == [], "nobody has it yet but we"
    with bench.hub.database.begin() as conn:
        for row in lying:
            assert move_file(conn, bench.clock.now(), row["id"], "collected")
    bench.wait(HOUR)
    still = [row["subject_id"] for row in bench.rows(incident, code="HUB-4220") if row["resolved_at"] is None]
    assert still == ["oakmart/mailbox"], "its own is two days"
    assert [row.payloads for row in Retain(bench.hub.context).due()] == [1], "the 855 is not acknowledged"
    with bench.hub.database.read() as conn:
        assert "collected from the mailbox" in [one.what for one in proofs(conn, bench.row(obligation))]
