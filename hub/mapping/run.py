"""What generated readers and writers run against: fast ones that give up at the first surprise, careful ones that
tell.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from hub.errors import Finding, finding
from hub.mapping.computed import STRUCTURES, compute
from hub.mapping.crosswalk import missing_row
from hub.mapping.kept import Keeper, Kept
from hub.mapping.nests import Counts
from hub.mapping.told import shown, unread, unwritten
from hub.mapping.values import Refused, write_decimal
from hub.syntax.model import Message, Segment, apart

SHAPES = frozenset(["=shape", "=HL04", "=orders", "=CPS"])
"""Keys of ext that say how a hierarchy stood in its message."""


class Surprise(Exception):  # noqa: N818 - not a fault: the signal to run the careful variant
    """Something the fast variant leaves to the careful one."""


class RuleNote(NamedTuple):
    """What a careful variant says about a rule. keys: the ext keys of its parts; standard and table for unknown
    codes.
    """

    file: str
    line: int
    column: int
    field: str
    place: str
    codec: str
    table: str
    keys: tuple[str, ...]
    places: tuple[tuple[int, int | None], ...]

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One value and the rule that read it. segment is the number of the segment in the message (ST or UNH is 1)."""

    rule: str
    field: str
    place: str
    value: str
    segment: int
    element: int
    component: int | None = None


class Reader(Keeper):
    """The context of one fast read."""

    __slots__ = ("checks", "values", "when")

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.checks: list[tuple[int, str, Segment]] = []
        self.when: dict[str, Any] = {}

    def stop(self, *_: Any) -> Any:
        raise Surprise


