"""Due: the timer of all that is awaited: acknowledgements, obligations, and what should come at a cadence."""

from collections.abc import Sequence
from datetime import timedelta

from hub.dispatch import Commit, Item, enqueue
from hub.pipeline.context import Context
from hub.pipeline.obligations import look
from hub.pipeline.silence import Silence
from hub.store import chain
from hub.store.events import record_event
from hub.store.incidents import open_incident
from hub.store.status import move

LANE = "clock/due"
EVERY = timedelta(seconds=30)


class DueStage:
    """Work of kind "due": a timer that puts itself off."""

    kind = "due"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context
        self._silence = Silence(context)

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            with commit([item]) as conn:
                now = self._context.now()
                more = look(conn, self._context)
                self._silence.look(conn)
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


def schedule_due(context: Context) -> None:
    """Starts the timer, once."""
    with context.database.begin() as conn:
        if not chain.has_work(conn, LANE):
            enqueue(conn, context.now(), lane=LANE, kind="due", subject_id="acknowledgements")
