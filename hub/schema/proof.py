"""What proves segments right: the standard library's `re`, or RE2 where google-re2 is installed, which is faster."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from hub.schema.model import SegmentDef
from hub.schema.pattern import Pattern
from hub.schema.pattern_plain import PlainPattern
from hub.syntax.model import Separators

_SLICE = 1 << 16
"""Bytes matched at a time: `re` keeps some hundred bytes for each segment of one match."""

_RE2_MEMORY = 64 << 20
"""At most so many bytes for what RE2 finds out about a pattern; with its own limit it would start over and over."""


class Proof(Protocol):
    """Proves texts of whole segments, each with its terminator, behind one more terminator."""

    def whole(self, text: bytes) -> bool:
        """Whether every segment is proven right."""

    def unproven(self, text: bytes) -> Iterator[int]:
        """Where each segment begins that is not, in order."""


class PatternProof:
    """By the standard library's `re`."""

    def __init__(self, segments: Iterable[SegmentDef], separators: Separators, *, x12: bool, codes: bool) -> None:
        self._match = re.compile(Pattern(separators, x12=x12, codes=codes).message(segments)).match
        self._end = separators.segment.encode()

    def whole(self, text: bytes) -> bool:
        at, size = 1, len(text)
        while at < size:
            stop = size if size - at <= _SLICE else text.rfind(self._end, at, at + _SLICE) + 1 or size
            if _reach(self._match(text, at, stop), at) < stop:
                return False
            at = stop
        return True

    def unproven(self, text: bytes) -> Iterator[int]:
        at = 1
        while (at := _reach(self._match(text, at), at)) < len(text):
            yield at
            at = text.find(self._end, at) + 1


class Re2Proof:
    """By RE2. ImportError: google-re2 is not installed. ValueError: RE2 cannot take the pattern."""

    def __init__(self, segments: Iterable[SegmentDef], separators: Separators, *, x12: bool, codes: bool) -> None:
        import re2

        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = _RE2_MEMORY
        options.longest_match = options.never_capture = True
        options.log_errors = False
        segments, pattern = list(segments), PlainPattern(separators, x12=x12, codes=codes)
        try:
            self._match = re2.compile(pattern.message(segments), options).match
            self._doubt = re2.compile(pattern.doubts(segments), options).search
        except re2.error as error:
            raise ValueError(str(error)) from error
        self._end = separators.segment.encode()

    def whole(self, text: bytes) -> bool:
        return _reach(self._match(text, 1), 1) == len(text) and self._doubt(text) is None

    def unproven(self, text: bytes) -> Iterator[int]:
        at, doubt = 1, self._next_doubt(text, 0)
        while True:
            reach = _reach(self._match(text, at), at)
            while doubt < reach:
                yield doubt
                doubt = self._next_doubt(text, text.find(self._end, doubt))
            if reach == len(text):
                return
            yield reach
            at = text.find(self._end, reach) + 1
            if doubt < at:
                doubt = self._next_doubt(text, at - 1)

    def _next_doubt(self, text: bytes, before: int) -> int:
        """Where the next doubtful segment begins, from the terminator at `before` on; the text's length if none."""
        found = self._doubt(text, before)
        return found.start() + 1 if found is not None else len(text)


def _reach(match: re.Match[bytes] | None, at: int) -> int:
    """How far a match that began at `at` came."""
    return match.end() if match is not None else at


ENGINES: dict[str, Callable[..., Proof]] = {"re2": Re2Proof, "re": PatternProof}
"""The engines by name, the first that works is used."""


def proof_of(segments: Iterable[SegmentDef], separators: Separators, *, x12: bool, codes: bool) -> Proof:
    """A proof for these segments; separators are ASCII."""
    segments = list(segments)
    for engine in ENGINES.values():
        try:
            return engine(segments, separators, x12=x12, codes=codes)
        except (ImportError, ValueError):
            continue
    raise AssertionError("the standard library takes every pattern")
