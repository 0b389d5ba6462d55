"""Documents written together come out as each does by itself, whatever they say."""

import functools
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import canonical
from hub.canonical import Order
from hub.mapping import Library
from hub.pipeline.jobs_write import Write, WriteAll, Written, blocking, write_all
from hub.record import replace
from hub.syntax import EDIFACT_SEPARATORS, X12_SEPARATORS, Envelope, cut, parse
from hub.workspace import builtin_root
from tests.hubs import order, x12

AT = datetime(2026, 1, 22, 14, 30)  # noqa: DTZ001 - EDI has no zone
X12 = Envelope(standard="x12", sender="ZZ:US", receiver="ZZ:THEM", control_number="1", prepared=AT)
EDIFACT = Envelope(standard="edifact", sender="14:US", receiver="14:THEM", control_number="1", prepared=AT)
LINES = replace(X12, separators=replace(X12_SEPARATORS, line="\r\n"))
UNA = replace(EDIFACT, una=True, syntax="UNOA", transliterate=True, separators=replace(EDIFACT_SEPARATORS, line="\n"))
GUIDE = b"guide: x12/004010/850\nrules:\n  BEG03: {length: 3..6}\n"

ORDER = Write(
    document=b"",
    mapping="x12/850",
    version="004010",
    type="850",
    envelope=X12,
    functional_id="PO",
    group=("US", "THEM"),
)
ORDERS = Write(document=b"", mapping="edifact/ORDERS", version="D.96A", type="ORDERS", envelope=EDIFACT)
changed = msgspec.structs.replace
KINDS = [
    ORDER,
    changed(ORDER, alone=True),
    changed(ORDER, alone=True, guide="acme"),
    changed(ORDER, alone=True, envelope=LINES),
    changed(ORDER, alone=True, envelope=replace(X12, exchange=True)),
    changed(ORDER, envelope=replace(X12, columns=80)),
    changed(ORDERS, alone=True),
    changed(ORDERS, alone=True, envelope=UNA, association="EAN008"),
    changed(ORDERS, alone=True, decimal=","),
    ORDERS,
]

texts = st.text(st.sampled_from("A1 é☃*~>^'+:?\n"), min_size=1, max_size=8)
plain = st.text(st.sampled_from("AB12"), min_size=1, max_size=8)


@functools.cache
def library() -> Library:
    return Library([builtin_root() / "mappings"], files={"mappings/guides/acme.yaml": GUIDE})


@functools.cache
def document() -> Order:
    payload = x12(order("PO-1"))
    (interchange,) = cut(payload)
    (span,) = interchange.messages
    message = parse(payload[span.offset : span.offset + span.length], span, interchange)
    read = library().get("x12/850").read(message).document
    assert isinstance(read, Order)
    return read


def job(kind: Write, number: str, name: str) -> Write:
    parties = [changed(party, name=name) for party in document().parties]
    return changed(kind, document=canonical.encode(changed(document(), number=number, parties=parties)))


def written(*jobs: Write) -> list[Written]:
    return write_all(WriteAll(list(jobs)), library()).messages


@given(st.lists(st.tuples(st.sampled_from(KINDS), plain | texts, plain | texts), max_size=6))
def test_together_is_as_each_by_itself(documents: list[tuple[Write, str, str]]) -> None:
    jobs = [job(*one) for one in documents]
    assert written(*jobs) == [written(one)[0] for one in jobs]


@pytest.mark.parametrize("kind", KINDS)
def test_many_of_a_kind(kind: Write) -> None:
    """More than a hundred, so that their places have another number of digits; one of them cannot be written."""
    jobs = [job(kind, f"PO{at}", "Bluebird ~ Co" if at == 7 else "Bluebird") for at in range(112)]
    together = written(*jobs)
    assert together == [written(one)[0] for one in jobs]
    whole = [one for one in together if not blocking(one.findings)]
    assert len(whole) >= 111
    assert len({one.body for one in whole} if kind.alone else {str(one.segments) for one in whole}) == len(whole)


def test_large_documents() -> None:
    """Each is larger than what is proven at once."""
    whole = canonical.encode(changed(document(), lines=document().lines * 4000))
    jobs = [changed(ORDER, document=whole, alone=True)] * 2
    assert len(whole) > 1 << 20
    assert written(*jobs) == [written(one)[0] for one in jobs]
