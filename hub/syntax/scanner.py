"""Finding the segments an envelope is made of, stepping over binary data, in a payload that may still be arriving."""

import re

from hub.syntax.dialect import BLANK, Dialect
from hub.syntax.window import Window

_LONGEST_LENGTH = 20


class Scanner:
    """Looks for the segments of one interchange in a window. Positions are offsets from the start of the payload."""

    def __init__(self, window: Window, found: Dialect) -> None:
        self._window = window
        self._dialect = found

    def next(self, scan: int) -> tuple[int, str] | None:
        """Position and tag of the next segment the cutter must look at; None at the payload's end.

        scan is the position of the terminator before it, or anything earlier.
        """
        window, found = self._window, self._dialect
        while True:
            match = found.envelope.search(window.data, scan - window.base)
            if match is not None:
                if found.release and found.is_released(window.data, match.start()):
                    scan = window.base + match.start() + 1
                    continue
                return window.base + match.start(1), match[1].translate(None, b"\r\n").decode()
            scan = self._resume(scan)
            if not window.fill():
                return None

    def _resume(self, scan: int) -> int:
        """Where to search on when more bytes have come: a match may have begun at the last terminator."""
        window, found = self._window, self._dialect
        last = window.data.rfind(found.end, max(scan - window.base, 0))
        if last >= 0 and re.compile(found.partial).match(window.data, last):
            return window.base + last
        return max(scan, window.end - len(found.end) + 1)

    def segment(self, start: int) -> tuple[int, str, bool]:
        """The segment at start: the position behind it, its text as latin-1, and whether a terminator ended it."""
        window = self._window
        stop = segment_end(window, start, self._dialect)
        if stop < 0:
            raw = window.cut(start, window.end).rstrip(BLANK)
            return start + len(raw), raw.decode("latin-1"), False
        return stop + len(self._dialect.end), window.cut(start, stop).decode("latin-1"), True

    def binary(self, start: int, tag: str) -> tuple[int, int] | None:
        """Where the binary data of the BIN, BDS or UNO at start lies; None if its length does not lead to its end."""
        window, found = self._window, self._dialect
        length, begin = self._object(start) if tag == "UNO" else self._inline(start, tag)
        if not (length.isascii() and length.isdigit() and len(length) <= _LONGEST_LENGTH):
            return None
        stop = begin + int(length)
        ending = b"UNP" if tag == "UNO" else found.end
        if not window.reach(stop + len(ending)) or window.cut(stop, stop + len(ending)) != ending:
            return None
        return begin, stop

    def _object(self, start: int) -> tuple[str, int]:
        """Length (UNO S022 0810) and begin of the object behind a UNO."""
        end, text, _ = self.segment(start)
        elements = self._dialect.elements(text)
        return (elements[4].split(self._dialect.separators.component)[0] if len(elements) > 4 else ""), end

    def _inline(self, start: int, tag: str) -> tuple[str, int]:
        """Length (BIN01, BDS02) and begin of the data inside a segment."""
        position, length = start, ""
        for _ in range(2 if tag == "BIN" else 3):
            before, position = position, self._window.find(self._dialect.element.encode("latin-1"), position)
            if position < 0 or position - before > _LONGEST_LENGTH:
                return "", start
            length = self._window.cut(before, position).decode("latin-1")
            position += len(self._dialect.element)
        return length, position


def segment_end(window: Window, start: int, found: Dialect) -> int:
    """The position of the terminator that ends the segment at start; -1 if the payload ends first."""
    position = start
    while (position := window.find(found.end, position)) >= 0:
        if not found.is_released(window.data, position - window.base):
            return position
        position += 1
    return -1
