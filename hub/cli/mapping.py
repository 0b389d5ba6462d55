"""hub mapping: which mappings there are, and whether each of them can be compiled."""

import click

from hub.cli.options import Options
from hub.cli.output import counted, print_fault, print_json, print_table


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
