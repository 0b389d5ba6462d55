"""Harbor 3PL, a warehouse with an SFTP server of its own: takes 940s, answers 997s and 945s."""

import os
import socket
import sys
import threading
import time
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

from hub.demo import scenario
from hub.demo.wire import Expected, X12Segment, acknowledge_x12, first, split_x12, tell, told_to_go, x12

US, THEM = "01:123456789", "ZZ:NORTHWIND"


class Door(paramiko.ServerInterface):
    """Lets one user in."""

    def __init__(self, password: str) -> None:
        self._password = password

    def check_auth_password(self, username: str, password: str) -> int:
        right = username == "northwind" and password == self._password
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """A folder of this machine, as any SFTP server shows one."""

    root = Path()

    def _at(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            entries = [(entry.name, entry.stat()) for entry in os.scandir(self._at(path))]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [paramiko.SFTPAttributes.from_stat(stat, name) for name, stat in entries]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            stream = os.fdopen(os.open(self._at(path), flags, 0o600), "rb" if not flags & os.O_WRONLY else "wb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = stream  # type: ignore[attr-defined]
        return handle

    def remove(self, path: str) -> int:
        try:
            self._at(path).unlink()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._at(newpath).exists():
            return SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        try:
            self._at(oldpath).replace(self._at(newpath))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK


class Warehouse:
    def __init__(self, folder: Path, password: str) -> None:
        self._folder = folder
        self._password = password
        self._key = paramiko.RSAKey.generate(2048)
        self._expected = Expected({"940": 3, "997": 4})
        self._number = int(time.time()) % 100_000_000
        self._seen: set[tuple[str, str]] = set()
        for name in ("to-harbor", "from-harbor"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        Files.root = folder

    def listen(self) -> tuple[int, str]:
        """Port and host key line of the SFTP server."""
        listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening.getsockname()[1], f"{self._key.get_name()} {self._key.get_base64()}"

    def _accept(self, listening: socket.socket) -> None:
        while True:
            connection, _ = listening.accept()
            transport = paramiko.Transport(connection)
            transport.add_server_key(self._key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
            try:
                transport.start_server(server=Door(self._password))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()

    def work(self) -> None:
        while True:
            for path in sorted((self._folder / "to-harbor").iterdir()):
                if path.suffix != ".part":
                    self.take(path)
            time.sleep(0.3)

    def take(self, path: Path) -> None:
        segments = split_x12(path.read_bytes())
        path.unlink()
        kind, control_number = first(segments, "ST")[1], first(segments, "ISA")[13]
        if (kind, control_number) in self._seen:
            tell("repeat", what=kind, number=control_number)
            return
        self._seen.add((kind, control_number))
        if kind == "940":
            number, order = first(segments, "W05")[2:4]
            tell("got", what="940", number=number, text=f"for order {order}")
            self.give("997", [acknowledge_x12(segments)])
            for place, shipment in enumerate(scenario.SHIPMENTS[order], 1):
                time.sleep(0.6)
                self.give("945", [confirmation(number, order, f"SHP-{order}-{place}", shipment)])
                tell("sent", to="hub", what="945", number=f"SHP-{order}-{place}")
        else:
            if first(segments, "AK9")[1] != "A":
                tell("wrong", what=kind, text=f"our 945 is refused: {segments}")
            tell("got", what=kind, number="945")
        self._expected.got(kind)

    def give(self, kind: str, messages: list[list[X12Segment]]) -> None:
        """Whole or not at all: under a temporary name first."""
        self._number += 1
        name = self._folder / "from-harbor" / f"{kind}_{self._number}.edi"
        functional_id = {"997": "FA", "945": "SW"}[kind]
        part = name.with_suffix(".part")
        part.write_bytes(x12(US, THEM, self._number, functional_id, messages))
        part.replace(name)


def confirmation(number: str, order: str, shipment: str, parts: tuple[scenario.Part, ...]) -> list[X12Segment]:
    """A 945 without ST and SE: one LX a parcel, marked with SSCC and tracking number."""
    today = time.strftime("%Y%m%d")
    lines: list[X12Segment] = []
    total = 0
    for place, part in enumerate(parts, 1):
        lines += [["LX", str(place)], ["MAN", "GM", part.sscc], ["MAN", "CP", part.tracking]]
        for item, ordered, shipped, status in part.contents:
            total += shipped
            rest = str(ordered - shipped)
            lines.append(["W12", status, str(ordered), str(shipped), rest, "EA", item.gtin, "VN", item.number])
    return [
        ["945"],
        ["W06", "F", number, today, shipment, "", order],
        ["N1", "SF", "Harbor 3PL", "1", "123456789"],
        ["N1", "ST", scenario.SHIP_TO[order], "92", "0012"],
        ["N9", "BM", f"BOL{shipment[-9:].replace('-', '')}"],
        ["G62", "11", today],
        ["W27", "M", "RDRN", "GROUND"],
        *lines,
        ["W03", str(total), "12.5", "LB"],
    ]


def main() -> None:
    warehouse = Warehouse(Path(sys.argv[2]), sys.argv[1])
    port, host_key = warehouse.listen()
    tell("ready", port=port, host_key=host_key)
    told_to_go()
    warehouse.work()


if __name__ == "__main__":
    main()
