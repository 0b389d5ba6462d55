"""Inserts and updates of many rows, whose statement is rendered once and whose values go to the driver as they are.

SQLAlchemy renders the values of each row anew, which costs more than the database does with them. What it knows of
types and defaults counts here too.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Dialect, String, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

Row = Mapping[str, Any]

COLUMNS = "hub.columns"
ARRAYS = "hub.arrays"
"""The execution options that tell which columns the values of such a statement are for, and whether they are arrays."""


class _Statement(NamedTuple):
    """defaults: the values of columns that a row does not name. processors: place -> what makes a value the driver's
    own. together: the same for several rows, each of whose columns is one array; "": the driver takes row after row."""

    sql: str
    together: str
    columns: tuple[Column[Any], ...]
    defaults: tuple[Any, ...]
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]

    def run(self, conn: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        values = [list(map(row.__getitem__, names)) for row in rows]
        if self.defaults:
            for row in values:
                row.extend(self.defaults)
        for place, process in self.processors:
            for row in values:
                if row[place] is not None:
                    row[place] = process(row[place])
        if len(values) > 1 and self.together:
            given: Any = tuple(map(list, zip(*values, strict=True)))
            conn.exec_driver_sql(self.together, given, execution_options={COLUMNS: self.columns, ARRAYS: True})
        else:
            given = [tuple(row) for row in values] if len(values) > 1 else tuple(values[0])
            conn.exec_driver_sql(self.sql, given, execution_options={COLUMNS: self.columns})


def insert_rows(conn: Connection, table: Table, rows: Sequence[Row], *, missing: bool = False) -> None:
    """Insert the rows; missing: those of them whose key is not there yet."""
    for names, alike in _alike(rows):
        _inserting(conn.dialect, table, names, missing).run(conn, names, alike)


def update_rows(
    conn: Connection, table: Table, key: str, rows: Sequence[Row], guards: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """Change the rows whose column `key` has the value each gives for it. guards: columns that change only where they
    are one of these."""
    guarded = tuple((guards or {}).items())
    for names, alike in _alike(rows):
        if len(names) > 1:
            ordered = (*(name for name in names if name != key), key)
            _updating(conn.dialect, table, ordered, guarded).run(conn, ordered, alike)


def _alike(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """The rows by the columns they name, each list in the rows' order."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(row)
    yield from found.items()


@functools.lru_cache(maxsize=512)
def _inserting(dialect: Dialect, table: Table, names: tuple[str, ...], missing: bool) -> _Statement:
    given = [table.c[name] for name in names]
    filled = [column for column in table.c if column.default is not None and column.name not in names]
    columns = (*given, *filled)
    listed = ", ".join(_quoted(dialect, column) for column in columns)
    into = f"{dialect.identifier_preparer.format_table(table)} ({listed})"
    end = " ON CONFLICT DO NOTHING" if missing else ""
    sql = f"INSERT INTO {into} VALUES ({_marks(dialect, columns)}){end}"  # noqa: S608 - names of our own tables
    together = ""
    if dialect.name == "postgresql":  # a row by itself costs the server twice and psycopg four times as much
        arrays = ", ".join(f"%b::{_array(dialect, column)}" for column in columns)
        together = f"INSERT INTO {into} SELECT * FROM unnest({arrays}){end}"  # noqa: S608 - as above
    defaults = tuple(column.default.arg for column in filled)  # type: ignore[union-attr] # each has one, a scalar
    return _Statement(sql, together, columns, defaults, _bound(dialect, columns))


@functools.lru_cache(maxsize=512)
def _updating(
    dialect: Dialect, table: Table, names: tuple[str, ...], guarded: tuple[tuple[str, tuple[str, ...]], ...]
) -> _Statement:
    """The last name is the key's."""
    columns = tuple(table.c[name] for name in names)
    *changed, key = columns
    mark, guards = _marks(dialect, columns[:1]), dict(guarded)
    name = dialect.identifier_preparer.format_table(table)
    values = ", ".join(_set(dialect, column, mark, guards.get(column.name)) for column in changed)
    sql = f"UPDATE {name} SET {values} WHERE {_quoted(dialect, key)} = {mark}"  # noqa: S608 - names of our own tables
    together = ""
    if dialect.name == "postgresql":
        values = ", ".join(
            _set(dialect, column, f"new.c{n}", guards.get(column.name)) for n, column in enumerate(changed)
        )
        arrays = ", ".join(f"%b::{_array(dialect, column)}" for column in columns)
        given = f"unnest({arrays}) AS new ({', '.join(f'c{n}' for n in range(len(columns)))})"
        same = f"{name}.{_quoted(dialect, key)} = new.c{len(changed)}"
        together = f"UPDATE {name} SET {values} FROM {given} WHERE {same}"  # noqa: S608 - as above
    return _Statement(sql, together, columns, (), _bound(dialect, columns))


def _set(dialect: Dialect, column: Column[Any], value: str, guard: tuple[str, ...] | None) -> str:
    name = _quoted(dialect, column)
    if guard is None:
        return f"{name} = {value}"
    own = f"{dialect.identifier_preparer.format_table(column.table)}.{name}"
    allowed = ", ".join(f"'{one}'" for one in guard)
    return f"{name} = CASE WHEN {own} IN ({allowed}) THEN {value} ELSE {own} END"


def _quoted(dialect: Dialect, column: Column[Any]) -> str:
    return dialect.identifier_preparer.quote(column.name)


def _array(dialect: Dialect, column: Column[Any]) -> str:
    """Texts without their length: a cast would cut them, where the column itself refuses."""
    implied = column.type.dialect_impl(dialect)
    plain = implied.impl_instance if isinstance(implied, TypeDecorator) else implied
    return "text[]" if isinstance(plain, String) else f"{plain.compile(dialect=dialect)}[]"


def _marks(dialect: Dialect, columns: Sequence[Column[Any]]) -> str:
    return ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(columns))


def _bound(dialect: Dialect, columns: Sequence[Column[Any]]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    made = [_processor(column.type.dialect_impl(dialect), dialect) for column in columns]
    return tuple((place, process) for place, process in enumerate(made) if process is not None)


def _processor(implied: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value the driver's own: of our types their own method, where the driver takes what that returns."""
    if isinstance(implied, TypeDecorator) and implied.impl_instance.bind_processor(dialect) is None:
        return functools.partial(implied.process_bind_param, dialect=dialect)
    return implied.bind_processor(dialect)
