"""Documents that count once: what was invoiced, paid, received or adjusted comes again in a new envelope at times."""

from sqlalchemy import Connection

from hub.canonical import Document, FreightInvoice, InventoryAdjustment, Invoice, ReceiptAdvice, Remittance, decode
from hub.orders.difference import differences
from hub.orders.intake import REPEATS, REUSE_AFTER
from hub.orders.model import Context, Outcome
from hub.store.documents import came_before

CountsOnce = Invoice | FreightInvoice | Remittance | ReceiptAdvice | InventoryAdjustment


def take_once(conn: Connection, document: CountsOnce, context: Context) -> Outcome:
    """The same again changes nothing and nobody hears of it. Under an invoice's number other content is held, ignored
    or rejected, as the agreement says; of a receipt there may be several parts."""
    kind = type(document).__name__
    fresh = Outcome(note=f"a {kind} changes no order yet; it is kept")
    if not document.number:
        return fresh
    whose = {"partner": context.partner, **context.scope}
    since = context.now - REUSE_AFTER
    before = came_before(conn, context.document_id, type=kind, number=document.number, since=since, **whose)
    changed = ""
    for row in before:
        earlier = decode(row["body"])
        found = differences(earlier, document)
        if document.purpose in REPEATS:
            found = [text for text in found if not text.startswith("purpose:")]
        if not found:
            return Outcome(order_id=row["order_id"], note=f"the same {kind} again: nothing done", repeated=True)
        if _is_same_invoice(earlier, document):
            changed = changed or "; ".join(found)
    if not changed:
        return fresh
    text = f"Invoice {document.number} came before with other content ({changed})."
    wanted = context.duplicate()
    if wanted == "ignore":
        return Outcome(note=f"{text} The first one counts.", repeated=True)
    if wanted == "reject":
        return Outcome(rejected=f"{text} It is rejected.", code="HUB-8012")
    advice = "If this one counts, edit it and call its kind corrected; if not, ignore it."
    return Outcome(hold=f"{text} {advice}", code="HUB-8012")


def _is_same_invoice(earlier: Document, document: CountsOnce) -> bool:
    """A credit note, or one that corrects or replaces, may bear the number of the first."""
    if not isinstance(document, Invoice | FreightInvoice) or type(earlier) is not type(document):
        return False
    same = (document.kind, None if document.purpose in REPEATS else document.purpose)
    return same == (earlier.kind, None if document.purpose in REPEATS else earlier.purpose)
