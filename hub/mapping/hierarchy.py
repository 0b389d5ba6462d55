"""The engine of hierarchical messages: a tree of levels <-> orders, packages and contents.

Reading takes any nesting; the shape a message is written in is the agreement's choice. A content row takes the nearest
order and package above it; an item above packages becomes one row per package.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from hub.canonical import Content, Package, Quantity, ShipNotice, ShippedOrder
from hub.errors import finding
from hub.mapping.run import CarefulReader, Reader, Surprise, Writer
from hub.mapping.sequence import read_sequence, write_sequence
from hub.schema import Node


def read_tree(module: dict[str, Any], tree: Node, context: Reader) -> Any:
    """The document of a hierarchical message."""
    hierarchy = module["HIERARCHY"]
    nodes = tree.loops.get(hierarchy["loop"], [])
    document = module["read_0"](tree, context, None, "", 0)
    if "levels" in hierarchy:
        _Levels(module, context, document).read(nodes)
    else:
        read_sequence(module, context, document, nodes)
    return document


def write_levels(writer: Writer, document: ShipNotice, out: list[Any]) -> None:
    """Appends the levels of a document in the shape asked for."""
    if "levels" in writer.module["HIERARCHY"]:
        _Shape(writer, document, out).write()
    else:
        write_sequence(writer, document, out)


def tell(context: Reader, code: str, message: str, number: int, value: str | None = None) -> None:
    """A finding of the careful reader; the fast one gives up."""
    if not isinstance(context, CarefulReader):
        raise Surprise
    context.findings.append(finding(code, message, location=context.message.location(number), value=value))


class _Level:
    """One HL: what it was read into, and its neighbours."""

    def __init__(self, node: Node, level: str, parent: "_Level | None", part: Any) -> None:
        self.node = node
        self.level = level
        self.parent = parent
        self.part = part
        self.children: list[_Level] = []
        self.number = node.numbers["HL"][0]
        self.into = ""
        if parent is not None:
            parent.children.append(self)

    def above(self, *into: str) -> "_Level | None":
        """The nearest level above that goes into one of those lists."""
        level = self.parent
        while level is not None and level.into not in into:
            level = level.parent
        return level

    def below(self, into: str) -> "list[_Level]":
        found = []
        for child in self.children:
            found += [child] if child.into == into else []
            found += child.below(into)
        return found


class _Levels:
    def __init__(self, module: dict[str, Any], context: Reader, document: ShipNotice) -> None:
        self.module = module
        self.hierarchy = module["HIERARCHY"]
        self.context = context
        self.document = document
        self.mapping = module["MAPPING"]
        self.orders: dict[tuple[Any, ...], ShippedOrder] = {}
        self.packages: dict[tuple[Any, ...], Package] = {}

    def read(self, nodes: Sequence[Node]) -> None:
        levels: list[_Level] = []
        by_id: dict[str, _Level] = {}
        counted = False
        for node in nodes:
            segment = [*node.segments["HL"][0], "", "", "", ""]
            id, parent, code = segment[1], segment[2], segment[3]
            counted = counted or bool(segment[4])
            entry = self.hierarchy["levels"].get(code)
            number = node.numbers["HL"][0]
            if entry is None:
                tell(
                    self.context,
                    "HUB-3210",
                    f'HL {id} is of level "{code}", which {self.mapping} has no rules for.',
                    number,
                    code,
                )
                continue
            if parent and parent not in by_id:
                tell(
                    self.context,
                    "HUB-3207",
                    f"HL {id} names HL {parent} as its parent, which is not above it.",
                    number,
                    parent,
                )
            level = _Level(node, code, by_id.get(parent) if parent else None, None)
            level.into = entry["into"]
            by_id[id] = level
            levels.append(level)
        for level in levels:
            self._take(level)
        for level in levels:
            if level.into == "contents":
                self._contents(level)
        if nodes and not counted:
            self._remember("=HL04", "absent")
        shape = list(dict.fromkeys(level.level for level in levels))
        if nodes and shape != self.hierarchy["shape"]:
            self._remember("=shape", " ".join(shape))

    def _remember(self, key: str, value: str) -> None:
        own = {**self.document.ext.get(self.mapping, {}), key: value}
        self.document.ext = {**self.document.ext, self.mapping: own}

    def _take(self, level: _Level) -> None:
        entry = self.hierarchy["levels"][level.level]
        aside = self._set_aside(level)
        level.part = self.module[f"read_{entry['scope']}"](level.node, self.context, None, "", 0)
        level.node.segments.update(aside)
        if level.into == "document":
            self._into_document(level)
        elif level.into == "orders":
            self._order(level, entry)
        elif level.into == "packages":
            self._package(level, entry)

    def _set_aside(self, level: _Level) -> dict[str, Any]:
        """What rules `under` another level read is kept from the level's own rules."""
        under = self.hierarchy["under"].get(level.level)
        if under is None or level.above("contents") is None:
            return {}
        segments = level.node.segments
        return {key: segments.pop(key) for key in under["taken"] if key in segments}

    def _into_document(self, level: _Level) -> None:
        """Fields of a shipment level are the document's own; its ext is kept under the level's code."""
        document, part = self.document, level.part
        for name in part.__struct_fields__:
            value = getattr(part, name)
            if not value or name == "ext":
                continue
            if getattr(document, name):
                tell(
                    self.context,
                    "HUB-3208",
                    f"There is more than one level {level.level}, and both give {name}.",
                    level.number,
                )
            else:
                setattr(document, name, value)
        if kept := part.ext.get(self.mapping):
            for key, value in kept.items():
                self._remember(f"{level.level}/{key}", value)

    def _order(self, level: _Level, entry: dict[str, Any]) -> None:
        order: ShippedOrder = level.part
        for role in entry["store_from"]:
            party = next((party for party in order.parties if party.role == role and party.ids), None)
            if party is not None and order.store is None:
                order.store = party.ids[0].value
        key = _key(order, entry["key"])
        first = self.orders.get(key) if key else None
        if first is not None:
            self._same(level, first, ("id",))
            level.part = first
            return
        order.id = f"o{len(self.document.orders) + 1}"
        if key:
            self.orders[key] = order
        self.document.orders.append(order)

    def _package(self, level: _Level, entry: dict[str, Any]) -> None:
        package: Package = level.part
        for name, value in entry["set"].items():
            setattr(package, name, value)
        key = _key(package, entry["key"])
        first = self.packages.get(key) if key else None
        if first is not None:
            self._same(level, first, ("id", "parent", "order"))
            level.part = first
            return
        package.id = f"p{len(self.document.packages) + 1}"
        if key:
            self.packages[key] = package
        above = level.above("packages")
        package.parent = above.part.id if above is not None else None
        order = level.above("orders")
        if (
            order is not None
            and not level.below("contents")
            and not level.below("orders")
            and level.above("contents") is None
        ):
            package.order = order.part.id
        self.document.packages.append(package)

    def _same(self, level: _Level, first: Any, but: tuple[str, ...]) -> None:
        for name in first.__struct_fields__:
            if name not in but and getattr(first, name) != getattr(level.part, name):
                tell(
                    self.context, "HUB-3208", f"HL {level.node.segments['HL'][0][1]} repeats an earlier level with "
                    f"another {name}; the first copy is kept.", level.number,
                )  # fmt: skip
                return

    def _contents(self, level: _Level) -> None:
        content: Content = level.part
        order = level.above("orders")
        content.order = order.part.id if order is not None else None
        packages = level.below("packages")
        if not packages:
            above = level.above("packages")
            content.package = above.part.id if above is not None else None
            self.document.contents.append(content)
            return
        for index, package in enumerate(packages):
            row = content if index == 0 else msgspec.structs.replace(content, ext={})
            row.package = package.part.id
            self._quantity(row, package, len(packages))
            self.document.contents.append(row)

    def _quantity(self, row: Content, package: _Level, count: int) -> None:
        """How much of the item above lies in this package."""
        under = self.hierarchy["under"].get(package.level)
        taken = [key for key in (under["taken"] if under else ()) if key in package.node.segments]
        if under is None or not taken:
            if count > 1:
                tell(
                    self.context, "HUB-3209", "One item lies in several packages, and the message does not say how "
                    "much is in each.", package.number,
                )  # fmt: skip
                row.quantity = None
            return
        segments = {key: package.node.segments[key] for key in ["HL", *taken]}
        part = Node(package.node.positions, segments)
        inside = self.module[f"read_{under['scope']}"](part, self.context, None, "", 0)
        for name in inside.__struct_fields__:
            if name != "ext" and getattr(inside, name):
                setattr(row, name, getattr(inside, name))
        if kept := inside.ext.get(self.mapping):
            own = {**row.ext.get(self.mapping, {}), **{f"{package.level}/{key}": value for key, value in kept.items()}}
            row.ext = {**row.ext, self.mapping: own}


