"""The reader's slots: groups of elements in one segment, each of which makes an item of a list."""

from typing import Any

from hub.mapping.fields import required
from hub.mapping.plan import Claim, EachLoop, Path, Plan, Rule, Slots
from hub.mapping.source import COUNTED, Lines, nested_class, read_default


class SlotReader:
    """Emits the reading of slots; the base of the reader's emitter."""

    def __init__(self, plan: Plan, careful: bool) -> None:
        self.plan = plan
        self.standard = plan.definition.standard
        self.careful = careful
        self.out = Lines()
        self.groups: dict[int, str] = {}
        self.targets: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.parted: set[int] = set()
        self.around: dict[int, str] = {}

    def nest(self, each: EachLoop, child: str, depth: int, keep: str) -> None:
        """Emits the reading of the items of one outer loop (hub.mapping.nests)."""
        assert each.outer is not None  # noqa: S101 - the caller saw it
        target = self.targets[id(each.alternative)]
        readers = f"read_{each.outer.id}, read_{each.scope.id}"
        rest = f"{each.shared!r}, {each.alternative.sets!r}, {target}, MAPPING"
        self.out.add(depth, f"o = read_nest(M, {child}, {each.inner!r}, {readers}, {rest})")
        self.out.add(depth, "if o:", f"    {target} = [*{target}, *o]", "else:", f"    {keep}")

    def mask(self, claim: Claim, tests: Any, rules: list[Rule]) -> dict[int, frozenset[int] | None]:
        positions: list[tuple[int, int | None]] = [position for rule in rules for position in rule.positions]
        positions += [entry.position for entry in claim.computed]
        positions += [rule.positions[0] for rule in claim.fixed]
        positions += [(1, None)] if claim.tag in COUNTED else []
        positions += [(-offset, None) for slots in claim.slots for _, offset, _ in slots.parts if offset < 0]
        composite = self.standard == "edifact"
        for test in tests:
            parts = claim.definition.elements[test.element - 1].components
            positions.append((test.element, test.component if composite or parts else None))
        mask: dict[int, frozenset[int] | None] = {}
        for element, component in positions:
            if component is None:
                mask[element] = None
            elif (before := mask.get(element, frozenset())) is not None:
                mask[element] = before | {component}
        return dict(sorted(mask.items()))

    def parts(self, a: str, element: int) -> str:
        """Source of an element's components."""
        return f"({a}[{element}].split(separator) if plain else components({a}[{element}]))"

    def split(self, claim: Claim, a: str, element: int, most: int, depth: int, *, parted: bool) -> None:
        """parted: its components are there already, perhaps too few."""
        parts, add = f"c{element}", self.out.add
        maybe = not parted and not claim.definition.elements[element - 1].mandatory
        if maybe:
            empty = "NONE" if most == 1 else self.out.constant(repr([""] * most))
            add(depth, f"{parts} = {empty}", f"if {a}[{element}]:")
            depth += 1
        if not parted:
            add(depth, f"{parts} = {self.parts(a, element)}")
        if most > 1:
            add(depth, f"if len({parts}) < {most}:", f"    {parts} = {parts} + E[len({parts}):{most}]")

    def raw(self, a: str, element: int, component: int | None) -> str:
        return f"{a}[{element}]" if component is None else f"c{element}[{component - 1}]"

    def slots(
        self, slots: Slots, a: str, number: str, depth: int, head: str, key: str, count: str | None
    ) -> None:  # fmt: skip
        """Emits the loop over the groups of one segment; each group with its main parts becomes an item."""
        add = self.out.add
        groups = self.groups[id(slots)]
        label = f"{head.removesuffix('#*')}.{slots.start:02}"
        self.labels[id(slots)] = label
        add(depth, f"if len({a}) > {slots.start}:")
        depth += 1
        if self.standard == "x12":
            add(depth, f"m = min(len({a}), {slots.last + 1})")
            over = f"(len({a}) - {slots.start}) % {slots.step}"
            add(depth, f"b = {a} + E[:{slots.step}] if {over} else {a}" if slots.step > 1 else f"b = {a}")
            add(depth, f"for j in range({slots.start}, m, {slots.step}):")
            inside = sorted({offset for _, offset, _ in slots.parts if offset >= 0})
            add(depth + 1, "; ".join(f"g{offset} = b[j + {offset}]" if offset else "g0 = b[j]" for offset in inside))
            raws = {path: f"b[{-offset}]" if offset < 0 else f"g{offset}" for path, offset, _ in slots.parts}
            keep = f"M.group(x, {key}, {a}, j, {slots.step})"
        else:
            several = f"range({slots.start}, min(len({a}), {slots.last + 1}))"
            add(depth, "if M.repetition:", f"    for j in {several}:", f"        if M.repetition in {a}[j]:")
            add(depth + 3, f"{a} = M.repeats(x, {key}, {a}, j)")
            add(depth, f"for j in {several if slots.last > slots.start else f'({slots.start},)'}:")
            most = max(offset for _, offset, _ in slots.parts)
            add(depth + 1, f"k = {a}[j].split(separator) if plain else components({a}[j])")
            if most > 1:
                add(depth + 1, f"if len(k) < {most}:", f"    k = k + E[len(k):{most}]")
            raws = {path: f"k[{offset - 1}]" for path, offset, _ in slots.parts}
            keep = f"M.group(x, {key}, {a}, j, 1)"
        spot = f"j + {slots.step * slots.capacity} * {count}" if count else "j"
        self._group(slots, raws, spot, groups, label, depth + 1, number, keep)
        if self.standard != "x12":
            used = sorted({offset for _, offset, _ in slots.parts})
            rest = [f"k[{at - 1}]" for at in range(1, used[-1]) if at not in used] + [f"len(k) > {used[-1]}"]
            add(depth + 1, f"if {' or '.join(rest)}:", f"    M.rest(x, {key}, j, k, {frozenset(used)!r})")

    def _group(
        self, slots: Slots, raws: dict[Path, str], spot: str, groups: str, label: str, depth: int, number: str,
        keep: str,
    ) -> None:  # fmt: skip
        add = self.out.add
        item = slots.field.item
        inside = [raws[path] for path, offset, _ in slots.parts if offset >= 0]
        main = [raws[path] for path, _, rule in slots.parts if _is_main(item, path) and rule.default is None]
        whole = list(main) or [f"({' or '.join(inside)})"]
        for path, _, rule in slots.parts:
            table = rule.codec.table
            if table is not None and not rule.codec.open and _is_main(item, path):
                whole.append(f"{raws[path]} in WORDS[{table.name!r}]")
        add(depth, f"if {' and '.join(whole)}:")
        values: dict[str, Any] = {}
        odds = []
        for path, _, rule in slots.parts:
            raw, source = raws[path], rule.codec.read([raws[path]])
            variable = f"f{rule.id}"
            sure = raw in main
            if self.careful:
                add(depth + 1, f"{variable} = M.leaf({rule.id}, ({raw},), {number}, lambda: {source}, j)")
                if rule.default is not None:
                    add(depth + 1, f"if not {raw}:", f"    {variable} = {read_default(rule)}")
            elif sure:
                add(depth + 1, f"{variable} = {source}")
            else:
                add(depth + 1, f"{variable} = {source} if {raw} else {read_default(rule)}")
            spot_in = values
            for name in path[:-1]:
                spot_in = spot_in.setdefault(name, {})
            spot_in[path[-1]] = variable
            if rule.codec.odd is not None:
                odds.append((rule, raw, variable, path))
        values |= {name: repr(value) for name, value in slots.constants}
        depth += 1
        if self.careful:
            needed = [f"f{rule.id} is not None" for path, _, rule in slots.parts if _is_main(item, path)]
            if needed:
                add(depth, f"if {' and '.join(needed)}:")
                depth += 1
        for rule, raw, variable, path in odds:
            assert rule.codec.odd is not None  # noqa: S101 - the builder made it so
            key = f"p + f{'=' + label + '#{len(' + groups + ')}.' + '.'.join(path)!r}"
            add(depth, f"if {raw} and ({rule.codec.odd([raw], variable)}):", f"    x[{key}] = {raw}")
        target = self.targets[id(slots)]
        add(depth, f"o = {_making(item, values)}", f"if {target}: {target}.append(o)", f"else: {target} = [o]")
        add(depth, f"if {groups}: {groups}.append({spot})", f"else: {groups} = [{spot}]")
        if slots.shared:
            shared = f"((), ({', '.join(raws[path] for path, offset, _ in slots.parts if offset < 0)},))"
            add(depth, f"{groups}_shared = [*{groups}_shared, {shared}]")
        if self.careful and needed:
            depth -= 1
        add(depth - 1, f"elif {' or '.join(inside)}:", f"    {keep}", "    continue", "else:", "    continue")


def _making(cls: type, values: dict[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        source = value
        if isinstance(value, dict):
            inside = nested_class(cls, (name,))
            source = _making(inside, value)
            needed = [value[part] for part in required(inside) if part in value]
            if name not in required(cls) and needed:
                source = f"({source} if {' and '.join(f'{part} is not None' for part in needed)} else None)"
        parts.append(f"{name}={source}")
    return f"{cls.__name__}({', '.join(parts)})"


def _is_main(item: type, path: Path) -> bool:
    """Whether an item cannot be without the part: it is required, as are the structs around it."""
    cls = item
    for name in path:
        if name not in required(cls):
            return False
        cls = nested_class(cls, (name,)) if name != path[-1] else cls
    return True
