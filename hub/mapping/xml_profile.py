"""Profiles of an XML message: what a network asks for beyond the vocabulary, by the agreement's option `profile`.

    profiles:
      peppol:
        options: {customization_id: 'urn:..', profile_id: 'urn:..'}
        given: {cbc:InvoiceTypeCode: '380'}
        needs: {.: [cbc:ID, [cbc:BuyerReference, cac:OrderReference/cbc:ID]], cac:InvoiceLine: [cac:Item/cbc:Name]}

Its options count where the agreement has none of that name; `given` are children of the root that are written where the
document says nothing that goes there. Every element of a name under `needs` (`.`: the root) must
hold these places; of a list of places one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.errors import Finding, finding
from hub.mapping.spec import Spec, Text, as_mapping, as_text, near, wrong
from hub.mapping.xml_place import XmlPlace, parse_xml_place, peek
from hub.syntax.nodes import Node

_KEYS = ("options", "given", "needs")


@dataclass(frozen=True)
class Profile:
    """needs: the way to elements -> what each must hold, of which one of several places."""

    name: str
    options: Mapping[str, str]
    given: Mapping[str, str]
    needs: Mapping[tuple[str, ...], Sequence[Sequence[XmlPlace]]]

    def fill(self, root: Node) -> None:
        """Adds what is given and not there, as last children."""
        there = {kid.tag for kid in root.kids}
        for tag, text in self.given.items():
            if tag not in there:
                root.add(tag, text)

    def missing(self, root: Node, mapping: str) -> list[Finding]:
        """HUB-3231 for each place at which nothing stands."""
        found = []
        for way, wanted in self.needs.items():
            nodes = [root]
            for name in way:
                nodes = [kid for node in nodes for kid in node.named(name)]
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
        each = [one if isinstance(one, list) else [one] for one in (wanted if isinstance(wanted, list) else [wanted])]
        places = [[parse_xml_place(as_text(place, "needs", way)) for place in one] for one in each]
        needs[parse_xml_place(way).names] = places
    return Profile(str(name), _texts(said, "options"), _texts(said, "given"), needs)


def _texts(said: Mapping[Text, Spec], key: str) -> dict[str, str]:
    return {str(name): str(as_text(text, key, name)) for name, text in as_mapping(said.get(Text(key), {}), key).items()}
