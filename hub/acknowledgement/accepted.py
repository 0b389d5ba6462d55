"""The rows that accept messages of which nothing is known but that they are right: most rows of most answers."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from hub.acknowledgement.verdict import Results
from hub.syntax.model import Element, MessageSpan, Separators
from hub.syntax.pen import Ready

_TOGETHER = 1000
_PLAIN = re.compile("[A-Z0-9]+").fullmatch
"""What stands as it is in every charset, whatever the separators."""

_NUMBER = "\0"
"""Stands for the control number while a template is made."""

_MARK = re.compile(r"[!-/:-@\[-`{-~]").fullmatch


class Together(NamedTuple):
    """The rows of some messages."""

    rows: Ready
    messages: int


class Accepted:
    """Makes them as bytes. rows: the segments that accept a message, its control number an element of the first."""

    def __init__(
        self, results: Results, separators: Separators, rows: Callable[[MessageSpan, str], list[list[Element]]]
    ) -> None:
        self._results = results
        self._rows = rows
        self._element = separators.element
        self._component = separators.component
        self._end = separators.segment + separators.line
        self._usable = all(_MARK(mark) for mark in (separators.element, separators.component, separators.segment))
        self._kinds: dict[tuple[str, str, str | None], tuple[str, str, int] | None] = {}

    def runs(self, spans: Iterable[MessageSpan]) -> Iterator[Together | MessageSpan]:
        """The messages in their order: those that may be taken together, and each one that must be looked at."""
        held: list[str] = []
        segments = 0
        for span in spans:
            template = self._template(span)
            if template is not None:
                before, behind, count = template
                held.append(f"{before}{span.control_number}{behind}")
                segments += count
            if held and (template is None or len(held) == _TOGETHER):
                yield Together(Ready("".join(held).encode("ascii"), segments), len(held))
                held, segments = [], 0
            if template is None:
                yield span
        if held:
            yield Together(Ready("".join(held).encode("ascii"), segments), len(held))

    def _template(self, span: MessageSpan) -> tuple[str, str, int] | None:
        """What stands before and behind its number, and how many segments that is; None: look at the message."""
        if span.findings or self._results.has(span) or not _PLAIN(span.control_number):
            return None
        kind = span.type, span.version, span.association
        if kind not in self._kinds:
            self._kinds[kind] = self._made(span)
        return self._kinds[kind]

    def _made(self, span: MessageSpan) -> tuple[str, str, int] | None:
        rows = self._rows(span, _NUMBER)
        values = [value for row in rows for each in row for value in ([each] if isinstance(each, str) else each)]
        plain = all(value in ("", _NUMBER) or _PLAIN(str(value)) for value in values)
        if not (self._usable and plain and span.type):
            return None
        texts = [
            self._element.join(
                each if isinstance(each, str) else self._component.join(map(str, each)).rstrip(self._component)
                for each in row
            )
            for row in rows
        ]
        before, _, behind = "".join(text + self._end for text in texts).partition(_NUMBER)
        return before, behind, len(rows)
