"""ext: what a message says and no rule reads, kept on the struct it belongs to and put back when the same mapping
writes.

Keys are places relative to the struct: `PO1.05` and `LIN.03-2` an element, `PO4` whole segments with their index
among the PO4 of that loop, `/SCH` whole loops, `N9(L1)/DTM` inside a loop passed through. `=quantity.value` remembers
how a value was spelled ("0008"), `=PO1.06#` where items stood among their slots. Values are JSON; elements are
unescaped.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.schema import Node
from hub.syntax.model import Element, Message, Segment

_ELEMENT_KEY = re.compile(r"(.*)\.(\d\d)(?:-(\d+))?")
_SPELLED_KEY = re.compile(r"(?:.*[./])?=.*")


def is_spelling(key: str) -> bool:
    """Whether a key of ext remembers how a value that was read is spelled, or where it stood."""
    return _SPELLED_KEY.fullmatch(key) is not None


Mask = Mapping[int, frozenset[int] | None]
"""Elements read: element -> its components read, None for the whole element."""


class Keeper:
    """Keeps unread parts of one message. plain: no release character occurs in it."""

    __slots__ = ("components", "message", "plain", "repetition", "separator")

    def __init__(self, message: Message) -> None:
        self.message = message
        self.plain = not message.escaped
        self.separator = message.separators.component
        self.repetition = message.separators.repetition or ""
        self.components = message.components

    def part(self, segment: Segment, element: int, component: int) -> str:
        """A component's text, "" where it is absent."""
        if len(segment) <= element:
            return ""
        parts = self.components(segment[element])
        return parts[component - 1] if len(parts) >= component else ""

    def element(self, raw: str) -> Any:
        """An element as it is kept: text, its components, or its repetitions."""
        message = self.message
        if self.repetition and self.repetition in raw and len(parts := message.repetitions(raw)) > 1:
            return [message.components(part) for part in parts]
        parts = message.components(raw) if self.separator in raw or not self.plain else [raw]
        return parts if len(parts) > 1 else parts[0]

    def repeats(self, ext: dict[str, Any], key: str, segment: Segment, element: int) -> Segment:
        """The segment with the first repetition of an element alone; all of them are kept."""
        ext[f"{key}.{element:02}"] = self.element(segment[element])
        first = self.message.repetitions(segment[element])[0]
        return [*segment[:element], first, *segment[element + 1 :]]

    def at(self, parts: Sequence[Any], part: object) -> int:
        """Where a segment or loop stands among those of its slot."""
        return next(index for index, one in enumerate(parts) if one is part)

    def whole(self, segment: Segment) -> list[Any]:
        count = len(segment)
        while not segment[count - 1]:
            count -= 1
        return [segment[0], *(self.element(element) for element in segment[1:count])]

    def segment(self, ext: dict[str, Any], key: str, index: int, segment: Segment) -> None:
        ext.setdefault(key, []).append([index, self.whole(segment)])

    def segments(self, ext: dict[str, Any], key: str, segments: Sequence[Segment], start: int) -> None:
        for index in range(start, len(segments)):
            self.segment(ext, key, index, segments[index])

    def strange(self, ext: dict[str, Any], prefix: str, node: Node, known: frozenset[str]) -> None:
        """Segments of slots no rule speaks of."""
        for key, segments in node.segments.items():
            if key not in known:
                self.segments(ext, prefix + key, segments, 0)

    def loop(self, ext: dict[str, Any], key: str, index: int, node: Node) -> None:
        """A whole loop, its segments in message order."""
        ext.setdefault(key, []).append([index, [self.whole(segment) for _, segment in sorted(_numbered(node))]])

    def strange_loops(self, ext: dict[str, Any], prefix: str, node: Node, known: frozenset[str]) -> None:
        for key, instances in node.loops.items():
            if key not in known:
                for index, instance in enumerate(instances):
                    self.loop(ext, f"{prefix}/{key}", index, instance)

    def elements(
        self, ext: dict[str, Any], key: str, segment: Segment, mask: Mask, slots: Sequence[tuple[int, int]] = ()
    ) -> None:
        """The elements and components outside of the mask (and outside of the elements of slots, first and last)."""
        for number in range(1, len(segment)):
            raw = segment[number]
            if not raw or any(first <= number <= last for first, last in slots):
                continue
            if number not in mask:
                ext[f"{key}.{number:02}"] = self.element(raw)
                continue
            read = mask[number]
            if read is not None:
                for component, value in enumerate(self.components(raw), 1):
                    if value and component not in read:
                        ext[f"{key}.{number:02}-{component}"] = value

    def group(self, ext: dict[str, Any], key: str, segment: Segment, start: int, step: int) -> None:
        """A group of slots that makes no item (a qualifier alone, a code nobody has a word for)."""
        for number in range(start, min(start + step, len(segment))):
            if segment[number]:
                ext[f"{key}.{number:02}"] = self.element(segment[number])

    def rest(self, ext: dict[str, Any], key: str, element: int, parts: list[str], read: frozenset[int]) -> None:
        """The components of a slot that no part of it reads."""
        for component, value in enumerate(parts, 1):
            if value and component not in read:
                ext[f"{key}.{element:02}-{component}"] = value


