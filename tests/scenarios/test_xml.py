"""XML payloads through the whole pipeline: recognised by their mappings, named by their own envelope, and written."""

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.hubs import Bench, confirmation, x12

SAMPLES = Path(__file__).parents[2] / "mappings"
RECEIVE = '[[agreement]]\nreceive = "x12/004010/850"\n'
ORDER = (SAMPLES / "ubl/Order/samples/UBL-Order-2.0-Example-International.xml").read_bytes()


def agree(bench: Bench, more: str) -> None:
    """Bluebird has agreements besides its own."""
    bench.edit("partners/bluebird/partner.toml", RECEIVE, RECEIVE + more)
    bench.publish()


def test_an_order_of_ubl_is_an_order(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n')
    sqlite_bench.pass_by(ORDER)
    message = sqlite_bench.message()
    assert (message["standard"], message["type"], message["version"], message["association"]) == (
        "xml", "Order", "ubl", "2.1",
    )  # fmt: skip
    assert (message["number"], message["mapping"]) == ("AEG012345", "ubl/Order")
    assert [document.number for document in sqlite_bench.documents()] == ["AEG012345"]
    assert "No rule says who ships" in message["hold_reason"]  # an item this workspace does not know


def test_an_order_that_is_not_right_is_held_and_found_by_its_number(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n')
    sqlite_bench.pass_by(ORDER.replace(b'unitCode="KGM">100<', b'unitCode="KGM">some<'))
    message = sqlite_bench.message()
    assert (message["validation"], message["number"]) == ("held", "AEG012345")


def test_the_message_type_in_an_idoc_decides(sqlite_bench: Bench) -> None:
    agree(sqlite_bench, '[[agreement]]\nreceive = "xml/idoc/ORDERS"\n')
    folder = SAMPLES / "idoc"
    sqlite_bench.pass_by(next(folder.glob("ORDERS/samples/*.xml")).read_bytes())
    sqlite_bench.pass_by(next(folder.glob("ORDRSP/samples/*SOAP*.xml")).read_bytes())
    first, second = sqlite_bench.messages()
    assert (first["type"], first["mapping"]) == ("ORDERS", "idoc/ORDERS")
    assert (second["type"], second["validation"]) == ("ORDRSP", "held")
    assert "xml/idoc/ORDRSP" in second["hold_reason"]


def test_xml_nobody_knows_is_held(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(b"<own:List xmlns:own='urn:own'/>")
    assert sqlite_bench.message()["validation"] == "held"
    assert sqlite_bench.documents() == []


UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>PO-77</cbc:ID>
  <cbc:IssueDate>2026-01-05</cbc:IssueDate>
  <cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>
  <cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Bluebird Stores</cbc:Name></cac:PartyName></cac:Party>
  </cac:BuyerCustomerParty>
  <cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>Northwind Goods</cbc:Name></cac:PartyName></cac:Party>
  </cac:SellerSupplierParty>
  <cac:Delivery><cac:DeliveryLocation><cac:Address><cbc:StreetName>5 Elm St</cbc:StreetName>
    <cbc:CityName>Chicago</cbc:CityName><cbc:PostalZone>60601</cbc:PostalZone><cac:Country><cbc:IdentificationCode>US</cbc:IdentificationCode></cac:Country>
  </cac:Address></cac:DeliveryLocation><cac:DeliveryParty><cac:PartyName><cbc:Name>Store 12</cbc:Name></cac:PartyName>
  </cac:DeliveryParty></cac:Delivery>
  <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="H87">10</cbc:Quantity>
    <cac:Price><cbc:PriceAmount currencyID="USD">12.50</cbc:PriceAmount></cac:Price>
    <cac:Item><cbc:Name>Lamp</cbc:Name><cac:SellersItemIdentification><cbc:ID>NW-100</cbc:ID></cac:SellersItemIdentification>
    </cac:Item></cac:LineItem></cac:OrderLine>
</Order>
"""
XSD = Path(__file__).parents[1] / "contracts" / "ubl-2.1" / "maindoc"


def test_an_order_in_ubl_is_shipped_and_answered_in_ubl(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit("partners/bluebird/partner.toml", 'send = "x12/004010/855"', 'send = "xml/ubl-2.1/OrderResponse"')
    bench.edit("partners/bluebird/partner.toml", 'send = "x12/004010/856"', 'send = "xml/ubl-2.1/DespatchAdvice"')
    agree(bench, '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n')
    bench.pass_by(UBL)
    assert [(row["validation"], row["hold_reason"]) for row in bench.messages()] == [("accepted", None)]
    fulfilment = bench.message("out", type="940")["number"]
    bench.pass_by(
        x12(confirmation(fulfilment, "SHIP-1", ("CC", "10", "10", "NW-100")), sender="01:123456789"), "harbor/drop"
    )
    written = {etree.QName(etree.fromstring(body)).localname: body for body in bench.outbox() if body[:5] == b"<?xml"}
    assert sorted(written) == ["DespatchAdvice", "OrderResponse"]
    for name, body in written.items():
        schema = etree.XMLSchema(etree.parse(XSD / f"UBL-{name}-2.1.xsd"))
        assert schema.validate(etree.fromstring(body)), schema.error_log
        assert b"PO-77" in body
    assert b"NW-100" in written["DespatchAdvice"]


def cxml(sender: str, number: str, mode: str = "production") -> bytes:
    text = (SAMPLES / "cxml/OrderRequest/samples/order_request_2.xml").read_text()
    text = text.replace("AN00000123", sender).replace('deploymentMode="test"', f'deploymentMode="{mode}"')
    return re.sub(r'orderID="[^"]*"', f'orderID="{number}"', text).encode()


@pytest.fixture
def network(sqlite_bench: Bench) -> Bench:
    """Two buyers whose orders come by one connection."""
    bench = sqlite_bench
    for partner, name in (("bluebird", "AN0BLUEBIRD"), ("oakmart", "AN0OAKMART")):
        file = bench.folder / f"partners/{partner}/partner.toml"
        text = re.sub(
            r"^identities = \[(.*)\]", rf'identities = [\1, "NetworkId:{name}"]', file.read_text(), flags=re.M
        )
        file.write_text(
            text + '\n[[agreement]]\nreceive = "xml/cxml-1.2/OrderRequest"\nconnection = "bluebird/mailbox"\n'
        )
    bench.edit("partners/bluebird/partner.toml", 'user = "bluebird"', 'user = "bluebird"\ncarries = ["oakmart"]')
    bench.publish()
    return bench


def test_partners_of_one_connection_are_told_apart_by_their_credentials(network: Bench) -> None:
    network.pass_by(cxml("AN0BLUEBIRD", "C-1"))
    network.pass_by(cxml("AN0OAKMART", "C-2"))
    assert [(row["partner"], row["number"], row["mapping"]) for row in network.messages()] == [
        ("bluebird", "C-1", "cxml/OrderRequest"), ("oakmart", "C-2", "cxml/OrderRequest"),
    ]  # fmt: skip


def test_credentials_nobody_has_and_tests_in_production_are_held(network: Bench) -> None:
    network.pass_by(cxml("AN0MALLORY", "C-3"))
    network.pass_by(cxml("AN0BLUEBIRD", "C-4", mode="test"))
    assert network.incidents() == ["HUB-4102", "HUB-4104"]
    assert network.documents() == []


def test_the_header_of_cxml_names_both_sides(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit("partners/bluebird/partner.toml", '["ZZ:BLUEBIRD"]', '["ZZ:BLUEBIRD", "NetworkId:AN0BLUEBIRD"]')
    bench.edit("hub.toml", '["ZZ:NORTHWIND", ', '["ZZ:NORTHWIND", "NetworkId:AN0NORTHWIND", ')
    answer = """send = "xml/cxml-1.2/ConfirmationRequest"
environment = "production"
identity = "NetworkId:AN0BLUEBIRD"
our_identity = "NetworkId:AN0NORTHWIND"
"""
    bench.edit("partners/bluebird/partner.toml", 'send = "x12/004010/855"', answer)
    agree(bench, '[[agreement]]\nreceive = "xml/ubl-2.1/Order"\n')
    bench.pass_by(UBL)
    (body,) = [body for body in bench.outbox() if b"ConfirmationRequest" in body]
    header = etree.fromstring(body).find("Header")
    assert header is not None
    assert [(one.get("domain"), one.findtext("Identity")) for one in header.iter("Credential")] == [
        ("NetworkId", "AN0NORTHWIND"), ("NetworkId", "AN0BLUEBIRD"), ("NetworkId", "AN0NORTHWIND"),
    ]  # fmt: skip
