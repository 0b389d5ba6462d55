"""Statements for any table: queries built once, as to build one takes SQLAlchemy longer than to run it; and the one
statement that it spells differently for the two databases."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite


@functools.cache
def of(column: Column[Any], *wanted: ColumnElement[Any]) -> Select[Any]:
    """The rows whose column is `value`; wanted: what of them, else all of it."""
    return select(*(wanted or (column.table,))).where(column == bindparam("value"))


@functools.cache
def among(column: Column[Any], *wanted: ColumnElement[Any]) -> Select[Any]:
    """As of, the rows whose column is one of `values`."""
    return select(*(wanted or (column.table,))).where(column.in_(bindparam("values", expanding=True)))


def insert_if_absent(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many of the rows were new; one whose key is there already is left as it is."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    return conn.execute(dialect.insert(table).values(rows).on_conflict_do_nothing()).rowcount
