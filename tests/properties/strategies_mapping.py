"""Documents made from the rules of a mapping: what trees of JSON and flat files have in common with those of XML."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from hub.mapping.fields import hints, inner, is_struct, required
from hub.mapping.source import nested_class

Values = st.SearchStrategy[Any]


class Maker(NamedTuple):
    """leaf: the values a rule's place can hold, by the rule and the struct's path in its scope; several: of a list of
    texts; items: of one alternative of a list; part: structs from their fields and constants; always: fields that no
    document lacks."""

    leaf: Callable[[Any, tuple[str, ...]], Values]
    several: Callable[[Any], Values]
    items: Callable[[Any], Values]
    part: Callable[[type, dict[str, Values], dict[str, str]], Values]
    always: frozenset[tuple[str, ...]]

    def fields(self, scope: Any, cls: type, path: tuple[str, ...] = ()) -> dict[str, Values]:
        """The fields of a struct that rules both read and write."""
        fields: dict[str, Values] = {}
        rules = [rule for rule in scope.rules if rule.one_way == "" and rule.constant is None]
        paths = [each.path for each in (*rules, *scope.eachs) if each.path[: len(path)] == path != each.path]
        for name in sorted({found[len(path)] for found in paths}):
            spot = (*path, name)
            own = [rule for rule in rules if rule.path == spot]
            eachs = [each for each in scope.eachs if each.path == spot]
            if eachs:
                fields[name] = st.tuples(*map(self.items, eachs)).map(
                    lambda lists: [one for found in lists for one in found]
                )
            elif not own and is_struct(inner(hints(cls)[name])):
                inside = nested_class(scope.cls, spot)
                nested = self.part(inside, self.fields(scope, inside, spot), {})
                fields[name] = nested if name in required(cls) else st.one_of(st.none(), nested)
            elif own[0].many:
                fields[name] = self.several(own[0])
            else:
                value = self.leaf(own[0], path)
                sure = own[0].default is not None or name in required(cls) or spot in self.always
                fields[name] = value if sure else st.one_of(st.none(), value)
        return fields
