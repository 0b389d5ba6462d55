"""Writes of one transaction, gathered and sent together, since a statement costs as much as a hundred rows.

Rows and changes gathered here are sent before any other statement of the transaction runs and before it commits, so
that whatever is read is right. Work that reads first and writes then pays for one statement a table.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.tables import message, metadata

_KEY = "hub.writes"
_ORDER = {table: place for place, table in enumerate(metadata.sorted_tables)}
"""Tables that others refer to come first."""

Row = dict[str, Any]


class Writes:
    """What a transaction is still to send. numbers: control numbers taken in it, scope -> the last one."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._inserts: dict[Table, list[Row]] = {}
        self._made: dict[tuple[Table, Any], Row] = {}
        self._missing: dict[Table, dict[tuple[Any, ...], Row]] = {}
        self._updates: dict[Table, dict[Any, Row]] = {}
        self._moves: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        self._moved: set[tuple[str, str]] = set()

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        key = _key_of(table)
        for given in rows:
            row = dict(given)
            self._inserts.setdefault(table, []).append(row)
            if key in row:
                self._made[table, row[key]] = row

    def insert_missing(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows whose primary key may be there already; then they are left as they are."""
        names = [column.name for column in table.primary_key]
        known = self._missing.setdefault(table, {})
        for row in rows:
            known.setdefault(tuple(row[name] for name in names), dict(row))

    def update(self, table: Table, key: Any, values: Mapping[str, Any]) -> None:
        """Change the row with this primary key."""
        made = self._made.get((table, key))
        if made is not None:
            made.update(values)
        else:
            self._updates.setdefault(table, {}).setdefault(key, {}).update(values)

    def move(self, field: str, ids: Sequence[str], sources: tuple[str, ...], target: str) -> bool:
        """Move a status of these messages where it is one of sources. False: send what there is, then ask again."""
        if any((field, one) in self._moved for one in ids):
            return False
        waiting = self._moves.setdefault((field, target, sources), [])
        for one in ids:
            made = self._made.get((message, one))
            if made is None:
                self._moved.add((field, one))
                waiting.append(one)
            elif made.get(field, _first(field)) in sources:
                made[field] = target
        return True

    def send(self, conn: Connection) -> None:
        """Sends everything gathered so far."""
        inserts, missing, updates, moves = self._inserts, self._missing, self._updates, self._moves
        self._inserts, self._missing, self._updates, self._moves = {}, {}, {}, {}
        self._made.clear()
        self._moved.clear()
        for table in sorted(inserts, key=_ORDER.__getitem__):
            for rows in _alike(inserts[table]):
                conn.execute(table.insert(), rows)
        for table, known in missing.items():
            _insert_missing(conn, table, list(known.values()))
        for table, changes in updates.items():
            _update(conn, table, changes)
        for (field, target, sources), ids in moves.items():
            if ids:
                guarded = update(message).where(message.c.id.in_(ids), message.c[field].in_(sources))
                conn.execute(guarded.values({field: target}))

    def __bool__(self) -> bool:
        return bool(self._inserts or self._missing or self._updates or self._moves)


def writes_of(conn: Connection) -> Writes | None:
    """What conn's transaction gathers; None outside a transaction of Database.begin."""
    found: Writes | None = conn.info.get(_KEY)
    return found


def gather(conn: Connection, *, begin: bool) -> None:
    """A transaction begins (or has ended): from now on its writes are gathered (or are not)."""
    conn.info[_KEY] = Writes() if begin else None


def send(conn: Connection, *_: Any) -> None:
    """Sends what conn's transaction has gathered, if anything."""
    writes = writes_of(conn)
    if writes:
        writes.send(conn)


def insert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows with the transaction's other writes."""
    if not rows:
        return
    writes = writes_of(conn)
    if writes is None:
        for alike in _alike([dict(row) for row in rows]):
            conn.execute(table.insert(), alike)
    else:
        writes.insert(table, rows)


def insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of these rows that are not there yet, with the transaction's other writes."""
    if not rows:
        return
    writes = writes_of(conn)
    if writes is not None:
        writes.insert_missing(table, rows)
    else:
        _insert_missing(conn, table, rows)


def change(conn: Connection, table: Table, key: Any, values: Mapping[str, Any]) -> None:
    """Change the row with this primary key, with the transaction's other writes."""
    writes = writes_of(conn)
    if writes is None:
        _update(conn, table, {key: dict(values)})
    else:
        writes.update(table, key, values)


def _insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    conn.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))


def _update(conn: Connection, table: Table, changes: Mapping[Any, Row]) -> None:
    """One statement for all rows in which the same columns change."""
    name = _key_of(table)
    for rows in _alike([{"key_": key, **values} for key, values in changes.items()]):
        columns = {c: bindparam(f"to_{c}", type_=table.c[c].type) for c in rows[0] if c != "key_"}
        if columns:
            given = [{"key_": row["key_"], **{f"to_{c}": row[c] for c in columns}} for row in rows]
            conn.execute(update(table).where(table.c[name] == bindparam("key_")).values(columns), given)


def _alike(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows in lists of the same columns, each list in the rows' order."""
    found: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        found.setdefault(frozenset(row), []).append(row)
    yield from found.values()


def _key_of(table: Table) -> str:
    """The primary key's column, the first of them if there are several."""
    return next(iter(table.primary_key)).name


def _first(field: str) -> Any:
    default = message.c[field].default
    return default.arg if default is not None else None  # type: ignore[attr-defined] # a scalar, by the table above
