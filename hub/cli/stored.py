"""What commands need of the workspace's database: to open it, and to find the one row that is meant."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from hub.cli.options import Options
from hub.errors import UsageError

if TYPE_CHECKING:
    from hub.store.engine import Database

T = TypeVar("T")


def open_stored(options: Options) -> "Database":
    """The database of the workspace, as it is: nothing is made or changed."""
    from hub.cli.serve import open_config
    from hub.store.engine import open_database
    from hub.store.objects import objects_at

    config = open_config(options)[1]
    return open_database(config.database, objects_at(config.payloads, config.secrets))


def the_one(rows: Sequence[T], part: str, what: str, code: str) -> T:
    """The only one of the rows found by a part of an id. what: one such row in English, such as "incident"."""
    if len(rows) != 1:
        text = f"{len(rows) or 'No'} {what}s have an id that begins or ends with {part}: hub {what} list"
        raise UsageError(code, text)
    return rows[0]
