"""The circuit of a connection, shared by all workers: whether its far end may be tried, and how fast.

closed -> open after failures in a row; open -> half_open when its time has come and one worker makes a try; that try
closes the circuit or opens it again for longer. A connection that never failed has no row.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, select, update

from hub.store.events import record_event
from hub.store.incidents import open_incident, resolve_incident
from hub.store.ports import Clock
from hub.store.rows import insert_if_absent, of
from hub.store.tables import circuit

PROBE = timedelta(minutes=5)
"""A try in the half-open state that has not ended after this long is lost with its worker."""


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """state: closed, open, half_open. failures: in a row. next_at: when one try may be made."""

    state: str = "closed"
    failures: int = 0
    next_at: datetime | None = None

    def shut_until(self, now: datetime) -> datetime | None:
        """Until when nothing may be tried; None: go on, or ask for the one try."""
        return self.next_at if self.state != "closed" and self.next_at is not None and self.next_at > now else None


def find_circuit(conn: Connection, connection: str) -> Circuit:
    wanted = of(circuit.c.connection, circuit.c.state, circuit.c.failures, circuit.c.next_at)
    row = conn.execute(wanted, {"value": connection}).mappings().first()
    return Circuit(**row) if row is not None else Circuit()


def take_try(conn: Connection, now: datetime, connection: str) -> bool:
    """Whether the caller makes the one try of a circuit whose time has come; nobody else does then."""
    due = update(circuit).where(circuit.c.connection == connection, circuit.c.state != "closed")
    taken = due.where(circuit.c.next_at <= now).values(state="half_open", since=now, next_at=now + PROBE)
    return bool(conn.execute(taken).rowcount)


def note_failure(
    conn: Connection,
    clock: Clock,
    connection: str,
    error: str,
    pause_after: Callable[[int], timedelta | None],
    asked: timedelta | None = None,
) -> datetime | None:
    """The far end failed once more. Until when nothing is tried; None: go on. asked: how long it wants to be left.

    An open circuit is one incident, however many deliveries wait for it.
    """
    now = clock.now()
    row = _locked(conn, now, connection)
    failures = row.failures + 1
    pause = pause_after(failures)
    if asked is not None:
        pause = max(asked, pause or timedelta(0))
    values = {"failures": failures, "error": error}
    if pause is None:
        conn.execute(update(circuit).where(circuit.c.connection == connection).values(**values))
        return None
    until = now + pause
    opened = {"state": "open", "since": now, "next_at": until}
    conn.execute(update(circuit).where(circuit.c.connection == connection).values(**values, **opened))
    if pause_after(failures) is not None:
        detail = {"failures": failures, "until": until.isoformat(), "error": error}
        record_event(conn, now, "connection", connection, "circuit_opened", detail=detail)
        said = f"{connection} failed {failures} times in a row; the next try is at {until:%Y-%m-%d %H:%M:%S} UTC."
        text = f"{said} The last error: {error}"
        open_incident(conn, clock, f"circuit/{connection}", "HUB-6015", text, "connection", connection)
    return until


def note_success(conn: Connection, now: datetime, connection: str) -> None:
    """The far end answers."""
    mended = update(circuit).where(circuit.c.connection == connection)
    conn.execute(mended.values(state="closed", failures=0, since=now, next_at=None, error=None))
    if resolve_incident(conn, now, f"circuit/{connection}"):
        record_event(conn, now, "connection", connection, "circuit_closed")


def try_now(conn: Connection, now: datetime, connection: str) -> None:
    """Somebody says that it is mended: an open circuit gets its one try at once."""
    opened = update(circuit).where(circuit.c.connection == connection, circuit.c.state == "open")
    conn.execute(opened.values(next_at=now))


def take_slot(conn: Connection, now: datetime, connection: str, every: timedelta, most: timedelta) -> datetime:
    """When the next delivery may begin by the connection's rate. Nobody else gets that moment, unless it is further off
    than most: then it is not taken."""
    row = _locked(conn, now, connection)
    begin: datetime = max(row.free_at or now, now)
    if begin - now <= most:
        conn.execute(update(circuit).where(circuit.c.connection == connection).values(free_at=begin + every))
    return begin


def _locked(conn: Connection, now: datetime, connection: str) -> "_Row":
    query = select(circuit.c.failures, circuit.c.free_at).where(circuit.c.connection == connection).with_for_update()
    row = conn.execute(query).first()
    if row is None:
        insert_if_absent(conn, circuit, [{"connection": connection, "state": "closed", "failures": 0, "since": now}])
        row = conn.execute(query).one()
    return _Row(failures=row.failures, free_at=row.free_at)


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    failures: int
    free_at: datetime | None
