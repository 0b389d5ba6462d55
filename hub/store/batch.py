"""Writes of one transaction, gathered and sent together, since a statement costs as much as a hundred rows.

Rows and changes gathered here are sent before any other statement of the transaction runs and before it commits, so
that whatever is read is right. Work that reads first and writes then pays for one statement a table.
"""

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, update

from hub.store.rows import among
from hub.store.rowwise import insert_rows, update_rows
from hub.store.tables import message, metadata

ASIDE = "hub_aside"
"""An execution option: the statement is about rows that nobody gathers."""

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
            insert_rows(conn, table, inserts[table])
        for table, known in missing.items():
            insert_rows(conn, table, list(known.values()), missing=True)
        _lock(conn, {*updates.get(message, {}), *(one for ids in moves.values() for one in ids)})
        guards = _join(updates.get(message, {}), moves)
        for table, changes in updates.items():
            _update(conn, table, changes, guards if table is message else {})
        for (field, target, sources), ids in moves.items():
            if ids:
                guarded = update(message).where(message.c.id.in_(ids), message.c[field].in_(sources))
                conn.execute(guarded.values({field: target}))

    def __bool__(self) -> bool:
        return bool(self._inserts or self._missing or self._updates or self._moves)


def writes_of(conn: Connection) -> Writes | None:
    """What conn's transaction gathers; None outside a transaction of Database.begin."""
    found: Writes | None = vars(conn).get(_KEY)
    return found


def gather(conn: Connection, *, begin: bool) -> None:
    """A transaction begins (or has ended): from now on its writes are gathered (or are not)."""
    vars(conn)[_KEY] = Writes() if begin else None  # its own `info` is several calls away


def send(conn: Connection, *about: Any) -> None:
    """Sends what conn's transaction has gathered, if anything. about: of a statement that is to run, its options last;
    one that says ASIDE needs nothing of it."""
    writes = writes_of(conn)
    if writes and not (about and about[-1].get(ASIDE)):
        writes.send(conn)


def insert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows with the transaction's other writes."""
    if not rows:
        return
    writes = writes_of(conn)
    if writes is None:
        insert_rows(conn, table, rows)
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
        insert_rows(conn, table, rows, missing=True)


def change(conn: Connection, table: Table, key: Any, values: Mapping[str, Any]) -> None:
    """Change the row with this primary key, with the transaction's other writes."""
    writes = writes_of(conn)
    if writes is None:
        update_rows(conn, table, _key_of(table), [{**values, _key_of(table): key}])
    else:
        writes.update(table, key, values)


def _lock(conn: Connection, message_ids: Collection[str]) -> None:
    """Takes the messages that are to change in one order, so that transactions about the same of them (one routes some,
    another acknowledges all) wait for each other and never in a circle. SQLite has one writer anyhow."""
    if len(message_ids) > 1 and conn.dialect.name == "postgresql":
        conn.execute(_locking(), {"values": list(message_ids)}).all()


@functools.cache
def _locking() -> Select[Any]:
    return among(message.c.id, message.c.id).order_by(message.c.id).with_for_update(key_share=True)


def _join(
    changes: Mapping[Any, Row], moves: Mapping[tuple[str, str, tuple[str, ...]], list[str]]
) -> dict[Any, dict[str, tuple[str, ...]]]:
    """Takes the moves of messages that change anyhow into their changes. Message -> status -> whence it may move."""
    guards: dict[Any, dict[str, tuple[str, ...]]] = {}
    for (field, target, sources), ids in moves.items():
        for one in ids:
            if one in changes:
                changes[one][field] = target
                guards.setdefault(one, {})[field] = sources
        ids[:] = [one for one in ids if one not in changes]
    return guards


def _update(
    conn: Connection, table: Table, changes: Mapping[Any, Row], guards: Mapping[Any, Mapping[str, tuple[str, ...]]]
) -> None:
    name = _key_of(table)
    alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[Row]] = {}
    for key, values in changes.items():
        alike.setdefault(tuple(guards.get(key, {}).items()), []).append({**values, name: key})
    for guarded, rows in alike.items():
        update_rows(conn, table, name, rows, dict(guarded))


@functools.cache
def _key_of(table: Table) -> str:
    """The primary key's column, the first of them if there are several."""
    return next(iter(table.primary_key)).name


def _first(field: str) -> Any:
    default = message.c[field].default
    return default.arg if default is not None else None  # type: ignore[attr-defined] # a scalar, by the table above
