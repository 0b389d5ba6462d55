"""Texts that the database has no room for: told by column and length, held, and nobody else is kept."""

import pytest

from tests.hubs import Bench, order, x12

pytestmark = pytest.mark.peer("postgres")  # SQLite keeps texts of any length


@pytest.fixture
def database_url(postgres_database_url: str) -> str:
    return postgres_database_url


def test_an_envelope_that_is_too_long(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1"), number=1).replace(b"ST*850*0001", b"ST*850*" + b"7" * 60))
    assert [row["state"] for row in bench.payloads()] == ["unreadable"]
    assert "message.control_number has room for 35 characters, and this has 60" in bench.payloads()[0]["note"]
    assert bench.incidents() == ["HUB-6035"]
    assert bench.left() == []
    bench.pass_by(x12(order("PO-2"), number=2))
    assert [row["number"] for row in bench.messages()] == ["PO-2"]


def test_a_message_that_is_too_long_is_held_alone(bench: Bench) -> None:
    long = order("PO-2", more=["REF*VR*" + "V" * 30])
    long[long.index("N1*BY*Bluebird Stores Inc*92*BLUEBIRD")] = "N1*BY*Bluebird Stores Inc*92*" + "B" * 400
    long[1] = "BEG*00*SA*" + "9" * 300 + "**20260105"
    bench.pass_by(x12(order("PO-1"), long, order("PO-3")))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "held", "accepted"]
    assert bench.incidents() == ["HUB-6035"]
    assert "has room for 200 characters, and this has 300" in bench.messages()[1]["hold_reason"]
    assert bench.left() == []
