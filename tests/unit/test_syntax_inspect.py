"""What `hub inspect` reports: the objects people script against."""

from hub.cli.inspect import inspect_payload
from tests.unit.test_syntax_cut import EDIFACT, ORDER, X12


def test_an_x12_interchange() -> None:
    (row,) = inspect_payload("a.x12", [X12.encode()])
    assert row == {
        "file": "a.x12",
        "standard": "x12",
        "sender": "ZZ:BLUEBIRD",
        "receiver": "ZZ:NORTHWIND",
        "control_number": "000000001",
        "test": False,
        "messages": [
            {
                "type": "850",
                "version": "004010VICS",
                "control_number": "0001",
                "group_control_number": "1",
                "offset": X12.index("ST*"),
                "length": len(ORDER),
                "segments": 3,
            }
        ],
        "findings": [],
    }


def test_one_object_per_interchange_and_the_association() -> None:
    rows = list(inspect_payload("-", [EDIFACT.encode(), EDIFACT.replace("REF1", "REF2").encode()]))
    assert [row["control_number"] for row in rows] == ["REF1", "REF2"]
    assert rows[1]["messages"][0]["association"] == "EAN008"
    assert rows[1]["messages"][0]["offset"] == len(EDIFACT) + EDIFACT.index("UNH")


def test_findings_are_plain_objects() -> None:
    (row,) = inspect_payload("a.x12", [X12.replace("SE*3", "SE*4").encode()])
    (finding,) = row["findings"]
    assert (finding["code"], finding["value"], finding["expected"]) == ("HUB-1018", "4", "3")
    assert finding["location"]["segment"] == 3


def test_what_nothing_can_read() -> None:
    (row,) = inspect_payload("a.bin", [b"\x00\x01\x02"])
    assert row["standard"] is None
    assert row["messages"] == []
    assert [finding["code"] for finding in row["findings"]] == ["HUB-1002"]


def test_xml_and_json_take_type_and_names_of_their_mapping() -> None:
    def match(payload: bytes) -> dict[str, str]:
        return {"type": "Order", "sender": "ZZ:A"} if b"4711" in payload else {}

    payload = b"<Bestellung>4711</Bestellung>"
    (row,) = inspect_payload("a", [payload[:5], payload[5:]], match)
    assert (row["standard"], row["sender"], row["messages"][0]["type"]) == ("xml", "ZZ:A", "Order")
    assert row["messages"][0]["segments"] is None
    (row,) = inspect_payload("a", [b'{"number": "4711"}'], match)
    assert (row["standard"], row["sender"], row["messages"][0]["type"]) == ("json", "ZZ:A", "Order")
    (row,) = inspect_payload("a", [b"<Bestellung/>"])
    assert row["messages"][0]["type"] == "Bestellung"
