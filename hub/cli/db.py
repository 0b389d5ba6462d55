"""hub db: the database's tables, copies and upkeep."""

from pathlib import Path

import click

from hub.cli.options import Options
from hub.cli.output import people, print_json
from hub.cli.stored import open_stored


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.pass_obj
def upgrade(options: Options) -> None:
    """Make the tables, or change them to what this release needs."""
    from hub.store import migrate

    database = open_stored(options)
    migrate.upgrade(database)
    database.dispose()
    _say(options, {"upgraded": True}, "The database has the tables of this release.")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(options: Options, file: Path) -> None:
    """Copy the database to FILE while the hub runs (SQLite; PostgreSQL has pg_dump)."""
    from hub.store.upkeep import back_up

    database = open_stored(options)
    size = back_up(database, file)
    database.dispose()
    _say(options, {"file": str(file), "size": size}, f"The database is copied to {file}: {size:,} bytes.")


@db.command()
@click.pass_obj
def compact(options: Options) -> None:
    """Write the database anew, without what was deleted or erased. Workers wait meanwhile."""
    from hub.store.upkeep import compact as compact_database

    database = open_stored(options)
    compact_database(database)
    database.dispose()
    _say(options, {"compacted": True}, "The database holds what it shows, and nothing that was deleted or erased.")


@db.command()
@click.pass_obj
def test(options: Options) -> None:
    """Try the database and, if payloads are kept in an object store, all that is needed of it; say how that went."""
    from sqlalchemy.exc import SQLAlchemyError

    from hub.cli.output import complain
    from hub.errors import HubError
    from hub.store import migrate

    database = open_stored(options)

    def tables() -> str:
        if not migrate.is_current(database):
            raise HubError("HUB-6004", "Its tables are not those of this release: run hub db upgrade.")
        return f"{database.dialect} answers and has the tables of this release"

    tried = {"database": tables, "payloads": database.objects.test if database.objects else None}
    for what, try_ in tried.items():
        works = True
        try:
            said = try_() if try_ is not None else "they are kept in the database"
        except (HubError, SQLAlchemyError) as error:
            said, works = str(error), False
            options.note(1)
        if options.json:
            print_json({"what": what, "works": works, "said": said})
        elif works:
            people().print(f"{what}: {said}")
        else:
            complain(f"{what}: {said}")
    database.dispose()


@db.command()
@click.option("--advance", default=1000, show_default=True, help="By how much every control number goes on.")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.pass_obj
def restored(options: Options, advance: int, reason: str) -> None:
    """After a restore: numbers go on past those used since the backup, and nothing is sent until lanes are resumed."""
    from hub.cli.operate import open_hub
    from hub.cli.serve import operator

    hub = open_hub(options)
    try:
        lanes = hub.desk.pause_outbound(operator(), reason)
        scopes = hub.desk.advance_numbers(advance, operator(), reason)
    finally:
        hub.stop()
    text = f"{scopes} control numbers go on {advance} further; paused: {', '.join(lanes) or 'no lane'}."
    _say(options, {"advanced": scopes, "paused": lanes}, text)


def _say(options: Options, row: object, sentence: str) -> None:
    if options.json:
        print_json(row)
    else:
        people().print(sentence)
