"""ASN.1 as CMS carries it: BER is read (X.690: indefinite lengths, strings in pieces), DER is written.

A value is one identifier octet and its content. Whatever bytes come, only ValueError comes out, the depth is bounded,
and so is the number of values that are passed over.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
DEEPEST = 24
MOST_PIECES = 1_000_000
"""Values in one of indefinite length. OpenSSL streams in pieces of 1 to 16 KiB: 100 MB are 100,000 of them at most."""


class Value(NamedTuple):
    """tag is the identifier octet; raw is the whole value with its header and, if it has one, its end mark."""

    tag: int
    content: memoryview
    raw: memoryview


def read(octets: bytes | memoryview) -> Value:
    """The value at the start; what stands behind it is left alone (some senders pad). ValueError: it is none."""
    return _value(memoryview(octets), 0)[0]


def inside(value: Value) -> Iterator[Value]:
    """The values in a value."""
    at = 0
    while at < len(value.content):
        part, at = _value(value.content, at)
        yield part


def parts(value: Value, tag: int, least: int = 0) -> list[Value]:
    """The values inside one of this tag, at least so many. ValueError: it is another one, or has fewer."""
    if value.tag != tag:
        raise ValueError(f"ASN.1 tag {value.tag:#04x} where {tag:#04x} belongs")
    found = list(islice(inside(value), 1001))
    if not least <= len(found) <= 1000:
        raise ValueError(f"{len(found)} values where {least} or more belong")
    return found


def octets(value: Value, depth: int = 0) -> bytes:
    """The bytes of an octet string, put together where it came in pieces, whatever its (implicit) tag."""
    if not value.tag & 0x20:
        return bytes(value.content)
    if depth > DEEPEST:
        raise ValueError("an octet string in too many levels of pieces")
    return b"".join(octets(piece, depth + 1) for piece in inside(value))


def _header(view: memoryview, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and its length; -1: indefinite."""
    if at + 2 > len(view):
        raise ValueError("it breaks off")
    tag, first = view[at], view[at + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("an ASN.1 tag above 30, which CMS has not")
    if first < 0x80:
        return tag, at + 2, first
    if first == 0x80:
        if not tag & 0x20:
            raise ValueError("an indefinite length on a primitive value")
        return tag, at + 2, -1
    start = at + 2 + (first & 0x7F)
    if first > 0x88 or start > len(view):
        raise ValueError("a length that cannot be")
    return tag, start, int.from_bytes(view[at + 2 : start])


def _value(view: memoryview, at: int) -> tuple[Value, int]:
    """The value there, and where the next begins."""
    tag, start, length = _header(view, at)
    if length >= 0:
        end = start + length
        if end > len(view):
            raise ValueError("it breaks off")
        return Value(tag, view[start:end], view[at:end]), end
    end = _end(view, start)
    return Value(tag, view[start : end - 2], view[at:end]), end


def _end(view: memoryview, at: int) -> int:
    """Behind the end mark of the indefinite length whose content begins there."""
    level = 1
    for _ in range(MOST_PIECES):
        tag, start, length = _header(view, at)
        if length < 0:
            level += 1
            if level > DEEPEST:
                raise ValueError("too many levels")
            at = start
        elif tag == 0:
            level -= 1
            at = start
            if level == 0:
                return at
        else:
            at = start + length
    raise ValueError("too many pieces")


def der(tag: int, *content: bytes | memoryview) -> bytes:
    """A value of this tag with this content, in DER."""
    length = sum(map(len, content))
    if length < 0x80:
        head = bytes((tag, length))
    else:
        size = length.to_bytes((length.bit_length() + 7) // 8)
        head = bytes((tag, 0x80 | len(size))) + size
    return b"".join((head, *content))


def number(value: int) -> bytes:
    """An INTEGER, not negative."""
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def set_of(*values: bytes, tag: int = SET) -> bytes:
    """A SET OF, in the order that DER demands (X.690, 11.6)."""
    return der(tag, *sorted(values))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    octets_ = bytearray((first * 40 + second,))
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets_ += bytes(reversed(groups))
    return der(OID, bytes(octets_))


def again(value: Value, depth: int = 0) -> bytes:
    """A value in DER, as it should have been written: definite lengths, strings in one piece, sets in order."""
    if not value.tag & 0x20:
        return der(value.tag, value.content)
    if depth > DEEPEST:
        raise ValueError("too many levels")
    if value.tag == OCTETS | 0x20:
        return der(OCTETS, octets(value))
    found = [again(part, depth + 1) for part in inside(value)]
    return set_of(*found) if value.tag == SET else der(value.tag, *found)


NULL = der(0x05)
