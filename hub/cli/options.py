"""What the commands of one run share."""

from hub.errors import HubError, UnreadableError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


class Options:
    """What one run of `hub` was asked for, and its exit status so far."""

    def __init__(self) -> None:
        self.json = False
        self.workspace: Path | None = None
        self.status = 0

    def note(self, status: int) -> None:
        """The highest status of a run wins."""
        self.status = max(self.status, status)


def status_of(error: HubError) -> int:
    """The exit status an error asks for."""
    return 2 if isinstance(error, UnreadableError | UsageError) else 1
