"""hub mapping: which mappings there are, and whether each of them can be compiled."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.options import Options
from hub.cli.output import counted, print_fault, print_json, print_table

if TYPE_CHECKING:
    from hub.cli.mapping_test import Outcome
    from hub.mapping.differences import Comparer


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
        click.echo(f"{id} has no samples: lay files of partners into mappings/{id}/samples.")
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


@mapping.command("new")
@click.argument("reference", metavar="STANDARD/VERSION/TYPE")
@click.option("--document", required=True, metavar="D", help="The canonical document it is read into, as Order.")
@click.option(
    "--example", nargs=2, multiple=True, metavar="MESSAGE JSON", help="A message and the document it should become."
)
@click.option("--stdout", is_flag=True, help="Print the draft instead of writing it into the workspace.")
@click.pass_obj
def new_mapping(
    options: Options, reference: str, document: str, example: tuple[tuple[str, str], ...], stdout: bool
) -> None:
    """Draft a mapping of a message type, as x12/004010/830, from its directory and from examples; one of JSON or CSV,
    as json/acme/order, from examples alone.

    Rules come from the mappings of other types and from values of the examples; what has no place is left out. The
    draft compiles, and the examples become its samples.
    """
    from hub.cli.mapping_new import write_draft

    made = write_draft(options.workspace, reference, document, example, stdout=stdout)
    if stdout:
        click.echo(made.draft.source.decode(), nl=False)
    elif options.json:
        print_json({"file": str(made.file), "found": made.draft.found, "missing": made.draft.missing})
    else:
        click.echo(f"Written: {made.file}")
        for text in made.draft.found:
            click.echo(f"found by its value: {text}")
        for text in made.draft.missing:
            click.echo(f"not yet as in the example: {text}")


@mapping.command("diff")
@click.argument("new", type=click.Path(exists=True, path_type=Path), required=False)
@click.argument("files", nargs=-1, metavar="[FILE]..")
@click.option("--since", default="30d", show_default=True, help="How far back to look in the stored traffic.")
@click.option("--most", default=2000, show_default=True, help="So many of the newest messages.")
@click.pass_obj
def diff_mappings(options: Options, new: Path | None, files: tuple[str, ...], since: str, most: int) -> None:
    """Derive traffic under the rules in force and under new ones, and show the differences in classes.

    NEW is a workspace or a mapping file; without it, the workspace as it stands, against the published revision. With
    FILES the messages in them are read both ways, else those stored.
    """
    from hub.cli import mapping_diff
    from hub.cli.source import read_bytes

    comparer, name = compare_rules(options, new, since, most, [(file, read_bytes(file)) for file in files])
    fine = mapping_diff.approved(_folder(options), name)
    for one in comparer.classes:
        if options.json:
            examples = [{"message": ex.label, "old": ex.old, "new": ex.new} for ex in one.examples]
            print_json({"class": one.name, "count": one.count, "approved": one.name in fine, "examples": examples})
    open_ = [one.name for one in comparer.classes if one.name not in fine]
    options.note(int(bool(open_)))
    if options.json:
        counts = {"compared": comparer.compared, "differing": comparer.differing, "classes": len(comparer.classes)}
        print_json({"summary": counts | {"open": len(open_), "rules": name}})
        return
    rows = [
        (one.name, one.count, "approved" if one.name in fine else "", ex.label, ex.old, ex.new)
        for one in comparer.classes for ex in one.examples[:1]
    ]  # fmt: skip
    if rows:
        print_table(("class", "messages", "", "example", "was", "is"), rows)
    click.echo(f"{counted(comparer.compared, 'message')} compared, {comparer.differing} differ, {len(open_)} open.")


@mapping.command("approve")
@click.argument("classes", nargs=-1, metavar="CLASS..", required=True)
@click.option("--why", required=True, help="What the difference is for; it is kept beside your name.")
@click.option("--since", default="30d", show_default=True, help="How far back to look in the stored traffic.")
@click.pass_obj
def approve_differences(options: Options, classes: tuple[str, ...], why: str, since: str) -> None:
    """Note in approvals.csv that classes of differences of the workspace as it stands are wanted.

    CLASS is a name as `hub mapping diff` shows it, or "all" for every one it shows now.
    """
    from datetime import UTC, datetime

    from hub.cli import mapping_diff
    from hub.cli.serve import operator
    from hub.errors import UsageError

    comparer, name = compare_rules(options, None, since, mapping_diff.MOST, [])
    known = [one.name for one in comparer.classes]
    for wanted in classes:
        if wanted != "all" and wanted not in known:
            raise UsageError("HUB-9202", f'No difference of the class "{wanted}" is there now; see: hub mapping diff')
    names = known if "all" in classes else list(classes)
    mapping_diff.approve(_folder(options), names, name, operator(), datetime.now(UTC), why)
    if options.json:
        print_json({"approved": names, "rules": name})
    else:
        click.echo(f"{counted(len(names), 'class').replace('classs', 'classes')} approved for the rules {name}.")


def _folder(options: Options) -> Path:
    from hub.workspace import open_workspace

    return open_workspace(options.workspace).folder


def compare_rules(
    options: Options, new: Path | None, since: str, most: int, files: "list[tuple[str, bytes]]"
) -> "tuple[Comparer, str]":
    """The differences, and the name of the new rules. Stored traffic is looked at where no files are given."""
    from datetime import UTC, datetime

    from hub.cli import mapping_diff
    from hub.cli.stored import open_stored
    from hub.mapping.differences import Comparer
    from hub.store import migrate, revisions
    from hub.workspace import open_workspace

    comparer = Comparer()
    workspace, database = open_workspace(options.workspace), open_stored(options)
    migrate.upgrade(database)
    try:
        with database.read() as conn:
            active = revisions.active(conn)
            published = revisions.files(conn, active["digest"]) if active is not None else None
            rules = mapping_diff.rules_of(workspace, published, new)
            if files:
                mapping_diff.compare_files(rules, files, comparer)
            else:
                since_when = datetime.now(UTC) - mapping_diff.parse_since(since)
                mapping_diff.compare_stored(rules, conn, since_when, comparer, most)
    finally:
        database.dispose()
    meant = open_workspace(new) if new is not None and new.is_dir() else workspace
    return comparer, mapping_diff.digest_of_rules(meant.mappings())


def refuse_unapproved(options: Options, since: str) -> None:
    """HubError HUB-3041: the workspace's mappings make differences nobody has approved."""
    from hub.cli import mapping_diff
    from hub.errors import HubError

    comparer, name = compare_rules(options, None, since, mapping_diff.MOST, [])
    fine = mapping_diff.approved(_folder(options), name)
    missing = [one.name for one in comparer.classes if one.name not in fine]
    if missing:
        text = f"Nothing was published: of {since} of traffic, {len(missing)} kinds of differences are not approved, "
        raise HubError(
            "HUB-3041", f'{text}"{missing[0]}" first. Look at them: hub mapping diff; then hub mapping approve.'
        )
