"""XML samples beside mappings: the document each means, writing it back, and what the vocabulary says of the result."""

import re
from functools import cache
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from hub.canonical import Id, Order, Party
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.mapping.coverage import Coverage, tree_coverage
from hub.mapping.recognise import recognise
from hub.mapping.samples import run_sample, same_as_golden
from hub.mapping.xml_kept import plain
from hub.schema.content_check import check_content

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
SAMPLES = sorted(MAPPINGS.rglob("samples/*.xml"))
XSD = ROOT / "tests" / "contracts" / "ubl-2.1" / "maindoc"


@cache
def library() -> Library:
    return Library([MAPPINGS])


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD / f"UBL-{name}-2.1.xsd"))


def named(path: Path) -> str:
    return f"{path.parent.parent.relative_to(MAPPINGS).as_posix()}-{path.stem}"


def mapping_of(path: Path) -> Mapping:
    return library().get(path.parent.parent.relative_to(MAPPINGS).as_posix())


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=named)
def test_a_sample_means_its_document_and_is_written_back(path: Path, update_golden: bool) -> None:
    found = run_sample(mapping_of(path), path.read_bytes())
    assert [one for one in found if one.faulty] == []
    golden = path.with_suffix(".json")
    if update_golden:
        golden.write_bytes(msgspec.json.format(msgspec.json.encode([one.golden() for one in found]), indent=1) + b"\n")
    assert same_as_golden(found, msgspec.json.decode(golden.read_bytes()))


LESS_READ = {"cxml/InvoiceDetailRequest": 97, "ubl/TransportationStatus": 90}
"""Types of which less than 98 % is read: empty amounts that name a currency; a sample of UBL's extensions."""


@pytest.mark.parametrize("id", sorted({mapping_of(path).id for path in SAMPLES}))
def test_rules_read_nearly_all_of_the_samples_of_each_type(id: str) -> None:
    mapping, found = library().get(id), Coverage(0, 0)
    for path in (MAPPINGS / id / "samples").glob("*.xml"):
        document = mapping.read_payload(path.read_bytes()).document
        if document is not None and mapping.xml is not None:
            found += tree_coverage(mapping, plain(mapping.xml.nodes(path.read_bytes())), document)
    assert found.elements > 0
    assert found.percent >= LESS_READ.get(id, 98)


@pytest.mark.parametrize("path", SAMPLES, ids=named)
def test_a_sample_is_recognised(path: Path) -> None:
    found = recognise(path.read_bytes(), library())
    assert found is not None
    assert found.mapping == mapping_of(path).id


UBL = [path for path in SAMPLES if (XSD / f"UBL-{path.parent.parent.name}-2.1.xsd").is_file()]


@pytest.mark.parametrize("path", UBL, ids=named)
def test_what_is_written_is_valid(path: Path) -> None:
    mapping = mapping_of(path)
    document = mapping.read_payload(path.read_bytes()).document
    if document is None:
        return
    for clean in (document, stripped(document)):
        written = mapping.write_payload(clean, {"currency": "EUR"})
        assert [found for found in written.findings if found.severity != "warn"] == []
        xsd = schema(mapping.type)
        assert xsd.validate(etree.fromstring(written.body)), xsd.error_log


def stripped(part: msgspec.Struct) -> msgspec.Struct:
    """The part as another standard would give it: without what the message's own mapping kept."""
    values = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if name == "ext":
            value = {}
        elif isinstance(value, list):
            value = [stripped(one) if isinstance(one, msgspec.Struct) else one for one in value]
        elif isinstance(value, msgspec.Struct):
            value = stripped(value)
        values[name] = value
    return type(part)(**values)


@pytest.mark.parametrize("path", UBL, ids=named)
def test_the_content_model_says_what_the_schema_says(path: Path) -> None:
    mapping = mapping_of(path)
    assert mapping.xml is not None
    assert mapping.xml.model is not None
    data = path.read_bytes()
    found = check_content(mapping.xml.nodes(data), mapping.xml.model, data)
    assert (found == []) is schema(mapping.type).validate(etree.fromstring(data))


def test_an_invoice_is_of_a_profile_by_the_agreements_own_options() -> None:
    mapping = library().get("ubl/Invoice")
    path = MAPPINGS / "ubl" / "Invoice" / "samples" / "UBL-Invoice-2.1-Example.xml"
    document = mapping.read_payload(path.read_bytes()).document
    assert document is not None
    options = {"customization_id": "urn:of:us", "profile_id": "urn:ours"}
    written = mapping.write_payload(document, options)
    assert mapping.xml is not None
    root = mapping.xml.nodes(written.body)
    assert [kid.text for kid in root.kids if kid.tag in ("cbc:CustomizationID", "cbc:ProfileID")] == [*options.values()]
    assert schema("Invoice").validate(etree.fromstring(written.body))


