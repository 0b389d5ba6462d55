"""Packages in packages in XML: UBL packages of handling units, and the handling units and their items of DELVRY07."""

from decimal import Decimal

import pytest
from lxml import etree

from hub.canonical import Content, Id, Moment, OrderRef, Package, Quantity, ShipNotice, ShippedOrder
from hub.syntax.nodes import Node
from tests.unit.test_mapping_across import library
from tests.unit.test_mapping_xml_samples import MAPPINGS, schema


def notice() -> ShipNotice:
    """A pallet that holds a carton, which holds a box; and a carton beside it."""
    packages = [
        Package(id="a", kind="pallet", sscc="340123450000000018"),
        Package(id="b", parent="a", kind="carton", sscc="340123450000000025"),
        Package(id="c", parent="b", kind="box", sscc="340123450000000032"),
        Package(id="d", kind="carton", sscc="340123450000000049"),
    ]
    inside = [("1", "b", 4), ("1", "c", 2), ("2", "d", 1), ("3", None, 7)]
    contents = [
        Content(
            number=number, order="o1", package=package, ids=[Id(scheme="vendor", value=f"V{number}")],
            quantity=Quantity(value=Decimal(count), unit="H87"),
        )
        for number, package, count in inside
    ]  # fmt: skip
    return ShipNotice(
        number="S1", issued=Moment(date="2026-01-22"), packages=packages, contents=contents,
        orders=[ShippedOrder(id="o1", order=OrderRef(number="PO1"))],
    )  # fmt: skip


@pytest.mark.parametrize("id", ["ubl/DespatchAdvice", "idoc/DESADV", "gs1/despatchAdvice"])
def test_a_box_in_a_carton_on_a_pallet_comes_back(id: str) -> None:
    mapping = library().get(id)
    written = mapping.write_payload(notice())
    assert [found for found in written.findings if found.code == "HUB-3223"] == []
    back = mapping.read_payload(written.body).document
    assert isinstance(back, ShipNotice)
    called = {one.id: one.sscc for one in back.packages}
    assert [(one.sscc, called.get(one.parent or "")) for one in back.packages] == [
        ("340123450000000018", None),
        ("340123450000000025", "340123450000000018"),
        ("340123450000000032", "340123450000000025"),
        ("340123450000000049", None),
    ]
    inside = [
        (one.number, called.get(one.package or ""), str(one.quantity and one.quantity.value)) for one in back.contents
    ]
    assert inside == [
        ("1", "340123450000000025", "4"), ("1", "340123450000000032", "2"), ("2", "340123450000000049", "1"),
        ("3", None, "7"),
    ]  # fmt: skip


def test_packages_of_ubl_stand_in_each_other_and_are_valid() -> None:
    mapping = library().get("ubl/DespatchAdvice")
    document = notice()
    sample = MAPPINGS / "ubl/DespatchAdvice/samples/UBL-DespatchAdvice-2.0-Example.xml"
    read = mapping.read_payload(sample.read_bytes()).document
    assert read is not None
    document.parties = read.parties
    written = mapping.write_payload(document)
    assert written.findings == []
    assert schema("DespatchAdvice").validate(etree.fromstring(written.body)), schema("DespatchAdvice").error_log
    assert mapping.xml is not None
    root = mapping.xml.nodes(written.body)
    [shipment] = root.named("cac:Shipment")
    [pallet, loose] = shipment.named("cac:TransportHandlingUnit")
    [carton] = pallet.named("cac:Package")
    [box] = carton.named("cac:ContainedPackage")
    assert [texts(one) for one in (pallet, carton, box, loose)] == [
        ["340123450000000018", "PX"], ["340123450000000025", "CT"], ["340123450000000032", "BX"],
        ["340123450000000049", "CT"],
    ]  # fmt: skip


def texts(node: Node) -> list[str]:
    return [kid.text for kid in node.kids if kid.text]


def item(number: str, amount: str, more: str = "") -> str:
    return (
        f'<E1EDL44 SEGMENT="1"><VELIN>1</VELIN><VBELN>80</VBELN><POSNR>{number}</POSNR><VEMNG>{amount}</VEMNG>'
        f"<VEMEH>PCE</VEMEH>{more}</E1EDL44>"
    )


def line(number: str, amount: str) -> str:
    return (
        f'<E1EDL24 SEGMENT="1"><POSNR>{number}</POSNR><MATNR>M1</MATNR><LFIMG>{amount}</LFIMG><VRKME>PCE</VRKME>'
        "</E1EDL24>"
    )


DELIVERY = f"""<DELVRY07><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><MESTYP>DESADV</MESTYP></EDI_DC40>
<E1EDL20 SEGMENT="1"><VBELN>80</VBELN>{line("000010", "5.000")}{line("000020", "9.000")}
<E1EDL37 SEGMENT="1"><EXIDV>C1</EXIDV>{item("000010", "2.000", "<MATNR>M1</MATNR>")}</E1EDL37>
<E1EDL37 SEGMENT="1"><EXIDV>C2</EXIDV>{item("000010", "3.000")}{item("000020", "8.000")}</E1EDL37>
<E1EDL37 SEGMENT="1"><EXIDV>P1</EXIDV>
 <E1EDL44 SEGMENT="1"><VELIN>3</VELIN><EXIDV>C1</EXIDV></E1EDL44>
 <E1EDL44 SEGMENT="1"><VELIN>3</VELIN><EXIDV>C2</EXIDV></E1EDL44>
</E1EDL37></E1EDL20></IDOC></DELVRY07>""".encode()


def test_a_line_in_two_handling_units_is_two_contents_and_one_line_again() -> None:
    mapping = library().get("idoc/DESADV")
    document = mapping.read_payload(DELIVERY).document
    assert isinstance(document, ShipNotice)
    assert [(one.sscc, one.parent) for one in document.packages] == [("C1", "p3"), ("C2", "p3"), ("P1", None)]
    assert [(one.entry, one.package, one.quantity and str(one.quantity.value)) for one in document.contents] == [
        ("000010", "p1", "2.000"), ("000010", "p2", "3.000"), ("000020", None, "9.000"),
    ]  # fmt: skip
    written = mapping.write_payload(document)
    assert written.findings == []
    assert mapping.xml is not None
    before, after = (sorted(leaves(mapping.xml.nodes(body))) for body in (DELIVERY, written.body))
    assert [one for one in after if "EDI_DC40" not in one] == [one for one in before if "EDI_DC40" not in one]


def leaves(node: Node, way: str = "") -> list[str]:
    here = f"{way}/{node.tag}"
    return ([f"{here}={node.text}"] if node.text else []) + [leaf for kid in node.kids for leaf in leaves(kid, here)]


def test_a_package_without_a_number_cannot_be_told_to_stand_in_another() -> None:
    document = notice()
    document.packages[1].sscc = None
    found = library().get("idoc/DESADV").write_payload(document).findings
    assert [one.code for one in found] == ["HUB-3223"]
    assert "no SSCC or number" in found[0].message
