"""The mapping language: what is refused, and where the error points; what the constructs do in both directions."""

from pathlib import Path

import pytest

from hub.canonical import Id, Moment, Order, OrderLine, Party, Price, Quantity, Reference
from hub.errors import ConfigError, NotYetError
from hub.mapping import Library, Mapping
from hub.syntax import cut, parse
from hub.syntax.model import Message

SHIPPED = Path(__file__).parents[2] / "mappings"
CODES = {f"codes/{standard}.yaml": (SHIPPED / f"codes/{standard}.yaml").read_bytes() for standard in ("x12", "edifact")}


def mapping(tmp_path: Path, spec: str, **more: str) -> Mapping:
    files = {"x12/850.yaml": spec.encode()} | CODES
    files |= {f"x12/{name}.yaml": text.encode() for name, text in more.items()}
    return Library(files=files, cache=tmp_path).get("x12/850")


def spec(fields: str, rest: str = "") -> str:
    return f"mapping: x12/850\nversions: ['004010']\ndocument: Order\nfields:\n{fields}\n{rest}"


def order(*segments: str) -> Message:
    body = "".join(f"{segment}~" for segment in ("ST*850*0001", *segments, f"SE*{len(segments) + 2}*0001"))
    payload = (
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260122*1430*U*00401*000000001*0*T*>~"
        f"GS*PO*A*B*20260122*1430*1*X*004010~{body}GE*1*1~IEA*1*000000001~"
    ).encode()
    interchange = next(iter(cut(payload)))
    span = interchange.messages[0]
    return parse(payload[span.offset : span.offset + span.length], span, interchange)


