"""Profiles of an XML message: what a network asks for beyond the vocabulary, by the agreement's option `profile`.

    profiles:
      peppol:
        options: {customization_id: 'urn:..', profile_id: 'urn:..'}
        given: {cbc:InvoiceTypeCode: '380'}
        copies: {cac:SellerSupplierParty/cac:Party: {cbc:EndpointID: 'cac:PartyIdentification/cbc:ID(@schemeID=0088)'}}
        needs: {.: [cbc:ID, [cbc:BuyerReference, cac:OrderReference/cbc:ID]], cac:InvoiceLine: [cac:Item/cbc:Name]}

Its options count where the agreement has none of that name; `given` are children of the root that are written where the
document says nothing that goes there. Under `copies`, every element of a name that lacks a child gets it, with its
attributes, from another place in it (of a list of places the first that says something). Every element of a name under
`needs` (`.`: the root) must hold these places; of a list of places one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.errors import Finding, finding
from hub.mapping.spec import Spec, Text, as_list, as_mapping, as_text, near, wrong
from hub.mapping.xml_place import XmlPlace, parse_xml_place, peek
from hub.syntax.nodes import Node

_KEYS = ("options", "given", "copies", "needs")


@dataclass(frozen=True)
class Profile:
    """copies: the way to elements -> a child of theirs -> the places it is copied from. needs: the way to elements ->
    what each must hold, of which one of several places."""

    name: str
    options: Mapping[str, str]
    given: Mapping[str, str]
    copies: Mapping[tuple[str, ...], Mapping[str, Sequence[XmlPlace]]]
    needs: Mapping[tuple[str, ...], Sequence[Sequence[XmlPlace]]]

    def fill(self, root: Node) -> list[Node]:
        """Adds what is given or copied and not there, as last children; the elements that got any."""
        filled = [root]
        there = {kid.tag for kid in root.kids}
        for tag, text in self.given.items():
            if tag not in there:
                root.add(tag, text)
        for way, copies in self.copies.items():
            for node in _nodes(root, way):
                for tag, places in copies.items():
                    source = next((found for place in places if (found := _first(node, place)) is not None), None)
                    if source is not None and not node.named(tag):
                        node.add(tag, source.text).attributes.update(source.attributes)
                        filled.append(node)
        return filled

    def missing(self, root: Node, mapping: str) -> list[Finding]:
        """HUB-3231 for each place at which nothing stands."""
        found = []
        for way, wanted in self.needs.items():
            nodes = _nodes(root, way)
            for places in wanted:
                without = sum(not any(peek(node, place.names) for place in places) for node in nodes)
                if without:
                    found.append(self._finding(way, places, without if way else 0, mapping))
        return found

    def _finding(self, way: Sequence[str], places: Sequence[XmlPlace], count: int, mapping: str) -> Finding:
        told = " or ".join("/".join((*way, *place.names)) for place in places)
        many = f" ({count} times)" if count > 1 else ""
        text = (
            f"{told} must be there by the profile {self.name}, and the document says nothing that goes into it{many}."
        )
        return finding("HUB-3231", f"{text} Set it at its source.", expected=told, rule=mapping)


def _nodes(root: Node, way: Sequence[str]) -> list[Node]:
    nodes = [root]
    for name in way:
        nodes = [kid for node in nodes for kid in node.named(name)]
    return nodes


def _first(node: Node, place: XmlPlace) -> Node | None:
    """The first element at a place that says something."""
    nodes = [node]
    for step in place.steps:
        nodes = [kid for node in nodes for kid in node.named(step.name) if all(test.holds(kid) for test in step.tests)]
    return next((found for found in nodes if found.text), None)


def read_profiles(spec: Mapping[Text, Spec]) -> dict[str, Profile]:
    """The profiles of a mapping. ConfigError: a place or key is wrong."""
    return {
        str(name): _profile(name, as_mapping(body, "A profile"))
        for name, body in as_mapping(spec.get(Text("profiles"), {}), "profiles").items()
    }


def _profile(name: Text, said: Mapping[Text, Spec]) -> Profile:
    for key in said:
        if key not in _KEYS:
            raise wrong(key, "HUB-3010", f'"{key}" is not a key of a profile{near(key, _KEYS)}')
    needs = {}
    for way, wanted in as_mapping(said.get(Text("needs"), {}), "needs").items():
        needs[parse_xml_place(way).names] = [_places(one, "needs", way) for one in as_list(wanted)]
    copies = {}
    for way, children in as_mapping(said.get(Text("copies"), {}), "copies").items():
        copies[parse_xml_place(way).names] = {
            str(child): _places(places, "copies", child) for child, places in as_mapping(children, "copies").items()
        }
    return Profile(str(name), _texts(said, "options"), _texts(said, "given"), copies, needs)


def _places(value: Spec, key: str, at: Text) -> list[XmlPlace]:
    return [parse_xml_place(as_text(place, key, at)) for place in as_list(value)]


def _texts(said: Mapping[Text, Spec], key: str) -> dict[str, str]:
    return {str(name): str(as_text(text, key, name)) for name, text in as_mapping(said.get(Text(key), {}), key).items()}
