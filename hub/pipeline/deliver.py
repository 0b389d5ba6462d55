"""Deliver: hand interchanges over. That an attempt began is durable before it begins: no outcome is forgotten.

What ended and what begins next are one commit, so a delivery costs one, and never more than one is in the dark. The
circuit of the connection says whether its far end may be tried at all.
"""

import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice, takewhile

from sqlalchemy import Connection as Transaction

from hub.dispatch import Commit, Item
from hub.errors import HubError
from hub.partner import Breaker, Connection
from hub.pipeline.attempt import Try
from hub.pipeline.context import Context
from hub.store import chain
from hub.store.behind import orders_in, orders_waiting
from hub.store.circuit import Circuit, find_circuit, note_failure, note_success, take_slot, take_try

LOOK_AGAIN = timedelta(seconds=1)
"""How old what is known of a circuit may be."""
AT_ONCE = timedelta(seconds=1)
"""A rate that allows the next delivery within this is waited for on the spot."""
TOGETHER = 50
"""As many deliveries begin at once where the far end takes the same one twice as once."""


class DeliverStage:
    """Work of kind "deliver": a delivery. Its lane is claimed alone: whoever waits for a partner's system holds up
    nobody else."""

    kind = "deliver"
    batch = 200
    alone = True

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, items: Sequence[Item], commit: Commit) -> None:
        for (connection, hosted), tries in groupby(self._read(items, commit), key=lambda one: (one.by, one.hosted)):
            if hosted:
                self._lay_out(list(tries), commit)
            elif not _Line(self._context, commit, connection).run(deque(tries)):
                return

    def _read(self, items: Sequence[Item], commit: Commit) -> list[Try]:
        with self._context.database.read() as conn:
            rows = chain.get_deliveries(conn, [item.subject_id for item in items])
            of = list({row["interchange_id"] for row in rows.values()})
            payloads, messages = chain.payloads_of(conn, of), chain.message_ids_of(conn, of)
        tries = []
        for item in items:
            row = rows[item.subject_id]
            of_it = row["interchange_id"]
            tries.append(Try(self._context, commit, item, row, payloads[of_it], messages[of_it]))
        return tries

    def _lay_out(self, tries: Sequence[Try], commit: Commit) -> None:
        with commit([one.item for one in tries]) as conn:
            for one in tries:
                one.lay_out(conn)


