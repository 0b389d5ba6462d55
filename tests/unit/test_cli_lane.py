"""hub lane and hub connection, as ops calls them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from hub.cli import main
from hub.dispatch import enqueue, list_lanes, list_set_aside
from hub.store.engine import Database, open_database
from hub.store.migrate import upgrade
from hub.store.ports import SystemClock
from hub.store.tables import work

HUB = '[account.us]\nname = "Us"\nidentities = ["ZZ:US"]\n'
ACME = """name = "Acme"
role = "warehouse"
identities = ["ZZ:ACME"]
[connection.sftp]
connector = "sftp"
host = "127.0.0.1"
port = 1
user = "us"
password = "secret:acme"
inbound = "/in"
outbound = "/out"
[[agreement]]
send = "x12/004010/940"
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hub.toml").write_text(HUB)
    (tmp_path / "partners" / "acme").mkdir(parents=True)
    (tmp_path / "partners" / "acme" / "partner.toml").write_text(ACME)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Database:
    """The workspace's database with one piece of work to do and one that was set aside."""
    database = open_database(f"sqlite:///{folder / 'var' / 'hub.db'}")
    upgrade(database)
    now = SystemClock().now()
    with database.begin() as conn:
        for subject in ("waits", "broken"):
            enqueue(conn, now, lane="out/acme/sftp", kind="deliver", subject_id=subject, connection="acme/sftp")
    with database.begin() as conn:
        broken = update(work).where(work.c.subject_id == "broken")
        conn.execute(broken.values(set_aside=True, note="it always fails"))
    return database


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], folder: Path) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--workspace", str(folder)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return call


def test_a_lane_is_listed_paused_and_resumed(store: Database, run: Run) -> None:
    status, out, _ = run("lane", "list", "--json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (status, row["name"], row["waiting"], row["set_aside"]) == (0, "out/acme/sftp", 1, 1)
    for command, state in (("pause", "paused"), ("resume", "ready")):
        assert run("lane", command, "out/acme/sftp")[0] == 0
        with store.read() as conn:
            assert [lane.state for lane in list_lanes(conn)] == [state]


def test_work_set_aside_says_why_and_is_tried_again_or_dropped(store: Database, run: Run) -> None:
    _, out, _ = run("lane", "work", "--json")
    row = json.loads(out)
    assert (row["subject_id"], row["note"]) == ("broken", "it always fails")
    assert run("lane", "retry", str(row["id"]))[0] == 0
    with store.read() as conn:
        assert list_set_aside(conn) == []
        assert [lane.waiting for lane in list_lanes(conn)] == [2]
    status, _, err = run("lane", "drop", str(row["id"]))
    assert status == 2
    assert "HUB-6007" in err


def test_a_lane_nobody_knows(store: Database, run: Run) -> None:
    status, _, err = run("lane", "pause", "out/acme/stfp")
    assert (status, "out/acme/stfp" in err) == (2, True)


def test_connections_are_listed_with_what_waits(store: Database, run: Run) -> None:
    _, out, _ = run("connection", "list", "--json")
    row = json.loads(out)
    assert (row["connection"], row["connector"], row["waiting"], row["set_aside"]) == ("acme/sftp", "sftp", 1, 1)


def test_a_connection_that_does_not_work_says_so(store: Database, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    status, _, err = run("connection", "test")
    assert status == 1
    assert "acme/sftp: HUB-4010" in err  # nobody set its password
    monkeypatch.setenv("HUB_SECRET_ACME", "let us in")
    status, out, _ = run("connection", "test", "acme/sftp", "--json")
    row = json.loads(out)
    assert (status, row["works"]) == (1, False)
    assert "127.0.0.1" in row["said"]
    status, _, err = run("connection", "test", "acme/stfp")
    assert (status, 'did you mean "acme/sftp"?' in err) == (2, True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///{folder}/none.db", "HUB-6004 The database lacks tables of this release (no such table: work)"),
        ("postgresql://nobody@127.0.0.1:1/hub", "HUB-6001 The database cannot be used: connection failed"),
    ],
)
def test_a_database_without_tables_or_away_is_a_sentence(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("HUB_DATABASE", url.format(folder=folder))
    code, _, err = run("lane", "list")
    assert code == 1
    assert said in err
    assert err.count("\n") == 1
