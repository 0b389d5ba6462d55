"""Calendars reckon as people at the partner do: working days, holidays, cut-offs, clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from hub.canonical import DateAt, Moment, Order, OrderChange, OrderResponse, ShipmentConfirmation
from hub.partner.calendar import Calendar, parse_cadence, parse_span
from hub.partner.obligation import KINDS, ObligationTable, Penalty, parse_penalty, settle_obligations

CHICAGO = Calendar(zone="America/Chicago", holidays=frozenset({date(2026, 7, 3)}))
"""Friday the third is off, since the Fourth of July is a Saturday. Clocks change on 8 March and 1 November."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-07T18:00", "24h", "2026-03-08T18:00"),  # clocks go forward that night: 24 hours are 24 hours
        ("2026-03-06T18:00", "1 working day", "2026-03-09T17:00"),  # noon stays noon: UTC-6 to UTC-5
        ("2026-10-30T17:00", "1 working day", "2026-11-02T18:00"),  # and back
        ("2026-07-02T15:00", "1 working day", "2026-07-06T15:00"),  # a holiday and a weekend
        ("2026-07-02T21:30", "1 working hour", "2026-07-06T14:30"),  # half an hour before closing at 22:00 UTC
        ("2026-07-04T12:00", "1 working hour", "2026-07-06T15:00"),  # a Saturday: from Monday's opening on
        ("2026-07-06T08:00", "1 working hour", "2026-07-06T15:00"),  # before opening
        ("2026-07-06T14:00", "8 working hours", "2026-07-06T22:00"),
        ("2026-07-06T14:00", "9 working hours", "2026-07-07T15:00"),
    ],
)
def test_spans_end_when_people_would_say_so(start: str, span: str, end: str) -> None:
    assert CHICAGO.add(utc(start), parse_span(span)) == utc(end)


@pytest.mark.parametrize(
    ("moment", "cut_off"),
    [
        ("2026-07-02T20:59", "2026-07-02T21:00"),
        ("2026-07-02T21:00", "2026-07-02T21:00"),
        ("2026-07-02T21:01", "2026-07-06T21:00"),  # the third is a holiday
        ("2026-03-06T22:01", "2026-03-09T21:00"),  # 16:00 is 22:00 UTC in winter and 21:00 in summer
    ],
)
def test_a_cut_off_is_the_next_one_of_a_working_day(moment: str, cut_off: str) -> None:
    assert CHICAGO.cut_off(utc(moment), time(16)) == utc(cut_off)


def test_a_time_the_clocks_skip_and_one_that_comes_twice() -> None:
    assert CHICAGO.at(date(2026, 3, 8), time(2, 30)) == utc("2026-03-08T08:30")
    assert CHICAGO.at(date(2026, 11, 1), time(1, 30)) == utc("2026-11-01T06:30")


def test_cadences() -> None:
    daily = parse_cadence("day by 06:00")
    due = CHICAGO.next_due(daily, utc("2026-07-02T12:00"))
    assert due == utc("2026-07-03T11:00"), "days are days, holidays too"
    early, late = utc("2026-07-03T09:00"), utc("2026-07-03T15:00")
    assert CHICAGO.next_due(daily, early, due) == CHICAGO.next_due(daily, late, due) == utc("2026-07-04T11:00")
    assert CHICAGO.next_due(parse_cadence("working day by 06:00"), early, due) == utc("2026-07-06T11:00")
    assert CHICAGO.next_due(parse_cadence("6h"), early, due) == early + timedelta(hours=6)


