"""Periods of EDIFACT (2379 602 to 719) and of X12 (1250) become a first and a last day, and go back as they came."""

import pytest

from hub.canonical import Moment
from hub.mapping.periods import FORMATS, X12_FORMATS
from hub.mapping.values import (
    Refused,
    dtm,
    moment,
    write_day,
    write_dtm,
    write_iso_parts,
    write_moment,
    write_x12_period,
    x12_period,
)


def until(first: str, last: str) -> Moment:
    return Moment(date=first, until=Moment(date=last))


PERIODS = {
    ("2026", "602"): until("2026-01-01", "2026-12-31"),
    ("20262", "608"): until("2026-04-01", "2026-06-30"),
    ("2602", "609"): until("2026-02-01", "2026-02-28"),
    ("202402", "610"): until("2024-02-01", "2024-02-29"),
    ("2601", "615"): until("2025-12-29", "2026-01-04"),
    ("202653", "616"): until("2026-12-28", "2027-01-03"),
    ("20252026", "702"): until("2025-01-01", "2026-12-31"),
    ("261-262", "707"): until("2026-01-01", "2026-06-30"),
    ("2026120271", "708"): until("2026-01-01", "2027-03-31"),
    ("2601-2603", "709"): until("2026-01-01", "2026-03-31"),
    ("202601202603", "710"): until("2026-01-01", "2026-03-31"),
    ("2026010120260115", "711"): until("2026-01-01", "2026-01-15"),
    ("26010108002601011730", "713"): Moment(
        date="2026-01-01", time="08:00", until=Moment(date="2026-01-01", time="17:30")
    ),
    ("2604-2605", "715"): until("2026-01-19", "2026-02-01"),
    ("202604202605", "716"): until("2026-01-19", "2026-02-01"),
    ("260101260115", "717"): until("2026-01-01", "2026-01-15"),
    ("20260101-20260115", "718"): until("2026-01-01", "2026-01-15"),
    ("202601010800202601011730", "719"): Moment(
        date="2026-01-01", time="08:00", until=Moment(date="2026-01-01", time="17:30")
    ),
}


def test_every_format_is_tried() -> None:
    assert {form for _, form in PERIODS} == FORMATS


@pytest.mark.parametrize(("said", "meant"), PERIODS.items())
def test_a_period_is_read(said: tuple[str, str], meant: Moment | None) -> None:
    if meant is None:
        with pytest.raises(Refused, match="is not a period in format"):
            dtm(*said)
        return
    assert dtm(*said) == meant
    assert dtm(*write_dtm(meant)) == meant


@pytest.mark.parametrize(
    ("value", "form"),
    [("202654", "616"), ("202613", "610"), ("20260115-20260101", "718"), ("2026010", "718"), ("20260230", "711"),
     ("202601012400202601021200", "719"), ("0000", "602"), ("\uff12\uff10\uff12\uff16", "602"),
     ("000001", "616"), ("999952", "616")],
)  # fmt: skip
def test_what_is_no_period_is_refused(value: str, form: str) -> None:
    with pytest.raises(Refused, match="is not a period in format"):
        dtm(value, form)


def test_a_place_of_one_day_takes_the_begin_and_says_so() -> None:
    month = until("2026-01-01", "2026-01-31")
    for write, kept in (
        (write_day, "20260101"),
        (write_moment, ("20260101", "", "")),
        (write_iso_parts, ("2026-01-01", "")),
    ):
        with pytest.raises(Refused, match="is a period and this place holds its begin only") as told:
            write(month)
        assert (told.value.code, told.value.written) == ("HUB-3228", kept)
    assert moment("20260101") == Moment(date="2026-01-01")


def test_a_period_that_edifact_cannot_hold_is_refused() -> None:
    with pytest.raises(Refused, match="no period with a zone"):
        write_dtm(Moment(date="2026-01-01", zone="UTC", until=Moment(date="2026-01-02")))
    with pytest.raises(Refused, match="not in minutes"):
        write_dtm(Moment(date="2026-01-01", time="08:00", until=Moment(date="2026-01-02")))


X12 = {
    ("CY", "2026"): until("2026-01-01", "2026-12-31"),
    ("CQ", "20262"): until("2026-04-01", "2026-06-30"),
    ("CM", "202402"): until("2024-02-01", "2024-02-29"),
    ("D6", "260122"): Moment(date="2026-01-22"),
    ("D8", "20260122"): Moment(date="2026-01-22"),
    ("DT", "202601221430"): Moment(date="2026-01-22", time="14:30"),
    ("RD4", "2025-2026"): until("2025-01-01", "2026-12-31"),
    ("RD5", "202601-202603"): until("2026-01-01", "2026-03-31"),
    ("RD6", "260101-260115"): until("2026-01-01", "2026-01-15"),
    ("RD8", "20260101-20260115"): until("2026-01-01", "2026-01-15"),
    ("RDT", "202601010800-202601011730"): Moment(
        date="2026-01-01", time="08:00", until=Moment(date="2026-01-01", time="17:30")
    ),
}


def test_every_format_of_x12_is_tried() -> None:
    assert {form for form, _ in X12} == set(X12_FORMATS)


@pytest.mark.parametrize(("form", "text"), X12)
def test_a_period_of_x12_means_its_first_and_last_day(form: str, text: str) -> None:
    found = x12_period("", "", "", form, text)
    assert found == X12[form, text]
    assert x12_period(*write_x12_period(found)) == found


def test_a_period_of_x12_is_written_in_days_or_minutes() -> None:
    assert write_x12_period(until("2026-01-01", "2026-01-15")) == ("", "", "", "RD8", "20260101-20260115")
    assert write_x12_period(X12["RDT", "202601010800-202601011730"])[3] == "RDT"
    assert write_x12_period(Moment(date="2026-01-22", time="14:30")) == ("20260122", "1430", "", "", "")


@pytest.mark.parametrize(
    ("form", "text"), [("RD8", "20260115-20260101"), ("RD8", "20260101"), ("MM", "01"), ("CQ", "20265"), ("D8", "2026")]
)
def test_what_is_no_period_of_x12_is_refused(form: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        x12_period("", "", "", form, text)
    assert text in refused.value.message
