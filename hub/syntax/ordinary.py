"""The messages of which the cutter has nothing to say, read at once: most messages of most interchanges.

An ordinary message has a plain header that suits its group, no binary data and no empty segment, and its trailer is,
byte for byte, what the header and the count demand. All others are the reader's, which finds the same spans and says
what is wrong.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hub.location import NOWHERE
from hub.syntax.declared import message_faults
from hub.syntax.describe import describe_message
from hub.syntax.dialect import Dialect
from hub.syntax.model import Group, MessageSpan
from hub.syntax.window import Window

_TRAILERS = {"x12": b"SE", "edifact": b"UNT"}
_DROP_FROM = 1 << 16
_KEPT_KINDS = 100


class Ordinary(NamedTuple):
    """A message: its span and its bytes without the trailer."""

    span: MessageSpan
    body: bytes


class OrdinaryMessages:
    """Finds them in a window."""

    def __init__(self, window: Window, dialect: Dialect) -> None:
        self._window = window
        self._dialect = dialect
        self._kinds: dict[tuple[int, bytes, bytes], MessageSpan | None] = {}
        element, end = dialect.element.encode("latin-1"), dialect.end
        self._trailer = _TRAILERS[dialect.standard] + element + b"%d" + element + b"%b" + end.replace(b"%", b"%%")
        line, held = re.escape(dialect.separators.line.encode()), re.escape(element + end + dialect.release.encode())
        number, kind = rb"([A-Za-z0-9]{1,14})", b"([^%s\\s]{1,40})" % held
        header = (b"ST", kind, number) if dialect.standard == "x12" else (b"UNH", number, kind)
        more = b"((?:%s[^%s]{1,100})?)" % (re.escape(element), re.escape(end + dialect.release.encode()))
        self._header = re.compile(line + b"(" + re.escape(element).join(header) + more + re.escape(end) + b")")
        # The next segment of the envelope, or (then without group 1) a terminator with an empty segment behind it.
        self._next = re.compile(dialect.envelope.pattern + b"|" + dialect.empty.pattern)
        self._places = (3, 2) if dialect.standard == "x12" else (2, 3)

    def after(self, position: int, group: Group, ordinal: int, numbers: set[str]) -> Iterator[Ordinary]:
        """The ordinary messages that follow one another in a group from position on, behind a terminator.

        ordinal: of the message before in the interchange. numbers: the control numbers used in the group; those found
        are added. Ends before anything else, and where the window ends.
        """
        window, found, end = self._window, self._dialect, self._dialect.end
        if found.wrapped or found.codec:
            return
        trailer_tag, (number_at, kind_at) = _TRAILERS[found.standard], self._places
        release = found.release.encode()
        while True:
            data, base = window.data, window.base
            head = self._header.match(data, position - base)
            if head is None:
                return
            begin, number = head.start(1), head[number_at]
            like = self._described(group, head[kind_at], head[4] if found.standard == "x12" else b"")
            if like is None:
                return
            hit = self._next.search(data, head.end() - len(end))
            if hit is None or hit[1] != trailer_tag:
                return
            body = bytes(data[begin : hit.start(1)])
            count, text = body.count(end) + 1, number.decode()
            if release and release in body:
                count -= found.count_released(body)
            trailer = self._trailer % (count, number)
            stop = hit.start(1) + len(trailer)
            if data[hit.start(1) : stop] != trailer or text in numbers:
                return
            numbers.add(text)
            ordinal += 1
            index = len(group.messages) + 1
            span = MessageSpan(
                index=index,
                ordinal=index if index == ordinal else ordinal,
                type=like.type,
                version=like.version,
                control_number=text,
                offset=base + begin,
                length=stop - begin,
                segments=count,
                group=group.index,
                group_control_number=group.control_number,
                association=like.association,
            )
            position = base + stop
            yield Ordinary(span, body)
            if stop > _DROP_FROM:
                window.drop(position - len(end))

    def _described(self, group: Group, kind: bytes, more: bytes) -> MessageSpan | None:
        """What ST01 (and what follows ST02) or UNH S009 says of a message in this group; None: something is wrong."""
        key = group.index, kind, more
        if key not in self._kinds:
            if len(self._kinds) >= _KEPT_KINDS:
                self._kinds.clear()
            self._kinds[key] = self._describe(group, kind.decode("latin-1"), more.decode("latin-1"))
        return self._kinds[key]

    def _describe(self, group: Group, kind: str, more: str) -> MessageSpan | None:
        found = self._dialect
        header = ["ST", kind, "", *more.split(found.element)[1:]] if found.standard == "x12" else ["UNH", "", kind]
        span = MessageSpan(
            index=0, ordinal=0, type="", version="", control_number="", offset=0, length=0, segments=0, group=0
        )
        describe_message(span, found.standard, header, group, found.separators)
        return None if message_faults(span, group, found.standard, header, NOWHERE) else span
