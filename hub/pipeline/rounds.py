"""Rounds: when what nobody tells of is to be looked at again."""

from datetime import datetime, timedelta


class Rounds:
    """Of one process: every so often, and at once after a change of the partners."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._revision = ""
        self._due: datetime | None = None

    def begin(self, revision: str, now: datetime) -> bool:
        """Whether to look now; then the next round is due later."""
        if self._due is not None and now < self._due and revision == self._revision:
            return False
        self._revision, self._due = revision, now + self._every
        return True
