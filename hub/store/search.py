"""Search by business numbers: the messages with a key or number that begins so, the newest first.

Few are looked up at once. Of a beginning that fits a great many the newest are met by going back in time: through the
newest messages one by one, then period by period with an index that has the keys of each in order.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, UnaryExpression, and_, exists, func, literal, or_, select
from sqlalchemy.sql.operators import custom_op

from hub.store.tables import PERIOD, interchange, message, payload, search_key

FEW = 1000
"""As many messages a search looks up."""

AMONG = 400
"""Where a quarter of the newest so many messages fit, a page of them is soon met."""

BEHIND = "g"
"""A period with this behind it sorts after all ids of the period, which go on in hex."""

SHORT = 6
"""A shorter beginning is none of a Message-ID or a digest."""


def starts_with(
    conn: Connection, column: ColumnElement[str], beginning: str | ColumnElement[str]
) -> ColumnElement[bool]:
    """The column begins so, in the form each database can answer from its index. A LIKE could not: PostgreSQL keeps one
    plan for whatever it is asked, and that begins anywhere."""
    end = beginning + "\U0010ffff"
    if conn.dialect.name == "sqlite":
        return and_(column >= beginning, column < end)
    # PostgreSQL binds these no weaker than ||, so what is on their right needs parentheses.
    at_least, below = (column.op(sign, precedence=10, is_comparison=True) for sign in ("~>=~", "~<~"))
    return and_(at_least(beginning), below(end))


def in_order(conn: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """The order of the index starts_with goes by: else PostgreSQL reads the table, where what fits may lie last."""
    return column if conn.dialect.name == "sqlite" else UnaryExpression(column, modifier=custom_op("USING ~<~"))


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
            inside = or_(*(self._dated(period, one) for one in self._spellings))
            key = search_key.c.message_id  # within the period, whichever index the database goes by
            ids = select(key).distinct().where(inside, key >= period, key < min(last, f"{period}{BEHIND}"))
            found = self._conn.execute(ids.order_by(key.desc()).limit(FEW)).scalars().all()
            yield found
            last = found[-1] if len(found) == FEW else period

    def _few(self, query: str) -> list[str] | None:
        found = _of_payloads(self._conn, query)
        for place, owner in ((search_key.c.value, search_key.c.message_id), (message.c.number, message.c.id)):
            for spelling in self._spellings:
                fits = starts_with(self._conn, place, spelling)
                some = select(owner).where(fits).order_by(in_order(self._conn, place)).limit(FEW)
                ids = self._conn.execute(some).scalars().all()
                if len(ids) == FEW:
                    return None
                found.update(ids)
        return sorted(found)

    def _fits(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return or_(*(starts_with(self._conn, column, spelling) for spelling in self._spellings))

    def _dated(self, period: str | ColumnElement[str], spelling: str) -> ColumnElement[bool]:
        return starts_with(self._conn, search_key.c.dated, period + literal(spelling))

    def _period(self, last: str) -> str | None:
        """The newest period with an older one that fits. From one to the next goes a step in the index of ids."""
        key = search_key.alias()
        newest = select(func.max(key.c.message_id)).where(key.c.message_id < last).scalar_subquery()
        periods = select(func.substr(newest, 1, PERIOD).label("period")).cte("periods", recursive=True)
        older = select(func.max(key.c.message_id)).where(key.c.message_id < periods.c.period).scalar_subquery()
        step = select(func.substr(older, 1, PERIOD)).where(periods.c.period.is_not(None))
        periods = periods.union_all(step)
        inside = [self._dated(periods.c.period, one) for one in self._spellings]
        fits = [exists().where(one, search_key.c.message_id < last) for one in inside]
        found = select(periods.c.period).where(periods.c.period.is_not(None), or_(*fits)).limit(1)
        return self._conn.execute(found).scalar()


def _of_payloads(conn: Connection, query: str) -> set[str]:
    """The messages of payloads whose Message-ID (or other protocol id) or SHA-256 begins so."""
    if len(query) < SHORT:
        return set()
    fits = [(payload.c.protocol_id, query)]
    if set(query.lower()) <= set("0123456789abcdef"):
        fits.append((payload.c.digest, query.lower()))
    found: set[str] = set()
    for column, beginning in fits:
        some = select(payload.c.id).where(starts_with(conn, column, beginning))
        ids = conn.execute(some.order_by(in_order(conn, column)).limit(FEW)).scalars().all()
        if ids:
            inside = select(message.c.id).join(interchange, interchange.c.id == message.c.interchange_id)
            found.update(conn.execute(inside.where(interchange.c.payload_id.in_(ids)).limit(FEW)).scalars())
    return found
