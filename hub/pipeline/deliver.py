"""Deliver: hand an interchange over. That an attempt began is durable before it begins: no outcome is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.connector import Deliverer, Parcel, Receipt
from hub.dispatch import Commit, Item
from hub.errors import ConfigError, HubError, InDoubtError, PartnerSystemError, PermanentError, TransientError
from hub.partner import delay
from hub.pipeline.context import Context
from hub.store import chain
from hub.store.blobs import read_payload
from hub.store.events import record_event
from hub.store.incidents import open_incident, resolve_incident
from hub.store.mailbox import place_in_outbox
from hub.store.status import move

PROBE_AFTER = timedelta(seconds=5)


class DeliverStage:
    """Work of kind "deliver": a delivery. One at a time: whoever waits for a partner's system holds up nobody else."""

    kind = "deliver"
    batch = 1

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for item in items:
            _Try(self._context, item, commit).run()


class _Try:
    """One try of one delivery."""

    def __init__(self, context: Context, item: Item, commit: Commit) -> None:
        self._context = context
        self._item = item
        self._commit = commit
        with context.database.read() as conn:
            self._row: RowMapping = chain.get_delivery(conn, item.subject_id)
            self._interchange = chain.get_interchange(conn, self._row["interchange_id"])
            self._payload = chain.get_payload(conn, self._interchange["payload_id"])
            self._messages = [row["id"] for row in chain.messages_of(conn, self._row["interchange_id"])]
            self._body = read_payload(conn, self._payload["id"])

    def run(self) -> None:
        if self._row["state"] not in ("queued", "in_doubt"):  # held or cancelled meanwhile
            with self._commit([self._item]):
                return
        try:
            connector = self._connector()
        except HubError as error:  # a setting or a secret of ours: mended, the next try finds it so
            self._fail_to_begin("transient", error, self._wait(error))
            return
        if getattr(connector, "hosted", False):
            self._lay_out()
        elif isinstance(connector, Deliverer):
            self._hand_over(connector)
        else:
            text = f"The connection {self._row['connection']} delivers nothing."
            self._fail_to_begin("permanent", ConfigError("HUB-4202", text), None)

    def _connector(self) -> object:
        content = self._context.content()
        name = self._row["connection"]
        if name not in {connection.name for connection in content.partners.connections()}:
            raise ConfigError("HUB-4202", f"No partner's file defines the connection {name} any more.")
        return content.connector(content.partners.connection(name))

    def _lay_out(self) -> None:
        """Into our own mailbox: the delivery is a row, so it commits with its state and is never in doubt."""
        row, now = self._row, self._context.now()
        with self._commit([self._item]) as conn:
            place_in_outbox(
                conn,
                now,
                file_id=self._context.new_id(),
                connection=row["connection"],
                name=row["file_name"],
                payload_id=self._payload["id"],
                size=self._payload["size"],
                delivery_id=row["id"],
            )
            attempt_id = self._begin(conn)
            self._delivered(conn, attempt_id, Receipt(reference=f"/outbox/{row['file_name']}"))

    def _hand_over(self, connector: Deliverer) -> None:
        parcel = Parcel(
            file_name=self._row["file_name"],
            body=self._body,
            key=self._row["idempotency_key"],
            media_type=self._payload["media_type"],
        )
        if (self._row["sending"] or self._row["state"] == "in_doubt") and self._was_delivered(connector, parcel):
            return
        with self._commit(()) as conn:
            attempt_id = self._begin(conn)
            chain.set_delivery(conn, self._row["id"], sending=True)
        try:
            receipt = connector.deliver(parcel)
        except InDoubtError as error:
            self._failed(attempt_id, "in_doubt", error, self._wait(error))
        except TransientError as error:
            self._failed(attempt_id, "transient", error, self._wait(error))
        except PermanentError as error:
            self._failed(attempt_id, "permanent", error, None)
        else:
            with self._commit([self._item]) as conn:
                self._delivered(conn, attempt_id, receipt)

    def _was_delivered(self, connector: Deliverer, parcel: Parcel) -> bool:
        """The try before ended in the dark: ask the far end. Unless it has it, what follows may be a second one."""
        try:
            found = connector.probe(parcel)
        except PartnerSystemError as error:
            self._fail_to_begin("in_doubt", error, None if isinstance(error, PermanentError) else self._wait(error))
            return True
        with self._commit([self._item] if found == "delivered" else ()) as conn:
            for attempt in chain.open_attempts(conn, self._row["id"]):
                outcome = "delivered" if found == "delivered" else "in_doubt"
                detail = f"the outcome was not recorded; asked later, the far end says: {found}"
                chain.end_attempt(conn, attempt["id"], outcome=outcome, ended_at=self._context.now(), detail=detail)
            if found == "delivered":
                self._settle(conn, "delivered", delivered_at=self._context.now(), receipt={"reference": "found there"})
                return True
            if found == "unknown":
                chain.set_delivery(conn, self._row["id"], maybe_duplicate=True)
            self._event(conn, "sent_again_in_doubt", {"probe": found})
        return False

    def _begin(self, conn: Transaction) -> str:
        attempt_id = self._context.new_id()
        number = self._row["tries"] + 1
        values = {"id": attempt_id, "delivery_id": self._row["id"], "number": number, "outcome": "started"}
        chain.insert_attempt(conn, {**values, "started_at": self._context.now()})
        chain.set_delivery(conn, self._row["id"], tries=number)
        return attempt_id

    def _wait(self, error: HubError) -> timedelta | None:
        """How long until the next try; None: there is none. What the partner's system asked for is honoured."""
        policy = self._row["policy"]
        schedule = [timedelta(seconds=seconds) for seconds in policy["retry"]]
        step = delay(schedule, self._row["tries"] + 1, obliged=policy["due"] is not None)
        if step is None:
            return None
        if isinstance(error, InDoubtError):
            return max(step, PROBE_AFTER)
        asked = error.retry_after if isinstance(error, TransientError) else None
        return max(step, timedelta(seconds=asked)) if asked else step

    def _fail_to_begin(self, outcome: str, error: HubError, wait: timedelta | None) -> None:
        """A try that never reached the far end's door counts like any other."""
        with self._commit(()) as conn:
            attempt_id = self._begin(conn)
        self._failed(attempt_id, outcome, error, wait)

    def _failed(self, attempt_id: str, outcome: str, error: HubError, wait: timedelta | None) -> None:
        now = self._context.now()
        state = "in_doubt" if outcome == "in_doubt" else "queued"
        with self._commit([self._item]) as conn:
            chain.end_attempt(conn, attempt_id, outcome=outcome, ended_at=now, code=error.code, detail=error.message)
            if wait is None:
                self._give_up(conn, error)
                return
            self._settle(conn, state, next_at=now + wait)
            self._event(conn, "attempt_failed", {"outcome": outcome, "code": error.code, "next": str(now + wait)})
            self._commit.retry(self._item, now + wait, error.message)

    def _give_up(self, conn: Transaction, error: HubError) -> None:
        self._settle(conn, "failed", next_at=None)
        self._event(conn, "failed", {"code": error.code, "detail": error.message})
        text = (
            f"{self._row['file_name']} could not be delivered to {self._row['partner']} by {self._row['connection']}: "
            f"{error.message} Mend that, then resend."
        )
        cause = f"delivery/{self._row['connection']}"
        open_incident(conn, self._context.clock, cause, error.code, text, "delivery", self._row["id"])

    def _delivered(self, conn: Transaction, attempt_id: str, receipt: Receipt) -> None:
        now = self._context.now()
        chain.end_attempt(conn, attempt_id, outcome="delivered", ended_at=now, detail=receipt.reference)
        evidence = {"reference": receipt.reference, **receipt.evidence}
        self._settle(conn, "delivered", delivered_at=now, receipt=evidence)
        if self._row["resend_of"] and not chain.deliveries_failed(conn, self._row["connection"]):
            resolve_incident(conn, now, f"delivery/{self._row['connection']}")

    def _settle(self, conn: Transaction, state: str, **values: Any) -> None:
        """The delivery's state, and with it that of every message in its interchange."""
        delivered_at: datetime | None = values.get("delivered_at")
        chain.set_delivery(conn, self._row["id"], state=state, sending=False, **values)
        move(conn, "delivery", self._messages, state)
        if delivered_at is not None:
            self._event(conn, "delivered", {"connection": self._row["connection"], "file": self._row["file_name"]})
            if self._row["policy"]["due"] is not None:
                due = delivered_at + timedelta(seconds=self._row["policy"]["due"])
                chain.set_due(conn, self._messages, due)

    def _event(self, conn: Transaction, name: str, detail: dict[str, Any]) -> None:
        for message_id in self._messages:
            record_event(conn, self._context.now(), "message", message_id, name, detail=detail)
