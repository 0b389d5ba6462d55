"""Bluebird Stores, an American retailer: uploads 850s to the hub's mailbox and collects from there."""

import time
from typing import Any

import paramiko
from paramiko.sftp_client import SFTPClient
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from hub.demo import scenario
from hub.demo.wire import PATIENCE, Expected, X12Segment, acknowledge_x12, first, split_x12, tell, told_to_go, x12

US, THEM = "ZZ:BLUEBIRD", "ZZ:NORTHWIND"
GONE = (OSError, EOFError, paramiko.SSHException)


def order(number: str, buyer: str = "Bluebird Stores Inc", code: str = "BLUEBIRD") -> list[X12Segment]:
    """An 850 without ST and SE."""
    today, ship = time.strftime("%Y%m%d"), time.strftime("%Y%m%d", time.localtime(time.time() + 7 * 86400))
    lines = []
    for place, (item, quantity) in enumerate(scenario.LINES[number], 1):
        ids = ["VN", item.number, "UP", item.gtin]
        lines += [["PO1", str(place), str(quantity), "EA", item.price, "PE", *ids], ["PID", "F", "", "", "", item.name]]
    return [
        ["850"],
        ["BEG", "00", "SA", number, "", today],
        ["CUR", "BY", "USD"],
        ["REF", "DP", "042"],
        ["DTM", "010", ship],
        ["N1", "BY", buyer, "92", code],
        ["N1", "ST", scenario.SHIP_TO[number], "92", "0012"],
        ["N3", "1200 Congress Avenue"],
        ["N4", "Austin", "TX", "78701", "US"],
        *lines,
        ["CTT", str(len(scenario.LINES[number]))],
    ]


def bad_order() -> list[X12Segment]:
    """An impossible date, a segment nobody knows, and a count that is wrong."""
    number = scenario.BAD_ORDER
    item, quantity = scenario.LINES[number][0]
    return [
        ["850"],
        ["BEG", "00", "SA", number, "", time.strftime("%Y%m%d")],
        ["DTM", "010", "20261345"],
        ["ZZZ", "a segment of our own"],
        ["PO1", "1", str(quantity), "EA", item.price, "PE", "VN", item.number],
        ["CTT", "1"],
        ["SE", "11", "0002"],
    ]


class Retailer:
    def __init__(self, go: dict[str, Any]) -> None:
        self._go = go
        self._sftp: SFTPClient | None = None
        self._number = int(time.time()) % 100_000_000
        self._seen: set[tuple[str, ...]] = set()
        self._expected = Expected({"997": 1, "855": 2, "856": 3, "810": 3})

    def run(self) -> None:
        self.upload("orders.edi", x12(US, THEM, self._next(), "PO", [order("4501001"), bad_order(), order("4501003")]))
        for number in scenario.LINES:
            if number.isdigit():
                tell("sent", to="hub", what="850", number=number)
        while True:
            for name in self.names():
                self.take(name)
            time.sleep(0.4)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def take(self, name: str) -> None:
        """Collect one file, answer it, and only then delete it: whoever is cut off in between finds it again."""
        segments = split_x12(self.download(name))
        kind, envelope = first(segments, "ST")[1], first(segments, "ISA")
        key = (kind, envelope[13])
        if key in self._seen:
            tell("repeat", what=kind, number=envelope[13])
        elif kind == "997":
            self.judge(segments)
        else:
            self.got(kind, segments)
            self.upload(f"997_{envelope[13]}.edi", x12(US, THEM, self._next(), "FA", [acknowledge_x12(segments)]))
        self._seen.add(key)
        self.remove(name)

    def judge(self, segments: list[X12Segment]) -> None:
        """The 997 for our orders: it must reject the bad one, for the right reasons, and nothing else."""
        wrong = [line for line in scenario.BAD_ANSWER if line not in segments]
        summary = first(segments, "AK9")[1:5]
        if wrong or summary != ["P", "3", "3", "2"]:
            tell("wrong", what="997", text=f"AK9 {summary}, missing {wrong}, got {segments}")
        tell("got", what="997", number="orders", text="2 accepted, 1 rejected")
        self._expected.got("997")

    def got(self, kind: str, segments: list[X12Segment]) -> None:
        where = {"855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}[kind]
        number = first(segments, where[0])[where[1]]
        if number not in (scenario.SPLIT_ORDER, scenario.WHOLE_ORDER):
            tell("wrong", what=kind, text=f"it is about order {number!r}")
        tell("got", what=kind, number=number)
        self._expected.got(kind)

    # -- SFTP, connecting again whenever the hub was away --------------------------------------------------------------

    @retry(retry=retry_if_exception_type(GONE), wait=wait_fixed(0.5), stop=stop_after_delay(PATIENCE))
    def names(self) -> list[str]:
        return sorted(self.open().listdir("/outbox"))

    @retry(retry=retry_if_exception_type(GONE), wait=wait_fixed(0.5), stop=stop_after_delay(PATIENCE))
    def download(self, name: str) -> bytes:
        with self.open().open(f"/outbox/{name}", "rb") as file:
            return file.read()

    @retry(retry=retry_if_exception_type(GONE), wait=wait_fixed(0.5), stop=stop_after_delay(PATIENCE))
    def remove(self, name: str) -> None:
        sftp = self.open()
        if name in sftp.listdir("/outbox"):
            sftp.remove(f"/outbox/{name}")

    @retry(retry=retry_if_exception_type(GONE), wait=wait_fixed(0.5), stop=stop_after_delay(PATIENCE))
    def upload(self, name: str, payload: bytes) -> None:
        """Under a temporary name, then renamed; if the rename's answer was lost, the name is there already."""
        sftp = self.open()
        if name in sftp.listdir("/inbox"):
            return
        with sftp.open(f"/inbox/{name}.part", "wb") as file:
            file.write(payload)
        sftp.posix_rename(f"/inbox/{name}.part", f"/inbox/{name}")

    def open(self) -> SFTPClient:
        channel = self._sftp.get_channel() if self._sftp else None
        if self._sftp is not None and channel is not None and not channel.closed:
            return self._sftp
        transport = paramiko.Transport((self._go["mailbox"][0], self._go["mailbox"][1]))
        transport.start_client(timeout=10)
        key = transport.get_remote_server_key()
        if f"{key.get_name()} {key.get_base64()}" not in self._go["host_keys"]:
            raise SystemExit("the mailbox has another host key than it told")
        transport.auth_password("bluebird", self._go["secrets"]["bluebird-mailbox"])
        self._sftp = SFTPClient.from_transport(transport)
        if self._sftp is None:
            raise EOFError
        return self._sftp


def main() -> None:
    tell("ready")
    Retailer(told_to_go()).run()


if __name__ == "__main__":
    main()
