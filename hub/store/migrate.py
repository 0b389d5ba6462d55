"""Brings a database's tables to what this release needs."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select

from hub.errors import ConfigError
from hub.store.engine import Database

_LOCK = 0x6875_6264_6221
"""Any number, the same in every process: upgrades of one PostgreSQL database take turns."""


def upgrade(database: Database) -> None:
    """Make or change the tables, in one transaction; several processes may call it at once.

    ConfigError HUB-6004: the database was made by a newer release.
    """
    config = _config()
    with database.begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = conn
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigError("HUB-6004", f"The database was made by a newer release of the hub: {error}.") from error


def is_current(database: Database) -> bool:
    """Whether the tables are those of this release."""
    with database.read() as conn:
        found = MigrationContext.configure(conn).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "hub.store:migrations")
    return config
