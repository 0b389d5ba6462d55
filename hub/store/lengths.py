"""A text longer than its column, told by table, column and length instead of the database's own words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Engine, String, Table, event
from sqlalchemy.engine import ExceptionContext

from hub.errors import DataError
from hub.store.rowwise import ARRAYS, COLUMNS

_TOO_LONG = "22001"
"""SQLSTATE string_data_right_truncation; PostgreSQL does not say which column."""
_OF_A_ROW = re.compile(r"(.+?)__\d+")
"""A parameter's name: a column's, with the number of its row."""


def tell_lengths(engine: Engine) -> None:
    """From now on such an error of this engine is a DataError HUB-6035."""
    event.listen(engine, "handle_error", _tell)


def _tell(context: ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) != _TOO_LONG:
        return
    execution = context.execution_context
    options = execution.execution_options if execution is not None else {}
    if COLUMNS in options:
        listed = _rows(context.parameters, arrays=ARRAYS in options)
        found = next((one for row in listed for one in _long(zip(options[COLUMNS], row, strict=True))), None)
    else:
        table = getattr(getattr(getattr(execution, "compiled", None), "statement", None), "table", None)
        rows = context.parameters if isinstance(context.parameters, list | tuple) else [context.parameters]
        found = next(_too_long(table, rows), None) if isinstance(table, Table) else None
    if found is None:
        raise DataError("HUB-6035", "A text is longer than the store has room for.") from context.original_exception
    name, most, text = found
    said = f"{name} has room for {most} characters, and this has {len(text)}: {text[:60]!r}.."
    raise DataError("HUB-6035", said, value=text[:200], expected=f"at most {most} characters") from (
        context.original_exception
    )


def _rows(parameters: Any, *, arrays: bool) -> Iterable[Sequence[Any]]:
    """One row, several, or an array for each column."""
    if arrays:
        return zip(*parameters, strict=True)
    return parameters if isinstance(parameters, list) else [parameters]


def _too_long(table: Table, rows: Iterable[Any]) -> Iterator[tuple[str, int, str]]:
    """As _long, of rows whose values go by parameters' names."""
    for row in rows:
        values = row if isinstance(row, Mapping) else {}
        yield from _long((table.c[column], value) for name, value in values.items() if (column := _named(table, name)))


def _named(table: Table, name: str) -> str | None:
    match = _OF_A_ROW.fullmatch(name)
    column = name if match is None or name in table.c else match[1]
    return column if column in table.c else None


def _long(values: Iterable[tuple[Column[Any], Any]]) -> Iterator[tuple[str, int, str]]:
    """Column, its length and the text, of each that is too long."""
    for column, value in values:
        most = column.type.length if isinstance(column.type, String) else None
        if most is not None and isinstance(value, str) and len(value) > most:
            yield f"{column.table.name}.{column.name}", most, value
