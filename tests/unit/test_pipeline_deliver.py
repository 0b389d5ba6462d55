"""Delivering: every outcome is recorded, tried again when the agreement says, and ends."""

import pytest

from hub.dispatch import pause_lane
from hub.errors import UsageError
from hub.store.tables import attempt, circuit, event, mailbox_file
from tests.hubs import HOUR, Bench, order, x12


def order_for_harbor(bench: Bench) -> None:
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    try:
        bench.run()
    except SystemExit:
        bench.restart()


def outcomes(bench: Bench) -> list[str]:
    made = bench.deliveries("harbor")[0]["id"]
    return [row["outcome"] for row in bench.rows(attempt, delivery_id=made)]


def state(bench: Bench) -> tuple[str, str]:
    """Of Harbor's first delivery, and of its message."""
    return bench.deliveries("harbor")[0]["state"], bench.message("out", type="940")["delivery"]


def test_transient_faults_are_tried_again_when_the_agreement_says(bench: Bench) -> None:
    """retry = 0s, 1m, 10m."""
    bench.script("harbor", "transient", "transient", "ok")
    order_for_harbor(bench)
    assert (outcomes(bench), state(bench)) == (["transient"], ("queued", "queued"))
    bench.wait(59)
    assert len(outcomes(bench)) == 1
    bench.wait(1)
    assert len(outcomes(bench)) == 2
    bench.wait(599)
    assert len(outcomes(bench)) == 2
    bench.wait(1)
    assert outcomes(bench) == ["transient", "transient", "delivered"]
    assert state(bench) == ("delivered", "delivered")
    assert bench.incidents() == []


def test_what_the_far_end_asks_for_is_waited(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "transient 900", "ok")
    order_for_harbor(bench)
    bench.wait(899)
    assert len(outcomes(bench)) == 1
    bench.wait(1)
    assert state(bench) == ("delivered", "delivered")


def test_a_schedule_that_is_used_up_fails_with_an_incident(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 3)
    order_for_harbor(bench)
    bench.wait(60)
    bench.wait(HOUR)
    assert outcomes(bench) == ["transient"] * 3
    assert state(bench) == ("failed", "failed")
    assert bench.incidents() == ["HUB-5002"]
    bench.wait(100 * HOUR)
    assert len(outcomes(bench)) == 3
    assert bench.left() == []


def test_a_permanent_fault_fails_at_once_and_a_resend_makes_up_for_it(bench: Bench) -> None:
    bench.script("harbor", "permanent")
    order_for_harbor(bench)
    assert outcomes(bench) == ["permanent"]
    assert state(bench) == ("failed", "failed")
    assert bench.incidents() == ["HUB-5003"]
    bench.hub.operations.resend(bench.message("out", type="940")["id"], "ann")
    bench.run()
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert bench.incidents() == []


def test_others_by_the_same_connection_go_on_meanwhile(bench: Bench) -> None:
    bench.script("harbor", "transient")
    bench.receive("bluebird/mailbox", x12(order("PO-1"), order("PO-2")))
    bench.run()
    assert sorted(row["state"] for row in bench.deliveries("harbor")) == ["delivered", "queued"]


def test_in_doubt_and_it_arrived(bench: Bench) -> None:
    bench.script("harbor", "in_doubt_arrived")
    order_for_harbor(bench)
    assert state(bench) == ("in_doubt", "in_doubt")
    bench.wait(60)
    assert state(bench) == ("delivered", "delivered")
    assert bench.log("harbor") == ["in_doubt_arrived", "probe"], "asked, and not sent again"
    assert not bench.deliveries("harbor")[0]["maybe_duplicate"]


@pytest.mark.parametrize(("answer", "flagged"), [("", False), ("unknown", True)])
def test_in_doubt_and_it_may_not_have_arrived(bench: Bench, answer: str, flagged: bool) -> None:
    bench.script("harbor", "in_doubt")
    bench.probed("harbor", answer)
    order_for_harbor(bench)
    bench.wait(60)
    assert bench.log("harbor") == ["in_doubt", "probe", "ok"]
    assert state(bench) == ("delivered", "delivered")
    assert bench.deliveries("harbor")[0]["maybe_duplicate"] is flagged


def test_the_last_try_is_asked_after_too(bench: Bench) -> None:
    bench.script("harbor", "transient", "transient", "in_doubt_arrived")
    order_for_harbor(bench)
    for _ in range(3):
        bench.wait(HOUR)
    assert bench.log("harbor") == ["transient", "transient", "in_doubt_arrived", "probe"]
    assert state(bench) == ("delivered", "delivered")
    assert bench.incidents() == []


