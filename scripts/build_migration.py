"""Write the migration from the newest one to the tables of hub/store/tables.py: build_migration.py 0002 "Why it is".

Where there is none yet it makes all tables. Read it before it is committed: a renamed column looks like one dropped and
one added.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub.store.engine import open_database
from hub.store.migrate import upgrade
from hub.store.tables import metadata

FOLDER = Path(__file__).resolve().parent.parent / "hub" / "store" / "migrations"
OURS = {"UtcTime": "UtcTime()", "Json": "Json()", "Exact": "Exact()", "LargeBinary": "Blob()", "BigInteger": "BigInt"}
HEAD = '''"""{title}."""

# ruff: noqa: E501 - conditions as the tables have them
from typing import Any

import sqlalchemy as sa
from alembic import op
{types}
revision = "{revision}"
down_revision = {down}
{parts}

def upgrade() -> None:
{body}
'''


WHERE = '''

def where(condition: str) -> dict[str, Any]:
    """A partial index, as both databases call it."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
'''
SAME = re.compile(r"sqlite_where=sa\.text\((.*?)\), postgresql_where=sa\.text\(\1\)")


def render(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Our column types by their names; everything else as Alembic writes it."""
    return OURS.get(type(thing).__name__, False) if kind == "type" else False


def main(revision: str, title: str) -> None:
    scripts = ScriptDirectory(str(FOLDER))
    newest = scripts.get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/hub.db")
        if newest is not None:
            upgrade(database)
        with database.read() as conn:
            operations = produce_migrations(MigrationContext.configure(conn), metadata).upgrade_ops
        database.dispose()
    assert operations is not None  # noqa: S101 - Alembic's type allows None and never gives it
    code = render_python_code(
        operations, sqlalchemy_module_prefix="sa.", alembic_module_prefix="op.", render_item=render
    )
    lines = [line for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
    body = re.sub(r",\n(\s*)\)", r"\n\1)", "\n".join(lines)).replace(", unique=False", "")
    body = SAME.sub(r"**where(\1)", body)
    named = sorted(word.removesuffix("()") for word in OURS.values() if word.removesuffix("()") in body)
    types = f"\nfrom hub.store.types import {', '.join(named)}\n" if named else ""
    down = f'"{newest}"' if newest else "None"
    text = HEAD.format(
        title=title,
        types=types,
        revision=revision,
        down=down,
        body=body,
        parts=WHERE if "**where(" in body else "",
    )
    path = FOLDER / "versions" / f"{revision}_{re.sub('[^a-z0-9]+', '_', title.lower())[:30].strip('_')}.py"
    path.write_text(text)
    one_line = "format.skip-magic-trailing-comma=true"
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "-q", "--fix", "--select", "E501,F401,I,RUF100", str(path)], check=True)
    subprocess.run([*ruff, "format", "-q", "--config", one_line, str(path)], check=True)
    print(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
