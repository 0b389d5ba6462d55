"""How fast mappings are: generated readers and writers against Python written by hand for the same fields.

mapping.py [SECONDS]. Orders of 20 lines: an X12 850 (004010, 73 segments) and an EDIFACT ORDERS (D.96A, 133 segments).
Prints orders a second of processor time, best of seven rounds, and how long a library of a hundred mappings more takes
to open.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pydifact.segmentcollection import Interchange

from bench.lean import LEAN, components, edifact_segments, free, released
from hub import schema, syntax
from hub.canonical import (
    Address,
    DateAt,
    Document,
    Id,
    Moment,
    Order,
    OrderLine,
    Party,
    Price,
    Quantity,
    Reference,
    to_builtins,
)
from hub.mapping import Library, Mapping, Writing
from hub.mapping.samples import differences
from hub.mapping.variants import strip
from hub.pipeline.child import GARBAGE
from hub.schema.unparsed import Unparsed
from hub.syntax import Envelope, OutGroup, OutMessage

ROOT = Path(__file__).resolve().parent.parent
LINES = 20
MESSAGES = 25
"""In one interchange, so that its envelope does not count."""
AT = datetime(2026, 1, 22, 14, 30, tzinfo=UTC)


def x12() -> list[str]:
    lines = [
        segment
        for n in range(1, LINES + 1)
        for segment in (
            f"PO1*{n}*{n * 5}*EA*{n}.25*PE*VN*NW-{n:03}*UP*0123456789{n:02}*IN*B{n:05}",
            f"PID*F****GARDEN TROWEL {n}",
            f"REF*IA*L{n}",
        )
    ]
    return [
        "BEG*00*SA*PO1001**20260122", "CUR*BY*USD", "REF*DP*042", "REF*IA*77", "DTM*010*20260201", "DTM*001*20260215",
        "N1*BY*Bluebird Stores*92*0012", "N1*ST*Store 12*92*0112", "N3*12 Main St", "N4*Austin*TX*78701*US",
        *lines, f"CTT*{LINES}",
    ]  # fmt: skip


def edifact() -> list[str]:
    lines = [
        segment
        for n in range(1, LINES + 1)
        for segment in (
            f"LIN+{n}++40008621414{n:02}:EN", f"PIA+5+NW-{n:03}:SA", f"IMD+F++:::GARDEN TROWEL {n}",
            f"QTY+21:{n * 5}:PCE", f"PRI+AAA:{n}.25", f"RFF+ON:L{n}",
        )
    ]  # fmt: skip
    return [
        "BGM+220+PO1001+9", "DTM+137:20260122:102", "DTM+2:20260201:102", "RFF+CT:C77", "NAD+BY+5412345000013::9",
        "NAD+DP+5412345000020::9++Store 12+12 Main St+Austin++78701+US", "CUX+2:USD:9",
        *lines, "UNS+S", f"CNT+2:{LINES}",
    ]  # fmt: skip


def payload(standard: str) -> bytes:
    body = x12() if standard == "x12" else edifact()
    mark = "*" if standard == "x12" else "+"
    type, version = ("850", "004010") if standard == "x12" else ("ORDERS", "D.96A")
    segments = [_elements(segment, mark) for segment in body]
    return write(
        standard,
        [
            OutMessage(type=type, version=version, control_number=f"{number:04}", segments=segments)
            for number in range(1, MESSAGES + 1)
        ],
    )


def _elements(segment: str, mark: str) -> list[syntax.model.Element]:
    parts = segment.split(mark)
    return [parts[0], *(part.split(":") if ":" in part else part for part in parts[1:])]


def write(standard: str, messages: list[OutMessage]) -> bytes:
    envelope = Envelope(
        standard=standard, sender="ZZ:BLUEBIRD", receiver="ZZ:NORTHWIND", control_number="1", prepared=AT, test=True,
        version="00401" if standard == "x12" else "3",
    )  # fmt: skip
    group = OutGroup(
        functional_id="PO" if standard == "x12" else None, sender="BLUEBIRD", receiver="NORTHWIND", control_number="1",
        version=messages[0].version, messages=messages,
    )  # fmt: skip
    return syntax.write(envelope, [group])


# ---- by hand

UNITS = {"EA": "H87", "PCE": "H87", "CT": "XCT"}
CODES = {"H87": "EA", "XCT": "CT"}
EDI_CODES = {"H87": "PCE", "XCT": "CT"}
PURPOSES = {"00": "original", "9": "original"}
KINDS = {"SA": "stand_alone", "220": "stand_alone"}
BASES = {"PE": "per_each", "AAA": "net"}
USES = {"9": "order"}
DATES = {"010": "requested_ship", "001": "cancel_after", "2": "requested_delivery"}
ROLES = {"BY": "buyer", "DP": "ship_to", "ST": "ship_to"}
SCHEMES = {"92": "buyer_assigned", "VN": "vendor", "UP": "upc", "IN": "buyer", "SA": "vendor", "EN": "ean", "9": "gln"}
REFERENCES = {"DP": "department", "IA": "vendor_number", "CT": "contract", "ON": "purchase_order"}


def _day(text: str) -> Moment:
    return Moment(date=f"{text[:4]}-{text[4:6]}-{text[6:]}")


def hand_read_x12(data: bytes) -> Order:
    order, line = Order(), None
    for raw in data.decode("latin-1").split("~"):
        e = raw.strip().split("*")
        tag = e[0]
        if tag == "PO1":
            ids = [Id(scheme=SCHEMES[e[n]], value=e[n + 1]) for n in range(6, len(e) - 1, 2) if e[n + 1]]
            quantity = Quantity(value=Decimal(e[2]), unit=UNITS[e[3]])
            price = Price(amount=Decimal(e[4]), basis=BASES[e[5]])
            line = OrderLine(number=e[1], ids=ids, quantity=quantity, price=price)
            order.lines.append(line)
        elif tag == "PID":
            line.description = e[5]  # type: ignore[union-attr]
        elif tag == "REF":
            (order if line is None else line).references.append(Reference(type=REFERENCES[e[1]], value=e[2]))
        elif tag == "N1":
            ids = [Id(scheme=SCHEMES[e[3]], value=e[4])]
            order.parties.append(Party(role=ROLES[e[1]], name=e[2], ids=ids))
        elif tag == "N3":
            order.parties[-1].address = Address(lines=[text for text in e[1:] if text])
        elif tag == "N4":
            address = order.parties[-1].address or Address()
            address.city, address.region, address.postal_code, address.country = e[1:5]
            order.parties[-1].address = address
        elif tag == "DTM":
            order.dates.append(DateAt(type=DATES[e[1]], at=_day(e[2])))
        elif tag == "BEG":
            order.purpose, order.order_type, order.number, order.issued = PURPOSES[e[1]], KINDS[e[2]], e[3], _day(e[5])
        elif tag == "CUR":
            order.currency = e[2]
    return order


BACK: dict[str, dict[str, str]] = {name: {word: code for code, word in table.items()} for name, table in
        {"dates": DATES, "roles": ROLES, "references": REFERENCES}.items()}  # fmt: skip
X12_SCHEMES = {"vendor": "VN", "upc": "UP", "buyer": "IN", "buyer_assigned": "92"}
NAD = {"buyer": "BY", "ship_to": "DP"}
EDI_USES = {"order": "9"}
X12_PURPOSES, EDI_PURPOSES = {"original": "00"}, {"original": "9"}
X12_KINDS, EDI_KINDS = {"stand_alone": "SA"}, {"stand_alone": "220"}
X12_BASES, EDI_BASES = {"per_each": "PE"}, {"net": "AAA"}
EDI_SCHEMES = {"ean": "EN", "vendor": "SA", "gln": "9"}


def _digits(order: Order) -> str:
    return order.issued.date.replace("-", "")  # type: ignore[union-attr]


def hand_write_x12(order: Order) -> bytes:
    out = [
        "ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *260122*1430*U*00401*000000001*0*T*>",
        "GS*PO*BLUEBIRD*NORTHWIND*20260122*1430*1*X*004010", "ST*850*0001",
        f"BEG*{X12_PURPOSES[order.purpose]}*{X12_KINDS[order.order_type]}*{free(order.number)}**{_digits(order)}",  # type: ignore[index]
        f"CUR*BY*{free(order.currency)}",  # type: ignore[arg-type]
    ]  # fmt: skip
    out += [f"REF*{BACK['references'][one.type]}*{free(one.value)}" for one in order.references]
    out += [f"DTM*{BACK['dates'][one.type]}*{one.at.date.replace('-', '')}" for one in order.dates]
    for party in order.parties:
        out.append(
            f"N1*{BACK['roles'][party.role]}*{free(party.name)}*{X12_SCHEMES[party.ids[0].scheme]}*{free(party.ids[0].value)}"
        )
        if (a := party.address) is not None:
            out.append("N3*" + "*".join(map(free, a.lines)))
            out.append(f"N4*{free(a.city)}*{free(a.region)}*{free(a.postal_code)}*{free(a.country)}")
    for line in order.lines:
        ids = "*".join(f"{X12_SCHEMES[one.scheme]}*{free(one.value)}" for one in line.ids)
        quantity, price = line.quantity, line.price
        out.append(
            f"PO1*{free(line.number)}*{quantity.value:f}*{CODES[quantity.unit]}*{price.amount:f}*{X12_BASES[price.basis]}*{ids}"
        )  # type: ignore
        out.append(f"PID*F****{free(line.description)}")
        out += [f"REF*{BACK['references'][one.type]}*{free(one.value)}" for one in line.references]
    out.append(f"CTT*{len(order.lines)}")
    out += [f"SE*{len(out) - 1}*0001", "GE*1*1", "IEA*1*000000001"]
    return ("~".join(out) + "~").encode("latin-1")


def hand_read_edifact(data: bytes) -> Order:
    order, line = Order(), None
    for e in edifact_segments(data):
        tag = e[0]
        if tag == "LIN":
            value, scheme = components(e[3])
            line = OrderLine(number=e[1], ids=[Id(scheme=SCHEMES[scheme], value=value)])
            order.lines.append(line)
        elif tag == "PIA":
            for part in e[2:]:
                value, scheme = components(part)
                line.ids.append(Id(scheme=SCHEMES[scheme], value=value))  # type: ignore[union-attr]
        elif tag == "IMD":
            line.description = components(e[3])[3]  # type: ignore[union-attr]
        elif tag == "QTY":
            _, value, unit = components(e[1])
            line.quantity = Quantity(value=Decimal(value), unit=UNITS[unit])  # type: ignore[union-attr]
        elif tag == "PRI":
            basis, value = components(e[1])
            line.price = Price(amount=Decimal(value), basis=BASES[basis])  # type: ignore[union-attr]
        elif tag == "RFF":
            kind, value = components(e[1])
            if kind == "CT":
                order.contract = value
                continue
            (order if line is None else line).references.append(Reference(type=REFERENCES[kind], value=value))
        elif tag == "NAD":
            value, _, scheme = components(e[2])
            party = Party(role=ROLES[e[1]], ids=[Id(scheme=SCHEMES[scheme], value=value)])
            if len(e) > 4:
                party.name = e[4]
                party.address = Address(lines=[e[5]], city=e[6], postal_code=e[8], country=e[9])
            order.parties.append(party)
        elif tag == "DTM":
            kind, value, _ = components(e[1])
            if kind == "137":
                order.issued = _day(value)
            else:
                order.dates.append(DateAt(type=DATES[kind], at=_day(value)))
        elif tag == "BGM":
            order.order_type, order.number, order.purpose = KINDS[e[1]], e[2], PURPOSES[e[3]]
        elif tag == "CUX":
            _, order.currency, use = components(e[1])
            order.currency_use = USES[use]
    return order


def hand_write_edifact(order: Order) -> bytes:
    out = [
        "UNB+UNOC:3+BLUEBIRD:ZZ+NORTHWIND:ZZ+260122:1430+1++++++1", "UNH+0001+ORDERS:D:96A:UN",
        f"BGM+{EDI_KINDS[order.order_type]}+{released(order.number)}+{EDI_PURPOSES[order.purpose]}",  # type: ignore
        f"DTM+137:{_digits(order)}:102",
    ]  # fmt: skip
    out += [f"DTM+{BACK['dates'][one.type]}:{one.at.date.replace('-', '')}:102" for one in order.dates]
    out.append(f"RFF+CT:{released(order.contract)}")
    for party in order.parties:
        text = f"NAD+{NAD[party.role]}+{released(party.ids[0].value)}::{EDI_SCHEMES[party.ids[0].scheme]}"
        if (a := party.address) is not None:
            text += f"++{released(party.name)}+{released(a.lines[0])}+{released(a.city)}"
            text += f"++{released(a.postal_code)}+{released(a.country)}"
        out.append(text)
    out.append(f"CUX+2:{released(order.currency)}:{EDI_USES[order.currency_use]}")
    for line in order.lines:
        first, *more = line.ids
        quantity, price = line.quantity, line.price
        out.append(f"LIN+{released(line.number)}++{released(first.value)}:{EDI_SCHEMES[first.scheme]}")
        out += [f"PIA+5+{released(one.value)}:{EDI_SCHEMES[one.scheme]}" for one in more]
        out += [
            f"IMD+F++:::{released(line.description)}",
            f"QTY+21:{quantity.value:f}:{EDI_CODES[quantity.unit]}",
            f"PRI+{EDI_BASES[price.basis]}:{price.amount:f}",
        ]  # type: ignore
        out += [f"RFF+{BACK['references'][one.type]}:{released(one.value)}" for one in line.references]
    out += ["UNS+S", f"CNT+2:{len(order.lines)}"]
    out += [f"UNT+{len(out)}+0001", "UNZ+1+1"]
    return ("'".join(out) + "'").encode("latin-1")


# ---- measuring


ROUNDS = 7


def rates(works: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Orders a second of processor time, best of seven rounds in turn, so that all meet the same neighbours; each
    work is MESSAGES orders."""
    best = dict.fromkeys(works, 0.0)
    for _ in range(ROUNDS):
        for name, work in works.items():
            count, start = 0, time.process_time()
            while (spent := time.process_time() - start) < seconds / ROUNDS:
                work()
                count += MESSAGES
            best[name] = max(best[name], count / spent)
    return best


