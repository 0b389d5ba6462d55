"""The exact check of elements: every code of the area, X12 syntax notes, EDIFACT formats; and no false faults."""

import pytest

from hub.catalogue import CATALOGUE
from hub.errors import Finding
from hub.schema import check, definition
from hub.schema.check import KEPT
from hub.schema.values import is_moment
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12


def checked(payload: bytes) -> list[Finding]:
    message = messages(payload)[0]
    return check(message, definition(message.standard, message.version, message.type))


def line(segment: str) -> list[tuple[str, str | None, str | None]]:
    """Code, rule and value of the findings of an 850 whose first line is the segment."""
    return [(each.code, each.rule, each.value) for each in checked(x12([ORDER[0], segment, ORDER[2]]))]


def header(segment: str) -> list[tuple[str, str | None, str | None]]:
    """Code, rule and value of the findings of an 850 with one more header segment."""
    return [(each.code, each.rule, each.value) for each in checked(x12([ORDER[0], segment, *ORDER[1:]]))]


def orders(*segments: str) -> list[tuple[str, str | None, str | None]]:
    """Code, rule and value of the findings of an ORDERS whose DTM is replaced by the segments."""
    return [(each.code, each.rule, each.value) for each in checked(edifact([ORDERS[0], *segments, *ORDERS[2:]]))]


def test_right_messages_have_no_findings() -> None:
    assert checked(x12(ORDER)) == []
    assert checked(x12(ORDER, version="005010")) == []
    assert checked(edifact(ORDERS)) == []


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("CUR**USD", ("HUB-2020", "850 CUR01", None)),
        ("CUR*BY*US", ("HUB-2024", "850 CUR02", "US")),
        ("CUR*BY*USDX", ("HUB-2025", "850 CUR02", "USDX")),
        ("CUR*BYYY*USD", ("HUB-2025", "850 CUR01", "BYYY")),
        ("CUR*BY*USD*9***007", ("HUB-2024", "850 CUR03", "9")),
        ("DTM*Q!Q*20260122", ("HUB-2027", "850 DTM01", "Q!Q")),
        ("CUR*BY*USD*1.2.3", ("HUB-2030", "850 CUR03", "1.2.3")),
        ("CUR*BY*USD*12E", ("HUB-2030", "850 CUR03", "12E")),
        ("DTM*010*20260230", ("HUB-2028", "850 DTM02", "20260230")),
        ("DTM*010*260122", ("HUB-2028", "850 DTM02", "260122")),
        ("DTM*010*20260122*2460", ("HUB-2029", "850 DTM03", "2460")),
        ("DTM*010*20260122*12345", ("HUB-2029", "850 DTM03", "12345")),
        ("DTM*010", ("HUB-2021", "X12 004010 DTM R020305", None)),
        ("DTM*010*20260122**ES", ("HUB-2021", "X12 004010 DTM C0403", None)),
        ("REF*DP", ("HUB-2021", "X12 004010 REF R0203", None)),
        ("SAC*A*D240***1500**5", ("HUB-2021", "X12 004010 SAC P0607", None)),
        ("CUR*BY*USD" + "*" * 20 + "X", ("HUB-2023", "850 CUR22", "X")),
        ("CUR*BY*USD*", ("HUB-2034", "850 CUR03", None)),
        ("REF*DP*A>B", ("HUB-2031", "850 REF02-2", "A>B")),
        ("REF*DP*X**DP>1>DP", ("HUB-2021", "X12 004010 REF P0304", None)),
        ("REF*DP*X**DP>1>>>>>1", ("HUB-2031", "850 REF04-7", "1")),
    ],
)
def test_header_faults(segment: str, expected: tuple[str, str | None, str | None]) -> None:
    assert expected in header(segment)


def test_a_fault_names_its_byte_value_and_what_was_expected() -> None:
    payload = x12(["BEG*00*SA*PO1001**20261332", *ORDER[1:]])
    (found,) = checked(payload)
    assert (found.code, found.severity, found.rule) == ("HUB-2028", "reject", "850 BEG05")
    assert (found.value, found.expected) == ("20261332", "CCYYMMDD")
    place = found.location
    assert (place.message, place.segment, place.tag, place.element) == (1, 2, "BEG", 5)
    assert place.offset is not None
    assert payload[place.offset : place.offset + 8] == b"20261332"
    assert found.message == "BEG05 holds '20261332', which is not a date: send CCYYMMDD, a day of the calendar."


def test_exclusions() -> None:
    at5 = ["B2**SCAC**1**PP", "B2A*00", "AT5*1**2*X", "S5*1*LD"]
    found = checked(x12(at5, type="204", group="SM"))
    assert ("HUB-2022", "X12 004010 AT5 E0103") in [(each.code, each.rule) for each in found]


def test_quantities_of_every_right_form_pass() -> None:
    for quantity in ("1", "10.5", ".5", "5.", "-3", "123456789.123456"):
        assert line(f"PO1*1*{quantity}*EA*9.5**UP*012345678905") == []


