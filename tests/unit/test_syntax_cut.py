"""The cutter: separators found, spans exact, every envelope fault named at its byte."""

import tracemalloc
from collections.abc import Iterator

import pytest

from hub.errors import Finding, UnreadableError
from hub.syntax import Interchange, cut, detect

ISA = "ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*NORTHWIND      *260122*1430*U*00401*000000001*0*P*>~"
GS = "GS*PO*BLUEBIRD*NORTHWIND*20260122*1430*1*X*004010VICS~"
ORDER = "ST*850*0001~BEG*00*SA*4711**20260122~SE*3*0001~"
X12 = f"{ISA}{GS}{ORDER}GE*1*1~IEA*1*000000001~"
UNB = "UNB+UNOC:3+4012345000009:14+4012345000016:14+260122:1430+REF1++ORDERS++1++1'"
ORDERS = "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+4711+9'UNT+3+1'"
EDIFACT = f"{UNB}{ORDERS}UNZ+1+REF1'"


def only(payload: str | bytes, charset: str | None = None) -> Interchange:
    (interchange,) = cut(payload.encode() if isinstance(payload, str) else payload, charset=charset)
    return interchange


def codes(interchange: Interchange) -> list[str]:
    return [finding.code for finding in interchange.all_findings]


def the(interchange: Interchange, code: str) -> Finding:
    (found,) = (finding for finding in interchange.all_findings if finding.code == code)
    return found


def test_what_an_isa_says() -> None:
    found = only(X12)
    assert found.all_findings == []
    assert (found.standard, found.sender, found.receiver) == ("x12", "ZZ:BLUEBIRD", "ZZ:NORTHWIND")
    assert (found.control_number, found.version, found.test) == ("000000001", "00401", False)
    assert (found.prepared, found.acknowledgement) == (("260122", "1430"), "0")
    assert (found.offset, found.length) == (0, len(X12))
    assert found.trailer == ["IEA", "1", "000000001"]
    (group,) = found.groups
    assert (group.functional_id, group.sender, group.receiver) == ("PO", "BLUEBIRD", "NORTHWIND")
    (span,) = group.messages
    assert (span.type, span.version, span.control_number) == ("850", "004010VICS", "0001")
    assert (span.group_control_number, span.index, span.ordinal, span.segments) == ("1", 1, 1, 3)
    assert X12[span.offset : span.offset + span.length] == ORDER


def test_what_a_unb_says() -> None:
    found = only(EDIFACT)
    assert found.all_findings == []
    assert (found.sender, found.receiver) == ("14:4012345000009", "14:4012345000016")
    assert (found.control_number, found.version, found.charset) == ("REF1", "3", "latin-1")
    assert (found.test, found.acknowledgement) == (True, "1")
    (group,) = found.groups
    assert group.implicit
    (span,) = group.messages
    assert (span.type, span.version, span.association, span.control_number) == ("ORDERS", "D.96A", "EAN008", "1")
    assert EDIFACT[span.offset : span.offset + span.length] == ORDERS


def test_identities_without_qualifier_and_blanks_in_the_version() -> None:
    found = only(EDIFACT.replace("4012345000009:14", "PLAIN").replace(":D:96A", ":D: 96A"))
    assert found.sender == ":PLAIN"
    assert found.messages[0].version == "D.96A"


def test_groups_of_edifact() -> None:
    group = "UNG+ORDERS+US:14+THEM:14+260122:1430+7+UN+D:96A'"
    found = only(f"{UNB}{group}{ORDERS}UNE+1+7'UNZ+1+REF1'")
    assert found.all_findings == []
    (first,) = found.groups
    assert (first.functional_id, first.sender, first.control_number, first.version) == ("ORDERS", "14:US", "7", "D.96A")
    assert found.messages[0].group_control_number == "7"


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", [X12, EDIFACT])
def test_line_breaks_behind_terminators(text: str, line: str) -> None:
    mark = "~" if text is X12 else "'"
    found = only(text.replace(mark, mark + line))
    assert found.all_findings == []
    assert found.separators.line == line
    assert found.messages[0].segments == 3


def test_line_feed_as_terminator() -> None:
    found = only(X12.replace("~", "\n"))
    assert found.all_findings == []
    assert (found.separators.segment, found.separators.line) == ("\n", "")


def test_byte_order_mark_nul_and_1a_mean_nothing() -> None:
    found = only(b"\xef\xbb\xbf" + X12.encode() + b"\r\n\x00\x00\x1a")
    assert found.all_findings == []
    assert (found.offset, found.length) == (3, len(X12))