class _Line:
    """Deliveries of one lane by one connection, one after the other.

    The commit that begins one settles the one before. A far end that takes the same parcel twice as once (its connector
    is `repeatable`) gets several begun at once: what is in the dark then is sent again, and no harm done.
    """

    def __init__(self, context: Context, commit: Commit, connection: str) -> None:
        self._context = context
        self._commit = commit
        self._name = connection
        self._settings: Connection | None = None
        with contextlib.suppress(KeyError):
            self._settings = context.content().partners.connection(connection)
        self._looked_at: datetime | None = None
        self.circuit = Circuit()
        self._ended: list[Try] = []
        self._unsent: list[Try] = []
        self._orders: dict[str, set[str]] = {}
        self._waiting: dict[str, str] = {}

    def run(self, rest: deque[Try]) -> bool:
        """Delivers what it can. False: the lane is to go no further now, and what is left is left."""
        while rest and not self._commit.stopping:
            if not rest[0].ready:
                self._write()
                rest.popleft().pass_over()
            elif (until := self._shut_until()) is not None:
                return self._wait(rest, until)
            elif (earlier := self._behind(rest[0], rest)) is not None:
                self._write()
                rest.popleft().wait_for(earlier)
            elif rest[0].in_doubt:
                self._write()
                rest.popleft().resolve(self)
            elif (begin := self._begin(rest)) is not None:
                return self._wait(rest, begin)
        self._write()
        self._commit.leave([one.item for one in rest])
        return not rest

    def _begin(self, rest: deque[Try]) -> datetime | None:
        """Settles what ended, begins what is next and hands it over. A moment: the rate allows nothing before."""
        self._load(rest[0])
        now = self._context.now()
        begin = now
        chosen = [rest[place] for place in range(self._size(rest))]
        with self._commit([one.item for one in self._ended]) as conn:
            self._settle(conn)
            if self._settings is not None and self._settings.every:
                begin = take_slot(conn, now, self._name, self._settings.every, AT_ONCE)
            if begin - now <= AT_ONCE:
                for one in chosen:
                    one.begin(conn)
        self._ended, self._unsent = [], []
        if begin - now > AT_ONCE:
            return begin
        if begin > now:
            self._commit.pause((begin - now).total_seconds())
        for place, one in enumerate(chosen):
            one.deliver()
            self._ended.append(rest.popleft())
            if one.failed is not None:
                self._looked_at = None
                self._unsent = chosen[place + 1 :]
                break
        return None

    def _load(self, one: Try) -> None:
        """Where its bytes cannot be had, no attempt begins, and what ended is settled."""
        try:
            one.load()
        except HubError:
            self._write()
            raise

    def _size(self, rest: deque[Try]) -> int:
        """How many of the first may be begun at once."""
        if self.circuit.state != "closed" or self.circuit.failures or (self._settings and self._settings.every):
            return 1
        alike = takewhile(
            lambda one: one.ready and not one.in_doubt and one.repeatable and one.small and not self._behind(one, rest),
            islice(rest, TOGETHER),
        )
        return max(1, sum(1 for _ in alike))

    def _behind(self, one: Try, rest: Iterable[Try]) -> str | None:
        """The delivery that waits for its next try, of an order that this later one is about too."""
        if not self._waiting:
            return None
        if one.interchange not in self._orders:
            ids = [each.interchange for each in rest]
            with self._context.database.read() as conn:
                found = orders_in(conn, ids)
            self._orders |= {each: found.get(each, set()) for each in ids}
        earlier = [self._waiting[order] for order in self._orders[one.interchange] if order in self._waiting]
        return min((each for each in earlier if each < one.id), default=None)

    def _shut_until(self) -> datetime | None:
        """Until when the circuit lets nothing through; looked up every second and after every failure."""
        now = self._context.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_AGAIN:
            return None
        if self._ended:
            self._write()
        with self._context.database.read() as conn:
            self.circuit = find_circuit(conn, self._name)
            self._waiting = orders_waiting(conn, self._name)
        self._looked_at = now
        until = self.circuit.shut_until(now)
        if until is None and self.circuit.state != "closed":
            with self._context.database.begin() as conn:
                if not take_try(conn, now, self._name):
                    return now + LOOK_AGAIN
        return until

    def _wait(self, rest: deque[Try], until: datetime) -> bool:
        """The lane waits; what was not begun is first then."""
        first, *others = rest
        self._commit.leave([one.item for one in others])
        with self._commit([one.item for one in self._ended]) as conn:
            self._settle(conn)
            note = f"{self._name} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC"
            self._commit.put_off(first.item, until, note)
        return False

    def _write(self) -> None:
        """Settles what ended."""
        if self._ended or self._unsent:
            with self._commit([one.item for one in self._ended]) as conn:
                self._settle(conn)
            self._ended, self._unsent = [], []

    def _settle(self, conn: Transaction) -> None:
        for one in self._ended:
            one.settle(conn)
            self.note(conn, one)
        for one in self._unsent:
            one.take_back(conn)

    def note(self, conn: Transaction, one: Try) -> None:
        """What an attempt says about the far end."""
        if one.failed is not None:
            self._looked_at = None
            for order in orders_in(conn, [one.interchange]).get(one.interchange, ()):
                self._waiting[order] = min(one.id, self._waiting.get(order, one.id))
            asked = timedelta(seconds=one.asked) if one.asked else None
            breaker = self._settings.breaker if self._settings is not None else Breaker()
            note_failure(conn, self._context.clock, self._name, one.failed.message, breaker.pause_after, asked)
        elif self.circuit.failures or self.circuit.state != "closed":
            note_success(conn, self._context.now(), self._name)
            self.circuit = Circuit()
