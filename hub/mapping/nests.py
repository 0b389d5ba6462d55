"""`each: LX/W12`: one item per inner loop of every outer loop. Places of the outer loop are written `../MAN`.

Items of one outer loop share what is read from it; the writer puts neighbours that agree on it into one outer loop
again. What the outer loop says and no rule reads is kept on its first item, under keys that begin with `../`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hub.mapping.fields import required
from hub.mapping.kept import Keeper
from hub.mapping.locate import find_slot
from hub.mapping.place import Place
from hub.mapping.plan import Alternative, Block, EachLoop
from hub.mapping.spec import Spec, Text, wrong
from hub.schema import Node, Slot
from hub.syntax.model import SEAM

if TYPE_CHECKING:
    from hub.mapping.build import Builder

OUTSIDE = "../"
SPLIT = "../="
"""The ext key that says: here an outer loop begins although its values are those of the one before."""


def is_nest(outer: Slot, place: Place) -> bool:
    """Whether `each` over this place means every instance of a repeating outer loop, not the first alone."""
    if len(place.steps) != 1 or outer.loop is None or outer.max == 1:
        return False
    inner = next((slot for slot in outer.loop.slots if slot.key == place.key), None)
    return inner is not None and inner.loop is not None


def build_nest(
    builder: "Builder", block: Block, outer: Slot, place: Place, alternative: Alternative, body: dict[Text, Spec]
) -> EachLoop:
    """The each loop of the outer slot, with a scope for the inner loop and one for what stands around it."""
    if outer.key in block.eachs or outer.key in block.subs:
        raise wrong(
            place.source, "HUB-3016", f"{outer.key} is read by another rule already; `../` reads it from inside"
        )
    step = place.steps[0]
    assert outer.loop is not None  # noqa: S101 - is_nest saw it
    inner = find_slot(outer.loop, place.inside(), builder.definition, loop_wanted=True)
    assert inner.loop is not None  # noqa: S101 - is_nest saw it
    if place.tests:
        raise wrong(place.source, "HUB-3002", f"{place.tag} cannot be tested here; test {step.tag}, or say `set`")
    item = alternative.field.item
    outside = {name: _stripped(value) for name, value in body.items() if _is_outside(value, name)}
    inside = {name: value for name, value in body.items() if name not in outside}
    given = tuple(name for name, _ in alternative.sets)
    around = Block(outer.loop, "", step.tests)
    within = builder.scope(Block(inner.loop, "", ()), item, inside, given=(*given, *(str(name) for name in outside)))
    shared = builder.scope(around, item, outside, given=tuple(required(item)))
    shared.partial, shared.own_ext = True, False
    around.passed = {inner.key: within.id}
    each = EachLoop(outer.key, step.source, step.tests, alternative, within, block)
    each.outer, each.inner, each.shared = shared, inner.key, tuple(str(name) for name in outside)
    each.most = inner.max
    return each


def _is_outside(value: Spec, at: Text) -> bool:
    """Whether all places of a field stand in the outer loop. HUB-3002: some do, some do not."""
    found = {place.startswith(OUTSIDE) for place in _places(value)}
    if len(found) > 1:
        raise wrong(at, "HUB-3002", f"{at} is read from the outer and from the inner loop; one field, one loop")
    return found == {True}


def _places(value: Spec) -> Iterable[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _places(entry)
    else:
        head = value.get(Text("each"), value.get(Text("slots")))
        for entry in [head] if head is not None else value.values():
            yield from _places(entry)


def _stripped(value: Spec) -> Spec:
    if isinstance(value, Text):
        return value.like(value.removeprefix(OUTSIDE), len(OUTSIDE)) if value.startswith(OUTSIDE) else value
    if isinstance(value, list):
        return [_stripped(entry) for entry in value]
    return {name: _stripped(entry) for name, entry in value.items()}


# ---- what generated code calls


def read_nest(
    context: Keeper,
    node: Node,
    inner: str,
    read_outer: Callable[..., Any],
    read_inner: Callable[..., Any],
    shared: Sequence[str],
    sets: Sequence[tuple[str, str]],
    before: Sequence[Any],
    mapping: str,
) -> list[Any]:
    """The items of one outer loop; empty if it has none. before: the items read so far."""
    kept: dict[str, Any] = {}
    around = read_outer(node, context, kept, OUTSIDE, 0)
    items: list[Any] = []
    for index, instance in enumerate(node.loops.get(inner, ())):
        item = read_inner(instance, context, None, "", 0)
        if item is None:
            context.loop(kept, f"{OUTSIDE}/{inner}", index, instance)
            continue
        for name in shared:
            value = getattr(around, name)
            setattr(item, name, deepcopy(value) if items else value)
        for name, text in sets:
            setattr(item, name, text)
        items.append(item)
    if items:
        first = items[0]
        if not kept and before and _alike(before[-1], first, shared):
            kept[SPLIT] = ""
        if kept:
            first.ext = {**first.ext, mapping: {**first.ext.get(mapping, {}), **kept}}
    return items


def write_nests(bucket: Sequence[Any], shared: Sequence[str], mapping: str, most: int) -> list[list[Any]]:
    """The items by outer loop: neighbours that agree on what the outer loop says, at most as many as it holds."""
    groups: list[list[Any]] = []
    for item in bucket:
        own: Mapping[str, Any] = item.ext.get(mapping, {}) if item.ext else {}
        begins = any(key.startswith(OUTSIDE) for key in own)
        if groups and not begins and len(groups[-1]) < most and _alike(groups[-1][0], item, shared):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _alike(one: Any, other: Any, shared: Sequence[str]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in shared)


Counts = dict[str, tuple[Sequence[Any], int, int]]
"""What was counted, by tag: in which list, how many of its segments were looked at, and how many were of the tag."""


def ordinal(counts: Counts, segments: Sequence[Sequence[Any]], tag: str) -> str:
    """The number of a counting segment (LX) about to be written; only what came since the one before is looked at."""
    start, count = _counted(counts, segments, tag)
    count += sum(1 for at in range(start, len(segments)) if segments[at][0] == tag)
    counts[tag] = (segments, len(segments), count)
    return str(1 + count)


def ordinal_joined(counts: Counts, segments: Sequence[str], tag: str) -> str:
    """The same, where segments are joined."""
    start, count = _counted(counts, segments, tag)
    count += sum(1 for at in range(start, len(segments)) if segments[at].startswith(tag + SEAM))
    counts[tag] = (segments, len(segments), count)
    return str(1 + count)


def _counted(counts: Counts, segments: Sequence[Any], tag: str) -> tuple[int, int]:
    """Where to go on counting, and from which number."""
    known, start, count = counts.get(tag, ((), 0, 0))
    return (start, count) if known is segments and start <= len(segments) else (0, 0)
