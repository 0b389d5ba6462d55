"""One try of one delivery: how it begins, and what is written of how it ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping

from hub.connector import Deliverer, Parcel, Receipt, RefusedError
from hub.dispatch import Commit, Item
from hub.errors import ConfigError, HubError, InDoubtError, PartnerSystemError, PermanentError, TransientError
from hub.partner import delay
from hub.pipeline.context import Content, Context
from hub.pipeline.outbound import resolve_delivered
from hub.pipeline.receipts import accepted_at_once, await_receipt, refuse_delivered, refused_by
from hub.store import chain
from hub.store.blobs import read_payload
from hub.store.events import happened_since, record_event
from hub.store.incidents import open_incident
from hub.store.mailbox import place_in_outbox
from hub.store.obligations import meet
from hub.store.receipts import CAME
from hub.store.status import move

PROBE_AFTER = timedelta(seconds=5)
BEHIND = timedelta(milliseconds=1)
"""What waits for another is due so much later."""
LOOK_AGAIN = timedelta(seconds=30)
"""How often it is looked up whether the other is tried again at all."""
Row = RowMapping | Mapping[str, Any]


class Line(Protocol):
    """Who hears what a try says about the far end."""

    def note(self, conn: Transaction, one: "Try") -> None: ...


def connector_of(content: Content, name: str) -> object:
    """ConfigError HUB-4202: no file defines the connection; HubError: a setting or a secret of ours is wrong."""
    try:
        connection = content.partners.connection(name)
    except KeyError:
        raise ConfigError("HUB-4202", f"No partner's file defines the connection {name} any more.") from None
    return content.connector(connection)


class Layout:
    """A delivery into our own mailbox: it is a row, so it commits with its state and is never in doubt."""

    def __init__(self, context: Context, row: Row, payload: Row, messages: Sequence[str]) -> None:
        self._context = context
        self._row = row
        self._payload = payload
        self._messages = messages
        self._attempt = ""

    def lay_out(self, conn: Transaction) -> None:
        row = self._row
        place_in_outbox(
            conn,
            self._context.now(),
            file_id=self._context.new_id(),
            connection=row["connection"],
            name=row["file_name"],
            payload_id=self._payload["id"],
            size=self._payload["size"],
            delivery_id=row["id"],
        )
        self.begin(conn, sending=False)
        self._delivered(conn, Receipt(reference=f"/outbox/{row['file_name']}"))

    def begin(self, conn: Transaction, *, sending: bool = True) -> None:
        """An attempt begins."""
        self._attempt = self._context.new_id()
        number = self._row["tries"] + 1
        values = {"id": self._attempt, "delivery_id": self._row["id"], "number": number, "outcome": "started"}
        chain.insert_attempt(conn, {**values, "started_at": self._context.now()})
        chain.set_delivery(conn, self._row["id"], tries=number, sending=sending)

    def _delivered(self, conn: Transaction, receipt: Receipt) -> None:
        now = self._context.now()
        chain.end_attempt(conn, self._attempt, outcome="delivered", ended_at=now, detail=receipt.reference)
        evidence = {"reference": receipt.reference, **receipt.evidence}
        columns: dict[str, Any] = {"receipt": evidence}
        refused = None
        if receipt.awaited:
            columns, refused = await_receipt(conn, self._context, self._row, self._messages, evidence)
        elif receipt.body:
            columns = accepted_at_once(conn, self._context, self._row, self._messages, receipt)
        elif self._row.get("receipt_state"):
            columns["receipt_state"] = "waived"
        self._settle(conn, "delivered", delivered_at=now, **columns)
        if refused is not None:
            refuse_delivered(conn, self._context, self._row, self._messages, refused)

    def _settle(self, conn: Transaction, state: str, **values: Any) -> None:
        """The delivery's state, and with it that of every message in its interchange."""
        delivered_at: datetime | None = values.get("delivered_at")
        chain.set_delivery(conn, self._row["id"], state=state, sending=False, **values)
        move(conn, "delivery", self._messages, state)
        if delivered_at is not None:
            detail = {"connection": self._row["connection"], "file": self._row["file_name"]}
            self._event(conn, "delivered", detail)
            if self._row["resend_of"]:
                resolve_delivered(conn, delivered_at, [str(self._row["connection"])])
            if self._row["policy"]["meets"]:
                meet(conn, delivered_at, self._row["policy"]["meets"], self._messages[0])
            if self._row["policy"]["due"] is not None:
                due = delivered_at + timedelta(seconds=self._row["policy"]["due"])
                chain.set_due(conn, self._messages, due)

    def _event(self, conn: Transaction, name: str, detail: dict[str, Any]) -> None:
        for message_id in self._messages:
            record_event(conn, self._context.now(), "message", message_id, name, detail=detail)


