"""Files on a partner's SFTP server: collects from one folder, delivers into another.

A delivery is uploaded under a temporary name, its size checked, then renamed: a partial file is never seen under its
final name. The host key is always checked against the pinned one.
"""

import binascii
import fnmatch
import hashlib
import posixpath
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Literal

import paramiko
from pydantic import BaseModel, ConfigDict, Field

from hub.connector import Parcel, Receipt, RemoteFile, Secrets
from hub.errors import InDoubtError, PartnerSystemError, PermanentError, TransientError
from hub.interop.sftp import Login, SftpClient, connect

CHUNK = 128 * 1024
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(BaseModel):
    """What a connection may say."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(description="Host name or address of the partner's server.")
    port: int = Field(22, ge=1, le=65535, description="TCP port.")
    user: str = Field(description="Our user name there.")
    password: str | None = Field(None, description='The secret that holds the password: "secret:<name>".')
    private_key: str | None = Field(None, description="The secret that holds our private key (PEM or OpenSSH).")
    passphrase: str | None = Field(None, description="The secret that holds the private key's passphrase.")
    host_key: list[str] = Field(
        default_factory=list,
        description="The server's public keys, each as `ssh-ed25519 AAAA..`. None: every connection is refused, with "
        "the key that was found, to compare with the partner.",
    )
    inbound: str | None = Field(None, description="Folder to collect from.")
    outbound: str | None = Field(None, description="Folder to deliver into.")
    pattern: str = Field("*", description='Which file names to collect, such as "*.edi" (letter case counts).')
    after: str = Field(
        "delete",
        pattern=r"^(delete|move:.+)$",
        description='What happens to a collected file: "delete", or "move:<folder>".',
    )
    settle: float = Field(
        2.0,
        ge=0,
        le=600,
        description="A file is whole when its size stood still for so many seconds. 0 trusts at once: only for servers "
        "where files appear whole and no name returns within the same second.",
    )
    marker: str | None = Field(
        None,
        pattern=r"^[^/]+$",
        description='The ending of the marker a partner lays beside a file that is whole: ".done" for orders.edi.done. '
        "What has no marker, or an older one, is left alone; settle does not count then.",
    )
    ignore: list[str] = Field(
        default_factory=lambda: [".part", ".tmp", ".filepart"],
        description="Endings of names that a file has while it is still written.",
    )
    connect_timeout: Seconds = Field(15, description="Seconds to connect and to log in, each.")
    timeout: Seconds = Field(60, description="Seconds to wait for each answer.")


class Connector:
    """One connection to one server. Calls from several threads take turns; the connection is kept open in between."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.settings = settings
        self._secrets = secrets
        self._lock = threading.RLock()
        self._transport: paramiko.Transport | None = None
        self._client: SftpClient | None = None
        self._where = f"sftp://{settings.user}@{settings.host}:{settings.port}"

    # -- collecting ------------------------------------------------------------------------------------------------

    def list(self) -> list[RemoteFile]:
        """Whole files, oldest first: those with a marker, or those that a second look finds as they were."""
        seen = self._listing()
        if self.settings.marker:
            seen = self._marked(seen, _raw(self.settings.marker))
        elif seen and self.settings.settle:
            time.sleep(self.settings.settle)
            seen = {name: found for name, found in self._listing().items() if seen.get(name) == found}
        folder = self._folder("inbound")
        files = [
            RemoteFile(
                name=(shown := _shown(name)),
                identity=f"{folder}/{shown}:{size}:{modified}",
                size=size,
                modified=datetime.fromtimestamp(modified, UTC),
                token=name.hex(),
            )
            for name, (size, modified) in seen.items()
        ]
        return sorted(files, key=lambda file: (file.modified or datetime.min.replace(tzinfo=UTC), file.name))

    def _marked(self, seen: dict[bytes, tuple[int, int]], marker: bytes) -> dict[bytes, tuple[int, int]]:
        """The files whose marker lies beside them. One older than its file was left over from another of that name."""
        whole = {}
        for name, (size, modified) in seen.items():
            _, marked = seen.get(name + marker, (0, -1))
            if not name.endswith(marker) and marked >= modified and self._wanted(name):
                whole[name] = (size, modified)
        return whole

    def _wanted(self, name: bytes) -> bool:
        return fnmatch.fnmatchcase(_shown(name), self.settings.pattern)

    def _listing(self) -> dict[bytes, tuple[int, int]]:
        """Size and time by name, of files only, without those still written and those that would leave the folder."""
        marker = _raw(self.settings.marker) if self.settings.marker else None
        folder = self._folder("inbound")
        with self._session(f"list {folder}", missing="folder") as client:
            found = [
                (name, attributes.st_size or 0, int(attributes.st_mtime or 0))
                for name, attributes in client.folder(_raw(folder))
                if attributes.st_mode is None or stat.S_ISREG(attributes.st_mode)
            ]
        endings = tuple(_raw(ending) for ending in self.settings.ignore)
        return {
            name: (size, modified)
            for name, size, modified in found
            if _stays_inside(name)
            and not name.endswith(endings)
            and (self._wanted(name) or (marker is not None and name.endswith(marker)))
        }

    def fetch(self, file: RemoteFile) -> Iterator[bytes]:
        """The file's bytes, only once all of them are here and as many as were listed."""
        path = self._path_of(file)
        with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as spool:
            with self._session(f"fetch {file.name}", missing="file") as client:
                for part in client.read(path):
                    spool.write(part)
            if file.size is not None and spool.tell() != file.size:
                raise TransientError(
                    "HUB-5016",
                    f"{self._where}: {file.name} was listed with {file.size} bytes and {spool.tell()} came: "
                    "it is still being written or was replaced. It is collected again once it stands still.",
                )
            spool.seek(0)
            while part := spool.read(CHUNK):
                yield part

    def done(self, file: RemoteFile) -> None:
        """Delete or move it, unless another file has taken its name since: that one is listed as new."""
        path = self._path_of(file)
        with self._session(f"take away {file.name}", missing="file") as client:
            try:
                there = client.stat(path)
            except FileNotFoundError:
                return
            if (there.st_size, int(there.st_mtime or 0)) != (file.size, _seconds(file.modified)):
                return
            with suppress(FileNotFoundError):
                if self.settings.after == "delete":
                    client.remove(path)
                else:
                    self._archive(client, path, there)
            if self.settings.marker:
                with suppress(FileNotFoundError):
                    client.remove(path + _raw(self.settings.marker))

    def _archive(self, client: SftpClient, path: bytes, there: paramiko.SFTPAttributes) -> None:
        target = _raw(self.settings.after.removeprefix("move:")) + b"/" + posixpath.basename(path)
        try:
            client.stat(target)
        except FileNotFoundError:
            pass
        else:
            target += f".{int(there.st_mtime or 0)}".encode()
        client.move(path, target)

    def _path_of(self, file: RemoteFile) -> bytes:
        try:
            name = bytes.fromhex(file.token)
        except ValueError:
            name = b""
        if not _stays_inside(name):
            raise PermanentError("HUB-5017", f"{self._where}: {file.name!r} is not a name inside the folder.")
        return _raw(self._folder("inbound")) + b"/" + name

    # -- delivering ------------------------------------------------------------------------------------------------

    def deliver(self, parcel: Parcel) -> Receipt:
        """Upload under a temporary name, check its size, rename. Same name and same bytes: delivered already."""
        final = self._target(parcel)
        part = final + b".part"
        evidence = {
            "path": final.decode(),
            "size": str(len(parcel.body)),
            "sha256": hashlib.sha256(parcel.body).hexdigest(),
        }
        with self._session(f"deliver {parcel.file_name}", missing="folder") as client:
            if self._is_there(client, final, parcel):
                return Receipt(reference=final.decode(), evidence={**evidence, "found": "already there"})
            client.write(part, parcel.body)
            size = client.stat(part).st_size
            if size != len(parcel.body):
                raise TransientError(
                    "HUB-5014",
                    f"{self._where}: {part.decode()} holds {size} bytes after {len(parcel.body)} were sent; "
                    "it keeps its temporary name and is uploaded anew.",
                )
            try:
                client.move(part, final)
            except (EOFError, paramiko.SSHException, TimeoutError, ConnectionError) as lost:
                raise InDoubtError(
                    "HUB-5007",
                    f"{self._where}: the connection was lost while {part.decode()} was renamed to its final name "
                    f"({_text(lost)}): it is there or not. Probe before sending again.",
                ) from lost
        return Receipt(reference=final.decode(), evidence=evidence)

    def probe(self, parcel: Parcel) -> Literal["delivered", "absent", "unknown"]:
        """delivered: it lies there whole. absent: its temporary file does. unknown: neither does."""
        final = self._target(parcel)
        with self._session(f"probe {parcel.file_name}", missing="folder") as client:
            if (size := client.size(final)) is not None:
                return "delivered" if size == len(parcel.body) else "unknown"
            return "unknown" if client.size(final + b".part") is None else "absent"

    def _target(self, parcel: Parcel) -> bytes:
        name = parcel.file_name
        if not _stays_inside(_raw(name)) or not name.isprintable() or "\\" in name or len(_raw(name)) > 250:
            raise PermanentError(
                "HUB-5017",
                f"{self._where}: {name!r} cannot be a file name: it must be one printable name of at most 250 bytes "
                "without path separators. Correct the agreement's file name.",
            )
        return _raw(self._folder("outbound")) + b"/" + _raw(name)

    def _is_there(self, client: SftpClient, final: bytes, parcel: Parcel) -> bool:
        """Whether this very file lies there. PermanentError: another one does."""
        size = client.size(final)
        if size is None:
            return False
        if size == len(parcel.body) and b"".join(client.read(final)) == parcel.body:
            return True
        raise PermanentError(
            "HUB-5011",
            f"{self._where}: {final.decode()} exists with {size} bytes that are not ours ({len(parcel.body)} bytes). "
            "Nothing was overwritten. Ask the partner to take it away, or deliver under another name.",
        )

    # -- the connection --------------------------------------------------------------------------------------------

    def test(self) -> str:
        """Log in and look at both folders."""
        words = []
        with self._session("test the connection", missing="folder") as client:
            for label, folder in (("inbound", self.settings.inbound), ("outbound", self.settings.outbound)):
                if folder is not None:
                    words.append(f"{label} {folder} holds {sum(1 for _ in client.folder(_raw(folder)))} entries")
        return f"Logged in at {self._where}; {'; '.join(words) or 'no folder is set'}."

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        with self._lock:
            transport, self._transport, self._client = self._transport, None, None
            if transport is not None:
                transport.close()

    def _folder(self, direction: Literal["inbound", "outbound"]) -> str:
        folder: str | None = getattr(self.settings, direction)
        if folder is None:
            raise PermanentError(
                "HUB-5008", f"{self._where}: no {direction} folder. Set {direction} on the connection."
            )
        return folder.rstrip("/")

    @contextmanager
    def _session(self, doing: str, *, missing: Literal["folder", "file"]) -> Iterator[SftpClient]:
        """The open client, for one caller at a time. Closed after any error, because its state is then unknown."""
        with self._lock:
            try:
                yield self._open()
            except PartnerSystemError:
                self.close()
                raise
            except (OSError, EOFError, paramiko.SSHException, binascii.Error) as error:
                typed = self._typed(error, doing, missing)
                self.close()
                raise typed from error
            except BaseException:
                self.close()
                raise

    def _lost(self) -> bool:
        """Whether the channel is closed: paramiko then raises the same kind of OSError as for a refusal."""
        return self._client is None or self._client.sock is None or bool(self._client.sock.closed)

    def _open(self) -> SftpClient:
        """The kept client if it still answers, else a new one."""
        if self._client is not None:
            try:
                self._client.stat(b".")
            except (EOFError, paramiko.SSHException, TimeoutError, ConnectionError):
                self.close()
            except OSError:  # an answer, if only a refusal, unless paramiko found its own channel closed
                if self._lost():
                    self.close()
        if self._client is None:
            self._transport, self._client = connect(self._login())
        return self._client

    def _login(self) -> Login:
        settings = self.settings

        def secret(name: str | None) -> str | None:
            return None if name is None else self._secrets(name)

        return Login(
            host=settings.host,
            port=settings.port,
            user=settings.user,
            host_keys=settings.host_key,
            password=secret(settings.password),
            private_key=secret(settings.private_key),
            passphrase=secret(settings.passphrase),
            connect_timeout=settings.connect_timeout,
            timeout=settings.timeout,
        )

    def _typed(self, error: Exception, doing: str, missing: Literal["folder", "file"]) -> PartnerSystemError:
        """The error of ours for what paramiko or the socket raised while doing something."""
        said = _text(error)
        about = f"{self._where}: could not {doing}: "
        if isinstance(error, paramiko.AuthenticationException) and not _lost_in_login(said):
            return PermanentError("HUB-5002", f"{about}the login was refused ({said}). Check user and secrets.")
        if isinstance(error, TimeoutError):
            return TransientError("HUB-5006", f"{about}no answer within {self.settings.timeout:g} seconds.")
        if isinstance(error, FileNotFoundError):
            if missing == "file":
                return TransientError("HUB-5015", f"{about}it is no longer there; somebody else took it away.")
            return PermanentError("HUB-5010", f"{about}the folder is not there. Check it with the partner.")
        if isinstance(error, PermissionError):
            return PermanentError("HUB-5005", f"{about}permission denied ({said}). Ask the partner for the right.")
        answered = isinstance(error, OSError) and error.errno is None and not self._lost()
        if answered and not isinstance(error, socket.gaierror):
            if "quota" in said.lower():
                return PermanentError("HUB-5013", f"{about}the server says: {said}. Ask the partner for room.")
            return TransientError("HUB-5012", f"{about}the server says: {said}. It is tried again.")
        return TransientError("HUB-5001", f"{about}the connection failed ({said}). It is tried again.")


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _shown(name: bytes) -> str:
    """The name as text that can be stored and shown: what is not UTF-8 or not printable becomes a backslash escape."""
    text = name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _stays_inside(name: bytes) -> bool:
    return name not in (b"", b".", b"..") and b"/" not in name and b"\0" not in name


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _lost_in_login(said: str) -> bool:
    """Paramiko tells a connection that ended during the login from a refused one only by its words."""
    return "timeout" in said.lower() or "EOF" in said


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
