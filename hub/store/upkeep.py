"""Looking after the database file: a copy of it while it is in use, and giving back what rows let go of."""

import os
from pathlib import Path

from sqlalchemy import text

from hub.errors import UsageError
from hub.store.engine import Database, check_local


def back_up(database: Database, file: Path) -> int:
    """Write a copy of the database to file, as it is at one moment, while others go on using it. Its size in bytes.

    UsageError HUB-6032: the file is there already, or the database is PostgreSQL, whose own pg_dump does this.
    """
    if database.dialect != "sqlite":
        text_ = "PostgreSQL is backed up by its own tools: pg_dump --format=custom --file=FILE and the database's URL."
        raise UsageError("HUB-6032", text_)
    if file.exists():
        raise UsageError("HUB-6032", f"{file} is there already; name a new file.")
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    check_local(file)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))  # for nobody else's eyes
    _outside(database, "VACUUM INTO :file", {"file": str(part)})
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(file)
    return file.stat().st_size


def compact(database: Database) -> None:
    """Write the database anew without what rows let go of: what was erased is then nowhere in its files. Workers wait
    meanwhile; so much disk is needed again."""
    _outside(database, "VACUUM" if database.dialect == "sqlite" else "VACUUM FULL", {})


def _outside(database: Database, statement: str, values: dict[str, str]) -> None:
    """Run a statement that must stand outside a transaction."""
    with database.engine.connect() as conn:
        raw = conn.connection.dbapi_connection
        if raw is None:
            raise UsageError("HUB-6001", "The database cannot be reached.")
        if database.dialect == "sqlite":
            raw.execute("PRAGMA query_only=0")  # as the transaction before left it
            raw.execute(statement, values)
            return
        conn.rollback()
        outside = conn.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text(statement), values)