def test_what_is_sent_again_and_found_there_resolves_the_incident(bench: Bench) -> None:
    bench.script("harbor", "permanent", "in_doubt_arrived")
    order_for_harbor(bench)
    assert bench.incidents() == ["HUB-5003"]
    bench.hub.operations.resend(bench.message("out", type="940")["id"], "ann")
    bench.run()
    bench.wait(HOUR)
    assert bench.log("harbor") == ["permanent", "in_doubt_arrived", "probe"]
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert bench.incidents() == []


def test_doubt_without_end_ends_as_an_incident(bench: Bench) -> None:
    bench.script("harbor", *["in_doubt"] * 50)
    bench.probed("harbor", "unknown")
    order_for_harbor(bench)
    for _ in range(5):
        bench.wait(HOUR)
    assert bench.log("harbor").count("in_doubt") == 3, "as often as the agreement says, and no more"
    assert state(bench) == ("failed", "failed")
    assert bench.incidents() == ["HUB-5004"]
    assert bench.deliveries("harbor")[0]["maybe_duplicate"], "whoever sends it again may send it twice"


def test_a_probe_that_fails_is_a_try_too(bench: Bench) -> None:
    bench.script("harbor", "in_doubt")
    bench.probed("harbor", "transient")
    order_for_harbor(bench)
    for _ in range(5):
        bench.wait(HOUR)
    assert bench.log("harbor") == ["in_doubt", "probe", "probe"]
    assert state(bench) == ("failed", "failed")


@pytest.mark.parametrize(
    ("how", "tries"), [("killed", ["killed", "probe", "ok"]), ("killed_arrived", ["killed_arrived", "probe"])]
)
def test_a_process_that_ends_in_the_middle_leaves_no_doubt_behind(bench: Bench, how: str, tries: list[str]) -> None:
    bench.script("harbor", how)
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    with pytest.raises(SystemExit):
        bench.run()
    assert bench.deliveries("harbor")[0]["sending"]
    assert outcomes(bench) == ["started"]
    bench.restart()
    bench.run()
    assert bench.log("harbor") == tries
    assert state(bench) == ("delivered", "delivered")
    assert len(bench.lying("harbor")) == 1
    assert "started" not in outcomes(bench)


