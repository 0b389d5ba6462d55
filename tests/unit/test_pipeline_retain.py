"""Retention takes out what is old and done, whole and provable; shadow mode sends nothing and tells what differs."""

import json
import zipfile
from collections.abc import Callable

import pytest

from hub.errors import HubError, UsageError
from hub.pipeline import retain
from hub.pipeline.retain import Retain, faults_of, schedule_retention
from hub.pipeline.shadow import compare
from hub.store import chain
from hub.store.audit import list_audit
from hub.store.blobs import CHUNK, INLINE, Upload, read_payload
from hub.store.tables import delivery, message, payload, payload_chunk, work
from tests.hubs import HOUR, Bench, order, x12

DAY = 24 * HOUR


@pytest.fixture
def kept(bench: Bench) -> Bench:
    """Bluebird's payloads are kept for ten days, everybody else's sent ones for a year."""
    bench.edit("hub.toml", "[account", '[keep]\nsent = "1y"\narchive = "old"\n\n[account')
    file = bench.folder / "partners/bluebird/partner.toml"
    file.write_text(file.read_text() + '\n[keep]\nreceived = "10d"\nsent = "10d"\n')
    bench.publish()
    return bench


def test_old_payloads_leave_with_their_digests_and_rows_stay(kept: Bench) -> None:
    bench, archive = kept, kept.folder / "old"
    long = x12(order("PO-2"), number=2) + b"\n" * INLINE  # too long for its row
    bench.pass_by(x12(order("PO-1")))
    bench.pass_by(long)
    bench.wait(9 * DAY)
    retaining = Retain(bench.hub.context)
    assert retaining.due() == []
    bench.wait(2 * DAY)
    bench.pass_by(x12(order("PO-500"), number=3))
    due = {row.direction: row for row in retaining.due()}
    assert {row.partner for row in due.values()} == {"bluebird"}
    assert due["in"].payloads == 2
    assert due["in"].bytes == len(x12(order("PO-1"))) + len(long)
    before = {row["id"]: dict(row) for row in bench.rows(payload)}
    with bench.hub.database.read() as conn:
        bodies = {row_id: read_payload(conn, row_id) for row_id, row in before.items() if row["partner"] == "bluebird"}
    done = retaining.run("ann", "nightly")
    assert retaining.due() == []
    assert bench.rows(payload_chunk, payload_id=next(iter(bodies))) == []
    archived = {}
    for row in done:
        for name in row.files:
            with zipfile.ZipFile(archive / name) as packed:
                manifest = json.loads(packed.read("manifest.json"))
                archived.update({one["id"]: (one["digest"], packed.read(one["id"])) for one in manifest})
    gone = [row for row in bench.rows(payload) if row["archive"] is not None]
    assert {row["id"] for row in gone} == set(archived)
    for left in gone:
        assert archived[left["id"]] == (before[left["id"]]["digest"], bodies[left["id"]])
        assert left["digest"] == before[left["id"]]["digest"]
    assert faults_of(archive) == []
    first = bench.messages()[0]
    with bench.hub.database.read() as conn:
        payload_id = chain.get_interchange(conn, first["interchange_id"])["payload_id"]
        with pytest.raises(UsageError, match="they were archived in bluebird/"):
            read_payload(conn, payload_id)
        assert {entry.action for entry in list_audit(conn)} == {"retain"}
    with pytest.raises(UsageError, match="were archived or removed"):
        bench.hub.operations.replay(first["id"], "ann")
    damaged = next(archive.rglob("*.zip"))
    damaged.write_bytes(damaged.read_bytes()[:-30])
    assert len(faults_of(archive)) == 1


def test_what_needs_a_person_is_kept_whatever_its_age(kept: Bench) -> None:
    bench = kept
    bench.edit("hub.toml", 'archive = "old"\n', "")
    bench.publish()
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00"))))
    bench.wait(30 * DAY)
    retaining = Retain(bench.hub.context)
    retaining.run("ann", "nightly")
    held = bench.message()
    assert bench.bytes_of(held)
    bench.hub.operations.act("ignore", held["id"], "ann", "a test")
    (row,) = [row for row in retaining.run("ann", "nightly") if row.direction == "in"]
    assert (row.payloads, row.files) == (1, [])
    with pytest.raises(UsageError, match="they were deleted"):
        bench.bytes_of(held)


