"""hub read, hub write, hub translate as a script sees them."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.cli.main import main
from hub.syntax import cut

AT = ("--at", "2026-01-22T15:00")
ROOT = Path(__file__).resolve().parent.parent.parent
ISA = b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *260122*1430*U*00401*000000017*0*P*>~"
GS = b"GS*PO*BLUEBIRD*NORTHWIND*20260122*1430*17*X*004010~"


def order(number: int, *, count: int = 6) -> bytes:
    segments = [
        b"ST*850*%04d" % number,
        b"BEG*00*SA*47%02d**20260122" % number,
        b"N1*ST*Bluebird Store 7*92*0007",
        b"PO1*1*3*EA*9.5**UP*036000291452",
        b"CTT*1",
        b"SE*%d*%04d" % (count, number),
    ]
    return b"".join(segment + b"~" for segment in segments)


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Runs `hub` with arguments: status, out (bytes), rows (of --json), err."""

    def call(*arguments: object) -> SimpleNamespace:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        rows = [json.loads(line) for line in out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(status=ended.value.code, out=out, rows=rows, err=err.decode())

    return call


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Two orders in one interchange."""
    path = tmp_path / "orders.edi"
    path.write_bytes(ISA + GS + order(1) + order(2) + b"GE*2*17~IEA*1*000000017~")
    return path


@pytest.fixture
def half_wrong(tmp_path: Path) -> Path:
    """Two orders, the second with a wrong SE01."""
    path = tmp_path / "half.edi"
    path.write_bytes(ISA + GS + order(1) + order(2, count=9) + b"GE*2*17~IEA*1*000000017~")
    return path


def test_read_gives_one_object_for_a_message(run: Any, orders: Path) -> None:
    ended = run("read", "--json", orders)
    assert ended.status == 0, ended.err
    first, second = ended.rows
    assert list(first) == [
        "file",
        "interchange",
        "message_index",
        "control_number",
        "message",
        "document",
        "body",
        "findings",
    ]
    assert (second["interchange"], second["message_index"], second["control_number"]) == (1, 2, "0002")
    assert (first["message"], first["document"], first["body"]["number"]) == ("850", "Order", "4701")
    assert [line["quantity"]["value"] for line in first["body"]["lines"]] == ["3"]


def test_a_rejected_message_has_no_body_and_its_neighbour_has(run: Any, half_wrong: Path) -> None:
    ended = run("read", "--json", half_wrong)
    right, wrong = ended.rows
    assert ended.status == 1
    assert right["body"]["number"] == "4701"
    assert wrong["body"] is None
    assert [finding["severity"] for finding in wrong["findings"]] == ["reject"]


def test_read_says_what_it_cannot_do_yet(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "inquiry.edi"
    body = b"ST*869*0001~BSI*4711*20260122*3*3~HL*1**O~PRF*4501001~SE*5*0001~"
    path.write_bytes(ISA + GS.replace(b"PO", b"RS", 1) + body + b"GE*1*17~IEA*1*000000017~")
    ended = run("read", "--json", path)
    (row,) = ended.rows
    assert (ended.status, row["body"]) == (1, None)
    assert any("not yet" in finding["message"] for finding in row["findings"])


def test_read_with_a_mapping_nobody_knows(run: Any, orders: Path) -> None:
    ended = run("read", orders, "--mapping", "x12/nonsense")
    assert ended.status != 0
    assert "x12/nonsense" in ended.err
    assert "Traceback" not in ended.err


def test_write_takes_what_read_gives(run: Any, orders: Path, tmp_path: Path) -> None:
    documents = tmp_path / "documents.jsonl"
    documents.write_bytes(run("read", "--json", orders).out)
    ended = run("write", documents, "--as", "x12/004010/850", *AT)
    assert ended.status == 0, ended.err
    (interchange,) = cut(ended.out)
    assert (interchange.sender, interchange.receiver) == ("ZZ:SENDER", "ZZ:RECEIVER")
    assert (interchange.control_number, interchange.test) == ("000000001", True)
    assert interchange.all_findings == []
    contents = [ended.out[span.offset : span.offset + span.length] for span in interchange.messages]
    assert contents == [order(1), order(2)]


def test_write_takes_the_body_alone(run: Any, orders: Path, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps(run("read", "--json", orders).rows[0]["body"], indent=1))
    ended = run("write", body, "--as", "x12/004010/850", *AT)
    assert order(1) in ended.out


def test_write_to_a_partner_uses_its_agreement(run: Any, orders: Path, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(run("read", "--json", orders).out.splitlines()[0])
    ended = run("write", body, "--as", "edifact/d96a/ORDERS", "--partner", "alpine", "--workspace", ROOT, *AT)
    assert ended.status == 0, ended.err
    (interchange,) = cut(ended.out)
    assert (interchange.sender, interchange.receiver) == ("14:4098765000010", "14:4056789000003")


def test_write_to_a_partner_packs_as_its_agreement_says(
    run: Any, orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own"
    (folder / "partners" / "alpine").mkdir(parents=True)
    (folder / "hub.toml").write_text('[account.us]\nname = "Us"\nidentities = ["14:4098765000010/DEPOT"]\n')
    (folder / "partners" / "alpine" / "partner.toml").write_text(
        'name = "Alpine"\nrole = "supplier"\nidentities = ["14:4012345000009"]\n'
        'connection.box = { connector = "mailbox", user = "alpine", password = "secret:alpine" }\n'
        '[[agreement]]\nsend = "edifact/d96a/ORDERS"\n'
        'writing = { messages = 1, password = "secret:unb", decimal = ",", lines = "segments" }\n'
    )
    body = tmp_path / "orders.json"
    body.write_bytes(run("read", "--json", orders).out)
    wanted = ("write", body, "--as", "edifact/d96a/ORDERS", "--partner", "alpine", "--workspace", folder, *AT)
    ended = run(*wanted)
    assert (ended.status, "HUB-4010" in ended.err) == (2, True)
    monkeypatch.setenv("HUB_SECRET_UNB", "OPEN")
    ended = run(*wanted)
    assert ended.status == 0, ended.err
    found = list(cut(ended.out))
    assert [(each.control_number, len(each.messages)) for each in found] == [("1", 1), ("2", 1)]
    assert all(each.header[6] == "OPEN" and each.separators.decimal == "," for each in found)
    assert found[0].sender == "14:4098765000010"
    assert found[0].header[2] == "4098765000010:14:DEPOT"


def test_write_of_what_was_rejected(run: Any, half_wrong: Path, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.json"
    rejected.write_bytes(run("read", "--json", half_wrong).out.splitlines()[1])
    ended = run("write", rejected, "--as", "x12/004010/850")
    assert (ended.status, ended.out) == (2, b"")
    assert "rejected" in ended.err


def test_write_to_a_partner_without_that_agreement(run: Any, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"document": "Order", "number": "1"}')
    ended = run("write", body, "--as", "x12/004010/850", "--partner", "alpine", "--workspace", ROOT)
    assert (ended.status, ended.out) == (2, b"")
    assert "alpine" in ended.err


@pytest.mark.parametrize("to", ["850", "x13/004010/850", "x12/004010"])
def test_write_as_nothing_there_is(run: Any, tmp_path: Path, to: str) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"document": "Order", "number": "1"}')
    ended = run("write", body, "--as", to)
    assert (ended.status, ended.out) == (2, b"")
    assert to in ended.err


def test_write_of_what_is_no_document(run: Any, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"document": "Order", "number": 5}')
    ended = run("write", body, "--as", "x12/004010/850")
    assert ended.status == 1
    assert "HUB-3101" in ended.err


def test_translate_writes_one_interchange_for_each(run: Any, orders: Path) -> None:
    ended = run("translate", orders, "--to", "edifact/d96a/ORDERS", *AT)
    assert ended.status == 0, ended.err
    (interchange,) = cut(ended.out)
    assert [(span.type, span.version) for span in interchange.messages] == [("ORDERS", "D.96A")] * 2
    assert interchange.all_findings == []
    assert b"4701" in ended.out


def test_translate_wraps_the_same_bytes_in_json(run: Any, orders: Path) -> None:
    bare = run("translate", orders, "--to", "edifact/d96a/ORDERS", *AT)
    (row,) = run("translate", orders, "--to", "edifact/d96a/ORDERS", *AT, "--json").rows
    assert row["payload"].encode(row["charset"]) == bare.out


SHOP = """mapping: json/shop/order
document: Order
fields:
  number: orderNo
  lines: {each: items, number: line, quantity: {value: qty | decimal}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace with a JSON mapping of its own."""
    (tmp_path / "shop" / "mappings").mkdir(parents=True)
    (tmp_path / "shop" / "hub.toml").touch()
    (tmp_path / "shop" / "mappings" / "order.yaml").write_text(SHOP)
    return tmp_path / "shop"


def test_json_by_a_mapping_of_the_workspace(run: Any, shop: Path, tmp_path: Path) -> None:
    payload = tmp_path / "order.json"
    payload.write_text('{"orderNo":"4701","items":[{"line":"1","qty":"3"}]}\n')
    read = run("read", "--json", payload, "--mapping", "json/shop/order", "--workspace", shop)
    assert read.status == 0, read.err
    assert (read.rows[0]["document"], read.rows[0]["body"]["number"]) == ("Order", "4701")
    document = tmp_path / "document.json"
    document.write_bytes(read.out)
    written = run("write", document, "--as", "json/shop/order", "--workspace", shop)
    assert written.out == payload.read_bytes()


def test_json_needs_a_mapping_named(run: Any, shop: Path, tmp_path: Path) -> None:
    payload = tmp_path / "order.json"
    payload.write_text("{}")
    ended = run("read", payload, "--workspace", shop)
    assert ended.status == 2
    assert "json/shop/order" in ended.err


@pytest.mark.parametrize("wanted", ["PO102", "quantity"])
def test_explain_shows_where_a_value_goes(run: Any, orders: Path, wanted: str) -> None:
    ended = run("explain", "--json", orders, wanted)
    assert ended.status == 0, ended.err
    rows = [row for row in ended.rows if row["element"] == 2]
    assert [(row["control_number"], row["value"]) for row in rows] == [("0001", "3"), ("0002", "3")]
    for row in rows:
        assert orders.read_bytes()[row["offset"] : row["offset"] + row["length"]] == b"3"
        assert row["field"].startswith("lines.quantity")
        path, line, _ = row["rule"].rsplit(":", 2)
        assert "PO102" in Path(path).read_text().splitlines()[int(line) - 1]


def test_explain_names_the_file_of_this_workspace(run: Any, orders: Path, tmp_path: Path) -> None:
    """The same mapping lies in two workspaces, and its compiled rules are kept for both."""
    shipped = (ROOT / "mappings" / "x12" / "850.yaml").read_text()
    for name in ("one", "other"):
        path = tmp_path / name / "mappings" / "x12" / "850.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(shipped)
        (tmp_path / name / "hub.toml").write_text("")
        rows = run("explain", "--json", orders, "PO102", "--workspace", tmp_path / name).rows
        assert {row["rule"].rsplit(":", 2)[0] for row in rows} == {str(path)}


def test_explain_says_when_no_rule_reads_it(run: Any, orders: Path) -> None:
    ended = run("explain", orders, "SE02")
    assert ended.status == 1
    assert "No rule reads SE02" in ended.err


def test_explain_of_what_is_no_element(run: Any, orders: Path) -> None:
    ended = run("explain", orders, "the price")
    assert (ended.status, ended.out) == (2, b"")


def test_a_translation_into_another_kind_of_document_is_refused(run: Any, orders: Path) -> None:
    ended = run("translate", orders, "--to", "x12/004010/940")
    assert (ended.status, ended.out) == (2, b"")
    assert "x12/940 is written from the document WarehouseOrder, and this is Order." in ended.err


def test_what_the_standard_forbids_is_not_written(run: Any, tmp_path: Path) -> None:
    bare = tmp_path / "bare.json"
    bare.write_text('{"document": "Order"}')
    ended = run("write", bare, "--as", "x12/004010/850")
    assert (ended.status, ended.out) == (1, b"")
    assert "Written as x12/004010/850: The mandatory segment BEG is missing" in ended.err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"document": "Order", "nmber": "1"}', 'Order has no field "nmber" (at $); did you mean "number"?'),
        (
            '{"document": "Order", "number": "1", "lines": [{"number": "1"}, {"quantiy": {"value": "1"}}]}',
            'OrderLine has no field "quantiy" (at $.lines[1]); did you mean "quantity"?',
        ),
    ],
)
def test_a_field_written_wrong_is_not_dropped_unsaid(run: Any, tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "order.json"
    file.write_text(body)
    ended = run("write", file, "--as", "x12/004010/850")
    assert ended.status == 1
    assert ended.out == b""
    assert said in ended.err
