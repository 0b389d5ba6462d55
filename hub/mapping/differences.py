"""What other rules make of the same traffic: differences between two readings or writings, in classes people can judge.

A class is a mapping, a direction, a field (or place) and a kind of change; one approves or refuses it as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from hub.canonical import to_builtins
from hub.mapping.compare import Flat, flat
from hub.mapping.results import Reading, Writing
from hub.mapping.variants import strip

EXAMPLES = 3


class Change(msgspec.Struct, frozen=True):
    """One difference. kind: added, removed, changed, moved; held, released; warned, unwarned. old, new: as text."""

    path: str
    kind: str
    old: str = ""
    new: str = ""


class Example(msgspec.Struct, frozen=True):
    """Where a difference was met: a file or message, and the values."""

    label: str
    old: str
    new: str


class DifferenceClass(msgspec.Struct, kw_only=True):
    """name: "x12/850 in lines.price.amount changed". count: the messages it was met in."""

    name: str
    count: int = 0
    examples: list[Example] = []


class Comparer:
    """Gathers differences of many messages."""

    def __init__(self) -> None:
        self._classes: dict[str, DifferenceClass] = {}
        self.compared = 0
        self.differing = 0

    @property
    def classes(self) -> list[DifferenceClass]:
        """The most frequent first."""
        return sorted(self._classes.values(), key=lambda one: (-one.count, one.name))

    def note(self, mapping: str, direction: str, label: str, changes: Iterable[Change]) -> None:
        """One message was derived both ways; changes: how the two differ."""
        self.compared += 1
        seen: set[str] = set()
        for change in changes:
            name = f"{mapping} {direction} {change.path} {change.kind}".replace("  ", " ")
            known = self._classes.setdefault(name, DifferenceClass(name=name))
            if name not in seen:
                seen.add(name)
                known.count += 1
                if len(known.examples) < EXAMPLES:
                    known.examples.append(Example(label, change.old, change.new))
        self.differing += bool(seen)


def reading_changes(old: Reading, new: Reading) -> Iterator[Change]:
    """How two readings of one message differ: held or not, findings, fields. What is merely kept (ext) counts not."""
    if old.document is not None and new.document is None:
        why = next((found for found in new.findings if found.severity != "warn"), None)
        yield Change(why.code if why else "", "held", "", why.message if why else "")
        return
    if old.document is None and new.document is not None:
        why = next((found for found in old.findings if found.severity != "warn"), None)
        yield Change(why.code if why else "", "released", why.message if why else "", "")
        return
    yield from _findings(old, new)
    if old.document is not None and new.document is not None:
        yield from _tree(to_builtins(strip(old.document)), to_builtins(strip(new.document)), "")


def writing_changes(old: Writing, new: Writing) -> Iterator[Change]:
    """How two writings of one document differ, by segment and element."""
    yield from _findings(old, new)
    before, after = ([flat(segment) for segment in one.segments] for one in (old, new))
    missing, more = (
        list((Counter(before) - Counter(after)).elements()),
        list((Counter(after) - Counter(before)).elements()),
    )
    if not missing and not more and before != after:
        yield Change("segments", "moved")
    for gone in missing:
        partner = next((one for one in more if one[0] == gone[0]), None)
        if partner is None:
            yield Change(gone[0][0], "removed", _shown(gone), "")
            continue
        more.remove(partner)
        yield from _elements(gone, partner)
    for one in more:
        yield Change(one[0][0], "added", "", _shown(one))


def payload_changes(old: bytes, new: bytes) -> Iterator[Change]:
    """How two payloads without segments differ, as a whole."""
    if old != new:
        yield Change(
            "payload", "changed", _short(old.decode("utf-8", "replace")), _short(new.decode("utf-8", "replace"))
        )


def _findings(old: Reading | Writing, new: Reading | Writing) -> Iterator[Change]:
    before = {found.code: found.message for found in old.findings}
    after = {found.code: found.message for found in new.findings}
    for code in sorted(after.keys() - before.keys()):
        yield Change(code, "warned", "", after[code])
    for code in sorted(before.keys() - after.keys()):
        yield Change(code, "unwarned", before[code], "")


def _tree(old: Any, new: Any, path: str) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from _tree(old.get(name), new.get(name), f"{path}.{name}" if path else name)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) == len(new):
            for before, after in zip(old, new, strict=True):
                yield from _tree(before, after, path)
        elif not any(isinstance(one, dict) for one in (*old, *new)):
            yield Change(path, "changed", _short(old), _short(new))
        else:
            yield from _items(old, new, path)
    elif old is None:
        yield Change(path, "added", "", _short(new))
    elif new is None:
        yield Change(path, "removed", _short(old), "")
    else:
        yield Change(path, "changed", _short(old), _short(new))


def _items(old: Sequence[Any], new: Sequence[Any], path: str) -> Iterator[Change]:
    """Items of lists of another length: those only one side has."""
    before, after = list(old), list(new)
    for item in list(before):
        if item in after:
            before.remove(item)
            after.remove(item)
    yield from (Change(path, "removed", _short(item), "") for item in before)
    yield from (Change(path, "added", "", _short(item)) for item in after)


def _elements(old: Flat, new: Flat) -> Iterator[Change]:
    tag = old[0][0]
    for number in range(1, max(len(old), len(new))):
        before = ":".join(old[number]) if number < len(old) else ""
        after = ":".join(new[number]) if number < len(new) else ""
        if before != after:
            kind = "changed" if before and after else "added" if after else "removed"
            yield Change(f"{tag}{number:02}", kind, before, after)


def _shown(segment: Flat) -> str:
    return _short("*".join(":".join(element) for element in segment))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 100 else f"{text[:97]}..."
