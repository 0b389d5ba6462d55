"""Shadow mode: what a shadow connection would have sent, compared with what another system did send.

Both sides are read from their bytes into canonical documents by the same mapping, so what is said counts and not how
it is spelt. Messages are paired by receiver, type and order number (else their own), in their order.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from hub.errors import NotYetError
from hub.pipeline.context import Content, Context
from hub.pipeline.jobs import Cut, CutResult, Plan, Translate, TranslateResult
from hub.record import replace
from hub.store.blobs import read_payload
from hub.store.tables import interchange, message
from hub.syntax import Interchange

OWN = frozenset({"id", "account", "issued"})
"""Fields that two systems never share: ids, and the moment of writing."""

_INDEX = re.compile(r"\[\d+\]")
_TECHNICAL = ("997", "999", "CONTRL", "TA1")


class Said(NamedTuple):
    """One message as one side said it. where: a message's id, or a file."""

    receiver: str
    type: str
    key: str
    body: Mapping[str, Any]
    where: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One class of differences: a field of one type of message. kind: changed, missing (they say it and we do not),
    extra (we say it and they do not). ours, theirs, example: of the first one."""

    type: str
    field: str
    kind: str
    count: int
    ours: str
    theirs: str
    example: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """paired messages are the same or differ. only_ours, only_theirs: what the other side did not say, as "type key".
    unreadable: files of theirs, and why."""

    same: int
    differ: int
    only_ours: list[str]
    only_theirs: list[str]
    classes: list[Difference]
    unreadable: list[str]


def compare(
    context: Context,
    theirs: Iterable[tuple[str, bytes]],
    *,
    partner: str = "",
    since: datetime | None = None,
    ignored: Sequence[str] = (),
) -> Report:
    """theirs: (name, bytes) of every file the other system sent. ignored: fields whose differences do not count, as the
    report names them (lines[].price)."""
    content = context.content()
    ours = _ours(context, content, partner, since)
    sent, unreadable = [], []
    for name, body in theirs:
        try:
            sent += [one for one in _read(content, name, body) if not partner or one.receiver in _receivers(ours)]
        except _UnreadableError as error:
            unreadable.append(f"{name}: {error}")
    return _compared(ours, sent, frozenset(ignored), unreadable)


class _UnreadableError(Exception):
    """A file of the other system that says nothing; the text says why."""


def _ours(context: Context, content: Content, partner: str, since: datetime | None) -> list[Said]:
    shadows = [one.name for one in content.partners.connections() if one.shadow]
    newer = message.alias("newer")
    replaced = [select(column).where(column.is_not(None)) for column in (newer.c.reissue_of, newer.c.edited_from)]
    query = (
        select(message.c.id, interchange.c.payload_id)
        .join(interchange, interchange.c.id == message.c.interchange_id)
        .where(message.c.direction == "out", message.c.connection.in_(shadows), message.c.ordinal == 1)
        .where(*(message.c.id.not_in(ids) for ids in replaced))
        .order_by(message.c.id)
    )
    if partner:
        query = query.where(message.c.partner == partner)
    if since is not None:
        query = query.where(message.c.created_at >= since)
    found: list[Said] = []
    with context.database.read() as conn:
        rows = conn.execute(query).all()
        bodies = [(row.id, read_payload(conn, row.payload_id)) for row in rows]
    for message_id, body in bodies:
        try:
            found += _read(content, message_id, body)
        except _UnreadableError:  # a copy in JSON has no counterpart to be compared with
            continue
    return found


def _receivers(said: Iterable[Said]) -> set[str]:
    return {one.receiver for one in said}


def _read(content: Content, where: str, body: bytes) -> Iterator[Said]:
    """The business messages of a payload."""
    cut = content.children.run(Cut(body))
    if not isinstance(cut, CutResult) or cut.unreadable is not None:
        why = cut.unreadable.message if isinstance(cut, CutResult) and cut.unreadable else "it cannot be cut"
        raise _UnreadableError(why)
    for whole in cut.interchanges:
        if whole.standard not in ("x12", "edifact"):
            raise _UnreadableError(f"only X12 and EDIFACT are compared, and this is {whole.standard}")
        if not whole.receiver:
            raise _UnreadableError("it has no envelope that says who it is for")
        yield from _of_interchange(content, where, body, whole)


def _of_interchange(content: Content, where: str, body: bytes, whole: Interchange) -> Iterator[Said]:
    for span in whole.messages:
        if span.type in _TECHNICAL:
            continue
        try:
            mapping = content.library.find(whole.standard, span.type, span.version).id
        except NotYetError as error:
            raise _UnreadableError(error.message) from error
        bytes_ = body[span.offset : span.offset + span.length]
        job = Translate(replace(whole, groups=[]), [span], [bytes_], [Plan(mapping=mapping)])
        result = content.children.run(job)
        read = result.messages[0] if isinstance(result, TranslateResult) else None
        if read is None or read.body is None:
            told = [*read.technical, *read.business] if read else []
            raise _UnreadableError(told[0].message if told else f"{span.type} cannot be read")
        said = msgspec.json.decode(read.body)
        yield Said(whole.receiver, span.type, _key(said), said, where)


def _key(said: Mapping[str, Any]) -> str:
    """The number of the order the document is about, which both systems have from the buyer; else its own."""
    orders = [said.get("order"), *(each.get("order") for each in said.get("orders") or [])]
    numbers = [order["number"] for order in orders if order and order.get("number")]
    return str(numbers[0] if numbers else said.get("number") or "")


def _compared(ours: Sequence[Said], theirs: Sequence[Said], ignored: frozenset[str], unreadable: list[str]) -> Report:
    by_key: dict[tuple[str, str, str], tuple[list[Said], list[Said]]] = defaultdict(lambda: ([], []))
    for side, said in enumerate((ours, theirs)):
        for one in said:
            by_key[one.receiver, one.type, one.key][side].append(one)
    same = differ = 0
    only: tuple[list[str], list[str]] = ([], [])
    classes: dict[tuple[str, str, str], Difference] = {}
    for (_, type_, key), (mine, other) in by_key.items():
        for side, rest in enumerate((mine[len(other) :], other[len(mine) :])):
            only[side].extend(f"{type_} {key} ({one.where})" for one in rest)
        for left, right in zip(mine, other, strict=False):
            found = [one for one in _differences("", left.body, right.body) if _INDEX.sub("[]", one[0]) not in ignored]
            same, differ = same + (not found), differ + bool(found)
            for path, kind, said, heard in found:
                _count(classes, (type_, _INDEX.sub("[]", path), kind), said, heard, f"{key}: {path}")
    ordered = sorted(classes.values(), key=lambda one: (-one.count, one.type, one.field))
    return Report(
        same=same, differ=differ, only_ours=only[0], only_theirs=only[1], classes=ordered, unreadable=unreadable
    )


def _count(
    classes: dict[tuple[str, str, str], Difference], name: tuple[str, str, str], ours: Any, theirs: Any, example: str
) -> None:
    known = classes.get(name)
    if known is not None:
        classes[name] = msgspec.structs.replace(known, count=known.count + 1)
        return
    type_, field, kind = name
    texts = [value if isinstance(value, str) else msgspec.json.encode(value).decode() for value in (ours, theirs)]
    classes[name] = Difference(
        type=type_, field=field, kind=kind, count=1, ours=texts[0][:200], theirs=texts[1][:200], example=example
    )


def _differences(path: str, ours: Any, theirs: Any) -> Iterator[tuple[str, str, Any, Any]]:
    """(path, kind, what we say, what they say) of every field that differs; lists are compared place by place."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            if name not in OWN:
                below = f"{path}.{name}" if path else name
                yield from _differences(below, ours.get(name), theirs.get(name))
    elif isinstance(ours, list) and isinstance(theirs, list):
        for place in range(max(len(ours), len(theirs))):
            left = ours[place] if place < len(ours) else None
            right = theirs[place] if place < len(theirs) else None
            yield from _differences(f"{path}[{place}]", left, right)
    elif ours != theirs:
        kind = "missing" if ours is None else "extra" if theirs is None else "changed"
        yield path, kind, ours, theirs
