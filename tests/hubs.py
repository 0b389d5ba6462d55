"""A whole hub over the small workspace of tests/workspace, driven step by step without threads; time stands still."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import RowMapping, Table, select, update

from hub.app import CHECK_SECONDS, Hub
from hub.canonical import Document, decode
from hub.config import Config, Secrets
from hub.connector import Request
from hub.dispatch import resume_work
from hub.pipeline.receive import accept_payload
from hub.store import chain, revisions
from hub.store.blobs import body_of, read_payload
from hub.store.ports import ManualClock
from hub.store.tables import delivery, document, incident, interchange, mailbox_file, message, payload, work
from hub.workspace import Workspace, digest

SOURCE = Path(__file__).parent / "workspace"
SECRETS = {
    "HUB_SECRET_BLUEBIRD": "pw",
    "HUB_SECRET_ROADRUNNER": "token",
    "HUB_SECRET_PAYLOADS_KEY": "key",
    "HUB_SECRET_PAYLOADS_SECRET": "secret",
}
POLLS = ("collect", "due", "retain")


class Bench:
    """A hub, its one worker, and short ways to look into the store."""

    def __init__(self, folder: Path, database: str, *, seed: int = 0, follow: bool = False, payloads: str = "") -> None:
        self.folder = folder
        if not (folder / "hub.toml").exists():
            shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
        self.url = database
        self.drops = folder / "drops"
        self._objects = payloads
        self.secrets = {**SECRETS, "HUB_SECRET_DROPS": str(self.drops)}
        self.clock = ManualClock(seed=seed)
        self.hub = self.open(follow=follow)
        self.worker = self.hub.dispatcher("test")

    def open(self, *, follow: bool = False) -> Hub:
        """Another process, as it were, over the same workspace and database."""
        secrets = Secrets(self.folder, self.secrets)
        config = Config(folder=self.folder, database=self.url, secrets=secrets, payloads=self._objects)
        return Hub(Workspace(self.folder), config, clock=self.clock, follow=follow, children=1)

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the workspace."""
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def publish(self) -> str:
        """Put the workspace as it is in force, and let the hub see it."""
        workspace = Workspace(self.folder)
        files = workspace.files()
        with self.hub.database.begin() as conn:
            made = revisions.publish(
                conn,
                self.clock.now(),
                digest(files),
                files,
                code_digest=workspace.code_digest(),
                author="test",
            )
        self.clock.advance(CHECK_SECONDS)
        return made

    # -- in and on -----------------------------------------------------------------------------------------------------

    def receive(self, connection: str, body: bytes, **more: Any) -> str:
        """A payload comes by that connection; its id."""
        by = self.hub.content().partners.connection(connection)
        with self.hub.database.begin() as conn:
            content = body_of(conn, self.hub.context.new_id(), body)
            return accept_payload(conn, self.hub.context, by, content, **more)

    def post(self, body: bytes, key: str) -> tuple[int, Any]:
        """An HTTP request of the carrier."""
        headers = {"authorization": "Bearer token", "idempotency-key": key}
        request = Request(method="POST", headers=headers, query={}, body=body, now=self.clock.now())
        said = self.hub.listen("roadrunner", "http", request)
        return said.status, msgspec.json.decode(said.body)

    def run(self, rounds: int = 300) -> None:
        """Until nothing is due. A stage that fails by a defect of its own fails the test."""
        for _ in range(rounds):
            if not self.worker.step():
                defects = [row["message"] for row in self.rows(incident, code="HUB-6012")]
                assert defects == []
                return
        raise AssertionError(f"still busy after {rounds} rounds")

    def pass_by(self, body: bytes, connection: str = "bluebird/mailbox") -> str:
        made = self.receive(connection, body)
        self.run()
        return made

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.run()

    def restart(self) -> None:
        """The worker's process is gone, and another takes its place once the leases have run out."""
        self.worker = self.hub.dispatcher("next")
        self.clock.advance(self.worker.lease.total_seconds() + 1)
        self.worker.sweep()

    def set_aside(self, kind: str) -> int:
        """The only work of that kind waits for a person now, as after a failure; its id."""
        made: int = self.row(work, kind=kind)["id"]
        with self.hub.database.begin() as conn:
            conn.execute(update(work).where(work.c.id == made).values(set_aside=True))
        return made

    def take_up(self, work_id: int) -> None:
        """A person lets it run again."""
        with self.hub.database.begin() as conn:
            resume_work(conn, self.clock.now(), work_id)

    def script(self, partner: str, *lines: str) -> None:
        """How the next deliveries to a partner's folder end."""
        self.drops.mkdir(exist_ok=True)
        (self.drops / f"{partner}.script").write_text("\n".join(lines))

    def probed(self, partner: str, answer: str) -> None:
        (self.drops / f"{partner}.probe").write_text(answer)

    def log(self, partner: str) -> list[str]:
        """What was tried at a partner's folder: the first word of each try."""
        file = self.drops / f"{partner}.log"
        return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []

    def lying(self, partner: str) -> list[bytes]:
        """What lies in a partner's folder, in the order of the names."""
        return [path.read_bytes() for path in sorted((self.drops / partner).glob("*"))]

    # -- what there is -------------------------------------------------------------------------------------------------

    def rows(self, table: Table, **wanted: Any) -> Sequence[RowMapping]:
        """Rows with these values, in the order in which they were made."""
        query = select(table).order_by(*table.primary_key.columns)
        for name, value in wanted.items():
            query = query.where(table.c[name] == value)
        with self.hub.database.read() as conn:
            return conn.execute(query).mappings().all()

    def row(self, table: Table, **wanted: Any) -> RowMapping:
        """The only such row."""
        found = self.rows(table, **wanted)
        assert len(found) == 1, f"{len(found)} rows of {table.name} with {wanted}"
        return found[0]

    def messages(self, direction: str = "in", **wanted: Any) -> Sequence[RowMapping]:
        return self.rows(message, direction=direction, **wanted)

    def message(self, direction: str = "in", **wanted: Any) -> RowMapping:
        return self.row(message, direction=direction, **wanted)

    def row_of(self, message_id: object) -> RowMapping:
        return self.row(message, id=message_id)

    def sent(self, **wanted: Any) -> list[str]:
        """Partner and type of what was written to partners; the merchant's copies left out."""
        rows = self.messages("out", **wanted)
        return [f"{row['partner']} {row['type']}" for row in rows if row["partner"] != "erp"]

    def bytes_of(self, row: RowMapping) -> bytes:
        """The interchange a message is in."""
        with self.hub.database.read() as conn:
            return read_payload(conn, chain.get_interchange(conn, row["interchange_id"])["payload_id"])

    def outbox(self, connection: str = "bluebird/mailbox") -> list[bytes]:
        """What a partner finds in its mailbox, oldest first."""
        files = self.rows(mailbox_file, connection=connection, folder="outbox")
        with self.hub.database.read() as conn:
            return [read_payload(conn, row["payload_id"]) for row in files]

    def incidents(self) -> list[str]:
        """Codes of the open ones, oldest first."""
        return [row["code"] for row in self.rows(incident) if row["resolved_at"] is None]

    def documents(self, **wanted: Any) -> list[Document]:
        return [decode(row["body"]) for row in self.rows(document, **wanted)]

    def findings(self, row: RowMapping) -> list[str]:
        return [one["code"] for one in row["findings"] or []]

    def left(self) -> list[tuple[str, bool]]:
        """Work that has not ended, timers aside: kind, and whether it waits for a person."""
        return [(row["kind"], row["set_aside"]) for row in self.rows(work) if row["kind"] not in POLLS]

    def deliveries(self, partner: str) -> Sequence[RowMapping]:
        return self.rows(delivery, partner=partner)

    def interchanges(self, **wanted: Any) -> Sequence[RowMapping]:
        return self.rows(interchange, **wanted)

    def payloads(self, direction: str = "in") -> Sequence[RowMapping]:
        return self.rows(payload, direction=direction)