class Try(Layout):
    """One try of one delivery. hosted: into our own mailbox."""

    def __init__(
        self,
        context: Context,
        commit: Commit,
        item: Item,
        row: RowMapping,
        payload: RowMapping,
        messages: Sequence[str],
    ) -> None:
        super().__init__(context, row, payload, messages)
        self.item = item
        self._commit = commit
        self._outcome: Receipt | HubError = Receipt()
        self._body: bytes | None = payload["body"]
        self._connector: object = None
        if self._due:
            try:
                self._connector = self._connect()
            except HubError as error:  # a setting or a secret of ours: mended, the next try finds it so
                self._outcome = error
        self.hosted = bool(getattr(self._connector, "hosted", False))

    @property
    def by(self) -> str:
        """Whose circuit it is: the connection's name."""
        name = str(self._row["connection"])
        return name if self._row["parcel"] is None else f"{name}/receipts"  # where a far end wants ours is elsewhere

    @property
    def id(self) -> str:
        """The delivery's."""
        return str(self._row["id"])

    @property
    def interchange(self) -> str:
        """The id of the interchange it delivers."""
        return str(self._row["interchange_id"])

    @property
    def _due(self) -> bool:
        """Not held or cancelled meanwhile."""
        return self._row["state"] in ("queued", "in_doubt")

    @property
    def ready(self) -> bool:
        """Whether there is somebody to hand it to."""
        return self._due and isinstance(self._connector, Deliverer)

    @property
    def in_doubt(self) -> bool:
        """Whether the far end may have it already."""
        return bool(self._row["sending"]) or self._row["state"] == "in_doubt" or self._row["receipt_state"] in CAME

    @property
    def repeatable(self) -> bool:
        """Whether the far end takes it twice as once."""
        return bool(getattr(self._connector, "repeatable", False))

    @property
    def small(self) -> bool:
        """Whether its bytes came with its payload's row."""
        return self._payload["body"] is not None

    @property
    def failed(self) -> HubError | None:
        """The error of the far end's system, if the attempt met one."""
        return self._outcome if isinstance(self._outcome, (TransientError, InDoubtError)) else None

    @property
    def asked(self) -> float | None:
        """Seconds the far end wants to be left alone."""
        return self._outcome.retry_after if isinstance(self._outcome, TransientError) else None

    def _connect(self) -> object:
        return connector_of(self._context.content(), self._row["connection"])

    def pass_over(self) -> None:
        """What cannot be handed over now: held or cancelled meanwhile, or a fault of our own."""
        if not self._due:
            with self._commit([self.item]):
                return
        if isinstance(self._outcome, HubError):
            self._fail_to_begin("transient", self._outcome, self._wait(self._outcome))
        else:
            text = f"The connection {self._row['connection']} delivers nothing."
            self._fail_to_begin("permanent", ConfigError("HUB-4202", text), None)

    def wait_for(self, earlier: str) -> None:
        """An earlier delivery of its order waits for its next try: this one is tried after that."""
        now = self._context.now()
        with self._commit([self.item]) as conn:
            first = chain.get_deliveries(conn, [earlier])[earlier]
            at, until = first["next_at"], now
            if first["state"] in ("queued", "in_doubt"):  # of one that is due and not tried, a person may be at it
                until = at + BEHIND if at is not None and at > now else now + LOOK_AGAIN
            chain.set_delivery(conn, self.id, next_at=until)
            self._commit.retry(self.item, until, f"what came before it of its order is delivered first ({earlier})")

    def resolve(self, line: Line) -> None:
        """The try before ended in the dark: ask, and unless the far end has it, hand it over again. What its receiver
        has acknowledged did arrive, though it may have been taken away since."""
        with self._context.database.read() as conn:
            fresh = chain.get_deliveries(conn, [self._row["id"]])[self._row["id"]]
        if fresh["receipt_state"] == "refused":
            self._refused_meanwhile(str(fresh["receipt"]["receipt_text"]))
            return
        if fresh["receipt_state"] == "accepted" or self._acknowledged():
            self._found("delivered", "the receiver has acknowledged it", line, fresh["receipt"])
            return
        found = self._asked_of_the_far_end(line)
        if found not in ("absent", "unknown"):
            return
        spent = self._spent and self._row["next_at"] is not None  # None: a person has its lane go on
        with self._commit([self.item] if spent else ()) as conn:
            if found == "unknown" and not self.repeatable:
                chain.set_delivery(conn, self._row["id"], maybe_duplicate=True)
            if spent:
                told = f"The line went dead in the last try; asked later, the far end says: {found}."
                self._give_up(conn, InDoubtError("HUB-5004", told), may_have_arrived=found == "unknown")
                return
            self._event(conn, "sent_again_in_doubt", {"probe": found})
            self.begin(conn)
        self.deliver()
        with self._commit([self.item]) as conn:
            self.settle(conn)
            line.note(conn, self)

    def take_back(self, conn: Transaction) -> None:
        """The attempt that began was not made."""
        chain.delete_attempt(conn, self._attempt)
        chain.set_delivery(conn, self._row["id"], tries=self._row["tries"], sending=False)

    def load(self) -> bytes:
        """Its bytes. Called before an attempt begins: where they cannot be had, nothing has happened."""
        if self._body is None:
            with self._context.database.read() as conn:
                self._body = read_payload(conn, self._payload["id"])
        return self._body

    def deliver(self) -> None:
        """Hands it over; settle writes what came of it."""
        assert isinstance(self._connector, Deliverer)  # noqa: S101 - ready
        try:
            self._outcome = self._connector.deliver(self._parcel())
        except PartnerSystemError as error:
            self._outcome = error
        self._body = None

    def settle(self, conn: Transaction) -> None:
        """Writes what came of the attempt."""
        error = self._outcome
        if isinstance(error, Receipt):
            self._delivered(conn, error)
        elif isinstance(error, InDoubtError):
            self._failed(conn, "in_doubt", error, self._wait(error) or PROBE_AFTER)  # the last try is asked after too
        elif isinstance(error, TransientError):
            self._failed(conn, "transient", error, self._wait(error))
        else:
            self._failed(conn, "permanent", error, None)

    def _parcel(self) -> Parcel:
        if self._row["parcel"] is not None:
            return Parcel(body=self.load(), **self._row["parcel"])
        return Parcel(
            file_name=self._row["file_name"],
            body=self.load(),
            key=self._row["idempotency_key"],
            media_type=self._payload["media_type"],
        )

    @property
    def _resend(self) -> str:
        """What sends it again: a message's operation, or of a receipt the command."""
        if self._row["parcel"] is None:
            return "resend"
        about = self._row["policy"]["answers"]
        return f"type hub payload answer {about} --again" if about else "ask the partner to send its own again"

    @property
    def _spent(self) -> bool:
        """Whether the schedule has no try left."""
        return self._step(self._row["tries"]) is None

    def _step(self, tries: int) -> timedelta | None:
        """What the schedule says to wait after so many tries; None: no try is left."""
        policy = self._row["policy"]
        schedule = [timedelta(seconds=seconds) for seconds in policy["retry"]]
        return delay(schedule, tries, obliged=policy["obliged"])

    def _asked_of_the_far_end(self, line: Line) -> str | None:
        """What the far end says of the try before, settled if it has it. None: it could not be asked, and that is
        settled too."""
        assert isinstance(self._connector, Deliverer)  # noqa: S101 - ready
        parcel = self._parcel()
        try:
            found = self._connector.probe(parcel)
        except PartnerSystemError as error:
            self._outcome = error
            wait = None if isinstance(error, PermanentError) else self._wait(error)
            self._fail_to_begin("in_doubt", error, wait, line)
            return None
        self._found(found, f"the outcome was not recorded; asked later, the far end says: {found}", line)
        return found

    def _acknowledged(self) -> bool:
        with self._context.database.read() as conn:
            return happened_since(conn, "acknowledged", self._messages, self._row["created_at"])

    def _refused_meanwhile(self, why: str) -> None:
        """Its outcome was not known, and then the far end's receipt refused it."""
        with self._commit([self.item]) as conn:
            for attempt in chain.open_attempts(conn, self._row["id"]):
                chain.end_attempt(conn, attempt["id"], outcome="permanent", ended_at=self._context.now(), detail=why)
            self._settle(conn, "failed", next_at=None)
            refuse_delivered(conn, self._context, self._row, self._messages, why)

    def _found(self, found: str, detail: str, line: Line, receipt: Mapping[str, Any] | None = None) -> None:
        """Notes how the tries ended of which that was not known, and settles the delivery if it arrived."""
        with self._commit([self.item] if found == "delivered" else ()) as conn:
            for attempt in chain.open_attempts(conn, self._row["id"]):
                outcome = "delivered" if found == "delivered" else "in_doubt"
                chain.end_attempt(conn, attempt["id"], outcome=outcome, ended_at=self._context.now(), detail=detail)
            if found == "delivered":
                line.note(conn, self)
                evidence = {"reference": detail, **(receipt or {})}
                self._settle(conn, "delivered", delivered_at=self._context.now(), receipt=evidence)

    def _wait(self, error: HubError) -> timedelta | None:
        """How long until the next try; None: there is none. What the partner's system asked for is honoured."""
        step = self._step(self._row["tries"] + 1)
        if step is None:
            return None
        if isinstance(error, InDoubtError):
            return max(step, PROBE_AFTER)
        asked = error.retry_after if isinstance(error, TransientError) else None
        return max(step, timedelta(seconds=asked)) if asked else step

    def _fail_to_begin(self, outcome: str, error: HubError, wait: timedelta | None, line: Line | None = None) -> None:
        """A try that never reached the far end's door counts like any other."""
        with self._commit([self.item]) as conn:
            self.begin(conn)
            self._failed(conn, outcome, error, wait)
            if line is not None:
                line.note(conn, self)

    def _failed(self, conn: Transaction, outcome: str, error: HubError, wait: timedelta | None) -> None:
        now = self._context.now()
        state = "in_doubt" if outcome == "in_doubt" else "queued"
        chain.end_attempt(conn, self._attempt, outcome=outcome, ended_at=now, code=error.code, detail=error.message)
        if wait is None:
            self._give_up(conn, error, may_have_arrived=outcome == "in_doubt")
            return
        self._settle(conn, state, next_at=now + wait)
        self._event(conn, "attempt_failed", {"outcome": outcome, "code": error.code, "next": str(now + wait)})
        self._commit.retry(self.item, now + wait, error.message)

    def _stay(self, conn: Transaction, error: HubError, *, may_have_arrived: bool) -> None:
        """No try is left, and nothing may overtake it: its lane pauses until a person resumes it, or cancels this."""
        self._settle(conn, "in_doubt" if may_have_arrived else "queued", next_at=None)
        self._event(conn, "attempt_failed", {"code": error.code, "paused": self.item.lane})
        text = (
            f"{self._row['file_name']} could not be delivered to {self._row['partner']} by {self._row['connection']}: "
            f"{error.message} What is behind it waits, as agreed (order = strict). Mend that, or cancel the message; "
            f"then resume the lane {self.item.lane}."
        )
        self._commit.set_aside(self.item, error.code, text, subject_type="delivery")

    def _give_up(self, conn: Transaction, error: HubError, *, may_have_arrived: bool) -> None:
        """No try is left. may_have_arrived: whoever sends it again may send it twice."""
        if self._commit.is_strict(self.item):
            self._stay(conn, error, may_have_arrived=may_have_arrived)
            return
        flag: dict[str, Any] = {"maybe_duplicate": True} if may_have_arrived and not self.repeatable else {}
        if isinstance(error, RefusedError):
            flag |= refused_by(conn, self._context, self._row, error)
        self._settle(conn, "failed", next_at=None, **flag)
        self._event(conn, "failed", {"code": error.code, "detail": error.message})
        advice = "It may have arrived: ask first, then confirm it or" if may_have_arrived else "Mend that, then"
        text = (
            f"{self._row['file_name']} could not be delivered to {self._row['partner']} by {self._row['connection']}: "
            f"{error.message} {advice} {self._resend}."
        )
        cause = f"delivery/{self._row['connection']}"
        open_incident(conn, self._context.clock, cause, error.code, text, "delivery", self._row["id"])
