"""The writer's slots: items of a list as groups of elements in one segment or several."""

import re
from ast import literal_eval
from collections.abc import Sequence

from hub.mapping.fields import hints, inner, required
from hub.mapping.plan import Path, Plan, Rule, Slots
from hub.mapping.source import Lines, default_source
from hub.syntax.model import JOINT, SEAM

_SIMPLE = re.compile(r"[a-z]\w*(?:\[\d+\])?")

NUMBERED = ("LIN", "PO1", "IT1")
"""Segments that open a line and may not be empty: one that nothing fills says its own number."""


class SlotWriter:
    """Emits the writing of slots; the base of the writer's emitter."""

    def __init__(self, plan: Plan, careful: bool, quick: bool) -> None:
        self.plan = plan
        self.standard = plan.definition.standard
        self.careful = careful
        self.quick = quick
        self.joined = quick and not plan.hierarchy
        """Whether segments are made as one text each; levels are put in order while they are lists still."""
        self.out = Lines()
        self.readers: list[str] = []
        self.sure: set[str] = set()
        """Sources of elements that are never empty."""
        self.ways: dict[str, list[tuple[str, str]]] = {}
        """Sources of elements -> the texts they may be, as the inside of an f-string, each with its test; the last has
        none."""
        self.buckets: dict[int, str] = {}

    def reader(self, rule: Rule) -> str:
        """A module-level function that reads the rule's text again (to see whether a remembered spelling still
        holds).
        """
        name = f"read_again_{rule.id}"
        count = len(rule.positions)
        raws = [f"r{index}" for index in range(count)]
        line = f"def {name}({', '.join(raws)}): return {rule.codec.read(raws)}"
        if line not in self.readers:
            self.readers.append(line)
        return name

    def or_kept(self, given: Sequence[str]) -> str:
        """Source that is true if one of those is, or anything was kept of the message."""
        return " or ".join(given if self.quick else ["x is not None", *given])

    def fits(self, rule: Rule, text: str, otherwise: str, depth: int) -> None:
        """Emits the look at a written text's length, and at what could be taken for a seam or joint."""
        tests = [] if rule.max is None else [f"len({text}) > {rule.max}"]
        tests += [f"SEAM in {text} or JOINT in {text}"] if self.quick and _is_free(rule) else []
        if tests:
            self.out.add(depth, f"if {' or '.join(tests)}: {otherwise if rule.max is not None else 'M.stop()'}")

    def vouch(self, rule: Rule, text: str, depth: int) -> None:
        """Emits the look at what could be taken for a seam or joint alone."""
        if self.quick and _is_free(rule):
            self.out.add(depth, f"v = {text}", "if SEAM in v or JOINT in v: M.stop()")

    def composed(self, parts: Sequence[str]) -> str:
        """Source of an element of these components, without trailing empty ones; text where only the first is left."""
        whole, ways = "", list[tuple[str, str]]()
        for count in range(len(parts), 1, -1):
            last = parts[count - 1]
            if last != "''":
                made = _text_of(parts[:count], JOINT) if self.quick else f"({', '.join(parts[:count])})"
                is_last = _is_constant(last) or last in self.sure
                ways.append(("" if is_last else last, _inside(parts[:count], JOINT)))
                if is_last:
                    return self._never_empty(self._known(f"({whole}{made})", ways))
                whole += f"{made} if {last} else "
        made = self._known(f"({whole}{parts[0]})", [*ways, ("", _inside(parts[:1], ""))]) if whole else parts[0]
        return self._never_empty(made) if _is_constant(parts[0]) or parts[0] in self.sure else made

    def _known(self, source: str, ways: list[tuple[str, str]]) -> str:
        """The source of a composed element, its ways remembered where all it is made of has a name."""
        if self.quick and all(text for _, text in ways):
            self.ways[source] = ways
        return source

    def _never_empty(self, source: str) -> str:
        self.sure.add(source)
        return source

    def grouped(self, slots: Slots, depth: int, head: str) -> str:
        """Emits the groups of a slots' items, each a tuple of elements."""
        add = self.out.add
        bucket, each_of = self._items(slots)
        groups = self.out.fresh("g")
        add(depth, f"{groups} = []", f"for k, {each_of} in enumerate({bucket}):")
        parts = self._group(slots, depth + 1, "=" + head + f".{slots.start:02}#")
        shared = ", ".join(parts[offset] for offset in sorted(parts) if offset < 0)
        row = self.tupled(self._row(slots, parts))
        add(depth + 1, f"{groups}.append(({row}, ({shared},)))" if shared else f"{groups}.append({row})")
        return groups

    def single(self, slots: Slots, depth: int) -> list[str]:
        """Emits the only group of a slots' items; the variables of its elements, empty where there is none."""
        bucket, each_of = self._items(slots)
        names = [self.out.fresh("w") for _ in range(slots.step)]
        self.out.add(depth, f"{' = '.join(names)} = ''", f"for {each_of} in {bucket}:")
        for name, source in zip(names, self._row(slots, self._group(slots, depth + 1, "")), strict=True):
            self.out.add(depth + 1, f"{name} = {source}")
        return names

    def appended(self, slots: Slots, parts: Sequence[str], depth: int, items: str = "") -> None:
        """Emits segment s: these elements (sources, tag first) and the groups (of those items, or all) behind them."""
        add = self.out.add
        bucket, each_of = self._items(slots)
        add(depth, f"s = {self._whole(parts, depth) if self.joined else self.listed(parts)}")
        add(depth, f"for {each_of} in {items or bucket}:")
        row = self._row(slots, self._group(slots, depth + 1, ""))
        add(depth + 1, f"s += {self._whole([repr(''), *row], depth + 1) if self.joined else self.tupled(row)}")

    def listed(self, parts: Sequence[str]) -> str:
        """Source of a segment as a list."""
        return f"[{', '.join(parts)}]"

    def tupled(self, parts: Sequence[str]) -> str:
        return f"({', '.join(parts)},)"

    def _whole(self, parts: Sequence[str], depth: int) -> str:
        """Source of these elements as one text; what is not to be had by name is given one before."""
        ways = self.ways.get(parts[-1], [])
        *front, last = parts
        inside = [self._element(part, depth) for part in front]
        if len(ways) < 2:
            inside.append(self._element(last, depth))
            return f"f{SEAM.join(inside)!r}"
        texts = [(test, f"f{SEAM.join([*inside, text])!r}") for test, text in ways]
        return " else ".join(f"{text} if {test}" if test else text for test, text in texts)

    def _element(self, part: str, depth: int) -> str:
        """An element as the inside of an f-string."""
        ways = self.ways.get(part, [])
        if len(ways) == 1:
            return ways[0][1]
        if not (_is_simple(part) or _is_constant(part) or part == "''"):
            self.out.add(depth, f"{(name := self.out.fresh('e'))} = {part}")
            part = name
        return _inside([part], "")

    def _items(self, slots: Slots) -> tuple[str, str]:
        """The bucket of a slots' items, and what stands for one in a loop over it."""
        alternative = next(entry for entry in slots.field.alternatives if entry.slots is slots)
        together = [one for one in slots.field.alternatives if one.group == alternative.group]
        return self.buckets[id(alternative)], "it" if len(together) == 1 else "(it, _)"

    def _row(self, slots: Slots, parts: dict[int, str]) -> list[str]:
        """Sources of the elements of a group, by the texts at its offsets."""
        if self.standard == "x12":
            return [parts.get(offset, repr("")) for offset in range(slots.step)]
        return [self.composed([parts.get(offset, repr("")) for offset in range(1, max(parts) + 1)])]

    def _group(self, slots: Slots, depth: int, label: str) -> dict[int, str]:
        """Emits the texts of one item (it): offset -> the variable of its text."""
        add = self.out.add
        parts: dict[int, str] = {}
        for path, offset, rule in slots.parts:
            value, text = self.out.fresh("v"), self.out.fresh("w")
            access, cls, guards = "it", slots.field.item, []
            for name in path[:-1]:
                access = f"{access}.{name}"
                if name not in required(cls):
                    guards.append(f"{access} is None")
                cls = inner(hints(cls)[name])
            guard = f"None if {' or '.join(guards)} else " if guards else ""
            add(depth, f"{value} = {guard}{access}.{path[-1]}")
            source = rule.codec.write(value)
            if self.careful:
                source = f"M.leaf({rule.id}, {value}, '', lambda: {source})"
            absent = f"{value} is None" + (f" or {value} == {default_source(rule)}" if rule.omit else "")
            sure = _sure(slots.field.item, path) and not rule.omit
            add(depth, f"{text} = {source}" if sure else f"{text} = '' if {absent} else {source}")
            if rule.codec.odd is not None and not self.quick:
                key = f"p + f{label + '{k}.' + '.'.join(path)!r}"
                add(depth, f"if x is not None: {text} = x.spelled({key}, {value}, {text}, {self.reader(rule)})")
            self.fits(rule, text, f"{text} = M.long({rule.id}, {text})", depth)
            self.sure |= {text} if self.quick and sure and says(rule) else set()
            parts[offset] = text
        return parts

    def mandatory(self, rule: Rule) -> bool:
        """Whether a segment cannot be without the rule's element."""
        number, component = rule.positions[0]
        element = self.plan.definition.segments[rule.place.tag].elements[number - 1] if rule.place else None
        parts = element.components if element is not None else None
        return element is not None and element.mandatory and (not parts or parts[(component or 1) - 1].mandatory)

    def finish(self, key: str, depth: int, out: str, tag: str, *, never_empty: bool = False) -> None:
        """Emits the end of segment s: what is kept of it, and its way into the message (never_empty: if it says
        anything).
        """
        add = self.out.add
        if not self.quick:
            add(depth, f"if x is not None: x.overlay({key}, s)")
        add(depth, "while not s[-1]: s.pop()")
        if tag in NUMBERED:
            add(depth, f"if len(s) == 1: s.append({self.ordinal(out, tag)})")
        text = "SEAM.join(s)" if self.joined else "s"
        add(depth, f"if len(s) > 1: {out}.append({text})" if never_empty else f"{out}.append({text})")

    def finish_joined(self, parts: Sequence[str], depth: int, out: str, tag: str, *, never_empty: bool) -> None:
        """Emits a segment of these elements (sources, tag first) as one text. never_empty: if it says anything."""
        text = self._whole(parts, depth)
        if _is_constant(parts[-1]) or parts[-1] in self.sure:
            self.out.add(depth, f"{out}.append({text})")
            return
        self.out.add(depth, f"s = {text}")
        self.finish_text(depth, out, tag, never_empty=never_empty)

    def finish_text(self, depth: int, out: str, tag: str, *, never_empty: bool) -> None:
        """Emits the end of segment s where it is one text."""
        add = self.out.add
        add(depth, "if s[-1] == SEAM: s = s.rstrip(SEAM)")
        if tag in NUMBERED:
            add(depth, f"if s == {tag!r}: s = {tag + SEAM!r} + {self.ordinal(out, tag)}")
        add(depth, f"if s != {tag!r}: {out}.append(s)" if never_empty else f"{out}.append(s)")

    def ordinal(self, out: str, tag: str) -> str:
        """Source of the number of a counting segment about to be written."""
        return f"ordinal{'_joined' if self.joined else ''}(M.counts, {out}, {tag!r})"

    def remembered(self, slots: Slots, conditions: list[str], bucket: str) -> list[str]:
        """The conditions, or that the message had the item here with a code that is only read."""
        for path, _, rule in slots.parts:
            table = rule.codec.table
            if len(path) == 1 and table is not None and table.only_read:
                key = f"p + {f'={slots.label}#'!r} + f'{{len({bucket})}}.{path[0]}'"
                had = f"WORDS[{table.name!r}].get(x.spelled_as.get({key})) == it.{path[0]}"
                return [f"({' and '.join(conditions)} or x is not None and {had})"]
        return conditions

    def segments(
        self, slots: Slots, depth: int, head: str, mark: str, parts: Sequence[str], tag: str, out: str
    ) -> bool:
        """Emits the groups into as many segments (s) as they need, up to the filling of one. False: depth + 1 is to
        end it."""
        add = self.out.add
        if self.quick and not slots.shared:
            bucket, most = self._items(slots)[0], slots.capacity
            several = f"[{bucket}[n:n + {most}] for n in range(0, len({bucket}), {most})]"
            add(depth, f"for its in ({bucket},) if len({bucket}) <= {most} else {several}:")
            self.appended(slots, parts, depth + 1, "its")
            if self.joined:
                self.finish_text(depth + 1, out, tag, never_empty=False)
            return self.joined
        groups = self.grouped(slots, depth, head)
        label = f"p + {'=' + head + f'.{slots.start:02}' + '#'!r}"
        pieces, most = self.out.fresh("a"), slots.capacity
        shared = slots.shared
        if shared:
            arranged = "None" if self.quick else f"None if x is None else x.arrange({label}, {groups}, {most})"
            add(depth, f"{pieces} = shared_runs({groups}, {most}, {arranged})")
        else:
            packed = f"[list(enumerate({groups}[n:n + {most}])) for n in range(0, len({groups}), {most})]"
            kept = "" if self.quick else f" if x is None else x.arrange({label}, {groups}, {most})"
            add(depth, f"{pieces} = {packed}{kept}")
        add(depth, f"for k, piece in enumerate({pieces}):", f"    {mark}", f"    s = {self.listed(parts)}")
        for index, offset in enumerate(shared):
            add(depth + 1, f"s[{-offset}] = piece[0][1][1][{index}]")
        add(depth + 1, f"for g, {'(group, _)' if shared else 'group'} in piece:")
        add(depth + 2, f"at = {slots.start} + g * {slots.step}", "while len(s) < at: s.append('')", "s += group")
        return False

    def place(self, slots: Slots, groups: str, head: str, depth: int) -> None:
        """Emits the groups into segment s: packed, or where they stood."""
        add = self.out.add
        label = f"p + {'=' + head + f'.{slots.start:02}' + '#'!r}"
        plain = f"len(s) == {slots.start}" if self.quick else f"x is None and len(s) == {slots.start}"
        add(depth, f"if {plain}:", f"    for group in {groups}: s += group", "else:")
        arranged = "" if self.quick else f"x.arrange({label}, {groups}, {slots.capacity}) if x is not None else "
        add(depth + 1, f"pieces = {arranged}[list(enumerate({groups}))]")
        add(depth + 1, "for g, group in (pieces[0] if pieces else ()):")
        add(depth + 2, f"at = {slots.start} + g * {slots.step}")
        add(depth + 2, f"while len(s) < at + {slots.step}: s.append('')", f"s[at:at + {slots.step}] = group")


