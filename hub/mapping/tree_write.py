"""Writes documents as objects of JSON, by the rules of hub.mapping.tree."""

from typing import Any

import msgspec

from hub.errors import Finding, finding
from hub.mapping import values
from hub.mapping.fields import NEVER_TOLD
from hub.mapping.tree import TreeEach, TreeRule, TreeScope, descend
from hub.mapping.values import Refused


class TreeWriter:
    """Writes one document as an object."""

    def __init__(self, mapping: str, document: Any) -> None:
        self.mapping = mapping
        self.document = document
        self.findings: list[Finding] = []
        self._written: set[tuple[int, str]] = set()

    def write(self, scope: TreeScope, part: Any) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        self._scope(scope, part, tree)
        return tree

    def _scope(self, scope: TreeScope, part: Any, tree: dict[str, Any]) -> None:
        for rule in scope.rules:
            if rule.one_way != "read":
                self._leaf(rule, part, tree)
        lists = dict.fromkeys(each.path for each in scope.eachs)
        for path in lists:
            eachs = [each for each in scope.eachs if each.path == path]
            full: list[TreeEach] = []
            for item in _at(part, path) or ():
                each = next((each for each in eachs if self._takes(each, item)), None)
                if each is None:
                    self._no_place(path, item)
                elif each.here:
                    eachs.remove(each)  # the object itself has room for one
                    self._scope(each.scope, item, tree)
                elif each in full:
                    text = f"{'.'.join(path)}: more than one value, and {each.steps[-1].name} holds one."
                    self.findings.append(finding("HUB-3222", text, rule=self.mapping))
                else:
                    self._item(each, item, tree)
                    if each.one:
                        full.append(each)
        for key, value in getattr(part, "ext", {}).get(self.mapping, {}).items():
            if not key.startswith("="):
                _put_kept(tree, key.split("/"), value)
        self._left_out(scope, part)

    def _takes(self, each: TreeEach, item: Any) -> bool:
        if any(getattr(item, name) != value for name, value in each.sets):
            return False
        if any(_at(self.document, path) != value for path, value in each.when):
            return False
        for rule in each.scope.rules:
            table = rule.codec.table
            if table is not None and len(rule.path) == 1 and rule.one_way == "":
                value = getattr(item, rule.path[0])
                if (
                    value is not None
                    and value not in table.back
                    and not (rule.codec.open and value.startswith(rule.codec.label))
                ):
                    return False
        return True

    def _no_place(self, path: tuple[str, ...], item: Any) -> None:
        name = " ".join(str(getattr(item, key)) for key in ("role", "type", "scheme", "kind") if hasattr(item, key))
        self.findings.append(
            finding(
                "HUB-3223", f"{self.mapping} has no place for {'.'.join(path)} {name}; it is left out.", value=name,
                rule=self.mapping,
            )
        )  # fmt: skip

    def _item(self, each: TreeEach, item: Any, tree: dict[str, Any]) -> None:
        spot, last = descend(tree, each.steps[:-1]), each.steps[-1].name
        fresh: dict[str, Any] = {}
        if each.one:  # other rules may have written there
            fresh = spot.setdefault(last, fresh)
        else:
            spot.setdefault(last, []).append(fresh)
        self._scope(each.scope, item, fresh)

    def _leaf(self, rule: TreeRule, part: Any, tree: dict[str, Any]) -> None:
        value = rule.constant if rule.constant is not None else _at(part, rule.path)
        if value is None and rule.default is not None and not rule.omit:
            value = self._default(rule)
        if value is None or value == [] or (rule.omit and value == self._default(rule)):
            return
        if rule.part is not None:
            if rule.part == rule.parts - 1 and len(value) > rule.parts:
                self._too_many(rule, len(value))
            if rule.part >= len(value):
                return
            value = value[rule.part]
        try:
            if rule.constant is not None:
                written: Any = (value,)
            elif rule.many and rule.part is None:
                written = ([rule.write(entry) for entry in value],)
            else:
                written = self._spelled(rule, part, value)
                if written is None:
                    made = rule.write(value)
                    written = values.fit(made, len(rule.places)) if isinstance(made, tuple) else (made,)
        except (Refused, KeyError) as error:
            code = error.code if isinstance(error, Refused) else "HUB-3220"
            text = error.message if isinstance(error, Refused) else f'"{value}" has no code in the table'
            self.findings.append(
                finding(
                    code, f"{'.'.join(rule.path)} has no way into {str(rule.at).split(' | ')[0]}: {text}.",
                    value=str(value), rule=rule.where,
                )
            )  # fmt: skip
            instead = error.written if isinstance(error, Refused) else None
            if instead is None:
                return
            written = instead if isinstance(instead, tuple) else (instead,)
        for place, text in zip(rule.places, written, strict=False):
            if text != "" and text is not None and place:
                self._put(rule, descend(tree, place[:-1]), place[-1].name, text)

    def _put(self, rule: TreeRule, spot: dict[str, Any], name: str, value: Any) -> None:
        """Rules that share a place (a unit of several measures) must say the same; constants give way."""
        if rule.constant is None and not rule.one_way:
            if (id(spot), name) in self._written and spot[name] != value:
                text = f"{'.'.join(rule.path)}: {name} is {spot[name]} already, and cannot be {value} as well."
                self.findings.append(
                    finding("HUB-3222", text, value=str(value), expected=str(spot[name]), rule=rule.where)
                )
                return
            self._written.add((id(spot), name))
        spot[name] = value

    def _too_many(self, rule: TreeRule, count: int) -> None:
        self.findings.append(
            finding(
                "HUB-3222", f"{'.'.join(rule.path)}: {count} values, and there are places for {rule.parts}.",
                value=str(count), expected=f"at most {rule.parts}", rule=rule.where,
            )
        )  # fmt: skip

    def _spelled(self, rule: TreeRule, part: Any, value: Any) -> Any:
        """What the value was read from, if that still means it."""
        raws = getattr(part, "ext", {}).get(self.mapping, {}).get(f"={'.'.join(rule.path)}")
        if not isinstance(raws, list):
            return None
        try:
            return raws if rule.read(*raws) == value else None
        except (Refused, KeyError):
            return None

    def _default(self, rule: TreeRule) -> Any:
        return rule.default if rule.kind is str else rule.read(rule.default)

    def _left_out(self, scope: TreeScope, part: Any) -> None:
        covered = {rule.path[0] for rule in scope.rules if rule.path} | {each.path[0] for each in scope.eachs}
        for name in msgspec.structs.fields(type(part)):
            if name.name not in covered | NEVER_TOLD and getattr(part, name.name):
                label = f"{type(part).__name__}.{name.name}"
                if not any(label in found.message for found in self.findings):
                    self.findings.append(
                        finding(
                            "HUB-3224", f"{self.mapping} says nothing of {label}, so it is left out.", rule=self.mapping
                        )
                    )


def _at(part: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        part = getattr(part, name, None)
    return part


def _put_kept(tree: Any, way: list[str], value: Any) -> None:
    """Puts a kept value back, unless a rule wrote there."""
    for name in way[:-1]:
        plain, _, number = name.partition("#")
        spot = tree.get(plain)
        if number:
            spot = tree.setdefault(plain, [])
            if not isinstance(spot, list):
                return
            spot += [{} for _ in range(int(number) - len(spot))]
            tree = spot[int(number) - 1]
        else:
            tree = tree.setdefault(plain, {})
        if not isinstance(tree, dict):
            return
    tree.setdefault(way[-1], value)
