"""The mappings, code tables and guides a command works with."""

from hub.cli.options import Options
from hub.errors import NotYetError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.mapping import Library
    from hub.partner import Agreement
    from hub.workspace import Workspace


def open_library(options: Options) -> "Library":
    """The mappings and crosswalks of the workspace asked for, or of the one around the working directory, over those
    shipped.
    """
    from hub.workspace import builtin_root, open_workspace

    try:
        return library_of(open_workspace(options.workspace))
    except UsageError:
        if options.workspace is not None:
            raise
    from hub.mapping import Library

    return Library([builtin_root() / "mappings"])


def library_of(workspace: "Workspace") -> "Library":
    """A workspace's mappings, each named by its file, and its crosswalks."""
    from hub.mapping import Library
    from hub.workspace import builtin_root

    folders = dict.fromkeys((builtin_root(), workspace.folder))
    crosswalks = {path: body for path, body in workspace.files().items() if "crosswalks/" in path}
    return Library([folder / "mappings" for folder in folders], files=crosswalks)


def mapping_of(library: "Library", agreement: "Agreement", version: str | None = None) -> str | None:
    """The id of the mapping of an agreement's messages: its own, else the one that fits; None: there is none.

    version: of a message, where the agreement leaves it open. ConfigError: the mapping's file is wrong.
    """
    if agreement.mapping is not None:
        return agreement.mapping if agreement.mapping in library.ids() else None
    standard, type = agreement.standard, agreement.type
    if standard not in ("x12", "edifact", "xml"):
        return library.named(standard, agreement.version, type)
    try:
        return library.find(standard, type, agreement.version if standard == "xml" else version or "").id
    except NotYetError:
        return None
