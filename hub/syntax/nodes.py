"""An XML document as plain nodes, the same for reading and writing: names carry a mapping's prefixes, not the
document's.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lxml import etree

from hub.errors import DataError

_XML = "http://www.w3.org/XML/1998/namespace"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HINTS = (f"{{{_XSI}}}schemaLocation", f"{{{_XSI}}}noNamespaceSchemaLocation")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![^>\[]*(?:\[.*?\]\s*)?>|<[^/!?]", re.DOTALL)
_NAME = re.compile(r"\{(.*)\}(.*)", re.DOTALL)


class Node:
    """An element. tag: "cbc:ID" by the prefixes given, "{uri}ID" where there is none; "" for text between elements.

    text: what stands before the first child, without blanks around it. number: which element of the document it is,
    from 1; 0 for one that was not read.
    """

    __slots__ = ("attributes", "kids", "number", "tag", "text")

    def __init__(self, tag: str, text: str = "", number: int = 0) -> None:
        self.tag = tag
        self.text = text
        self.number = number
        self.attributes: dict[str, str] = {}
        self.kids: list[Node] = []

    def add(self, tag: str, text: str = "") -> "Node":
        """A new last child."""
        kid = Node(tag, text)
        self.kids.append(kid)
        return kid

    def named(self, tag: str) -> "list[Node]":
        """The children of that name."""
        return [kid for kid in self.kids if kid.tag == tag]

    def __iter__(self) -> "Iterator[Node]":
        """The node and everything below it, in document order."""
        yield self
        for kid in self.kids:
            yield from kid


def to_nodes(root: etree._Element, namespaces: Mapping[str, str]) -> Node:
    """The nodes of an element that hub.syntax.xml read. namespaces: prefix -> URI, "" for names without a prefix."""
    prefixes = {uri: prefix for prefix, uri in namespaces.items()} | {_XML: "xml", _XSI: "xsi"}
    names: dict[str, str] = {}
    count = 0

    def name_of(name: str, plain: bool) -> str:
        match = _NAME.fullmatch(name)
        if match is None:
            return name if plain or "" not in namespaces else f"{{}}{name}"
        prefix = prefixes.get(match[1])
        if prefix is None or (not prefix and plain):
            return name
        return f"{prefix}:{match[2]}" if prefix else match[2]

    def make(element: Any) -> Node:
        nonlocal count
        count += 1
        tag = element.tag
        name = names.get(tag)
        if name is None:
            name = names[tag] = name_of(tag, False)
        text = element.text
        node = Node(name, text.strip() if text else "", count)
        for key, value in element.items():
            if key not in _HINTS:
                node.attributes[name_of(key, True) if key[:1] == "{" else key] = value
        kids = node.kids
        for child in element:
            kids.append(make(child))
            tail = child.tail
            if tail and not tail.isspace():
                kids.append(Node("", tail.strip()))
        return node

    return make(root)


def write_nodes(root: Node, namespaces: Mapping[str, str], doctype: str = "") -> bytes:
    """UTF-8 with an XML declaration, without added blanks; each namespace that is used is declared once, at the root.

    doctype: what stands after "<!DOCTYPE ". DataError HUB-1082: a character XML has no way to write.
    """
    used = {name.partition(":")[0] if ":" in name else "" for node in root for name in (node.tag, *node.attributes)}
    declared = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{escape(uri)}"' for prefix, uri in namespaces.items() if prefix in used
    )
    if "xsi" in used:
        declared += f' xmlns:xsi="{_XSI}"'
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    if doctype:
        out.append(f"<!DOCTYPE {doctype}>\n")
    _write(root, out, declared)
    out.append("\n")
    text = "".join(out)
    if found := _ILLEGAL.search(text):
        message = f"A text holds the character U+{ord(found[0]):04X}, which XML has no way to write; take it out."
        raise DataError("HUB-1082", message, value=f"U+{ord(found[0]):04X}")
    return text.encode()


def _write(node: Node, out: list[str], declared: str = "") -> None:
    if not node.tag:
        out.append(_escaped(node.text))
        return
    tag = node.tag
    if tag[0] == "{":
        uri, _, local = tag[1:].partition("}")
        tag = f"n:{local}" if uri else local
        declared += f' xmlns:n="{escape(uri)}"' if uri else ' xmlns=""'
    out.append(f"<{tag}{declared}")
    for number, (name, value) in enumerate(node.attributes.items()):
        if name[0] == "{":
            uri, _, local = name[1:].partition("}")
            out.append(f' xmlns:a{number}="{escape(uri)}"')
            name = f"a{number}:{local}"
        out.append(f' {name}="{_quoted(value)}"')
    if not node.kids and not node.text:
        out.append("/>")
        return
    out.append(f">{_escaped(node.text)}")
    for kid in node.kids:
        _write(kid, out)
    out.append(f"</{tag}>")


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return text


def _quoted(text: str) -> str:
    text = _escaped(text)
    return text.replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


def place_of(data: bytes, number: int) -> tuple[int, int] | None:
    """Line (from 1) and byte offset of the number-th element; None where the encoding hides them (UTF-16)."""
    if not number or b"\x00" in data[:200]:
        return None
    count = 0
    for match in _MARKUP.finditer(data):
        if match[0][1:2] not in (b"!", b"?"):
            count += 1
            if count == number:
                return data.count(b"\n", 0, match.start()) + 1, match.start()
    return None
