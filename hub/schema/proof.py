"""What proves segments right: the standard library's `re`, or RE2 where google-re2 is installed, which is faster."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from hub.schema.model import SegmentDef
from hub.schema.pattern import Pattern
from hub.syntax.model import Separators

_SLICE = 1 << 16
"""Bytes matched at a time: `re` keeps some hundred bytes for each segment of one match."""

_RE2_MEMORY = 64 << 20
"""At most so many bytes for what RE2 finds out about a pattern; with its own limit it would start over and over."""

Match = Callable[[bytes, int, int], "re.Match[bytes] | None"]
"""Matches a text from one position to another."""


def _re(pattern: bytes) -> Match:
    return re.compile(pattern).match


def _re2(pattern: bytes) -> Match:
    """ImportError: google-re2 is not installed. ValueError: RE2 cannot take the pattern."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _RE2_MEMORY
    options.longest_match = options.never_capture = True
    options.log_errors = False
    try:
        match: Match = re2.compile(pattern, options).match
    except re2.error as error:
        raise ValueError(str(error)) from error
    return match


ENGINES: dict[str, tuple[Callable[[bytes], Match], bool]] = {"re2": (_re2, False), "re": (_re, True)}
"""The engines by name, and whether they look ahead; the first that works is used."""


class Proof:
    """Proves texts of whole segments, each with its terminator."""

    def __init__(self, match: Match, separators: Separators) -> None:
        self._match = match
        self._end = separators.segment.encode()

    def reach(self, text: bytes, at: int) -> int:
        """From at on, where a segment begins, all is proven right up to there: an unproven segment, or the end."""
        size = len(text)
        while at < size:
            stop = size if size - at <= _SLICE else text.rfind(self._end, at, at + _SLICE) + 1 or size
            match = self._match(text, at, stop)
            at = match.end() if match is not None else at
            if at < stop:
                return at
        return size

    def unproven(self, text: bytes) -> Iterator[int]:
        """Where each segment begins that is not proven, in order."""
        at, size = 0, len(text)
        while (at := self.reach(text, at)) < size:
            yield at
            at = text.find(self._end, at) + 1 or size


def proof_of(
    shapes: Mapping[str, Iterable[bytes]],
    definitions: Mapping[str, SegmentDef],
    separators: Separators,
    *,
    x12: bool,
    codes: bool,
) -> Proof:
    """A proof for segments of these tags and shapes; separators are ASCII."""
    for engine, look_ahead in ENGINES.values():
        pattern = Pattern(separators, x12=x12, codes=codes, look_ahead=look_ahead)
        try:
            return Proof(engine(pattern.message(shapes, definitions)), separators)
        except (ImportError, ValueError):
            continue
    raise AssertionError("the standard library takes every pattern")
