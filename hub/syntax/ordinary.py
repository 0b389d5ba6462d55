"""The messages of which the cutter has nothing to say, read at once: most messages of most interchanges.

An ordinary message has a plain header that suits its group, nothing between its segments but the line break of the
interchange, and no binary data; its trailer is, byte for byte, what the header and the count demand. All others are
the reader's, which finds the same spans and says what is wrong.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from hub.location import NOWHERE
from hub.syntax.declared import message_faults
from hub.syntax.describe import describe_message
from hub.syntax.dialect import BINARY, STARTS, TAGS, Dialect
from hub.syntax.model import Group, MessageSpan, Separators
from hub.syntax.window import Window

_TRAILERS = {"x12": "SE", "edifact": "UNT"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TOGETHER = 1 << 16
_KEPT_KINDS = 100


Run = tuple[list[MessageSpan], bytes]
"""Ordinary messages that follow one another: their spans, and their bytes with what stands between them."""


class OrdinaryMessages:
    """Finds them in a window."""

    def __init__(self, window: Window, dialect: Dialect) -> None:
        self._window = window
        self._dialect = dialect
        self._group: Group | None = None
        self._kinds: dict[tuple[bytes, bytes], MessageSpan | None] = {}
        self._usual = not dialect.wrapped and dialect.codec is None
        element, end = (mark.replace(b"%", b"%%") for mark in (dialect.element.encode("latin-1"), dialect.end))
        self._trailer = _TRAILERS[dialect.standard].encode() + element + b"%d" + element + b"%b" + end
        self._release = dialect.release.encode("latin-1")

    def after(self, position: int, group: Group, ordinal: int, numbers: set[str]) -> Iterator[Run]:
        """The ordinary messages that follow one another in a group from position on, behind a terminator.

        ordinal: of the message before in the interchange. numbers: the control numbers used in the group; those found
        are added. Ends before anything else, and where the window ends.
        """
        if not self._usual:
            return
        window, end_size = self._window, len(self._dialect.end)
        while spans := self._spans(position, group, ordinal, numbers):
            last = spans[-1]
            stop = last.offset + last.length
            yield spans, window.cut(position, stop)
            position, ordinal = stop, last.ordinal
            window.drop(position - end_size)

    def _spans(self, position: int, group: Group, ordinal: int, numbers: set[str]) -> list[MessageSpan]:
        """Those of one run, and their numbers added."""
        data, base = self._window.data, self._window.base
        header, odd = _patterns(self._dialect.standard, self._dialect.separators)
        match, search, count_in = header.match, odd.search, data.count
        end, line, release, right = self._dialect.end, len(self._dialect.separators.line), self._release, self._trailer
        number_at, kind_at = (2, 1) if self._dialect.standard == "x12" else (1, 2)
        kinds, index, spans = self._kinds, len(group.messages), list[MessageSpan]()
        if group is not self._group:
            self._group = group
            kinds.clear()
        at = position - base
        limit = at + _TOGETHER
        while at < limit and (head := match(data, at)):
            begin = at + line
            number, kind, more = head.group(number_at, kind_at, 3)
            try:
                like = kinds[kind, more]
            except KeyError:
                like = self._described(group, (kind, more))
            if like is None or not (hit := search(data, head.end() - 1)) or (last := hit.start(1) - 1) < 0:
                break
            count, text = count_in(end, begin, last) + 1, number.decode()
            plain = not release or data.find(release, begin, last) < 0
            if not plain:
                body = bytes(data[begin:last])
                if self._dialect.is_released(body, len(body) - line - 1):
                    break
                count -= self._dialect.count_released(body)
            trailer = right % (count, number)
            if text in numbers or not data.startswith(trailer, last):
                break
            at = last + len(trailer)
            numbers.add(text)
            index += 1
            ordinal += 1
            spans.append(
                MessageSpan(
                    index,
                    index if index == ordinal else ordinal,
                    like.type,
                    like.version,
                    text,
                    base + begin,
                    at - begin,
                    count,
                    like.group,
                    like.group_control_number,
                    like.association,
                    plain,
                )
            )
        return spans

    def _described(self, group: Group, key: tuple[bytes, bytes]) -> MessageSpan | None:
        """What ST01 (and what follows ST02) or UNH S009 says of a message in this group; None: something is wrong."""
        found, (kind, more) = self._dialect, (part.decode("latin-1") for part in key)
        if len(self._kinds) >= _KEPT_KINDS:
            self._kinds.clear()
        header = ["ST", kind, "", *more.split(found.element)[1:]] if found.standard == "x12" else ["UNH", "", kind]
        span = MessageSpan(
            index=0, ordinal=0, type="", version="", control_number="", offset=0, length=0, segments=0, group=0
        )
        describe_message(span, found.standard, header, group, found.separators)
        self._kinds[key] = None if message_faults(span, group, found.standard, header, NOWHERE) else span
        return self._kinds[key]


@lru_cache(maxsize=256)
def _patterns(standard: str, separators: Separators) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What matches a message's header and the line break before it; its groups are the first two elements, and what
    follows ST02. And what finds the first terminator behind which do not stand the line break and an ordinary segment
    of text; its group 1 is what follows the first letter of a trailer, if that is why. For separators of ASCII.
    """
    element, end, line = (
        re.escape(mark.encode()) for mark in (separators.element, separators.segment, separators.line)
    )
    release = re.escape((separators.release or "").encode())
    number, kind = rb"([A-Za-z0-9]{1,14})", b"([^%s\\s]{1,40})" % (element + end + release)
    head = (b"ST", kind, number) if standard == "x12" else (b"UNH", number, kind)
    more = b"(?:%s[^%s]{1,100})?" % (element, end + release)
    more = b"(%s)" % more if standard == "x12" else more + b"()"
    trailer, starts = _TRAILERS[standard], STARTS[standard]
    known = [*TAGS[standard], *BINARY[standard], starts]
    loud = "".join(sorted({tag[0] for tag in known})).encode()
    quiet = "".join(letter for letter in _LETTERS if letter.encode() not in loud).encode()
    behind = {tag: f"(?<={tag[0]}){tag[1:]}".encode() for tag in known}
    rest = b"(?<=%s)(%s)(?=[%s])|(?<![%s])|(?:%s)(?=[%s])|%s|%s(?=[^A-Za-z0-9\\s])" % (
        trailer[0].encode(),
        trailer[1:].encode(),
        element + end,
        loud,
        b"|".join(behind[tag] for tag in TAGS[standard] if tag != trailer),
        element + end,
        b"|".join(behind[tag] for tag in BINARY[standard]),
        behind[starts],
    )
    # The first letter tells of most segments that they are ordinary, and looking no further is what makes this quick.
    unlike = b"[^%s](?:%s)" % (quiet, rest)
    # One release character before a terminator makes it text; what more of them do is looked at where it matters.
    released = b"(?<![^%s]%s%s)" % (release, release, end) if release else b""
    odd = b"(?:(?!%s)|%s%s)" % (line, line, unlike) if line else unlike
    return re.compile(line + element.join(head) + more + end), re.compile(end + released + odd)
