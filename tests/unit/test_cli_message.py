"""hub message list and show: people find a message by what they have at hand, and are told when there is none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import main
from hub.store.engine import open_database
from tests.browser.seed import seed

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def workspace(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "hub.toml").write_text("")
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "hub.db")
    return tmp_path


@pytest.fixture
def run(workspace: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["message", *arguments, "--workspace", str(workspace)])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return call


@pytest.fixture
def ids(workspace: Path) -> dict[str, str]:
    database = open_database(f"sqlite:///{workspace / 'var' / 'hub.db'}")
    found = seed(database, fill=0)
    database.dispose()
    return found


def test_an_empty_list_is_a_sentence(run: Run) -> None:
    assert run("list") == (0, "There are no messages yet.\n", "")
    assert run("list", "4711") == (0, "No message is like that.\n", "")
    assert run("list", "--json") == (0, "", "")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("delivery:failde", 'delivery is never "failde"; it can be none, queued, delivered, failed'),
        ("broken", '--status is "broken"; it can be problem, waiting, done'),
        ("delivery:", 'delivery is never ""'),
    ],
)
def test_a_status_that_does_not_exist_is_refused(run: Run, status: str, said: str) -> None:
    code, out, err = run("list", "--status", status)
    assert (code, out) == (2, "")
    assert said in err


def test_a_list_says_who_it_came_from_and_who_it_went_to(run: Run, ids: dict[str, str]) -> None:
    _, out, _ = run("list", "SHP-77120")
    rows = [json.loads(line) for line in run("list", "SHP-77120", "--json")[1].splitlines()]
    assert rows
    for row in rows:
        assert f"{'from' if row['direction'] == 'in' else 'to'} {row['partner']}" in out


def test_a_message_is_found_by_its_number_if_only_one_has_it(run: Run, ids: dict[str, str]) -> None:
    (row,) = [json.loads(line) for line in run("list", "45000129", "--json")[1].splitlines()]
    code, out, _ = run("show", "4500012901")
    assert code == 1, "it needs a person"
    assert row["id"] in out
    assert run("show", row["id"][-8:])[1] == out
    code, _, err = run("show", "4500012874")
    assert code == 2
    assert "More than one message belongs to 4500012874" in err
    related = [json.loads(line) for line in run("list", "1Z999AA1", "--json")[1].splitlines()]
    assert len(related) == 1
    assert related[0]["id"] in run("show", "1Z999AA1")[1]
    code, _, err = run("show", "nothing")
    assert code == 2
    assert "HUB-6024 No message has an id or a number like nothing" in err
