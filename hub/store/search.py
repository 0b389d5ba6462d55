"""Search by business numbers: the messages with a key or number that begins so, the newest first.

Few are looked up at once. Of a beginning that fits a great many the newest are met by going back in time: through the
newest messages one by one, then period by period with an index that has the keys of each in order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from hub.store.tables import interchange, message, payload, search_key

FEW = 1000
"""As many messages a search looks up."""

AMONG = 400
"""Where a quarter of the newest so many messages fit, a page of them is soon met."""

SHORT = 6
"""A shorter beginning is none of a Message-ID or a digest."""


def starts_with(conn: Connection, column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    """The column begins so, in the form each database can answer from its index. A LIKE could not: PostgreSQL keeps one
    plan for whatever it is asked, and that begins anywhere."""
    end = beginning + "\U0010ffff"
    if conn.dialect.name == "sqlite":
        return and_(column >= beginning, column < end)
    return and_(column.op("~>=~", is_comparison=True)(beginning), column.op("~<~", is_comparison=True)(end))


class Found:
    """What a search finds. few: all of it, where it is little; None: newest tells it piece by piece."""

    def __init__(self, conn: Connection, query: str) -> None:
        self._conn = conn
        self._spellings = sorted({query, query.upper()})
        self.few = self._few(query)

    @property
    def condition(self) -> ColumnElement[bool]:
        """Of messages. Where they are many it is looked at message by message."""
        if self.few is not None:
            return message.c.id.in_(self.few)
        keyed = exists().where(search_key.c.message_id == message.c.id, self._fits(search_key.c.value))
        return or_(self._fits(message.c.number), keyed)

    def newest(self, before: str | None) -> Iterator[Sequence[str]]:
        """Of many: ids, each piece older than the one before, and all older than before."""
        top = select(message.c.id).order_by(message.c.id.desc()).limit(AMONG)
        if before is not None:
            top = top.where(message.c.id < before)
        recent = self._conn.execute(top).scalars().all()
        last = recent[-1] if recent else ""
        if recent:
            among = select(message.c.id).where(message.c.id.between(last, recent[0]), self.condition)
            yield self._conn.execute(among.order_by(message.c.id.desc())).scalars().all()
        while last and (period := self._period(last)) is not None:
            inside = (search_key.c.period == period, search_key.c.message_id < last)
            ids = self._keyed(*inside).order_by(search_key.c.message_id.desc()).limit(FEW)
            found = self._conn.execute(ids).scalars().all()
            yield found
            last = found[-1] if len(found) == FEW else period

    def _few(self, query: str) -> list[str] | None:
        found = _of_payloads(self._conn, query)
        for place, owner in ((search_key.c.value, search_key.c.message_id), (message.c.number, message.c.id)):
            for spelling in self._spellings:
                some = select(owner).where(starts_with(self._conn, place, spelling)).limit(FEW)
                ids = self._conn.execute(some).scalars().all()
                if len(ids) == FEW:
                    return None
                found.update(ids)
        return sorted(found)

    def _fits(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return or_(*(starts_with(self._conn, column, spelling) for spelling in self._spellings))

    def _keyed(self, *inside: ColumnElement[bool]) -> Select[Any]:
        return select(search_key.c.message_id).distinct().where(*inside, self._fits(search_key.c.value))

    def _period(self, last: str) -> str | None:
        """The newest period with an older one that fits: periods are stepped through in the index."""
        key = search_key.alias()
        newest = select(func.max(key.c.period)).where(key.c.period <= last).scalar_subquery()
        periods = select(newest.label("period")).cte("periods", recursive=True)
        older = select(func.max(key.c.period)).where(key.c.period < periods.c.period).scalar_subquery()
        periods = periods.union_all(select(older).where(periods.c.period.is_not(None)))
        own = (search_key.c.period == periods.c.period, search_key.c.message_id < last)
        fits = or_(*(exists().where(*own, starts_with(self._conn, search_key.c.value, one)) for one in self._spellings))
        found = select(periods.c.period).where(periods.c.period.is_not(None), fits).limit(1)
        return self._conn.execute(found).scalar()


def _of_payloads(conn: Connection, query: str) -> set[str]:
    """The messages of payloads whose Message-ID (or other protocol id) or SHA-256 begins so."""
    if len(query) < SHORT:
        return set()
    fits = [starts_with(conn, payload.c.protocol_id, query)]
    if set(query.lower()) <= set("0123456789abcdef"):
        fits.append(starts_with(conn, payload.c.digest, query.lower()))
    found: set[str] = set()
    for one in fits:
        ids = conn.execute(select(payload.c.id).where(one).limit(FEW)).scalars().all()
        if ids:
            inside = select(message.c.id).join(interchange, interchange.c.id == message.c.interchange_id)
            found.update(conn.execute(inside.where(interchange.c.payload_id.in_(ids)).limit(FEW)).scalars())
    return found
