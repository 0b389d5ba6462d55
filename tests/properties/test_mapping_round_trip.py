"""read(write(document)) == document, for documents made from a mapping's own rule table."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

from hub.canonical import (
    Content,
    DateAt,
    Document,
    GoodsItem,
    Moment,
    OrderRef,
    Package,
    Payment,
    Quantity,
    Remittance,
    ShipNotice,
    ShippedOrder,
    to_builtins,
)
from hub.mapping import Library, Mapping
from hub.mapping.codec import Codec
from hub.mapping.fields import hints, inner, is_struct, required
from hub.mapping.plan import Alternative, Block, ListField, Rule, Scope
from hub.mapping.source import nested_class
from hub.mapping.values import X12_ZONES
from hub.syntax import Envelope, OutGroup, OutMessage, cut, parse, write

EXAMPLES = 12
STEP_TESTS = re.compile(r"\((.*?)\)")
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # shrinking such large documents takes minutes
NEEDED = {
    "x12/810": ["total"],  # TDS is what parts the charges of the last line from those of the invoice
    "x12/812": ["parties"],  # without the N1 of the header, which it must have, its FA1 stands too early
    "x12/816": ["parties"],  # without the N1 of the header its HL stands too early
    "edifact/INVOIC": ["currency"],  # what the rates of its CUX are for
}
FILLED = {  # without it the line's segment is empty
    "x12/180": ("lines", "ids"),
    "x12/210": ("lines", "shipments*.party.role"),
    "x12/214": ("events", "reason"),
    "x12/875": ("lines", "quantity"),
    "x12/880": ("lines", "quantity"),
    "x12/753": ("shipments", "party"),
    "edifact/REMADV": ("lines", "invoice.number"),
    "edifact/OSTRPT": ("orders", "order.number"),
    "edifact/DELFOR": ("lines", "schedules.quantity"),
    "edifact/RECADV": ("lines", "conditions*.quantity"),
    "edifact/INVOIC": ("lines", "conditions*.quantity"),
    "edifact/APERAK": ("answers", "findings.code"),
}
MAPPINGS = Path(__file__).parents[2] / "mappings"


@cache
def library() -> Library:
    return Library([MAPPINGS])


def texts(longest: int | None, standard: str) -> st.SearchStrategy[str]:
    """Text with the standard's own separators in it where it can escape them."""
    letters = "ABCXYZ0189 -/." + ("'+:?" if standard == "edifact" else "'+")
    # made to fit and not filtered: documents of hundreds of texts would hardly ever get through
    return st.text(letters, min_size=1, max_size=min(longest or 12, 12)).map(lambda text: text.strip() or "A")


def moments(codec: Codec, parts: int) -> st.SearchStrategy[Moment]:
    dates = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1)).map(str)
    if codec.name == "date":
        return st.builds(lambda date: Moment(date=date), dates)
    times = st.sampled_from(["00:00", "14:30", "23:59:59", "06:07:08"])
    x12 = codec.name.startswith("moment")
    zones = st.sampled_from([None, *sorted(set(X12_ZONES.values()))] if x12 else [None, "+01:00", "UTC"])
    if x12 and parts < 3:
        zones = st.none()
    timed = st.builds(lambda date, time, zone: Moment(date=date, time=time, zone=zone), dates, times, zones)
    single = st.one_of(st.builds(lambda date: Moment(date=date), dates), timed)
    if codec.name != "moment period":
        return single
    ends = st.tuples(dates, dates).map(sorted)
    minutes = st.sampled_from([(None, None), ("08:00", "17:30")])
    periods = st.builds(
        lambda days, at: Moment(date=days[0], time=at[0], until=Moment(date=days[1], time=at[1])), ends, minutes
    )
    return st.one_of(single, periods)


