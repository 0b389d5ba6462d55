"""The flow over AS2 that is killed at every step: orders come, answers and 997s go, receipts go and come at once or
later. The partner is pyas2lib in a process of its own; it knows Message-IDs."""

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from sqlalchemy import select

from hub.connector import Parcel, Receipt, Request
from hub.partner import Connection
from hub.pipeline.receive import listen
from hub.store.tables import answer, delivery, payload
from tests.contracts.as2_peers import Identity, Pyas2lib, Way, identity
from tests.crash.as2_peer import Posted
from tests.crash.flow import ORDERS, START, Judge, Killer, Run, Scene
from tests.hubs import order, x12
from tests.simulation.house import SOURCE

DAYS = (START - datetime.now(UTC)).days
CONNECTION = """
connector = "as2"
url = "http://127.0.0.1:{port}/as2"
as2_from = "us"
as2_to = "them"
private_keys = ["secret:us"]
certificates = ['''{certificate}''']
allow_private = true
mdn = "{mdn}"
"""


def keys() -> tuple[Identity, Identity]:
    """Ours and theirs, valid on the hub's clock and on this machine's."""
    begins, ends = min(-10, DAYS - 10), max(400, DAYS + 400)
    return identity("us", begins, ends), identity("them", begins, ends)


class As2Scene(Scene):
    """Bluebird by AS2; everybody else takes everything."""

    def __init__(self, folder: Path, port: int, mdn: str) -> None:
        self.folder, self.far, self.told = folder, folder / "far", folder / "told"
        self.workspace = folder / "workspace"
        self.mdn = mdn
        us, them = keys()
        self.secrets = {"secret:us": us.pem}
        shutil.copytree(SOURCE, self.workspace)
        line = CONNECTION.format(port=port, certificate=them.certificate, mdn=mdn)
        line += 'mdn_url = "http://127.0.0.1:9/as2"\n' if mdn == "async" else ""
        file = self.workspace / "partners" / "bluebird" / "partner.toml"
        old = 'connector = "mailbox"\nuser = "bluebird"\npassword = "secret:bluebird"\n'
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, line))
        partner = Pyas2lib(us, them, folder)
        self.requests: dict[str, Posted] = {}
        for number, name in enumerate(ORDERS, 1):
            headers, body = partner.send(x12(order(name), number=number), Way(True, True, False, mdn))
            headers = {key.lower(): value for key, value in headers.items()}
            if mdn == "async":
                headers["receipt-delivery-option"] = f"http://127.0.0.1:{port}/mdn"
            self.requests[name] = headers, body

    def set(self) -> None:
        shutil.rmtree(self.told, ignore_errors=True)
        self.told.mkdir()
        shutil.rmtree(self.folder / "services" / "posts", ignore_errors=True)
        (self.folder / "services" / "posts").mkdir()

    def take(self) -> None:
        """Nobody has a folder."""

    def run(self, url: str, killer: Killer, lives: int) -> list[str]:
        return As2Run(self, url, killer, lives).play()

    def judge(self, url: str) -> dict[str, Any]:
        return As2Judge(self, url).verdict()


class Taking:
    """A far end that takes everything, twice as once."""

    repeatable = True

    def deliver(self, parcel: Parcel) -> Receipt:
        return Receipt(reference=parcel.file_name)

    def probe(self, parcel: Parcel) -> str:
        return "unknown"


class As2Run(Run):
    _scene: As2Scene

    def _connector(self, connection: Connection) -> object:
        if connection.name == "bluebird/mailbox":
            return self._workspace.connect(connection, self._scene.secrets.__getitem__)
        return Taking()

    def _send(self) -> None:
        for name, (headers, body) in self._scene.requests.items():
            self._post(name, "receive as2", headers, body)

    def _files(self) -> list[Path]:
        return []

    def hear(self) -> bool:
        """The partner posts receipts, until it is told that they have come. Whether there was one."""
        waiting = sorted((self._scene.folder / "services" / "posts").glob("*.json"))
        for file in waiting:
            headers, body = msgspec.json.decode(file.read_bytes(), type=Posted)
            self._post(file.stem, "receive mdn", {name.lower(): value for name, value in headers.items()}, body)
            file.unlink()
        return bool(waiting)

    def _post(self, name: str, stage: str, headers: dict[str, str], body: bytes) -> None:
        file = self._scene.told / name
        if file.exists():
            return
        self._killer.stage = stage
        request = Request(method="POST", headers=headers, query={}, body=body, now=self._clock.now())
        said = listen(self._house.context, "bluebird", "mailbox", request)
        assert said.status in (200, 204), said
        self._killer.at("before the answer")
        file.write_bytes(said.body)
        self._killer.stage = ""


class As2Judge(Judge):
    numbers: ClassVar = ORDERS
    files: ClassVar = []
    written: ClassVar = {"855": 3, "940": 3}
    _scene: As2Scene

    def _outside(self) -> int:
        services, later = self._scene.folder / "services", self._scene.mdn == "async"
        sent = [row for row in self._rows(select(delivery)) if row["connection"] == "bluebird/mailbox"]
        parcels = [row for row in sent if row["parcel"] is None]
        log = Counter((services / "as2.log").read_text().splitlines())
        applied = {line.split("@")[0]: times for line, times in log.items() if line.endswith(" new")}
        if set(applied) != {row["id"] for row in parcels} or set(applied.values()) != {1} or len(parcels) != 6:
            self.wrong.append(f"{len(parcels)} deliveries, applied {applied}")
        self.wrong += [
            f"{row['file_name']}: its receipt is {row['receipt_state']}"
            for row in parcels
            if row["receipt_state"] != "accepted" or not row["receipt"].get("receipt_digest")
        ]
        answers = {row["payload_id"]: row for row in self._rows(select(answer))}
        came = self._rows(select(payload).where(payload.c.direction == "in", payload.c.protocol_id.is_not(None)))
        if len(came) != 3 or {row["id"] for row in came} != set(answers):
            self.wrong.append(f"{len(came)} payloads came, {len(answers)} are answered")
        for name, (headers, _) in self._scene.requests.items():
            first = [answers[row["id"]] for row in came if row["protocol_id"] == headers["message-id"]]
            if not first or (self._scene.told / name).read_bytes() != first[0]["body"]:
                self.wrong.append(f"{name} was not answered by its first receipt")
        if later:
            self._posted(services / "mdn.log", sent)
        return 0

    def _posted(self, log: Path, sent: list[Any]) -> None:
        """Every message's receipt came, and it was the same one each time."""
        came: dict[str, set[str]] = {}
        for line in log.read_text().splitlines() if log.exists() else ():
            about, digest = line.split()
            came.setdefault(about, set()).add(digest)
        wanted = {headers["message-id"].strip("<>") for headers, _ in self._scene.requests.values()}
        if set(came) != wanted or any(len(digests) != 1 for digests in came.values()):
            self.wrong.append(f"receipts came for {came}")
        self.wrong += [f"{row['file_name']} is {row['state']}" for row in sent if row["state"] != "delivered"]


def write_keys(folder: Path) -> None:
    """For the partner's process."""
    for name, one in zip(("us", "them"), keys(), strict=True):
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(tuple(one)))
