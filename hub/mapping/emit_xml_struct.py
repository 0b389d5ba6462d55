"""The end of a generated reader of XML: the struct built of the values and lists that were read."""

from hub.mapping.fields import hints, is_list, required
from hub.mapping.plan import Path
from hub.mapping.source import Lines, nested_class
from hub.mapping.xml_plan import XmlEach, XmlPlan, XmlRule, XmlScope


class StructEmitter:
    """lists: path -> the source of a list of items; values of single rules are v<rule>."""

    def __init__(self, plan: XmlPlan) -> None:
        self.plan = plan
        self.lines = Lines()

    def finish(self, scope: XmlScope, lists: dict[Path, str]) -> None:
        add = self.lines.add
        sets = {name: value for each in self._owner(scope) for name, value in each.sets}
        self.build_all(scope, lists, "o", sets)
        if scope is self.plan.root:
            add(1, "if o is None:", f"    o = {scope.cls.__name__}()")
        else:
            add(1, "if o is None:", "    return None")
        if scope is self.plan.root and self.plan.given:
            add(1, "M.finish(o, X)")
        if scope.own_ext:
            add(1, "if X:", "    o.ext = {M.mapping: X}")
        add(1, "return o")

    def _owner(self, scope: XmlScope) -> list[XmlEach]:
        return [each for one in self.plan.scopes for each in one.eachs if each.scope is scope]

    def build_all(
        self, scope: XmlScope, lists: dict[Path, str], name: str, sets: dict[str, str], label: str = ""
    ) -> None:
        tree: dict[str, object] = {}
        values: dict[Path, list[XmlRule]] = {}
        for rule in scope.rules:
            if rule.path and rule.one_way != "write":
                values.setdefault(rule.path, []).append(rule)
        for path in [*values, *lists]:
            spot = tree
            for step in path[:-1]:
                spot = spot.setdefault(step, {})  # type: ignore[assignment]
            spot[path[-1]] = path
        self._build(scope, (), tree, values, lists, name, sets, label)

    def _build(
        self, scope: XmlScope, path: Path, tree: dict[str, object], values: dict[Path, list[XmlRule]],
        lists: dict[Path, str], name: str, sets: dict[str, str], label: str,
    ) -> None:  # fmt: skip
        add = self.lines.add
        cls = nested_class(scope.cls, path)
        found: dict[str, str] = {}
        many: set[str] = set()
        for field, below in tree.items():
            spot = (*path, field)
            if isinstance(below, dict):
                found[field] = f"{name}_{field}"
                self._build(scope, spot, below, values, lists, found[field], {}, label)
            elif spot in lists:
                found[field] = lists[spot]
                many.add(field)
            else:
                rules = values[spot]
                if is_list(hints(cls)[field]):
                    found[field] = self._texts(rules, f"{name}_{field}", scope, label)
                    many.add(field)
                else:
                    found[field] = f"v{rules[0].id}"
        needed = [found[field] for field in required(cls) if field in found and field not in sets]
        read = [rule for rules in values.values() for rule in rules if rule.one_way != "read" or rule.constant is None]
        own = [
            found[field]
            for field in found
            if field in many or isinstance(tree[field], dict) or any(rule.path == (*path, field) for rule in read)
        ]
        if "id" in required(cls) and "id" not in found:
            sets = {**sets, "id": ""}
        absent = [field for field in required(cls) if field not in found and field not in sets]
        if absent:
            add(1, f"{name} = None")
            return
        condition = " and ".join(f"{value} is not None" for value in needed) or " or ".join(
            value if field_many else f"{value} is not None"
            for value, field_many in ((found[f], f in many) for f in found if found[f] in own)
        )
        arguments = [f"{field}={value!r}" for field, value in sets.items()]
        arguments += [f"{field}={value}" for field, value in found.items() if field not in sets]
        made = f"{cls.__name__}({', '.join(arguments)})"
        add(1, f"{name} = {made} if {condition or 'True'} else None")
        orphans = self._orphans(path, values)
        if (path or scope.here) and orphans and required(cls):
            add(1, f"if {name} is None:", f"    M.orphan(X, way, ({orphans},))")

    def _orphans(self, path: Path, values: dict[Path, list[XmlRule]]) -> str:
        """The places and raw texts of all that a struct would have held."""
        return ", ".join(
            f"({spot.way + ('@' + attribute if attribute else '.')!r}, r{rule.id}{f'_{number}' if number else ''})"
            for at, rules in values.items()
            if at[: len(path)] == path
            for rule in rules
            if rule.spots and rule.spots[0][0].rest is None
            for number, (spot, attribute) in enumerate(rule.spots)
        )

    def _texts(self, rules: list[XmlRule], name: str, scope: XmlScope, label: str) -> str:
        """A list of texts out of several rules. Where they do not stand as a writer would fill the places, how many
        each place had is remembered."""
        parts, counts, room = [], [], []
        for rule in rules:
            value = f"v{rule.id}"
            if rule.lines or (rule.spots and rule.spots[0][0].rest is not None):
                parts.append(f"*({value} or ())")
                counts.append(f"len({value} or ())")
                room.append(0)
            else:
                parts.append(f"*([{value}] if {value} is not None else ())")
                counts.append(f"int({value} is not None)")
                room.append(1)
        self.lines.add(1, f"{name} = [{', '.join(parts)}]")
        if len(rules) > 1 and scope.own_ext and not any(rule.one_way for rule in rules):
            key = f"={label}{'.'.join(rules[0].path)}"
            self.lines.add(1, f"M.layout(X, {key!r}, ({', '.join(counts)}), {tuple(room)!r})")
        return name