def test_repetitions_of_005010() -> None:
    ack = [
        "AK1*PO*77",
        "AK2*850*0001",
        "IK3*BEG*2**8",
        "CTX*SITUATIONAL TRIGGER^SITUATIONAL TRIGGER>2",
        "IK4*5*373*8",
        "IK5*R*5",
        "AK9*R*1*1*0",
    ]
    assert checked(x12(ack, type="999", version="005010", group="FA")) == []
    by_composite = [*ack[:3], "CTX*SITUATIONAL TRIGGER*CLM*43**5>3*C023>1325", *ack[4:]]
    assert checked(x12(by_composite, type="999", version="005010", group="FA")) == []
    ack[2] = "IK3*BEG^BEG*2**8"
    found = checked(x12(ack, type="999", version="005010", group="FA"))
    assert ("HUB-2032", "999 IK301") in [(each.code, each.rule) for each in found]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("DTM+137:20261332:102", ("HUB-2028", "ORDERS DTM01-2", "20261332")),
        ("DTM+137:202601222460:203", ("HUB-2028", "ORDERS DTM01-2", "202601222460")),
        ("DTM+137:9999:401", ("HUB-2029", "ORDERS DTM01-2", "9999")),
        ("DTM", ("HUB-2020", "ORDERS DTM01", None)),
        ("DTM+:20260122:102", ("HUB-2020", "ORDERS DTM01-1", None)),
        ("DTM+137:20260122:102:X", ("HUB-2031", "ORDERS DTM01-4", "X")),
        ("DTM+137:20260122:102+X", ("HUB-2023", "ORDERS DTM02", "X")),
        ("DTM+137:20260122:102:", ("HUB-2034", "ORDERS DTM01-4", None)),
        ("DTM+1377:20260122:102", ("HUB-2025", "ORDERS DTM01-1", "1377")),
        ("DTM+XXX:20260122:102", ("HUB-2027", "ORDERS DTM01-1", "XXX")),
    ],
)
def test_edifact_date_faults(segment: str, expected: tuple[str, str | None, str | None]) -> None:
    assert expected in orders(segment)


@pytest.mark.parametrize("quantity", ["5", "5.5", "5,5", "-5", "0,25", "-1234567890,12345"])
def test_edifact_numbers_take_point_and_comma(quantity: str) -> None:
    right = checked(edifact([*ORDERS[:3], f"QTY+21:{quantity}", "UNS+S"]))
    assert right == []


@pytest.mark.parametrize("quantity", ["A5", "1.5.5", "--5", "1 000", "1E5"])
def test_edifact_numbers_take_nothing_else(quantity: str) -> None:
    found = checked(edifact([*ORDERS[:3], f"QTY+21:{quantity}", "UNS+S"]))
    assert [(each.code, each.value) for each in found] == [("HUB-2030", quantity)]


def test_released_characters_are_text() -> None:
    text = "FTX+AAI+++IT?'S 5?+5?:10 WITH A ?? IN IT"
    assert orders("DTM+137:20260122:102", text) == []


def test_control_characters_and_digits_in_letters() -> None:
    found = checked(x12([ORDER[0], "REF*DP*A\tB", *ORDER[1:]]))
    assert [(each.code, each.value) for each in found] == [("HUB-2026", "A\tB")]
    wrong = checked(edifact([*ORDERS[:4], "UNS+5"]))
    assert ("HUB-2026", "5") in [(each.code, each.value) for each in wrong]


def test_a_code_of_another_agencys_list_is_no_finding() -> None:
    own = checked(edifact(["BGM+YC1::9+PO1+9", *ORDERS[1:]]))
    assert own == []
    uns = checked(edifact(["BGM+YC1+PO1+9", *ORDERS[1:]]))
    assert [each.code for each in uns] == ["HUB-2027"]


def test_code_values_and_severities_are_the_agreements() -> None:
    message = messages(x12([ORDER[0], "DTM*Q!Q*20260122", *ORDER[1:]]))[0]
    made = definition("x12", "004010", "850")
    assert check(message, made, code_values="ignore") == []
    assert [each.severity for each in check(message, made, code_values="error")] == ["error"]
    assert [each.severity for each in check(message, made, severities={"HUB-2027": "reject"})] == ["reject"]


def test_an_unknown_type_is_one_finding() -> None:
    found = checked(x12(ORDER, type="837"))
    assert [(each.code, each.severity, each.value) for each in found] == [("HUB-2001", "reject", "837")]


def test_the_nearest_directory_gives_advice_only_where_releases_differ() -> None:
    payload = x12(["BEG*00*SA*PO1**260122", "NTE*GEN*TEXT", "PO1*1*X*EA"], version="003040")
    found = {each.code: each.severity for each in checked(payload)}
    assert found == {"HUB-2002": "warn", "HUB-2011": "warn", "HUB-2030": "reject"}


def test_what_another_release_may_not_demand_rejects_nothing() -> None:
    payload = ["BEG**SA*PO1**20260122", "N1*ST*X*92*01"]
    assert {each.code: each.severity for each in checked(x12(payload))} == {"HUB-2020": "reject", "HUB-2014": "reject"}
    found = {each.code: each.severity for each in checked(x12(payload, version="004030"))}
    assert found == {"HUB-2002": "warn", "HUB-2020": "error", "HUB-2014": "error"}


