"""Samples of JSON beside their mappings: golden documents, what comes back, and the platforms' own models."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from hub.mapping import Library
from hub.mapping.samples import run_sample, same_as_golden
from hub.mapping.variants import strip
from hub.syntax.json import read_json, write_json

MAPPINGS = Path(__file__).parents[2] / "mappings"
MODELS = Path(__file__).parents[1] / "contracts" / "api-models"
SAMPLES = sorted(MAPPINGS.rglob("json/**/*.payload.json"))

CHECKED = {
    "json/amazon/order": ("amazon-orders", "GetOrderResponse"),
    "json/amazon-vendor/order": ("amazon-vendor-orders", "GetPurchaseOrderResponse"),
    "json/amazon-vendor/acknowledgement": ("amazon-vendor-orders", "SubmitAcknowledgementRequest"),
    "json/amazon-vendor/shipment": ("amazon-vendor-shipments", "SubmitShipmentConfirmationsRequest"),
    "json/amazon-vendor/invoice": ("amazon-vendor-invoices", "SubmitInvoicesRequest"),
    "json/amazon-direct/order": ("amazon-direct-orders", "Order"),
    "json/amazon-direct/acknowledgement": ("amazon-direct-orders", "SubmitAcknowledgementRequest"),
    "json/amazon-direct/shipment": ("amazon-direct-shipping", "SubmitShipmentConfirmationsRequest"),
    "json/amazon-direct/inventory": ("amazon-direct-inventory", "SubmitInventoryUpdateRequest"),
    "json/walmart/cancellation": ("walmart-orders", "Cancelling"),
    "json/walmart/stock": ("walmart-inventory", "Inventory"),
    "json/ebay/order": ("ebay-fulfillment", "Order"),
    "json/ebay/shipment": ("ebay-fulfillment", "ShippingFulfillmentDetails"),
}
"""The model each payload is of. Walmart's model of whole orders and shipments names the wrong lines, so those are
checked line by line."""

SENT = [id for id in CHECKED if not id.endswith("/order")]
"""What the hub sends, and so must write rightly from a document of any origin."""


@cache
def library() -> Library:
    return Library([MAPPINGS])


def id_of(path: Path) -> str:
    return path.parent.parent.relative_to(MAPPINGS).as_posix()


@pytest.mark.parametrize("path", SAMPLES, ids=id_of)
def test_a_sample_means_its_document_and_is_written_back(path: Path, update_golden: bool) -> None:
    found = run_sample(library().get(id_of(path)), path.read_bytes())
    assert [one for one in found if one.faulty] == []
    assert [one.written for one in found] == ["identical"]
    golden = path.with_name(path.name.replace(".payload", ""))
    if update_golden:
        golden.write_bytes(msgspec.json.format(msgspec.json.encode([one.golden() for one in found]), indent=1) + b"\n")
    assert same_as_golden(found, msgspec.json.decode(golden.read_bytes()))


def faults(tree: object, model: str, name: str) -> list[str]:
    """What the model finds wrong. JSON numbers are judged as Python's own."""
    spec = msgspec.json.decode((MODELS / f"{model}.json").read_bytes())
    validator = jsonschema.Draft4Validator(spec | {"$ref": f"#/definitions/{name}"})
    plain = msgspec.json.decode(write_json(tree))
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(plain)]


@pytest.mark.parametrize("path", [path for path in SAMPLES if id_of(path) in CHECKED], ids=id_of)
def test_a_sample_is_what_the_platform_says_it_is(path: Path) -> None:
    assert faults(read_json(path.read_bytes()), *CHECKED[id_of(path)]) == []


@pytest.mark.parametrize("path", [path for path in SAMPLES if id_of(path) in SENT], ids=id_of)
def test_what_is_sent_needs_nothing_the_platform_itself_said(path: Path) -> None:
    mapping = library().get(id_of(path))
    document = mapping.read_payload(path.read_bytes()).document
    assert document is not None
    written = mapping.write_tree(strip(document))
    assert faults(written.tree, *CHECKED[id_of(path)]) == []


def lines_of(tree: Any, root: str) -> Iterator[Any]:
    yield from tree[root]["orderLines"]["orderLine"]


@pytest.mark.parametrize(
    ("id", "root", "model"),
    [("json/walmart/order", "order", "OrderLineType"), ("json/walmart/shipment", "orderShipment", "ShippingLineType")],
)
def test_lines_at_walmart_are_what_the_platform_says_they_are(id: str, root: str, model: str) -> None:
    [path] = (path for path in SAMPLES if id_of(path) == id)
    for line in lines_of(read_json(path.read_bytes()), root):
        assert faults(line, "walmart-orders", model) == []


def test_how_an_order_was_paid_is_no_note_of_its_customer() -> None:
    mapping = Library([MAPPINGS]).get("json/woocommerce/order")
    tree = read_json((MAPPINGS / mapping.id / "samples" / "webhook.payload.json").read_bytes())
    assert isinstance(tree, dict)
    (found,) = run_sample(mapping, write_json(tree | {"customer_note": ""}))
    assert (found.lost, found.added, found.drift, found.broken) == ([], [], [], [])
