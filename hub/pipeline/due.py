"""Due: the timer of all that is awaited: acknowledgements, obligations, what should come at a cadence, certificates,
what lies in mailboxes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction

from hub.dispatch import Commit, Item, enqueue
from hub.pipeline.context import Context
from hub.pipeline.expiry import Expiry
from hub.pipeline.obligations import look
from hub.pipeline.receipts import look_for_receipts
from hub.pipeline.silence import Silence
from hub.pipeline.uncollected import Uncollected
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.status import move

LANE = "clock/due"
EVERY = timedelta(seconds=30)


_UNDELIVERED = ("queued", "in_doubt", "held", "failed")
"""The deliveries that are late at their deadline."""


class DueStage:
    """Work of kind "due": a timer that puts itself off."""

    kind = "due"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context
        self._silence = Silence(context)
        self._expiry = Expiry(context)
        self._uncollected = Uncollected(context)

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            with commit([item]) as conn:
                now = self._context.now()
                more = look(conn, self._context)
                self._silence.look(conn)
                self._expiry.look(conn)
                self._uncollected.look(conn)
                self._deadlines(conn, now)
                look_for_receipts(conn, self._context)
                for row in chain.overdue_messages(conn, now):
                    move(conn, "acknowledgement", [row["id"]], "overdue")
                    record_event(conn, now, "message", row["id"], "overdue")
                    due = f"{row['acknowledgement_due_at']:%Y-%m-%d %H:%M} UTC"
                    text = (
                        f"{row['partner']} has not acknowledged our {row['type']} {row['number']} (control number "
                        f"{row['control_number']}), due {due}. Ask whether it arrived, then resend or close this."
                    )
                    cause = f"overdue/{row['partner']}"
                    open_incident(conn, self._context.clock, cause, "HUB-4206", text, "message", row["id"])
                commit.retry(item, now if more else now + EVERY)

    def _deadlines(self, conn: Transaction, now: datetime) -> None:
        """What should be delivered by now and is not, whatever it waits for: its window, its partner, a person."""
        late = chain.past_deadline(conn, now)
        chain.forget_deadlines(conn, [row["id"] for row in late])
        for row in late:
            if row["delivery"] not in _UNDELIVERED:
                continue
            text = (
                f"Our {row['type']} {row['number']} to {row['partner']} should have been delivered by "
                f"{row['deliver_by']:%Y-%m-%d %H:%M} UTC, and is {row['delivery']}. See what it waits for, tell "
                f"{row['partner']}, and resend, reroute or cancel it."
            )
            record_event(conn, now, "message", row["id"], "late", detail={"deliver_by": str(row["deliver_by"])})
            open_incident(conn, self._context.clock, f"late/{row['partner']}", "HUB-4213", text, "message", row["id"])


def schedule_due(context: Context) -> None:
    """Starts the timer, once."""
    with context.database.begin() as conn:
        if not chain.has_work(conn, LANE):
            enqueue(conn, context.now(), lane=LANE, kind="due", subject_id="acknowledgements")
