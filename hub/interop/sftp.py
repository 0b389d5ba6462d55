"""An SFTP client (version 3) that takes names as bytes and checks every answer."""

from collections.abc import Callable, Iterator

import paramiko
from paramiko import sftp as wire

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
