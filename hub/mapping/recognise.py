"""What an XML payload is, by the mappings at hand: its type, and whom its own envelope names."""

from typing import NamedTuple

from lxml import etree

from hub.mapping.library import Library
from hub.mapping.spec import Text, as_mapping, as_text
from hub.mapping.xml_place import XmlTest, parse_xml_place, peek
from hub.record import replace
from hub.syntax.model import Interchange
from hub.syntax.nodes import Node
from hub.syntax.xml import read_xml


class Recognised(NamedTuple):
    """family and version: "ubl" and "2.1"; sender and receiver: "qualifier:id", "" where the payload names none.

    test None: the payload does not say.
    """

    mapping: str
    family: str
    version: str
    type: str
    sender: str = ""
    receiver: str = ""
    control_number: str = ""
    test: bool | None = None


def recognise(data: bytes, library: Library) -> Recognised | None:
    """None: no mapping here is for an XML document with that root. UnreadableError: it is no XML."""
    return recognise_root(read_xml(data), library)


def recognise_root(root: etree._Element, library: Library) -> Recognised | None:
    """As recognise, of a document that is read already."""
    mapping = library.match_xml(root)
    if mapping is None or mapping.xml is None:
        return None
    node = mapping.xml.nodes_of(root)
    said = as_mapping(mapping.spec.get(Text("envelope"), {}), "envelope")
    texts = {str(name): as_text(place, "A place of the envelope", name) for name, place in said.items()}
    return Recognised(
        mapping.id,
        mapping.standard,
        mapping.versions[0] if mapping.versions else "",
        mapping.type,
        _identity(node, texts.get("sender")),
        _identity(node, texts.get("receiver")),
        _value(node, texts.get("control_number")),
        _test(node, texts.get("test")),
    )


def named(interchange: Interchange, found: Recognised) -> Interchange:
    """The interchange of an XML payload with the names its own envelope gives, its message with type and version."""
    groups = [
        replace(group, messages=[replace(span, type=found.type, version=found.family,
                                                         association=found.version) for span in group.messages])
        for group in interchange.groups
    ]  # fmt: skip
    return replace(
        interchange, sender=found.sender, receiver=found.receiver, control_number=found.control_number,
        test=bool(found.test), groups=groups,
    )  # fmt: skip


def _value(node: Node, place: Text | None) -> str:
    if place is None:
        return ""
    return (_at(node, place) or "").strip()


def _at(node: Node, place: Text) -> str | None:
    """The text at a place; tests on its steps are kept to."""
    found = parse_xml_place(place)
    for step in found.steps:
        below = next((kid for kid in node.named(step.name) if all(test.holds(kid) for test in step.tests)), None)
        if below is None:
            return None
        node = below
    return node.attributes.get(found.attribute) if found.attribute else node.text


def _identity(node: Node, places: Text | None) -> str:
    """`qualifier + id`, or an id alone, which has no qualifier."""
    if places is None:
        return ""
    *before, last = (places.like(part.strip()) for part in places.split(" + "))
    id = _value(node, last)
    return f"{_value(node, before[0]) if before else ''}:{id}" if id else ""


def _test(node: Node, place: Text | None) -> bool | None:
    """`place=value`: a test where the place has that value."""
    if place is None:
        return None
    way, _, value = place.rpartition("=")
    return XmlTest((), (value,)).holds(Node("", peek(node, parse_xml_place(place.like(way)).names) or ""))
