"""The three statuses: closed, without dead ends, and moved only as the table allows."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from hub.store import status
from hub.store.engine import Database
from hub.store.ports import ManualClock, new_id
from hub.store.status import ENDS, START, TRANSITIONS, move_counted, sources
from hub.store.tables import message

VALUES = {
    "validation": get_args(status.Validation),
    "delivery": get_args(status.Delivery),
    "acknowledgement": get_args(status.Acknowledgement),
}


@pytest.mark.parametrize("field", VALUES)
def test_the_table_is_closed(field: str) -> None:
    targets = {target for row in TRANSITIONS[field].values() for target in row}
    assert set(TRANSITIONS[field]) == set(VALUES[field])
    assert targets <= set(VALUES[field])
    assert START[field] in VALUES[field]
    assert set(ENDS[field]) <= set(VALUES[field])


@pytest.mark.parametrize("field", VALUES)
def test_every_value_can_be_reached_and_leads_to_an_end(field: str) -> None:
    reached = {START[field]}
    while more := {target for value in reached for target in TRANSITIONS[field][value]} - reached:
        reached |= more
    assert reached == set(VALUES[field])
    ending = set(ENDS[field])
    while more := {value for value, targets in TRANSITIONS[field].items() if ending & set(targets)} - ending:
        ending |= more
    assert ending == set(VALUES[field])


@pytest.mark.parametrize("field", VALUES)
def test_every_value_has_a_way_out(field: str) -> None:
    assert [value for value in VALUES[field] if not TRANSITIONS[field][value]] == []


@pytest.fixture
def a_message(database: Database) -> str:
    clock = ManualClock()
    made = new_id(clock)
    row = {"direction": "in", "standard": "x12", "type": "850", "created_at": clock.now()}
    with database.begin() as conn:
        conn.execute(insert(message), {"id": made, **row})
    return made


STEPS = st.sampled_from([(field, target) for field, values in VALUES.items() for target in values])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_the_database_follows_the_table(database: Database, a_message: str, steps: list[tuple[str, str]]) -> None:
    """Any walk of wishes moves a message exactly where the table lets it."""
    expected = dict(START)
    with database.begin() as conn:
        conn.execute(update(message).where(message.c.id == a_message).values(**START))
        for field, target in steps:
            allowed = expected[field] == target or target in TRANSITIONS[field][expected[field]]
            assert move_counted(conn, field, [a_message, "no such message"], target) == int(allowed)
            if allowed:
                expected[field] = target
            assert (expected[field] in sources(field, target)) or not allowed
        row = conn.execute(select(message).where(message.c.id == a_message)).mappings().one()
        assert {field: row[field] for field in VALUES} == expected
