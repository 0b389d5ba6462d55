"""OpenSSH's own sshd as a peer: a private one on a free port, as the user who runs the tests."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


class Sshd(NamedTuple):
    """Where it listens, the line that pins its host key, our private key there, and its log."""

    host: str
    port: int
    host_key: str
    user: str
    private_key: str
    log: Path

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of the sftp connector for it; the secret "key" is the private key."""
        base = {"host": self.host, "port": self.port, "user": self.user, "private_key": "secret:key"}
        return {**base, "host_key": [self.host_key], "settle": 0, "timeout": 20, **more}

    def secrets(self, name: str) -> str:
        return {"secret:key": self.private_key}[name]


def _key(path: Path) -> str:
    """Make an Ed25519 key pair; the public line."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


@contextmanager
def start_sshd(folder: Path) -> Iterator[Sshd]:
    """Runs sshd until the block ends; folder must be private to this test run."""
    program = shutil.which("sshd", path=SEARCH)
    assert program is not None
    host_key, ours = _key(folder / "host"), _key(folder / "ours")
    (folder / "authorized").write_text(ours + "\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, parents=True, exist_ok=True)
    log = folder / "log"
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
        "MaxStartups 200\nPerSourcePenalties no\nSubsystem sftp internal-sftp\n"
    )
    checked = subprocess.run([program, "-t", "-f", str(folder / "config")], capture_output=True, text=True, check=False)
    if "PerSourcePenalties" in checked.stderr:  # OpenSSH before 9.8 has no such thing
        config = (folder / "config").read_text().replace("PerSourcePenalties no\n", "")
        (folder / "config").write_text(config)
    server = subprocess.Popen([program, "-D", "-E", str(log), "-f", str(folder / "config")])
    try:
        _wait_for(port, server, log)
        yield Sshd("127.0.0.1", port, host_key, getpass.getuser(), (folder / "ours").read_text(), log)
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"sshd does not listen: {log.read_text()}")