@pytest.mark.parametrize("version", ["00402", "00501"])
def test_repetition_separator_since_00402(version: str) -> None:
    assert only(X12.replace("*U*00401", f"*^*{version}")).separators.repetition == "^"
    assert only(X12.replace("*U*00401", "*^*00401")).separators.repetition is None
    assert codes(only(X12.replace("*U*00401", f"*U*{version}"))) == ["HUB-1038"]


def test_repetition_separator_of_syntax_4() -> None:
    four = EDIFACT.replace("UNOC:3", "UNOC:4")
    assert only(four).separators.repetition == "*"
    assert only("UNA:+.?|'" + four).separators.repetition == "|"
    assert only("UNA:+.? '" + four).separators.repetition is None
    assert only("UNA:+.?|'" + EDIFACT).separators.repetition is None


def test_decimal_mark_and_release_of_the_una() -> None:
    separators = only("UNA:+,! '" + EDIFACT).separators
    assert (separators.decimal, separators.release) == (",", "!")
    assert only("UNA:+.  '" + EDIFACT).separators.release is None


def test_separators_of_level_b() -> None:
    found = only(EDIFACT.translate(str.maketrans("+:'", "\x1d\x1f\x1c")))
    assert found.all_findings == []
    assert found.messages[0].version == "D.96A"


@pytest.mark.parametrize("mark", [*"!%^&|\\.,;$()[]{}?+-/=@_`<"])
def test_any_mark_may_separate(mark: str) -> None:
    """Whether it means something to a pattern or to a format, or nothing."""
    two = f"{ISA}{GS}{ORDER}{ORDER.replace('0001', '0002')}GE*2*1~IEA*1*000000001~"
    for instead_of in "*~":
        found = only(two.replace(instead_of, mark))
        assert found.all_findings == []
        assert [span.segments for span in found.messages] == [3, 3]


def test_interchanges_with_different_separators() -> None:
    other = X12.replace("*", "|").replace("~", "\n").replace("000000001", "000000002")
    found = list(
        cut(f"{X12}\r\n{other}UNA|*.! ~{EDIFACT.replace(':', '|').replace('+', '*')}".replace("'", "~").encode())
    )
    assert [(each.index, each.standard, len(each.messages)) for each in found] == [
        (1, "x12", 1),
        (2, "x12", 1),
        (3, "edifact", 1),
    ]
    assert [each.all_findings for each in found] == [[], [], []]


@pytest.mark.parametrize("releases", range(7))
def test_runs_of_release_characters_before_a_terminator(releases: int) -> None:
    run, odd = "?" * releases, releases % 2 == 1
    text = EDIFACT.replace("4711+9'", f"4711{run}'XYZ+1'")
    found = only(text.replace("UNT+3", f"UNT+{3 if odd else 4}"))
    assert codes(found) == []


@pytest.mark.parametrize("releases", range(5))
def test_a_released_terminator_may_look_like_a_trailer(releases: int) -> None:
    run, odd = "?" * releases, releases % 2 == 1
    found = only(EDIFACT.replace("4711+9'", f"4711{run}'UNT+9+9+text'").replace("UNT+3", "UNT+3"))
    assert (codes(found) == []) is odd


def test_binary_data_may_hold_anything() -> None:
    data = "~SE*9*9~~ST*850*2~"
    payload = X12.replace("BEG*", f"BIN*{len(data)}*{data}~BDS*ASC*3*~~~~BEG*").replace("SE*3", "SE*5")
    assert codes(only(payload)) == []


def test_ta1_segments_are_kept() -> None:
    note = "TA1*000000009*260121*0900*A*000~"
    found = only(f"{ISA}{note}IEA*0*000000001~")
    assert found.all_findings == []
    assert found.notes == [["TA1", "000000009", "260121", "0900", "A", "000"]]
    assert found.messages == []


