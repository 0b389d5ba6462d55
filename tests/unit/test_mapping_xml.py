"""XML by the mapping language: places, tests, lists, what is kept, what is added, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from hub.canonical import Address, Moment, Order, OrderLine, Party, Price, Quantity, Reference
from hub.errors import ConfigError, DataError
from hub.mapping import Library, Mapping
from hub.mapping.recognise import recognise
from hub.mapping.xml_read import xpath
from hub.syntax.nodes import Node, place_of, to_nodes, write_nodes
from hub.syntax.xml import read_xml

SHOP = """
mapping: shop/Order
versions: ['1']
document: Order
namespaces: {o: 'urn:shop', x: 'urn:extra'}
root: o:Order(o:Kind=PO)
envelope: {sender: o:From/@scheme + o:From, receiver: o:To, control_number: ./@id, test: ./@mode=test}
given: {o:Amount/@currency: currency}
sequence: {o:Order: [o:Kind, o:No, o:Day, o:Time, o:Currency, o:Ref, o:Party, o:Line], o:Line: [o:Qty, o:Amount]}
codes:
  unit: {codes: {EA: H87, PC: H87, KGM: KGM}, preferred: {H87: EA}}
  role: {codes: {B: buyer, S: ship_to}}
fields:
  number: o:No
  issued: o:Day + o:Time | iso
  currency: o:Currency | raw
  references:
    - {each: o:Ref(@type=CT), set: {type: contract}, value: .}
    - {each: o:Ref, set: {type: other}, value: .}
    - {each: ., set: {type: department}, value: o:Extra/@dept}
  parties:
    - each: o:Party(o:Role=B|S)
      role: o:Role | code role
      name: o:Name
      address: {lines: [o:Street, 'o:More#*/o:Text'], city: o:City}
  lines:
    each: o:Line
    number: ./@no | else position
    quantity: {value: o:Qty | decimal, unit: o:Qty/@unit | unit}
    price: {amount: o:Amount | decimal}
fixed: {o:Kind: PO}
"""
PAYLOAD = b"""<?xml version="1.0"?>
<p:Order xmlns:p="urn:shop" xmlns:x="urn:extra" xmlns:z="urn:foreign" id="7" mode="test">
 <p:From scheme="GLN">54</p:From><p:To>77</p:To>
 <p:Kind>PO</p:Kind><p:No> A1 </p:No><p:Day>2026-01-22Z</p:Day><p:Time>14:30:00</p:Time><p:Currency>EUR</p:Currency>
 <p:Ref type="CT">C9</p:Ref><p:Ref>R1</p:Ref><p:Extra dept="12" x:note="keep"/>
 <p:Party><p:Role>B</p:Role><p:Name>A &amp; B</p:Name>
  <p:More><p:Text>Floor 2</p:Text></p:More><p:City>Troy</p:City></p:Party>
 <p:Party><p:Role>X</p:Role><p:Name>kept</p:Name></p:Party>
 <p:Line no="1"><p:Qty unit="PC">5.0</p:Qty><p:Amount currency="EUR">2.50</p:Amount><z:Own a="b">t</z:Own></p:Line>
 <p:Line no="2"><p:Qty unit="KGM">1</p:Qty><p:Amount currency="USD">3</p:Amount></p:Line>
