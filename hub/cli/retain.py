"""hub retain: take the bytes of old payloads out of the database, as hub.toml and the partners' files say."""

import click

from hub.cli.options import Options
from hub.cli.output import counted, people, print_json, print_table


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be taken out.")
@click.option("--verify", is_flag=True, help="Read the archive and compare every payload with its digest.")
@click.option("--reason", default="retention", show_default=True, help="Why; the audit log keeps it.")
@click.pass_obj
def retain(options: Options, dry_run: bool, verify: bool, reason: str) -> None:
    """Take out the bytes of payloads that are older than [keep] allows, into the archive if hub.toml names one.

    Rows, digests, documents and history stay; what waits or needs a person stays whole. Workers do it every night.
    """
    from hub.cli.operate import open_hub
    from hub.cli.serve import open_config, operator
    from hub.partner.keeping import settle_retention
    from hub.pipeline.retain import Retain, faults_of

    if verify:
        workspace, config = open_config(options)
        archive = settle_retention(workspace.hub().keep, config.folder).archive
        faults = faults_of(archive) if archive else ["hub.toml names no archive: [keep] archive"]
        for fault in faults:
            print_json({"fault": fault}) if options.json else people().print(fault)
        options.note(int(bool(faults)))
        if not faults and not options.json:
            people().print("Every archived payload is what was archived.")
        return
    hub = open_hub(options)
    try:
        work = Retain(hub.context)
        rows = work.due() if dry_run else work.run(operator(), reason)
    finally:
        hub.stop()
    if options.json:
        for row in rows:
            print_json(row)
        return
    verb = "would be taken out" if dry_run else "taken out"
    total = sum(row.payloads for row in rows)
    people().print(f"{counted(total, 'payload')} {verb}.")
    if rows:
        print_table(
            ("Partner", "Direction", "Older than (UTC)", "Payloads", "Bytes", "Archive"),
            [
                (
                    row.partner,
                    row.direction,
                    f"{row.before:%Y-%m-%d %H:%M}",
                    row.payloads,
                    row.bytes,
                    ", ".join(row.files),
                )
                for row in rows
            ],
        )
