"""read(write(document)) holds what the document held: JSON, CSV and fixed width, documents made from their rules."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.canonical import Document, Moment
from hub.mapping import Library, Mapping
from hub.mapping.fields import required
from hub.mapping.tree import TreeEach, TreeRule
from tests.properties.strategies_mapping import Maker

MAPPINGS = Path(__file__).parents[2] / "mappings"
PARCELS_WIN = {"json/walmart/shipment"}
"""The shipment's own day and carrier are only those of parcels which tell none; its sample tells of parcels."""
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@cache
def library() -> Library:
    return Library([MAPPINGS])


def is_tree(mapping: Mapping) -> bool:
    return mapping.is_flat or mapping.standard == "json"


IDS = [id for id in library().ids() if is_tree(library().get(id))]


def texts(longest: int = 12) -> st.SearchStrategy[str]:
    return st.text("ABCXYZ0189 -/.,;\"'äß", min_size=1, max_size=longest).filter(lambda text: text == text.strip())


def moments(rule: TreeRule, codec: str) -> st.SearchStrategy[Moment]:
    days = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1)).map(str)
    if codec == "epoch":
        return st.builds(lambda day: Moment(date=day, time="14:30:05", zone="UTC"), days)
    zones = st.sampled_from(["UTC", "+01:00"])
    timed = st.builds(lambda day, zone: Moment(date=day, time="23:59:59", zone=zone), days, zones)
    if codec == "iso instant":
        return timed
    plain = st.builds(lambda day: Moment(date=day), days)
    if codec == "date":
        return plain
    if codec == "moment":
        return st.one_of(plain, st.builds(lambda day: Moment(date=day, time="23:59:59"), days))
    return st.one_of(plain, timed)


def leaf(rule: TreeRule) -> st.SearchStrategy[Any]:
    """Values a rule's place can hold."""
    modifiers = [text.strip() for text in str(rule.at).split(" | ")[1:]]
    name, *words = modifiers[0].split() if modifiers else ["text"]
    table = rule.codec.table
    if name == "flag":
        return st.sampled_from(words or ["true", "false"])
    if name == "call":
        return st.sampled_from(["Ada Reader", "J. R. R. Vogel"])
    if table is not None:
        known = sorted(word for word, code in table.back.items() if table.words.get(code) == word)
        return st.sampled_from(known) if known else texts()
    if rule.kind is Decimal:
        return st.integers(min_value=0, max_value=99999).map(lambda cents: Decimal(cents) / 4)
    if name == "number":
        return st.integers(min_value=1, max_value=99999).map(str)
    if rule.kind is int:
        return st.integers(min_value=0, max_value=999)
    if rule.kind is Moment:
        return moments(rule, modifiers[0] if modifiers[0] in ("epoch", "iso instant") else name)
    if name == "pad":
        return texts().map(lambda text: text.lstrip("0") or "1")  # what it is filled up with is none of it
    return texts()


def several(rule: TreeRule) -> st.SearchStrategy[Any]:
    return st.lists(leaf(rule), max_size=rule.parts if rule.part is not None else 2)


def part(cls: type, fields: dict[str, Any], constants: dict[str, str]) -> st.SearchStrategy[Any]:
    fields = {name: value for name, value in fields.items() if name not in constants}
    filled = {name: "x" for name in required(cls) if name not in fields and name not in constants}
    made = st.builds(lambda **values: cls(**constants, **filled, **values), **fields)
    return made.filter(lambda one: any(getattr(one, name) not in (None, []) for name in fields))


def items(each: TreeEach) -> st.SearchStrategy[list[Any]]:
    """None or one item of an alternative."""
    made = part(each.scope.cls, MAKER.fields(each.scope, each.scope.cls), dict(each.sets))
    return st.lists(made, max_size=1)


MAKER = Maker(lambda rule, _: leaf(rule), several, items, part, frozenset([("currency",), ("number",)]))


def documents(mapping: Mapping) -> st.SearchStrategy[Document]:
    scope = mapping._tree()
    made = part(scope.cls, MAKER.fields(scope, scope.cls), {}).map(linked)
    return made.filter(lambda document: not document.packages) if mapping.id in PARCELS_WIN else made


