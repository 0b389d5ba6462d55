"""Build hub/schema/content/ubl-2.1.json from the XSDs of UBL (see NOTICE for their source).

Usage: python scripts/build_content_models.py SOURCE TARGET

SOURCE holds maindoc/ and common/ of UBL 2.1. TARGET gets one JSON file:

    roots       "Order": the type of the document's root
    types       "OrderType": [[child, least, most or null], ..] in the order of the schema
    elements    "cac:OrderLine": its type, where it holds others
    attributes  "cbc:Amount": the attributes it must have, separated by one space

Types are those that the document types reach. Names, definitions and notes are left out.
"""

import json
import re
import sys
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
PREFIXES = {"CommonAggregateComponents": "cac", "CommonBasicComponents": "cbc", "CommonExtensionComponents": "ext"}


def schema(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def types_of(root: etree._Element, prefix: str = "") -> dict[str, list[list[object]]]:
    """Children of each complex type with a sequence of references; prefix: of those to the module itself."""
    found: dict[str, list[list[object]]] = {}
    for kind in root.findall(f"{XSD}complexType"):
        entries = kind.findall(f"{XSD}sequence/{XSD}element[@ref]")
        if entries:
            found[kind.get("name", "")] = [
                [
                    _named(str(entry.get("ref")), prefix),
                    int(entry.get("minOccurs", "1")),
                    _most(entry.get("maxOccurs", "1")),
                ]
                for entry in entries
            ]
    return found


def _named(name: str, prefix: str) -> str:
    return f"{prefix}:{name}" if prefix and ":" not in name else name


def _most(text: str) -> int | None:
    return None if text == "unbounded" else int(text)


def required(root: etree._Element) -> dict[str, list[str]]:
    """The attributes a type of the module must have."""
    return {
        kind.get("name", ""): names
        for kind in root.findall(f"{XSD}complexType")
        if (names := [str(one.get("name")) for one in kind.iter(f"{XSD}attribute") if one.get("use") == "required"])
    }


def attributes(basic: etree._Element, unqualified: etree._Element) -> dict[str, str]:
    """Element of the basic module -> the attributes it must have."""
    needed, bases = required(unqualified), {}
    for kind in basic.findall(f"{XSD}complexType"):
        extension = kind.find(f"{XSD}simpleContent/{XSD}extension")
        if extension is not None:
            bases[kind.get("name")] = str(extension.get("base")).partition(":")[2]
    return {
        f"cbc:{element.get('name')}": " ".join(needed[base])
        for element in basic.findall(f"{XSD}element")
        if (base := bases.get(str(element.get("type")), "")) in needed
    }


def build(source: Path) -> dict[str, dict[str, object]]:
    modules = {prefix: schema(source / "common" / f"UBL-{name}-2.1.xsd") for name, prefix in PREFIXES.items()}
    kinds: dict[str, list[list[object]]] = {}
    for prefix, module in modules.items():
        kinds |= types_of(module, prefix)
    elements = {
        f"{prefix}:{element.get('name')}": str(element.get("type"))
        for prefix, module in modules.items()
        for element in module.findall(f"{XSD}element")
        if element.get("type") in kinds
    }
    roots: dict[str, str] = {}
    for path in sorted((source / "maindoc").glob("*.xsd")):
        root = schema(path)
        kinds |= types_of(root)
        roots |= {str(one.get("name")): str(one.get("type")) for one in root.findall(f"{XSD}element")}
    reached, todo = set(), list(roots.values())
    while todo:
        kind = todo.pop()
        if kind not in reached:
            reached.add(kind)
            todo += [elements[str(child)] for child, *_ in kinds[kind] if child in elements]
    used = {str(child) for kind in reached for child, *_ in kinds[kind]}
    needed = attributes(modules["cbc"], schema(source / "common" / "UBL-UnqualifiedDataTypes-2.1.xsd"))
    return {
        "roots": dict(roots),
        "types": {kind: kinds[kind] for kind in sorted(reached)},
        "elements": {name: kind for name, kind in sorted(elements.items()) if name in used},
        "attributes": {name: names for name, names in sorted(needed.items()) if name in used},
    }


def lines(model: dict[str, dict[str, object]]) -> str:
    """One entry a line, so that a difference can be read."""
    parts = []
    for name, table in model.items():
        entries = ((json.dumps(key), re.sub(r", ", ",", json.dumps(value))) for key, value in table.items())
        rows = ",\n".join(f"  {key}: {value}" for key, value in entries)
        parts.append(f"{json.dumps(name)}: {{\n{rows}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    Path(sys.argv[2]).joinpath("ubl-2.1.json").write_text(lines(build(Path(sys.argv[1]))), "utf-8")