def read(mapping: Mapping, data: bytes, *, check: bool) -> list[Document]:
    """As the hub does it: what is proven right as bytes is not checked segment by segment."""
    documents = []
    for interchange in syntax.cut(data):
        spans = interchange.messages
        bodies = [data[span.offset : span.offset + span.length] for span in spans]
        known = Unparsed(interchange).unproven_each(spans, bodies) if check else [None] * len(spans)
        for span, body, unproven in zip(spans, bodies, known, strict=True):
            message = syntax.parse(body, span, interchange)
            if check and unproven != []:
                defined = schema.definition(message.standard, message.version, message.type)
                found = schema.check(message, defined, unproven=unproven)
                assert not [one for one in found if one.severity != "warn"], found
            document = mapping.read(message).document
            assert document is not None
            documents.append(document)
    return documents


def written(mapping: Mapping, standard: str, documents: list[Document]) -> bytes:
    version = "004010" if standard == "x12" else "D.96A"
    writings = (mapping.write(document, version) for document in documents)
    return write(standard, [_message(mapping, version, one, number) for number, one in enumerate(writings, 1)])


def _message(mapping: Mapping, version: str, writing: Writing, number: int) -> OutMessage:
    return OutMessage(
        type=mapping.type, version=version, control_number=f"{number:04}", segments=writing.lines, joined=writing.joined
    )


