"""hub serve, worker, mailbox and publish: the long-running processes and what they need."""

import getpass
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from hub.cli.options import Options
from hub.cli.output import counted, people, print_fault, print_json, print_table

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.config import Config
    from hub.errors import UsageError
    from hub.mailbox import MailboxServer
    from hub.workspace import Workspace

BEAT_SECONDS = 5.0
ADMIN = "admin"
TOKEN = "admin-token"  # noqa: S105 - the name of the secret, not the secret


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the API and the page listen on.")
@click.option("--port", default=8000, show_default=True, help="Their port; 0 takes a free one.")
@click.option("--mailbox-host", default=None, help="Address of the SFTP mailbox; the same by default.")
@click.option("--mailbox-port", default=2222, show_default=True, help="Port of the SFTP mailbox; 0 takes a free one.")
@click.option("--workers", default=2, show_default=True, help="Threads of work in this process.")
@click.option("--no-workers", is_flag=True, help="Leave the work to hub worker.")
@click.option("--no-mailbox", is_flag=True, help="Leave the SFTP mailbox to hub mailbox.")
@click.option("--dev", is_flag=True, help="Follow the workspace's files instead of the published revision.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="File to write addresses and token to, once ready.")
@click.option("--end-with-stdin", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def serve(
    options: Options,
    host: str,
    port: int,
    mailbox_host: str | None,
    mailbox_port: int,
    workers: int,
    no_workers: bool,
    no_mailbox: bool,
    dev: bool,
    ready_file: Path | None,
    end_with_stdin: bool,
) -> None:
    """Run the API, the page, workers and the SFTP mailbox: a whole hub in one process."""
    import socket

    import uvicorn

    from hub.api.app import create_app

    hub = _open_hub(options, follow=dev)
    token = hub.tokens[ADMIN]
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise _port_taken(host, port, "--port", error) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each small answer waits some 40 ms
    mailbox = None
    if not no_mailbox:
        mailbox = _start_mailbox(hub, mailbox_host or host, mailbox_port, "--mailbox-port")
    if not no_workers:
        hub.start_workers(workers)
    url = f"http://{host}:{listening.getsockname()[1]}"
    ready: dict[str, Any] = {
        "http": url,
        "page": f"{url}/?token={token}",
        "token": token,
        "mailbox": list(mailbox.address) if mailbox else None,
        "host_keys": mailbox.host_key_lines if mailbox else [],
    }
    if end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    if ready_file is not None:
        _write_private(ready_file, ready)
    if options.json:
        print_json(ready)
    else:
        people().print(f"The page:    {ready['page']}")
        if mailbox:
            people().print(f"The mailbox: sftp://{mailbox.address[0]}:{mailbox.address[1]}")
    app = create_app(hub, most_bytes=hub.largest_request)
    http = uvicorn.Config(app, log_config=None, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(http)
    try:
        server.run(sockets=[listening])
    finally:
        if mailbox is not None:
            mailbox.stop()
        hub.stop()


@click.command()
@click.option("--threads", default=2, show_default=True, help="Threads of work.")
@click.option(
    "--alive-file", type=click.Path(path_type=Path), help="File to touch every few seconds while work goes on."
)
@click.option("--end-with-stdin", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def worker(options: Options, threads: int, alive_file: Path | None, end_with_stdin: bool) -> None:
    """Run workers only; as many processes on as many machines as the work needs."""
    hub = _open_hub(options)
    hub.start_workers(threads)

    def beat() -> None:
        if alive_file is not None and hub.is_working:
            alive_file.touch()

    _wait(end_with_stdin, beat)
    hub.stop()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=2222, show_default=True, help="Port; 0 takes a free one.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="File to write the address to, once ready.")
@click.option("--end-with-stdin", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def mailbox(options: Options, host: str, port: int, ready_file: Path | None, end_with_stdin: bool) -> None:
    """Run the hosted SFTP mailbox only; any number of these serve the same partners."""
    hub = _open_hub(options)
    server = _start_mailbox(hub, host, port, "--port")
    ready = {"mailbox": list(server.address), "host_keys": server.host_key_lines}
    if ready_file is not None:
        _write_private(ready_file, ready)
    if options.json:
        print_json(ready)
    else:
        people().print(f"The mailbox: sftp://{server.address[0]}:{server.address[1]}")
    _wait(end_with_stdin)
    server.stop()
    hub.stop()


@click.command()
@click.option("--note", default="", help="What the change is for.")
@click.option("--list", "list_", is_flag=True, help="List the published revisions.")
@click.option("--revision", default=None, help="Put this revision (its first characters) in force again.")
@click.pass_obj
def publish(options: Options, note: str, list_: bool, revision: str | None) -> None:
    """Publish the workspace's mappings and partners as a revision; running workers take it up within seconds."""
    from hub.cli.mapping import refuse_unapproved
    from hub.cli.partner import mapping_gaps
    from hub.errors import HubError
    from hub.mapping.faults import mapping_faults
    from hub.store import audit, migrate, revisions
    from hub.store.engine import open_database
    from hub.store.ports import SystemClock
    from hub.workspace import digest

    workspace, config = open_config(options)
    database = open_database(config.database)
    migrate.upgrade(database)
    now, author = SystemClock().now(), operator()
    if list_:
        with database.read() as conn:
            rows = [dict(row) for row in revisions.history(conn)]
        _print_revisions(options, rows)
        return
    if revision is None:
        faults: list[HubError] = [*workspace.faults(), *mapping_faults(workspace.mappings())]
        if not faults:
            faults = mapping_gaps(workspace)[0]
        for fault in faults:
            print_fault(options, fault)
        if not faults and (since := workspace.hub().hub.approve_differences):
            refuse_unapproved(options, since)
        if faults:
            raise HubError("HUB-6026", f"Nothing was published: {counted(len(faults), 'fault')} must be mended first.")
    with database.begin() as conn:
        audit.lock_audit(conn)
        before = revisions.active(conn)
        if revision is not None:
            published = revisions.activate(conn, now, revision, author)
        else:
            files = workspace.files()
            published = revisions.publish(
                conn, now, digest(files), files, code_digest=workspace.code_digest(), author=author, note=note
            )
        audit.append(
            conn,
            now,
            actor=author,
            action="publish",
            subject_type="revision",
            subject_id=published,
            reason=note,
            before={"revision": before["digest"] if before else None},
            after={"revision": published},
        )
    database.dispose()
    if options.json:
        print_json({"revision": published})
    else:
        people().print(f"Revision {published[:12]} is in force.")


def _print_revisions(options: Options, rows: list[dict[str, Any]]) -> None:
    if options.json:
        for row in rows:
            print_json(row)
        return
    shown = [
        (
            row["digest"][:12],
            f"{row['published_at']:%Y-%m-%d %H:%M}",
            row["author"],
            "in force" if row["active"] else "",
            row["note"],
        )
        for row in rows
    ]
    print_table(("Revision", "Published (UTC)", "By", "", "Note"), shown)


def operator() -> str:
    """Whose hand on this machine did it, as history will tell."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def open_config(options: Options) -> "tuple[Workspace, Config]":
    from hub.config import read_config
    from hub.workspace import open_workspace

    workspace = open_workspace(options.workspace)
    return workspace, read_config(workspace.folder, workspace.hub())


def _open_hub(options: Options, *, follow: bool = False) -> "Hub":
    """The hub over the workspace's database, its tables made or changed as needed."""
    from hub.app import Hub
    from hub.cli.logs import set_up_logs, set_up_traces
    from hub.store import migrate

    set_up_logs()
    set_up_traces()
    workspace, config = open_config(options)
    tokens = {
        ADMIN: admin_token(config),
        **{name: config.secrets(f"user-{name}") for name in workspace.hub().hub.users},
    }
    hub = Hub(workspace, config, follow=follow, tokens=tokens)
    migrate.upgrade(hub.database)
    if hub.database.objects is not None:
        hub.database.objects.open()
    hub.content()
    return hub


def _start_mailbox(hub: "Hub", host: str, port: int, option: str) -> "MailboxServer":
    try:
        server = hub.mailbox(host, port)
        server.start()
    except OSError as error:
        raise _port_taken(host, port, option, error) from error
    return server


def _port_taken(host: str, port: int, option: str, error: OSError) -> "UsageError":
    from hub.errors import UsageError

    reason = os.strerror(error.errno) if error.errno else str(error)
    text = f"Nothing can listen on {host} port {port}: {reason}. Choose another {option}."
    return UsageError("HUB-9202", text)


def admin_token(config: "Config") -> str:
    """What administrators sign in with: a secret, made at the first start where nobody set one."""
    from hub.errors import UsageError

    try:
        return config.secrets(TOKEN)
    except UsageError as error:
        if error.code != "HUB-4010":
            raise
    file = config.folder / "var" / "secrets" / TOKEN
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(24))
    return config.secrets(TOKEN)


def _write_private(file: Path, row: dict[str, Any]) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    import json

    part = file.with_name(file.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(row, stream)
    part.replace(file)


def _end_with_stdin() -> None:
    """Whoever started this process is gone, so it ends as if asked to."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _wait(end_with_stdin: bool, beat: Callable[[], None] = lambda: None) -> None:
    """Until somebody asks the process to end; beat is called at once and every BEAT_SECONDS."""
    if end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    asked = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    beat()
    while not asked.wait(BEAT_SECONDS):
        beat()
