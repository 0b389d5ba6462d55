"""The command group: which commands there are, loaded only when called, and the options that every command takes."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from hub.cli.options import Options

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("hub.cli.demo:demo", "Run the hub with simulated partners on this machine."),
    "init": ("hub.cli.begin:init", "Begin a workspace."),
    "serve": ("hub.cli.serve:serve", "Run the API, the console and workers."),
    "worker": ("hub.cli.serve:worker", "Run workers only."),
    "mailbox": ("hub.cli.serve:mailbox", "Run the hosted SFTP mailbox only."),
    "inspect": ("hub.cli.files:inspect", "Show the interchanges and messages in files."),
    "check": ("hub.cli.files:check", "Find every fault in files."),
    "acknowledge": ("hub.cli.files:acknowledge", "Write the technical acknowledgement of a file."),
    "read": ("hub.cli.documents:read", "Read messages into canonical documents."),
    "write": ("hub.cli.documents:write", "Write a canonical document as a message."),
    "translate": ("hub.cli.documents:translate", "Read messages and write them in another standard."),
    "explain": ("hub.cli.documents:explain", "Show where an element goes or a field comes from."),
    "message": ("hub.cli.message:message", "Find messages and do something about them."),
    "bulk": ("hub.cli.operate:bulk", "See and cancel operations on many messages."),
    "incident": ("hub.cli.incident:incident", "List, show and close incidents."),
    "obligation": ("hub.cli.obligation:obligation", "See what is owed by when, and close it."),
    "audit": ("hub.cli.audit:audit", "See who did what, and verify the log."),
    "lane": ("hub.cli.lane:lane", "See what waits, pause and resume it."),
    "connection": ("hub.cli.connection:connection", "List connections and try them."),
    "partner": ("hub.cli.partner:partner", "List partners and check their files."),
    "mapping": ("hub.cli.mapping:mapping", "List mappings and check their files."),
    "publish": ("hub.cli.serve:publish", "Publish the workspace's files as a revision."),
    "payload": ("hub.cli.payload:payload", "See and retry what nothing could read."),
    "order": ("hub.cli.order:order", "See orders, enter facts, take orders over."),
    "number": ("hub.cli.number:number", "See and set control numbers."),
    "shadow": ("hub.cli.shadow:shadow", "Compare with the system the hub takes over from."),
    "retain": ("hub.cli.retain:retain", "Take out payloads that are older than allowed."),
    "db": ("hub.cli.db:db", "Look after the database."),
}


def _take_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.ensure_object(Options).json |= value


def _take_workspace(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Options).workspace = value


def add_common_options(command: click.Command) -> None:
    """Give a command, and the commands below it, --json and --workspace; they reach it by `@click.pass_obj`."""
    if any(parameter.name == "workspace" for parameter in command.params):
        return
    command.params += [
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_take_json,
            help="One JSON object a line on standard output.",
        ),
        click.Option(
            ["--workspace"],
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            expose_value=False,
            callback=_take_workspace,
            help="The folder with hub.toml, connectors/, mappings/ and partners/.",
        ),
    ]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_common_options(below)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; help reads the table above and imports nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        add_common_options(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            if near:
                ctx.fail(f"No such command '{args[0]}'. Did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from hub import __version__

        click.echo(f"crossdock {__version__}")
        context.exit()


@click.group(cls=LazyGroup, name="hub", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="The version.")
def hub() -> None:
    """Crossdock: documents arrive in any partner's language and leave in the language of whoever must act on them.

    Exit status: 0 fine; 1 a finding of severity reject or error, or work that failed; 2 not readable or wrong usage.
    """


add_common_options(hub)


def run(arguments: Sequence[str], options: Options) -> None:
    """Run one command; what is wrong with the arguments is said on standard error, and raises the exit status."""
    try:
        asked = hub.main(arguments, prog_name="hub", obj=options, standalone_mode=False)
        options.note(asked if isinstance(asked, int) else 0)
    except click.ClickException as error:
        error.show()
        options.note(2)
    except click.Abort:
        options.note(130)
