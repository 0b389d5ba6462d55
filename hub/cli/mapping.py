"""hub mapping: which mappings there are, and whether each of them can be compiled."""

from typing import TYPE_CHECKING

import click

from hub.cli.options import Options
from hub.cli.output import counted, print_fault, print_json, print_table

if TYPE_CHECKING:
    from hub.cli.mapping_test import Outcome


@click.group()
def mapping() -> None:
    """Mappings, your own and those shipped."""


@mapping.command("list")
@click.pass_obj
def list_mappings(options: Options) -> None:
    """List the mappings with the document each is for, the versions it serves, and its file."""
    from hub.mapping import Library
    from hub.mapping.faults import mapping_files
    from hub.workspace import open_workspace

    files = open_workspace(options.workspace).mappings()
    library, paths = Library(files=files), mapping_files(files)
    rows = [(id, library.get(id).document, library.get(id).versions, paths[id][-1]) for id in library.ids()]
    if options.json:
        for id, document, versions, file in rows:
            print_json({"mapping": id, "document": document, "versions": versions, "file": file})
    else:
        shown = [(id, document, ", ".join(versions), file) for id, document, versions, file in rows]
        print_table(("mapping", "document", "versions", "file"), shown)


@mapping.command("check")
@click.argument("id", required=False)
@click.pass_obj
def check_mappings(options: Options, id: str | None) -> None:
    """Find what is wrong in the mappings, each compiled for every version it lists, or in the one named."""
    from hub.mapping.faults import mapping_faults, mapping_files
    from hub.workspace import open_workspace

    files = open_workspace(options.workspace).mappings()
    faults = mapping_faults(files, id)
    for fault in faults:
        print_fault(options, fault)
    count = 1 if id else len(mapping_files(files))
    if options.json:
        print_json({"summary": {"mappings": count, "faults": len(faults)}})
    elif not faults:
        click.echo(f"{id}: nothing is wrong." if id else f"{counted(count, 'mapping')}: nothing is wrong.")
    options.note(1 if faults else 0)


@mapping.command("test")
@click.argument("names", nargs=-1, metavar="[NAME]..")
@click.option("--update", is_flag=True, help="Keep what the samples mean now, and show what has changed.")
@click.option("--loss", is_flag=True, help="List every place of the samples that no rule reads.")
@click.pass_obj
def test_mappings(options: Options, names: tuple[str, ...], update: bool, loss: bool) -> None:
    """Read the samples beside mappings, write them back, and compare with what is kept of them.

    Without NAME: the mappings of the workspace's own folder. Written back is a message identical, reordered, moved,
    normalised (spelled otherwise), computed (counts made anew), or something is lost or added, which fails. Variants of
    every document, each with a part left out, must come back as they went too.
    """
    from hub.cli import mapping_test
    from hub.cli.library import library_of
    from hub.workspace import open_workspace

    workspace = open_workspace(options.workspace)
    library = library_of(workspace)
    ids = mapping_test.chosen(workspace, library, names)
    outcomes = []
    for outcome in mapping_test.run(workspace, library, ids, update=update):
        outcomes.append(outcome)
        options.note(int(outcome.failed))
        if options.json:
            for row in mapping_test.rows_of(outcome):
                print_json(row)
    failed = sum(outcome.failed for outcome in outcomes)
    without = sorted(set(ids) - {outcome.mapping for outcome in outcomes})
    if options.json:
        print_json({"summary": {"samples": len(outcomes), "failed": failed, "without_samples": without}})
        return
    _print_outcomes(outcomes)
    if loss:
        print_table(("mapping", "read by no rule", "times"), mapping_test.loss(outcomes))
    for id in without:
        click.echo(f"{id} has no samples.")
    click.echo(f"{counted(len(outcomes), 'sample')}, {failed} failed.")


def _print_outcomes(outcomes: "list[Outcome]") -> None:
    from hub.cli.mapping_test import faults_of

    rows = []
    for outcome in outcomes:
        for one in outcome.messages:
            read = f"{100 * (one.elements - one.unread_elements) // one.elements} %" if one.elements else ""
            kept = f"{one.variants - len(one.broken)} of {one.variants}" if one.variants else ""
            verdict = "failed" if outcome.failed else "ok"
            rows.append((outcome.mapping, outcome.sample, one.written, read, kept, outcome.golden, verdict))
    print_table(("mapping", "sample", "written back", "read", "variants", "kept", ""), rows)
    for outcome in outcomes:
        if outcome.golden == "written":
            click.echo("\n".join(outcome.difference))
        for fault in faults_of(outcome) if outcome.failed else ():
            click.echo(f"{outcome.mapping} {outcome.sample}: {fault}")
