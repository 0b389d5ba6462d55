"""What somebody may have meant."""

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str:
    """'; did you mean "receive"?', or "" where nothing known is near."""
    by_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_case, n=1)
    return f'; did you mean "{by_case[near[0]]}"?' if near else ""