def test_workers_take_out_what_is_old_every_night(kept: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = kept
    monkeypatch.setattr(retain, "PAGE", 2)
    schedule_retention(bench.hub.context)
    for number in range(1, 6):
        bench.pass_by(x12(order(f"PO-{number}"), number=number))

    def left() -> int:
        return sum(row["archive"] is None for row in bench.payloads() if row["partner"] == "bluebird")

    abandoned = Upload(bench.hub.database, bench.hub.context.new_id())
    abandoned.write(b"x" * 2 * CHUNK)
    bench.wait(16 * HOUR)
    assert bench.rows(payload_chunk), "whoever sends it may be at it still"
    bench.wait(10 * DAY - 24 * HOUR)
    assert bench.rows(payload_chunk) == []
    assert left() == 5, "each night they were too young"
    bench.wait(24 * HOUR)
    assert left() == 0
    (timer,) = bench.rows(work, kind="retain")
    assert (timer["run_at"].hour, timer["run_at"].minute) == (2, 0)
    with bench.hub.database.read() as conn:
        entries = list_audit(conn)
        assert {(entry.actor, entry.action, entry.reason) for entry in entries} == {("hub", "retain", "retention")}
        assert sum(entry.after["payloads"] for entry in entries if entry.after["direction"] == "in") == 5
    assert faults_of(bench.folder / "old") == []


def test_an_archive_that_cannot_be_written_is_an_incident_and_loses_nothing(kept: Bench) -> None:
    bench = kept
    schedule_retention(bench.hub.context)
    bench.pass_by(x12(order("PO-1")))
    (bench.folder / "old").write_text("a file where the folder should be")
    bench.wait(12 * DAY)
    assert bench.incidents() == ["HUB-6036"]
    assert bench.bytes_of(bench.message())
    with pytest.raises(HubError, match=r"HUB-6036 The archive file .* cannot be written: Not a directory"):
        Retain(bench.hub.context).run("ann", "now")
    (bench.folder / "old").unlink()
    bench.wait(HOUR)
    assert bench.incidents() == []
    with pytest.raises(UsageError, match="they were archived"):
        bench.bytes_of(bench.message())


# -- shadow ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shadowing(bench: Bench) -> Bench:
    bench.edit("partners/harbor/partner.toml", 'folder = "harbor"\n', 'folder = "harbor"\nshadow = true\n')
    bench.publish()
    return bench


def theirs(bench: Bench, change: Callable[[bytes], bytes] = lambda body: body) -> list[tuple[str, bytes]]:
    """What the other system sent: here, what we would have sent, changed."""
    rows = bench.messages("out", type="940")
    return [(f"{place}.edi", change(bench.bytes_of(row))) for place, row in enumerate(rows)]


def test_a_shadow_connection_writes_and_sends_nothing(shadowing: Bench) -> None:
    bench = shadowing
    bench.pass_by(x12(order("PO-1"), order("PO-2")))
    bench.wait(30 * HOUR)
    assert bench.lying("harbor") == []
    assert bench.rows(delivery, partner="harbor") == []
    for row in bench.messages("out", type="940"):
        assert (row["validation"], row["delivery"], row["acknowledgement"]) == ("accepted", "none", "none")
        assert b"ST*940" in bench.bytes_of(row)
    assert "bluebird 855" in bench.sent(), "other connections are real"
    assert bench.rows(message, partner="bluebird", type="855", delivery="delivered")
    with pytest.raises(UsageError, match="never sent"):
        bench.hub.operations.resend(bench.messages("out", type="940")[0]["id"], "ann")
    assert bench.incidents() == []


def test_what_both_say_is_the_same_whatever_the_envelope(shadowing: Bench) -> None:
    bench = shadowing
    bench.pass_by(x12(order("PO-1"), order("PO-2")))
    report = compare(bench.hub.context, theirs(bench, lambda body: body.replace(b"*00000000", b"*00000071")))
    assert (report.same, report.differ, report.classes) == (2, 0, [])
    assert (report.only_ours, report.only_theirs, report.unreadable) == ([], [], [])


def test_differences_are_grouped_by_field(shadowing: Bench) -> None:
    bench = shadowing
    bench.pass_by(x12(order("PO-1"), order("PO-2"), order("PO-3")))
    files = theirs(bench, lambda body: body.replace(b"W01*10*", b"W01*12*"))
    first = next(file for file in files if b"*PO-1~" in file[1])
    rest = [file for file in files if file is not first]
    lone = first[1].replace(b"*PO-1~", b"*PO-8~")
    report = compare(
        bench.hub.context, [*rest, ("lone.edi", lone), ("odd.txt", b"hello"), ("bare.edi", b"ST*940*0001~SE*2*0001~")]
    )
    (change,) = [one for one in report.classes if one.field == "lines[].quantity.value"]
    assert (change.type, change.kind, change.count, change.ours, change.theirs) == ("940", "changed", 2, "10", "12")
    assert report.differ == 2
    assert [text.split(" (")[0] for text in report.only_ours] == ["940 PO-1"]
    assert [text.split(" (")[0] for text in report.only_theirs] == ["940 PO-8"]
    assert [text.split(":")[0] for text in report.unreadable] == ["odd.txt", "bare.edi"]
    calm = compare(bench.hub.context, files, ignored=["lines[].quantity.value"])
    assert (calm.same, calm.differ) == (3, 0)