_CHECKED = frozenset(["decimal", "int", "date", "time", "moment", "dtm", "zone", "code", "unit", "iso"])
"""Codecs whose written text cannot hold just anything."""

_SAYING = frozenset(["decimal", "int", "date", "time", "dtm", "zone", "code", "unit", "iso"])
"""Codecs of whose written texts none is empty."""


def _is_free(rule: Rule) -> bool:
    """Whether a rule may write any text."""
    return rule.codec.name.partition(" ")[0] not in _CHECKED


def says(rule: Rule) -> bool:
    """Whether no value of a rule is written as an empty text."""
    table = rule.codec.table
    if table is not None and (table.only_read or not all(table.back.values())):
        return False
    return rule.codec.name.partition(" ")[0] in _SAYING and not rule.codec.qualifiers


def _is_constant(source: str) -> bool:
    """Whether it is the source of a text that is not empty."""
    try:
        return bool(literal_eval(source))
    except (ValueError, SyntaxError):
        return False


def _is_simple(source: str) -> bool:
    """Whether it is a name or a part of one."""
    return _SIMPLE.fullmatch(source) is not None


def _inside(parts: Sequence[str], between: str) -> str:
    """Sources of texts with a mark between them, as the inside of an f-string; "" where one is more than a name."""
    texts = []
    for part in parts:
        if _is_constant(part):
            texts.append(literal_eval(part).replace("{", "{{").replace("}", "}}"))
        elif part == "''" or _is_simple(part):
            texts.append("" if part == "''" else f"{{{part}}}")
        else:
            return ""
    return between.join(texts)


def _text_of(parts: Sequence[str], between: str) -> str:
    """Source of texts with a mark between them."""
    if inside := _inside(parts, between):
        return f"f{inside!r}"
    pieces: list[str] = []
    text = ""
    for number, part in enumerate(parts):
        text += between if number else ""
        if _is_constant(part):
            text += literal_eval(part)
        elif part != "''":
            pieces += [repr(text), part] if text else [part]
            text = ""
    return " + ".join([*pieces, repr(text)] if text else pieces)


def _sure(item: type, path: Path) -> bool:
    cls = item
    for name in path:
        if name not in required(cls):
            return False
        cls = inner(hints(cls)[name])
    return True