class CarefulReader(Reader):
    """Runs every rule on its own, gathers findings and, if asked, a trace."""

    __slots__ = ("extra", "findings", "partner", "raws", "rules", "trace")

    def __init__(self, message: Message, rules: Mapping[int, RuleNote], partner: str = "") -> None:
        super().__init__(message)
        self.partner = partner
        self.rules = rules
        self.findings: list[Finding] = []
        self.trace: list[Trace] = []
        self.raws: dict[int, Sequence[str]] = {}

    def leaf(
        self, rule: int, raw: Sequence[str], number: int, read: Callable[[], Any], element: int | None = None
    ) -> Any:
        """The rule's value, or None and a finding. element: where it stands, if the rule serves several (slots)."""
        self.raws[rule] = raw
        if not any(raw):
            return None
        note = self.rules[rule]
        try:
            value = read()
        except Exception as error:  # noqa: BLE001 - whatever one rule meets becomes one finding
            self._report(note, raw, number, error, element)
            return None
        position = note.places[0] if element is None else (element, note.places[0][1])
        self.trace.append(
            Trace(
                rule=note.where, field=note.field, place=note.place, value=" ".join(raw).strip(), segment=number + 1,
                element=position[0], component=position[1],
            )
        )  # fmt: skip
        return value

    def _report(self, note: RuleNote, raw: Sequence[str], number: int, error: Exception, element: int | None) -> None:
        value = " ".join(part for part in raw if part)
        location = self.message.location(number, element or note.places[0][0], note.places[0][1])
        row = missing_row(self.partner, note.table, value)
        self.findings.append(unread(note, error, value, location, standard=self.message.standard, row=row))

    def forget(self, rules: Sequence[int]) -> None:
        """Another part begins: what these rules read for the last one is no longer theirs."""
        for rule in rules:
            self.raws.pop(rule, None)

    def orphan(self, ext: dict[str, Any], prefix: str, rules: Sequence[int]) -> None:
        """Parts of a value whose main part is missing (a unit without a quantity) are kept where they stood."""
        for rule in rules:
            for key, raw in zip(self.rules[rule].keys, self.raws.get(rule, ()), strict=False):
                if raw:
                    ext[prefix + key] = raw

    def fixed(self, rule: int, raw: str, wanted: str, number: int) -> None:
        note = self.rules[rule]
        self.findings.append(
            finding(
                "HUB-3205", f'{note.place} is "{raw}", and this mapping is for "{wanted}" only.',
                location=self.message.location(number, *note.places[0]), value=raw, expected=wanted,
                rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip


class Writer:
    """The context of one fast write. document: what `when` looks at. options: the agreement's choices."""

    __slots__ = ("_said", "counts", "document", "findings", "mapping", "module", "options", "owned", "version")

    def __init__(self, document: Any, mapping: str, version: str, options: Mapping[str, str]) -> None:
        self.document = document
        self.mapping = mapping
        self.version = version
        self.options = options
        self.findings: list[Finding] = []
        self.module: dict[str, Any] = {}
        self.owned: dict[int, str] = {}
        self.counts: Counts = {}
        self._said: set[str] = set()

    def at(self, path: Sequence[str]) -> Any:
        """The document's value at a path, None where the way ends."""
        value = self.document
        for name in path:
            value = getattr(value, name, None)
        return value

    def compute(self, id: int, part: Any, segments: Sequence[Sequence[Any]], kept: Kept | None) -> str:
        """The text of a computed place; "" where it is written only if the message had it, and it had not."""
        note = self.module["COMPUTED"][id]
        wanted = note.place in self.options.get("computed", "").split(",")
        if note.if_present and not wanted and (kept is None or f"={note.place}" not in kept.spelled_as):
            return ""
        if note.function == "structure":
            had = kept.spelled_as.get(f"={note.place}", "") if kept is not None else ""
            return str(had) if had and "shape" not in self.options else STRUCTURES.get(self.shape, "")
        if note.function == "count" and note.word.isupper():
            segments = apart(segments)
        value = compute(note, part, segments)
        return "" if value is None else write_decimal(value)

    @property
    def shape(self) -> str:
        """The order of levels asked for: by the agreement, else as the message had it, else the mapping's own."""
        own = self.document.ext.get(self.mapping, {})
        return str(self.options.get("shape") or own.get("=shape") or " ".join(self.module["HIERARCHY"]["shape"]))

    def kept(self, ext: Mapping[str, Mapping[str, Any]]) -> Kept | None:
        own = ext.get(self.mapping)
        return Kept(own) if own else None

    def marks(self, ext: Mapping[str, Mapping[str, Any]]) -> Kept | None:
        """What was kept of a document whose message held nothing but what the mapping reads: marks of its shape."""
        own = ext.get(self.mapping)
        if own and not own.keys() <= self.module["MARKS"]:
            raise Surprise
        return Kept(own) if own else None

    def long(self, rule: int, written: str) -> str:
        raise Surprise

    def stop(self, *_: Any) -> Any:
        raise Surprise

    def no_place(self, name: str, where: str, item: Any, foreign: bool) -> None:
        """foreign: only a code nobody has a word for, or a word this standard has no code for, stands in the way."""
        self.findings.append(
            finding(
                "HUB-3223", f"{self.mapping} has no place for {name} {where}; it is left out.", value=where,
                rule=self.mapping, severity="warn" if foreign else "error",
            )
        )  # fmt: skip

    def too_many(self, name: str, where: str, count: int, most: int) -> None:
        self.findings.append(
            finding(
                "HUB-3222", f"{name}: {count} values, and {where} holds {most}. Nothing is cut: split the document, or "
                f"ask for another mapping.", value=str(count), expected=f"at most {most}",
                rule=f"{self.mapping} {where}",
            )
        )  # fmt: skip

    def left_out(self, names: Sequence[str], part: Any) -> None:
        for name in names:
            label = f"{type(part).__name__}.{name}"
            if getattr(part, name) and label not in self._said:
                self._said.add(label)
                self.findings.append(
                    finding(
                        "HUB-3224", f"{self.mapping} says nothing of {label}, so the message goes without it.",
                        value=shown(getattr(part, name)), rule=self.mapping,
                    )
                )  # fmt: skip


class CarefulWriter(Writer):
    """Writes what can be written and says what cannot. Nothing is cut: a value that does not fit is left out and
    told.
    """

    __slots__ = ("rules",)

    def __init__(
        self, document: Any, mapping: str, version: str, options: Mapping[str, str], rules: Mapping[int, RuleNote]
    ) -> None:
        super().__init__(document, mapping, version, options)
        self.rules = rules

    def leaf(self, rule: int, value: Any, empty: Any, write: Callable[[], Any]) -> Any:
        note = self.rules[rule]
        try:
            return write()
        except Exception as error:  # noqa: BLE001 - whatever one rule meets becomes one finding
            self.findings.append(unwritten(note, error, value))
            written = error.written if isinstance(error, Refused) else None
            return empty if written is None else written

    def long(self, rule: int, written: str) -> str:
        note = self.rules[rule]
        self.findings.append(
            finding(
                "HUB-3221", f'{note.field} is longer than {note.place} holds: "{written}" has {len(written)} '
                f"characters. Shorten it at its source; nothing is cut here.",
                value=written, rule=f"{note.where} {note.place}",
            )
        )  # fmt: skip
        return ""