PEPPOL = {
    "Invoice/samples/peppol-1.xml": "billing:3.0",
    "CreditNote/samples/credit-note-peppol.xml": "billing:3.0",
    "Order/samples/UBL-Order-2.1-Example.xml": "order:3",
}


@pytest.mark.parametrize("name", PEPPOL)
def test_a_document_becomes_one_of_peppol_by_the_agreement(name: str) -> None:
    path = MAPPINGS / "ubl" / name
    mapping = mapping_of(path)
    document = mapping.read_payload(path.read_bytes()).document
    assert document is not None
    written = mapping.write_payload(stripped(document), {"profile": "peppol", "currency": "EUR"})
    assert [found.message for found in written.findings if found.severity != "warn"] == []
    root = etree.fromstring(written.body)
    assert schema(mapping.type).validate(root)
    assert (root.findtext("{*}CustomizationID") or "").endswith(PEPPOL[name])


def test_what_peppol_asks_for_and_the_document_lacks_is_told() -> None:
    mapping = library().get("ubl/Invoice")
    path = MAPPINGS / "ubl" / "Invoice" / "samples" / "peppol-1.xml"
    whole = path.read_bytes()
    lacking = re.sub(rb'<cbc:EndpointID schemeID="[^"]*">', b"<cbc:EndpointID>", whole, count=1)
    lacking = re.sub(rb"(?s)<cac:ClassifiedTaxCategory>.*?</cac:ClassifiedTaxCategory>", b"", lacking)
    assert lacking != whole
    document = mapping.read_payload(lacking).document
    assert document is not None
    found = mapping.write_payload(document, {"profile": "peppol"}).findings
    assert [(one.code, one.expected) for one in found] == [
        ("HUB-3231", "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID/@schemeID"),
        ("HUB-3231", "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:ID"),
    ]
    assert "must be there by the profile peppol" in found[0].message


def test_peppol_sends_to_a_partys_number_where_it_has_no_endpoint() -> None:
    order = Order(
        number="PO-1",
        parties=[
            Party(role="buyer", ids=[Id(scheme="buyer_assigned", value="7"), Id(scheme="gln", value="5412345000013")]),
            Party(role="seller", ids=[Id(scheme="duns", value="8"), Id(scheme="endpoint_gln", value="4012345500004")]),
            Party(role="bill_to", ids=[Id(scheme="gln", value="5412345000037")]),
        ],
    )
    mapping = library().get("ubl/Order")
    root = etree.fromstring(mapping.write_payload(order, {"profile": "peppol", "currency": "EUR"}).body)
    assert [(one.get("schemeID"), one.text) for one in root.iter("{*}EndpointID")] == [
        ("0088", "5412345000013"),
        ("0088", "4012345500004"),
    ]
    plain = etree.fromstring(mapping.write_payload(order, {"currency": "EUR"}).body)
    assert len(list(plain.iter("{*}EndpointID"))) == 1


def test_a_profile_nobody_knows_is_a_mistake() -> None:
    mapping = library().get("ubl/ReceiptAdvice")
    path = MAPPINGS / "ubl" / "ReceiptAdvice" / "samples" / "UBL-ReceiptAdvice-2.0-Example.xml"
    document = mapping.read_payload(path.read_bytes()).document
    assert document is not None
    with pytest.raises(ConfigError, match='has no profile "pepol"'):
        mapping.write_payload(document, {"profile": "pepol"})


def test_a_cxml_order_written_fresh_has_an_id_of_its_own_and_has_it_again() -> None:
    mapping = library().get("cxml/OrderRequest")

    def sent(order: Order, sender: str) -> bytes:
        return mapping.write_payload(order, {"sender_identity": sender}).body

    first = sent(Order(number="PO-1"), "buyer.example")
    assert first == sent(Order(number="PO-1"), "buyer.example")
    ids = {
        etree.fromstring(body).get("payloadID")
        for body in (first, sent(Order(number="PO-2"), "buyer.example"), sent(Order(number="PO-1"), "b"))
    }
    assert len(ids) == 3
    read = mapping.read_payload(first).document
    assert read is not None
    assert read.id in ids
    assert sent(read, "another") == first.replace(b"buyer.example", b"another").replace(b"@another", b"@buyer.example")
    assert [kid.tag for kid in etree.fromstring(first)] == ["Header", "Request"]
