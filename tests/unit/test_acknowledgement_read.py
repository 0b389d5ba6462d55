"""Acknowledgements that come in: what they answer, their status and what they say of our segments and elements."""

from datetime import datetime

import pytest

from hub.acknowledgement import Acknowledgement, read_acknowledgement, read_ta1
from hub.acknowledgement.codes import CONTRL, ELEMENT, GROUP, INTERCHANGE, MESSAGE, SEGMENT
from hub.catalogue import CATALOGUE
from hub.cli.acknowledge import acknowledge_payload
from hub.errors import DataError
from hub.schema.directory import directory
from hub.syntax import cut
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone


def x12_answer(*segments: str, type: str = "997") -> Acknowledgement:
    version = "005010" if type == "999" else "004010"
    return read_acknowledgement(messages(x12(list(segments), type=type, version=version, group="FA"))[0])


def contrl(*segments: str) -> Acknowledgement:
    return read_acknowledgement(messages(edifact(list(segments), type="CONTRL", version="D:3"))[0])


def test_a_997_of_a_group_and_its_messages() -> None:
    answer = x12_answer(
        "AK1*PO*77", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK3*BEG*2**8", "AK4*5*373*8*20261332", "AK3*XYZ*4**1",
        "AK5*R*4*5", "AK2*850*0003", "AK5*E*5", "AK9*P*3*3*2",
    )  # fmt: skip
    assert (answer.kind, answer.status) == ("997", "partially")
    assert [(each.level, each.type, each.control_number, each.status) for each in answer.answers] == [
        ("group", "PO", "77", "partially"),
        ("message", "850", "0001", "accepted"),
        ("message", "850", "0002", "rejected"),
        ("message", "850", "0003", "accepted_with_errors"),
    ]
    assert [each.group_control_number for each in answer.answers] == [None, "77", "77", "77"]
    element, segment, count = answer.answers[2].findings
    assert (element.code, element.severity, element.value) == ("HUB-7014", "reject", "8")
    assert (element.location.segment, element.location.tag, element.location.element) == (2, "BEG", 5)
    assert "the date does not exist" in element.message
    assert "'20261332'" in element.message
    assert (segment.code, segment.location.segment, segment.location.tag) == ("HUB-7013", 4, "XYZ")
    assert (count.code, count.rule, count.value) == ("HUB-7012", "997 AK502", "4")
    (fault,) = answer.answers[3].findings
    assert fault.severity == "error"


def test_a_999_and_its_positions_in_composites_and_repetitions() -> None:
    answer = x12_answer(
        "AK1*IN*5*005010", "AK2*810*0007", "IK3*REF*9**8", "IK4*4>1>2*128*7*QQ", "IK5*E*5", "AK9*E*1*1*1", type="999"
    )
    (found,) = answer.answers[1].findings
    place = found.location
    assert (place.segment, place.element, place.component, place.repetition) == (9, 4, 1, 2)
    assert answer.status == "accepted_with_errors"


def test_a_group_fault() -> None:
    answer = x12_answer("AK1*PO*77", "AK9*R*3*2*0*5")
    (found,) = answer.answers[0].findings
    assert (found.code, found.rule, found.value) == ("HUB-7011", "997 AK905", "5")
    assert "the message count is wrong" in found.message


def test_a_contrl_of_an_interchange_and_its_messages() -> None:
    answer = contrl(
        "UCI+REF77+A:14+B:14+7", "UCM+1+ORDERS:D:96A:UN+7", "UCM+2+ORDERS:D:96A:UN+4+29+UNT+2", "UCS+3",
        "UCD+12+2:2", "UCS+4+15",
    )  # fmt: skip
    assert [(each.level, each.type, each.control_number, each.status) for each in answer.answers] == [
        ("interchange", None, "REF77", "accepted"),
        ("message", "ORDERS", "1", "accepted"),
        ("message", "ORDERS", "2", "rejected"),
    ]
    trailer, element, segment = answer.answers[2].findings
    assert (trailer.code, trailer.location.tag, trailer.location.element) == ("HUB-7012", "UNT", 1)
    assert (element.code, element.location.segment, element.location.element, element.location.component) == (
        "HUB-7014",
        3,
        1,
        2,
    )
    assert (segment.code, segment.location.segment) == ("HUB-7013", 4)


def test_a_contrl_of_groups() -> None:
    answer = contrl("UCI+R+A+B+7", "UCF+G1+A+B+7", "UCM+1+ORDERS:D:96A:UN+7", "UCF+G2+A+B+4+29+UNE+2")
    assert [(each.level, each.control_number, each.group_control_number, each.status) for each in answer.answers] == [
        ("interchange", "R", None, "accepted"),
        ("group", "G1", None, "accepted"),
        ("message", "1", "G1", "accepted"),
        ("group", "G2", None, "rejected"),
    ]
    assert [each.code for each in answer.answers[3].findings] == ["HUB-7011"]


