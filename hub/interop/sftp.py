"""An SFTP client (version 3) that checks the host key first, takes names as bytes and checks every answer."""

import base64
import hashlib
import io
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import paramiko
from paramiko import sftp as wire

from hub.errors import PermanentError

READ_SIZE = 128 * 1024
WRITE_SIZE = 32 * 1024
WRITES_AHEAD = 32


class SftpClient(paramiko.SFTPClient):
    """Paramiko's client, with folder and file operations that take names as bytes and check every answer.

    Paramiko's own listing fails as a whole on one name that is not UTF-8, and its file object swallows what the server
    says to CLOSE.
    """

    _request: Callable[..., tuple[int, paramiko.Message]]
    _async_request: Callable[..., int]
    _read_response: Callable[..., tuple[int | None, paramiko.Message | None]]
    _convert_status: Callable[[paramiko.Message], None]

    def folder(self, path: bytes) -> Iterator[tuple[bytes, paramiko.SFTPAttributes]]:
        _, answer = self._request(wire.CMD_OPENDIR, path)
        opened = answer.get_binary()
        while True:
            try:
                _, answer = self._request(wire.CMD_READDIR, opened)
            except EOFError:
                break
            for _ in range(answer.get_int()):
                name = answer.get_string()
                answer.get_string()
                yield name, _attributes(answer)
        self._request(wire.CMD_CLOSE, opened)

    def read(self, path: bytes) -> Iterator[bytes]:
        _, answer = self._request(wire.CMD_OPEN, path, wire.SFTP_FLAG_READ, paramiko.SFTPAttributes())
        opened, offset = answer.get_binary(), 0
        while True:
            try:
                _, answer = self._request(wire.CMD_READ, opened, wire.int64(offset), READ_SIZE)
            except EOFError:
                break
            part = answer.get_binary()
            offset += len(part)
            yield part
        self._request(wire.CMD_CLOSE, opened)

    def write(self, path: bytes, body: bytes) -> None:
        flags = wire.SFTP_FLAG_WRITE | wire.SFTP_FLAG_CREATE | wire.SFTP_FLAG_TRUNC
        _, answer = self._request(wire.CMD_OPEN, path, flags, paramiko.SFTPAttributes())
        opened, answers, sent = answer.get_binary(), _Answers(self), 0
        for offset in range(0, len(body), WRITE_SIZE):
            part = body[offset : offset + WRITE_SIZE]
            self._async_request(answers, wire.CMD_WRITE, opened, wire.int64(offset), part)
            sent += 1
            answers.wait(sent - WRITES_AHEAD)
        answers.wait(sent)
        self._request(wire.CMD_CLOSE, opened)

    def move(self, source: bytes, target: bytes) -> None:
        """posix_rename, which is atomic; a server without that extension gets the plain one, which never overwrites."""
        try:
            self.posix_rename(source, target)
        except (FileNotFoundError, PermissionError, ConnectionError, TimeoutError):
            raise
        except OSError as refused:
            if refused.errno is not None:
                raise
            self.rename(source, target)

    def size(self, path: bytes) -> int | None:
        """Bytes; None: there is no such file."""
        try:
            return self.stat(path).st_size
        except FileNotFoundError:
            return None


class _Answers:
    """Collects the answers to writes sent ahead; paramiko calls _async_response for each."""

    def __init__(self, client: SftpClient) -> None:
        self.client = client
        self.count = 0

    def wait(self, count: int) -> None:
        while self.count < count:
            self.client._read_response()

    def _async_response(self, kind: int, answer: paramiko.Message, number: int) -> None:
        self.count += 1
        self.client._convert_status(answer)


def _attributes(answer: paramiko.Message) -> paramiko.SFTPAttributes:
    read: Callable[[paramiko.Message], paramiko.SFTPAttributes] = getattr(paramiko.SFTPAttributes, "_from_msg")  # noqa: B009
    return read(answer)


class Login(NamedTuple):
    """Where to connect to, as whom, and which host keys are right, each "ssh-ed25519 AAAA..". Times in seconds."""

    host: str
    port: int
    user: str
    host_keys: Sequence[str]
    password: str | None
    private_key: str | None
    passphrase: str | None
    connect_timeout: float
    timeout: float

    def __str__(self) -> str:
        return f"sftp://{self.user}@{self.host}:{self.port}"


def connect(login: Login) -> tuple[paramiko.Transport, SftpClient]:
    """An open session. Nothing of ours is sent, not even the user, before the host key was found right.

    PermanentError HUB-5002, HUB-5003, HUB-5004: the key or login is not right. Else what paramiko and sockets raise.
    """
    sock = socket.create_connection((login.host, login.port), timeout=login.connect_timeout)
    try:
        transport = paramiko.Transport(sock)
    except BaseException:
        sock.close()
        raise
    try:
        transport.banner_timeout = transport.auth_timeout = login.connect_timeout
        pinned = [tuple(line.split()[:2]) for line in login.host_keys]
        options = transport.get_security_options()
        preferred = [name for name in options.key_types if _key_type(name) in {key[0] for key in pinned}]
        options.key_types = [*preferred, *(name for name in options.key_types if name not in preferred)]
        transport.start_client(timeout=login.connect_timeout)
        _check_host_key(login, transport.get_remote_server_key(), pinned)
        _log_in(login, transport)
        return transport, _open(login, transport)
    except BaseException:
        transport.close()
        raise


def _open(login: Login, transport: paramiko.Transport) -> SftpClient:
    channel = transport.open_session(timeout=login.connect_timeout)
    channel.settimeout(login.timeout)
    stalled = threading.Timer(login.connect_timeout, transport.close)  # paramiko waits for this answer for ever
    stalled.start()
    try:
        channel.invoke_subsystem("sftp")
    finally:
        stalled.cancel()
    return SftpClient(channel)


def _check_host_key(login: Login, key: paramiko.PKey, pinned: Collection[tuple[str, ...]]) -> None:
    line = (key.get_name(), key.get_base64())
    if line in pinned:
        return
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    if pinned:
        raise PermanentError(
            "HUB-5004",
            f"{login}: the host key has changed. Found {line[0]} {fingerprint}, which is not in host_key. "
            "Nothing was sent, not even our password. Ask the partner whether they changed it; only then write "
            f'host_key = ["{" ".join(line)}"] into partner.toml.',
        )
    raise PermanentError(
        "HUB-5003",
        f"{login}: the host key is unknown. Found {line[0]} {fingerprint}. Compare it with the partner, then "
        f'write host_key = ["{" ".join(line)}"] into partner.toml.',
    )


def _log_in(login: Login, transport: paramiko.Transport) -> None:
    rest = ["password"]
    if login.private_key is not None:
        rest = transport.auth_publickey(login.user, _private_key(login))
    if login.password is not None and rest:
        transport.auth_password(login.user, login.password)
    if not transport.is_authenticated():
        raise PermanentError(
            "HUB-5002", f"{login}: the server asks for more than was given. Set password or private_key."
        )


def _private_key(login: Login) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(login.private_key or ""), login.passphrase)
    raise PermanentError(
        "HUB-5002",
        f"{login}: the secret of private_key holds no Ed25519, ECDSA or RSA private key that can be opened. "
        "Check the secret and its passphrase.",
    )


def _key_type(algorithm: str) -> str:
    """The key type a signature algorithm works with: rsa-sha2-256 signs with an ssh-rsa key."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm
