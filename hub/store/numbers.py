"""Control numbers: gap-free in every scope, because a number is taken in the transaction that uses it.

Transactions that number several scopes take them in one order (interchange, group, message; partners sorted), or two of
them could wait for each other.
"""

import functools
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from hub.store.batch import ASIDE, change, writes_of
from hub.store.events import record_event
from hub.store.rows import insert_if_absent
from hub.store.tables import control_number


def next_control_number(conn: Connection, scope: str, *, now: datetime, width: int = 9, start: int = 1) -> int:
    """The next number of scope, from start on; after the highest that has width digits comes 1 again, with an event.

    scope: "x12/interchange/ZZ:US/ZZ:THEM", "x12/group/PO/US/THEM". The row stays locked until the transaction ends.
    """
    highest = 10**width - 1
    writes = writes_of(conn)
    known = writes.numbers if writes is not None else {}
    number = known[scope] + 1 if scope in known else _raised(conn, scope, start - 1)
    wraps = number > highest
    if wraps:
        number = 1
        record_event(conn, now, "control_number", scope, "wrapped", detail={"highest": highest})
    if wraps or scope in known:
        change(conn, control_number, scope, {"last": number})
    known[scope] = number
    return number


def _raised(conn: Connection, scope: str, first: int) -> int:
    """The last number of scope, raised by one, its row locked; first is what it was where none was taken yet."""
    found: int | None = conn.execute(_raising(), {"whose": scope}).scalar_one_or_none()
    if found is None:
        insert_if_absent(conn, control_number, [{"scope": scope, "last": first}])
        found = conn.execute(_raising(), {"whose": scope}).scalar_one()
    return int(found)


@functools.cache
def _raising() -> ReturningUpdate[Any]:
    """Built once, as building takes longer than running."""
    last = control_number.c.last
    raised = update(control_number).where(control_number.c.scope == bindparam("whose")).values(last=last + 1)
    return raised.returning(last).execution_options(**{ASIDE: True})


def seed(conn: Connection, scope: str, last: int) -> None:
    """The next number of scope is last + 1: when a partner is taken over from another system. 0 begins anew."""
    writes = writes_of(conn)
    if writes is not None:
        writes.numbers.pop(scope, None)
    conn.execute(delete(control_number).where(control_number.c.scope == scope))
    if last:
        insert_if_absent(conn, control_number, [{"scope": scope, "last": last}])


def last_number(conn: Connection, scope: str) -> int | None:
    """The number of scope that was taken last; None: none was."""
    found: int | None = conn.execute(select(control_number.c.last).where(control_number.c.scope == scope)).scalar()
    return found


def list_numbers(conn: Connection, beginning: str = "") -> list[tuple[str, int]]:
    """Every scope that begins so, with its last number."""
    query = select(control_number.c.scope, control_number.c.last).order_by(control_number.c.scope)
    rows = conn.execute(query.where(control_number.c.scope.startswith(beginning, autoescape=True)))
    return [(scope, last) for scope, last in rows]