Hand = tuple[Callable[[bytes], Order], Callable[[Order], bytes]]


def works(mapping: Mapping, standard: str, hand: Hand) -> dict[str, Callable[[], object]]:
    """What is measured, after a proof that both ways give the same documents."""
    data = payload(standard)
    start = b"~ST*" if standard == "x12" else b"'UNH+"
    documents = read(mapping, data, check=True)
    by_hand = [hand[0](part) for part in data.split(start)[1:]]
    assert len(by_hand) == len(documents) == MESSAGES
    for own, made in zip(by_hand, documents, strict=True):
        told = differences(to_builtins(strip(own)), to_builtins(strip(made)))
        assert not told, told
    assert len(read(mapping, hand[1](by_hand[0]), check=True)) == 1
    return {
        "read: generated": lambda: read(mapping, data, check=False),
        "read: by hand": lambda: [hand[0](part) for part in data.split(start)[1:]],
        "read: checked too": lambda: read(mapping, data, check=True),
        "write: generated": lambda: written(mapping, standard, documents),
        "write: by hand": lambda: [hand[1](document) for document in by_hand],
    }


def main(seconds: float) -> None:
    gc.set_threshold(*GARBAGE)  # as in a child of a worker
    shipped = {
        f"mappings/{p.relative_to(ROOT / 'mappings')}": p.read_bytes() for p in (ROOT / "mappings").rglob("*.yaml")
    }
    library, lean = Library([ROOT / "mappings"], cache=Path(tempfile.mkdtemp())), Library(files=shipped | LEAN)
    print(f"{'orders a second, 20 lines':50}{'850':>10}{'ORDERS':>10}")
    rows: dict[str, list[float]] = {}
    for id, hand in (
        ("x12/850", (hand_read_x12, hand_write_x12)),
        ("edifact/ORDERS", (hand_read_edifact, hand_write_edifact)),
    ):
        for own, kind in ((lean, "same fields"), (library, "shipped mapping")):
            mapping = own.get(id)
            made = works(mapping, mapping.standard, hand)
            gc.collect()
            gc.freeze()  # as a child does: what is there for good is not looked through again and again
            for name, found in rates(made, seconds).items():
                if kind == "same fields" or "by hand" not in name:
                    rows.setdefault(f"{name}, {kind}" if "by hand" not in name else name, []).append(found)
    peer = "read: pydifact, segments only"
    rows[peer] = [0.0, *rates({peer: lambda: _pydifact(payload("edifact").decode())}, seconds).values()]
    for name, pair in rows.items():
        print(f"{name:50}" + "".join(f"{value:10,.0f}" if value else f"{'':10}" for value in pair))
    for way in ("read", "write"):
        for name, pair in rows.items():
            if name.startswith(f"{way}: ") and "generated" in name:
                ratios = (f"{b / a:10.2f}" for a, b in zip(pair, rows[f"{way}: by hand"], strict=True))
                print(f"{f'by hand / {name}':60}" + "".join(ratios))
    hundred()


def _pydifact(text: str) -> int:
    return len(list(Interchange.from_str(text).get_messages()))


def hundred() -> None:
    """A library of a hundred variants more."""
    shipped = {
        f"mappings/{p.relative_to(ROOT / 'mappings')}": p.read_bytes() for p in (ROOT / "mappings").rglob("*.yaml")
    }
    more = {f"mappings/x12/850-{n}.yaml": f"mapping: x12/850-{n}\nextends: x12/850\n".encode() for n in range(100)}
    spent = []
    for files in (shipped, shipped | more):
        start = time.process_time()
        Library(files=files).get("x12/850").plan("004010")
        spent.append(time.process_time() - start)
    print(f"a hundred mappings more add {1000 * (spent[1] - spent[0]):.0f} ms to a start ({1000 * spent[0]:.0f} ms)")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
