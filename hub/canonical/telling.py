"""Documents that tell: of partners, in plain words, and what became of another document."""

from decimal import Decimal

from hub.canonical.document import Document
from hub.canonical.values import (
    Amount,
    Contact,
    DateAt,
    Ext,
    Moment,
    Note,
    OrderRef,
    Part,
    Party,
    Reference,
    TypedQuantity,
)


class ListedParty(Part):
    """One entry of a list of parties. action: added, changed, closed, unchanged; parent: the id of what it is a part
    of (a store's distribution centre), or the number of the entry; relation: what it is to it."""

    party: Party
    number: str | None = None
    action: str | None = None
    parent: str | None = None
    relation: str | None = None
    kind: str | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    related: list[Party] = []
    notes: list[Note] = []
    ext: Ext = {}


class PartyList(Document):
    """Stores, distribution centres and their like, with their ids and addresses. extent: full or delta."""

    extent: str | None = None
    entries: list[ListedParty] = []


class TextMessage(Document):
    """For people to read. texts: one note for each matter."""

    subject: str | None = None
    texts: list[Note] = []


class AnswerFinding(Part):
    """What is wrong. code: of the standard that answers, as our word, or of a list of the agency's (code_list: which);
    segment, position, element, component: where; value: what was found there, expected: what should be."""

    code: str | None = None
    code_list: str | None = None
    agency: str | None = None
    severity: str | None = None
    text: str | None = None
    segment: str | None = None
    position: int | None = None
    element: str | None = None
    component: str | None = None
    value: str | None = None
    expected: str | None = None
    references: list[Reference] = []
    notes: list[Note] = []
    ext: Ext = {}


class AnsweredMessage(Part):
    """What became of one message, group or item. level: interchange, group, message, item, batch; status: accepted,
    accepted_with_changes, accepted_with_errors, rejected, partially, duplicate, .. The control numbers are those of
    the message answered; type its type; reference what it carried (an order's or invoice's number); at: when it was
    sent."""

    level: str | None = None
    status: str | None = None
    reference: Reference | None = None
    type: str | None = None
    interchange: str | None = None
    group: str | None = None
    message: str | None = None
    sender: str | None = None
    receiver: str | None = None
    version: str | None = None
    purpose: str | None = None
    at: Moment | None = None
    order: OrderRef | None = None
    dates: list[DateAt] = []
    references: list[Reference] = []
    parties: list[Party] = []
    contacts: list[Contact] = []
    amounts: list[Amount] = []
    quantities: list[TypedQuantity] = []
    findings: list[AnswerFinding] = []
    notes: list[Note] = []
    total: Decimal | None = None
    ext: Ext = {}


class BusinessAnswer(Document):
    """What became of documents in the answerer's applications (X12 824, APERAK, UBL ApplicationResponse). It is a
    document like any other, and no technical acknowledgement. status: of all of it, where one is given;
    in_reply_to: the number of what is answered."""

    in_reply_to: str | None = None
    status: str | None = None
    answers: list[AnsweredMessage] = []
