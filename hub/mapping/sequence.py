"""CPS (EDIFACT consignment packing sequence): every CPS is a package entry, its lines are contents.

A bare first CPS that only holds the others is the shipment itself and no package. Orders stand in the header, or on the
lines where there are several.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from hub.canonical import Content, OrderRef, Package, ShipNotice, ShippedOrder
from hub.errors import finding
from hub.mapping.run import CarefulReader, Reader, Surprise, Writer
from hub.schema import Node


def read_sequence(module: dict[str, Any], context: Reader, document: ShipNotice, nodes: Sequence[Node]) -> None:
    """Adds packages and contents to the document read from the header."""
    hierarchy, mapping = module["HIERARCHY"], module["MAPPING"]
    loop, leaf_loop = hierarchy["loop"], hierarchy["leaf_loop"]
    for number, order in enumerate(document.orders, 1):
        order.id = f"o{number}"
    by_number = {order.order.number: order for order in document.orders if order.order is not None}
    in_header = set(by_number)
    known: set[str] = set()
    shipment: str | None = None
    for node in nodes:
        segment = [*node.segments[loop][0], "", ""]
        id, parent = segment[1], segment[2]
        if parent and parent not in known:
            _tell(
                context,
                f"CPS {id} names CPS {parent} as its parent, which is not above it.",
                node.numbers[loop][0],
                parent,
            )
        known.add(id)
        leaves = node.loops.pop(leaf_loop, [])
        package: Package = module[f"read_{hierarchy['node']}"](node, context, None, "", 0)
        if leaves:
            node.loops[leaf_loop] = leaves
        package.id = id
        package.parent = parent if parent and parent != shipment else None
        bare = package == Package(id=id) and not leaves and not parent
        if bare and not document.packages and len(nodes) > 1:
            shipment = id
        else:
            document.packages.append(package)
        for leaf in leaves:
            content: Content = module[f"read_{hierarchy['leaf']}"](leaf, context, None, "", 0)
            content.package = id
            document.contents.append(content)
    _link_orders(document, by_number, in_header, mapping)
    if nodes and shipment is None:
        _remember(document, mapping, "=CPS", "no shipment level")


def _link_orders(
    document: ShipNotice, by_number: dict[str | None, ShippedOrder], in_header: set[str | None], mapping: str
) -> None:  # fmt: skip
    """Lines name their order by number; the document names it by id."""
    named = False
    for content in document.contents:
        if content.order is None:
            if len(in_header) == 1:
                content.order = document.orders[0].id
            continue
        named = True
        if content.order not in by_number:
            order = ShippedOrder(id=f"o{len(document.orders) + 1}", order=OrderRef(number=content.order))
            by_number[content.order] = order
            document.orders.append(order)
        content.order = by_number[content.order].id
    if named:
        _remember(document, mapping, "=orders", "both" if in_header else "lines")


def write_sequence(writer: Writer, document: ShipNotice, out: list[Any]) -> None:
    """Appends a CPS for each package, numbered anew, with its lines."""
    hierarchy = writer.module["HIERARCHY"]
    kept = document.ext.get(writer.mapping, {})
    numbers: dict[str | None, str] = {None: ""}
    loose = [content for content in document.contents if content.package is None]
    with_shipment = bool(document.packages) and "=CPS" not in kept
    count = 0
    if with_shipment or loose or not document.packages:
        count = 1
        _node(writer, Package(id=""), "1", "", out)
        numbers[None] = "1"
        for content in loose:
            _leaf(writer, document, content, out)
    for package in document.packages:
        count += 1
        numbers[package.id] = str(count)
        if package.parent not in numbers:
            writer.findings.append(
                finding(
                    "HUB-3207", f"Package {package.id} stands in package {package.parent}, which comes later or never."
                )
            )
        _node(writer, package, str(count), numbers.get(package.parent, ""), out)
        for content in document.contents:
            if content.package == package.id:
                _leaf(writer, document, content, out)
    del hierarchy


def header(writer: Writer, document: ShipNotice) -> ShipNotice:
    """The document as the header writes it: with its orders, unless they stand on the lines only."""
    return msgspec.structs.replace(document, orders=[]) if _orders_at(writer, document) == "lines" else document


def _orders_at(writer: Writer, document: ShipNotice) -> str:
    """header, lines or both: of several orders the lines tell the numbers, and only the header what else there is."""
    if place := document.ext.get(writer.mapping, {}).get("=orders"):
        return str(place)
    if len(document.orders) < 2:
        return "header"
    shipped = {content.order for content in document.contents}
    return "both" if any(order.dates or order.id not in shipped for order in document.orders) else "lines"


def _node(writer: Writer, package: Package, number: str, parent: str, out: list[Any]) -> None:
    writer.owned = {1: number, 2: parent}
    writer.module[f"write_{writer.module['HIERARCHY']['node']}"](package, out, writer, None, "")


def _leaf(writer: Writer, document: ShipNotice, content: Content, out: list[Any]) -> None:
    order = next((order for order in document.orders if order.id == content.order), None)
    number = order.order.number if order is not None and order.order is not None else None
    if _orders_at(writer, document) == "header":
        number = None
    part = msgspec.structs.replace(content, order=number)
    writer.module[f"write_{writer.module['HIERARCHY']['leaf']}"](part, out, writer, None, "")


def _remember(document: ShipNotice, mapping: str, key: str, value: str) -> None:
    document.ext = {**document.ext, mapping: {**document.ext.get(mapping, {}), key: value}}


def _tell(context: Reader, message: str, number: int, value: str) -> None:
    if not isinstance(context, CarefulReader):
        raise Surprise
    context.findings.append(finding("HUB-3207", message, location=context.message.location(number), value=value))
