"""Places: where a value stands in a message, as the standards say it (BEG03, N9(L1)/MSG#*.01, PRI(AAA|AAB).01-2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hub.schema.model import QUALIFIER_AT
from hub.syntax.yaml import Text, wrong

_TAG = r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?P<slot>@\d+)?"
_TESTS = r"(?:\((?P<tests>[^()]*)\))?"
_NUMBER = r"(?:#(?P<number>\d+|\*))?"
_ELEMENT = (
    r"(?:\.?(?P<element>\d\d)(?:-(?P<component>\d+))?"
    r"(?:\.\.(?:(?P<last>\d\d)(?:-\d+)?|(?P<last_component>\d+)))?(?P<more>(?:\+\d\d(?:-\d+)?(?:\.\.\d\d)?)*)"
    r"|\.(?P<data_element>\d{4}))?"
)
_SEGMENT = re.compile(f"{_TAG}{_TESTS}{_NUMBER}{_ELEMENT}")
_STEP = re.compile(f"{_TAG}{_TESTS}")
_MORE = re.compile(r"\+(?P<element>\d\d)(?:-(?P<component>\d+))?(?:\.\.(?P<last>\d\d))?")
_TEST = re.compile(r"(?:(?P<element>\d\d)(?:-(?P<component>\d+))?=)?(?P<values>.+)")


@dataclass(frozen=True)
class Test:
    """element-component must be one of values; negated: none of them; no values: anything but empty ("*")."""

    __test__ = False  # it is a test on a message, not one for pytest

    element: int
    component: int
    values: tuple[str, ...]
    negated: bool = False

    @property
    def constant(self) -> str | None:
        """The value a writer puts there, if only one is possible."""
        return self.values[0] if len(self.values) == 1 and not self.negated else None


@dataclass(frozen=True)
class Step:
    """A loop on the way: its slot key ("N9", "ALC@2") and the tests on its trigger segment."""

    key: str
    tag: str
    tests: tuple[Test, ...]
    source: str


@dataclass(frozen=True)
class Place:
    """number: which segment of the tag ("2", "*" for all), None for the first that fits. element None: the segment
    itself. more: elements after a plus sign, as in G6202+04..05.
    """

    source: Text
    steps: tuple[Step, ...]
    key: str
    tag: str
    tests: tuple[Test, ...] = ()
    number: str | None = None
    element: int | None = None
    component: int | None = None
    last: int | None = None
    last_component: int | None = None
    data_element: str | None = None
    more: tuple[tuple[int, int | None], ...] = ()
    head: str = field(default="")

    def inside(self) -> "Place":
        """The same place seen from inside its first loop."""
        return replace(self, steps=self.steps[1:])


def parse_place(source: Text) -> Place:
    """ConfigError HUB-3002: not a place."""
    *ways, last = _split(source)
    steps = []
    for way in ways:
        match = _STEP.fullmatch(way)
        if not match:
            raise _not_a_place(source)
        key = match["tag"] + (match["slot"] or "")
        steps.append(Step(key, match["tag"], _tests(match["tests"], source, match["tag"]), way))
    match = _SEGMENT.fullmatch(last)
    if not match:
        raise _not_a_place(source)
    element, component = match["element"], match["component"]
    until, until_component = match["last"], match["last_component"]
    if component and until and not match["last_component"]:
        until, until_component = None, until
    if until_component and not component:
        raise _not_a_place(source)
    end = match.start("element") if element else match.start("data_element") if match["data_element"] else len(last)
    return Place(
        source=source,
        steps=tuple(steps),
        key=match["tag"] + (match["slot"] or ""),
        tag=match["tag"],
        tests=_tests(match["tests"], source, match["tag"]),
        number=match["number"],
        element=int(element) if element else None,
        component=int(component) if component else None,
        last=int(until) if until else None,
        last_component=int(until_component) if until_component else None,
        data_element=match["data_element"],
        more=tuple(_more(match["more"] or "")),
        head=last[:end].rstrip("."),
    )


def _more(source: str) -> Iterator[tuple[int, int | None]]:
    for part in _MORE.finditer(source):
        first, component = int(part["element"]), part["component"]
        for element in range(first, int(part["last"] or first) + 1):
            yield element, int(component) if component else None


def _split(source: Text) -> list[str]:
    """The parts between slashes outside of tests."""
    parts, depth, part = [], 0, ""
    for character in source:
        depth += (character == "(") - (character == ")")
        if character == "/" and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    return [*parts, part]


def _tests(source: str | None, at: Text, tag: str) -> tuple[Test, ...]:
    tests = []
    for part in (source or "").split("&") if source else ():
        match = _TEST.fullmatch(part)
        if not match:
            raise _not_a_place(at)
        values, negated = match["values"], match["values"].startswith("!")
        wanted = () if values == "*" else tuple(values.removeprefix("!").split("|"))
        tests.append(
            Test(int(match["element"] or QUALIFIER_AT.get(tag, 1)), int(match["component"] or 1), wanted, negated)
        )
    return tuple(tests)


def _not_a_place(source: Text) -> Exception:
    return wrong(source, "HUB-3002", f'"{source}" is not a place; a place looks like BEG03, DTM(010).02, LIN03-1')
