"""A text longer than its column, told by table, column and length instead of the database's own words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, String, Table, event
from sqlalchemy.engine import ExceptionContext

from hub.errors import DataError

_TOO_LONG = "22001"
"""SQLSTATE string_data_right_truncation; PostgreSQL does not say which column."""
_OF_A_ROW = re.compile(r"(to_)?(.+?)(__\d+)?")
"""A parameter's name: a column's, that of a changed one (hub.store.batch), with the number of its row."""


def tell_lengths(engine: Engine) -> None:
    """From now on such an error of this engine is a DataError HUB-6035."""
    event.listen(engine, "handle_error", _tell)


def _tell(context: ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) != _TOO_LONG:
        return
    execution = context.execution_context
    table = getattr(getattr(getattr(execution, "compiled", None), "statement", None), "table", None)
    found = next(_too_long(table, context.parameters), None) if isinstance(table, Table) else None
    if found is None:
        raise DataError("HUB-6035", "A text is longer than the store has room for.") from context.original_exception
    name, most, text = found
    said = f"{name} has room for {most} characters, and this has {len(text)}: {text[:60]!r}.."
    raise DataError("HUB-6035", said, value=text[:200], expected=f"at most {most} characters") from (
        context.original_exception
    )


def _too_long(table: Table, parameters: Any) -> Iterator[tuple[str, int, str]]:
    """Column, its length and the text, of each that is too long."""
    for row in parameters if isinstance(parameters, list | tuple) else [parameters]:
        for name, value in row.items() if isinstance(row, Mapping) else ():
            match = _OF_A_ROW.fullmatch(name)
            column = table.c.get(name) if match is None or name in table.c else table.c.get(match[2])
            most = column.type.length if column is not None and isinstance(column.type, String) else None
            if most is not None and isinstance(value, str) and len(value) > most:
                yield f"{table.name}.{column.name if column is not None else name}", most, value
