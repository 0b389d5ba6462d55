"""What an element of a vocabulary must hold, added or missed in a document to be written."""

from collections.abc import Mapping

from hub.errors import Finding, finding
from hub.schema.content_model import ContentModel
from hub.syntax.nodes import Node


def complete(root: Node, model: ContentModel, given: Mapping[tuple[str, str], str], mapping: str) -> list[Finding]:
    """Adds children that must be there: empty ones where there is one of them, or with the text given for (parent,
    child); "position" counts them.

    HUB-3231: one must hold a value that nobody gives.
    """
    found: dict[str, Finding] = {}
    _complete(root, model, given, mapping, found)
    return list(found.values())


def _complete(
    node: Node, model: ContentModel, given: Mapping[tuple[str, str], str], mapping: str, found: dict[str, Finding],
    number: int = 1,
) -> None:  # fmt: skip
    children = model.children(node.tag)
    if children is None:
        return
    there = {kid.tag for kid in node.kids}
    missing = [tag for tag, child in children.items() if child.least and tag not in there]
    for tag in missing:
        text = given.get((node.tag, tag))
        if text is not None or (model.children(tag) is not None and children[tag].most is not None):
            node.add(tag, str(number) if text == "position" else text or "")
            continue
        place = f"{node.tag}/{tag}"
        found[place] = finding(
            "HUB-3231", f"{place} must be there, and the document says nothing that goes into it. Set it at its source "
            f"or add a rule.", expected=place, rule=mapping,
        )  # fmt: skip
    if missing:
        ends = len(children)
        node.kids.sort(key=lambda kid: children[kid.tag].position if kid.tag in children else ends)
    counts: dict[str, int] = {}
    for kid in node.kids:
        if kid.kids or kid.tag in missing:
            counts[kid.tag] = counts.get(kid.tag, 0) + 1
            _complete(kid, model, given, mapping, found, counts[kid.tag])
