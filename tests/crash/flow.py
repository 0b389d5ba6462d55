"""The flow that is killed at every step: orders by upload, by SFTP and events by HTTP; deliveries by SFTP and HTTP.

Every run is a forked process with real connectors, real far ends in other processes, and a clock of its own.
"""

import contextlib
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from sqlalchemy import select

from hub.connector import Request
from hub.interop import network
from hub.interop.sftp import SftpClient
from hub.partner import Connection
from hub.pipeline.collect import schedule_polls
from hub.pipeline.due import schedule_due
from hub.pipeline.receive import accept_payload, listen
from hub.store.blobs import body_of
from hub.store.ports import ManualClock
from hub.store.tables import delivery, incident, interchange, lane, message, payload, sales_order, work
from hub.workspace import Workspace
from tests.hubs import POLLS, as_json, edifact, european_order, order, x12
from tests.simulation.house import SOURCE, House, Points
from tests.simulation.network import Hosted
from tests.sshd import Sshd

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = timedelta(hours=3)
ORDERS = ["PO-1", "PO-2", "PO-3"]
EUROPEAN = ["EM-1", "EM-2", "EM-3"]
EVENTS = ["picked_up", "in_transit", "delivered"]
FOLDERS = ("harbor", "europa")
SERVICES = ("alpine", "erp")


class Killer(Points):
    """Kills its own process at the n-th time of a moment, or at the n-th moment of all; counts them otherwise."""

    def __init__(self, moment: str = "", nth: int = 0) -> None:
        self.passed: list[str] = []
        self._seen: Counter[str] = Counter()
        self._moment = moment
        self._nth = nth

    def at(self, place: str) -> None:
        if place == "statement":
            return
        moment = f"{self.stage or 'dispatch'}: {place}"
        self.passed.append(moment)
        self._seen[moment] += 1
        if self._moment in ("", moment) and (len(self.passed), self._seen[moment])[self._moment != ""] == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


class Scene:
    """Far ends, and the workspace that names them. Files keep what senders were told."""

    def __init__(self, folder: Path, sshd: Sshd, port: int) -> None:
        self.folder = folder
        self.far = folder / "far"
        self.told = folder / "told"
        self.workspace = folder / "workspace"
        self.secrets = {"secret:key": sshd.private_key, "secret:roadrunner": "token"}
        shutil.copytree(SOURCE, self.workspace)
        sftp = f'host = "{sshd.host}"\nport = {sshd.port}\nuser = "{sshd.user}"\nprivate_key = "secret:key"\n'
        sftp += f'host_key = ["{sshd.host_key}"]\nsettle = 0\n'
        for name in FOLDERS:
            here = f'inbound = "{self.far}/{name}/out"\noutbound = "{self.far}/{name}/in"\n'
            self._connect(name, f'connector = "sftp"\npoll = "1h"\n{sftp}{here}')
        for name in SERVICES:
            once = "idempotent = true\n" if name == "alpine" else ""
            url = f'url = "http://127.0.0.1:{port}/{name}"\nallow_private = true\n'
            self._connect(name, f'connector = "http"\n{url}{once}')

    def _connect(self, name: str, settings: str) -> None:
        file = self.workspace / "partners" / name / "partner.toml"
        text = file.read_text()
        old = f'connector = "drop"\nfolder = "{name}"\n'
        assert old in text
        file.write_text(text.replace(old, settings))

    def set(self) -> None:
        """As it is before anything came."""
        shutil.rmtree(self.far, ignore_errors=True)
        shutil.rmtree(self.told, ignore_errors=True)
        self.told.mkdir()
        for name in FOLDERS:
            for part in ("in", "out", "taken"):
                (self.far / name / part).mkdir(parents=True)
        for place, number in enumerate(EUROPEAN, 1):
            body = edifact(european_order(number), number=str(place))
            (self.far / "europa" / "out" / f"{number}.edi").write_bytes(body)

    def run(self, url: str, killer: Killer, lives: int) -> list[str]:
        """One process of the hub, from its start until nothing is due; the moments passed."""
        return Run(self, url, killer, lives).play()

    def judge(self, url: str) -> dict[str, Any]:
        return Judge(self, url).verdict()

    def take(self) -> None:
        """The warehouse takes away what lies there, so that nobody can ask any more whether it arrived."""
        for file in (self.far / "harbor" / "in").iterdir():
            if file.suffix != ".part":
                file.rename(self.far / "harbor" / "taken" / file.name)


