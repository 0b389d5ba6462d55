"""Control numbers: gap-free in every scope, because a number is taken in the transaction that uses it.

Transactions that number several scopes take them in one order (interchange, group, message; partners sorted), or two of
them could wait for each other.
"""

from datetime import datetime

from sqlalchemy import Connection, case, delete, update

from hub.store.events import record_event
from hub.store.rows import insert_if_absent
from hub.store.tables import control_number


def next_control_number(conn: Connection, scope: str, *, now: datetime, width: int = 9, start: int = 1) -> int:
    """The next number of scope, from start on; after the highest that has width digits comes 1 again, with an event.

    scope: "x12/interchange/ZZ:US/ZZ:THEM", "x12/group/PO/US/THEM". The row stays locked until the transaction ends.
    """
    highest = 10**width - 1
    last = control_number.c.last
    following = update(control_number).where(control_number.c.scope == scope)
    following = following.values(last=case((last >= highest, 1), else_=last + 1))
    number: int | None = conn.execute(following.returning(last)).scalar_one_or_none()
    if number is None:
        inserted = insert_if_absent(conn, control_number, [{"scope": scope, "last": start - 1}])
        first: int = conn.execute(following.returning(last)).scalar_one()
        if inserted:
            return first
        number = first
    if number == 1:
        record_event(conn, now, "control_number", scope, "wrapped", detail={"highest": highest})
    return number


def seed(conn: Connection, scope: str, last: int) -> None:
    """The next number of scope is last + 1: when a partner is taken over from another system. 0 begins anew."""
    conn.execute(delete(control_number).where(control_number.c.scope == scope))
    if last:
        insert_if_absent(conn, control_number, [{"scope": scope, "last": last}])
