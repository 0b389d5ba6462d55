"""The `hierarchy` of a spec: levels of an HL loop (856), or CPS with its lines (DESADV), each an ordinary scope.

The engine (hub.mapping.hierarchy) owns the numbering elements, the links between levels, and CTT.
"""

from typing import TYPE_CHECKING, Any

from hub.canonical import Content, Package, ShippedOrder
from hub.mapping.plan import Block, Plan, Scope
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.schema import Loop

if TYPE_CHECKING:
    from hub.mapping.build import Builder

INTO: dict[str, type] = {"orders": ShippedOrder, "packages": Package, "contents": Content}
GIVEN = {
    "orders": ("id", "store"),
    "packages": ("id", "parent", "kind", "order"),
    "contents": ("package", "order"),
}
_LEVEL_KEYS = {"into", "set", "key", "store_from"}


def build_levels(builder: "Builder", plan: Plan, spec: dict[Text, Spec]) -> None:
    """Adds the levels' scopes to the plan. HUB-3020: the hierarchy cannot be read."""
    name = as_text(spec.get(Text("loop")), "loop", spec)
    slot = next((slot for slot in plan.definition.root.slots if slot.key == name and slot.loop is not None), None)
    if slot is None or slot.loop is None:
        raise wrong(name, "HUB-3020", f"{name} opens no loop of the message")
    known = {"loop", "shape", "levels"} if Text("levels") in spec else {"loop", "node", "leaf"}
    for key in spec:
        if key not in known:
            raise wrong(key, "HUB-3020", f'"{key}" is not a key of a hierarchy{near(key, known)}')
    if Text("levels") in spec:
        _by_level(builder, plan, slot.loop, spec)
    else:
        _by_parent(builder, plan, slot.loop, spec)
    plan.hierarchy["ranks"] = {child.tag: rank for rank, child in enumerate(slot.loop.slots)}


def _by_level(builder: "Builder", plan: Plan, loop: Loop, spec: dict[Text, Spec]) -> None:
    levels: dict[str, Any] = {}
    under: dict[str, Any] = {}
    covers = {"orders", "packages", "contents"}
    plan.hierarchy = {"loop": str(spec[Text("loop")]), "owned": (1, 2, 3, 4)}
    for level, value in as_mapping(spec[Text("levels")], "levels").items():
        body = as_mapping(value, f"level {level}", level)
        into = as_text(body.get(Text("into")), "into", level)
        if into != "document" and into not in INTO:
            raise wrong(into, "HUB-3020", f'a level goes into document, orders, packages or contents, not "{into}"')
        rules = {key: part for key, part in body.items() if key not in _LEVEL_KEYS and not key.startswith("under ")}
        cls = plan.document if into == "document" else INTO[into]
        scope = _scope(builder, plan, loop, cls, rules, GIVEN.get(str(into), ()), str(level))
        scope.partial = into == "document"
        if into == "document":
            for field in rules:
                if field in as_mapping(builder.spec[Text("fields")], "fields"):
                    raise wrong(field, "HUB-3020", f"{field} is given by the message already, so level {level} cannot")
            covers |= {str(field) for field in rules}
        sets = as_mapping(body.get(Text("set"), {}), "set")
        levels[str(level)] = {
            "into": str(into),
            "scope": scope.id,
            "set": {str(key): str(part) for key, part in sets.items()},
            "key": _words(body.get(Text("key"))),
            "store_from": _words(body.get(Text("store_from"))),
        }
        for key, part in body.items():
            if key.startswith("under "):
                rules = as_mapping(part, str(key), key)
                inner = _scope(builder, plan, loop, Content, rules, GIVEN["contents"], f"{level}/{key[6:]}")
                inner.partial = True
                taken = [*inner.block.claims, *inner.block.subs, *inner.block.eachs]
                under[str(level)] = {"above": key[6:], "scope": inner.id, "taken": taken}
    shape = _words(spec.get(Text("shape")))
    for code in shape:
        if code not in levels:
            raise wrong(spec[Text("shape")], "HUB-3020", f"the shape has a level {code} that no rules are for")
    plan.hierarchy |= {"levels": levels, "under": under, "shape": shape, "covers": sorted(covers)}


def _by_parent(builder: "Builder", plan: Plan, loop: Loop, spec: dict[Text, Spec]) -> None:
    plan.hierarchy = {"loop": str(spec[Text("loop")]), "owned": (1, 2), "covers": ["contents", "orders", "packages"]}
    node = as_mapping(spec.get(Text("node")), "node", spec)
    leaf = as_mapping(spec.get(Text("leaf")), "leaf", spec)
    inner_name = as_text(leaf.get(Text("loop")), "loop", leaf)
    inner = next((slot.loop for slot in loop.slots if slot.key == inner_name), None)
    if inner is None:
        raise wrong(inner_name, "HUB-3020", f"{inner_name} opens no loop inside {loop.name}")
    given = tuple(name for name in GIVEN["packages"] if Text(name) not in node)
    node_scope = _scope(builder, plan, loop, Package, node, given, "node")
    rules = {key: part for key, part in leaf.items() if key != "loop"}
    given = tuple(name for name in GIVEN["contents"] if Text(name) not in rules)
    leaf_scope = _scope(builder, plan, inner, Content, rules, given, "leaf")
    plan.hierarchy |= {"node": node_scope.id, "leaf": leaf_scope.id, "leaf_loop": str(inner_name)}


def _scope(
    builder: "Builder", plan: Plan, loop: Loop, cls: type, rules: dict[Text, Spec], given: tuple[str, ...], name: str
) -> Scope:  # fmt: skip
    scope = builder.scope(Block(loop=loop, prefix=""), cls, rules, given=given)
    plan.levels[name] = scope
    return scope


def _words(value: Spec | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [str(as_text(word, "A word")) for word in value]
    return as_text(value, "A list of words").split()
