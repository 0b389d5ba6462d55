"""An outside trading partner as the judge: mock-edi reads what we write, and we read what it writes."""

from datetime import datetime

import pytest
from mockedi import ack as mock_ack
from mockedi import edifact as mock_edifact
from mockedi import validate as mock_validate
from mockedi import x12 as mock_x12

from hub.acknowledgement import read_acknowledgement
from hub.cli.acknowledge import acknowledge_payload
from tests.unit.edi import ORDER, ORDERS, edifact, messages, x12

AT = datetime(2026, 1, 22, 15, 0)  # noqa: DTZ001 - an envelope says no zone
GOOD = ["BEG*00*SA*PO1001**20260122", "N1*ST*STORE*92*12", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]
BAD = ["BEG*00*SA*PO1002**20261332", "N1*ST*STORE*92*12", "PO1*1*10*EA*9.5**UP*012345678905", "XYZ*1", "CTT*1"]
EDI_GOOD = ["BGM+220+PO1+9", "DTM+137:20260122:102", "NAD+BY+4012345000009::9", "NAD+SU+4098765000004::9",
            "LIN+1++4000862141404:EN", "QTY+21:5", "UNS+S", "CNT+2:1"]  # fmt: skip
EDI_BAD = ["BGM+220+PO2+9", "DTM+137:20261399:102", *EDI_GOOD[2:]]


def judged(payload: bytes) -> mock_validate.InterchangeReport:
    text = payload.decode()
    return mock_validate.validate((mock_x12 if text.startswith("ISA") else mock_edifact).parse(text), strict=True)


@pytest.mark.parametrize("payload", [x12(GOOD), x12(GOOD, BAD, GOOD), x12(BAD), x12(ORDER[1:])])
def test_the_judge_finds_no_fault_in_our_997(payload: bytes) -> None:
    (written,) = acknowledge_payload(payload, kind="997", control_number=5, at=AT)
    report = judged(written)
    assert report.received == 1
    assert report.clean, mock_ack.explain(report)


@pytest.mark.parametrize("payload", [edifact(EDI_GOOD), edifact(EDI_GOOD, EDI_BAD), edifact(ORDERS[:2])])
def test_the_judge_finds_no_fault_in_our_contrl(payload: bytes) -> None:
    (written,) = acknowledge_payload(payload, kind="CONTRL", control_number=5, at=AT)
    report = judged(written)
    assert report.received == 1
    assert report.clean, mock_ack.explain(report)


def test_we_reject_the_messages_the_judge_rejects() -> None:
    payload = x12(GOOD, BAD, GOOD)
    (written,) = acknowledge_payload(payload, kind="997", control_number=5, at=AT)
    ours = read_acknowledgement(messages(written)[0]).answers[1:]
    theirs = judged(payload).messages
    assert [each.status != "rejected" for each in ours] == [each.accepted for each in theirs] == [True, False, True]


def test_we_read_the_997_of_the_judge() -> None:
    interchange = mock_x12.parse(x12(GOOD, BAD, GOOD).decode())
    report = mock_validate.validate(interchange, strict=True)
    ((functional_id, control, version, reports),) = mock_ack.group_reports(interchange, report)
    body = mock_ack.functional_acknowledgment(functional_id, control, version, reports)
    message = mock_x12.message("997", "0001", body)
    written = mock_x12.render(mock_x12.wrap([message], "ACME", "BLUEBIRD", "000000001", "1", "FA", moment=AT))
    answer = read_acknowledgement(messages(written.encode())[0])
    assert (answer.status, answer.answers[0].control_number) == ("partially", "77")
    assert [each.status for each in answer.answers[1:]] == ["accepted", "rejected", "accepted"]
    assert (2, 5) in [(each.location.segment, each.location.element) for each in answer.answers[2].findings]


def test_we_read_the_contrl_of_the_judge() -> None:
    interchange = mock_edifact.parse(edifact(EDI_GOOD, EDI_BAD).decode())
    report = mock_validate.validate(interchange, strict=True)
    message = mock_edifact.message("CONTRL", "1", mock_ack.syntax_report(interchange, report, report.messages))
    written = mock_edifact.render(mock_edifact.wrap([message], "A", "B", "1", moment=AT))
    answer = read_acknowledgement(messages(written.encode())[0])
    assert [(each.control_number, each.status) for each in answer.answers] == [
        ("REF77", "accepted"),
        ("1", "accepted"),
        ("2", "rejected"),
    ]
    places = [
        (each.location.segment, each.location.element, each.location.component) for each in answer.answers[2].findings
    ]
    assert (3, 1, 2) in places
