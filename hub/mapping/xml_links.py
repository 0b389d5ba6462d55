"""Which order and package the contents of a ship notice belong to, where the message names them by number.

`links: {order: orders, package: packages}` in a mapping: the field of a content holds the order's number, the package's
SSCC or first id, and becomes the id of that order or package of the document. One that stands nowhere else is added.
"""

from collections.abc import Mapping, Set
from typing import Any

import msgspec

from hub.canonical import Id, OrderRef, Package, ShipNotice, ShippedOrder
from hub.errors import Finding, finding


def read_links(document: Any, links: Mapping[str, str], mapping: str) -> None:
    """Numbers to ids. What the contents did not say, and what only they said, is remembered for the writer."""
    if not isinstance(document, ShipNotice):
        return
    for number, order in enumerate(document.orders, 1):
        order.id = f"o{number}"
    for number, package in enumerate(document.packages, 1):
        package.id = f"p{number}"
    for field, into in links.items():
        _link(document, field, into, mapping)


def _link(document: ShipNotice, field: str, into: str, mapping: str) -> None:
    parts: list[Any] = getattr(document, into)
    known = {number: part for part in parts if (number := _number(part))}
    said, added = False, 0
    for content in document.contents:
        number = getattr(content, field)
        if number is None:
            continue
        said = True
        if number not in known:
            added += 1
            part = _new(into, f"{into[0]}{len(parts) + 1}", number)
            parts.append(part)
            known[number] = part
        setattr(content, field, known[number].id)
    place = "contents" if added and added == len(parts) else "both" if said else "head"
    if not said and field == "order" and len(parts) == 1:
        for content in document.contents:
            content.order = parts[0].id
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


def write_links(document: Any, links: Mapping[str, str], mapping: str, listed: Set[str]) -> tuple[Any, list[Finding]]:
    """A copy of the document with numbers for ids, without what the message said at one of the two places only.

    listed: the lists that have a place of their own. HUB-3223: an order or package without contents has none.
    """
    if not isinstance(document, ShipNotice) or not links:
        return document, []
    findings: list[Finding] = []
    contents = [msgspec.structs.replace(content) for content in document.contents]
    changes: dict[str, Any] = {"contents": contents}
    for field, into in links.items():
        place = document.ext.get(mapping, {}).get(f"={field}", "both")
        parts = {part.id: part for part in getattr(document, into)}
        for content in contents:
            part = parts.get(getattr(content, field) or "")
            setattr(content, field, _number(part) if part is not None and place != "head" else None)
        named = {getattr(content, field) for content in document.contents}
        if place == "contents" or into not in listed:
            changes[into] = [part for part in parts.values() if part.id not in named]
        if into not in listed:
            findings += [_homeless(mapping, into, part) for part in changes.pop(into)]
            changes[into] = []
    return msgspec.structs.replace(document, **changes), findings


def _homeless(mapping: str, into: str, part: Any) -> Finding:
    number = _number(part) or part.id
    text = f"{mapping} has no place for {into} {number} without contents; it is left out."
    return finding("HUB-3223", text, value=number, rule=mapping)
