"""Packages in packages: neighbours for the rules, put into each other again in what is written.

`nest: {cac:TransportHandlingUnit: [cac:Package, cac:ContainedPackage]}`: what a unit is called on the levels below (the
last name counts for all deeper ones); further entries name what is in it, which is called otherwise there too. Units of
any level become children of what holds the outermost one, by its name.

`pack: {unit: E1EDL37, item: E1EDL44, line: E1EDL24}` (DELVRY07): the units stand beside the lines, and their items say
what lies in them: with VELIN 1 so much of a line, with VELIN 3 another unit. A line that lies in several units becomes
one line for each; lines of one number that agree become one again.

In both, `@in` of a unit or line is then the number of the unit it stands in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from hub.errors import Finding, finding
from hub.mapping.xml_kept import to_tree
from hub.syntax.nodes import Node

Names = Mapping[str, Sequence[str]]
Sort = Callable[[Node], None]


def open_nest(node: Node, names: Names) -> None:
    """Makes all units of each level neighbours."""
    unit = next(iter(names))
    kids: list[Node] = []
    count = 0
    for kid in node.kids:
        if kid.tag == unit:
            count = _flatten(kid, names, 0, count + 1, kids)
        else:
            open_nest(kid, names)
            kids.append(kid)
    node.kids = kids


def _flatten(unit: Node, names: Names, level: int, number: int, into: list[Node]) -> int:
    """Puts a unit and those in it behind each other; gives the number of the last."""
    outermost = next(iter(names))
    inner = _called(outermost, names, level + 1)
    own = {_called(name, names, level): name for name in names}
    inside = unit.named(inner)
    unit.kids = [kid for kid in unit.kids if kid.tag != inner]
    for node in (unit, *unit.kids):
        node.tag = own.get(node.tag, node.tag)
    into.append(unit)
    last = number
    for kid in inside:
        kid.attributes["in"] = str(number)
        last = _flatten(kid, names, level + 1, last + 1, into)
    return last


def _called(name: str, names: Names, level: int) -> str:
    return name if not level else names[name][min(level, len(names[name])) - 1]


def close_nest(node: Node, names: Names, sort: Sort) -> None:
    """Undoes it. sort: puts the children of a node in order."""
    outermost = next(iter(names))
    units = node.named(outermost)
    for kid in node.kids:
        if kid.tag != outermost:
            close_nest(kid, names, sort)
    around = [_around(unit, units) for unit in units]
    inside = [unit for unit, outer in zip(units, around, strict=True) if outer is not None]
    level = {id(unit): _depth(at, around) for at, unit in enumerate(units)}
    for unit, outer in zip(units, around, strict=True):
        for kid in (unit, *unit.kids):
            if kid.tag in names:
                kid.tag = _called(kid.tag, names, level[id(unit)])
        if outer is not None:
            units[outer].kids.append(unit)
    for unit in units:
        if level[id(unit)] or unit.kids:
            sort(unit)
    node.kids = [kid for kid in node.kids if not any(kid is one for one in inside)]


def _around(unit: Node, units: Sequence[Node]) -> int | None:
    """Which of the units one stands in."""
    number = unit.attributes.pop("in", "")
    return int(number) - 1 if number.isdecimal() and 0 < int(number) <= len(units) else None


def _depth(at: int, around: Sequence[int | None]) -> int:
    depth, outer = 0, around[at]
    while outer is not None and depth <= len(around):
        depth, outer = depth + 1, around[outer]
    return depth


# ---- DELVRY07


def open_pack(node: Node, names: Mapping[str, str]) -> None:
    """Notes at units and lines in which unit they are."""
    for holder in [one for one in node if any(kid.tag == names["unit"] for kid in one.kids)]:
        units = holder.named(names["unit"])
        called = {value: one for one in units if (value := _text(one, "EXIDV"))}
        lines: dict[str, list[tuple[str, Node, Node]]] = {}
        for number, unit in enumerate(units, 1):
            for item in unit.named(names["item"]):
                inner = called.get(_text(item, "EXIDV"))
                if _text(item, "VELIN") == "3" and inner not in (None, unit) and len(item.kids) == 2:
                    assert inner is not None  # noqa: S101 - just asked
                    inner.attributes["in"] = str(number)
                    unit.kids.remove(item)
                elif _text(item, "VELIN") == "1":
                    lines.setdefault(_text(item, "POSNR"), []).append((str(number), unit, item))
        kids: list[Node] = []
        for kid in holder.kids:
            parts = lines.get(_text(kid, "POSNR"), []) if kid.tag == names["line"] else []
            kids += _parts(kid, parts, _text(holder, "VBELN"), names["item"])
        holder.kids = kids


def _parts(line: Node, parts: Sequence[tuple[str, Node, Node]], delivery: str, tag: str) -> Iterator[Node]:
    """A line for each unit it lies in; the line itself where the units do not say all of it."""
    amounts = [_number(_text(item, "VEMNG")) for _, _, item in parts]
    whole, unit = _number(_text(line, "LFIMG")), _text(line, "VRKME")
    known = [amount for amount in amounts if amount is not None]
    other = any(_text(item, "VEMEH") not in ("", unit) for _, _, item in parts)
    if not parts or other or (amounts != [whole] and (len(known) < len(parts) or sum(known) != whole)):
        yield line
        return
    said = {"VELIN": "1", "VBELN": delivery, "POSNR": _text(line, "POSNR"), "VEMEH": unit}
    for number, package, item in parts:
        copy = Node(line.tag, line.text, line.number)
        copy.attributes = {**line.attributes, "in": number}
        copy.kids = [
            Node(kid.tag, _text(item, "VEMNG"), kid.number) if kid.tag == "LFIMG" else kid for kid in line.kids
        ]
        item.kids = [kid for kid in item.kids if kid.tag != "VEMNG" and said.get(kid.tag) != kid.text]
        item.tag = tag
        if item.kids:
            copy.kids.append(item)
        package.kids.remove(item)
        yield copy


def close_pack(node: Node, names: Mapping[str, str], mapping: str) -> list[Finding]:
    """Undoes it. HUB-3223: a unit stands in another and has no number by which that could be said."""
    found: list[Finding] = []
    for holder in [one for one in node if any(kid.tag == names["unit"] for kid in one.kids)]:
        units = holder.named(names["unit"])
        for unit in units:
            outer, number = _around(unit, units), _text(unit, "EXIDV")
            if outer is None:
                continue
            if not number:
                text = f"{mapping} has no place for a package in another package that has no SSCC or number of its own."
                found.append(finding("HUB-3223", text, value="package", rule=mapping))
                continue
            item = units[outer].add(names["item"])
            item.add("VELIN", "3")
            item.add("EXIDV", number)
        kids: list[Node] = []
        for kid in holder.kids:
            outer = _around(kid, units) if kid.tag == names["line"] else None
            if outer is not None:
                units[outer].kids.append(_item(kid, _text(holder, "VBELN"), names["item"]))
                before = kids[-1] if kids else kid
                if before.tag == kid.tag and _same(before, kid):
                    _add(before, kid)
                    continue
            kids.append(kid)
        holder.kids = kids
    return found


def _item(line: Node, delivery: str, tag: str) -> Node:
    """What the unit says of the line that lies in it; what the message had besides comes last."""
    kept = next((kid for kid in line.kids if kid.tag == tag), None)
    line.kids = [kid for kid in line.kids if kid is not kept]
    item = Node(tag)
    said = {"VELIN": "1", "VBELN": delivery, "POSNR": _text(line, "POSNR"), "VEMNG": _text(line, "LFIMG")}
    for name, text in (said | {"VEMEH": _text(line, "VRKME")}).items():
        if text:
            item.add(name, text)
    if kept is not None:
        item.attributes = kept.attributes
        item.kids += kept.kids
    return item


def _same(one: Node, other: Node) -> bool:
    """Whether two lines are parts of one: of one number, and alike but for the quantity."""
    return bool(_text(one, "POSNR")) and _frame(one) == _frame(other)


def _frame(line: Node) -> object:
    frame = Node(line.tag, line.text)
    frame.attributes = line.attributes
    frame.kids = [kid for kid in line.kids if kid.tag != "LFIMG"]
    return to_tree(frame)


def _add(line: Node, part: Node) -> None:
    amounts = [_number(_text(one, "LFIMG")) for one in (line, part)]
    known = [amount for amount in amounts if amount is not None]
    for kid in line.kids:
        if kid.tag == "LFIMG":
            kid.text = str(sum(known, Decimal(0)))


def _text(node: Node, name: str) -> str:
    return next((kid.text for kid in node.kids if kid.tag == name), "")


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