def leaf(rule: Rule, standard: str, taken: set[str]) -> st.SearchStrategy[Any]:
    """Values a rule's place can hold; taken: codes that other rules claim the segment for."""
    codec = rule.codec
    if codec.table is not None:
        tests = [test for step in rule.at.split("/")[:-1] for test in STEP_TESTS.findall(step) if "|" in test]
        allowed = set(tests[0].split("|")) if tests and rule.positions[0] == (1, 1) else None
        both_ways = {word: code for word, code in codec.table.back.items() if codec.table.words.get(code) == word}
        words = sorted(w for w, code in both_ways.items() if code not in taken and (not allowed or code in allowed))
        known = st.sampled_from(words) if words else st.nothing()
        if rule.default is not None:
            known = st.one_of(known, st.just(rule.default))
        unknown = st.just(f"{codec.label}QQQ"[: len(codec.label) + 2])
        return st.one_of(known, unknown) if codec.open else known
    if codec.python is Decimal:
        places = codec.digits if codec.digits is not None else 3
        return st.decimals(min_value=0, max_value=99999, places=places, allow_nan=False, allow_infinity=False)
    if codec.python is int:
        return st.integers(min_value=0, max_value=999)
    if codec.python is Moment:
        return moments(codec, len(rule.positions))
    if codec.name == "time":
        return st.sampled_from(["06:00", "14:30", "23:59:59"])
    return texts(rule.max, standard)


def part(
    scope: Scope, standard: str, cls: type, path: tuple[str, ...], taken: set[str], constants: dict[str, str]
) -> st.SearchStrategy[Any]:
    """A struct of the fields a scope has two-way rules for, and of constants."""
    return built(cls, fields_of(scope, standard, cls, path, taken), constants)


def built(cls: type, fields: dict[str, st.SearchStrategy[Any]], constants: dict[str, str]) -> st.SearchStrategy[Any]:
    fields = {name: value for name, value in fields.items() if name not in constants}
    made = st.builds(lambda **values: cls(**constants, **values), **fields)
    return made.filter(lambda struct: any(getattr(struct, name) not in (None, []) for name in fields) or not fields)


