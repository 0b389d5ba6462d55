"""Far ends for connectors' tests: a folder on a disk, an SFTP server with faults, and loading a connector by path."""

import asyncio
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncssh

ROOT = Path(__file__).resolve().parent.parent.parent


def load(name: str) -> ModuleType:
    """The shipped connector's module, loaded as the hub does: by path."""
    return load_file(name, ROOT / "connectors" / f"{name}.py")


def load_file(name: str, file: Path) -> ModuleType:
    """A connector's module from a file; once."""
    full = f"contract_connectors.{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[full] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return sys.modules[full]


class Disk:
    """Two folders of a partner's server, seen from its own side."""

    def __init__(self, folder: Path) -> None:
        self.outer = folder
        self.inbound, self.outbound = folder / "home" / "out", folder / "home" / "in"
        self.inbound.mkdir(parents=True)
        self.outbound.mkdir()

    def delivered(self) -> Sequence[tuple[str, bytes]]:
        return [(path.name, path.read_bytes()) for path in self.outbound.iterdir() if path.suffix != ".part"]

    def strays(self) -> Sequence[str]:
        known = (self.inbound, self.outbound)
        return [str(path) for path in self.outer.rglob("*") if path.is_file() and path.parent not in known]

    def offer(self, name: str, body: bytes) -> None:
        (self.inbound / name).write_bytes(body)

    def offered(self) -> Sequence[str]:
        return [path.name for path in self.inbound.iterdir()]


class Faults:
    """What the faulty server does wrong: an operation's name and a function called before it is done."""

    def __init__(self) -> None:
        self.before: dict[str, Callable[[], Any]] = {}
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.ever: list[asyncssh.SSHServerConnection] = []

    def clear(self) -> None:
        self.before.clear()

    async def at(self, operation: str) -> None:
        if (fault := self.before.get(operation)) is not None:
            result = fault()
            if asyncio.iscoroutine(result):
                await result

    def drop(self) -> None:
        """Cut every connection now, without a word."""
        for connection in self.connections:
            connection.abort()
        self.connections.clear()


class FaultyServer:
    """An asyncssh SFTP server over a folder, with a user "us" and a password, in a thread of its own."""

    def __init__(self, folder: Path, faults: Faults, key: asyncssh.SSHKey) -> None:
        self.folder, self.faults, self.key = folder, faults, key
        self.host, self.port = "127.0.0.1", 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stop = asyncio.Event()

    @property
    def host_key(self) -> str:
        return " ".join(self.key.export_public_key().decode().split()[:2])

    def settings(self, **more: Any) -> dict[str, Any]:
        base = {"host": self.host, "port": self.port, "user": "us", "password": "secret:word"}
        return {**base, "host_key": [self.host_key], "settle": 0, "timeout": 5, **more}

    @staticmethod
    def secrets(name: str) -> str:
        return {"secret:word": "sesame", "secret:wrong": "guess"}[name]

    def call(self, step: Callable[[], Any]) -> None:
        """Run step in the server's thread and wait for it."""

        async def run() -> None:
            step()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        faults, folder = self.faults, self.folder

        class Server(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                faults.connections.append(conn)
                faults.ever.append(conn)

            def password_auth_supported(self) -> bool:
                return True

            async def validate_password(self, username: str, password: str) -> bool:
                await faults.at("login")
                return (username, password) == ("us", "sesame")

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: Any) -> None:
                super().__init__(channel, chroot=str(folder).encode())

        def faulty(operation: str) -> Any:
            original = getattr(asyncssh.SFTPServer, operation)

            async def step(self: Any, *arguments: Any, **named: Any) -> Any:
                await faults.at(operation)
                result = original(self, *arguments, **named)
                result = await result if asyncio.iscoroutine(result) else result
                await faults.at(f"after {operation}")
                return result

            return step

        for operation in ("open", "read", "write", "close", "rename", "posix_rename", "remove", "stat"):
            setattr(Files, operation, faulty(operation))

        listed = Files.scandir

        async def scandir(self: Any, path: bytes) -> Any:
            await faults.at("scandir")
            async for entry in listed(self, path):
                yield entry

        Files.scandir = scandir  # type: ignore[method-assign]
        acceptor = await asyncssh.listen(
            self.host, 0, server_factory=Server, server_host_keys=[self.key], sftp_factory=Files, login_timeout=30
        )
        self.port = acceptor.get_port()
        self._ready.set()
        await self._stop.wait()
        acceptor.close()
        for connection in faults.connections:
            connection.abort()
        await acceptor.wait_closed()
        for connection in faults.ever:
            await connection.wait_closed()
        await asyncio.sleep(0.02)  # closed sockets leave the loop
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest, timeout=5)

    @contextmanager
    def running(self) -> Iterator["FaultyServer"]:
        self._thread.start()
        assert self._ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
