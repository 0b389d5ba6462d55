"""What the emitters of XML readers and writers share: sources of tests, defaults, fields, and of what takes an item."""

from hub.mapping.plan import Path
from hub.mapping.xml_place import XmlTest
from hub.mapping.xml_plan import XmlEach, XmlRule


def test_source(tests: tuple[XmlTest, ...], node: str) -> str:
    """Source that is true if the node passes; "" if there is nothing to test."""
    parts = []
    for test in tests:
        if not test.way:
            value = f"{node}.text"
        elif len(test.way) == 1 and test.way[0][0] == "@":
            value = f"{node}.attributes.get({test.way[0][1:]!r})"
        else:
            value = f"peek({node}, {test.way!r})"
        if not test.values:
            parts.append(f"{value} is not None")
        elif len(test.values) == 1:
            parts.append(f"{value} {'!=' if test.negated else '=='} {test.values[0]!r}")
        else:
            parts.append(f"{value} {'not in' if test.negated else 'in'} {test.values!r}")
    return " and ".join(parts)


def default_source(rule: XmlRule) -> str:
    """The default as source of a typed value; "None" where there is none for readers."""
    if rule.default is None or rule.written_only:
        return "None"
    return value_source(rule)


def value_source(rule: XmlRule) -> str:
    kind = rule.codec.python
    if kind is str:
        return repr(rule.default)
    return str(int(rule.default or "")) if kind is int else f"{kind.__name__}({rule.default!r})"


def suits(each: XmlEach, item: str) -> str:
    """Source that is true if the alternative is for the item."""
    tests = [f"{item}.{name} in {(value, *each.also.get(name, ()))!r}" for name, value in each.sets]
    for rule in each.scope.rules:
        table = rule.codec.table
        if table is None or len(rule.path) != 1 or rule.one_way or rule.many:
            continue
        value = f"{item}.{rule.path[0]}"
        test = rule.codec.accept(value) if rule.codec.accept is not None else "True"
        for asked in each.step.tests if each.step else ():
            if asked.way == rule.places[0].names and asked.values:
                words = [w for w, code in table.back.items() if (code in asked.values) is not asked.negated]
                test = f"{value} in {tuple(sorted(words))!r}"
        allowed = f"{value} is None or {test}"
        if rule.default is not None and rule.omit:
            allowed += f" or {value} == {rule.default!r}"
        tests.append(f"({allowed})")
    tests += [f"{get_safe(item, path)} is not None" for path in each.needs]
    if content := _content(each, item):
        tests.append(f"({content})")
    return " and ".join(tests) or "True"


def _content(each: XmlEach, item: str) -> str:
    """Source that is true if the item has anything to write; "" if something is written always."""
    rules = [rule for rule in each.scope.rules if rule.one_way != "read"]
    if any(rule.constant is not None or (rule.default is not None and not rule.omit) for rule in rules):
        return ""
    if any(rule.path in each.needs for rule in rules):
        return ""
    parts = [get_safe(item, rule.path) + ("" if rule.many else " is not None") for rule in rules]
    return " or ".join([*parts, *(get_safe(item, one.path) for one in each.scope.eachs)])


def rivals(each: XmlEach, eachs: list[XmlEach]) -> list[XmlEach]:
    """The alternatives of its field before it that may take its items too."""
    before = [other for other in eachs if other.path == each.path]
    return [
        other
        for other in before[: before.index(each)]
        if not any(name == known and value != said for name, value in each.sets for known, said in other.sets)
    ]


def get(source: str, path: Path) -> str:
    return ".".join((source, *path))


def get_safe(source: str, path: Path, *, maybe: bool = False) -> str:
    """Source of a field that may be some structs down, each of which may be absent."""
    steps = [source, *(f"{source}.{'.'.join(path[: n + 1])}" for n in range(len(path) - 1))]
    guards = [step for number, step in enumerate(steps) if number or maybe]
    value = get(source, path)
    return f"({value} if {' and '.join(f'{guard} is not None' for guard in guards)} else None)" if guards else value
