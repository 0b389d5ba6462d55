"""JSON by the mapping language: reading, writing, what is kept, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from hub.canonical import Address, Carrier, Measure, Moment, Order, Party, TrackingEvent, TrackingStatus
from hub.errors import ConfigError
from hub.mapping import Library, Mapping
from hub.syntax.json import read_json, write_json

TRACKER = """
mapping: json/tracker
document: TrackingEvent
codes:
  status: {codes: {delivered: delivered, moving: in_transit, label: pending, new: pending}, preferred: {pending: new}}
fields:
  number: code
  issued: updated | iso
  carrier: {name: carrier/name}
  measures: [{each: ., set: {type: gross_weight}, value: weight | number, unit: weight_unit}]
  events:
    each: details
    status: status | code status
    at: day + hour | moment
    text: message
    place: {city: where/city, country: where/country}
write: {object: =Tracker}
"""
PAYLOAD = b"""{"object": "Tracker", "code": "EZ1", "updated": "2026-01-22T14:30:05Z", "carrier":
 {"name": "USPS", "id": 7}, "weight": 2.50, "weight_unit": "KGM", "extra": {"a": [1, 2]}, "nothing": null,
 "details": [{"status": "new", "day": "20260122", "hour": "0915", "message": "label", "where": {"city": null}},
             {"status": "moving", "day": "20260123", "where": {"city": "Troy", "zip": "12180"}}]}"""


def mapping(spec: str, tmp_path: Path) -> Mapping:
    return Library(files={"json/tracker.yaml": spec.encode()}, cache=tmp_path).get("json/tracker")


def test_a_payload_is_read_and_written_back(tmp_path: Path) -> None:
    one = mapping(TRACKER, tmp_path)
    tree = read_json(PAYLOAD)
    reading = one.read_tree(tree)
    assert reading.findings == []
    assert reading.document == TrackingEvent(
        number="EZ1",
        issued=Moment(date="2026-01-22", time="14:30:05", zone="UTC"),
        carrier=Carrier(name="USPS"),
        measures=[Measure(type="gross_weight", value=Decimal("2.50"), unit="KGM")],
        events=[
            TrackingStatus(status="pending", at=Moment(date="2026-01-22", time="09:15"), text="label"),
            TrackingStatus(
                status="in_transit", at=Moment(date="2026-01-23"), place=Address(city="Troy"),
                ext={"json/tracker": {"where/zip": "12180"}},
            ),
        ],
        ext={"json/tracker": {"object": "Tracker", "carrier/id": 7, "extra": {"a": [1, 2]}}},
    )  # fmt: skip
    written = one.write_tree(reading.document)
    assert written.findings == []
    assert isinstance(tree, dict)
    del tree["nothing"]
    del tree["details"][0]["where"]
    assert read_json(write_json(written.tree)) == tree


def test_an_unknown_closed_code_holds_and_names_its_path(tmp_path: Path) -> None:
    reading = mapping(TRACKER, tmp_path).read_tree({"code": "1", "details": [{"status": "lost"}]})
    assert reading.document is None
    [found] = reading.findings
    assert found.code == "HUB-3201"
    assert found.message.startswith("details[1]/status (status): ")


def test_a_number_that_is_none(tmp_path: Path) -> None:
    reading = mapping(TRACKER, tmp_path).read_tree({"code": "1", "weight": True})
    assert [found.code for found in reading.findings] == ["HUB-3204"]


def test_objects_filters_and_lists(tmp_path: Path) -> None:
    spec = """
