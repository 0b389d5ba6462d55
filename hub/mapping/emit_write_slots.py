"""The writer's slots: items of a list as groups of elements in one segment or several."""

from collections.abc import Sequence

from hub.mapping.fields import hints, inner, required
from hub.mapping.plan import Path, Plan, Rule, Slots
from hub.mapping.source import Lines, default_source

NUMBERED = ("LIN", "PO1", "IT1")
"""Segments that open a line and may not be empty: one that nothing fills says its own number."""


class SlotWriter:
    """Emits the writing of slots; the base of the writer's emitter."""

    def __init__(self, plan: Plan, careful: bool) -> None:
        self.plan = plan
        self.standard = plan.definition.standard
        self.careful = careful
        self.out = Lines()
        self.readers: list[str] = []
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

    def grouped(self, slots: Slots, depth: int, head: str) -> str:
        """Emits the groups of a slots' items, each a tuple of elements."""
        add = self.out.add
        alternative = next(entry for entry in slots.field.alternatives if entry.slots is slots)
        bucket, groups = self.buckets[id(alternative)], self.out.fresh("g")
        label = "=" + head + f".{slots.start:02}#"
        together = [one for one in slots.field.alternatives if one.group == alternative.group]
        each_of = "it" if len(together) == 1 else "(it, _)"
        add(depth, f"{groups} = []", f"for k, {each_of} in enumerate({bucket}):")
        depth += 1
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
            if rule.codec.odd is not None:
                key = f"p + f{label + '{k}.' + '.'.join(path)!r}"
                add(depth, f"if x is not None: {text} = x.spelled({key}, {value}, {text}, {self.reader(rule)})")
            if rule.max is not None:
                add(depth, f"if len({text}) > {rule.max}: {text} = M.long({rule.id}, {text})")
            parts[offset] = text
        if self.standard == "x12":
            row = ", ".join(parts.get(offset, "''") for offset in range(slots.step))
            shared = ", ".join(parts[offset] for offset in sorted(parts) if offset < 0)
            add(depth, f"{groups}.append((({row},), ({shared},)))" if shared else f"{groups}.append(({row},))")
        else:
            row = composed([parts.get(offset, "''") for offset in range(1, max(parts) + 1)])
            add(depth, f"{groups}.append(({row},))")
        return groups

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
        add(depth, f"if x is not None: x.overlay({key}, s)", "while not s[-1]: s.pop()")
        if tag in NUMBERED:
            add(depth, f"if len(s) == 1: s.append(ordinal({out}, {tag!r}))")
        add(depth, f"if len(s) > 1: {out}.append(s)" if never_empty else f"{out}.append(s)")

    def remembered(self, slots: Slots, conditions: list[str], bucket: str) -> list[str]:
        """The conditions, or that the message had the item here with a code that is only read."""
        for path, _, rule in slots.parts:
            table = rule.codec.table
            if len(path) == 1 and table is not None and table.only_read:
                key = f"p + {f'={slots.label}#'!r} + f'{{len({bucket})}}.{path[0]}'"
                had = f"WORDS[{table.name!r}].get(x.spelled_as.get({key})) == it.{path[0]}"
                return [f"({' and '.join(conditions)} or x is not None and {had})"]
        return conditions

    def segments(self, slots: Slots, depth: int, head: str, mark: str, literal: str) -> None:
        """Emits the groups into as many segments (s) as they need, up to the filling of one; depth + 1 ends it."""
        add = self.out.add
        groups = self.grouped(slots, depth, head)
        label = f"p + {'=' + head + f'.{slots.start:02}' + '#'!r}"
        pieces, most = self.out.fresh("a"), slots.capacity
        shared = slots.shared
        if shared:
            arranged = f"None if x is None else x.arrange({label}, {groups}, {most})"
            add(depth, f"{pieces} = shared_runs({groups}, {most}, {arranged})")
        else:
            packed = f"[list(enumerate({groups}[n:n + {most}])) for n in range(0, len({groups}), {most})]"
            add(depth, f"{pieces} = {packed} if x is None else x.arrange({label}, {groups}, {most})")
        add(depth, f"for k, piece in enumerate({pieces}):", f"    {mark}", f"    s = {literal}")
        for index, offset in enumerate(shared):
            add(depth + 1, f"s[{-offset}] = piece[0][1][1][{index}]")
        add(depth + 1, f"for g, {'(group, _)' if shared else 'group'} in piece:")
        add(depth + 2, f"at = {slots.start} + g * {slots.step}", "while len(s) < at: s.append('')", "s += group")

    def place(self, slots: Slots, groups: str, head: str, depth: int) -> None:
        """Emits the groups into segment s: packed, or where they stood."""
        add = self.out.add
        label = f"p + {'=' + head + f'.{slots.start:02}' + '#'!r}"
        add(depth, f"if x is None and len(s) == {slots.start}:", f"    for group in {groups}: s += group", "else:")
        arranged = f"x.arrange({label}, {groups}, {slots.capacity})"
        add(depth + 1, f"pieces = {arranged} if x is not None else [list(enumerate({groups}))]")
        add(depth + 1, "for g, group in (pieces[0] if pieces else ()):")
        add(depth + 2, f"at = {slots.start} + g * {slots.step}")
        add(depth + 2, f"while len(s) < at + {slots.step}: s.append('')", f"s[at:at + {slots.step}] = group")


def composed(parts: Sequence[str]) -> str:
    """Source of an element of these components, without trailing empty ones; text where only the first is left."""
    whole = ""
    for count in range(len(parts), 1, -1):
        if parts[count - 1] != "''":
            whole += f"({', '.join(parts[:count])}) if {parts[count - 1]} else "
    return f"({whole}{parts[0]})" if whole else parts[0]


def _sure(item: type, path: Path) -> bool:
    cls = item
    for name in path:
        if name not in required(cls):
            return False
        cls = inner(hints(cls)[name])
    return True
