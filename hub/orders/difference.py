"""What differs between two documents, in words a person reads on the hold."""

from typing import Any

from hub.canonical import Document, to_builtins

_OWN = {"id", "account", "ext"}


def differences(before: Document, after: Document, most: int = 5) -> list[str]:
    """Up to `most` sentences "lines[0].quantity.value: 10 -> 12"; empty when the sender said the same."""
    found: list[str] = []
    _compare("", to_builtins(before), to_builtins(after), found)
    if len(found) > most:
        found[most:] = [f"and {len(found) - most} more"]
    return found


def _compare(path: str, before: Any, after: Any, found: list[str]) -> None:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in _OWN:
                _compare(f"{path}.{key}" if path else key, before.get(key), after.get(key), found)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            one = before[index] if index < len(before) else None
            other = after[index] if index < len(after) else None
            _compare(f"{path}[{index}]", one, other, found)
    else:
        found.append(f"{path}: {_say(before)} -> {_say(after)}")


def _say(value: Any) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else "something else"
