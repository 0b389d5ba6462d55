"""Which order and package the lines of a document belong to, where the message names them by number.

`links: {order: orders, package: packages}` in a mapping: the field of a line (of a ship notice: of a content) holds the
order's number, the package's SSCC or first id, and becomes the id of that order or package of the document; so does
each text of a list of packages. One that stands nowhere else is added. `package: units`: the field holds the number of
the package in the list (`lift`, `nest`, `pack`); `parent: units`: likewise, or what the message calls the package (its
`id`).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from hub.canonical import Id, OrderRef, Package, ShipNotice, ShippedOrder
from hub.errors import Finding, finding

LINKS = (
    ("order", "orders"),
    ("package", "packages"),
    ("packages", "packages"),
    ("package", "units"),
    ("packages", "units"),
    ("parent", "units"),
)
"""Fields, and the lists they may lead to."""


def read_links(document: Any, links: Mapping[str, str], mapping: str) -> None:
    """Numbers to ids. What the lines did not say, and what only they said, is remembered for the writer."""
    for number, order in enumerate(getattr(document, "orders", ()), 1):
        order.id = f"o{number}"
    called: dict[str, str] = {}
    for number, package in enumerate(getattr(document, "packages", ()), 1):
        if "parent" in links and package.parent is not None:  # the last one before it that is called so, or a number
            package.parent = called.get(package.parent) if package.id else f"p{package.parent}"
        called[package.id or str(number)] = f"p{number}"
        package.id = f"p{number}"
    for field, into in links.items():
        if into != "units":
            _link(document, field, into, mapping)
        elif field == "package":
            for line in _lines(document):
                line.package = f"p{line.package}" if line.package is not None else None
        elif field == "packages":
            for line in _lines(document):
                line.packages = [f"p{number}" for number in line.packages]


def _lines(document: Any) -> list[Any]:
    lines: list[Any] = document.contents if isinstance(document, ShipNotice) else getattr(document, "lines", [])
    return lines


def _link(document: Any, field: str, into: str, mapping: str) -> None:
    parts: list[Any] = getattr(document, into)
    known = {number: part for part in parts if (number := _number(part))}
    said, added = False, 0
    for line in _lines(document):
        value = getattr(line, field)
        for number in value if isinstance(value, list) else [value]:
            if number is None:
                continue
            said = True
            if number not in known:
                added += 1
                part = _new(into, f"{into[0]}{len(parts) + 1}", number)
                parts.append(part)
                known[number] = part
        if isinstance(value, list):
            setattr(line, field, [known[number].id for number in value])
        elif value is not None:
            setattr(line, field, known[value].id)
    place = "contents" if added and added == len(parts) else "both" if said else "head"
    if not said and field == "order" and len(parts) == 1:
        for line in _lines(document):
            line.order = parts[0].id
    elif place == "both" or not parts:
        return
    document.ext = {**document.ext, mapping: {**document.ext.get(mapping, {}), f"={field}": place}}


def _number(part: Any) -> str | None:
    if isinstance(part, ShippedOrder):
        return part.order.number if part.order is not None else None
    return part.sscc or next((id.value for id in part.ids), None)


def _new(into: str, id: str, number: str) -> Any:
    if into == "orders":
        return ShippedOrder(id=id, order=OrderRef(number=number))
    if len(number) == 18 and number.isdigit():
        return Package(id=id, sscc=number)
    return Package(id=id, ids=[Id(scheme="package", value=number)])


def write_links(
    document: Any, links: Mapping[str, str], mapping: str, listed: Mapping[str, int | None]
) -> tuple[Any, list[Finding]]:
    """A copy of the document with numbers for ids, without what the message said at one of the two places only.

    listed: the lists that have a place of their own, and how many there may be (None: any number); where there are too
    many, those that lines name stand only there. HUB-3223: an order or package without contents has none.
    """
    if not links:
        return document, []
    findings: list[Finding] = []
    held = "contents" if isinstance(document, ShipNotice) else "lines"
    lines = [msgspec.structs.replace(line) for line in getattr(document, held)]
    changes: dict[str, Any] = {held: lines}
    for field, into in sorted(links.items(), key=lambda link: (link[1] == "units", link[0] == "parent")):
        if into == "units":
            changes |= _numbered(changes.get("packages", document.packages), field, lines)
            continue
        place = document.ext.get(mapping, {}).get(f"={field}", "both")
        parts = {part.id: part for part in getattr(document, into)}
        named: set[str] = set()
        for line in lines:
            value = getattr(line, field)
            ids = value if isinstance(value, list) else [value or ""]
            named |= {id for id in ids if id}
            there = [parts[id] for id in ids if id in parts and place != "head"]
            numbers = [_number(part) for part in there]
            if into == "packages":
                findings += [_nameless(mapping, part) for part in there if _number(part) is None]
            if isinstance(value, list):
                setattr(line, field, [number for number in numbers if number is not None])
            else:
                setattr(line, field, numbers[0] if numbers else None)
        room = listed.get(into, 0)
        if place == "contents" or into not in listed or (room is not None and len(parts) > room):
            nested = {id for part in parts.values() if getattr(part, "parent", None) for id in (part.id, part.parent)}
            changes[into] = [part for part in parts.values() if part.id not in named - nested]
        if into not in listed:
            rest = changes.pop(into)
            findings += [_homeless(mapping, into, part) for part in rest]
            findings += [_bare(mapping, part) for part in parts.values() if part not in rest and _says_more(part)]
            changes[into] = []
    return msgspec.structs.replace(document, **changes), findings


def _numbered(packages: list[Package], field: str, lines: list[Any]) -> dict[str, Any]:
    """The places in their list of the packages that lines lie in, or packages stand in."""
    number = {package.id: str(place) for place, package in enumerate(packages, 1)}
    if field == "parent":
        replace = msgspec.structs.replace
        return {"packages": [replace(one, id=number[one.id], parent=number.get(one.parent or "")) for one in packages]}
    for line in lines:
        value = getattr(line, field)
        if isinstance(value, list):
            setattr(line, field, [number[id] for id in value if id in number])
        else:
            setattr(line, field, number.get(value or ""))
    return {}


def _says_more(part: Any) -> bool:
    """Whether a package tells more than its number."""
    return isinstance(part, Package) and part != Package(
        id=part.id, sscc=part.sscc, ids=[] if part.sscc else part.ids[:1]
    )


def _bare(mapping: str, part: Any) -> Finding:
    text = (
        f"{mapping} has no place for what package {_number(part) or part.id} says besides its number; it is left out."
    )
    return finding("HUB-3223", text, value=_number(part), rule=mapping)


def _nameless(mapping: str, part: Any) -> Finding:
    text = f"{mapping} names the package a line lies in by its SSCC or number, and package {part.id} has none."
    return finding("HUB-3223", text, value=part.id, rule=mapping)


def _homeless(mapping: str, into: str, part: Any) -> Finding:
    number = _number(part) or part.id
    text = f"{mapping} has no place for {into} {number} without contents; it is left out."
    return finding("HUB-3223", text, value=number, rule=mapping)