@pytest.mark.parametrize("length", range(len(ISA)))
def test_an_isa_cut_short_at_any_byte(length: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        list(cut(ISA[:length].encode()))
    assert caught.value.code in ("HUB-1001", "HUB-1003")
    if length > 3:
        assert f"{length} of its 106 bytes" in str(caught.value)


@pytest.mark.parametrize("length", range(len(ISA), len(X12)))
def test_a_payload_cut_short_behind_the_isa_is_told(length: int) -> None:
    found = only(X12[:length])
    if length < len(X12) - 1:
        assert "HUB-1013" in codes(found) or "HUB-1019" in codes(found) or "HUB-1016" in codes(found)
    assert all(finding.location.interchange == 1 for finding in found.all_findings)


def test_a_wrong_count_is_told_at_its_byte() -> None:
    found = the(only(X12.replace("SE*3", "SE*12")), "HUB-1018")
    assert (found.value, found.expected, found.severity) == ("12", "3", "reject")
    where = found.location
    assert (where.interchange, where.group, where.message, where.segment, where.tag) == (1, 1, 1, 3, "SE")
    assert where.element == 1
    assert where.offset == X12.index("SE*3") + 3


def test_segments_outside_of_messages_count_from_the_header() -> None:
    found = only(X12.removesuffix("000000001~") + "000000002~")
    where = the(found, "HUB-1019").location
    assert (where.segment, where.tag, where.element) == (7, "IEA", 2)
    assert where.offset == len(X12) - len("000000001~")


def test_leading_zeros_of_a_number_are_only_worth_a_warning() -> None:
    found = the(only(X12.replace("IEA*1*000000001", "IEA*1*1")), "HUB-1019")
    assert found.severity == "warn"
    found = the(only(EDIFACT.replace("REF1+", "0001+").replace("UNZ+1+REF1", "UNZ+1+1")), "HUB-1019")
    assert found.severity == "reject"


def test_one_bad_message_does_not_stain_its_neighbours() -> None:
    bad = ORDER.replace("0001", "0002").replace("SE*3", "SE*4")
    found = only(f"{ISA}{GS}{ORDER}{bad}{ORDER.replace('0001', '0003')}GE*3*1~IEA*1*000000001~")
    assert [[each.code for each in span.findings] for span in found.messages] == [[], ["HUB-1018"], []]
    assert found.findings == found.groups[0].findings == []


@pytest.mark.parametrize(
    ("syntax", "raw", "codec"),
    [
        ("UNOA", b"M\xfcller", "latin-1"),
        ("UNOC", b"M\xfcller", "latin-1"),
        ("UNOC", "5 € \u201eneu\u201c".encode("cp1252"), "cp1252"),
        ("UNOL", "5 €".encode("iso8859-15"), "iso8859-15"),
        ("UNOC", "Müller".encode(), "utf-8"),
        ("UNOD", "Łódź".encode("iso8859-2"), "iso8859-2"),
        ("UNOE", "Заказ".encode("iso8859-5"), "iso8859-5"),
        ("UNOW", "Заказ".encode(), "utf-8"),
        ("UNOY", "注文".encode(), "utf-8"),
        ("KECA", "주문".encode("euc_kr"), "euc_kr"),
    ],
)
def test_charsets(syntax: str, raw: bytes, codec: str) -> None:
    found = only(EDIFACT.replace("UNOC", syntax).encode().replace(b"4711", raw))
    assert found.charset == codec
    expected = {("UNOA", "latin-1"): "HUB-1056", ("UNOC", "utf-8"): "HUB-1031", ("UNOC", "cp1252"): "HUB-1031"}
    assert codes(found) == [code for known, code in expected.items() if known == (syntax, codec)]


@pytest.mark.parametrize(
    ("syntax", "text", "wrong"),
    [
        ("UNOA", "MUELLER 5-7 (B), 10% = A/B; C", None),
        ("UNOA", "Mueller", "u"),
        ("UNOB", "Mueller & Co.", None),
        ("UNOB", "me@example", "@"),
        ("UNOC", "me@example", None),
    ],
)
def test_levels_a_and_b_are_part_of_ascii(syntax: str, text: str, wrong: str | None) -> None:
    found = only(EDIFACT.replace("UNOC", syntax).replace("4711", text))
    told = [(each.code, each.value, each.location.offset) for each in found.findings]
    start = EDIFACT.index("4711") + text.index(wrong) if wrong else 0
    assert told == ([("HUB-1056", wrong, start)] if wrong else [])


def test_identities_may_hold_released_separators() -> None:
    found = only(EDIFACT.replace("4012345000009:14", "A?:B?+C??:ZZ:DIV"))
    assert (found.sender, found.all_findings) == ("ZZ:A:B+C?", [])


def test_x12_is_utf8_where_its_bytes_are() -> None:
    assert only(X12.replace("4711", "Müller")).charset == "utf-8"
    assert only(X12.replace("4711", "Müller").encode("latin-1")).charset == "latin-1"
    assert only(X12.replace("4711", "Müller").encode("cp1252"), charset="cp1252").charset == "cp1252"


def test_names_in_the_header_are_read_in_the_charset() -> None:
    assert only(EDIFACT.replace("4012345000009:14", "MÜLLER:ZZ")).sender == "ZZ:MÜLLER"


def test_lines_of_80_columns() -> None:
    whole = X12.replace("4711", "4711 " + "with a long text " * 9)
    lines = "\r\n".join(whole[at : at + 80] for at in range(0, len(whole), 80))
    found = only(lines)
    assert codes(found) == ["HUB-1036"]
    assert found.wrapped
    assert found.messages[0].segments == 3


def test_memory_is_that_of_one_message() -> None:
    message = ORDER.replace("4711", "4711" + "X" * 1000)

    def payload() -> Iterator[bytes]:
        yield (ISA + GS).encode()
        for _ in range(5000):
            yield message.encode()
        yield b"GE*5000*1~IEA*1*000000001~"

    tracemalloc.start()
    (found,) = cut(payload())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.messages) == 5000
    assert peak < 12_000_000 < 5000 * len(message) * 3


