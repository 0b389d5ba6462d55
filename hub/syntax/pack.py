"""How many messages go into one interchange: all of them, or only so many, or only so many bytes."""

from collections.abc import Iterable, Iterator, Sequence

from hub.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.syntax.writer import Envelope, OutGroup, OutMessage

_NUMBERS = 16
"""Bytes by which a message's or an interchange's counts and control numbers may be longer than those of the first."""


class Most(Record, frozen=True):
    """What one interchange may hold; None: any number. A message larger than `bytes` is an interchange of its own."""

    messages: int | None = None
    bytes: int | None = None


def pack(
    messages: "Iterable[OutMessage]", most: Most, envelope: "Envelope", group: "OutGroup"
) -> "Iterator[Sequence[OutMessage]]":
    """The messages in their order, as many together as one interchange of this envelope and group may hold.

    DataError: one of them cannot be written.
    """
    held: list[OutMessage] = []
    empty = len(_written([], envelope, group)) if most.bytes else 0
    size = empty + _NUMBERS
    for message in messages:
        added = len(_written([message], envelope, group)) - empty + _NUMBERS if most.bytes else 0
        full = most.messages is not None and len(held) >= most.messages
        if held and (full or (most.bytes is not None and size + added > most.bytes)):
            yield held
            held, size = [], empty + _NUMBERS
        held.append(message)
        size += added
    if held:
        yield held


def _written(messages: "Sequence[OutMessage]", envelope: "Envelope", group: "OutGroup") -> bytes:
    from hub.syntax.writer import write

    return write(envelope, [replace(group, messages=messages)])
