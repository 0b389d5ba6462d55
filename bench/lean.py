"""Mappings of just the fields that bench/mapping.py maps by hand, and how its hand-written side splits and escapes."""

import re

LEAN = {
    "mappings/x12/850.yaml": b"""
mapping: x12/850
versions: ['004010']
document: Order
fields:
  purpose: BEG01 | code order-purpose
  order_type: BEG02 | code order-type open
  number: BEG03
  issued: BEG05 | date
  currency: CUR(BY).02 | raw
  references: {each: REF, type: REF01 | code reference open, value: REF02}
  dates: {each: DTM, type: DTM01 | code date-type open, at: DTM02 | date}
  parties:
    each: N1
    role: N101 | code party-role open
    name: N102
    ids: {slots: N103..04, step: 2, scheme: 0 | code id-scheme open, value: 1}
    address: {lines: N3#*.01..02, city: N401, region: N402 | raw, postal_code: N403 | raw, country: N404 | raw}
  lines:
    each: PO1
    number: PO101
    quantity: {value: PO102 | decimal, unit: PO103 | unit}
    price: {amount: PO104 | decimal, basis: PO105 | code price-basis open}
    ids: {slots: PO106..25, step: 2, scheme: 0 | code item-scheme open, value: 1}
    description: PID(F)/PID05
    references: {each: REF | only known, type: REF01 | code reference open, value: REF02}
computed: {CTT/CTT01: count lines}
""",
    "mappings/edifact/ORDERS.yaml": b"""
mapping: edifact/ORDERS
versions: [D.96A]
document: Order
fields:
  order_type: BGM01 | code order-type open
  number: BGM02
  purpose: BGM03 | code order-purpose
  issued: DTM(137).01-2..3 | dtm
  dates: {each: DTM, type: DTM01-1 | code date-type open, at: DTM01-2..3 | dtm}
  contract: RFF(CT)/RFF01-2
  references: {each: RFF, type: RFF01-1 | code reference open, value: RFF01-2}
  currency: CUX(2)/CUX01-2 | raw
  currency_use: CUX(2)/CUX01-3 | code currency-use open
  parties:
    each: NAD
    role: NAD01 | code party-role open
    ids: {slots: NAD02, value: 1, scheme: 3 | code id-scheme open}
    name: NAD04-1
    address: {lines: [NAD05-1..4], city: NAD06, postal_code: NAD08, country: NAD09 | raw}
  lines:
    each: LIN
    number: LIN01
    ids:
      - {slots: LIN03, value: 1, scheme: 2 | code item-lin}
      - {slots: "PIA(5)#*.02..06", value: 1, scheme: 2 | code item-scheme open}
    description: IMD(F).03-4
    quantity: {value: QTY(21).01-2 | decimal, unit: QTY(21).01-3 | unit}
    price: {basis: PRI(AAA)/PRI01-1 | code price-basis, amount: PRI(AAA)/PRI01-2 | decimal}
    references: {each: RFF, type: RFF01-1 | code reference open, value: RFF01-2}
fixed: {UNS01: S}
computed: {CNT(2).01-2: count lines if_present}
""",
}

_HIDDEN = {"??": "\x01", "?'": "\x02", "?+": "\x03", "?:": "\x04"}
_SHOWN = str.maketrans({hidden: mark[1] for mark, hidden in _HIDDEN.items()})
_MARK = re.compile(r"[?+:']")
_PLAIN = re.compile(r"[ !-)*,-9;->@-~]*").fullmatch
_FREE = re.compile(r"[ -)+-=?-}]*").fullmatch


def edifact_segments(data: bytes) -> list[list[str]]:
    """Segments and their elements; released marks stand for themselves only in `components`."""
    text = data.decode("latin-1")
    if "?" in text:
        for mark, hidden in _HIDDEN.items():
            text = text.replace(mark, hidden)
    return [segment.strip().split("+") for segment in text.split("'")]


def components(element: str) -> list[str]:
    return [part if part.isprintable() else part.translate(_SHOWN) for part in element.split(":")]


def released(value: str) -> str:
    return value if _PLAIN(value) else _MARK.sub(r"?\g<0>", value)


def free(value: str) -> str:
    """A value of X12, which has no way to release a separator."""
    if not _FREE(value):
        raise ValueError(f"{value!r} holds a separator or a control character")
    return value