def fields_of(
    scope: Scope, standard: str, cls: type, path: tuple[str, ...], taken: set[str]
) -> dict[str, st.SearchStrategy[Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    names = {rule.path[len(path)] for rule in two_way(scope) if rule.path[: len(path)] == path}
    names |= {known[len(path)] for known in scope.lists if known[: len(path)] == path}
    for name in sorted(names):
        spot = (*path, name)
        if spot in scope.lists:
            fields[name] = items(scope.lists[spot], scope, standard)
        elif is_struct(inner(hints(cls)[name])) and not any(rule.path == spot for rule in two_way(scope)):
            nested = part(scope, standard, nested_class(scope.cls, spot), spot, taken, {})
            fields[name] = nested if name in required(cls) else st.one_of(st.none(), nested)
        else:
            rules = [rule for rule in two_way(scope) if rule.path == spot]
            value = leaf(rules[0], standard, taken)
            if rules[0].many:
                value = st.lists(value, max_size=sum(len(rule.positions) for rule in rules))
            elif rules[0].default is not None and not rules[0].omit:
                pass
            elif name not in required(cls) and not (path == () and name == of_trigger(scope)):
                value = st.one_of(st.none(), value)
            fields[name] = value
    return fields


def of_trigger(scope: Scope) -> str | None:
    """The field of a loop's item that stands in the segment which opens the loop: without it there is no segment."""
    trigger = scope.block.loop.slots[0].key if scope.segment is None else scope.segment.key
    for claim in scope.block.claims.get(trigger, []):
        for rule in claim.rules:
            if len(rule.path) == 1 and not rule.many and rule.one_way == "":
                return rule.path[0]
    return None


def two_way(scope: Scope) -> list[Rule]:
    return [rule for rule in scope.rules if rule.one_way == "" and rule.constant is None]


def items(field: ListField, scope: Scope, standard: str) -> st.SearchStrategy[list[Any]]:
    """Items of each alternative in order; an item that an earlier alternative with room would take is left out."""
    lists = [items_of(alternative, scope, standard) for alternative in field.alternatives]

    def join(parts: tuple[list[Any], ...]) -> list[Any]:
        out: list[Any] = []
        for number, (alternative, part) in enumerate(zip(field.alternatives, parts, strict=True)):
            for item in part:
                if not any(takes(earlier, item) for earlier in field.alternatives[:number]):
                    out.append(item)
            del alternative
        return out

    return st.tuples(*lists).map(join)


def takes(alternative: Alternative, item: Any) -> bool:
    """Whether the writer would give the item to the alternative, if that has room."""
    if any(getattr(item, name) != value for name, value in alternative.sets):
        return False
    return all(
        (value := getattr(item, rule.path[-1])) is None
        or value in rule.codec.table.back
        or (rule.codec.open and value.startswith(rule.codec.label))
        for rule in alternative.coded
        if rule.codec.table is not None
    )


def items_of(alternative: Alternative, scope: Scope, standard: str) -> st.SearchStrategy[list[Any]]:
    item, constants = alternative.field.item, dict(alternative.sets)
    if any(not rule.codec.open and rule.codec.table and not rule.codec.table.back for rule in alternative.coded):
        return st.just([])
    most = min(2, alternative.most)
    if alternative.slots is not None:
        slots = alternative.slots
        fields = {path[0]: leaf(rule, standard, set()) for path, _, rule in slots.parts if len(path) == 1}
        for outer in {path[0] for path, _, _ in slots.parts if len(path) == 2}:
            parts = {p[1]: leaf(rule, standard, set()) for p, _, rule in slots.parts if len(p) == 2 and p[0] == outer}
            nested = built(inner(hints(item)[outer]), parts, {})
            fields[outer] = nested if outer in required(item) else st.one_of(st.none(), nested)
        return st.lists(built(item, fields, dict(slots.constants)), max_size=min(2, slots.capacity))
    inside = alternative.loop.scope if alternative.loop else alternative.claim.scope  # type: ignore[union-attr]
    assert inside is not None
    fields = fields_of(inside, standard, item, (), claimed(scope.block, alternative))
    fields |= of_tests(alternative, inside)
    if alternative.loop is not None and alternative.loop.outer is not None:
        fields |= fields_of(alternative.loop.outer, standard, item, (), set())
    return st.lists(built(item, fields, constants), max_size=most)


def of_tests(alternative: Alternative, inside: Scope) -> dict[str, st.SearchStrategy[Any]]:
    """The fields an alternative's own tests bind to some codes."""
    fields = {}
    tests = alternative.loop.tests if alternative.loop else alternative.claim.tests  # type: ignore[union-attr]
    for test in tests:
        for rule in two_way(inside):
            wide = len(test.values) > 1 and not test.negated and rule.positions[0][0] == test.element
            if wide and rule.codec.table is not None and len(rule.path) == 1:
                words = rule.codec.table.words
                fields[rule.path[0]] = st.sampled_from([words.get(v, f"{rule.codec.label}{v}") for v in test.values])
    return fields


def claimed(block: Block, alternative: Alternative) -> set[str]:
    """The codes by which other rules of the same block claim segments of the alternative's slot."""
    key = alternative.loop.key if alternative.loop else alternative.claim.key  # type: ignore[union-attr]
    tested = [claim.tests for claim in block.claims.get(key, [])]
    tested += [sub.tests for sub in block.subs.get(key, [])]
    tested += [each.tests for each in block.eachs.get(key, [])]
    return {value for tests in tested for test in tests for value in test.values}


def documents(mapping: Mapping, version: str) -> st.SearchStrategy[Document]:
    plan = mapping.plan(version)
    fields = fields_of(plan.root, mapping.standard, plan.document, (), set())
    for name in NEEDED.get(mapping.id, ()):
        fields[name] = fields[name].filter(lambda value: value not in (None, []))
    if mapping.id in FILLED:
        name, part = FILLED[mapping.id]
        fields[name] = fields[name].map(lambda lines: [line for line in lines if reached(line, part)])
    made = built(plan.document, fields, {})
    return made.map(with_content)


def with_content(document: Any) -> Any:
    """The document without parts that say nothing of their own: a trace's usual type, what refers to unnamed goods."""
    if document.__class__ is Remittance and document.payment == Payment(trace_type="current"):
        document.payment = None
    for shipment in (one for line in getattr(document, "lines", ()) for one in getattr(line, "shipments", ())):
        shipment.goods = [one for one in shipment.goods if structs.replace(one, references=[]) != GoodsItem()]
    return document


def reached(part: Any, path: str) -> bool:
    """Whether there is something at a path of fields, in every item of the lists on the way; a list with an asterisk
    may be empty."""
    if isinstance(part, list):
        return bool(part) and all(reached(one, path) for one in part)
    name, _, rest = path.partition(".")
    if name.endswith("*"):
        return all(reached(one, rest) for one in getattr(part, name[:-1]))
    return bool(part) and (not name or reached(getattr(part, name), rest))


def sent(mapping: Mapping, version: str, document: Document) -> Document | None:
    """The document after it went over the wire."""
    writing = mapping.write(document, version)
    assert writing.findings == []
    envelope = Envelope(
        standard=mapping.standard, sender="ZZ:A", receiver="ZZ:B", control_number="1",
        prepared=datetime(2026, 1, 22, 14, 30, tzinfo=UTC), test=True,
        version="00401" if mapping.standard == "x12" else "3",
    )  # fmt: skip
    message = OutMessage(
        type=mapping.type, version=version, control_number="0001", segments=writing.lines, joined=writing.joined
    )
    functional = mapping.definition(version).functional_id
    group = OutGroup(
        functional_id=functional, sender="A", receiver="B", control_number="1", version=version, messages=[message]
    )
    payload = write(envelope, [group])
    interchange = next(iter(cut(payload)))
    span = interchange.messages[0]
    reading = mapping.read(parse(payload[span.offset : span.offset + span.length], span, interchange))
    assert reading.findings == [], payload
    return reading.document


def different(one: Any, other: Any, way: str = "") -> list[str]:
    """Where two documents differ, in words: whole documents are too long to compare by eye."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return [line for key in keys for line in different(one.get(key), other.get(key), f"{way}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for n, pair in enumerate(zip(one, other, strict=True)) for line in different(*pair, f"{way}[{n}]")]
    return [] if one == other else [f"{way}: {one!r} came back, {other!r} went"]


def without_one_way(mapping: Mapping, version: str, part: Any) -> Any:
    """The part without what one-way rules read: writing never gives it back."""
    gone = {
        (scope.cls, rule.path[0])
        for scope in mapping.plan(version).scopes
        for rule in scope.rules
        if rule.one_way == "read"
    }
    if isinstance(part, list):
        return [without_one_way(mapping, version, entry) for entry in part]
    if not hasattr(part, "__struct_fields__") or isinstance(part, Moment):
        return part
    values = {
        name: None if (type(part), name) in gone else without_one_way(mapping, version, getattr(part, name))
        for name in part.__struct_fields__
    }
    return type(part)(**values)


HIERARCHIES = {"x12/856", "edifact/DESADV"}  # documents for these are made below, and by tests of their own
CASES = [
    (id, version)
    for id in library().ids()
    if id.startswith(("x12/", "edifact/")) and id not in HIERARCHIES
    for version in library().get(id).versions
    if version in ("004010", "005010", "D.96A", "D.97B", "D.00B", "D.01B")
]


@pytest.mark.parametrize(("id", "version"), CASES)
def test_a_document_comes_back_as_it_went(id: str, version: str) -> None:
    mapping = library().get(id)

    @settings(max_examples=EXAMPLES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(documents(mapping, version))
    def check(document: Document) -> None:
        back = without_one_way(mapping, version, sent(mapping, version, document))
        assert back is not None
        assert different(to_builtins(back), to_builtins(document)) == []

    check()


def notices(mapping: Mapping, version: str) -> st.SearchStrategy[ShipNotice]:
    """Ship notices of orders, cartons and contents, each made from the rules of its level."""
    plan = mapping.plan(version)

    def of(level: str, cls: type, *made: str) -> st.SearchStrategy[Any]:
        fields = fields_of(plan.levels[level], mapping.standard, cls, (), set())
        return built(cls, fields, dict.fromkeys(made, ""))

    fields = fields_of(plan.root, mapping.standard, ShipNotice, (), set())
    head = built(ShipNotice, fields | fields_of(plan.levels["S"], mapping.standard, ShipNotice, (), set()), {})
    orders, packages = of("O", ShippedOrder, "id"), of("P", Package, "id", "kind", "sscc")
    contents = of("I", Content, "order", "package")

    @st.composite
    def made(draw: st.DrawFn) -> ShipNotice:
        notice: ShipNotice = draw(head)
        for order_number in range(draw(st.integers(1, 2))):
            order = draw(orders)
            number = structs.replace(order.order or OrderRef(), number=f"PO{order_number}")
            notice.orders.append(structs.replace(order, id=f"o{order_number}", order=number))
            for package_number in range(draw(st.integers(1, 2))):
                id, sscc = f"p{order_number}{package_number}", f"{order_number}{package_number}".rjust(18, "0")
                notice.packages.append(structs.replace(draw(packages), id=id, kind="carton", sscc=sscc))
                for _ in range(draw(st.integers(1, 2))):
                    content = structs.replace(draw(contents), order=f"o{order_number}", package=id)
                    content.quantity = content.quantity or Quantity(value=Decimal(1), unit="H87")
                    notice.contents.append(content)
        return notice

    return made()


def renamed(notice: ShipNotice) -> ShipNotice:
    """The notice with ids of ours by position, and without the stores that readers find among the parties."""
    packages = {package.id: f"package {n}" for n, package in enumerate(notice.packages)}
    orders = {order.id: f"order {n}" for n, order in enumerate(notice.orders)}
    return structs.replace(
        notice,
        orders=[structs.replace(one, id=orders[one.id], store=None) for one in notice.orders],
        packages=[
            structs.replace(one, id=packages[one.id], parent=packages.get(one.parent or "")) for one in notice.packages
        ],
        contents=[
            structs.replace(one, order=orders.get(one.order or ""), package=packages.get(one.package or ""))
            for one in notice.contents
        ],
    )


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_a_ship_notice_comes_back_as_it_went(version: str) -> None:
    mapping = library().get("x12/856")

    @settings(max_examples=EXAMPLES // 4, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(notices(mapping, version))
    def check(notice: ShipNotice) -> None:
        back = sent(mapping, version, notice)
        assert isinstance(back, ShipNotice)
        assert different(to_builtins(renamed(back)), to_builtins(renamed(notice))) == []

    check()


def consignments(mapping: Mapping, version: str) -> st.SearchStrategy[ShipNotice]:
    """Ship notices of a pallet with a carton and a crate beside it, with lines of one order or of two."""
    plan = mapping.plan(version)
    heads = fields_of(plan.root, mapping.standard, ShipNotice, (), set())
    head = built(ShipNotice, {name: one for name, one in heads.items() if name != "orders"}, {})
    node = built(Package, fields_of(plan.levels["node"], mapping.standard, Package, (), set()), {"id": "", "kind": ""})
    leaf = built(Content, fields_of(plan.levels["leaf"], mapping.standard, Content, (), set()), {"order": ""})
    dates = st.sampled_from([[], [DateAt(type="reference", at=Moment(date="2026-01-22"))]])

    @st.composite
    def notices(draw: st.DrawFn) -> ShipNotice:
        notice = draw(head)
        for number in range(draw(st.integers(1, 2))):
            order = OrderRef(number=f"PO{number}")
            notice.orders.append(ShippedOrder(id=f"o{number}", order=order, dates=draw(dates)))
        first = 0  # orders that only lines name come in the order of these
        for number, (kind, parent) in enumerate((("pallet", None), ("carton", "p0"), ("crate", None))):
            notice.packages.append(structs.replace(draw(node), id=f"p{number}", kind=kind, parent=parent))
            for _ in range(draw(st.integers(0, 1))):
                first = draw(st.integers(first, len(notice.orders) - 1))
                content = structs.replace(draw(leaf), package=f"p{number}", order=f"o{first}")
                content.conditions = [one for one in content.conditions if one.quantity]  # else its QVR is empty
                notice.contents.append(content)
        return notice

    return notices()


@pytest.mark.parametrize("version", ["D.96A", "D.01B"])
def test_a_consignment_comes_back_as_it_went(version: str) -> None:
    mapping = library().get("edifact/DESADV")

    @settings(max_examples=EXAMPLES // 4, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(consignments(mapping, version))
    def check(notice: ShipNotice) -> None:
        back = sent(mapping, version, notice)
        assert isinstance(back, ShipNotice)
        assert {key for kept in back.ext.values() for key in kept} <= {"=orders"}  # where it said them
        back = structs.replace(back, ext={})
        assert different(to_builtins(renamed(back)), to_builtins(renamed(notice))) == []

    check()