mapping: json/tracker
document: Order
fields:
  number: id
  parties:
    - {each: shipping_address#1, set: {role: ship_to}, name: name, address: {lines: street}}
    - {each: billing_address#1, set: {role: bill_to}, name: name}
  contract: attributes(key=contract)/value
"""
    one = mapping(spec, tmp_path)
    tree = {
        "id": "7",
        "shipping_address": {"name": "A", "street": ["1 Main", "Floor 2"]},
        "billing_address": {"name": "B"},
        "attributes": [{"key": "contract", "value": "C9"}],
    }
    document = one.read_tree(tree).document
    assert isinstance(document, Order)
    assert [(party.role, party.name) for party in document.parties] == [("ship_to", "A"), ("bill_to", "B")]
    assert document.contract == "C9"
    assert one.write_tree(document).tree == tree
    left = one.write_tree(Order(number="1", parties=[Party(role="carrier")]))
    assert [found.code for found in left.findings] == ["HUB-3223"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("  numer: id", '5:3: HUB-3005 Order has no field "numer"; did you mean "number"?'),
        ("  total: price", "5:10: HUB-3008 total is a decimal and no text; name a codec, as in `| number`"),
        ("  number: id | dezimal", '5:11: HUB-3011 no codec "dezimal"; did you mean "decimal"?'),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, fields: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mapping(f"mapping: json/tracker\ndocument: Order\n\nfields:\n{fields}\n", tmp_path).read_tree({})
    assert str(caught.value) == f"json/tracker.yaml:{error}"


SHOP = """
mapping: json/tracker
document: Order
given: {price/currency: currency}
fields:
  number: id
  currency: currency
  descriptions:
    - {each: ., set: {type: test}, code: test | flag}
    - {each: ., set: {type: liable}, code: channel | flag channel seller}
  taxes: [{each: ., set: {type: sales}, rate: rate | fraction}, {each: ., set: {type: vat}, rate: vat | fraction text}]
  amounts: [{each: ., set: {type: discount}, value: discount | number}]
  lines: {each: lines, number: id, quantity: {value: count | number}, price: {amount: price/value | decimal}}
"""
SOLD = b"""{"id": "1", "currency": "EUR", "test": false, "channel": true, "rate": 0.0825, "vat": "0.19", "discount": 0,
 "lines": [{"id": "a", "count": 1, "price": {"value": "2.50", "currency": "EUR"}},
           {"id": "b", "count": 1, "price": {"value": "3", "currency": "CHF"}}]}"""


def test_flags_shares_and_zeros_are_read_and_written_back(tmp_path: Path) -> None:
    one, tree = mapping(SHOP, tmp_path), read_json(SOLD)
    document = one.read_tree(tree).document
    assert isinstance(document, Order)
    assert [(told.type, told.code) for told in document.descriptions] == [("test", "false"), ("liable", "channel")]
    assert [str(tax.rate) for tax in document.taxes] == ["8.25", "19"]
    assert [amount.value for amount in document.amounts] == [0]
    assert one.write_tree(document).tree == tree


def test_what_repeats_the_document_is_no_loss_and_what_differs_is_kept(tmp_path: Path) -> None:
    document = mapping(SHOP, tmp_path).read_tree(read_json(SOLD)).document
    assert isinstance(document, Order)
    assert [line.ext for line in document.lines] == [{}, {"json/tracker": {"price/currency": "CHF"}}]


@pytest.mark.parametrize(
    ("wrong", "code"), [('"test": 1', "HUB-3204"), ('"test": "false"', "HUB-3204"), ('"rate": "much"', "HUB-3204")]
)
def test_what_is_no_flag_or_share_is_found(wrong: str, code: str, tmp_path: Path) -> None:
    name = wrong.partition(":")[0]
    right = next(part for part in ('"test": false', '"rate": 0.0825') if part.startswith(name))
    reading = mapping(SHOP, tmp_path).read_tree(read_json(SOLD.replace(right.encode(), wrong.encode())))
    assert [found.code for found in reading.findings] == [code]


def test_a_flag_of_one_word_is_refused_when_the_mapping_is_compiled(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a word for true and one for false"):
        mapping(SHOP.replace("flag channel seller", "flag channel"), tmp_path).read_tree({})