@pytest.mark.parametrize("text", ["", "day", "day by 25:00", "1 working week", "soon", "0 working days", "day by 6"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        parse_cadence(text)
    with pytest.raises(ValueError, match="expected a"):
        parse_span(text)


def test_penalties() -> None:
    assert parse_penalty("50 USD").of(None) == 50
    assert parse_penalty("2.5%").of(Decimal("199.99")) == Decimal("5.00")
    assert parse_penalty("3%").of(None) is None
    assert parse_penalty("3%") == Penalty(amount=Decimal(3))
    with pytest.raises(ValueError, match="expected a penalty"):
        parse_penalty("much")


def order(**dates: str) -> Order:
    return Order(number="PO-1", dates=[DateAt(type=name, at=Moment(date=day)) for name, day in dates.items()])


def test_a_warehouse_confirms_after_the_pick_up_of_its_ship_date() -> None:
    rule = KINDS["shipment_confirmation"]
    now = utc("2026-07-01T12:00")
    assert rule.due(CHICAGO, now, order(requested_ship="2026-07-07")) == [utc("2026-07-07T23:00")], "16:00 and 2 h"
    assert rule.due(CHICAGO, now, order()) == [utc("2026-07-01T23:00")], "without a date: the next pick-up"


def confirmed(*dates: tuple[str, Moment]) -> ShipmentConfirmation:
    return ShipmentConfirmation(number="S-1", dates=[DateAt(type=type_, at=at) for type_, at in dates])


@pytest.mark.parametrize(
    ("arrival", "due"),
    [
        (Moment(date="2026-07-02", time="12:20", zone="UTC"), "12:20"),  # it is there before the half hour is over
        (Moment(date="2026-07-02", time="07:20"), "12:20"),  # in the partner's zone
        (Moment(date="2026-07-02", time="14:20", zone="+0200"), "12:20"),
        (Moment(date="2026-07-02", time="08:20", zone="America/New_York"), "12:20"),
        (Moment(date="2026-07-02", time="08:20", zone="Nowhere/Land"), "12:30"),
        (Moment(date="2026-07-02"), "12:30"),
        (Moment(date="2026-07-03", time="09:00"), "12:30"),
    ],
)
def test_a_ship_notice_is_never_due_after_the_arrival(arrival: Moment, due: str) -> None:
    times = KINDS["ship_notice"].due(CHICAGO, utc("2026-07-02T12:00"), confirmed(("appointment", arrival)))
    assert times == [utc(f"2026-07-02T{due}")]


def test_what_must_be_there_before_the_appointment() -> None:
    (rule,) = settle_obligations([ObligationTable(kind="ship_notice_ahead", before="24h")], "retailer")
    now = utc("2026-07-02T12:00")
    at = Moment(date="2026-07-02", time="08:00", zone="America/Chicago")
    assert rule.due(CHICAGO, now, confirmed(("appointment", at))) == [utc("2026-07-01T13:00")], "too late already"
    day = Moment(date="2026-07-06")
    assert rule.due(CHICAGO, now, confirmed(("appointment", day))) == [utc("2026-07-05T14:00")], "from its opening on"
    assert rule.due(CHICAGO, now, confirmed()) == [], "nobody has said when"


def test_what_is_owed_twice_and_only_for_some_orders() -> None:
    (rule,) = settle_obligations([ObligationTable(kind="order_status", order_type=["special"])], "retailer")
    now = utc("2026-07-02T12:00")
    assert rule.due(CHICAGO, now, order()) == [now + timedelta(hours=24), now + timedelta(hours=48)]
    assert rule.is_opened_by(Order(number="1", order_type="special"))
    assert not rule.is_opened_by(Order(number="1", order_type="stand_alone"))
    assert not rule.is_opened_by(OrderResponse(number="1"))
    (other,) = settle_obligations([ObligationTable(kind="order_status", within=["1h", "1 working day"])], "retailer")
    assert len(other.due(CHICAGO, now, order())) == 2
    assert KINDS["cancel_response"].is_opened_by(OrderChange(number="1", purpose="cancel"))
    assert not KINDS["cancel_response"].is_opened_by(Order(number="1", purpose="original"))


@pytest.mark.parametrize("wants", ["send 87", "receive 870", "review Nothing", "hold Order", "learn Order", "send"])
def test_what_nothing_can_meet_is_refused(wants: str) -> None:
    with pytest.raises(ValueError, match="expected receive, send or review"):
        ObligationTable(kind="own", after=["receive Order"], wants=wants, within="1h")


def test_what_the_file_says_wins_over_the_usual() -> None:
    table = ObligationTable(kind="order_response", within="2 working hours", penalty="50 USD", warn="30m")
    (rule,) = settle_obligations([table], "retailer")
    assert (rule.after, rule.wants) == (("receive Order",), "send OrderResponse")
    assert rule.due(CHICAGO, utc("2026-07-02T21:00"), order()) == [utc("2026-07-06T15:00")]
    assert rule.penalty == Penalty(amount=Decimal(50), currency="USD")
    (usual,) = settle_obligations([ObligationTable(kind="order_response")], "marketplace")
    assert str(usual.within[0]) == "4 h", "marketplaces want it sooner"


def test_an_obligation_of_ones_own_says_what_it_is() -> None:
    with pytest.raises(ValueError, match="say after, wants and within"):
        ObligationTable(kind="greeting")
    own = ObligationTable(kind="greeting", after=["receive Order"], wants="send TextMessage", within="1h")
    (rule,) = settle_obligations([own], "retailer")
    assert rule.ours
    assert rule.kind == "greeting"
    with pytest.raises(ValueError, match="expected receive, hold, send or learn"):
        ObligationTable(kind="greeting", after=["receive Orders"], wants="send TextMessage", within="1h")