@pytest.mark.parametrize(
    ("head", "standard"),
    [
        (b"ISA*00*", "x12"),
        (b"\r\n ISA|00|", "x12"),
        (b"ST*850*1~", "x12"),
        (b"UNA:+.? '", "edifact"),
        (b"\xef\xbb\xbfUNB+UNOA", "edifact"),
        (b"UNH+1+", "edifact"),
        (b"mail header\r\nISA*00*", "x12"),
        (b"<?xml version='1.0'?>", "xml"),
        ('<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16"), "xml"),
        (b'{"a": 1}', "json"),
        (b"  [1]", "json"),
        (b"sku;quantity\r\nA;1", "csv"),
        (b"STORE,QTY\n1,2", "csv"),
        (b"ISABELLA,QTY\n1,2", "csv"),
    ],
)
def test_detect(head: bytes, standard: str) -> None:
    assert detect(head) == standard


def test_xml_json_and_csv_are_one_interchange() -> None:
    for payload, standard, kind in (
        (b'<Order xmlns="urn:oasis:x"><ID>1</ID></Order>', "xml", "Order"),
        (b'{"id": 1}', "json", ""),
        (b"a,b\n1,2\n", "csv", ""),
    ):
        found = only(payload)
        (span,) = found.messages
        assert (found.standard, span.type, span.offset, span.length) == (standard, kind, 0, len(payload))


@pytest.mark.parametrize(
    ("payload", "cut_in"),
    [
        (X12, "IEA*1*00000000"),
        (X12, "IEA*"),
        (X12, "GE*1"),
        (X12, "SE*3*000"),
        (EDIFACT, "UNZ+1+RE"),
        (EDIFACT, "UNT+3"),
    ],
)
def test_a_payload_that_ends_inside_a_trailer_is_cut_short_and_nothing_else(payload: str, cut_in: str) -> None:
    found = only(payload[: payload.index(cut_in) + len(cut_in)])
    tag = cut_in[:3].rstrip("*")
    cut_short = {"HUB-1013", "HUB-1014", "HUB-1015"}
    assert set(codes(found)) <= cut_short
    (told,) = (each for each in found.all_findings if f"ends inside its {tag}" in each.message)
    assert told.expected == tag


def test_a_trailer_that_lacks_its_terminator_alone_is_read() -> None:
    found = only(X12[:-1])
    assert codes(found) == ["HUB-1034"]
    assert (the(found, "HUB-1034").location.segment, the(found, "HUB-1034").location.group) == (7, None)
    assert codes(only(EDIFACT[:-1])) == ["HUB-1034"]


def test_a_payload_that_ends_inside_a_tag_is_cut_short_and_nothing_else() -> None:
    assert set(codes(only(X12[: X12.index("GE*1") + 1]))) == {"HUB-1013", "HUB-1014"}
    assert codes(only(X12[: X12.index("GS*PO") + 12])) == ["HUB-1013"]


def test_a_message_whose_header_is_damaged_is_told_once() -> None:
    found = only(X12.replace("ST*850", "SA*850"))
    assert codes(found) == ["HUB-1028", "HUB-1017"]
    told = the(found, "HUB-1028")
    assert (told.location.segment, told.location.tag, told.location.offset) == (3, "SA", X12.index("ST*850"))
    assert "ends with the SE at byte" in told.message
    assert "begins with 'SA'" in told.message


def test_an_isa_or_unb_with_a_damaged_tag_is_named() -> None:
    for payload in (
        X12[1:],
        X12.replace("ISA*", "ISA "),
        EDIFACT[1:],
        EDIFACT.replace("UNB+", "UNX+"),
        "BSN*00*1~HL*1**S~",
    ):
        with pytest.raises(UnreadableError, match="whose header is damaged or missing"):
            only(payload)


def test_text_with_a_comma_is_no_table() -> None:
    with pytest.raises(UnreadableError) as raised:
        only("Dear all,\nplease find attached our order\nKind regards\n")
    assert raised.value.code == "HUB-1002"
    assert only("order,quantity\n1,2\n").standard == "csv"


def test_blanks_that_end_segments_and_stand_in_text_are_told_once() -> None:
    payload = X12.replace("~", " ").replace("BEG*00", "MSG*RAIN ON HILLS BEG*00")
    found = only(payload)
    assert codes(found) == ["HUB-1011"]
    assert the(found, "HUB-1011").location.offset == payload.index("ON")
    assert codes(only(X12.replace("~", " "))) == []
