"""Fixtures for tests that need a database. `database` runs a test once on SQLite and once on PostgreSQL.

The tables are made once: a test gets a copy of the SQLite file, and the emptied PostgreSQL database.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hub.store.engine import Database

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.peer("postgres"))]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has the tables."""
    from hub.store.engine import open_database
    from hub.store.migrate import upgrade

    path = tmp_path_factory.mktemp("template") / "hub.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server's maintenance database: HUB_TEST_PG, or a server of this session."""
    if given := os.environ.get("HUB_TEST_PG"):
        yield given
        return
    from tests.postgres import postgres

    with postgres() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres_shared(postgres_url: str) -> Iterator[str]:
    """The address of a PostgreSQL database that has the tables; tests use it in turn."""
    from hub.store.engine import open_database
    from hub.store.migrate import upgrade
    from tests.postgres import drop_database, new_database

    url = new_database(postgres_url)
    database = open_database(url)
    upgrade(database)
    database.dispose()
    yield url
    drop_database(postgres_url, url.rpartition("/")[2])


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a SQLite database that has the tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'hub.db')}"


@pytest.fixture
def postgres_database_url(postgres_shared: str) -> Iterator[str]:
    """The address of a PostgreSQL database that has the tables, and no rows."""
    from tests.postgres import empty_database

    yield postgres_shared
    empty_database(postgres_shared)


@pytest.fixture(params=BOTH)
def new_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables: of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    from tests.postgres import drop_database, new_database

    server: str = request.getfixturevalue("postgres_url")
    url = new_database(server)
    yield url
    drop_database(server, url.rpartition("/")[2])


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database that has the tables: of each kind in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:
    """A database that has the tables: of each kind in turn."""
    from hub.store.engine import open_database

    opened = open_database(database_url)
    yield opened
    opened.dispose()