def _repeated(kept: Any, written: Any) -> Any:
    """A kept element; of a repeating one whose first repetition a rule wrote, that and the kept others."""
    if not (isinstance(kept, list) and kept and isinstance(kept[0], list)) or not written:
        return kept
    return [[written] if isinstance(written, str) else list(written), *kept[1:]]


UNPLACED = "?"
"""The ext key of segments the directory has no place for: [position in the message, segment]."""


def numbers(node: Node) -> list[int]:
    """The positions in the message of every segment of a tree."""
    return [number for number, _ in _numbered(node)]


def _numbered(node: Node) -> list[tuple[int, Segment]]:
    found = [pair for key, segments in node.segments.items() for pair in zip(node.numbers[key], segments, strict=True)]
    for instances in node.loops.values():
        for instance in instances:
            found += _numbered(instance)
    return found


class Kept:
    """One struct's ext under one mapping, ready for writing."""

    __slots__ = ("_prefixes", "_strange", "elements", "spelled_as")

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self.elements: dict[str, list[tuple[int, int | None, Any]]] = {}
        self.spelled_as: dict[str, Any] = {}
        self._strange: dict[str, dict[str, list[tuple[int, list[list[Element]]]]]] = {}
        self._prefixes: set[str] = set()
        for key, value in entries.items():
            if key == UNPLACED:
                continue
            if is_spelling(key):
                self.spelled_as[key] = value
            elif match := _ELEMENT_KEY.fullmatch(key):
                head, element, component = match.groups()
                self.elements.setdefault(head, []).append((int(element), int(component) if component else None, value))
                self._note(head)
            else:
                self._whole(key, value)

    def _note(self, key: str) -> None:
        way = ""
        for step in key.split("/")[:-1]:
            way += f"{step}/"
            self._prefixes.add(way)

    def _whole(self, key: str, value: list[Any]) -> None:
        self._note(key)
        is_loop = key.startswith("/") or "//" in key
        prefix, _, slot = key.rpartition("/")
        if not is_loop and prefix:
            prefix += "/"
        chunks = self._strange.setdefault(prefix, {}).setdefault(slot, [])
        chunks += [(index, content if is_loop else [content]) for index, content in value]

    def has(self, prefix: str) -> bool:
        """Whether anything is kept inside that loop."""
        return prefix in self._prefixes

    def overlay(self, head: str, segment: list[Any]) -> None:
        """Puts kept elements into a segment being written."""
        for element, component, value in self.elements.get(head, ()):
            while len(segment) <= element:
                segment.append("")
            if component is None:
                segment[element] = _repeated(value, segment[element])
                continue
            parts = [segment[element]] if isinstance(segment[element], str) else list(segment[element])
            parts += [""] * (component - len(parts))
            parts[component - 1] = value
            segment[element] = tuple(parts)

    def spelled(self, key: str, value: Any, written: Any, read: Callable[..., Any]) -> Any:
        """The text a value was read from, if it still means the same; else what the codec wrote."""
        raw = self.spelled_as.get(key)
        if raw is None or value is None:
            return written
        try:
            same = read(*raw) == value if isinstance(raw, list) else read(raw) == value
        except Exception:  # noqa: BLE001 - a spelling that no longer reads is no spelling of this value
            return written
        if not same:
            return written
        return tuple(raw) + ("",) * (len(written) - len(raw)) if isinstance(raw, list) else raw

    def arrange(self, key: str, groups: list[Any], per: int) -> list[list[tuple[int, Any]]]:
        """Groups over segments of `per` slots: where they stood, if their number is the same, else packed."""
        places = self.spelled_as.get(key)
        if not isinstance(places, list) or len(places) != len(groups):
            places = [[number // per, number % per] for number in range(len(groups))]
        out: list[list[tuple[int, Any]]] = []
        for (segment, slot), group in zip(places, groups, strict=True):
            while len(out) <= segment:
                out.append([])
            out[segment].append((slot, group))
        return out

    def merge(
        self, out: list[Any], start: int, marks: list[tuple[int, int]], prefix: str, ranks: Mapping[str, int]
    ) -> None:
        """Puts kept segments and loops of one loop instance back among what was written from `start` on.

        marks: (rank of the slot, where in out an instance of it begins), in order.
        """
        strange = self._strange.get(prefix)
        if not strange:
            return
        ends = [position for _, position in marks[1:]] + [len(out)]
        head = out[start : marks[0][1]] if marks else out[start:]
        by_rank: dict[int, list[list[Any]]] = {}
        for (rank, position), end in zip(marks, ends, strict=True):
            by_rank.setdefault(rank, []).append(out[position:end])
        for slot, chunks in strange.items():
            instances = by_rank.setdefault(ranks.get(slot, len(ranks)), [])
            for index, segments in chunks:
                instances.insert(min(index, len(instances)), segments)
        out[start:] = head
        for rank in sorted(by_rank):
            for instance in by_rank[rank]:
                out += instance
