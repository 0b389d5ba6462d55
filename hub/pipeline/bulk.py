"""One operation on every message that fits a filter: shown before, done message by message, cancelled at any time.

Each message is a transaction of its own together with the progress, so a process that ends in the middle leaves nothing
half done, and whoever goes on does nothing twice.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from hub.dispatch import Commit, Item, enqueue
from hub.errors import HubError, UsageError
from hub.pipeline.context import Context
from hub.pipeline.operations import Done, Operations, checked
from hub.store import audit, bulks
from hub.store.browse import MessageFilter
from hub.store.bulks import Alike, BulkRow

EXAMPLES = 5
PAGE = 100
LANE = "bulk"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What would not be done, and why."""

    message: str
    text: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk operation is about: how many messages, of what kind, and what becomes of the first of them.

    upto: the newest message there is; what comes later is not touched.
    """

    action: str
    effect: str
    total: int
    alike: list[Alike]
    examples: list[Done]
    refused: list[Refused]
    upto: str


class Bulk:
    """Bulk operations. UsageError: no such action or bulk operation, or no message fits."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._context = operations.context

    def preview(
        self, action: str, wanted: MessageFilter, actor: str, reason: str, options: Mapping[str, Any] | None = None
    ) -> Preview:
        """Nothing is changed: the first messages are tried and taken back."""
        chosen = checked(action, reason)
        with self._context.database.read() as conn:
            upto = bulks.newest_message(conn)
            alike = _counted(conn, wanted, upto)
            first = bulks.next_messages(conn, wanted, after="", upto=upto, limit=EXAMPLES)
        examples: list[Done] = []
        refused: list[Refused] = []
        for message_id in first:
            try:
                examples.append(self._operations.act(action, message_id, actor, reason, options, dry_run=True))
            except HubError as error:
                refused.append(Refused(message=message_id, text=error.message))
        total = sum(each.count for each in alike)
        return Preview(
            action=action,
            effect=chosen.effect,
            total=total,
            alike=alike,
            examples=examples,
            refused=refused,
            upto=upto,
        )

    def start(
        self,
        action: str,
        wanted: MessageFilter,
        actor: str,
        reason: str,
        options: Mapping[str, Any] | None = None,
        *,
        upto: str = "",
        by_worker: bool = True,
    ) -> str:
        """Its id. upto: the newest message the preview saw. by_worker: a running hub does it; else who calls step."""
        checked(action, reason)
        context = self._context
        now, made = context.now(), context.new_id()
        with context.database.begin() as conn:
            audit.lock_audit(conn)
            upto = upto or bulks.newest_message(conn)
            total = sum(each.count for each in _counted(conn, wanted, upto))
            if not total:
                raise UsageError("HUB-6025", "No message fits, so there is nothing to do.")
            row = {"id": made, "action": action, "wanted": wanted, "options": dict(options or {}), "actor": actor}
            counts = {"total": total, "done": 0, "refused": 0, "refusals": [], "reached": "", "upto": upto}
            bulks.insert_bulk(conn, {**row, **counts, "reason": reason, "state": "running", "created_at": now})
            after = {"action": action, "wanted": wanted, "total": total}
            audit.append(
                conn,
                now,
                actor=actor,
                action="bulk",
                subject_type="bulk",
                subject_id=made,
                reason=reason,
                after=after,
            )
            if by_worker:
                enqueue(conn, now, lane=LANE, kind="bulk", subject_id=made)
        return made

    def step(self, bulk_id: str, most: int = PAGE) -> BulkRow:
        """Deals with the next messages. state tells whether there are more."""
        row = self.find(bulk_id)
        if row.state == "running":
            self._deal_with(row, most)
        return self.find(bulk_id)

    def cancel(self, bulk_id: str, actor: str, reason: str = "") -> BulkRow:
        """What is done stays done; the rest is not begun."""
        context = self._context
        with context.database.begin() as conn:
            audit.lock_audit(conn)
            if bulks.end_bulk(conn, context.now(), bulk_id, "cancelled"):
                audit.append(
                    conn,
                    context.now(),
                    actor=actor,
                    action="cancel_bulk",
                    subject_type="bulk",
                    subject_id=bulk_id,
                    reason=reason,
                )
        return self.find(bulk_id)

    def find(self, bulk_id: str) -> BulkRow:
        with self._context.database.read() as conn:
            row = bulks.find_bulk(conn, bulk_id)
        if row is None:
            raise UsageError("HUB-6030", f"There is no bulk operation {bulk_id}.")
        return row

    def _deal_with(self, row: BulkRow, most: int) -> None:
        context = self._context
        wanted = msgspec.convert(row.wanted, MessageFilter)
        with context.database.read() as conn:
            ids = bulks.next_messages(conn, wanted, after=row.reached, upto=row.upto, limit=most)
        reached = row.reached
        for message_id in ids:
            if not self._one(row, reached, message_id):
                return
            reached = message_id
        if len(ids) < most:
            with context.database.begin() as conn:
                bulks.end_bulk(conn, context.now(), row.id, "done")

    def _one(self, row: BulkRow, reached: str, message_id: str) -> bool:
        """False: it was cancelled, or somebody else goes on with it."""
        database = self._context.database
        try:
            with database.begin() as conn:
                audit.lock_audit(conn)
                locked = bulks.lock_bulk(conn, row.id, reached=reached)
                if locked is None:
                    return False
                self._operations.act_in(conn, row.action, message_id, row.actor, row.reason, row.options)
                bulks.advance(conn, locked, message_id)
        except HubError as error:
            with database.begin() as conn:
                locked = bulks.lock_bulk(conn, row.id, reached=reached)
                if locked is None:
                    return False
                bulks.advance(conn, locked, message_id, error.message)
        return True


class BulkStage:
    """Work of kind "bulk": a bulk operation. It goes to the end of its lane after every page."""

    kind = "bulk"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context
        self._bulk = Bulk(Operations(context))

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            row = self._bulk.step(item.subject_id)
            with commit([item]):
                if row.state == "running":
                    commit.retry(item, self._context.now() + timedelta(milliseconds=1))


def _counted(conn: Any, wanted: MessageFilter, upto: str) -> list[Alike]:
    try:
        return bulks.count_alike(conn, wanted, upto)
    except ValueError as error:
        raise UsageError("HUB-6025", f'There is no status "{error}" to choose messages by.') from error
