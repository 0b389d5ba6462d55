"""From the rule table of an XML mapping to the source of its writer.

A function per struct fills a node: items first (each given to the first alternative that takes it), then the texts of
the rules, then the nodes from the innermost outward, children in the vocabulary's order, and last what was kept.
"""

from hub.mapping.codec import Codec
from hub.mapping.emit_xml import get_safe, rivals, suits, value_source
from hub.mapping.fields import NEVER_TOLD, hints, inner, is_list, is_struct
from hub.mapping.plan import Path
from hub.mapping.source import Lines
from hub.mapping.xml_plan import Spot, XmlEach, XmlPlan, XmlRule, XmlScope


def emit_xml_writer(plan: XmlPlan, *, careful: bool) -> str:
    """Functions write_<scope>(o, M, n): o the struct, M the context, n the node to fill."""
    emitter = _Emitter(plan, careful)
    for scope in plan.scopes:
        if not scope.here:
            emitter.scope(scope)
    return emitter.lines.module([])


class _Emitter:
    def __init__(self, plan: XmlPlan, careful: bool) -> None:
        self.plan = plan
        self.careful = careful
        self.lines = Lines()
        self.written: dict[tuple[int, str | None], list[str]] = {}

    def scope(self, scope: XmlScope) -> None:
        add = self.lines.add
        self.written = {}
        add(0, f"def write_{scope.id}(o, M, n{scope.root.id}, P=1):")
        add(1, "S = o.ext.get(M.mapping) or EMPTY" if scope.own_ext else "S = EMPTY")
        self._part(scope, "o", "")
        self._fill(scope.root, 1)
        add(1, "if S:", f"    M.put_back(n{scope.root.id}, S)")
        self._left_out(scope)

    def _part(self, scope: XmlScope, source: str, label: str) -> None:
        """The items and texts of a struct, and of its items that have no node of their own."""
        for path in dict.fromkeys(each.path for each in scope.eachs):
            self._items(path, [each for each in scope.eachs if each.path == path], source)
        self._rules(scope, source, 1, label)
        for each in scope.eachs:
            if each.step is None:
                self._part(each.scope, f"h{each.id}", label + each.label)

    # ---- items

    def _items(self, path: Path, eachs: list[XmlEach], source: str) -> None:
        add = self.lines.add
        for each in eachs:
            add(1, f"h{each.id} = None" if each.step is None else f"g{each.id} = []")
            if each in _shared(each)[:1]:
                add(1, f"s{each.id} = []")
        add(1, f"for item in {get_safe(source, path, maybe=source != 'o')} or ():")
        remembered = "ext" in hints(eachs[0].item) and any(rivals(each, eachs) for each in eachs)
        if remembered:
            add(2, "w = item.ext.get(M.mapping, EMPTY).get('=place')")
        full = []
        for number, each in enumerate(eachs):
            add(2, f"{'el' if number else ''}if {self._accept(each, number, eachs, remembered)}:")
            if each.step is None:
                add(3, f"h{each.id} = item")
                full.append(f"h{each.id} is not None and ({self._suits(each, eachs)})")
            else:
                add(3, f"n = Node({each.step.name!r})", f"write_{each.scope.id}(item, M, n, len(g{each.id}) + 1)")
                for test in each.step.tests:
                    if test.constant is not None:
                        add(3, f"M.constant(n, {test.way!r}, {test.constant!r})")
                add(3, f"g{each.id}.append(n)")
                if shared := _shared(each):
                    add(3, f"s{shared[0].id}.append(n)")
                if each.most is not None:
                    full.append(f"len(g{each.id}) >= {each.most} and ({self._suits(each, eachs)})")
        words = [name for name in ("role", "type", "scheme", "kind") if name in hints(eachs[0].item)]
        where = f"item.{words[0]}" if words else "''"
        add(2, "else:")
        for condition, each in zip(full, [each for each in eachs if each.step is None or each.most], strict=True):
            add(3, f"if {condition}:")
            add(4, f"M.too_many({'.'.join(path)!r}, {str(each.at)!r}, {each.most or 1} + 1, {each.most or 1})")
            add(4, "continue")
        add(3, f"M.no_place({'.'.join(path)!r}, {where} or '', item, True)")

    def _suits(self, each: XmlEach, siblings: list[XmlEach]) -> str:
        tests = [f"M.at({path!r}) == {value!r}" for path, value in each.when]
        tests.append(suits(each, "item"))
        if any(other.needs for other in rivals(each, siblings)):
            # An item that lacks what another place needs must not lose here what only that place could hold.
            covered = {rule.path[0] for rule in each.scope.rules if rule.path} | {name for name, _ in each.sets}
            covered |= {below.path[0] for below in each.scope.eachs}
            names = [name for name in hints(each.item) if name not in covered and name not in NEVER_TOLD]
            tests += [f"not item.{name}" for name in names]
        return " and ".join(tests)

    def _accept(self, each: XmlEach, number: int, siblings: list[XmlEach], remembered: bool) -> str:
        """number: among the alternatives of the field; w is the number of the one the item was read by, if kept."""
        place = f"(w is None or w == {number}) and " if remembered else ""
        if each.step is None:
            return f"{place}h{each.id} is None and {self._suits(each, siblings)}"
        room = f"len(g{each.id}) < {each.most} and " if each.most is not None else ""
        return place + room + self._suits(each, siblings)

    # ---- texts

    def _rules(self, scope: XmlScope, source: str, depth: int, label: str = "") -> None:
        lists: dict[Path, list[XmlRule]] = {}
        for rule in scope.rules:
            if rule.one_way == "read":
                continue
            if rule.constant is not None:
                self._texts_of(rule)
                condition = f" if {source} is not None else ''" if source != "o" else ""
                made = repr(rule.constant)
                if rule.constant[:1] == "@":
                    made = f"(M.options.get({rule.constant[1:]!r}) or {self._kept(rule, scope)}{rule.default or ''!r})"
                self.lines.add(depth, f"t{rule.id} = {made}{condition}")
            elif rule.many:
                lists.setdefault(rule.path, []).append(rule)
            else:
                self._rule(rule, scope, source, depth, label)
        for rules in lists.values():
            self._list(rules, source, depth, label)

    def _texts_of(self, rule: XmlRule) -> list[str]:
        """The variables of a rule's texts, noted at the places they go to."""
        names = []
        for number, (spot, attribute) in enumerate(rule.spots):
            name = f"t{rule.id}" if number == 0 else f"t{rule.id}_{number}"
            self.written.setdefault((spot.id, attribute), []).append(name)
            names.append(name)
        return names

    def _rule(self, rule: XmlRule, scope: XmlScope, source: str, depth: int, label: str) -> None:
        add, codec = self.lines.add, rule.codec
        names = self._texts_of(rule)
        add(depth, f"v = {get_safe(source, rule.path, maybe=source != 'o')}")
        if rule.path in self.plan.given.values() and source == "o" and scope is self.plan.root:
            only_given = f"=given {'.'.join(rule.path)}"
            add(depth, f"if {only_given!r} in S:", "    v = None")
        if rule.default is not None:
            if rule.omit:
                kept = f"={label}{'.'.join(rule.path)}"
                remembered = f" and {kept!r} not in S" if scope.own_ext else ""
                add(depth, f"if v == {value_source(rule)}{remembered}:", "    v = None")
            else:
                test = "v is None" if source == "o" else f"v is None and {source} is not None"
                add(depth, f"if {test}:", f"    v = {_otherwise(rule, source)}")
        add(depth, "if v is None:", f"    {' = '.join(names)} = ''", "else:")
        target = ", ".join(names)
        add(depth + 1, f"{target} = {self._write(rule, codec, len(names))}")
        if (codec.odd is not None or rule.omit) and scope.own_ext:
            key = f"={label}{'.'.join(rule.path)}"
            raws = [f"r{index}" for index in range(len(names))]
            add(depth + 1, f"if {key!r} in S:")
            read = codec.read(raws)
            packed = names[0] if len(names) == 1 else f"({', '.join(names)})"
            add(depth + 2, f"{target} = M.spelled(S[{key!r}], v, {packed}, lambda {', '.join(raws)}: {read})")
        if kept := self._kept(rule, scope):
            add(depth, f"{names[0]} = {kept}{names[0]}")

    def _kept(self, rule: XmlRule, scope: XmlScope) -> str:
        """Source of what the message had at a text that is only written, with an `or` behind it; "" elsewhere."""
        spot, attribute = rule.spots[0]
        if rule.one_way != "write" or attribute is not None or spot.text or not scope.own_ext:
            return ""
        return f"S.get({spot.way + '.'!r}) or "

    def _write(self, rule: XmlRule, codec: Codec, parts: int) -> str:
        made = codec.write("v")
        if parts > 1:
            made = f"fit({made}, {parts})"
        elif codec.width > 1 and codec.name != "iso":
            made = f"fit({made}, 1)[0]"
        if not self.careful:
            return made
        empty = repr("") if parts == 1 else repr(("",) * parts)
        return f"M.leaf({rule.id}, v, {empty}, lambda: {made})"

    def _list(self, rules: list[XmlRule], source: str, depth: int, label: str) -> None:
        """A list of texts over its places: each takes one, a `#*` all that are left; `lines` takes all as one text."""
        add = self.lines.add
        path = rules[0].path
        room = tuple(0 if rule.lines or rule.spots[0][0].rest is not None else 1 for rule in rules)
        add(depth, f"q = list({get_safe(source, path, maybe=source != 'o')} or ())")
        add(depth, f"q = M.parts_of(q, S.get({f'={label}' + '.'.join(path)!r}), {room!r})")
        for number, rule in enumerate(rules):
            name = self._texts_of(rule)[0]
            if rule.lines:
                add(depth, f"{name} = '\\n'.join(q[{number}])")
            elif rule.spots[0][0].rest is not None:
                add(depth, f"{name} = q[{number}]")
            else:
                add(depth, f"{name} = {rule.codec.write(f'q[{number}][0]')} if q[{number}] else ''")
        add(depth, "if q[-1]:")
        add(depth + 1, f"M.too_many({'.'.join(path)!r}, {str(rules[0].at)!r}, {len(rules)} + len(q[-1]), {len(rules)})")

    # ---- nodes

    def _fill(self, spot: Spot, depth: int) -> None:
        """Makes the nodes below a spot, then gives them to n<id>, which is there."""
        self._below(spot, depth)
        add, node = self.lines.add, f"n{spot.id}"
        for name in self.written.get((spot.id, None), ()):
            add(depth, f"if {name}:", f"    {node}.text = {name}")
        for name, path in sorted(spot.given.items()):
            add(depth, f"if {node}.text:", f"    M.given({node}, {name!r}, {path!r})")
        for attribute in sorted(spot.read | spot.written):
            for name in self.written.get((spot.id, attribute), ()):
                add(depth, f"if {name}:", f"    {node}.attributes[{attribute!r}] = {name}")
        if spot.kids or spot.groups:
            add(depth, f"{node}.kids = [{self._kids(spot)}]")

    def _kids(self, spot: Spot) -> str:
        """Source of all children in order: some may be None, so they come as lists."""
        ranks = self.plan.ranks.get(spot.tag, {})
        entries: list[tuple[str, bool, str]] = []
        for kid in spot.kids.values():
            tested = not (kid.step and kid.step.tests)
            entries.append((kid.tag, tested, f"*n{kid.id}"))
        for tag, eachs in spot.groups.items():
            for each in eachs:
                shared = _shared(each)
                if not shared or shared[0] is each:
                    entries.append((tag, True, f"*{'s' if shared else 'g'}{each.id}"))
        order = list(dict.fromkeys(tag for tag, _, _ in entries))
        rank = {tag: ranks.get(tag, len(ranks) + order.index(tag)) for tag in order}
        entries.sort(key=lambda entry: (rank[entry[0]], entry[1]))
        return ", ".join(source for _, _, source in entries)

    def _below(self, spot: Spot, depth: int) -> None:
        """n<id> of each child: a list of the nodes there are."""
        add = self.lines.add
        for kid in spot.kids.values():
            if kid.rest is not None:
                texts = " + ".join(self.written.get((kid.id, None), ())) or "()"
                add(depth, f"n{kid.id} = [branch({kid.tag!r}, {kid.rest!r}, text) for text in {texts} or ()]")
                continue
            self._below(kid, depth)
            self._make(kid, depth)

    def _make(self, kid: Spot, depth: int) -> None:
        add = self.lines.add
        texts = self.written.get((kid.id, None), [])
        attributes = {name: self.written.get((kid.id, name), []) for name in sorted(kid.read | kid.written)}
        needs = [*texts, *(one for names in attributes.values() for one in names)]
        needs += [f"n{one.id}" for one in kid.kids.values()]
        needs += [f"g{each.id}" for eachs in kid.groups.values() for each in eachs]
        if not needs:
            add(depth, f"n{kid.id} = []")
            return
        text = " or ".join(texts) or "''"
        add(depth, f"if {' or '.join(needs)}:")
        add(depth + 1, f"n = Node({kid.tag!r}, {text})")
        for name, sources in attributes.items():
            for source in sources:
                add(depth + 1, f"if {source}:", f"    n.attributes[{name!r}] = {source}")
        for name, path in sorted(kid.given.items()):
            add(depth + 1, f"M.given(n, {name!r}, {path!r})")
        if kid.kids or kid.groups:
            add(depth + 1, f"n.kids = [{self._kids(kid)}]")
        assert kid.step is not None  # noqa: S101 - the root of a scope is no child
        for test in kid.step.tests:
            if test.constant is not None:
                add(depth + 1, f"M.constant(n, {test.way!r}, {test.constant!r})")
        add(depth + 1, f"n{kid.id} = [n]")
        add(depth, "else:", f"    n{kid.id} = []")

    # ---- what is left out

    def _left_out(self, scope: XmlScope) -> None:
        paths = {rule.path for rule in scope.rules if rule.path} | {each.path for each in scope.eachs}
        if scope is self.plan.root:
            paths |= {path for one in self.plan.scopes for rule in one.rules if (path := _of_document(rule))}
        owner = [each for one in self.plan.scopes for each in one.eachs if each.scope is scope]
        self._uncovered(scope.cls, (), paths | {(name,) for each in owner for name, _ in each.sets})
        for each in scope.eachs:
            if each.step is None:
                inside = {rule.path for rule in each.scope.rules if rule.path} | {(name,) for name, _ in each.sets}
                inside |= {below.path for below in each.scope.eachs}
                names = [n for n in hints(each.item) if n not in NEVER_TOLD and (n,) not in {p[:1] for p in inside}]
                if names:
                    test = " or ".join(f"h{each.id}.{name}" for name in names)
                    self.lines.add(1, f"if h{each.id} is not None and ({test}):")
                    self.lines.add(2, f"M.left_out({tuple(names)!r}, h{each.id})")

    def _uncovered(self, cls: type, path: Path, paths: set[Path]) -> None:
        add, source = self.lines.add, "o" if not path else f"o.{'.'.join(path)}"
        names = []
        for name, kind in hints(cls).items():
            spot = (*path, name)
            if name in NEVER_TOLD or spot in paths:
                continue
            if any(one[: len(spot)] == spot for one in paths):
                if is_struct(inner(kind)) and not is_list(kind):
                    self._uncovered(inner(kind), spot, paths)
                continue
            names.append(name)
        if names:
            guard = "".join(f"o.{'.'.join(path[: n + 1])} is not None and " for n in range(len(path)))
            add(1, f"if {guard}({' or '.join(f'{source}.{name}' for name in names)}):")
            add(2, f"M.left_out({tuple(names)!r}, {source})")


def _shared(each: XmlEach) -> list[XmlEach]:
    """The alternatives of its list that make the same elements there, where there are several: these keep the order of
    their items."""
    if each.step is None:
        return []
    same = [one for one in each.spot.groups[each.step.name] if one.path == each.path]
    return same if len(same) > 1 else []


def _otherwise(rule: XmlRule, source: str) -> str:
    """What is written where the document says nothing: a word, or what the rest of the document gives."""
    function, _, words = (rule.default or "").partition(" ")
    if rule.written_only and function == "position":
        return "str(P)"
    if rule.written_only and function == "sum" and words:
        return f"M.sum_of({source}, {tuple(words.split('.'))!r})"
    if path := _of_document(rule):
        return f"M.at({path!r})"
    if rule.written_only and rule.default == "line-amount":
        return f"M.line_amount({source})"
    return value_source(rule)


def _of_document(rule: XmlRule) -> Path:
    """The document's field an `else document ..` takes; () for none."""
    function, _, words = (rule.default or "").partition(" ")
    return tuple(words.split(".")) if rule.written_only and function == "document" and words else ()
