"""Whether an update is full is a truth value at Amazon, and a word in the canonical document."""

from typing import Any


def told(tree: Any) -> Any:
    """The update with `extent`."""
    rest = {name: value for name, value in tree.items() if name != "isFullUpdate"}
    return {**rest, "extent": "full" if tree.get("isFullUpdate") else "delta"}


def asked(tree: Any) -> Any:
    """The update as Amazon takes it. What does not say that it is all there is, is not."""
    rest = {name: value for name, value in tree.items() if name != "extent"}
    return {**rest, "isFullUpdate": tree.get("extent") == "full"}