def test_a_mailbox_delivery_is_one_row_in_one_transaction(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    for row in bench.deliveries("bluebird"):
        (laid,) = bench.rows(mailbox_file, delivery_id=row["id"])
        assert (laid["state"], row["state"]) == ("waiting", "delivered")
        (tried,) = bench.rows(attempt, delivery_id=row["id"])
        assert (tried["outcome"], tried["started_at"]) == ("delivered", tried["ended_at"])


def test_a_missing_secret_is_tried_again_and_found_once_it_is_there(bench: Bench) -> None:
    held_back = bench.secrets.pop("HUB_SECRET_DROPS")
    order_for_harbor(bench)
    assert (outcomes(bench), state(bench)) == (["transient"], ("queued", "queued"))
    (tried,) = bench.rows(attempt, delivery_id=bench.deliveries("harbor")[0]["id"])
    assert 'The secret "drops" is nowhere' in tried["detail"]
    bench.secrets["HUB_SECRET_DROPS"] = held_back
    bench.wait(60)
    assert state(bench) == ("delivered", "delivered")


def test_a_connection_that_is_gone_fails_in_the_end(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "transient")
    order_for_harbor(bench)
    bench.edit("partners/harbor/partner.toml", "[connection.drop]", "[connection.drop2]")
    bench.publish()
    for _ in range(4):
        bench.wait(HOUR)
    assert state(bench) == ("failed", "failed")
    assert bench.incidents() == ["HUB-4202"]


# -- what a person does ------------------------------------------------------------------------------------------------


def test_resend_is_the_same_bytes_under_another_name(bench: Bench) -> None:
    order_for_harbor(bench)
    sent = bench.message("out", type="940")
    for _ in range(2):
        bench.hub.operations.resend(sent["id"], "ann")
        bench.run()
    assert len(bench.lying("harbor")) == 3
    assert len(set(bench.lying("harbor"))) == 1
    assert len({row["file_name"] for row in bench.deliveries("harbor")}) == 3
    assert [row["actor"] for row in bench.rows(event, subject_id=sent["id"], name="resent")] == ["ann", "ann"]


@pytest.mark.parametrize(("first", "then"), [("transient", "ok"), ("in_doubt", "ok")])
def test_what_waits_for_its_next_try_is_retried_at_once(bench: Bench, first: str, then: str) -> None:
    """And not resent: then it would arrive twice, once by each delivery."""
    bench.script("harbor", first, then)
    order_for_harbor(bench)
    waits = bench.message("out", type="940")["id"]
    with pytest.raises(UsageError, match=r"HUB-6023.*retry it"):
        bench.hub.operations.resend(waits, "ann")
    assert bench.hub.operations.act("retry", waits, "ann").made == {"deliveries": 1}
    bench.run()
    assert state(bench) == ("delivered", "delivered")
    assert len(bench.deliveries("harbor")) == len(bench.lying("harbor")) == 1
    with pytest.raises(UsageError, match=r"HUB-6023.*waits for no try"):
        bench.hub.operations.act("retry", waits, "ann")


def test_a_retry_asks_a_connection_that_is_left_alone(bench: Bench) -> None:
    bench.script("harbor", *["transient"] * 5, "ok")
    for number in range(1, 6):
        bench.receive("bluebird/mailbox", x12(order(f"PO-{number}"), number=number))
        bench.run()
    (opened,) = bench.rows(circuit, connection="harbor/drop")
    assert (opened["state"], opened["next_at"] > bench.clock.now()) == ("open", True)
    waits = bench.messages("out", type="940")[-1]["id"]
    bench.hub.operations.act("retry", waits, "ann")
    bench.run()
    assert bench.row_of(waits)["delivery"] == "delivered"


def test_a_retry_does_not_go_past_a_paused_lane(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.script("harbor", "transient", "ok")
    order_for_harbor(bench)
    with bench.hub.database.begin() as conn:
        pause_lane(conn, bench.clock.now(), "out/harbor/drop")
    with pytest.raises(UsageError, match=r"out/harbor/drop is paused; resume that"):
        bench.hub.operations.act("retry", bench.message("out", type="940")["id"], "ann")
    assert len(outcomes(bench)) == 1


def test_the_resend_of_what_was_given_up_keeps_its_name_and_key(bench: Bench) -> None:
    """A try may still arrive that nobody knows of: a far end that has it recognises the resend."""
    bench.script("harbor", "permanent")
    order_for_harbor(bench)
    bench.hub.operations.resend(bench.message("out", type="940")["id"], "ann")
    bench.run()
    failed, made = bench.deliveries("harbor")
    assert (failed["state"], made["state"]) == ("failed", "delivered")
    assert failed["id"] != made["id"]
    assert (failed["file_name"], failed["idempotency_key"]) == (made["file_name"], made["idempotency_key"])


@pytest.mark.parametrize(("first", "more"), [("in_doubt_arrived", []), ("in_doubt", ["ok"])])
def test_the_resend_of_what_was_given_up_in_doubt_asks_first(bench: Bench, first: str, more: list[str]) -> None:
    bench.script("harbor", first)
    bench.probed("harbor", "transient")
    order_for_harbor(bench)
    for _ in range(5):
        bench.wait(HOUR)
    assert state(bench) == ("failed", "failed")
    bench.probed("harbor", "")
    bench.hub.operations.resend(bench.message("out", type="940")["id"], "ann")
    assert bench.message("out", type="940")["delivery"] == "in_doubt"
    bench.run()
    assert bench.log("harbor") == [first, "probe", "probe", "probe", *more]
    assert len(bench.lying("harbor")) == 1
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert bench.incidents() == []


def test_the_resend_asks_first_even_where_the_far_end_had_nothing_when_it_was_asked(bench: Bench) -> None:
    """The last try ended in the dark: whoever made it may stand still, and hand it over after the far end was asked."""
    bench.script("harbor", "transient", "transient", "in_doubt")
    order_for_harbor(bench)
    for _ in range(5):
        bench.wait(HOUR)
    assert state(bench) == ("failed", "failed")
    (given_up,) = bench.deliveries("harbor")
    (bench.drops / "harbor" / given_up["file_name"]).write_bytes(b"handed over late")
    bench.hub.operations.resend(bench.message("out", type="940")["id"], "ann")
    bench.run()
    assert bench.log("harbor") == ["transient", "transient", "in_doubt", "probe", "probe"]
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert bench.lying("harbor") == [b"handed over late"]


def test_reissue_is_the_same_message_under_new_numbers(bench: Bench) -> None:
    order_for_harbor(bench)
    sent = bench.message("out", type="940")
    made = bench.hub.operations.reissue(sent["id"], "ann")
    bench.run()
    first, second = bench.lying("harbor")
    assert b"*000000001*0*P*" in first
    assert b"*000000002*0*P*" in second
    assert first[first.index(b"ST*") : first.index(b"GE*")] == second[second.index(b"ST*") : second.index(b"GE*")]
    again = bench.row_of(made["reissued_as"])
    assert again["reissue_of"] == sent["id"]
    assert again["order_id"] == sent["order_id"]
    assert again["delivery"] == "delivered"


def test_replay_of_what_went_through_causes_nothing_twice(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    before = len(bench.messages("out"))
    for _ in range(2):
        bench.hub.operations.replay(bench.message()["id"], "ann")
        bench.run()
    assert len(bench.messages("out")) == before
    assert bench.message()["validation"] == "accepted"
    assert bench.incidents() == []


def test_replay_after_nobody_had_agreed_how_to_send(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "GH-1", "3", "2.00"))))
    assert bench.incidents() == ["HUB-4201"]
    assert "ghost 940" not in bench.sent()
    path = bench.folder / "partners/ghost/partner.toml"
    path.write_text(path.read_text() + '\n[[agreement]]\nsend = "x12/004010/940"\n')
    bench.publish()
    for _ in range(2):
        bench.hub.operations.replay(bench.message()["id"], "ann")
        bench.run()
    assert bench.sent().count("ghost 940") == 1
    assert bench.sent().count("bluebird 855") == 1
    assert bench.incidents() == []


