"""The writer of a plan as Python source: careful, with what was kept of the message, or (quick) for documents of which
nothing was kept, its segments joined."""

from collections.abc import Iterator, Sequence
from typing import Any

from hub.mapping.emit_write_deal import DealWriter, local_name
from hub.mapping.emit_write_slots import NUMBERED, says
from hub.mapping.fields import NEVER_TOLD, hints
from hub.mapping.nests import OUTSIDE
from hub.mapping.place import Test
from hub.mapping.plan import ALWAYS, Alternative, Block, Claim, EachLoop, Path, Plan, Rule, Scope, Sub
from hub.mapping.source import (
    COUNTED,
    ENVELOPE,
    default_source,
    field_tree,
    nested_class,
    notes,
    scopes_of,
    single_claim,
    tables,
)
from hub.schema.model import UNLIMITED
from hub.syntax.model import SEAM
from hub.syntax.pen import BINARY_TAGS

Tests = Sequence[Test]
_NOT_JOINED = ["def write_0(o, out, M, x, p):", "    M.stop()"]


def emit_writer(plan: Plan, *, careful: bool, quick: bool) -> str:
    """A module with `write_<scope>` functions; `write_0` appends the message's segments to a list."""
    emitter = _Emitter(plan, careful, quick)
    for scope in plan.scopes:
        emitter.scope(scope)
    emitter.out.lines = [*emitter.readers, *emitter.out.lines] if not emitter.is_binary else _NOT_JOINED
    head = tables(plan, emitter.out)
    if careful:
        head.append(notes(plan, {}))
    return emitter.out.module(head)


