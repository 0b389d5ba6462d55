"""What is awaited: obligations with their evidence, acknowledgements due soon or overdue, cadences."""

from datetime import datetime, timedelta

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from hub.api.access import actor_of
from hub.api.answer import answer, answers
from hub.api.context import Context
from hub.api.errors import RequestError
from hub.api.models import Said
from hub.api.receive import read_body
from hub.store import cadences, obligations
from hub.store.evidence import ObligationRow, Proof, by_money, obligation_row, proofs

SOON = timedelta(hours=4)


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """A message of ours whose acknowledgement is due soon, or overdue."""

    message_id: str
    partner: str
    type: str
    number: str
    control_number: str
    due_at: datetime
    late: bool


class CadenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What should come (in) or leave (out) at a cadence. heard_at: when it last did, or was first awaited."""

    partner: str
    direction: str
    type: str
    said: str
    heard_at: datetime
    due_at: datetime
    silent: bool


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """Open obligations, those with the most money at risk first or (by=due) those due first."""

    obligations: list[ObligationRow]
    acknowledgements: list[Awaited]
    cadences: list[CadenceRow]
    now: datetime


class ObligationDetail(msgspec.Struct, frozen=True, kw_only=True):
    obligation: ObligationRow
    evidence: list[Proof]


class Reason(msgspec.Struct, frozen=True):
    reason: str


SHAPES = (Deadlines, ObligationDetail)


def add_due(app: FastAPI, context: Context) -> None:
    @app.get("/api/deadlines", **answers(Deadlines))
    def deadlines(by: str = "money", partner: str = "") -> Response:
        """What is owed and awaited. by: "money" (most at risk first) or "due"."""
        now = context.clock.now()
        with context.database.read() as conn:
            rows = [obligation_row(row, now) for row in obligations.open_ones(conn, partner=partner)]
            sent = obligations.unacknowledged(conn, now + SOON)
            rhythm = cadences.all_cadences(conn)
        told = Deadlines(
            obligations=(rows if by == "due" else by_money(rows))[:500],
            acknowledgements=[
                Awaited(
                    message_id=row["id"],
                    due_at=row["acknowledgement_due_at"],
                    late=row["acknowledgement"] == "overdue",
                    **{name: row[name] for name in ("partner", "type", "number", "control_number")},
                )
                for row in sent
                if partner in ("", row["partner"])
            ],
            cadences=[
                CadenceRow(**{name: row[name] for name in CadenceRow.__struct_fields__})
                for row in rhythm
                if partner in ("", row["partner"])
            ],
            now=now,
        )
        return answer(told)

    @app.get("/api/obligations/{obligation_id}", **answers(ObligationDetail))
    def show(obligation_id: str) -> Response:
        """One obligation with its evidence."""
        with context.database.read() as conn:
            found = [row for row in obligations.find(conn, obligation_id) if row["id"] == obligation_id]
            if not found:
                raise RequestError(404, "HUB-9103", f"There is no obligation {obligation_id}.")
            detail = ObligationDetail(
                obligation=obligation_row(found[0], context.clock.now()), evidence=proofs(conn, found[0])
            )
        return answer(detail)

    @app.post("/api/obligations/{obligation_id}/close", **answers(Said))
    async def close(obligation_id: str, request: Request) -> Response:
        """{"reason": ..}: a person says that it is settled."""
        try:
            given = msgspec.json.decode(await read_body(request, 10_000), type=Reason)
        except msgspec.DecodeError as error:
            raise RequestError(400, "HUB-9104", 'Closing takes a body such as {"reason": ".."}.') from error
        if not given.reason.strip():
            raise RequestError(400, "HUB-9104", "Closing takes a reason; the audit log keeps it.")
        await run_in_threadpool(context.desk.close_obligation, obligation_id, actor_of(request), given.reason)
        return answer(Said(done="close", subject=obligation_id))