def test_replay_after_a_rule_was_missing(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1", ("1", "XX-1", "3", "2.00"))))
    assert bench.incidents() == ["HUB-8007"]
    bench.edit("hub.toml", 'item = "GH-*"', 'item = "XX-*"\nfrom = "harbor"\n\n[[source]]\nitem = "GH-*"')
    bench.publish()
    bench.hub.operations.replay(bench.message()["id"], "ann")
    bench.run()
    assert bench.message()["validation"] == "accepted"
    assert bench.message()["hold_reason"] is None
    assert "harbor 940" in bench.sent()
    assert bench.incidents() == []


def test_what_makes_no_sense_is_refused_with_what_does(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    received, sent, told = bench.message(), bench.message("out", type="855"), bench.message("out", type="997")
    operations = bench.hub.operations
    for attempted, row, hint in (
        (operations.resend, received, "replay it"),
        (operations.reissue, received, "resend or replay it"),
        (operations.reissue, told, "resend or replay it"),
        (operations.replay, sent, "reissue it"),
    ):
        with pytest.raises(UsageError, match=hint):
            attempted(row["id"], "ann")
    with pytest.raises(UsageError, match="HUB-6024"):
        operations.replay("no-such-message", "ann")


def test_two_people_cannot_replay_one_message_at_once(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    bench.hub.operations.replay(bench.message()["id"], "ann")
    with pytest.raises(UsageError, match="being worked on"):
        bench.hub.operations.replay(bench.message()["id"], "bob")
    bench.run()
    assert bench.message()["validation"] == "accepted"


def test_what_cannot_be_written_is_held_and_replayed_once_mended(bench: Bench) -> None:
    bench.edit("partners/harbor/partner.toml", "[[agreement]]\nsend", '[[agreement]]\nmapping = "x12/945"\nsend')
    bench.pass_by(x12(order("PO-1")))
    held = bench.message("out", type="940")
    assert (held["validation"], held["delivery"]) == ("held", "held")
    assert len(bench.incidents()) == 1
    bench.edit("partners/harbor/partner.toml", 'mapping = "x12/945"\n', "")
    bench.publish()
    bench.hub.operations.replay(held["id"], "ann")
    with pytest.raises(UsageError, match="being worked on"):
        bench.hub.operations.replay(held["id"], "bob")
    bench.run()
    mended = bench.message("out", type="940")
    assert (mended["validation"], mended["delivery"]) == ("accepted", "delivered")
    assert len(bench.lying("harbor")) == 1
    assert bench.incidents() == []


def test_an_incident_stays_open_while_others_are_held_like_it(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(*(order(f"PO-{place}", ("1", "XX-1", "3", "2.00")) for place in (1, 2))))
    bench.edit("hub.toml", 'item = "GH-*"', 'item = "XX-*"\nfrom = "harbor"\n\n[[source]]\nitem = "GH-*"')
    bench.publish()
    for row, left in zip(bench.messages(), (["HUB-8007"], []), strict=True):
        bench.hub.operations.replay(row["id"], "ann")
        bench.run()
        assert bench.incidents() == left
