"""From the rule table of an XML mapping to the source of its reader.

A function per struct: it sorts the children of each spot into what single rules read, what makes items, and what
nobody reads (kept in X under its place); then reads the values, then the items, then builds the struct.
"""

from hub.canonical import Moment
from hub.mapping.emit_xml import default_source, rivals, suits, test_source, value_source
from hub.mapping.emit_xml_struct import StructEmitter
from hub.mapping.fields import hints
from hub.mapping.plan import Path
from hub.mapping.source import frozen
from hub.mapping.xml_plan import Spot, XmlEach, XmlPlan, XmlRule, XmlScope


def emit_xml_reader(plan: XmlPlan, *, careful: bool) -> str:
    """Functions read_<scope>(n, M, X, way): n the node, M the context, X what is kept, way its place from there."""
    emitter = _Emitter(plan, careful)
    for scope in plan.scopes:
        if not scope.here:
            emitter.scope(scope)
    return emitter.lines.module([])


class _Emitter(StructEmitter):
    def __init__(self, plan: XmlPlan, careful: bool) -> None:
        super().__init__(plan)
        self.careful = careful

    def scope(self, scope: XmlScope) -> None:
        add = self.lines.add
        add(0, f"def read_{scope.id}(n{scope.root.id}, M, X, way):")
        if scope.own_ext:
            add(1, "X = {}", "way = ''")
        if scope is self.plan.root:
            add(1, f"M.begin(n{scope.root.id})")
        self._spot(scope.root, 1)
        self._all_rules(scope, "")
        if scope is self.plan.root:
            for path in sorted({path for one in self.plan.scopes for each in one.eachs for path, _ in each.when}):
                rule = next((rule for rule in scope.rules if rule.path == path), None)
                add(1, f"M.when[{path!r}] = {f'v{rule.id}' if rule else 'None'}")
        lists = self._items(scope)
        self.finish(scope, lists)

    # ---- children

    def _spot(self, spot: Spot, depth: int) -> None:
        """Sorts the children of a spot; its node is n<id>, which is there."""
        add, node = self.lines.add, f"n{spot.id}"
        way = self._way(spot)
        known = spot.read | set(spot.given)
        add(depth, f"if {node}.attributes:")
        tests = [f"name not in {frozen(known)}" if known else ""]
        if spot.given:
            same = " or ".join(
                f"name == {name!r} and not ({node}.text and M.same({path!r}, value))"
                for name, path in sorted(spot.given.items())
            )
            tests = [f"name not in {frozen(known)} or {same}"]
        condition = f" if {tests[0]}" if tests[0] else ""
        add(depth + 1, f"for name, value in {node}.attributes.items():")
        add(depth + 2, *([f"{condition.strip()}:"] if condition else []))
        add(depth + (3 if condition else 2), f"X[{way} + '@' + name] = value")
        if not spot.text:
            add(depth, f"if {node}.text:", f"    X[{way} + '.'] = {node}.text")
        singles: dict[str, list[Spot]] = {}
        for kid in spot.kids.values():
            singles.setdefault(kid.tag, []).append(kid)
        for tags in singles.values():
            for kid in tags:
                add(depth, f"n{kid.id} = {'[]' if kid.rest is not None else 'None'}")
        for tag in spot.groups:
            add(depth, f"g{spot.id}_{self._tag(spot, tag)} = ()")
        add(depth, f"if {node}.kids:")
        add(depth + 1, f"k = group({node}.kids)")
        for tag in dict.fromkeys([*singles, *spot.groups]):
            self._tagged(spot, tag, singles.get(tag, []), spot.groups.get(tag, []), depth + 1)
        add(depth + 1, "if k:", f"    M.rest(X, {way}, k)")
        for kid in spot.kids.values():
            if kid.rest is not None:
                add(depth, f"n{kid.id} = M.texts(X, {way}, n{kid.id}, {kid.rest!r})")
                continue
            self._absent(kid, depth)
            add(depth, f"if n{kid.id} is not None:")
            self._spot(kid, depth + 1)

    def _absent(self, spot: Spot, depth: int) -> None:
        """Everything below a spot that may not be there."""
        for kid in spot.kids.values():
            self.lines.add(depth, f"n{kid.id} = {'()' if kid.rest is not None else 'None'}")
            self._absent(kid, depth)
        for tag in spot.groups:
            self.lines.add(depth, f"g{spot.id}_{self._tag(spot, tag)} = ()")

    def _tag(self, spot: Spot, tag: str) -> int:
        return list(spot.groups).index(tag)

    def _way(self, spot: Spot) -> str:
        """Source of the place of a spot's content in ext."""
        return f"way + {spot.way!r}" if spot.way else "way"

    def _tagged(self, spot: Spot, tag: str, singles: list[Spot], eachs: list[XmlEach], depth: int) -> None:
        add, way = self.lines.add, self._way(spot)
        group = f"g{spot.id}_{self._tag(spot, tag)}" if eachs else ""
        singles = sorted(singles, key=lambda kid: (not (kid.step and kid.step.tests), kid.rest is not None))
        if not singles:
            add(depth, f"{group} = list(enumerate(k.pop({tag!r}, ())))")
            return
        first = singles[0]
        assert first.step is not None  # noqa: S101 - only the root of a scope has none
        if len(singles) == 1 and not eachs and not first.step.tests and first.step.number is None:
            add(
                depth,
                f"if {tag!r} in k:",
                f"    c = k.pop({tag!r})",
                f"    n{first.id} = c[0]",
                "    if len(c) > 1:",
                f"        M.keep_from(X, {way} + {tag!r}, c, 1)",
            )
            return
        if eachs:
            add(depth, f"{group} = []")
        add(depth, f"for i, c in enumerate(k.pop({tag!r}, ())):")
        word = "if"
        taken = [test_source(each.step.tests, "c") for each in eachs if each.step and each.step.tests]
        for kid in singles:
            assert kid.step is not None  # noqa: S101 - as above
            tests = [] if kid.rest is not None else [f"n{kid.id} is None"]
            if kid.step.tests:
                tests.append(test_source(kid.step.tests, "c"))
            elif taken:
                tests.append(f"not ({' or '.join(taken)})")
            if kid.step.number not in (None, "*"):
                tests.append(f"i == {int(kid.step.number or 1) - 1}")
            take = f"n{kid.id}.append((i, c))" if kid.rest is not None else f"n{kid.id} = c"
            add(depth + 1, f"{word} {' and '.join(tests) or 'True'}:", f"    {take}")
            word = "elif"
        add(depth + 1, "else:")
        add(depth + 2, f"{group}.append((i, c))" if eachs else f"M.keep(X, {way} + {tag!r}, i, c)")

    # ---- values

    def _all_rules(self, scope: XmlScope, label: str) -> None:
        for each in scope.eachs:
            if each.step is None:
                self._all_rules(each.scope, label + each.label)
        self._rules(scope, 1, label)

    def _rules(self, scope: XmlScope, depth: int, label: str = "") -> None:
        for rule in scope.rules:
            if rule.one_way == "write":
                continue
            if rule.constant is not None and rule.one_way == "read":
                self.lines.add(depth, f"v{rule.id} = {rule.constant!r}")
                continue
            self._rule(rule, scope, depth, label)

    def _rule(self, rule: XmlRule, scope: XmlScope, depth: int, label: str) -> None:
        add, name = self.lines.add, f"v{rule.id}"
        spot, _ = rule.spots[0]
        if spot.rest is not None:
            add(depth, f"{name} = n{spot.id}")
            return
        raws = []
        for number, (at, attribute) in enumerate(rule.spots):
            raw = f"r{rule.id}" if number == 0 else f"r{rule.id}_{number}"
            value = f"n{at.id}.attributes.get({attribute!r}, '')" if attribute else f"n{at.id}.text"
            here = at is scope.root
            add(depth, f"{raw} = {value}" + ("" if here else f" if n{at.id} is not None else ''"))
            raws.append(raw)
        filler = self.plan.fillers.get((spot.parent.tag, spot.tag)) if spot.parent and not rule.spots[0][1] else None
        if filler:
            add(depth, f"if {raws[0]} == {filler!r}:")
            add(depth + 1, f"X[way + {spot.way + '.'!r}], {raws[0]} = {raws[0]}, ''")
        if self.plan.void and rule.codec.python is Moment and not rule.spots[0][1]:
            add(depth, f"if {raws[0]} in {self.plan.void!r}:")
            for raw, (at, _) in zip(raws, rule.spots, strict=True):
                add(depth + 1, f"X[way + {at.way + '.'!r}], {raw} = {raw}, ''")
        node = "(" + ", ".join(f"n{at.id}" for at, _ in rule.spots) + ",)"
        if rule.constant is not None:
            add(depth, f"if r{rule.id} and r{rule.id} != {rule.constant!r}:")
            add(depth + 1, f"M.fixed({rule.id}, r{rule.id}, {rule.constant!r}, {node})")
            return
        read = f"lines_of({raws[0]})" if rule.lines else rule.codec.read(raws)
        if self.careful:
            read = f"M.leaf({rule.id}, ({', '.join(raws)},), {node}, lambda: {read})"
        add(depth, f"{name} = {read} if {' or '.join(raws)} else {default_source(rule)}")
        if scope.own_ext and not rule.many and (rule.codec.odd is not None or rule.omit):
            odd = rule.codec.odd(raws, name) if rule.codec.odd is not None else "False"
            if rule.omit:
                odd = f"({odd}) or {name} == {value_source(rule)}"
            key = f"={label}{'.'.join(rule.path)}"
            add(depth, f"if {name} is not None and ({' or '.join(raws)}) and ({odd}):")
            add(depth + 1, f"X[{key!r}] = [{', '.join(raws)}]")

    # ---- items

    def _items(self, scope: XmlScope) -> dict[Path, str]:
        """Reads the items of every list, of those too that have no node of their own; path -> source of the list."""
        groups: dict[tuple[int, str], list[tuple[str, XmlEach, list[XmlEach]]]] = {}
        self._gather(scope, groups)
        for members in groups.values():
            self._group(members)
        return self._lists(scope)

    def _list_name(self, owner: XmlScope, each: XmlEach) -> str:
        assert each.step is not None  # noqa: S101 - `.` has no group
        tag = self._tag(each.spot, each.step.name)
        return f"l{owner.id}_{each.spot.id}_{tag}_{'_'.join(each.path)}"

    def _gather(self, owner: XmlScope, groups: dict[tuple[int, str], list[tuple[str, XmlEach, list[XmlEach]]]]) -> None:
        made = set()
        for each in owner.eachs:
            if each.step is None:
                self._gather(each.scope, groups)
                continue
            name = self._list_name(owner, each)
            groups.setdefault((each.spot.id, each.step.name), []).append((name, each, owner.eachs))
            if name not in made:
                made.add(name)
                self.lines.add(1, f"{name} = []")

    def _lists(self, scope: XmlScope, label: str = "") -> dict[Path, str]:
        parts: dict[Path, list[str]] = {}
        for each in scope.eachs:
            names = parts.setdefault(each.path, [])
            if each.step is None:
                name = f"h{each.id}"
                self.build_all(
                    each.scope,
                    self._lists(each.scope, label + each.label),
                    f"{name}o",
                    dict(each.sets),
                    label + each.label,
                )
                if rivals(each, scope.eachs):
                    self.lines.add(1, f"if {name}o is not None:")
                    self._place(each, scope.eachs, f"{name}o", 2)
                    self.lines.add(2, "pass")
                self.lines.add(1, f"{name} = [{name}o] if {name}o is not None else []")
            else:
                name = self._list_name(scope, each)
            if name not in names:
                names.append(name)
        found = {}
        for path, names in parts.items():
            found[path] = names[0]
            if len(names) > 1:
                found[path] = f"a{scope.id}_{'_'.join(path)}"
                self.lines.add(1, f"{found[path]} = [{', '.join('*' + name for name in names)}]")
        return found

    def _place(self, each: XmlEach, siblings: list[XmlEach], item: str, depth: int) -> None:
        """Notes which alternative an item is from, if a writer would give it to another."""
        before = rivals(each, siblings)
        if before and "ext" in hints(each.item):
            number = [one for one in siblings if one.path == each.path].index(each)
            self.lines.add(depth, f"if {' or '.join(f'({suits(one, item)})' for one in before)}:")
            self.lines.add(depth + 1, f"M.place({item}, {number})")

    def _group(self, members: list[tuple[str, XmlEach, list[XmlEach]]]) -> None:
        add, first = self.lines.add, members[0][1]
        assert first.step is not None  # noqa: S101 - `.` has no group
        tag = first.step.name
        add(1, f"for i, c in g{first.spot.id}_{self._tag(first.spot, tag)}:")
        for name, each, siblings in sorted(members, key=lambda member: not (member[1].step and member[1].step.tests)):
            assert each.step is not None  # noqa: S101 - as above
            tests = [test_source(each.step.tests, "c")] if each.step.tests else []
            tests += [f"M.when[{path!r}] == {value!r}" for path, value in each.when]
            depth = 2
            if tests:
                add(depth, f"if {' and '.join(tests)}:")
                depth += 1
            below = f"{self._way(each.spot)} + f'{tag}#{{i + 1}}/'"
            if each.scope.own_ext:
                add(depth, f"v = read_{each.scope.id}(c, M, None, '')")
                add(depth, "if v is not None:")
                self._place(each, siblings, "v", depth + 1)
                add(depth, f"    {name}.append(v)", "    continue")
            else:
                add(depth, "Y = {}", f"v = read_{each.scope.id}(c, M, Y, {below})")
                add(depth, "if v is not None:", f"    {name}.append(v)", "    X.update(Y)", "    continue")
        add(2, f"M.keep(X, {self._way(first.spot)} + {tag!r}, i, c)")
