"""What the two emitters share: lines of source, names, tests, and the constants a generated module starts with."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hub.mapping.fields import hints, inner, is_struct
from hub.mapping.place import Test
from hub.mapping.plan import Claim, Path, Plan, Rule, Scope

ENVELOPE = ("ST", "SE", "UNH", "UNT")
COUNTED = ("LX", "CPS", "HL")
"""Segments whose first element only counts them (X12 554, EDIFACT 7164); it is made anew where no rule reads it."""


class Lines:
    """Source being written: add at an indentation, name temporaries, share constants."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._constants: dict[str, str] = {}
        self._count = 0

    def add(self, depth: int, *lines: str) -> None:
        self.lines += ["    " * depth + line for line in lines]

    def fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def constant(self, source: str) -> str:
        """The name of a module-level constant with that source."""
        return self._constants.setdefault(source, f"K{len(self._constants)}")

    def module(self, head: Sequence[str]) -> str:
        constants = [f"{name} = {source}" for source, name in self._constants.items()]
        return "\n".join([*head, *constants, *self.lines, ""])


def frozen(names: Iterable[str]) -> str:
    return f"frozenset({sorted(names)!r})"


def tables(plan: Plan, out: Lines) -> list[str]:
    """WORDS, BACK and VARIANTS of the code tables a plan uses; the lines call each by a name of its own."""
    used = {codec.table.name: codec.table for codec in plan.tables.values() if codec.table is not None}
    names = {
        f"{kind}[{name!r}]": f"{kind}_{number}"
        for number, name in enumerate(sorted(used))
        for kind in ("WORDS", "BACK", "VARIANTS")
    }
    body = "\n".join(out.lines)
    for access, name in names.items():
        body = body.replace(access, name)
    out.lines = body.split("\n")
    return [
        f"WORDS = { ({name: table.words for name, table in sorted(used.items())})!r}",
        f"BACK = { ({name: table.back for name, table in sorted(used.items())})!r}",
        "VARIANTS = {" + ", ".join(f"{name!r}: {frozen(t.variants)}" for name, t in sorted(used.items())) + "}",
        *(f"{name} = {access}" for access, name in names.items()),
    ]


def key_of(rule: Rule, head: str) -> list[str]:
    """The ext keys of a rule's parts."""
    return [
        f"{head}.{element:02}" + (f"-{component}" if component is not None else "")
        for element, component in rule.positions
    ]


def scopes_of(plan: Plan) -> Iterator[tuple[Scope, Path]]:
    """Every scope, and the lists its items lie in, from the document on: lines.charges. The document's own: none."""

    def go(scope: Scope, path: Path) -> Iterator[tuple[Scope, Path]]:
        yield scope, path
        for field in scope.lists.values():
            for one in field.alternatives:
                inside = [one.loop.scope, one.loop.outer] if one.loop else [one.claim.scope] if one.claim else []
                for scope_of_item in filter(None, inside):
                    yield from go(scope_of_item, (*path, *field.path))

    lists = {inner(hint): (name,) for name, hint in hints(plan.document).items()}
    for scope in (plan.root, *plan.levels.values()):
        yield from go(scope, () if scope.cls is plan.document else lists[scope.cls])


def _lists_of(plan: Plan) -> dict[int, Path]:
    """The lists each rule's item lies in; the path of a rule of slots says its own."""
    within: dict[int, Path] = {}
    for scope, path in scopes_of(plan):
        within |= {rule.id: path for rule in scope.rules}
        for field in scope.lists.values():
            slots = [one.slots for one in field.alternatives if one.slots]
            within |= {rule.id: path for each in slots for _, _, rule in each.parts}
    return within


def notes(plan: Plan, heads: dict[int, str]) -> str:
    """RULES: what the careful variants say about each rule."""
    rows, within = [], _lists_of(plan)
    for rule in plan.rules:
        place = str(rule.place.source) if rule.place is not None else ""
        table = rule.codec.table.name if rule.codec.table is not None else ""
        head = heads.get(rule.id, rule.place.head if rule.place is not None else "")
        field = ".".join(name for name in (*within.get(rule.id, ()), *rule.path) if name != "#")
        rows.append(
            f"    {rule.id}: RuleNote({rule.at.file!r}, {rule.at.line}, {rule.at.column}, {field!r}, "
            f"{place!r}, {rule.codec.name!r}, {table!r}, {tuple(key_of(rule, head))!r}, {tuple(rule.positions)!r}),"
        )
    return "\n".join(["RULES = {", *rows, "}"])


def condition(test: Test, segment: str, standard: str, *, padded: bool = False, split: str = "separator") -> str:
    """Source that is true if the segment passes the test."""
    if test.component == 1:
        value = f"{segment}[{test.element}]"
        if standard == "edifact":
            value = f"{value}.partition({split})[0]"
        if not padded:
            value = f"({value} if len({segment}) > {test.element} else '')"
    else:
        value = f"M.part({segment}, {test.element}, {test.component})"
    if not test.values:
        return value
    if test.negated:
        name = f"not in {test.values!r}" if len(test.values) > 1 else f"!= {test.values[0]!r}"
        return f"({value} or {test.values[0]!r}) {name}"
    if len(test.values) == 1:
        return f"{value} == {test.values[0]!r}"
    return f"{value} in {test.values!r}"


def conditions(tests: Sequence[Test], segment: str, standard: str, *, padded: bool = False) -> str:
    return " and ".join(condition(test, segment, standard, padded=padded) for test in tests)


def read_default(rule: Rule) -> str:
    """What an absent value is read as."""
    return "None" if rule.written_only else default_source(rule)


def default_source(rule: Rule) -> str:
    """The default as source of a typed value."""
    text = rule.default
    if text is None:
        return "None"
    if rule.codec.python is str:
        return repr(text)
    if rule.codec.python is int:
        return str(int(text))
    return f"{rule.codec.python.__name__}({text!r})"


def field_tree(scope: Scope) -> dict[str, Any]:
    """The fields a scope fills: name -> the path of a leaf or list, or the tree of a nested struct."""
    tree: dict[str, Any] = {}
    paths: list[Path] = [rule.path for rule in scope.rules if rule.path and rule.one_way != "write"]
    paths += [path for path, _ in scope.constants] + list(scope.lists)
    for path in paths:
        spot = tree
        for name in path[:-1]:
            spot = spot.setdefault(name, {})
        spot[path[-1]] = path
    return tree


def nested_class(cls: type, path: Path) -> type:
    for name in path:
        cls = inner(hints(cls)[name])
    assert is_struct(cls)  # noqa: S101 - the builder made it so
    return cls


def single_claim(scope: Scope) -> Claim | None:
    """The claim on a segment scope's one segment, None if no rule reads from it."""
    claims = [claim for claims in scope.block.claims.values() for claim in claims]
    return claims[0] if claims else None
