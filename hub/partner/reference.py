"""What agreements speak of: `standard/version/type`, how near a version is to it, and the documents a type holds."""

import re
from typing import NamedTuple

import hub.canonical

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|\*")

_X12_VERSION = re.compile(r"\d{6}[A-Za-z0-9]{0,6}|\*")

STANDARDS = ("x12", "edifact", "xml", "json", "csv", "fixed")
ENVELOPED = ("x12", "edifact")
"""Standards whose envelope names sender and receiver. With the others the connection alone says who it is."""

COPY = "json/canonical"
"""What a merchant's system receives: the canonical document itself."""

_DOCUMENTS = {
    "Order": (
        "x12/850",
        "edifact/ORDERS",
        "xml/Order",
        "xml/ORDERS",
        "xml/OrderRequest",
        "csv/order",
        "fixed/order",
        "json/order",
    ),
    "OrderResponse": (
        "x12/855",
        "x12/865",
        "edifact/ORDRSP",
        "xml/OrderResponse",
        "xml/ORDRSP",
        "xml/ConfirmationRequest",
        "json/acknowledgement",
        "json/cancellation",
    ),
    "WarehouseOrder": ("x12/940",),
    "ShipmentConfirmation": ("x12/945", "csv/shipment"),
    "InventoryReport": ("csv/inventory", "xml/InventoryReport", "json/inventory", "json/stock"),
    "ShipNotice": (
        "x12/856",
        "edifact/DESADV",
        "xml/DespatchAdvice",
        "xml/DESADV",
        "xml/ShipNoticeRequest",
        "json/shipment",
    ),
    "Invoice": (
        "x12/810",
        "edifact/INVOIC",
        "xml/Invoice",
        "xml/CreditNote",
        "xml/INVOIC",
        "xml/InvoiceDetailRequest",
        "json/invoice",
    ),
    "OrderChange": ("xml/OrderChange", "xml/OrderCancellation", "xml/OrderRequestUpdate"),
    "ReceiptAdvice": ("xml/ReceiptAdvice",),
    "Remittance": ("xml/RemittanceAdvice",),
    "BusinessAnswer": ("xml/ApplicationResponse",),
    "TrackingEvent": ("x12/214", "edifact/IFTSTA"),
}
_DOCUMENT_OF = {type_: document for document, types in _DOCUMENTS.items() for type_ in types}

DOCUMENTS = tuple(hub.canonical.DOCUMENTS)
"""The names of the canonical documents."""


class Reference(NamedTuple):
    """`x12/004010/850` in its parts; version "" for json/canonical, "*" for any."""

    standard: str
    version: str
    type: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part)

    @property
    def document(self) -> str | None:
        """The canonical document this type is written from; None: more than one could be, or none is known."""
        return _DOCUMENT_OF.get(f"{self.standard}/{self.type}")


def parse_reference(text: str) -> Reference:
    """`standard/version/type` or json/canonical. ValueError: anything else."""
    if text == COPY:
        return Reference("json", "", "canonical")
    parts = text.split("/")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f'found "{text}", expected standard/version/type such as x12/004010/850')
    if parts[0] not in STANDARDS:
        raise ValueError(f'found standard "{parts[0]}", expected one of {", ".join(STANDARDS)}')
    if parts[2] == "*":
        raise ValueError(f'found "{text}"; an agreement names its type, only the version may be *')
    if parts[0] == "x12" and not _X12_VERSION.fullmatch(parts[1]):
        raise ValueError(f'found version "{parts[1]}", expected it as GS08 writes it: 004010')
    return Reference(*parts)


def _plain(version: str) -> str:
    return re.sub(r"[ .]", "", version).lower()


def nearness(agreed: str, version: str, association: str | None = None) -> int | None:
    """How near an agreed version is to a message's: the greater the nearer; None: it does not serve.

    Versions as sent: GS08 "004010VICS", UNH "D.96A" ("D. 96A" too) with the association 0057 "EAN008". An agreed
    version may name the association: "d96a-ean008". "*" serves any version.
    """
    if agreed == "*":
        return 0
    if agreed == version:  # json/amazon-vendor: the hyphen of a family stands before no association
        return 2
    wanted, _, wanted_association = _plain(agreed).partition("-")
    found, found_association = _plain(version), _plain(association or "")
    if wanted != found:
        # 004010VICS and 004010 are each other's neighbours: the release is in the first six digits (X12 element 480).
        same_release = wanted[:6] == found[:6] and wanted[:6].isdigit()
        return 1 if same_release and not wanted_association else None
    if not wanted_association:
        return 2
    if wanted_association == found_association:
        return 4
    # EAN008 serves EAN008B: a letter behind is a maintenance issue of the same subset.
    return 3 if found_association.startswith(wanted_association) else None