def _key(part: Any, paths: Sequence[str]) -> tuple[Any, ...]:
    """The values that make two copies one; empty if the first of them is missing."""
    values = []
    for path in paths:
        value = part
        for name in path.split("."):
            value = getattr(value, name, None)
        values.append(value)
    return tuple(values) if values and values[0] is not None else ()


class _Shape:
    def __init__(self, writer: Writer, document: ShipNotice, out: list[Any]) -> None:
        self.writer = writer
        self.hierarchy = writer.module["HIERARCHY"]
        self.document = _split_equal(document, writer)
        self.out = out
        kept = document.ext.get(writer.mapping, {})
        self.shape = [level for level in re.findall(r"[A-Z]+?", writer.shape) if level in self.hierarchy["levels"]]
        self.counted = kept.get("=HL04") != "absent"
        self.orders = {order.id: order for order in document.orders}
        self.packages = {package.id: package for package in self.document.packages}
        self.number = 0

    def write(self) -> None:
        self._lost_levels()
        rows, start = self._rows(), len(self.out)
        self._go(rows, self.shape, "")
        if not rows and len(self.out) == start + 1 and len(self.out[start]) <= 5 and self.out[start][0] == "HL":
            del self.out[start:]

    def _into(self, level: str) -> str:
        return str(self.hierarchy["levels"][level]["into"])

    def _kind(self, level: str) -> str | None:
        kind = self.hierarchy["levels"][level]["set"].get("kind")
        return str(kind) if kind else None

    def _package_levels(self) -> list[str]:
        return [level for level in self.hierarchy["levels"] if self._into(level) == "packages"]

    def _lost_levels(self) -> None:
        """Packages of a kind whose level the shape lacks."""
        lost = {level for level in self._package_levels() if level not in self.shape}
        for level in sorted(lost):
            kind = self._kind(level)
            if any(self._level_of(package) == level for package in self.document.packages):
                self.writer.findings.append(
                    finding(
                        "HUB-3226", f"The notice has packages of kind {kind}, and the shape {' '.join(self.shape)} has "
                        f"no level for them; their content is written, the packages are not.", value=kind,
                    )
                )  # fmt: skip

    def _level_of(self, package: Package) -> str:
        """The level a package stands at: that of its kind, or the innermost."""
        levels = self._package_levels()
        return next((level for level in levels if self._kind(level) == package.kind), levels[-1])

    def _chain(self, id: str | None) -> dict[str, str]:
        """The package and those around it, one for each level."""
        found: dict[str, str] = {}
        seen = set()
        while id is not None and id in self.packages and id not in seen:
            seen.add(id)
            found.setdefault(self._level_of(self.packages[id]), id)
            id = self.packages[id].parent
        return found

    def _rows(self) -> list[dict[str, Any]]:
        """Coordinates of every content, of packages without any, and of orders without any."""
        rows: list[dict[str, Any]] = []
        item_first = any(
            self.shape.index(level) > self.shape.index("I")
            for level in self._package_levels()
            if level in self.shape and "I" in self.shape
        )
        for index, content in enumerate(self.document.contents):
            ids = tuple((id.scheme, id.value) for id in content.ids)
            same: Any = (content.order, content.number, ids) if item_first else index
            rows.append({**self._chain(content.package), "O": content.order, "I": same, "content": content})
        used = {id for row in rows for level, id in row.items() if level in self._package_levels()}
        parents = {package.parent for package in self.document.packages}
        for package in self.document.packages:
            if package.id not in used and package.id not in parents:
                chain = self._chain(package.id)
                rows.append({**chain, "O": package.order})
                used |= set(chain.values())
        mentioned = {row.get("O") for row in rows}
        rows += [{"O": order.id} for order in self.document.orders if order.id not in mentioned]
        return rows

    def _go(self, rows: list[dict[str, Any]], levels: Sequence[str], parent: str) -> None:
        if not levels:
            return
        level, deeper = levels[0], levels[1:]
        if self._into(level) == "document":
            self._emit(level, _inside(self.document, self.writer.mapping, level), parent, bool(rows))
            self._go(rows, deeper, str(self.number))
            return
        groups: dict[Any, list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(self._coordinate(row, level), []).append(row)
        for key, group in groups.items():
            if key is None:
                self._go(group, deeper, parent)
                continue
            children = any(self._coordinate(row, below) is not None for row in group for below in deeper)
            part = self._part(level, key, group)
            if part is None:
                self._go(group, deeper, parent)
                continue
            start = len(self.out)
            self._emit(level, part, parent, children)
            self._under(level, group, start)
            self._go(group, deeper, str(self.number))

    def _coordinate(self, row: dict[str, Any], level: str) -> Any:
        into = self._into(level)
        return row.get({"orders": "O", "contents": "I"}.get(into, level))

    def _part(self, level: str, key: Any, rows: list[dict[str, Any]]) -> Any:
        into = self._into(level)
        if into == "orders":
            return self.orders.get(key)
        if into == "packages":
            return self.packages.get(key)
        contents = [row["content"] for row in rows]
        if len(contents) == 1:
            return contents[0]
        return msgspec.structs.replace(contents[0], quantity=_sum(contents))

    def _emit(self, level: str, part: Any, parent: str, children: bool) -> None:
        self.number += 1
        mark = ("1" if children else "0") if self.counted else ""
        self.writer.owned = {1: str(self.number), 2: parent, 3: level, 4: mark}
        entry = self.hierarchy["levels"][level]
        self.writer.module[f"write_{entry['scope']}"](part, self.out, self.writer, None, "")

    def _under(self, level: str, rows: list[dict[str, Any]], start: int) -> None:
        """What a level says of the item above it (how much of it this package holds)."""
        under = self.hierarchy["under"].get(level)
        contents = [row["content"] for row in rows if "content" in row]
        if under is None or not contents or level not in self.shape or under["above"] not in self.shape:
            return
        if self.shape.index(under["above"]) > self.shape.index(level):
            return
        part = _inside(msgspec.structs.replace(contents[0], quantity=_sum(contents)), self.writer.mapping, level)
        segments: list[Any] = []
        self.writer.module[f"write_{under['scope']}"](part, segments, self.writer, None, "")
        ranks = self.hierarchy["ranks"]
        for segment in segments[1:]:
            at = start + 1
            while at < len(self.out) and ranks.get(self.out[at][0], 99) < ranks[segment[0]]:
                at += 1
            self.out.insert(at, segment)


def _inside(part: Any, mapping: str, level: str) -> Any:
    """The part with the ext that was kept for that level, and no other."""
    kept = part.ext.get(mapping, {})
    own = {key.removeprefix(f"{level}/"): value for key, value in kept.items() if key.startswith(f"{level}/")}
    return msgspec.structs.replace(part, ext={mapping: own} if own else {})


def _sum(contents: Sequence[Content]) -> Quantity | None:
    """The quantity of rows of one item; None where one lacks it or their units differ."""
    quantities = [content.quantity for content in contents]
    if any(quantity is None for quantity in quantities) or len({q.unit for q in quantities if q}) != 1:
        return None
    return Quantity(value=sum(q.value for q in quantities if q), unit=quantities[0].unit if quantities[0] else None)  # type: ignore[arg-type]


def _split_equal(document: ShipNotice, writer: Writer) -> ShipNotice:
    """The document with an entry that stands for n equal packages as n entries, its quantities divided among them."""
    parents = {package.parent for package in document.packages}
    packages: list[Package] = []
    contents = list(document.contents)
    for package in document.packages:
        count = package.count or 1
        inside = [content for content in contents if content.package == package.id]
        if count == 1 or package.id in parents:
            packages.append(package)
            continue
        if any(content.quantity is not None and content.quantity.value % count for content in inside):
            message = f"Package {package.id} stands for {count} packages, and its quantities do not divide among them."
            writer.findings.append(finding("HUB-3227", message, value=str(count)))
            packages.append(package)
            continue
        marks = [package.sscc, *(id.value for id in package.ids if id.scheme == "sscc")]
        contents = [content for content in contents if content.package != package.id]
        for number in range(count):
            id = package.id if number == 0 else f"{package.id}-{number + 1}"
            sscc = marks[number] if number < len(marks) else None
            packages.append(msgspec.structs.replace(package, id=id, sscc=sscc, ids=[], count=None))
            for content in inside:
                share = content.quantity and Quantity(value=content.quantity.value / count, unit=content.quantity.unit)
                contents.append(msgspec.structs.replace(content, package=id, quantity=share))
    if len(packages) == len(document.packages):
        return document
    return msgspec.structs.replace(document, packages=packages, contents=contents)
