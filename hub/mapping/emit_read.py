"""The reader of a plan as Python source, in a fast and a careful variant."""

import re
from typing import Any

from hub.mapping.emit_read_order import has_many, is_many, usual_first
from hub.mapping.emit_read_struct import StructReader, list_name
from hub.mapping.plan import Alternative, Block, Claim, EachLoop, Path, Plan, Rule, Scope, Sub
from hub.mapping.source import (
    ENVELOPE,
    conditions,
    frozen,
    notes,
    read_default,
    single_claim,
    tables,
)
from hub.schema import Slot


def emit_reader(plan: Plan, *, careful: bool) -> str:
    """A module with `read_<scope>` functions; `read_0` reads the message's tree."""
    emitter = _Emitter(plan, careful)
    for scope in plan.scopes:
        emitter.scope(scope)
    head = [*tables(plan, emitter.out), f"MAPPING = {plan.mapping!r}", "E = [''] * 100", "NONE = ['']"]
    if careful:
        head.append(notes(plan, emitter.heads))
    return emitter.out.module(head)


class _Emitter(StructReader):
    def __init__(self, plan: Plan, careful: bool) -> None:
        super().__init__(plan, careful)
        self.heads: dict[int, str] = {}
        self.levels = {scope.id for scope in plan.levels.values()}
        fields = [field for scope in plan.scopes for field in scope.lists.values()]
        self.asked = {path for field in fields for alternative in field.alternatives for path, _ in alternative.when}

    # ---- one scope, one function

    def scope(self, scope: Scope) -> None:
        add = self.out.add
        what = "a" if scope.segment is not None else "n"
        add(0, f"def read_{scope.id}({what}, M, x, p, number):")
        if scope.own_ext:
            add(1, "x = {}", "p = ''")
        begin = len(self.out.lines)
        if self.careful:
            add(1, f"M.forget({tuple(rule.id for rule in scope.rules)!r})")
        empty = []
        for rule in scope.rules:
            if rule.one_way != "write" and not rule.many:
                if (default := read_default(rule)) == "None":
                    empty.append(f"f{rule.id}")
                else:
                    add(1, f"f{rule.id} = {default}")
        if empty:
            add(1, f"{' = '.join(empty)} = None")
        lists = [list_name(path) for path in dict.fromkeys([*(r.path for r in scope.rules if r.many), *scope.lists])]
        later = self._targets(scope, lists)
        if lists:
            add(1, f"{' = '.join(lists)} = ()")
        if scope.segment is not None:
            self._single(scope)
        else:
            self._block(scope.block, "n", 1, scope, root=scope.id == 0)
        for target, bucket in later:
            add(1, f"if {bucket}: {target} = [*{target}, *{bucket}]")
        for field in scope.lists.values():
            for slots in (alternative.slots for alternative in field.alternatives if alternative.slots):
                groups, label = self.groups[id(slots)], f"p + {'=' + self.labels[id(slots)] + '#'!r}"
                where = f"[[*divmod((n - {slots.start}) // {slots.step}, {slots.capacity})] for n in {groups}]"
                moved = f"{groups}[-1] != {slots.start} + {slots.step} * (len({groups}) - 1)"
                if slots.shared:
                    moved = f"{where} != shared_places({groups}_shared, {slots.capacity})"
                add(1, f"if {groups} and {moved}:", f"    x[{label}] = {where}")
        self.construct(scope)
        body = "\n".join(self.out.lines[begin:])
        used = [name for name in ("separator", "plain", "components") if re.search(rf"(?<!\.)\b{name}\b", body)]
        self.out.lines[begin:begin] = [f"    {name} = M.{name}" for name in used]

    def _targets(self, scope: Scope, lists: list[str]) -> list[tuple[str, str]]:
        """Gives each alternative the list its items go to: one per slot, in order of the alternatives. lists: what is
        empty at first.
        """
        later = []
        for field in scope.lists.values():
            names: dict[tuple[int, str], str] = {}
            for alternative in field.alternatives:
                if alternative.group not in names:
                    names[alternative.group] = self.out.fresh("u") if names else list_name(field.path)
                    if len(names) > 1:
                        later.append((list_name(field.path), names[alternative.group]))
                        lists.append(names[alternative.group])
                self.targets[id(alternative.slots or alternative)] = names[alternative.group]
                if alternative.slots is not None:
                    self.groups[id(alternative.slots)] = groups = self.out.fresh("G")
                    lists += [groups, f"{groups}_shared"] if alternative.slots.shared else [groups]
        return later

    def _single(self, scope: Scope) -> None:
        claim = single_claim(scope)
        assert scope.segment is not None  # noqa: S101 - the builder made it so
        if claim is None:
            claim = Claim(
                "one", scope.segment.key, scope.segment.tag, scope.segment.tag, (), None, scope.segment.definition
            )
        self._segment(claim, scope.block.tests, "a", "number", 1, scope, claim.tag, f"p + {claim.tag!r}")

    # ---- blocks

    def _block(self, block: Block, node: str, depth: int, scope: Scope, root: bool = False) -> None:
        add, out = self.out.add, self.out
        segments, seen = out.fresh("S"), out.fresh("q")
        add(depth, f"{segments} = {node}.segments")
        known = set(ENVELOPE) if root else {block.loop.slots[0].key}
        asked = self.asked if root else set()
        inner, trigger = depth, block.loop.slots[0]
        if not root:
            self._claims(block.claims.get(trigger.key, []), block, trigger, node, segments, depth, scope, None)
            add(depth, f"if len({segments}) > 1:", f"    {seen} = 1")
            inner = depth + 1
        slots = [slot for slot in block.loop.slots if block.claims.get(slot.key) and (root or slot is not trigger)]
        slots.sort(key=lambda slot: not self._answers(block, slot, asked))
        usual = 0 if root or self.careful else usual_first(slots, lambda slot: is_many(block.claims[slot.key]))
        for number, slot in enumerate(slots):
            claims = block.claims[slot.key]
            if number == usual > 0:
                add(inner, f"if {seen} != len({segments}):")
                inner += 1
            known.add(slot.key)
            self._claims(claims, block, slot, node, segments, inner, scope, "" if root else seen)
            for rule in (rule for claim in claims for rule in claim.rules if rule.path in asked):
                add(inner, f"M.when[{'.'.join(rule.path)!r}] = f{rule.id}")
        more = f"not {segments}.keys() <= {out.constant(frozen(known))}" if root else f"{seen} != len({segments})"
        add(inner, f"if {more}:")
        add(inner + 1, f"M.strange(x, {self._prefixed(block, '')}, {node}, {out.constant(frozen(known))})")
        self._loops(block, node, depth, scope, root)

    def _answers(self, block: Block, slot: Slot, asked: set[Path]) -> bool:
        """Whether rules of this slot read what some `when` asks for; they come first."""
        return any(rule.path in asked for claim in block.claims.get(slot.key, []) for rule in claim.rules)

    def _prefixed(self, block: Block, key: str) -> str:
        """The source of an ext key."""
        return f"p + {block.prefix + key!r}" if block.prefix + key else "p"

    def _claims(
        self,
        claims: list[Claim],
        block: Block,
        slot: Slot,
        node: str,
        segments: str,
        depth: int,
        scope: Scope,
        seen: str | None,
    ) -> None:
        """seen: the variable that counts the slots there are, "" for none; None: it is the trigger's."""
        add, out = self.out.add, self.out
        trigger = seen is None
        found, key = out.fresh("L"), self._prefixed(block, slot.key)
        number = f"{node}.numbers[{slot.key!r}][i]" if self.careful else "0"
        first = "i = 0; " if self.careful else ""
        if trigger and not (claims and claims[0].kind == "each"):
            claim = (
                claims[0]
                if claims
                else Claim("one", slot.key, slot.tag, slot.tag, (), None, self.plan.definition.segments[slot.tag])
            )
            add(depth, f"{first}a = {segments}[{slot.key!r}][0]")
            masked = block.tests
            self._segment(
                claim, masked, "a", number, depth, scope, block.prefix + claim.name, self._prefixed(block, claim.name)
            )
            return
        add(depth, f"if {slot.key!r} in {segments}:", f"    {found} = {segments}[{slot.key!r}]")
        depth += 1
        if seen:
            add(depth, f"{seen} += 1")
        if len(claims) == 1 and claims[0].kind == "one" and not claims[0].tests and claims[0].number is None:
            add(depth, f"{first}a = {found}[0]")
            name = claims[0].name
            self._segment(claims[0], (), "a", number, depth, scope, block.prefix + name, self._prefixed(block, name))
            add(depth, f"if len({found}) > 1:", f"    M.segments(x, {key}, {found}, 1)")
            return
        flags = {id(claim): out.fresh("d") for claim in claims if claim.kind == "one"}
        counts = {id(claim): out.fresh("c") for claim in claims if claim.kind == "all"}
        if flags:
            add(depth, f"{' = '.join(flags.values())} = False")
        if counts:
            add(depth, f"{' = '.join(counts.values())} = 0")
        indexed = self.careful or any(claim.number is not None or self._is_inner(claim) for claim in claims)
        index = "i" if indexed else f"M.at({found}, a)"
        add(depth, f"for i, a in enumerate({found}):" if indexed else f"for a in {found}:")
        heads: set[int] = set()
        if self.standard == "edifact":
            heads = {test.element for claim in claims for test in claim.tests if test.component == 1}
        for element in sorted(heads):
            add(depth + 1, f"c{element} = {self.parts('a', element)} if len(a) > {element} else NONE")
        word = "if"
        open_ended = False
        for claim in claims:
            condition = self._condition(claim, claims, flags)
            for element in heads:
                condition = condition.replace(
                    f"(a[{element}].partition(separator)[0] if len(a) > {element} else '')", f"c{element}[0]"
                )
            add(depth + 1, f"{word} {condition}:" if condition else ("else:" if word == "elif" else "if True:"))
            open_ended = open_ended or not condition
            self.parted = heads
            self._claimed(claim, block, depth + 2, scope, number, f"M.segment(x, {key}, {index}, a)", flags, counts)
            self.parted = set()
            word = "elif"
            if not condition:
                break
        if not open_ended:
            add(depth + 1, "else:", f"    M.segment(x, {key}, {index}, a)")

    def _condition(self, claim: Claim, claims: list[Claim], flags: dict[int, str]) -> str:
        parts = []
        if claim.kind == "one":
            parts.append(f"not {flags[id(claim)]}")
            if claim.number is not None:
                parts.append(f"i == {int(claim.number) - 1}")
        if claim.tests:
            parts.append(conditions(claim.tests, "a", self.standard))
        if claim.kind == "each" and claim.each is not None:
            parts += self._when(claim.each)
            others = claims[claims.index(claim) + 1 :]
            if any(other.kind == "each" for other in others) and claim.scope is not None:
                parts += self._closed(claim.scope, "a")
        return " and ".join(parts)

    def _when(self, alternative: Alternative) -> list[str]:
        return [f"M.when.get({'.'.join(path)!r}) == {value!r}" for path, value in alternative.when]

    def _closed(self, scope: Scope, segment: str) -> list[str]:
        """An alternative that is not the last takes a segment only if its closed codes know the codes."""
        parts = []
        for rule in scope.rules:
            if rule.codec.table is not None and not rule.codec.open and len(rule.path) == 1 and rule.place is not None:
                element, component = rule.positions[0]
                parts.append(f"M.part({segment}, {element}, {component or 1}) in WORDS[{rule.codec.table.name!r}]")
        return parts

    def _claimed(
        self, claim: Claim, block: Block, depth: int, scope: Scope, number: str, keep: str,
        flags: dict[int, str], counts: dict[int, str],
    ) -> None:  # fmt: skip
        """keep: source of the call that keeps a segment of which no item is made."""
        add = self.out.add
        if claim.kind == "each":
            assert claim.each is not None  # noqa: S101 - the builder made it so
            assert claim.scope is not None  # noqa: S101 - the builder made it so
            self._item(claim.each, claim.scope, "a", depth, number, keep, self._prefixed(block, claim.name))
        elif claim.kind == "one":
            add(depth, f"{flags[id(claim)]} = True")
            head = block.prefix + claim.name
            self._segment(claim, claim.tests, "a", number, depth, scope, head, self._prefixed(block, claim.name))
        else:
            count = counts[id(claim)]
            head = f"{block.prefix}{claim.name}#*"
            source = f"f{'{p}' + block.prefix + claim.name + '#{' + count + ' + 1}'!r}"
            self._segment(claim, claim.tests, "a", number, depth, scope, head, source, count)
            add(depth, f"{count} += 1")

    def _is_inner(self, claim: Claim) -> bool:
        """Whether its items keep what is unread on the struct around them, under their number."""
        return claim.kind == "each" and claim.scope is not None and not claim.scope.own_ext

    def _item(
        self, alternative: Alternative, scope: Scope, variable: str, depth: int, number: str, keep: str, key: str
    ) -> None:
        add = self.out.add
        target = self.targets[id(alternative)]
        if scope.own_ext:
            add(depth, f"o = read_{scope.id}({variable}, M, None, '', {number})")
        else:
            add(depth, f"o = read_{scope.id}({variable}, M, x, {key} + f'#{{i + 1}}/', {number})")
        add(depth, "if o is None:", f"    {keep}", "else:")
        for name, value in alternative.sets:
            add(depth + 1, f"o.{name} = {value!r}")
        add(depth + 1, f"if {target}: {target}.append(o)", f"else: {target} = [o]")

    def _loops(self, block: Block, node: str, depth: int, scope: Scope, root: bool) -> None:
        add, out = self.out.add, self.out
        slots = [slot for slot in block.loop.slots if slot.key in block.subs or slot.key in block.eachs]

        def is_fixed(slot: Slot) -> bool:
            return any(has_many(sub.block) for sub in block.subs.get(slot.key, ()))

        usual = 0 if self.careful else usual_first(slots, is_fixed)
        keys = [slot.key for slot in slots]
        hierarchy = self.plan.hierarchy.get("loop") if root else None
        seen, loops = out.fresh("q"), out.fresh("C")
        add(depth, f"{loops} = {node}.loops", f"if {loops}:", f"    {seen} = 0")
        depth += 1
        for number, key in enumerate(keys):
            if number == usual > 0:
                add(depth, f"if {seen} != len({loops}):")
                depth += 1
            found = out.fresh("C")
            add(depth, f"if {key!r} in {loops}:", f"    {found} = {loops}[{key!r}]", f"    {seen} += 1")
            takers: list[Sub | EachLoop] = [*block.subs.get(key, []), *block.eachs.get(key, [])]
            takers.sort(key=lambda taker: not taker.tests)
            self._instances(takers, key, found, block, depth + 1, scope)
        known = {*keys, *block.passed, *([str(hierarchy)] if hierarchy else [])}
        more = f"not {loops}.keys() <= {out.constant(frozen(known))}" if known - {*keys} else f"{seen} != len({loops})"
        add(depth, f"if {more}:")
        add(depth + 1, f"M.strange_loops(x, {self._prefixed(block, '')}, {node}, {out.constant(frozen(known))})")

    def _instances(
        self, takers: list[Sub | EachLoop], key: str, found: str, block: Block, depth: int, scope: Scope
    ) -> None:
        add, out = self.out.add, self.out
        child, index = out.fresh("n"), out.fresh("i")
        flags = {id(taker): out.fresh("d") for taker in takers if isinstance(taker, Sub)}
        if flags:
            add(depth, f"{' = '.join(flags.values())} = False")
        indexed = any(isinstance(taker, EachLoop) and not taker.scope.own_ext for taker in takers)
        where = index if indexed else f"M.at({found}, {child})"
        keep = f"M.loop(x, {self._prefixed(block, '')} + {'/' + key!r}, {where}, {child})"
        add(depth, f"for {index}, {child} in enumerate({found}):" if indexed else f"for {child} in {found}:")
        depth += 1
        inside = next(slot.loop for slot in block.loop.slots if slot.key == key)
        assert inside is not None  # noqa: S101 - the builder made it so
        trigger = inside.slots[0].key
        if any(taker.tests for taker in takers):
            add(depth, f"t = {child}.segments[{trigger!r}][0]")
        word, open_ended = "if", False
        for taker in takers:
            parts = [f"not {flags[id(taker)]}"] if isinstance(taker, Sub) else self._when(taker.alternative)
            if taker.tests:
                parts.append(conditions(taker.tests, "t", self.standard))
            if isinstance(taker, EachLoop) and any(isinstance(o, EachLoop) for o in takers[takers.index(taker) + 1 :]):
                parts += self._closed_trigger(taker, child, trigger)
                parts += [f"{child}.loops and {taker.inner!r} in {child}.loops"] if taker.outer is not None else []
            condition = " and ".join(parts)
            add(depth, f"{word} {condition}:" if condition else ("else:" if word == "elif" else "if True:"))
            if isinstance(taker, Sub):
                add(depth + 1, f"{flags[id(taker)]} = True")
                self.around |= {id(claim): child for claim in taker.block.claims.get(trigger, [])}
                self._block(taker.block, child, depth + 1, scope)
            elif taker.outer is not None:
                self.nest(taker, child, depth + 1, keep)
            else:
                if not taker.scope.own_ext:
                    add(depth + 1, f"i = {index}")
                self._item(
                    taker.alternative, taker.scope, child, depth + 1, "0", keep, self._prefixed(block, taker.name)
                )
            word = "elif"
            if not condition:
                open_ended = True
                break
        if not open_ended:
            add(depth, "else:", f"    {keep}")

    def _closed_trigger(self, each: EachLoop, child: str, trigger: str) -> list[str]:
        parts = []
        for claim in each.scope.block.claims.get(trigger, []):
            for rule in claim.rules:
                if rule.codec.table is not None and not rule.codec.open and len(rule.path) == 1:
                    element, component = rule.positions[0]
                    parts.append(
                        f"M.part({child}.segments[{trigger!r}][0], {element}, {component or 1}) "
                        f"in WORDS[{rule.codec.table.name!r}]"
                    )
        return parts

    # ---- one segment

    def _segment(
        self, claim: Claim, tests: Any, a: str, number: str, depth: int, scope: Scope, head: str, key: str,
        count: str | None = None,
    ) -> None:  # fmt: skip
        """Emits the rules of one claim on the segment in variable `a`. head: its place; key: source of its ext key."""
        add = self.out.add
        rules = [rule for rule in claim.rules if rule.one_way != "write"]
        mask = self.mask(claim, tests, rules)
        if self.levels and scope.id in self.levels and claim.tag == self.plan.hierarchy.get("loop"):
            mask |= dict.fromkeys(self.plan.hierarchy["owned"])
        need = max(mask, default=0)
        if claim.computed:
            add(depth, f"z = {a}")
        if need:
            add(depth, f"if len({a}) <= {need}:", f"    {a} = {a} + E[len({a}):{need + 1}]")
        for rule in claim.rules:
            if rule.one_way == "write" and rule.constant is not None and rule.positions[0][0] not in mask:
                at = rule.positions[0][0]
                add(depth, f"if len({a}) > {at} and {a}[{at}] == {rule.constant!r}:")
                add(depth + 1, f"{a} = [*{a}[:{at}], '', *{a}[{at + 1}:]]")
        for element, parts in mask.items():
            repeats = (
                bool(claim.definition.elements[element - 1 :][:1]) and claim.definition.elements[element - 1].repeat > 1
            )
            if repeats:
                add(depth, f"if M.repetition and M.repetition in {a}[{element}]:")
                add(depth + 1, f"{a} = M.repeats(x, {key}, {a}, {element})")
            if parts is not None:
                self.split(claim, a, element, max(parts), depth, parted=element in self.parted and not repeats)
        for rule in rules:
            self.heads[rule.id] = head
            self._rule(rule, a, number, depth, key)
        self._unqualified([rule for rule in rules if rule.codec.qualifiers], a, depth, key, self.around.get(id(claim)))
        for entry in claim.computed:
            raw = self.raw(a, *entry.position)
            add(depth, f"if {raw}:", f"    M.checks.append(({entry.id}, {raw}, z))")
        for rule in claim.fixed:
            self.heads[rule.id] = head
            raw = self.raw(a, *rule.positions[0])
            call = f"M.fixed({rule.id}, {raw}, {rule.constant!r}, {number})" if self.careful else "M.stop()"
            add(depth, f"if {raw} != {rule.constant!r}:", f"    {call}")
        for slots in claim.slots:
            self.slots(slots, a, number, depth, head, key, count)
        self._unread(claim, mask, need, a, depth, key)

    def _rule(self, rule: Rule, a: str, number: str, depth: int, key: str) -> None:
        add = self.out.add
        raws = [self.raw(a, *position) for position in rule.positions]
        if rule.many:
            value = rule.codec.read(["v"])
            add(
                depth,
                f"{list_name(rule.path)} = [*{list_name(rule.path)}, *({value} for v in ({', '.join(raws)},) if v)]",
            )
            return
        variable = f"f{rule.id}"
        present = " or ".join(raws) if rule.codec.width > 1 else raws[0]
        source = rule.codec.read(raws)
        raw = f"[{', '.join(raws)}]" if len(raws) > 1 else raws[0]
        if self.careful:
            add(depth, f"v = M.leaf({rule.id}, ({', '.join(raws)},), {number}, lambda: {source})")
            add(depth, "if v is not None:", f"    {variable} = v")
        elif rule.codec.name in ("text", "raw") and not rule.codec.qualifiers:
            add(depth, f"{variable} = {raws[0]} or {read_default(rule)}")
        else:
            add(depth, f"if {present}:")
            depth += 1
            if rule.codec.known is not None:
                add(depth, f"{variable} = {rule.codec.known(raws)}", f"if {variable} is None:")
                depth += 1
            add(depth, f"{variable} = {source}")
        if rule.codec.odd is not None:
            odd = rule.codec.odd(raws, variable)
            spelled = f"p + {'=' + '.'.join(rule.path)!r}"
            test = f"v is not None and ({odd})" if self.careful else odd
            add(depth, f"if {test}:", f"    x[{spelled}] = {raw}")

    def _unqualified(self, rules: list[Rule], a: str, depth: int, key: str, node: str | None) -> None:
        """Emits what keeps the values whose qualifier is another one, and the qualifier that qualifies nothing here.
        node: the loop the segment opens; where it holds more, a writer puts that qualifier there by itself."""
        add = self.out.add
        groups: dict[tuple[tuple[int, int | None], ...], list[Rule]] = {}
        for rule in rules:
            groups.setdefault(tuple(rule.positions[: rule.codec.before]), []).append(rule)
        for before, sharing in groups.items():
            kept = [(" and ".join(f"f{rule.id} is None" for rule in sharing), before)]
            if node and len(before) == 1:
                opener = f"{self.raw(a, *before[0])} == {sharing[0].codec.qualifiers[0]!r}"
                kept[0] = (f"{kept[0][0]} and not ({opener} and (len({node}.segments) > 1 or {node}.loops))", before)
            kept += [(f"f{rule.id} is None", tuple(rule.positions[len(before) :])) for rule in sharing]
            for absent, positions in kept:
                raws = [self.raw(a, *position) for position in positions]
                add(depth, f"if {absent} and ({' or '.join(raws)}):")
                for (element, component), text in zip(positions, raws, strict=True):
                    place = f".{element:02}" + (f"-{component}" if component else "")
                    add(depth + 1, f"if {text}: x[{key} + {place!r}] = {text}")

    def _unread(self, claim: Claim, mask: dict[int, Any], need: int, a: str, depth: int, key: str) -> None:
        regions = tuple(sorted((slots.start, slots.last) for slots in claim.slots))
        inside = {element for start, last in regions for element in range(start, last + 1)}
        conditions = []
        covered = max(inside | {need})
        for element in range(1, covered + 1):
            if element in inside:
                continue
            if element not in mask:
                there = "" if element <= need else f"len({a}) > {element} and "
                conditions.append(f"{there}{a}[{element}]")
            elif (read := mask[element]) is not None:
                most = max(read)
                conditions += [f"c{element}[{at - 1}]" for at in range(1, most) if at not in read]
                conditions.append(f"len(c{element}) > {most}")
        conditions.append(f"len({a}) > {covered + 1}")
        literal = (
            "{" + ", ".join(f"{e}: {None if r is None else f'frozenset({sorted(r)})'}" for e, r in mask.items()) + "}"
        )
        arguments = f"x, {key}, {a}, {self.out.constant(literal)}" + (f", {regions!r}" if regions else "")
        self.out.add(depth, f"if {' or '.join(conditions)}:", f"    M.elements({arguments})")
