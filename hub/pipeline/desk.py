"""What people do besides messages: lanes, set-aside work, incidents, unreadable payloads, control numbers.

Each is one transaction with its entry in the audit log.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from hub import dispatch
from hub.dispatch import enqueue
from hub.errors import UsageError
from hub.pipeline.context import Context, in_lane
from hub.pipeline.drop import give_up
from hub.pipeline.receipts import queue_receipt_again
from hub.store import audit, chain, incidents, numbers, obligations
from hub.store.events import record_event
from hub.store.tables import lane, payload


class Desk:
    """UsageError, of all of them: there is no such thing, or it is not in a state for that."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @contextlib.contextmanager
    def _audited(
        self, actor: str, action: str, subject_type: str, subject_id: str, reason: str, **compared: Any
    ) -> Iterator[Transaction]:
        """A transaction whose end is an entry. compared: before and after, where they are known beforehand."""
        with self._context.database.begin() as conn:
            audit.lock_audit(conn)
            yield conn
            audit.append(
                conn,
                self._context.now(),
                actor=actor,
                action=action,
                subject_type=subject_type,
                subject_id=subject_id,
                reason=reason,
                **compared,
            )

    def pause_lane(self, name: str, actor: str, reason: str = "") -> None:
        """Begin no further work of the lane. What a worker is doing right now comes to its end."""
        with self._audited(actor, "pause", "lane", name, reason) as conn:
            dispatch.pause_lane(conn, self._context.now(), name, actor)

    def drain_lane(self, name: str, actor: str, reason: str = "") -> bool:
        """Pause the lane once all its work is done, however long that takes; whether it is so already."""
        with self._audited(actor, "drain", "lane", name, reason) as conn:
            return dispatch.drain_lane(conn, self._context.now(), name, actor)

    def resume_lane(self, name: str, actor: str, reason: str = "") -> None:
        """Let the lane go on at once."""
        with self._audited(actor, "resume", "lane", name, reason) as conn:
            dispatch.resume_lane(conn, self._context.now(), name, actor)

    def retry_work(self, work_id: int, actor: str, reason: str = "") -> None:
        """Work that was set aside is tried again."""
        with self._audited(actor, "retry", "work", str(work_id), reason) as conn:
            dispatch.resume_work(conn, self._context.now(), work_id, actor)

    def drop_work(self, work_id: int, actor: str, reason: str = "") -> None:
        """Work that was set aside is given up; what it was about waits for a person."""
        with self._audited(actor, "drop", "work", str(work_id), reason) as conn:
            give_up(conn, self._context, work_id, actor, reason)
            dispatch.drop_work(conn, self._context.now(), work_id, actor)

    def close_incident(self, incident_id: str, actor: str, reason: str) -> None:
        """A person says that it is dealt with."""
        with self._audited(actor, "close", "incident", incident_id, reason) as conn:
            if not incidents.close_incident(conn, self._context.now(), incident_id, actor):
                raise UsageError("HUB-6031", f"No incident {incident_id} is open: hub incident list")

    def close_obligation(self, obligation_id: str, actor: str, reason: str) -> None:
        """A person says that it is settled: by phone, by agreement."""
        with self._audited(actor, "close", "obligation", obligation_id, reason) as conn:
            if obligations.close(conn, self._context.now(), obligation_id, actor, reason) is None:
                raise UsageError("HUB-6034", f"No obligation {obligation_id} is open: hub obligation list")

    def identify_again(self, payload_id: str, actor: str, reason: str = "") -> None:
        """A payload nothing could read is looked at again, with the partner files in force."""
        with self._audited(actor, "replay", "payload", payload_id, reason) as conn:
            row = conn.execute(select(payload.c.state, payload.c.connection).where(payload.c.id == payload_id)).first()
            if row is None or row.state != "unreadable":
                text = (
                    f"Payload {payload_id} is {row.state if row else 'not there'}; only unreadable ones are replayed."
                )
                raise UsageError("HUB-6031", text)
            self._settle_payload(conn, payload_id, row.connection, "received", actor, "replayed")
            enqueue(
                conn,
                self._context.now(),
                lane=in_lane(row.connection),
                kind="identify",
                subject_id=payload_id,
                connection=row.connection,
            )

    def ignore_payload(self, payload_id: str, actor: str, reason: str) -> None:
        """Nothing is to come of a payload that nothing could read."""
        with self._audited(actor, "ignore", "payload", payload_id, reason) as conn:
            row = conn.execute(select(payload.c.state, payload.c.connection).where(payload.c.id == payload_id)).first()
            if row is None or row.state != "unreadable":
                text = f"Payload {payload_id} is {row.state if row else 'not there'}; only unreadable ones are ignored."
                raise UsageError("HUB-6031", text)
            self._settle_payload(conn, payload_id, row.connection, "ignored", actor, "ignored")

    def answer_again(self, payload_id: str, actor: str, reason: str = "") -> str:
        """The receipt of a payload (an asynchronous MDN) is delivered once more, the same bytes. Its delivery's id."""
        with self._audited(actor, "answer", "payload", payload_id, reason) as conn:
            made = queue_receipt_again(conn, self._context, payload_id)
            if made is None:
                text = (
                    f"Payload {payload_id} has no receipt to deliver again: it was answered at once, or the receipt is "
                    "still on its way."
                )
                raise UsageError("HUB-6031", text)
            record_event(conn, self._context.now(), "payload", payload_id, "answered_again", actor, {"delivery": made})
            return made

    def _settle_payload(
        self, conn: Transaction, payload_id: str, connection: str, state: str, actor: str, event: str
    ) -> None:
        now = self._context.now()
        chain.set_payload(conn, payload_id, state=state, note=None)
        record_event(conn, now, "payload", payload_id, event, actor)
        others = select(payload.c.id).where(payload.c.connection == connection, payload.c.state == "unreadable")
        if conn.execute(others.limit(1)).first() is None:
            incidents.resolve_incident(conn, now, f"unreadable/{connection}", actor)

    def set_number(self, scope: str, last: int, actor: str, reason: str) -> None:
        """The next number of scope is last + 1."""
        with self._context.database.begin() as conn:
            audit.lock_audit(conn)
            before = numbers.last_number(conn, scope)
            numbers.seed(conn, scope, last)
            now = self._context.now()
            detail = {"before": before, "last": last, "reason": reason}
            record_event(conn, now, "control_number", scope, "set", actor, detail)
            audit.append(
                conn,
                now,
                actor=actor,
                action="set",
                subject_type="control_number",
                subject_id=scope,
                reason=reason,
                before={"last": before},
                after={"last": last},
            )

    def advance_numbers(self, by: int, actor: str, reason: str) -> int:
        """Every control number goes on by that many, so that none is used again after a restore. How many scopes."""
        with self._context.database.begin() as conn:
            scopes = numbers.list_numbers(conn)
        for scope, last in scopes:
            self.set_number(scope, last + by, actor, reason)
        return len(scopes)

    def pause_outbound(self, actor: str, reason: str) -> list[str]:
        """Pauses every lane that sends, as after a restore: what was sent meanwhile must not go out again. Their
        names."""
        with self._context.database.read() as conn:
            names = list(conn.execute(select(lane.c.name).where(lane.c.name.startswith("out/"))).scalars())
        for name in names:
            self.pause_lane(name, actor, reason)
        return names
