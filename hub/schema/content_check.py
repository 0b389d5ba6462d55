"""Does an XML document hold what its vocabulary allows: children known, in order and number, with their attributes."""

from hub.errors import Finding, finding
from hub.location import Location
from hub.schema.content_model import ContentModel
from hub.syntax.nodes import Node, place_of


def check_content(root: Node, model: ContentModel, data: bytes | None = None) -> list[Finding]:
    """All findings, in document order. Names carry the model's prefixes. data: the payload, for lines and bytes."""
    return _Check(model, data).findings_of(root)


class _Check:
    def __init__(self, model: ContentModel, data: bytes | None) -> None:
        self._model = model
        self._data = data
        self._found: list[Finding] = []

    def findings_of(self, root: Node) -> list[Finding]:
        self._node(root, f"/{root.tag}")
        return self._found

    def _tell(self, code: str, node: Node, text: str, value: str | None = None, expected: str | None = None) -> None:
        place = place_of(self._data, node.number) if self._data is not None else None
        line = f" (line {place[0]})" if place else ""
        location = Location(interchange=1, message=1, offset=place[1] if place else None)
        self._found.append(
            finding(
                code, text.format(line=line), location=location, value=value, expected=expected, rule=self._model.name
            )
        )

    def _node(self, node: Node, way: str) -> None:
        children = self._model.children(node.tag)
        if children is None:
            self._leaf(node, way)
            return
        last, counts = -1, dict.fromkeys(children, 0)
        for kid in node.kids:
            if not kid.tag:
                continue
            known = children.get(kid.tag)
            if known is None:
                self._tell("HUB-2050", kid, f"{kid.tag}{{line}} is not one of the children {way} may have.", kid.tag)
                continue
            if known.position < last:
                self._tell("HUB-2053", kid, f"{kid.tag}{{line}} stands behind what must follow it in {way}.", kid.tag)
            last = max(last, known.position)
            counts[kid.tag] += 1
            if counts[kid.tag] == (known.most or 0) + 1 and known.most is not None:
                text = f"{way} has more than {known.most} {kid.tag}; the next one stands{{line}} there."
                self._tell("HUB-2052", kid, text, kid.tag, f"at most {known.most}")
            self._node(kid, f"{way}/{kid.tag}" + (f"[{counts[kid.tag]}]" if known.most != 1 else ""))
        for tag, child in children.items():
            if child.least and not counts[tag]:
                self._tell("HUB-2051", node, f"{way}{{line}} lacks {tag}, which must be there.", None, tag)

    def _leaf(self, node: Node, way: str) -> None:
        for name in self._model.attributes.get(node.tag, ()):
            if name not in node.attributes:
                self._tell("HUB-2054", node, f"{way}{{line}} lacks the attribute {name}.", None, f"@{name}")