def test_findings_are_capped_with_a_summary_that_keeps_the_gravest() -> None:
    found = checked(x12([ORDER[0], *["XYZ*1"] * (KEPT + 500), *ORDER[1:]]))
    assert len(found) == KEPT + 1
    assert (found[-1].code, found[-1].severity, found[-1].value) == ("HUB-2040", "reject", "500")


def test_findings_stand_in_message_order() -> None:
    found = checked(x12(["BEG*00*SA*PO1**2026", "XYZ*1", "CUR*BY*X", "PO1*1*X", "BIG*1"]))
    numbers = [each.location.segment or 0 for each in found]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("form", "value", "right"),
    [
        ("Ymd", "20240229", True),
        ("Ymd", "20250229", False),
        ("Ymd", "21000229", False),
        ("ymd", "000229", True),
        ("YmdHM", "202601222359", True),
        ("YmdHM", "202601222400", True),
        ("YmdHM", "202601222401", False),
        ("YmdHMz", "202601222359EST", True),
        ("Ymd-Ymd", "2026012220260131", True),
        ("Ymd-Ymd", "20260122-20260131", True),
        ("Ymd-Ymd", "2026012220261331", False),
        ("Yw", "202653", True),
        ("Yw", "202654", False),
        ("yj", "26366", True),
        ("yj", "26367", False),
        ("HMS", "235960", False),
        ("Ymd", "٢٠٢٦٠١٢٢", False),
    ],
)
def test_moments(form: str, value: str, right: bool) -> None:
    assert is_moment(form, value) is right


REACHED = {
    "HUB-2001", "HUB-2002", "HUB-2003", "HUB-2004", "HUB-2010", "HUB-2011", "HUB-2012", "HUB-2013", "HUB-2014",
    "HUB-2015", "HUB-2016", "HUB-2017", "HUB-2018", "HUB-2020", "HUB-2021", "HUB-2022", "HUB-2023", "HUB-2024",
    "HUB-2025", "HUB-2026", "HUB-2027", "HUB-2028", "HUB-2029", "HUB-2030", "HUB-2031", "HUB-2032", "HUB-2034",
    "HUB-2040",
}  # fmt: skip


def test_every_code_of_the_area_is_reached_by_a_test() -> None:
    of_messages = {code for code in CATALOGUE if "HUB-2" < code < "HUB-2050"}  # from there on, the content of XML
    assert of_messages == REACHED


def test_elements_one_place_off_are_told_once() -> None:
    def found(segment: str) -> list[tuple[str, int | None, str]]:
        (message,) = messages(x12(["BEG*00*SA*PO1001**20260122", segment, "CTT*1"]))
        made = check(message, definition("x12", "004010", "850"))
        return [(each.code, each.location.element, each.message.partition("; but ")[2]) for each in made]

    early = "PO105 and all behind it fit one place later."
    assert found("PO1*1*10*EA*9.5*UP*012345678905*VN*TOOL1") == [("HUB-2025", 6, early)]
    late = "all behind PO105, which is empty, fit one place earlier."
    assert found("PO1*1*10*EA*9.5***BP*TOOL1*VN*TOOL1") == [("HUB-2025", 8, late)]
    assert [code for code, _, _ in found("PO1*1*TEN*EA*9,5**BP*TOOL1")] == ["HUB-2030", "HUB-2030"]


def test_what_was_meant_by_a_date_or_an_amount_is_told() -> None:
    (message,) = messages(x12(["BIG*2026-01-22*INV1", "TDS*45.99"], type="810", group="IN"))
    found = {each.code: each.message for each in check(message, definition("x12", "004010", "810"))}
    assert found["HUB-2028"] == "BIG01 holds '2026-01-22', which is not a date of the form CCYYMMDD: send 20260122."
    assert "implied decimals: send 4599 for 45.99" in found["HUB-2030"]


def test_a_date_of_another_format_than_it_says_names_that_format() -> None:
    for moment, hint in (("137:20260122143000:203", "CCYYMMDDHHMM, or the format 204."), ("137:26:102", "CCYYMMDD.")):
        (message,) = messages(edifact(["BGM+220+1+9", f"DTM+{moment}", "LIN+1", "UNS+S"]))
        (told,) = check(message, definition("edifact", "D.96A", "ORDERS"))
        assert told.message.endswith(f"send {hint}")


def test_a_segment_that_ends_before_several_mandatory_elements_misses_each() -> None:
    order = x12([*ORDER[:2], "SDQ*EA", ORDER[2]])
    assert [(each.code, each.location.element) for each in checked(order)] == [("HUB-2020", 3), ("HUB-2020", 4)]


@pytest.mark.parametrize("type", ["850", "856", "869", "210"])
def test_a_segment_may_end_anywhere(type: str) -> None:
    made = definition("x12", "004010", type)
    assert made is not None
    for tag, segment in made.segments.items():
        for size in range(len(segment.elements) + 2):
            checked(x12([tag + "*1" * size], type=type))  # whatever is told, it is told