def test_a_rejected_interchange() -> None:
    answer = contrl("UCI+REF77+A:14+B:14+4+23")
    assert answer.status == "rejected"
    assert [(each.code, each.value) for each in answer.answers[0].findings] == [("HUB-7010", "23")]


def test_ta1() -> None:
    payload = x12(ORDER).replace(b"IEA*1*", b"IEA*4*")
    (note,) = acknowledge_payload(payload, kind=None, control_number=9, at=AT)
    (answer,) = read_ta1(next(iter(cut(note))))
    assert (answer.kind, answer.status, answer.answers[0].control_number) == ("TA1", "rejected", "000000905")
    (found,) = answer.answers[0].findings
    assert (found.code, found.value, found.severity) == ("HUB-7010", "021", "reject")


@pytest.mark.parametrize("kind", ["997", "999"])
def test_what_we_write_we_read(kind: str) -> None:
    payload = x12(ORDER, ["BEG*00*SA*PO1002**20261332", "N1*ST", ORDER[1]], [*ORDER, "XYZ*1"])
    (written,) = acknowledge_payload(payload, kind=kind, control_number=9, at=AT)
    answer = read_acknowledgement(messages(written)[0])
    assert [each.status for each in answer.answers] == ["partially", "accepted", "rejected", "rejected"]
    places = [(each.location.segment, each.location.tag, each.location.element) for each in answer.answers[2].findings]
    assert places == [(2, "BEG", 5), (3, "N1", 2)]


def test_what_we_write_as_contrl_we_read() -> None:
    payload = edifact(ORDERS, ["BGM+220+PO2+9", "DTM+137:20261399:102", "LIN+1", "UNS+S"])
    (written,) = acknowledge_payload(payload, kind=None, control_number=9, at=AT)
    answer = read_acknowledgement(messages(written)[0])
    assert [each.status for each in answer.answers] == ["accepted", "accepted", "rejected"]
    (found,) = answer.answers[2].findings
    assert (found.location.segment, found.location.element, found.location.component) == (3, 1, 2)


def test_an_unknown_status_counts_as_rejected_and_says_so() -> None:
    answer = x12_answer("AK1*PO*77", "AK2*850*0001", "AK5*Q", "AK9*A*1*1*1")
    assert answer.answers[1].status == "rejected"
    assert [each.code for each in answer.answers[1].findings] == ["HUB-7020"]


def test_an_unknown_code_is_passed_on() -> None:
    answer = x12_answer("AK1*PO*77", "AK2*850*0001", "AK3*BEG*2**QQ", "AK5*R", "AK9*R*1*1*0")
    (found,) = answer.answers[1].findings
    assert found.value == "QQ"
    assert "does not explain" in found.message


def test_a_message_that_answers_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="no AK1"):
        x12_answer("AK9*A*1*1*1")
    with pytest.raises(DataError, match="no UCI"):
        contrl("UCM+1+ORDERS:D:96A:UN+7")
    with pytest.raises(DataError, match="is no acknowledgement"):
        read_acknowledgement(messages(x12(ORDER))[0])


def listed(name: str, element: str) -> set[str]:
    return set(directory(name)._lists.get(element).split())


def test_every_code_the_standards_list_has_a_meaning() -> None:
    assert listed("x12-004010", "720") <= set(SEGMENT)
    assert listed("x12-005010", "620") <= set(SEGMENT)
    assert listed("x12-004010", "723") <= set(ELEMENT)
    assert listed("x12-005010", "621") <= set(ELEMENT)
    assert listed("x12-004010", "718") <= set(MESSAGE)
    assert listed("x12-005010", "618") <= set(MESSAGE)
    assert listed("x12-004010", "716") <= set(GROUP)
    assert listed("x12-004010", "I18") <= set(INTERCHANGE)
    assert listed("edifact-service-3", "0085") <= set(CONTRL)
    assert listed("edifact-service-4", "0085") <= set(CONTRL)


def test_every_code_we_write_is_one_the_standards_list() -> None:
    for row in CATALOGUE.values():
        for value, known in (
            (row.ak3, listed("x12-004010", "720")),
            (row.ak4, listed("x12-004010", "723")),
            (row.ak5, listed("x12-004010", "718")),
            (row.ak9, listed("x12-004010", "716")),
            (row.ta1, listed("x12-004010", "I18")),
            (row.ik3, listed("x12-005010", "620")),
            (row.ik4, listed("x12-005010", "621")),
            (row.ik5, listed("x12-005010", "618")),
            (row.contrl, listed("edifact-service-3", "0085") | listed("edifact-service-4", "0085")),
        ):
            assert value is None or value in known, row.code


def test_the_codes_of_the_area() -> None:
    reached = {
        "HUB-7001",
        "HUB-7002",
        "HUB-7010",
        "HUB-7011",
        "HUB-7012",
        "HUB-7013",
        "HUB-7014",
        "HUB-7015",
        "HUB-7020",
    }
    assert {code for code in CATALOGUE if code.startswith("HUB-7")} == reached
