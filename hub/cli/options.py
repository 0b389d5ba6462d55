"""The options every command takes, and what the commands of one run share."""

from typing import TYPE_CHECKING

import click

from hub.errors import HubError, UnreadableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Options:
    """What one run of `hub` was asked for, and its exit status so far."""

    def __init__(self) -> None:
        self.json = False
        self.workspace: Path | None = None
        self.status = 0

    def note(self, status: int) -> None:
        """The highest status of a run wins."""
        self.status = max(self.status, status)


def status_of(error: HubError) -> int:
    """The exit status an error asks for."""
    return 2 if isinstance(error, UnreadableError | UsageError) else 1


def _take_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.ensure_object(Options).json |= value


def _take_workspace(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        from pathlib import Path

        context.ensure_object(Options).workspace = Path(value)


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
            type=click.Path(exists=True, file_okay=False),
            metavar="DIR",
            expose_value=False,
            callback=_take_workspace,
            help="The folder with hub.toml, connectors/, mappings/ and partners/.",
        ),
    ]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_common_options(below)