</p:Order>
"""


def mapping(tmp_path: Path, spec: str = SHOP) -> Mapping:
    return Library(files={"shop/Order.yaml": spec.encode()}, cache=tmp_path).get("shop/Order")


def test_a_payload_is_read(tmp_path: Path) -> None:
    reading = mapping(tmp_path).read_payload(PAYLOAD)
    assert reading.findings == []
    order = reading.document
    assert isinstance(order, Order)
    assert (order.number, order.currency) == ("A1", "EUR")
    assert order.issued == Moment(date="2026-01-22", time="14:30")
    assert [(one.type, one.value) for one in order.references] == [
        ("contract", "C9"), ("other", "R1"), ("department", "12")
    ]  # fmt: skip
    [buyer] = order.parties
    assert (buyer.role, buyer.name, buyer.address) == ("buyer", "A & B", Address(lines=["Floor 2"], city="Troy"))
    assert [line.quantity for line in order.lines] == [
        Quantity(value=Decimal("5.0"), unit="H87"), Quantity(value=Decimal(1), unit="KGM")
    ]  # fmt: skip
    assert order.lines[0].ext["shop/Order"]["{urn:foreign}Own"] == [[0, {"@a": "b", ".": "t"}]]
    assert order.lines[1].ext["shop/Order"]["o:Amount/@currency"] == "USD"
    assert order.ext["shop/Order"]["o:Party"] == [[1, {"/": [["o:Role", "X"], ["o:Name", "kept"]]}]]


def test_what_is_written_is_what_was_read(tmp_path: Path) -> None:
    one = mapping(tmp_path)
    order = one.read_payload(PAYLOAD).document
    assert order is not None
    written = one.write_payload(order)
    assert written.findings == []
    assert one.read_payload(written.body).document == order
    before, after = (to_nodes(read_xml(body), {"o": "urn:shop", "x": "urn:extra"}) for body in (PAYLOAD, written.body))
    assert sorted(values(after)) == sorted(values(before))
    assert [kid.tag for kid in after.kids][:4] == ["o:Kind", "o:No", "o:Day", "o:Time"]
    assert written.body.count(b"xmlns:o=") == 1


def values(node: Node, way: str = "") -> list[str]:
    here = f"{way}/{node.tag}"
    own = [f"{here}@{name}={value}" for name, value in node.attributes.items()]
    own += [f"{here}={node.text}"] if node.text else []
    return own + [value for kid in node.kids for value in values(kid, here)]


def test_a_document_of_another_standard_is_written(tmp_path: Path) -> None:
    order = Order(
        number="1", currency="EUR", issued=Moment(date="2026-01-22"),
        references=[Reference(type="contract", value="C"), Reference(type="vendor_order", value="V")],
        parties=[Party(role="carrier"), Party(role="ship_to", address=Address(lines=["a", "b", "c"]))],
        lines=[
            OrderLine(
                quantity=Quantity(value=Decimal(2), unit="H87"), price=Price(amount=Decimal("1.50"), per=Decimal(3))
            )
        ],
    )  # fmt: skip
    written = mapping(tmp_path).write_payload(order)
    assert [(found.code, found.value) for found in written.findings] == [
        ("HUB-3223", "vendor_order"), ("HUB-3223", "carrier"), ("HUB-3224", "3")
    ]  # fmt: skip
    assert written.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<o:Order xmlns:o="urn:shop"><o:Kind>PO</o:Kind><o:No>1</o:No>'
        '<o:Day>2026-01-22</o:Day><o:Currency>EUR</o:Currency><o:Ref type="CT">C</o:Ref><o:Party><o:Role>S</o:Role>'
        "<o:Street>a</o:Street><o:More><o:Text>b</o:Text></o:More><o:More><o:Text>c</o:Text></o:More></o:Party>"
        '<o:Line no="1"><o:Qty unit="EA">2</o:Qty><o:Amount currency="EUR">1.50</o:Amount></o:Line></o:Order>\n'
    )


def test_an_attribute_that_must_be_there_and_is_not_known(tmp_path: Path) -> None:
    order = Order(number="1", lines=[OrderLine(price=Price(amount=Decimal(1)))])
    one = mapping(tmp_path)
    assert [found.code for found in one.write_payload(order).findings] == ["HUB-3229"]
    written = one.write_payload(order, {"currency": "CHF"})
    assert written.findings == []
    assert b'<o:Amount currency="CHF">1</o:Amount>' in written.body


def test_faults_name_line_path_and_byte(tmp_path: Path) -> None:
    bad = PAYLOAD.replace(b'unit="KGM"', b'unit="TON"').replace(b">5.0<", b">five<").replace(b">PO<", b">SO<")
    reading = mapping(tmp_path).read_payload(bad)
    assert reading.document is None
    assert [found.code for found in reading.findings] == ["HUB-3205", "HUB-3204", "HUB-3202"]
    found = reading.findings[1]
    assert found.message.startswith("/o:Order/o:Line[1]/o:Qty, line 9: o:Qty (quantity.value): ")
    assert found.location.offset == bad.index(b"<p:Qty")


def test_a_payload_is_recognised(tmp_path: Path) -> None:
    library = Library(files={"shop/Order.yaml": SHOP.encode()}, cache=tmp_path)
    found = recognise(PAYLOAD, library)
    assert found is not None
    assert (found.mapping, found.family, found.version, found.type) == ("shop/Order", "shop", "1", "Order")
    assert (found.sender, found.receiver, found.control_number, found.test) == ("GLN:54", ":77", "7", True)
    assert recognise(PAYLOAD.replace(b">PO<", b">SO<"), library) is None
    assert recognise(PAYLOAD.replace(b"urn:shop", b"urn:else"), library) is None


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("  number: o:No", "  number: o:No[1]", 'HUB-3002 "o:No[1]" is not a place'),
        ("  number: o:No", "  numer: o:No", 'HUB-3005 Order has no field "numer"; did you mean "number"?'),
        ("| decimal}", "| dezimal}", 'HUB-3011 no codec "dezimal"; did you mean "decimal"?'),
        ("code role\n", "code rolle\n", 'HUB-3012 no code table "rolle"; did you mean "role"?'),
        ("o:No\n", "o:No | decimal\n", "HUB-3008 number is a str, and `decimal` gives none"),
        ("o:Role=B|S", "o:Art=B|S", "HUB-3016 a rule must read o:Art, or a writer could not choose its value"),
        ("fixed:", "fxed:", 'HUB-3010 "fxed" is not a key of an XML mapping; did you mean "fixed"?'),
    ],
)  # fmt: skip
def test_a_fault_of_a_mapping_names_its_place(tmp_path: Path, old: str, new: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _ = mapping(tmp_path, SHOP.replace(old, new, 1)).xml.plan  # type: ignore[union-attr]
    assert error in str(caught.value)
    assert str(caught.value).startswith("shop/Order.yaml:")


SPLIT = """
mapping: shop/Order
document: Order
root: Order
split: {Group: Item}
everywhere: {S: '1'}
void: ['00000000']
fields:
  lines:
    each: Group
    number: Item/No
    references: [{each: ., set: {type: group}, value: Name}]
    dates: [{each: ., set: {type: due}, at: Item/Day | date}]
