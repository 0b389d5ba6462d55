"""Migrations make exactly the tables of hub.store.tables, once, whoever else is at it."""

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from hub.errors import ConfigError
from hub.store.engine import Database, open_database
from hub.store.migrate import is_current, upgrade
from hub.store.tables import metadata


@pytest.fixture
def database(new_database_url: str) -> Iterator[Database]:
    opened = open_database(new_database_url)
    yield opened
    opened.dispose()


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    assert not is_current(database)
    upgrade(database)
    with database.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert is_current(database)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    assert is_current(database)


def test_processes_that_upgrade_at_once_take_turns(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def start() -> None:
        mine = open_database(url)
        together.wait()
        try:
            upgrade(mine)
        except Exception as error:  # noqa: BLE001 - any fault of a thread fails the test
            faults.append(error)
        mine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert is_current(database)
    with database.read() as conn:
        assert set(inspect(conn).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_a_database_of_a_newer_release_is_refused(database: Database) -> None:
    upgrade(database)
    with database.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(database)
    with pytest.raises(ConfigError, match="HUB-6004"):
        upgrade(database)
