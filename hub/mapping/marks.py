"""What a JSON payload is, by its content: the marks of the mappings at hand.

`marks: [admin_graphql_api_id=gid://shopify/Order/*, line_items]`: places that must all be there, with a text where one
must stand there (`*` at its end: and any more). Of a list the first object is looked at.
"""

from collections.abc import Iterable
from typing import Any

from hub.mapping.spec import Spec, Text, as_text


def marks_of(spec: dict[Text, Spec]) -> list[str]:
    """The marks of a mapping, or none. ConfigError: one is no text."""
    said = spec.get(Text("marks"), [])
    return [str(as_text(mark, "A mark", Text("marks"))) for mark in (said if isinstance(said, list) else [said])]


def bears(tree: Any, marks: Iterable[str]) -> bool:
    """Whether a payload bears all of the marks."""
    return all(_bears(tree, mark) for mark in marks)


def _bears(tree: Any, mark: str) -> bool:
    way, equals, wanted = mark.partition("=")
    for name in way.split("/"):
        tree = tree[0] if isinstance(tree, list) and tree else tree
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    if not equals:
        return True
    text = str(tree)
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted
