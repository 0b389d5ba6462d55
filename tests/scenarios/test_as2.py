"""Two hubs over AS2, each with a database, a server and a worker of its own: orders, answers, 997s and receipts."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.connector import Deliverer, Parcel
from hub.store.tables import delivery, incident
from tests.browser.hub import new_database, serving
from tests.contracts.as2_peers import identity
from tests.hubs import SOURCE, Bench, order, x12

pytestmark = pytest.mark.slow
START = datetime(2026, 1, 5, tzinfo=UTC)
"""About when the clock of these hubs stands still."""
DAYS = (START - datetime.now(UTC)).days
NORTHWIND, BLUEBIRD = (identity(name, min(-10, DAYS - 10), max(400, DAYS + 400)) for name in ("northwind", "bluebird"))
CONNECTION = """
[connection.as2]
connector = "as2"
url = "{far}/as2"
as2_from = "{us}"
as2_to = "{them}"
private_keys = ["secret:drops-key"]
certificates = ['''{certificate}''']
allow_private = true
mdn = "{mdn}"
"""
RETAILER = """
name = "Bluebird Stores"
role = "retailer"
identities = ["ZZ:BLUEBIRD"]

[[agreement]]
receive = "x12/004010/850"

[[agreement]]
send = "x12/004010/855"
"""
MERCHANT = """
name = "Northwind Goods"
role = "merchant"
identities = ["ZZ:NORTHWIND"]

[[agreement]]
send = "x12/004010/850"
documents = ["Order"]

[[agreement]]
receive = "x12/004010/855"
"""
STORE = """
name = "A store"
role = "retailer"
identities = ["ZZ:STORE"]

[connection.drop]
connector = "drop"
folder = "store"

[[agreement]]
receive = "x12/004010/850"
acknowledge = "none"
"""
DEPOT = """
name = "A depot"
role = "warehouse"
identities = ["ZZ:DEPOT"]

[connection.drop]
connector = "drop"
folder = "depot"

[[agreement]]
send = "x12/004010/940"
"""
ACCOUNT = """
[account.bluebird]
name = "Bluebird Stores"
identities = ["ZZ:BLUEBIRD"]

[[source]]
from = "depot"
"""


class Ends:
    """Northwind's hub and Bluebird's. mdn: what Northwind asks for, and what Bluebird does."""

    def __init__(self, folder: Path, mdn: tuple[str, str]) -> None:
        self.stack = contextlib.ExitStack()
        ours, theirs = folder / "northwind", folder / "bluebird"
        shutil.copytree(SOURCE, ours)
        theirs.mkdir()
        (theirs / "hub.toml").write_text(ACCOUNT)
        shutil.copytree(SOURCE / "connectors", theirs / "connectors")
        for name, text in (("store", STORE), ("depot", DEPOT), ("northwind", "")):
            (theirs / "partners" / name).mkdir(parents=True)
            (theirs / "partners" / name / "partner.toml").write_text(text)
        for end in (ours, theirs):
            new_database(end).dispose()
        self.northwind, self.bluebird = (Bench(end, f"sqlite:///{end}/hub.db") for end in (ours, theirs))
        self.stack.callback(self.northwind.hub.stop)
        self.stack.callback(self.bluebird.hub.stop)
        self.northwind.secrets["HUB_SECRET_DROPS_KEY"] = NORTHWIND.pem
        self.bluebird.secrets["HUB_SECRET_DROPS_KEY"] = BLUEBIRD.pem
        urls = [self.stack.enter_context(serving(end.hub, most_bytes=10**6)) for end in (self.northwind, self.bluebird)]  # type: ignore[arg-type] # the real one
        for end, partner, text, us, them, certificate, near, far, kind in (
            (self.northwind, "bluebird", RETAILER, "NW", "BB", BLUEBIRD, *urls, mdn[0]),
            (self.bluebird, "northwind", MERCHANT, "BB", "NW", NORTHWIND, *urls[::-1], mdn[1]),
        ):
            line = CONNECTION.format(us=us, them=them, certificate=certificate.certificate, far=far, mdn=kind)
            line += f'mdn_url = "{near}/as2"\n' if kind == "async" else ""
            (end.folder / "partners" / partner / "partner.toml").write_text(text + line)

    def order(self, number: str) -> None:
        """A store orders at Bluebird's, and Bluebird at Northwind's."""
        self.bluebird.receive("store/drop", x12(order(number), sender="ZZ:STORE", receiver="ZZ:BLUEBIRD"))
        for _ in range(400):
            if not (self.northwind.worker.step() | self.bluebird.worker.step()):
                return
        raise AssertionError("the two are never done")

    def handed_over(self, end: Bench, partner: str) -> list[tuple[str, str, str | None]]:
        """Type or "mdn", state, and the state of the partner's receipt, of all that went to it."""
        rows = []
        for row in end.deliveries(partner):
            types = [one["type"] for one in end.messages("out", interchange_id=row["interchange_id"])]
            rows.append(("".join(types) or "mdn", row["state"], row["receipt_state"]))
        return sorted(rows)


@pytest.fixture
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tmp_path, request.param)
    with made.stack:
        yield made


@pytest.mark.parametrize("ends", [("sync", "async"), ("async", "sync")], indirect=True, ids=["sync", "async"])
def test_an_order_and_its_answer_go_and_come_over_as2(ends: Ends) -> None:
    ends.order("PO-1")
    assert [row["number"] for row in ends.northwind.messages(type="850")] == ["PO-1"]
    assert len(ends.bluebird.messages(type="855")) == 1
    later = [("mdn", "delivered", None)] * 2
    one, other = ends.handed_over(ends.northwind, "bluebird"), ends.handed_over(ends.bluebird, "northwind")
    plain = [row for row in (*one, *other) if row[0] != "mdn"]
    assert sorted(plain) == [(type_, "delivered", "accepted") for type_ in ("850", "855", "997", "997")]
    assert [row for row in (*one, *other) if row[0] == "mdn"] == later
    for end, type_ in ((ends.northwind, "855"), (ends.bluebird, "850")):
        assert end.message("out", type=type_)["acknowledgement"] == "accepted"
        for row in end.rows(delivery):
            if row["receipt_state"]:
                assert row["receipt"]["receipt_digest"]
    codes = {row["code"] for end in (ends.northwind, ends.bluebird) for row in end.rows(incident)}
    assert not codes & {"HUB-4214", "HUB-4215", "HUB-4216", "HUB-4217"}


@pytest.mark.parametrize("ends", [("sync", "sync")], indirect=True)
def test_the_identities_inside_must_be_the_connections_own(ends: Ends) -> None:
    """Bluebird may call itself Oakmart in the envelope: it is held, and its signature makes it no better."""
    hub = ends.northwind.hub
    content = ends.bluebird.hub.content()
    connector = content.connector(content.partners.connection("northwind/as2"))
    assert isinstance(connector, Deliverer)
    body = x12(order("PO-9"), sender="ZZ:OAKMART")
    parcel = Parcel(file_name="po.edi", body=body, key="forged", media_type="application/edi-x12")
    receipt = connector.deliver(parcel)
    assert connector.deliver(parcel).body == receipt.body  # the first receipt again, byte for byte
    assert "processed" in receipt.evidence["disposition"]  # it arrived: what it says is another matter
    ends.northwind.run()
    assert ends.northwind.message(type="850")["validation"] == "held"
    opened = ends.northwind.row(incident)
    assert opened["security"]
    assert "OAKMART" in opened["message"]
    assert hub.why_idle() is None
