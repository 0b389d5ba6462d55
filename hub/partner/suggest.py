"""What somebody may have meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like it, letter case aside; None: none is like it."""
    by_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_case, n=1)
    return by_case[near[0]] if near else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """'; did you mean "receive"?', or "" where nothing known is like it."""
    near = nearest(word, known)
    return f'; did you mean "{near}"?' if near else ""
