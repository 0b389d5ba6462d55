"""Places against a directory: which slot, which element, and what to say when there is none."""

from hub.mapping.place import Place
from hub.mapping.spec import near, wrong
from hub.schema import ElementDef, Loop, MessageDef, SegmentDef, Slot


def find_slot(loop: Loop, place: Place, definition: MessageDef, *, loop_wanted: bool | None = False) -> Slot:
    """The slot a place's segment has in a loop. loop_wanted: True for one that opens a loop, False for one that does
    not, None for either. HUB-3003: the segment is not here; HUB-3004: it opens a loop (or opens none)."""
    known = loop.by.get(place.tag, [])
    slot = next((candidate for candidate in known if candidate.key == place.key), None)
    if slot is None:
        elsewhere = list(_occurrences(definition.root, place.tag, ""))[:4]
        where = f"loop {loop.name}" if loop.name else "the message"
        hint = f"; it occurs at {', '.join(elsewhere)}" if elsewhere else near(place.tag, loop.by)
        raise wrong(place.source, "HUB-3003", f"{place.key} is not in {where} here{hint}")
    if loop_wanted is False and slot.loop is not None:
        raise wrong(
            place.source, "HUB-3004", f"{place.tag} opens a loop; write {place.tag}/{place.source} or each: {place.tag}"
        )
    if loop_wanted and slot.loop is None:
        raise wrong(place.source, "HUB-3004", f"{place.tag} opens no loop here, so {place.source} leads nowhere")
    return slot


def _occurrences(loop: Loop, tag: str, way: str) -> list[str]:
    found = []
    for slot in loop.slots:
        if slot.tag == tag and way:
            found.append(f"{way}{tag}")
        if slot.loop is not None and slot.tag != tag:
            found += _occurrences(slot.loop, tag, f"{way}{slot.key}/")
    return found


def resolve_positions(
    place: Place, segment: SegmentDef, standard: str
) -> tuple[list[tuple[int, int | None]], list[ElementDef]]:
    """The (element, component) pairs a place names, and their definitions. HUB-3007: the segment does not have them."""
    if place.data_element is not None:
        return _by_data_element(place, segment)
    assert place.element is not None  # noqa: S101 - the builder made it so
    positions: list[tuple[int, int | None]] = []
    for element in range(place.element, (place.last or place.element) + 1):
        if place.component is not None:
            for component in range(place.component, (place.last_component or place.component) + 1):
                positions.append((element, component))
        else:
            positions.append((element, 1 if standard == "edifact" else None))
    for element, named in place.more:
        positions.append((element, named or (1 if standard == "edifact" else None)))
    return positions, [_element(place, segment, position, standard) for position in positions]


def _element(place: Place, segment: SegmentDef, position: tuple[int, int | None], standard: str) -> ElementDef:
    element, component = position
    if element > len(segment.elements):
        count = len(segment.elements)
        raise wrong(
            place.source, "HUB-3007", f"{segment.tag} has {count} elements, {place.source} asks for element {element}"
        )
    found = segment.elements[element - 1]
    if found.components:
        if component is None:
            raise wrong(
                place.source, "HUB-3007", f"{segment.tag}{element:02} is a composite; say {segment.tag}{element:02}-1"
            )
        if component > len(found.components):
            raise wrong(
                place.source,
                "HUB-3007",
                f"{segment.tag}{element:02} has {len(found.components)} components, "
                f"{place.source} asks for component {component}",
            )
        return found.components[component - 1]
    if component is not None and component > 1:
        raise wrong(
            place.source, "HUB-3007", f"{segment.tag}{element:02} has no components, {place.source} asks for one"
        )
    return found


def _by_data_element(place: Place, segment: SegmentDef) -> tuple[list[tuple[int, int | None]], list[ElementDef]]:
    """EDIFACT places by data element number (LIN.1082), where that is in the segment once."""
    found: list[tuple[tuple[int, int | None], ElementDef]] = []
    for number, element in enumerate(segment.elements, 1):
        parts = element.components or [element]
        found += [((number, at), part) for at, part in enumerate(parts, 1) if part.id == place.data_element]
    if not found:
        raise wrong(place.source, "HUB-3007", f"{segment.tag} has no data element {place.data_element}")
    if len(found) > 1:
        places = ", ".join(f"{segment.tag}{at:02}-{component}" for (at, component), _ in found)
        raise wrong(place.source, "HUB-3007", f"data element {place.data_element} occurs at {places}; say which one")
    return [found[0][0]], [found[0][1]]