"""


def test_outer_elements_are_split_and_joined_again(tmp_path: Path) -> None:
    one = mapping(tmp_path, SPLIT)
    body = (
        b'<Order><Group><Name>a</Name><Item S="1"><No>1</No><Day>00000000</Day></Item>'
        b'<Item S="1"><No>2</No></Item></Group>'
        b'<Group><Name>b</Name><Item S="1"><No>3</No><Day>20260122</Day></Item></Group></Order>'
    )  # fmt: skip
    order = one.read_payload(body).document
    assert isinstance(order, Order)
    assert [(line.number, line.references[0].value) for line in order.lines] == [("1", "a"), ("2", "a"), ("3", "b")]
    assert [len(line.dates) for line in order.lines] == [0, 0, 1]
    written = one.write_payload(order).body
    assert plain(written) == plain(body)


def plain(body: bytes) -> list[str]:
    return sorted(values(to_nodes(read_xml(body), {})))


def test_text_that_xml_cannot_hold_is_refused() -> None:
    node = Node("a", "x\x01y")
    with pytest.raises(DataError) as caught:
        write_nodes(node, {})
    assert caught.value.code == "HUB-1082"


def test_markup_in_text_and_attributes_comes_back() -> None:
    node = Node("a", "<&>\r\n\"'")
    node.attributes["b"] = "<&>\"\t\n'"
    back = to_nodes(read_xml(write_nodes(node, {})), {})
    assert (back.text, back.attributes["b"]) == (node.text, node.attributes["b"])


def test_the_place_of_an_element_is_found_behind_comments_and_cdata() -> None:
    head = b'<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "x" [<!ELEMENT a ANY>]>\n'
    data = head + b'<a><!-- <b> --><![CDATA[<c>]]>\n<d e=">"/><f/></a>'
    assert place_of(data, 3) == (4, data.index(b"<f/>"))
    root = to_nodes(read_xml(data), {})
    assert xpath(root, 3) == "/a/f"
