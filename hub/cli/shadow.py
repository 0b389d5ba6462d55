"""hub shadow: what a shadow connection would have sent against what the other system did send."""

from pathlib import Path

import click

from hub.cli.options import Options
from hub.cli.output import counted, people, print_json, print_table


@click.group()
def shadow() -> None:
    """Run beside another system, send nothing, and compare."""


@shadow.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--partner", default="", help="Only what goes to this partner.")
@click.option("--since", default=None, metavar="TIME", help="Only what we wrote since then, such as 2026-05-01.")
@click.option("--ignore", multiple=True, metavar="FIELD", help="A field that does not count, as the report names it.")
@click.pass_obj
def report(options: Options, folder: Path, partner: str, since: str | None, ignore: tuple[str, ...]) -> None:
    """Compare what the hub wrote for shadow connections with FOLDER, every file the other system sent.

    Differences are grouped by the field they are in. Exit status 1: something differs or is missing.
    """
    from hub.cli.operate import open_hub
    from hub.cli.source import read_moment
    from hub.pipeline.shadow import compare

    at = read_moment(since, "--since") if since else None
    files = ((str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())
    hub = open_hub(options)
    try:
        found = compare(hub.context, files, partner=partner, since=at, ignored=ignore)
    finally:
        hub.stop()
    options.note(int(bool(found.differ or found.only_ours or found.only_theirs or found.unreadable)))
    if options.json:
        print_json(found)
        return
    people().print(
        f"{counted(found.same + found.differ, 'pair')}: {found.same} the same, {found.differ} differ; "
        f"{len(found.only_ours)} only ours, {len(found.only_theirs)} only theirs."
    )
    if found.classes:
        print_table(
            ("Times", "Type", "Field", "", "Ours", "Theirs", "For example"),
            [(one.count, one.type, one.field, one.kind, one.ours, one.theirs, one.example) for one in found.classes],
        )
    for title, lines in (
        ("Only ours", found.only_ours),
        ("Only theirs", found.only_theirs),
        ("Not readable", found.unreadable),
    ):
        for line in lines[:20]:
            people().print(f"{title}: {line}")
        if len(lines) > 20:
            people().print(f"{title}: {len(lines) - 20} more; --json names them all.")
