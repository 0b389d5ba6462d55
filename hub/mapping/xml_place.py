"""Places of XML: child steps with prefixes, tests on them, and an attribute at the end.

place = "." | step {"/" step} ["/" attribute] | ["./"] attribute
step  = NAME ["(" tests ")"] ["#" (n | "*")]          tests = test {"&" test}
test  = key "=" ["!"] value {"|" value} | key "=*"    key = place without tests, "." for the node's own text
attribute = "@" NAME
"""

import re
from dataclasses import dataclass

from hub.mapping.spec import Text, wrong
from hub.syntax.nodes import Node

_STEP = re.compile(r"(?P<name>[A-Za-z_][\w.:-]*)(?:\((?P<tests>[^()]*)\))?(?:#(?P<number>\d+|\*))?")
_ATTRIBUTE = re.compile(r"@[A-Za-z_][\w.:-]*")
_SPLIT = re.compile(r"/(?![^()]*\))")


@dataclass(frozen=True)
class XmlTest:
    """way: names of children, an attribute last ("@x"), none for the node's own text. values empty: anything there."""

    way: tuple[str, ...]
    values: tuple[str, ...]
    negated: bool = False

    def holds(self, node: Node) -> bool:
        """Whether a node passes."""
        found = peek(node, self.way)
        if not self.values:
            return found is not None
        return (found in self.values) is not self.negated

    @property
    def constant(self) -> str | None:
        """What a writer puts there; None if a rule must."""
        return self.values[0] if len(self.values) == 1 and not self.negated else None


@dataclass(frozen=True)
class XmlStep:
    """source: as the mapping writes it, which names it in ext. number: None, "1".. or "*"."""

    name: str
    source: str
    tests: tuple[XmlTest, ...] = ()
    number: str | None = None

    @property
    def key(self) -> str:
        return self.source.removesuffix("#*")


@dataclass(frozen=True)
class XmlPlace:
    """steps down from the node of the scope, then its text or an attribute."""

    steps: tuple[XmlStep, ...]
    attribute: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What a test calls this place."""
        return (*(step.name for step in self.steps), *([f"@{self.attribute}"] if self.attribute else []))

    @property
    def many(self) -> bool:
        return any(step.number == "*" for step in self.steps)


def peek(node: Node, way: tuple[str, ...]) -> str | None:
    """The text at the end of a way, by the first child of each name; None if there is none."""
    for name in way:
        if name[0] == "@":
            return node.attributes.get(name[1:])
        found = next((kid for kid in node.kids if kid.tag == name), None)
        if found is None:
            return None
        node = found
    return node.text


def parse_xml_place(text: Text) -> XmlPlace:
    """ConfigError HUB-3002: this is no place."""
    source = text.removeprefix("./")
    if source in (".", ""):
        return XmlPlace(())
    *parents, last = _SPLIT.split(source)
    attribute = last[1:] if _ATTRIBUTE.fullmatch(last) else None
    parts = parents if attribute else [*parents, last]
    return XmlPlace(tuple(_step(part, text) for part in parts), attribute)


def _step(part: str, at: Text) -> XmlStep:
    match = _STEP.fullmatch(part)
    if match is None or match["number"] == "0":
        raise wrong(at, "HUB-3002", f'"{at}" is not a place; a place looks like cac:Party/cbc:ID(@schemeID=GLN)/@name')
    tests = tuple(_test(test, at) for test in (match["tests"] or "").split("&") if test)
    return XmlStep(match["name"], part, tests, match["number"])


def _test(test: str, at: Text) -> XmlTest:
    key, equals, wanted = test.partition("=")
    if not equals or not wanted:
        raise wrong(at, "HUB-3002", f'"{test}" is not a test; a test looks like @schemeID=GLN or cbc:TypeCode=A|B')
    way = tuple(name for name in key.removeprefix("./").split("/") if name != ".")
    if wanted == "*":
        return XmlTest(way, ())
    negated = wanted.startswith("!")
    return XmlTest(way, tuple(wanted.removeprefix("!").split("|")), negated)
