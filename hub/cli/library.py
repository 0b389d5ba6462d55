"""The mappings, code tables and guides a command works with."""

from typing import TYPE_CHECKING

from hub.cli.options import Options
from hub.errors import UsageError

if TYPE_CHECKING:
    from hub.mapping import Library


def open_library(options: Options) -> "Library":
    """The mappings of the workspace asked for, or of the one around the working directory, over those shipped."""
    from hub.mapping import Library
    from hub.workspace import builtin_root, open_workspace

    folders = [builtin_root()]
    try:
        folders.append(open_workspace(options.workspace).folder)
    except UsageError:
        if options.workspace is not None:
            raise
    return Library([folder / "mappings" for folder in dict.fromkeys(folders)])
