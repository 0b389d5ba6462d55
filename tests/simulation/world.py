"""One world: a hub of several workers, its partners, a clock, and a fate that lets things fail.

There are no threads. The same seed and the same fate give the same run, byte for byte.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import msgspec
from sqlalchemy import func, select

from hub.connector import Request
from hub.dispatch import resume_work
from hub.dispatch.loop import DATABASE_TROUBLE
from hub.partner import Connection
from hub.pipeline.collect import schedule_polls
from hub.pipeline.due import schedule_due
from hub.pipeline.operations import Operations
from hub.pipeline.receive import accept_payload, listen
from hub.store.blobs import body_of
from hub.store.ports import ManualClock
from hub.store.tables import attempt, delivery, event, incident, message, work
from tests.hubs import answer, as_json, confirmation, edifact, european_order, order, picked, x12
from tests.simulation.fate import Fate, Killed
from tests.simulation.house import House
from tests.simulation.network import FarEnd, Hosted, Post

STARTS = (
    datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 55, tzinfo=UTC),  # clocks in America go forward
    datetime(2026, 3, 29, 0, 55, tzinfo=UTC),  # in Europe
    datetime(2026, 10, 25, 0, 50, tzinfo=UTC),  # and back
    datetime(2026, 11, 1, 5, 55, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 55, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 55, tzinfo=UTC),
)
LOOKS = timedelta(hours=1)
"""How often a person looks at what waits for one."""
ROUNDS = 6000
SHIPPED = ("CC", "10", "10", "NW-100"), ("CC", "4", "4", "NW-200")
JOURNEY = ("picked_up", "in_transit", "delivered")


class World:
    """Bluebird places an order or two and Europa one. small: one order, one worker, one word of each parcel."""

    def __init__(self, url: str, seed: int, fate: Fate, *, small: bool = False) -> None:
        self.chance = Random(seed)  # noqa: S311 - repeatable on purpose
        self.clock = ManualClock(self.chance.choice(STARTS), seed=seed)
        self.fate = fate
        fate.world = self
        self.ends = {
            "harbor": self._end("harbor", once=False, repeatable=False, knows=True),
            "europa": self._end("europa", once=True, repeatable=False, knows=False),
            "alpine": self._end("alpine", once=True, repeatable=True, knows=False),
            "erp": self._end("erp", once=True, repeatable=True, knows=False),
            "ghost": self._end("ghost", once=True, repeatable=False, knows=False),
            "harbor/drop-test": self._end("harbor-test", once=False, repeatable=False, knows=True),
        }
        self.house = House(url, self.clock, fate, self._connector)
        self.workers = [self.house.worker() for _ in range(1 if small else 2)]
        self.orders = [f"PO-{number}" for number in range(1, (1 if small else self.chance.randint(1, 2)) + 1)]
        self.european = [] if small else ["EM-1"]
        self.journeys = (JOURNEY[-1:], JOURNEY[-1:] if small else JOURNEY)
        self.told: Counter[str] = Counter()
        self.mended = 0
        self._later: list[tuple[datetime, int, Callable[[], None]]] = []
        self._place = count()
        self._numbers = count(1)
        self._inside = False
        self._looked_at = self.clock.now()

    def _end(self, name: str, **more: bool) -> FarEnd:
        return FarEnd(name, self.fate, came=lambda body: self._came(name, body), **more)

    def _connector(self, connection: Connection) -> object:
        if connection.connector == "mailbox":
            return Hosted()
        if connection.connector == "http":
            return Post()
        return self.ends[connection.name.removesuffix("/drop")]

    # -- what partners do ----------------------------------------------------------------------------------------------

    def later(self, what: Callable[[], None], least: float = 0, most: float = 900) -> None:
        at = self.clock.now() + timedelta(seconds=self.chance.uniform(least, most))
        heapq.heappush(self._later, (at, next(self._place), what))

    def place_orders(self) -> None:
        """Orders come in one interchange or in several, in any order."""
        rest = [order(number) for number in self.orders]
        while rest:
            size = self.chance.randint(1, len(rest))
            body = x12(*rest[:size], number=next(self._numbers))
            rest = rest[size:]
            self.later(lambda body=body: self._upload(body))  # type: ignore[misc]
        for number in self.european:
            body = edifact(european_order(number))
            self.later(lambda body=body: self._offer("europa", body))  # type: ignore[misc]

    def _upload(self, body: bytes) -> None:
        """Bluebird uploads until it is told that all is well, and now and then once more."""

        def accept() -> None:
            context = self.house.context
            by = self.house.content.partners.connection("bluebird/mailbox")
            with self.house.database.begin() as conn:
                accept_payload(conn, context, by, body_of(conn, context.new_id(), body), file_name="order.edi")
            self.fate.at("answer bluebird")

        self._until_told(accept, lambda: self._upload(body))

    def _post(self, event_of: dict[str, str], key: str) -> None:
        """The carrier posts until the answer is 200."""

        def accept() -> None:
            headers = {"authorization": "Bearer token", "idempotency-key": key}
            body = as_json(event_of)
            request = Request(method="POST", headers=headers, query={}, body=body, now=self.clock.now())
            assert listen(self.house.context, "roadrunner", "http", request).status == 200
            self.fate.at("answer roadrunner")

        self._until_told(accept, lambda: self._post(event_of, key))

    def _until_told(self, accept: Callable[[], None], again: Callable[[], None]) -> None:
        try:
            self.fate.at("request")
            accept()
        except Killed:
            self.fate.revive()
            self.later(again)
        except (*DATABASE_TROUBLE, ConnectionError):
            self.later(again)
        else:
            if self.fate.repeats():
                self.later(again)

    def _offer(self, name: str, body: bytes) -> None:
        """A file lies there, to be collected."""
        self.ends[name].lying[f"{name}-{next(self._numbers):05}.edi"] = (self.clock.now(), body)

    def _came(self, name: str, body: bytes) -> None:
        """The warehouse answers and ships what it is told to; the carrier tells where the parcels are."""
        if name != "harbor" or b"ST*940*" not in body:
            return
        self.later(lambda: self._offer("harbor", answer(body, number=next(self._numbers))))
        for line in picked(body, "W05"):
            number = line.split("*")[2]
            place = next(self._numbers)
            said = confirmation(number, f"SHP-{place}", *SHIPPED, mark=f"RR{place}")
            shipment = x12(said, number=place, sender="01:123456789")
            self.later(lambda shipment=shipment: self._offer("harbor", shipment))  # type: ignore[misc]
            for which, journey in enumerate(self.journeys, 1):
                parcel = f"RR{place}{which}"
                self.told[parcel] += len(journey)
                for status in journey:
                    at = f"2026-01-0{6 + JOURNEY.index(status)}T10:00:00Z"
                    told = {"id": f"{parcel}-{status}", "tracking_number": parcel, "status": status, "occurred_at": at}
                    self.later(lambda told=told: self._post(told, told["id"]), 0, 7200)  # type: ignore[misc]

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self) -> "World":
        """To the end: until nobody has anything left to do, and what waits for a person was mended."""
        with self.fate.off():
            schedule_polls(self.house.context)
            schedule_due(self.house.context)
            self.place_orders()
        self._settle()
        for _ in range(8):
            self.fate.rest()
            with self.fate.off():
                mended = self._mend()
            if not mended:
                self.clock.advance(3600)  # every connection is polled once more
                self._settle()
                return self
            self._settle()
        raise AssertionError("there is always something left to mend")

    def _settle(self) -> None:
        for _ in range(ROUNDS):
            busy = False
            for place in self.chance.sample(range(len(self.workers)), len(self.workers)):
                busy |= self.step(place)
            if busy:
                continue
            with self.fate.off():
                moment = self._next_moment()
            if moment is None:
                return
            if self.clock.now() > self._looked_at + LOOKS:
                self._looked_at = self.clock.now()
                with self.fate.off():
                    self._mend()
            self.clock.set(max(self.clock.now(), moment) + timedelta(milliseconds=1))
            self.fate.jump()
            while self._later and self._later[0][0] <= self.clock.now():
                heapq.heappop(self._later)[2]()
            self._guarded(lambda: self.workers[0].sweep() > 0)
        raise AssertionError(f"still busy after {ROUNDS} rounds")

    def step(self, place: int) -> bool:
        """One round of a worker. What the loop around it does in trouble is done here."""
        return self._guarded(lambda: self.workers[place].step(), place)

    def _guarded(self, what: Callable[[], bool], place: int = 0) -> bool:
        try:
            return what()
        except Killed:
            self.fate.revive()
            self.workers[place] = self.house.worker()
        except DATABASE_TROUBLE:
            self.clock.advance(0.5)
        return True

    def stall(self) -> None:
        """The worker at work stands still for longer than its lease, and the others take over."""
        if self._inside:
            return
        self._inside = True
        stage, self.fate.stage = self.fate.stage, ""
        try:
            self.clock.advance(self.chance.uniform(31, 120))
            mine = self.fate.working
            for place in range(len(self.workers)):
                if place != mine:
                    self._guarded(lambda place=place: self.workers[place].sweep() > 0, place)  # type: ignore[misc]
                    self.step(place)
        finally:
            self._inside = False
            self.fate.stage = stage

    def _next_moment(self) -> datetime | None:
        """When something is due next that has an end; None: nothing is."""
        moments = [self._later[0][0]] if self._later else []
        due = self.house.next_due([f"poll/{name}/drop" for name, end in self.ends.items() if end.lying])
        return min([*moments, *([due] if due is not None else [])], default=None)

    # -- a person ------------------------------------------------------------------------------------------------------

    def _mend(self) -> int:
        """What waits for a person has an incident; now it is tried again. How much there was."""
        database, now = self.house.database, self.clock.now()
        with database.read() as conn:
            causes = set(conn.execute(select(incident.c.cause).where(incident.c.resolved_at.is_(None))).scalars())
            aside = conn.execute(select(work.c.id, work.c.note).where(work.c.set_aside)).all()
            failed = conn.execute(
                select(func.min(message.c.id), message.c.connection)
                .where(message.c.direction == "out", message.c.delivery == "failed")
                .group_by(message.c.interchange_id, message.c.connection)
                .order_by(func.min(message.c.id))
            ).all()
        for row in aside:
            assert f"work/{row.id}" in causes, f"work was set aside without an incident: {row.note}"
            with database.begin() as conn:
                resume_work(conn, now, row.id)
        for one, connection in failed:
            assert f"delivery/{connection}" in causes, f"a delivery by {connection} failed without an incident"
            Operations(self.house.context).resend(one, "ann")
        self.mended += len(aside) + len(failed)
        return len(aside) + len(failed)

    # -- what came of it -----------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """SHA-256 over every event and attempt, and over every byte that arrived anywhere, in their order."""
        total = hashlib.sha256()
        with self.fate.off(), self.house.database.read() as conn:
            for table, by in ((event, event.c.seq), (attempt, attempt.c.id), (delivery, delivery.c.id)):
                for row in conn.execute(select(table).order_by(by)).mappings():
                    total.update(msgspec.json.encode(dict(row), order="sorted"))
        for end in self.ends.values():
            for key, body in end.arrived:
                total.update(f"{end.name} {key} {len(body)}\n".encode() + body)
        return total.hexdigest()

    def rows(self, query: Any) -> Any:
        with self.fate.off(), self.house.database.read() as conn:
            return conn.execute(query).mappings().all()
