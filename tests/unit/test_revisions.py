"""Revisions: published, taken up while running, gone back to; refused where the code is another."""

from pathlib import Path

import pytest

from hub.errors import UsageError
from hub.store import revisions
from hub.store.engine import Database
from hub.store.ports import ManualClock
from hub.store.tables import event, revision
from hub.workspace import Workspace, digest
from tests.hubs import Bench, order, x12

FILES = {"hub.toml": b"", "partners/acme/partner.toml": b"name = 'Acme'\n"}
OTHER = {**FILES, "mappings/x.yaml": b"\x00\xff not text at all"}


def put(database: Database, clock: ManualClock, files: dict[str, bytes], code: str = "code") -> str:
    with database.begin() as conn:
        return revisions.publish(conn, clock.now(), digest(files), files, code_digest=code, author="ann", note="why")


def test_the_note_of_what_is_published_again_is_the_newest(database: Database) -> None:
    clock = ManualClock()
    put(database, clock, FILES)
    clock.advance(60)
    for note, kept in (("again", "again"), ("", "again")):
        with database.begin() as conn:
            revisions.publish(conn, clock.now(), digest(FILES), FILES, code_digest="code", author="bob", note=note)
        with database.read() as conn:
            (row,) = revisions.history(conn)
        assert (row["note"], row["author"], row["published_at"]) == (kept, "bob", clock.now())


def in_force(database: Database) -> str:
    with database.read() as conn:
        row = revisions.active(conn)
        assert row is not None
        return str(row["digest"])


def test_publish_list_and_go_back(database: Database) -> None:
    clock = ManualClock()
    first = put(database, clock, FILES)
    clock.advance(60)
    second = put(database, clock, OTHER)
    assert in_force(database) == second
    with database.read() as conn:
        assert [row["digest"] for row in revisions.history(conn)] == [second, first]
        assert revisions.files(conn, first) == FILES
        assert revisions.files(conn, second) == OTHER
    with database.begin() as conn:
        assert revisions.activate(conn, clock.now(), first[:8], "bob") == first
    assert in_force(database) == first
    assert put(database, clock, OTHER) == second, "published again it is the same revision"
    assert in_force(database) == second


@pytest.mark.parametrize("beginning", ["", "zzzz", "%", "_"])
def test_a_beginning_that_names_not_one_revision(database: Database, beginning: str) -> None:
    clock = ManualClock()
    first, _ = put(database, clock, FILES), put(database, clock, OTHER)
    with pytest.raises(UsageError, match="HUB-6022"), database.begin() as conn:
        revisions.activate(conn, clock.now(), beginning, "bob")
    assert in_force(database) != first


# -- in a running hub --------------------------------------------------------------------------------------------------


def test_a_running_process_takes_up_a_new_revision_within_seconds(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1))
    first = bench.hub.content().revision
    bench.edit("hub.toml", 'name = "Northwind Goods"', 'name = "Northwind Ltd"')
    assert bench.hub.content().revision == first, "files count once they are published"
    second = bench.publish()
    bench.pass_by(x12(order("PO-2"), number=2))
    assert {row["revision"] for row in bench.messages(number="PO-1")} == {first}
    assert {row["revision"] for row in bench.messages(number="PO-2")} == {second}
    assert {row["revision"] for row in bench.messages("out", type="940")} == {first, second}
    with bench.hub.database.begin() as conn:
        revisions.activate(conn, bench.clock.now(), first, "ann")
    bench.clock.advance(2)
    bench.pass_by(x12(order("PO-3"), number=3))
    assert {row["revision"] for row in bench.messages(number="PO-3")} == {first}
    assert [row["subject_id"] for row in bench.rows(event, name="published")] == [first, second, first]


def test_a_worker_whose_code_differs_begins_no_work(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1))
    files = Workspace(bench.folder).files()
    other = {**files, "hub.toml": files["hub.toml"] + b"\n# another one\n"}
    put(bench.hub.database, bench.clock, other, code="code of another release")
    bench.clock.advance(2)
    bench.receive("bluebird/mailbox", x12(order("PO-2"), number=2))
    bench.run()
    assert [kind for kind, _ in bench.left()] == ["identify"], "it waits for a worker that has that code"
    assert bench.incidents() == ["HUB-6021"]
    bench.publish()
    bench.run()
    assert len(bench.messages(type="850")) == 2
    assert bench.left() == []
    assert bench.incidents() == []


def test_a_process_with_other_code_does_not_start(bench: Bench) -> None:
    bench.hub.content()
    put(bench.hub.database, bench.clock, {**FILES, "hub.toml": b"# x\n"}, code="code of another release")
    other = bench.open()
    with pytest.raises(Exception, match="HUB-6021"):
        other.content()
    other.stop()


def test_a_new_database_takes_the_files_once(bench: Bench) -> None:
    bench.hub.content()
    other = bench.open()
    assert other.content().revision == bench.hub.content().revision
    assert len(bench.rows(revision)) == 1
    other.stop()


def test_development_follows_the_files(tmp_path: Path, sqlite_url: str) -> None:
    bench = Bench(tmp_path / "workspace", sqlite_url, follow=True)
    first = bench.hub.content().revision
    bench.edit("hub.toml", 'name = "Northwind Goods"', 'name = "Northwind Ltd"')
    bench.clock.advance(2)
    assert bench.hub.content().revision != first
    assert bench.hub.content().partners.account("northwind").name == "Northwind Ltd"
    bench.edit("hub.toml", 'name = "Northwind Ltd"', "name = ")
    bench.clock.advance(2)
    assert bench.hub.content().partners.account("northwind").name == "Northwind Ltd", "half a line breaks nothing"
    bench.pass_by(x12(order("PO-1")))
    assert bench.message()["validation"] == "accepted"
    assert bench.rows(revision) == []
    bench.hub.stop()