def written(mapping: Mapping, document: Order) -> list[str]:
    writing = mapping.write(document, "004010")
    assert [found.message for found in writing.findings if found.severity != "warn"] == []
    return ["*".join(str(element) for element in segment) for segment in writing.segments]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("  number: BEG03\n  number: BEG04", '6:3: HUB-3001 key "number" is given twice'),
        ("  number: beg6", '5:11: HUB-3002 "beg6" is not a place; a place looks like BEG03, DTM(010).02, LIN03-1'),
        ("  number: BGM02", '5:11: HUB-3003 BGM is not in the message here; did you mean "BEG"?'),
        ("  total: AMT02", "5:10: HUB-3004 AMT opens a loop; write AMT/AMT02 or each: AMT"),
        ("  relase: BEG04", '5:3: HUB-3005 Order has no field "relase"; did you mean "release"?'),
        ("  number: BEG33", "5:11: HUB-3007 BEG has 12 elements, BEG33 asks for element 33"),
        ("  issued: BEG05", "5:11: HUB-3008 issued is a moment, and `text` gives a text"),
        ("  purpose: BEG01", "5:12: HUB-3009 BEG01 holds codes of the standard; say `| code TABLE`, or `| raw` if the "
                             "value means the same everywhere"),
        ("  number: BEG03 | tekst", '5:11: HUB-3011 no codec "tekst"; did you mean "text"?'),
        ("  purpose: BEG01 | code order-porpose",
         '5:12: HUB-3012 no code table "order-porpose"; did you mean "order-purpose"?'),
        ("  number: =fixed", "5:11: HUB-3021 a constant is one-way; write it under `read:` or `write:`, or use `set`"),
        ("  dates: {each: DTM(010|002), type: DTM03 | raw, at: DTM02 | date}", "5:37: HUB-3016 element 01 is tested "
         "for more than one code here, and no rule reads it; a writer could not choose"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_says_what_to_do(tmp_path: Path, fields: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mapping(tmp_path, spec(fields)).plan("004010")
    assert str(caught.value) == f"x12/850.yaml:{error}"


def test_a_library_says_what_it_does_not_have() -> None:
    library = Library([SHIPPED])
    with pytest.raises(ConfigError, match=r'no mapping "x12/85"; did you mean "x12/8[0-9]+"'):
        library.get("x12/85")
    with pytest.raises(NotYetError, match="not yet: 404"):
        library.find("x12", "404", "004010")


def test_extends_changes_a_rule_removes_one_and_keeps_the_rest(tmp_path: Path) -> None:
    base = spec("  number: BEG03\n  release: BEG04\n  contract: BEG06")
    acme = "mapping: acme\nextends: x12/850\nfields: {release: remove, contract: BEG04}\n"
    library = Library(
        files={"x12/850.yaml": base.encode(), "partners/acme.yaml": acme.encode(), **CODES}, cache=tmp_path
    )
    variant = library.get("acme")
    document = variant.read(order("BEG*00*SA*PO1*R1**C1")).document
    assert isinstance(document, Order)
    assert (document.number, document.contract, document.release) == ("PO1", "R1", None)
    assert document.ext == {"acme": {"BEG.01": "00", "BEG.02": "SA", "BEG.06": "C1"}}


def test_extends_that_removes_what_is_not_there(tmp_path: Path) -> None:
    wrong = "mapping: acme\nextends: x12/850\nfields: {relase: remove}\n"
    files = {"x12/850.yaml": spec("  release: BEG04").encode(), "acme.yaml": wrong.encode(), **CODES}
    with pytest.raises(
        ConfigError, match=r'acme.yaml:3:10: HUB-3015 there is no "relase" to change here; did you mean "release"'
    ):
        Library(files=files, cache=tmp_path).get("acme")


def test_a_table_with_two_codes_for_a_word_needs_a_preferred_one(tmp_path: Path) -> None:
    codes = "standard: x12\ntables:\n  colour: {codes: {A: red, B: red}}\n"
    files = {"codes/x12.yaml": codes.encode(), "x12/850.yaml": spec("  purpose: BEG01 | code colour").encode()}
    with pytest.raises(ConfigError, match='HUB-3017 table colour: "A" and "B" both mean "red"'):
        Library(files=files, cache=tmp_path).get("x12/850").plan("004010")


def test_an_unknown_unit_holds_and_says_where(tmp_path: Path) -> None:
    reading = mapping(
        tmp_path, spec("  lines: {each: PO1, quantity: {value: PO102 | decimal, unit: PO103 | unit}}")
    ).read(order("BEG*00*SA*PO1", "PO1*1*5*QQ"))
    assert reading.document is None
    [found] = reading.findings
    assert (found.code, found.severity, found.value) == ("HUB-3202", "error", "QQ")
    assert (found.location.segment, found.location.tag, found.location.element) == (3, "PO1", 3)
    assert "PO103 (lines.quantity.unit)" in found.message


def test_all_findings_of_a_message_come_at_once(tmp_path: Path) -> None:
    rules = "  issued: BEG05 | date\n  lines: {each: PO1, quantity: {value: PO102 | decimal, unit: PO103 | unit}}"
    reading = mapping(tmp_path, spec(rules)).read(order("BEG*00*SA*PO1**20261345", "PO1*1*X*EA", "PO1*2*1*??"))
    assert [found.code for found in reading.findings] == ["HUB-3203", "HUB-3204", "HUB-3202"]


def test_what_no_rule_reads_stays_with_its_struct_and_goes_back(tmp_path: Path) -> None:
    rules = "  number: BEG03\n  lines: {each: PO1, quantity: {value: PO102 | decimal, unit: PO103 | unit}}"
    lines = ["BEG*00*SA*PO1", "REF*DP*038", "PO1*1*0005*PC*9.25", "PO4*4", "SLN*1**I"]
    one = mapping(tmp_path, spec(rules))
    document = one.read(order(*lines)).document
    assert isinstance(document, Order)
    assert document.ext == {"x12/850": {"BEG.01": "00", "BEG.02": "SA", "REF": [[0, ["REF", "DP", "038"]]]}}
    assert document.lines[0].ext == {
        "x12/850": {
            "PO1.01": "1", "PO1.04": "9.25", "PO4": [[0, ["PO4", "4"]]], "/SLN": [[0, [["SLN", "1", "", "I"]]]],
            "=quantity.value": "0005", "=quantity.unit": "PC",
        }
    }  # fmt: skip
    assert written(one, document) == lines


def test_a_spelling_is_forgotten_once_the_value_changes(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  lines: {each: PO1, quantity: {value: PO102 | decimal, unit: PO103 | unit}}"))
    document = one.read(order("PO1**0005*PC")).document
    assert isinstance(document, Order)
    document.lines[0].quantity = Quantity(value=document.lines[0].quantity.value + 1, unit="XCT")  # type: ignore[union-attr]
    assert written(one, document) == ["PO1**6*CT"]


def test_slots_keep_their_holes(tmp_path: Path) -> None:
    one = mapping(
        tmp_path,
        spec("  lines: {each: PO1, ids: {slots: PO106..25, step: 2, scheme: 0 | code item-scheme open, value: 1}}"),
    )
    lines = ["PO1******VP*A***UP*012345678905*EN"]
    document = one.read(order(*lines)).document
    assert isinstance(document, Order)
    assert [(id.scheme, id.value) for id in document.lines[0].ids] == [("vendor_part", "A"), ("upc", "012345678905")]
    assert written(one, document) == lines


def test_more_ids_than_slots_is_a_finding_and_nothing_is_cut_silently(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  parties: {each: N1, role: N101 | code party-role open, "
                                 "ids: {slots: N103..04, step: 2, scheme: 0 | code id-scheme open, "
                                 "value: 1}}"))  # fmt: skip
    party = Party(role="buyer", ids=[Id(scheme="gln", value="1"), Id(scheme="duns", value="2")])
    [found] = one.write(Order(parties=[party]), "004010").findings
    assert (found.code, found.severity) == ("HUB-3222", "error")


def test_a_text_longer_than_its_element_is_a_finding(tmp_path: Path) -> None:
    writing = mapping(tmp_path, spec("  number: BEG03")).write(Order(number="X" * 30), "004010")
    assert [found.code for found in writing.findings] == ["HUB-3221"]


def test_implied_decimals_are_never_rounded(tmp_path: Path) -> None:
    from decimal import Decimal

    from hub.canonical import Charge

    one = mapping(
        tmp_path, spec("  charges: {each: SAC, kind: SAC01 | code charge-kind, amount: SAC05 | decimal implied 2}")
    )
    assert written(one, Order(charges=[Charge(kind="charge", amount=Decimal("12.5"))])) == ["SAC*C****1250"]
    findings = one.write(Order(charges=[Charge(kind="charge", amount=Decimal("1.005"))]), "004010").findings
    assert [found.code for found in findings] == ["HUB-3225"]


def test_an_unknown_code_of_an_open_table_names_its_standard_and_goes_back(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  references: {each: REF, type: REF01 | code reference open, value: REF02}"))
    document = one.read(order("REF*XYZ*1")).document
    assert isinstance(document, Order)
    assert document.references[0].type == "x12:REF01/XYZ"
    assert written(one, document) == ["REF*XYZ*1"]


def test_set_and_tests_choose_the_alternative(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  parties:\n    - {each: N1(BY), set: {role: buyer}, name: N102}\n"
                                 "    - {each: N1(ST), set: {role: ship_to}, name: N102}"))  # fmt: skip
    lines = ["N1*ST*S", "N1*BY*B", "N1*SF*F"]
    document = one.read(order(*lines)).document
    assert isinstance(document, Order)
    assert [(party.role, party.name) for party in document.parties] == [("ship_to", "S"), ("buyer", "B")]
    assert document.ext == {"x12/850": {"/N1": [[2, [["N1", "SF", "F"]]]]}}
    assert written(one, document) == lines
    [found] = one.write(Order(parties=[Party(role="carrier", name="C")]), "004010").findings
    assert found.code == "HUB-3223"


def test_when_looks_at_the_document_in_both_directions(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  purpose: BEG01 | code order-purpose\n  references:\n"
                                 "    - {each: REF, when: {purpose: cancel}, type: REF01 | code reference open, "
                                 "value: REF02}"))  # fmt: skip
    cancelled = one.read(order("BEG*01", "REF*DP*1")).document
    other = one.read(order("BEG*00", "REF*DP*1")).document
    assert isinstance(cancelled, Order)
    assert isinstance(other, Order)
    assert [reference.type for reference in cancelled.references] == ["department"]
    assert other.references == []
    assert written(one, cancelled) == ["BEG*01", "REF*DP*1"]
    assert written(one, other) == ["BEG*00", "REF*DP*1"]


def test_one_way_rules_constants_defaults_and_fixed(tmp_path: Path) -> None:
    one = mapping(
        tmp_path,
        spec(
            "  number: BEG03\n  purpose: BEG01 | code order-purpose | default original\n"
            "  lines: {each: PO1, price: {amount: PO104 | decimal}, write: {PO105: =PE}}",
            "read: {order_type: =drop_ship}\nfixed: {BEG02: DS}\n",
        ),
    )
    document = one.read(order("BEG**DS*PO1", "PO1****5")).document
    assert isinstance(document, Order)
    assert (document.purpose, document.order_type) == ("original", "drop_ship")
    assert written(one, document)[0] == "BEG*00*DS*PO1"
    from decimal import Decimal

    assert written(one, Order(lines=[OrderLine(price=Price(amount=Decimal(5)))]))[1:] == ["PO1****5*PE"]
    reading = one.read(order("BEG*00*SA*PO1"))
    assert [found.code for found in reading.findings] == ["HUB-3205"]


def test_counts_are_checked_and_always_made_anew(tmp_path: Path) -> None:
    one = mapping(
        tmp_path,
        spec(
            "  lines: {each: PO1, number: PO101}",
            "computed: {CTT/CTT01: count lines, CTT/CTT02: count lines if_present}\n",
        ),
    )
    reading = one.read(order("PO1*1", "PO1*2", "CTT*3*2"))
    assert [(found.code, found.severity) for found in reading.findings] == [("HUB-3206", "warn")]
    assert isinstance(reading.document, Order)
    assert written(one, reading.document) == ["PO1*1", "PO1*2", "CTT*2*2"]
    assert written(one, Order(lines=[OrderLine(number="1")])) == ["PO1*1", "CTT*1"]


def test_explain_names_rule_place_and_segment(tmp_path: Path) -> None:
    traces = mapping(tmp_path, spec("  number: BEG03\n  issued: BEG05 | date")).explain(
        order("BEG*00*SA*PO1**20260122")
    )
    assert [(trace.rule, trace.field, trace.value, trace.segment, trace.element) for trace in traces] == [
        ("x12/850.yaml:5:11", "number", "PO1", 2, 3),
        ("x12/850.yaml:6:11", "issued", "20260122", 2, 5),
    ]


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    one = Library(files={"x12/850.yaml": spec("  number: BEG03").encode()}, cache=blocked / "cache").get("x12/850")
    assert one.read(order("BEG*00*SA*PO1")).document is not None


def test_ext_is_written_by_its_own_mapping_only() -> None:
    library = Library([SHIPPED])
    kept = {"x12/850": {"PWK": [[0, ["PWK", "XX", "KEPT"]]]}}
    document = Order(number="PO1", ext=kept, lines=[OrderLine(number="1")])
    own = library.find("x12", "850").write(document, "004010").segments
    assert ["PWK", "XX", "KEPT"] in own
    foreign = library.find("edifact", "ORDERS").write(document, "D.96A").segments
    assert "KEPT" not in str(foreign)


def test_no_code_of_x12_reaches_edifact() -> None:
    library = Library([SHIPPED])
    document = library.find("x12", "850").read(
        order(
            "BEG*00*SA*PO1**20260122", "REF*DP*17", "REF*XYZ*9", "DTM*010*20260201", "N1*ST*SHOP*9*1234567890123",
            "PO1*1*5*CA*2.50**VP*A1*UP*012345678905",
        )
    ).document  # fmt: skip
    assert isinstance(document, Order)
    writing = library.find("edifact", "ORDERS").write(document, "D.96A")
    segments = ["+".join(e if isinstance(e, str) else ":".join(map(str, e)) for e in s) for s in writing.segments]
    assert "BGM+220+PO1+9" in segments
    assert "DTM+10:20260201:102" in segments
    assert "RFF+SD:17" in segments
    assert "QTY+21:5:CS" in segments
    assert not any("XYZ" in segment for segment in segments)
    assert not any(segment.startswith("NAD") and segment.endswith(":9") for segment in segments), "DUNS+4 is not a GLN"
    assert {found.code for found in writing.findings} == {"HUB-3223"}


def test_a_time_that_has_no_place_is_said(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  issued: BEG05 | date"))
    writing = one.write(Order(issued=Moment(date="2026-01-22", time="14:30")), "004010")
    assert [(found.code, found.severity) for found in writing.findings] == [("HUB-3228", "warn")]
    assert writing.segments == [["BEG", "", "", "", "", "20260122"]]


def test_a_field_without_a_rule_is_told(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  number: BEG03"))
    findings = one.write(Order(number="1", references=[Reference(type="department", value="1")]), "004010").findings
    assert [(found.code, found.severity) for found in findings] == [("HUB-3224", "warn")]


def test_a_field_may_stay_unsaid_where_the_one_beside_it_says_it(tmp_path: Path) -> None:
    fields = "  number: BEG03\n  lines: {each: PO1, number: PO101}"
    one = mapping(tmp_path, spec(fields, "unsaid: {lines.description: number, currency: always}"))
    said = Order(number="1", currency="USD", lines=[OrderLine(number="1", description="a tray")])
    assert one.write(said, "004010").findings == []
    findings = one.write(Order(number="1", lines=[OrderLine(description="a tray")]), "004010").findings
    assert [(found.code, found.value) for found in findings] == [("HUB-3224", "a tray")]


@pytest.mark.parametrize("wrong", ["lines.colour: number", "lines.description: numbr", "colour: always"])
def test_what_stays_unsaid_is_a_field(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError) as raised:
        mapping(tmp_path, spec("  lines: {each: PO1, number: PO101}", f"unsaid: {{{wrong}}}")).plan("004010")
    assert (raised.value.code, raised.value.line) == ("HUB-3005", 6)


def test_whose_list_a_code_was_of_is_not_missed_where_the_code_is_a_word(tmp_path: Path) -> None:
    one = mapping(tmp_path, spec("  number: BEG03"))
    assert one.write(Order(number="1", kind_scheme="gs1", kind_list="EAN"), "004010").findings == []
    told = one.write(Order(number="1", kind_name="by the season"), "004010").findings
    assert [found.code for found in told] == ["HUB-3224"]