def fork(run: Callable[[], Any], answer: Path) -> Any:
    """What run returns in a process of its own, by way of the file; None: it was killed."""
    answer.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            answer.write_bytes(msgspec.json.encode(run()))
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    assert status == 0, "the process failed by itself; its error is above"
    return msgspec.json.decode(answer.read_bytes())


class Run:
    """One process of the hub, from its start until nothing is due."""

    def __init__(self, scene: Scene, url: str, killer: Killer, lives: int) -> None:
        self._scene = scene
        self._workspace = Workspace(scene.workspace)
        self._killer = killer
        self._clock = ManualClock(START + lives * LATER, seed=lives)
        self._watch()
        self._house = House(url, self._clock, killer, self._connector, folder=scene.workspace)

    def _connector(self, connection: Connection) -> object:
        if connection.connector == "mailbox":
            return Hosted()
        if connection.connector == "drop":
            return object()
        return self._workspace.connect(connection, self._scene.secrets.__getitem__)

    def _watch(self) -> None:
        """Tells of the moments in the middle of side effects."""
        at, upload, move, remove = self._killer.at, SftpClient.write, SftpClient.move, SftpClient.remove
        stream = network._Stream.write

        def write(client: SftpClient, path: bytes, body: bytes) -> None:
            at("sftp connected")
            upload(client, path, body[: len(body) // 2])
            at("sftp half uploaded")
            upload(client, path, body)
            at("sftp uploaded")

        def rename(client: SftpClient, source: bytes, target: bytes) -> None:
            move(client, source, target)
            at("sftp renamed")

        def take_away(client: SftpClient, path: Any) -> None:
            at("sftp fetched")
            remove(client, path)
            at("sftp deleted")

        def send(one: network._Stream, buffer: bytes, timeout: float | None = None) -> None:
            half = len(buffer) // 2
            stream(one, buffer[:half], timeout)
            at("http half sent")
            stream(one, buffer[half:], timeout)
            at("http sent")

        def close(one: network._Stream) -> None:
            at("http answered")
            one._stream.close()

        SftpClient.write, SftpClient.move, SftpClient.remove = write, rename, take_away  # type: ignore[method-assign]
        network._Stream.write, network._Stream.close = send, close  # type: ignore[method-assign]

    def play(self) -> list[str]:
        """The moments passed."""
        schedule_polls(self._house.context)
        schedule_due(self._house.context)
        self._send()
        worker = self._house.worker()
        for _ in range(500):
            if worker.step() or self.hear():
                continue
            due = self._house.next_due(["poll/europa/drop"] if self._files() else [])
            if due is None:
                self._house.close()
                return self._killer.passed
            self._clock.set(max(due, self._clock.now()) + timedelta(milliseconds=1))
            worker.sweep()
        raise AssertionError("it is never done")

    def hear(self) -> bool:
        """Whether a partner had something to say of what we delivered: here nobody has."""
        return False

    def _files(self) -> list[Path]:
        """What a partner has laid out, and nobody has taken yet."""
        return list((self._scene.far / "europa/out").glob("*"))

    def _send(self) -> None:
        """Partners send what they were not told has been taken."""
        context = self._house.context
        by = self._house.content.partners.connection("bluebird/mailbox")
        with self._until_told("orders") as wanted:
            if wanted:
                body = x12(*(order(number) for number in ORDERS))
                with self._house.database.begin() as conn:
                    accept_payload(conn, context, by, body_of(conn, context.new_id(), body), file_name="orders.edi")
        for status in EVENTS:
            with self._until_told(status) as wanted:
                if wanted:
                    headers = {"authorization": "Bearer token", "idempotency-key": status}
                    told = {
                        "id": status,
                        "tracking_number": "RR1",
                        "status": status,
                        "occurred_at": "2026-01-06T10:00:00Z",
                    }
                    body = as_json(told)
                    request = Request(method="POST", headers=headers, query={}, body=body, now=self._clock.now())
                    assert listen(context, "roadrunner", "http", request).status == 200

    @contextlib.contextmanager
    def _until_told(self, what: str) -> Iterator[bool]:
        file = self._scene.told / what
        self._killer.stage = "receive upload" if what == "orders" else "receive http"
        yield not file.exists()
        self._killer.at("before the answer")
        file.touch()
        self._killer.stage = ""


class Judge:
    """What is lost, doubled or stuck once it is over."""

    numbers: ClassVar[list[str]] = [*ORDERS, *EUROPEAN]
    files: ClassVar[list[str]] = [f"{number}.edi" for number in EUROPEAN]
    written: ClassVar[dict[str, int]] = {"855": 3, "940": 3, "ORDERS": 3, "ORDRSP": 3}

    def __init__(self, scene: Scene, url: str) -> None:
        self._scene = scene
        self._house = House(url, ManualClock(START), Points(), lambda _: object(), folder=scene.workspace)
        self.wrong: list[str] = []

    def verdict(self) -> dict[str, Any]:
        """wrong: sentences. repeated: copies beyond the first at a folder that cannot tell. flagged: how many of the
        deliveries say so."""
        self._inside()
        repeated = self._outside()
        flagged = len(self._rows(select(delivery).where(delivery.c.maybe_duplicate, delivery.c.partner == "harbor")))
        if repeated > flagged:
            self.wrong.append(f"{repeated} repeats at harbor, {flagged} flagged")
        self._house.close()
        return {"wrong": self.wrong, "repeated": repeated, "flagged": flagged}

    def _rows(self, query: Any) -> Any:
        with self._house.database.read() as conn:
            return conn.execute(query).mappings().all()

    def _inside(self) -> None:
        orders = sorted(row["number"] for row in self._rows(select(sales_order)))
        if orders != sorted(self.numbers):
            self.wrong.append(f"orders: {orders}")
        names = Counter(
            row["file_name"]
            for row in self._rows(
                select(payload).where(payload.c.connection == "europa/drop", payload.c.direction == "in")
            )
        )
        if names != Counter(self.files):
            self.wrong.append(f"files received: {dict(names)}")
        made = Counter[tuple[str, ...]]()
        for row in self._rows(select(message)):
            what = f"{row['direction']} {row['type']} {row['number']} of {row['partner']}"
            if row["validation"] != "accepted":
                self.wrong.append(f"{what} is {row['validation']}")
            if row["direction"] == "out" and row["delivery"] != "delivered":
                self.wrong.append(f"{what} is {row['delivery']}")
            if row["direction"] == "out" and row["partner"] != "erp" and row["type"] not in ("997", "CONTRL"):
                made[row["partner"], row["type"], row["number"]] += 1
        if Counter(key[1] for key in made) != self.written or set(made.values()) != {1}:
            self.wrong.append(f"written: {dict(made)}")
        left = self._rows(select(work).where(work.c.kind.not_in(POLLS) | work.c.set_aside))
        self.wrong += [f"left: {row['kind']} in {row['lane']}: {row['note']}" for row in left]
        self.wrong += [f"leased: {row['name']}" for row in self._rows(select(lane).where(lane.c.state == "leased"))]
        for row in self._rows(select(incident).where(incident.c.resolved_at.is_(None))):
            if row["code"] != "HUB-4206":  # nobody acknowledges here
                self.wrong.append(f"open: {row['code']} {row['message']}")
        numbers: dict[tuple[str, str, str], list[int]] = {}
        for row in self._rows(
            select(interchange).where(interchange.c.direction == "out", interchange.c.standard.not_in(("json", "mdn")))
        ):
            numbers.setdefault((row["standard"], row["sender"], row["receiver"]), []).append(int(row["control_number"]))
        self.wrong += [
            f"control numbers {key}: {sorted(of)}"
            for key, of in numbers.items()
            if sorted(of) != list(range(1, len(of) + 1))
        ]

    def _outside(self) -> int:
        repeated = 0
        rows = self._rows(select(delivery))
        for name in FOLDERS:
            far = self._scene.far / name
            there = Counter(file.name for part in ("in", "taken") for file in (far / part).iterdir())
            wanted = {row["file_name"] for row in rows if row["partner"] == name}
            if set(there) != wanted:
                self.wrong.append(f"at {name}: {sorted(set(there) ^ wanted)}")
            repeats = there.total() - len(there)
            if name == "harbor":
                repeated = repeats
            elif repeats:
                self.wrong.append(f"{repeats} repeats at {name}")
        for name in SERVICES:
            log = self._scene.far.parent / "services" / f"{name}.log"
            applied = Counter(line.split()[0] for line in log.read_text().splitlines() if line.endswith(" new"))
            wanted = {row["id"] for row in rows if row["partner"] == name}
            if set(applied) != wanted or set(applied.values()) != {1}:
                self.wrong.append(f"at {name}: {len(wanted)} deliveries, applied {dict(applied)}")
        return repeated
