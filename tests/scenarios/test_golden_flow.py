"""One order's way, byte for byte; and the same way with the n-th commit failing, for every n."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from hub.store.tables import fulfilment, sales_order
from tests.hubs import Bench, answer, confirmation, order, segments_of, x12

GOLDEN = Path(__file__).parent.parent / "golden" / "flow"


def flow(bench: Bench) -> dict[str, bytes]:
    """An 850 comes, and a 945 for it: everything that leaves because of them."""
    sent = {"850": x12(order("PO-1"))}
    bench.pass_by(sent["850"])
    bench.clock.advance(60)
    number = bench.rows(fulfilment)[0]["number"]
    lines = ("CC", "10", "10", "NW-100"), ("CP", "4", "3", "NW-200")
    sent["945"] = x12(confirmation(number, "SHP-1", *lines, mark="RR"), number=1, sender="01:123456789")
    bench.pass_by(sent["945"], "harbor/drop")
    sent["940"], sent["997-of-945"] = bench.lying("harbor")
    for body in bench.outbox():
        kind = next(segment[1] for segment in segments_of(body) if segment[0] == "ST")
        sent["997-of-850" if kind == "997" else kind] = body
    return sent


def test_the_same_byte_for_byte(tmp_path: Path, database_url: str, update_golden: bool) -> None:
    bench = Bench(tmp_path / "workspace", database_url, seed=7)
    sent = flow(bench)
    bench.hub.stop()
    assert sorted(sent) == ["810", "850", "855", "856", "940", "945", "997-of-850", "997-of-945"]
    if update_golden:
        GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, body in sent.items():
        file = GOLDEN / f"{name}.edi"
        if update_golden:
            file.write_bytes(body)
        assert body == file.read_bytes(), f"{file.name} differs; --update-golden writes it anew"


def test_ids_come_from_the_clock_and_its_seed(tmp_path: Path, sqlite_url: str, sqlite_template: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(sqlite_template.read_bytes())
    ids = []
    for place, url in enumerate((sqlite_url, f"sqlite:///{other}")):
        bench = Bench(tmp_path / f"workspace{place}", url, seed=7)
        flow(bench)
        ids.append([row["id"] for direction in ("in", "out") for row in bench.messages(direction)])
        bench.hub.stop()
    assert ids[0] == ids[1]
    assert len(ids[0]) == 8 + 6  # eight between partners, and the merchant's copies


# -- torture -----------------------------------------------------------------------------------------------------------


class Refused:
    """Refuses one commit of an engine, the n-th from now; counts them all."""

    def __init__(self, nth: int) -> None:
        self.count = 0
        self._nth = nth

    def __call__(self, _conn: Connection) -> None:
        self.count += 1
        if self.count == self._nth:
            raise OperationalError("COMMIT", {}, Exception("the disk is away"))


@contextmanager
def refusing(bench: Bench, nth: int) -> Iterator[Refused]:
    refused = Refused(nth)
    engine = bench.hub.database.engine
    event.listen(engine, "commit", refused)
    try:
        yield refused
    finally:
        event.remove(engine, "commit", refused)


def persist(bench: Bench, body: bytes, name: str) -> None:
    """Its sender tries until it is taken, and the worker's loop goes on after trouble, as they do."""
    for _ in range(2):
        try:
            bench.receive("bluebird/mailbox", body, protocol_id=name)
            break
        except OperationalError:
            continue
    for _ in range(4):
        try:
            bench.run()
        except OperationalError:
            continue
        if not bench.left():
            return
        bench.clock.advance(bench.worker.lease.total_seconds() + 1)
        try:
            bench.worker.sweep()
        except OperationalError:
            continue


@pytest.mark.slow
def test_every_commit_may_fail(bench: Bench) -> None:
    """All of it ends, everything arrives once, and no control number is left out."""
    nth = made = 0
    while True:
        nth += 1
        with refusing(bench, nth) as refused:
            persist(bench, x12(order(f"PO-{nth}"), number=nth), f"nth {nth}")
        made += 1
        if refused.count < nth:
            break
        bench.run()
        said = f"after commit {nth} failed"
        assert bench.left() == [], said
        assert bench.incidents() == [], said
        assert len(bench.rows(sales_order)) == made, said
        assert {row["delivery"] for row in bench.messages("out")} == {"delivered"}, said
        assert len(bench.lying("harbor")) == made, said
        assert len(bench.outbox()) == 2 * made, said
    assert nth > 20
    for bodies in (bench.outbox(), bench.lying("harbor")):
        numbers = [int(segment[13]) for body in bodies for segment in segments_of(body) if segment[0] == "ISA"]
        assert sorted(numbers) == list(range(1, len(bodies) + 1))
    for body in bench.lying("harbor"):
        bench.pass_by(answer(body, number=9000 + int(segments_of(body)[0][13])), "harbor/drop")
    assert {row["acknowledgement"] for row in bench.messages("out", type="940")} == {"accepted"}