def linked(document: Any) -> Any:
    """A ship notice whose contents lie in packages and orders of its own."""
    packages = getattr(document, "packages", [])
    if hasattr(document, "orders"):
        document.orders = [order for order in document.orders if getattr(order, "order", None)]
        for number, order in enumerate(document.orders):
            order.id = f"o{number}"
    for number, package in enumerate(packages):
        package.id = f"p{number}"
        package.ids = [id for id in package.ids if id.scheme != "sscc"]  # which has a field of its own
    for content in getattr(document, "contents", []):
        content.package = packages[0].id if packages else None
        content.order = document.orders[0].id if document.orders else None
    return document


def told_apart(document: Document) -> Any:
    """The document as builtins, its packages and orders by their positions: ids are made anew by each reader. Numbers
    are numbers: 12.25 and 12.2500 are the same."""
    tree = msgspec.to_builtins(document, builtin_types=[Decimal])
    for name, one in (("packages", "package"), ("orders", "order")):
        entries = [entry for entry in tree.get(name, ()) if "id" in entry]
        places = {entry["id"]: f"{name} {number}" for number, entry in enumerate(entries)}
        for entry in entries:
            entry["id"] = places[entry["id"]]
        for content in tree.get("contents", ()):
            if isinstance(content.get(one), str):  # an order nobody tells of has a name all the same
                content[one] = places.get(content[one])
    return tree


def instant(moment: dict[str, str]) -> Any:
    """Moments with zones are the same where they are the same moment."""
    if not {"date", "time", "zone"} <= moment.keys():
        return moment
    zone = "+00:00" if moment["zone"] == "UTC" else moment["zone"]
    return datetime.fromisoformat(f"{moment['date']}T{moment['time']}{zone}")


def missing(wanted: Any, found: Any, without: set[str], way: str = "") -> list[str]:
    """What of `wanted` is not in `found`, but for fields only the reader fills and what the mapping remembers. Lists
    may come in another order and with more: an API's own words for what nobody said."""
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return [way]
        if "date" in wanted and "date" in found and isinstance(wanted["date"], str):
            return [] if instant(wanted) == instant(found) else [f"{way}: {wanted!r} went, {found!r} came back"]
        names = [name for name in wanted if name not in without]
        return [one for name in names for one in missing(wanted[name], found.get(name), without, f"{way}.{name}")]
    if isinstance(wanted, list):
        left, gone = list(found or ()), []
        for number, entry in enumerate(wanted):
            match = next((one for one in left if not missing(entry, one, without)), None)
            if match is None:
                gone.append(f"{way}[{number}]: {entry}")
            else:
                left.remove(match)
        return gone
    return [] if wanted == found else [f"{way}: {wanted!r} went, {found!r} came back"]


def sent(mapping: Mapping, document: Document) -> tuple[Any, Document | None]:
    """What is written, and what that is read into. Nothing of both where a field or item has no place beside the
    others, which the writer says."""
    if mapping.is_flat:
        payload = mapping.write_flat([document])
        return (
            (None, None)
            if payload.findings
            else (payload.body, mapping.read_part(only(mapping, payload.body)).document)
        )
    writing = mapping.write_tree(document)
    if writing.findings:
        return None, None
    reading = mapping.read_tree(writing.tree)
    assert reading.findings == []
    return writing.tree, reading.document


def only(mapping: Mapping, body: bytes) -> Any:
    (part,) = mapping.parts(body)
    return part


@pytest.mark.parametrize("id", IDS)
def test_a_document_comes_back_as_it_went(id: str) -> None:
    mapping = library().get(id)
    without = {"ext"} | {name for _, name in mapping.derived()}
    whole = 0

    @settings(max_examples=20, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(documents(mapping))
    def check(document: Document) -> None:
        nonlocal whole
        written, back = sent(mapping, document)
        if written is None:
            return
        whole += 1
        assert back is not None
        assert missing(told_apart(document), told_apart(back), without) == []
        assert sent(mapping, back)[0] == written

    check()
    assert whole