@pytest.fixture
def bench(tmp_path: Path, database_url: str) -> Iterator[Bench]:
    """A hub on each database in turn."""
    made = Bench(tmp_path / "workspace", database_url)
    yield made
    made.hub.stop()


@pytest.fixture
def sqlite_bench(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    """A hub on SQLite alone: for what no database can change."""
    made = Bench(tmp_path / "workspace", sqlite_url)
    yield made
    made.hub.stop()


# -- what partners send ------------------------------------------------------------------------------------------------

LINES = (("1", "NW-100", "10", "12.50"), ("2", "NW-200", "4", "7.25"))


def order(number: str, *lines: tuple[str, str, str, str], purpose: str = "00", more: Sequence[str] = ()) -> list[str]:
    """Segments of an 850 between ST and SE. Lines: number, our item number, quantity, price."""
    return [
        "850",
        f"BEG*{purpose}*SA*{number}**20260105",
        *more,
        "DTM*010*20260112",
        "N1*BY*Bluebird Stores Inc*92*BLUEBIRD",
        "N1*ST*Bluebird Store 12*92*0012",
        *(f"PO1*{line}*{quantity}*EA*{price}*PE*VN*{item}" for line, item, quantity, price in lines or LINES),
        f"CTT*{len(lines or LINES)}",
    ]


def confirmation(fulfilment: str, shipment: str, *lines: tuple[str, str, str, str], mark: str = "") -> list[str]:
    """Segments of a 945. Lines: W1201 status, ordered, shipped, item. mark: a tracking number for every parcel."""
    body = []
    for place, (status, ordered, shipped, item) in enumerate(lines, 1):
        marks = [f"MAN*CP*{mark}{place}"] if mark else []
        rest = int(ordered) - int(shipped)
        body += [f"LX*{place}", *marks, f"W12*{status}*{ordered}*{shipped}*{rest}*EA**VN*{item}"]
    total = sum(int(line[2]) for line in lines)
    head = [f"W06*F*{fulfilment}*20260106*{shipment}".rstrip("*"), "N1*SF*Harbor 3PL*1*123456789"]
    return ["945", *head, *body, f"W03*{total}*1*LB"]


def x12(
    *messages: list[str],
    number: int = 1,
    sender: str = "ZZ:BLUEBIRD",
    receiver: str = "ZZ:NORTHWIND",
    test: bool = False,
    ask: str = "0",
    group: int | None = None,
) -> bytes:
    """An interchange of one group. A message that brings its own SE keeps it."""
    kinds = {"850": "PO", "945": "SW", "997": "FA", "999": "FA", "846": "IB", "864": "TX", "214": "QM", "824": "AG"}
    kinds |= {"810": "IN"}
    kind = kinds[messages[0][0]]
    (sq, sid), (rq, rid) = sender.split(":"), receiver.split(":")
    lines = [
        f"ISA*00*          *00*          *{sq}*{sid:15}*{rq}*{rid:15}*260105*0900*U*00401*{number:09}*{ask}*"
        f"{'T' if test else 'P'}*>",
        f"GS*{kind}*{sid}*{rid}*20260105*0900*{group or number}*X*004010",
    ]
    for place, (type_, *segments) in enumerate(messages, 1):
        lines.append(f"ST*{type_}*{place:04}")
        lines += segments
        if not segments[-1].startswith("SE*"):
            lines.append(f"SE*{len(segments) + 2}*{place:04}")
    lines += [f"GE*{len(messages)}*{group or number}", f"IEA*1*{number:09}"]
    return ("~\n".join(lines) + "~\n").encode()


def edifact(
    *messages: tuple[str, list[str]],
    number: str = "1",
    sender: str = "4012345000009:14",
    receiver: str = "4098765000010:14",
    ask: str = "",
) -> bytes:
    """An interchange. Messages: type, and segments between UNH and UNT."""
    lines = [f"UNB+UNOC:3+{sender}+{receiver}+260105:0900+{number}" + (f"++++{ask}" if ask else "")]
    for place, (type_, segments) in enumerate(messages, 1):
        version = "D:3:UN" if type_ == "CONTRL" else "D:96A:UN"
        lines += [f"UNH+{place}+{type_}:{version}", *segments, f"UNT+{len(segments) + 2}+{place}"]
    lines.append(f"UNZ+{len(messages)}+{number}")
    return ("'\n".join(lines) + "'\n").encode()


def european_order(number: str, item: str = "AL-300", quantity: int = 12) -> tuple[str, list[str]]:
    """An ORDERS."""
    segments = [
        f"BGM+220+{number}+9",
        "DTM+137:20260105:102",
        "NAD+BY+4012345000009::9",
        "NAD+SU+4098765000010::9",
        "CUX+2:EUR:9",
        f"LIN+1++{item}:SA",
        f"QTY+21:{quantity}",
        "PRI+AAA:4.20",
        "UNS+S",
        "CNT+2:1",
    ]
    return "ORDERS", segments


def segments_of(body: bytes) -> list[list[str]]:
    """An X12 interchange's segments as elements."""
    text = body.decode()
    return [part.strip().split(text[3]) for part in text.split(text[105]) if part.strip()]


def picked(body: bytes, *tags: str) -> list[str]:
    """The segments of these tags, as text."""
    return ["*".join(segment) for segment in segments_of(body) if segment[0] in tags]


def answer(sent: bytes, status: str = "A", *, number: int = 501, messages: Sequence[Sequence[str]] = ()) -> bytes:
    """The partner's 997 of an interchange of ours. messages: AK2..AK5 of it, where it names any."""
    by_tag = {segment[0]: segment for segment in segments_of(sent)}
    isa, gs, ge = by_tag["ISA"], by_tag["GS"], by_tag["GE"]
    told = [segment for group in messages for segment in group]
    good = sum(segment in ("AK5*A", "AK5*E") for segment in told) if told else int(ge[1]) * (status == "A")
    body = ["997", f"AK1*{gs[1]}*{gs[6]}", *told, f"AK9*{status}*{ge[1]}*{ge[1]}*{good}"]
    sender, receiver = f"{isa[7]}:{isa[8].strip()}", f"{isa[5]}:{isa[6].strip()}"
    return x12(body, number=number, sender=sender, receiver=receiver, test=isa[15] == "T")


def as_json(value: Any) -> bytes:
    return msgspec.json.encode(value)


HOUR = timedelta(hours=1).total_seconds()
