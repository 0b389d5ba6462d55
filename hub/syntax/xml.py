"""XML from partners: the one parser of this package. It opens no file and no socket, and expands no entity."""

import re

from lxml import etree

from hub.errors import UnreadableError
from hub.location import Location

_MOST_DEPTH = 100
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


def read_xml(data: bytes) -> etree._Element:
    """The root of an XML document. A DOCTYPE is passed over (cXML sends one), entity declarations are refused.

    UnreadableError: not well-formed, entities declared, deeper than a hundred levels.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if _declares_entities(data):
        raise _entities()
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if "depth" in str(error):
            raise _too_deep() from None
        raise _not_well_formed(error, data) from None
    kept = root.getroottree().docinfo
    if (kept.encoding or "").upper().replace("_", "-") == "UTF-7":
        raise UnreadableError("HUB-1080", "The XML is in UTF-7; ask the sender for UTF-8.", location=Location(offset=0))
    if kept.internalDTD is not None and kept.internalDTD.entities():  # type: ignore[union-attr] # not in the stubs
        raise _entities()
    _check_depth(root)
    return root


def _declares_entities(data: bytes) -> bool:
    """Whether the internal subset of a DOCTYPE declares entities, in any of the encodings XML may come in."""
    head = data[: 1 << 20]
    if b"\x00" in head[:200]:
        head = head.replace(b"\x00", b"")
    return _ENTITY.search(head) is not None and re.search(rb"<!DOCTYPE", head, re.IGNORECASE) is not None


def _entities() -> UnreadableError:
    text = "The XML declares entities; ask the sender for XML without them."
    return UnreadableError("HUB-1081", text, location=Location(offset=0))


def _not_well_formed(error: Exception, data: bytes) -> UnreadableError:
    line, column = getattr(error, "position", (None, None)) if isinstance(error, etree.XMLSyntaxError) else (None, None)
    offset = None
    if line:
        starts = data.split(b"\n", line - 1)
        offset = sum(len(part) + 1 for part in starts[: line - 1]) + max((column or 1) - 1, 0)
    place = f" (line {line}, column {column})" if line else ""
    reason = str(error).split(", line")[0].rstrip(".")
    return UnreadableError(
        "HUB-1080",
        f"The XML is not well-formed{place}: {reason}. Ask the sender to send it again.",
        location=Location(offset=offset),
    )


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MOST_DEPTH:
            raise _too_deep()


def _too_deep() -> UnreadableError:
    message = f"The XML is nested deeper than {_MOST_DEPTH} levels; look at who sent it."
    return UnreadableError("HUB-1073", message, expected=str(_MOST_DEPTH))