class _Emitter(DealWriter):
    def __init__(self, plan: Plan, careful: bool, quick: bool) -> None:
        super().__init__(plan, careful, quick)
        self.levels = {scope.id for scope in plan.levels.values()}
        self.lists = {scope.id: path for scope, path in scopes_of(plan)}
        self.is_binary = False
        """Whether it is quick and there are segments that cannot be joined."""

    # ---- one scope, one function

    def scope(self, scope: Scope) -> None:
        add = self.out.add
        add(0, f"def write_{scope.id}(o, out, M, x, p, items=()):")
        if scope.id == 0 and self.quick:
            add(1, "x = M.marks(o.ext) if o.ext else None")
        elif scope.own_ext and self.quick:
            add(1, "if o.ext and M.mapping in o.ext: M.stop()")
        elif scope.own_ext:
            add(1, "x = M.kept(o.ext) if o.ext else None", "p = ''")
        self._parts(scope, field_tree(scope), "o", scope.cls, ())
        for field in scope.lists.values():
            self.deal(field)
        if scope.segment is not None:
            claim = single_claim(scope) or Claim(
                "one", scope.segment.key, scope.segment.tag, scope.segment.tag, (), None, scope.segment.definition
            )
            self._claim(claim, scope.block, scope, 1, bare=True)
        else:
            self._block(scope.block, scope, 1, root=scope.id == 0)
        add(1, "return out")

    def _told_apart(self, names: Sequence[str], place: Path) -> Iterator[tuple[str, list[str]]]:
        """The fields to be told where they have a value; in front: unless that field beside them has one."""
        others = {name: self.plan.unsaid.get(".".join((*place, name)), "") for name in names}
        for other in dict.fromkeys(others.values()):
            if other != ALWAYS:
                yield other, [name for name in names if others[name] == other]

    def _parts(self, scope: Scope, tree: dict[str, Any], variable: str, cls: type, path: Path) -> None:
        """Locals for nested structs (o_quantity), and a word about every field no rule speaks of."""
        if path and not tree:
            return
        covered = set(tree) | {
            rule.path[len(path)] for rule in scope.rules if rule.path[: len(path)] == path != rule.path
        }
        if scope.id == 0 and not path:
            covered |= set(self.plan.hierarchy.get("covers", ()))
        names = [
            name for name in hints(cls) if name not in covered and name not in NEVER_TOLD and name not in scope.given
        ]
        guard = f"{variable} is not None and " if path else ""
        for others, told in self._told_apart(names, (*self.lists[scope.id], *path)) if not scope.partial else ():
            tests = " or ".join(f"{variable}.{name}" for name in told)
            unless = f" and not {variable}.{others}" if others else ""
            self.out.add(1, f"if {guard}({tests}){unless}:", f"    M.left_out({tuple(told)!r}, {variable})")
        for name, part in tree.items():
            if isinstance(part, dict):
                self._nested_local(scope, part, variable, (*path, name))
        for rule in scope.rules:
            if rule.one_way == "write" and len(rule.path) == len(path) + 2 and rule.path[:-2] == path:
                name = rule.path[len(path)]
                if name not in tree:
                    self._nested_local(scope, {}, variable, (*path, name))

    def _nested_local(self, scope: Scope, tree: dict[str, Any], variable: str, path: Path) -> None:
        local = local_name(path)
        access = f"{variable}.{path[-1]}"
        self.out.add(
            1, f"{local} = {access}" if variable == "o" else f"{local} = {access} if {variable} is not None else None"
        )
        self._parts(scope, tree, local, nested_class(scope.cls, path), path)

    # ---- blocks

    def _block(self, block: Block, scope: Scope, depth: int, root: bool = False, out: str = "out") -> None:
        add = self.out.add
        start, marks = self.out.fresh("start"), self.out.fresh("marks")
        if not self.quick:
            add(depth, f"{start} = len({out}); {marks} = []")
        hierarchy = self.plan.hierarchy.get("loop") if root else None
        for rank, slot in enumerate(block.loop.slots):
            if root and slot.tag in ENVELOPE:
                continue
            mark = "" if self.quick else f"if x is not None: {marks}.append(({rank}, len({out})))"
            trigger = not root and rank == 0
            claims = block.claims.get(slot.key, [])
            if trigger:
                add(depth, mark)
                claim = (
                    claims[0]
                    if claims
                    else Claim("one", slot.key, slot.tag, slot.tag, (), None, self.plan.definition.segments[slot.tag])
                )
                self._claim(claim, block, scope, depth, bare=True, out=out)
                continue
            for claim in sorted(claims, key=_writing_order):
                self._claim(claim, block, scope, depth, mark=mark, out=out)
            for sub in block.subs.get(slot.key, ()):
                self._sub(sub, scope, depth, mark, out)
            self._eachs(block.eachs.get(slot.key, []), block, depth, mark, out)
            if hierarchy == slot.key:
                add(depth, mark, "write_levels(M, M.document, out)")
            if slot.key in block.passed:
                add(depth, "for it in items:", f"    {mark}")
                add(depth + 1, f"write_{block.passed[slot.key]}(it, {out}, M, None, '')")
        if self.quick:
            return
        ranks = {slot.key: rank for rank, slot in enumerate(block.loop.slots)}
        name = self.out.constant(repr(ranks))
        add(depth, f"if x is not None: x.merge({out}, {start}, {marks}, p + {block.prefix!r}, {name})")

    def _sub(self, sub: Sub, scope: Scope, depth: int, mark: str, out: str) -> None:
        """A loop on the way: written if anything inside of it is."""
        add = self.out.add
        lone = self._lone(sub.block)
        if lone is not None:
            self._claim(lone, sub.block, scope, depth, mark=mark, out=out)
            return
        inside = self.out.fresh("t")
        given = self.given_inside(sub.block)
        if given is not None:
            add(depth, f"if {self.or_kept(given)}:")
            depth += 1
        add(depth, f"{inside} = []")
        self._block(sub.block, scope, depth, out=inside)
        if sub.block.tests:
            test = f"len({inside}) > 1 or {inside}[0] != {self._bare(sub.block)}"
        elif self.joined:
            test = f"len({inside}) > 1 or SEAM in {inside}[0]"
        else:
            test = f"len({inside}) > 1 or len({inside}[0]) > 1"
        opener = self._opener(sub.block)
        if opener is not None:
            add(depth, f"if len({inside}) > 1 and {inside}[0] == {opener[0]!r}: {inside}[0] = {opener[1]!r}")
        kept = "" if self.quick else f" or (x is not None and x.has(p + {sub.block.prefix!r}))"
        add(depth, f"if {test}{kept}:")
        add(depth + 1, mark, f"{out} += {inside}")

    def _opener(self, block: Block) -> tuple[str | list[str], str | list[str]] | None:
        """A loop's first segment with nothing in it, and with the qualifier its rules share, which lets it be there."""
        trigger = block.loop.slots[0]
        rules = [rule for claim in block.claims.get(trigger.key, []) for rule in claim.rules]
        shared = {rule.codec.qualifiers[0] for rule in rules if rule.codec.qualifiers and rule.codec.before == 1}
        if block.tests or len(shared) != 1 or any(rule.positions[0][0] != 1 for rule in rules):
            return None
        segment = [trigger.tag, shared.pop()]
        return (trigger.tag, SEAM.join(segment)) if self.joined else ([trigger.tag], segment)

    def _lone(self, block: Block) -> Claim | None:
        """The claim on the first segment of a loop, if nothing else is ever written there."""
        trigger = block.loop.slots[0]
        claims = block.claims.get(trigger.key, [])
        more = block.claims.keys() - {trigger.key} or block.subs or block.eachs or block.passed
        numbered = trigger.tag in COUNTED or trigger.tag in NUMBERED
        if not self.quick or more or numbered or len(claims) != 1 or claims[0].kind != "one":
            return None
        return claims[0]

    def _bare(self, block: Block) -> str:
        """The trigger segment with its constants alone."""
        constants: dict[tuple[int, int | None], str] = {
            (test.element, test.component): repr(test.constant) for test in block.tests if test.constant is not None
        }
        parts = self._elements(block.loop.slots[0].tag, constants, 0)
        return f"SEAM.join({self.tupled(parts)})" if self.joined else self.listed(parts)

    def _eachs(self, eachs: list[EachLoop], block: Block, depth: int, mark: str, out: str) -> None:
        done: set[tuple[int, str]] = set()
        for each in eachs:
            alternative = each.alternative
            if alternative.group in done:
                continue
            done.add(alternative.group)
            self._instances(self.shared[alternative.group], block, depth, mark, out)

    def _instances(self, group: list[Alternative], block: Block, depth: int, mark: str, out: str) -> None:
        add = self.out.add
        bucket = self.buckets[id(group[0])]
        each = group[0].loop
        if each is not None and each.outer is not None:
            items = bucket if len(group) == 1 else f"[it for it, _ in {bucket}]"
            add(depth, f"for its in write_nests({items}, {each.shared!r}, M.mapping, {each.most}):", f"    {mark}")
            kept = "None" if self.quick else "M.kept(its[0].ext) if its[0].ext else None"
            add(depth + 1, f"write_{each.outer.id}(its[0], {out}, M, {kept}, {OUTSIDE!r}, its)")
            return
        each_of, items = ("it", bucket) if len(group) == 1 else ("(it, which)", bucket)
        scopes = [target.scope for one in group if (target := one.loop or one.claim) is not None]
        if any(inner is not None and not inner.own_ext for inner in scopes):
            each_of, items = f"k, {each_of}", f"enumerate({bucket})"
        add(depth, f"if {bucket}:", f"    for {each_of} in {items}:", f"        {mark}")
        depth += 1
        for index, alternative in enumerate(group):
            target = alternative.loop or alternative.claim
            assert target is not None  # noqa: S101 - the builder made it so
            assert target.scope is not None  # noqa: S101 - the builder made it so
            word = "if" if index == 0 else "elif"
            deeper = depth + 1
            if len(group) > 1:
                add(deeper, f"{word} which == {index}:")
                deeper += 1
            key = f"p + f{block.prefix + target.name + '#{k + 1}/'!r}"
            arguments = "None, ''" if target.scope.own_ext else f"x, {key}"
            start, name = self.out.fresh("e"), ".".join(alternative.field.path)
            if self.quick and self.is_said(target.scope):
                add(deeper, f"write_{target.scope.id}(it, {out}, M, {arguments})")
                continue
            add(deeper, f"{start} = len({out})", f"write_{target.scope.id}(it, {out}, M, {arguments})")
            bare = f"SEAM not in {out}[{start}]" if self.joined else f"len({out}[{start}]) == 1"
            add(deeper, f"if len({out}) > {start} and {bare}:")
            add(deeper + 1, f"M.no_place({name!r}, {target.name!r}, it, True)", f"del {out}[{start}:]")

    # ---- one claim

    def _claim(
        self, claim: Claim, block: Block, scope: Scope, depth: int, *, bare: bool = False, mark: str = "",
        out: str = "out",
    ) -> None:  # fmt: skip
        """Emits the segments of a claim. bare: the segment is written even if nothing fills it (triggers, items)."""
        add = self.out.add
        head = block.prefix + claim.name
        self.is_binary |= self.quick and claim.tag in BINARY_TAGS
        if claim.kind == "each":
            assert claim.each is not None  # noqa: S101 - the builder made it so
            group = self.shared[claim.each.group]
            if group[0] is claim.each:
                self._instances(group, block, depth, mark, out)
            if bare:
                add(depth, f"if not {self.buckets[id(group[0])]}:", f"    s = {[claim.tag]!r}")
                self.finish(f"p + {head!r}", depth + 1, out, claim.tag, never_empty=False)
            return
        if claim.kind == "all":
            given = self.given(claim, block)
            add(depth, f"if {' or '.join(given or ['True'])}:")
            self._all(claim, head, depth + 1, mark, out, scope)
            return
        tests = block.tests if bare or claim.key == block.loop.slots[0].key else claim.tests
        values: dict[tuple[int, int | None], str] = {
            self._spot(claim, test.element, test.component): repr(test.constant)
            for test in tests
            if test.constant is not None
        }
        filled = []
        given = None if bare else self.given(claim, block)
        self.known = given[0] if self.quick and given is not None and len(given) == 1 else ""
        if given is not None:
            add(depth, f"if {self.or_kept(given)}:")
            depth += 1
        if self.levels and scope.id in self.levels and claim.tag == self.plan.hierarchy.get("loop"):
            for element in self.plan.hierarchy["owned"]:
                values[(element, None if self.standard == "x12" else 1)] = f"M.owned[{element}]"
        for rule in claim.rules:
            if rule.one_way != "read":
                filled += self._rule(rule, scope, values, depth, tests)
        slot = next((slot for slot in block.loop.slots if slot.key == claim.key), None)
        if slot is not None and slot.min and any(rule.constant is not None for rule in claim.rules):
            filled.append("True")
        if claim.tag in COUNTED:
            own = values.get((1, None))
            counted = self.ordinal(out, claim.tag)
            values[(1, None)] = f"({own} or {counted})" if own else counted
        for entry in claim.computed:
            if not entry.check:
                variable = self.out.fresh("w")
                add(depth, f"{variable} = M.compute({entry.id}, o, out, x)")
                values[entry.position] = variable
                filled.append(variable)
        for rule in claim.fixed:
            values[rule.positions[0]] = repr(rule.constant)
            filled.append("True")
        last = max((element for element, _ in values), default=0)
        if self.quick and bare and len(claim.slots) == 1 and claim.slots[0].start > last:
            self.appended(claim.slots[0], self._elements(claim.tag, values, claim.slots[0].start), depth)
            if self.joined:
                self.finish_text(depth, out, claim.tag, never_empty=scope.segment is not None)
            else:
                self.finish(f"p + {head!r}", depth, out, claim.tag, never_empty=scope.segment is not None)
            return
        single = [slots for slots in claim.slots if self.quick and slots.capacity == 1 and not slots.shared]
        for slots in single:
            names = self.single(slots, depth)
            values.update({(slots.start + at, None): name for at, name in enumerate(names)})
            filled += names
        several = sorted((slots for slots in claim.slots if slots not in single), key=lambda one: one.start)
        groups = [(slots, self.grouped(slots, depth, head)) for slots in several]
        filled += [variable for _, variable in groups]
        if not bare and not (self.quick and ("True" in filled or not self.sure.isdisjoint(filled))):
            test = " or ".join(filled) or "False"
            kept = "" if self.quick else f" or (x is not None and p + {head!r} in x.elements)"
            add(depth, f"if {test}{kept}:", f"    {mark}")
            depth += 1
            self.sure |= {*filled} if self.quick and len(filled) == 1 else set()
        alone = bare and scope.segment is not None
        if self.joined and not groups:
            self.finish_joined(self._elements(claim.tag, values, 0), depth, out, claim.tag, never_empty=alone)
            return
        least = groups[0][0].start if groups else 0
        add(depth, f"s = {self.listed(self._elements(claim.tag, values, least))}")
        for slots, variable in groups:
            self.place(slots, variable, head, depth)
        self.finish(f"p + {head!r}", depth, out, claim.tag, never_empty=alone)

    def _spot(self, claim: Claim, element: int, component: int | None) -> tuple[int, int | None]:
        if self.standard == "x12" and not claim.definition.elements[element - 1].components:
            return element, None
        return element, component

    def _elements(self, tag: str, values: dict[tuple[int, int | None], str], least: int) -> list[str]:
        """Sources of a segment's elements, tag first; least: so many there must be (the tag counted)."""
        last = max((element for element, _ in values), default=0)
        parts = [repr(tag)]
        for element in range(1, max(last + 1, least)):
            if (element, None) in values:
                parts.append(values[(element, None)])
                continue
            inside = {component: source for (at, component), source in values.items() if at == element and component}
            if not inside:
                parts.append("''")
            else:
                parts.append(self.composed([inside.get(at, "''") for at in range(1, max(inside) + 1)]))
        return parts

    def _rule(
        self, rule: Rule, scope: Scope, values: dict[tuple[int, int | None], str], depth: int, tests: Tests
    ) -> list[str]:
        """Emits the text of one rule into variables; the sources that say whether it fills anything."""
        add = self.out.add
        if rule.constant is not None:
            values[rule.positions[0]] = repr(rule.constant)
            return []
        if rule.many:
            return self._many(rule, scope, values, depth)
        value, text, given = self.out.fresh("v"), self.out.fresh("w"), ""
        add(depth, f"{value} = {self.value(rule.path)}")
        wide = rule.codec.width > 1
        count = len(rule.positions)
        empty = repr(("",) * count) if wide else "''"
        if rule.default is not None and not rule.omit:
            given = self.out.fresh("given")
            add(depth, f"{given} = {value} is not None")
            there = f" and {local_name(rule.path[:-1])} is not None" if len(rule.path) > 1 else ""
            add(depth, f"if {value} is None{there}:", f"    {value} = {default_source(rule)}")
        source = rule.codec.write(value)
        if wide and rule.codec.width != count:
            source = f"fit({source}, {count})"
        for test in tests:
            spot = (rule.positions[0][0], rule.positions[0][1] or 1)
            if test.constant is None and (test.element, test.component) == spot and not rule.codec.qualifiers:
                source = f"among({source}, {test.values!r}, {test.negated})"
        if self.careful:
            instead = rule.codec.write(default_source(rule)) if rule.written_only and not wide else empty
            source = f"M.leaf({rule.id}, {value}, {instead}, lambda: {source})"
        absent = f"{value} is None" + (f" or {value} == {default_source(rule)}" if rule.omit else "")
        known = self.quick and not rule.omit and self.is_there(rule, scope)
        add(depth, f"{text} = {source}" if known else f"{text} = {empty} if {absent} else {source}")
        if rule.codec.odd is not None and not self.quick:
            reader = self.reader(rule)
            add(
                depth,
                f"if x is not None: {text} = x.spelled(p + {'=' + '.'.join(rule.path)!r}, {value}, {text}, {reader})",
            )
        if wide and rule.codec.name == "joined":
            self.vouch(rule, f"''.join({text})", depth)
        elif rule.codec.qualifiers:
            self.fits(rule, f"{text}[-1]", f"M.long({rule.id}, {text}[-1]); {text} = {empty}", depth)
        elif not wide:
            self.fits(rule, text, f"{text} = M.long({rule.id}, {text})", depth)
        for index, position in enumerate(rule.positions):
            own = f"{text}[{index}]" if wide else text
            others = values.get(position) if rule.codec.qualifiers else None
            values[position] = f"({others} or {own})" if others else own
            self.sure |= {own} if known and rule.codec.width == count and says(rule) else set()
        return [given or (f"any({text})" if wide and f"{text}[0]" not in self.sure else own)]

    def _many(self, rule: Rule, scope: Scope, values: dict[tuple[int, int | None], str], depth: int) -> list[str]:
        """A list of texts into fixed places; what does not fit goes to the rule for all segments, or is told."""
        offset = sum(len(other.positions) for other in self._before(rule, scope))
        text = self.out.fresh("w")
        count = len(rule.positions)
        item = rule.codec.write("v")
        self.out.add(depth, f"{text} = [{item} for v in {self.items(rule.path)}[{offset}:{offset + count}]]")
        if rule.max is not None:
            self.out.add(depth, f"{text} = [M.long({rule.id}, v) if len(v) > {rule.max} else v for v in {text}]")
        self.vouch(rule, f"''.join({text})", depth)
        peers = [other for other in scope.rules if other.path == rule.path]
        if rule is peers[-1]:
            most = offset + count
            self.out.add(depth, f"if len({self.items(rule.path)}) > {most}:")
            place = str(rule.place.source) if rule.place else ""
            self.out.add(
                depth + 1, f"M.too_many({'.'.join(rule.path)!r}, {place!r}, len({self.items(rule.path)}), {most})"
            )
        names = [self.out.fresh("w") for _ in rule.positions]
        self.out.add(depth, f"{', '.join(names)}, *_ = *{text}, {', '.join([repr('')] * count)}")
        values.update(zip(rule.positions, names, strict=True))
        return [text]

    def _before(self, rule: Rule, scope: Scope) -> list[Rule]:
        peers = [other for other in scope.rules if other.path == rule.path and other.many]
        return peers[: peers.index(rule)]

    def _all(self, claim: Claim, head: str, depth: int, mark: str, out: str, scope: Scope) -> None:
        """Emits as many segments as a list needs."""
        add = self.out.add
        tests = {
            self._spot(claim, test.element, test.component): repr(test.constant)
            for test in claim.tests if test.constant is not None
        }  # fmt: skip
        if claim.slots:
            slots = claim.slots[0]
            parts = self._elements(claim.tag, tests, slots.start)
            if self.segments(slots, depth, head, mark, parts, claim.tag, out):
                return
        else:
            rule = claim.rules[0]
            per = len(rule.positions)
            offset = sum(len(other.positions) for other in self._before(rule, scope))
            texts = self.out.fresh("w")
            add(depth, f"{texts} = [{rule.codec.write('v')} for v in {self.items(rule.path)}[{offset}:]]")
            if rule.max is not None:
                add(depth, f"{texts} = [M.long({rule.id}, v) if len(v) > {rule.max} else v for v in {texts}]")
            self.vouch(rule, f"''.join({texts})", depth)
            if claim.most < UNLIMITED:
                most = claim.most * per
                add(depth, f"if len({texts}) > {most}:")
                add(
                    depth + 1,
                    f"M.too_many({'.'.join(rule.path)!r}, {claim.name!r}, len({texts}), {most})",
                    f"del {texts}[{most}:]",
                )
            add(depth, f"for k, n in enumerate(range(0, len({texts}), {per})):", f"    {mark}")
            values = dict(tests)
            for index, position in enumerate(rule.positions):
                values[position] = (
                    f"({texts}[n + {index}] if len({texts}) > n + {index} else '')" if index else f"{texts}[n]"
                )
            if self.joined:
                parts = self._elements(claim.tag, values, 0)
                self.finish_joined(parts, depth + 1, out, claim.tag, never_empty=False)
                return
            add(depth + 1, f"s = {self.listed(self._elements(claim.tag, values, 0))}")
        self.finish(f"p + f{head + '#{k + 1}'!r}", depth + 1, out, claim.tag)


def _writing_order(claim: Claim) -> tuple[int, int, int]:
    """Segments with a fixed number first in their order, then single ones, then lists."""
    return (0 if claim.kind == "one" else 1, int(claim.number or 0), 0 if claim.tests else 1)
