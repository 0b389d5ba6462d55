"""Messages proven right as they are, in bytes and many at a time: most messages need no parsing to be accepted."""

from collections.abc import Iterable, Iterator, Sequence

from hub.schema.directory import definition
from hub.schema.hierarchy import is_whole
from hub.schema.provers import known_prover
from hub.syntax.charset import readable
from hub.syntax.model import Interchange, MessageSpan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.schema.prove import Prover

_TOGETHER = 1 << 16
"""Bytes proven at once: each call of an engine has a price of its own."""


def together(spans: Iterable[MessageSpan], interchange: Interchange) -> Iterator[list[MessageSpan]]:
    """Messages of an interchange, in runs: those that lie side by side, of one kind and without a finding."""
    line, run, behind = len(interchange.separators.line), list[MessageSpan](), 0
    for span in spans:
        if run and (
            span.offset != behind
            or span.type != run[0].type
            or span.version != run[0].version
            or span.findings
            or run[-1].findings
            or behind - run[0].offset > _TOGETHER
        ):
            yield run
            run = []
        run.append(span)
        behind = span.offset + span.length + line
    if run:
        yield run


class Unparsed:
    """Tells from the bytes of an interchange's messages what is right in them. codes: whether code lists matter."""

    def __init__(self, interchange: Interchange, *, codes: bool = True) -> None:
        self._interchange = interchange
        self._codes = codes

    def unproven(self, body: bytes, run: Sequence[MessageSpan]) -> list[list[int] | None]:
        """For each message of a run (see `together`) the 0-based numbers of its segments that are not proven right.

        None: nothing is known. An empty list: `check` has no finding, and the message needs no parsing to know that.
        body: the payload's bytes from the first to the last of them.
        """
        interchange, prover = self._interchange, self._prover(run[0].version, run[0].type)
        if prover is None:
            return [None] * len(run)
        body, codec = readable(body, interchange.charset)
        found = unproven(body, codec, prover, len(run))
        if prover.has_levels:
            for at, span in enumerate(run):
                start = span.offset - run[0].offset
                text = body[start : start + span.length]
                if not is_whole(text, interchange.standard, interchange.separators):
                    found[at] = None
        return found

    def unproven_each(self, spans: Sequence[MessageSpan], bodies: Sequence[bytes]) -> list[list[int] | None]:
        """The same for messages whose bytes are apart."""
        line, found = self._interchange.separators.line.encode(), list[list[int] | None]()
        for run in together(spans, self._interchange):
            found += self.unproven(line.join(bodies[len(found) : len(found) + len(run)]), run)
        return found

    def _prover(self, version: str, type: str) -> "Prover | None":
        made = definition(self._interchange.standard, version, type)
        if made is None or not made.exact or self._interchange.wrapped:
            return None
        return known_prover(made, self._interchange.separators, codes=self._codes)


def unproven(body: bytes, codec: str, prover: "Prover", messages: int = 1) -> list[list[int] | None]:
    """As `Prover.unproven`, of messages in this codec."""
    if not body.isascii() and codec != "latin-1":
        from hub.schema.prove import one_byte_each

        body = one_byte_each(body.decode(codec, "replace"))
    return prover.unproven(body, messages)
