"""What is acknowledged, what is not, and under which control numbers."""

from tests.hubs import Bench, answer, confirmation, edifact, european_order, order, picked, segments_of, x12


def numbers(bodies: list[bytes], tag: str, element: int) -> list[int]:
    return [int(segment[element]) for body in bodies for segment in segments_of(body) if segment[0] == tag]


def told(bench: Bench, connection: str = "bluebird/mailbox", kind: bytes = b"ST*997*") -> list[bytes]:
    return [body for body in bench.outbox(connection) if kind in body]


def test_numbers_belong_to_the_envelope_and_have_no_gaps(bench: Bench) -> None:
    for place in (1, 2, 3):
        bench.pass_by(x12(order(f"PO-{place}"), number=place))
    bench.pass_by(x12(order("PO-9"), sender="ZZ:OAKMART"), "oakmart/mailbox")
    bluebird, oakmart = bench.outbox(), bench.outbox("oakmart/mailbox")
    assert numbers(bluebird, "ISA", 13) == [1, 2, 3, 4, 5, 6], "997 and 855 to one receiver share one line of numbers"
    assert numbers(oakmart, "ISA", 13) == [1, 2], "another receiver has its own"
    for kind, count in (("FA", 3), ("PR", 3)):
        groups = [int(s[6]) for body in bluebird for s in segments_of(body) if s[0] == "GS" and s[1] == kind]
        assert groups == list(range(1, count + 1)), "a group's number is counted per kind of group"
    assert numbers(bench.lying("harbor"), "ISA", 13) == [1, 2, 3, 4]


def test_test_and_production_share_the_numbers_of_one_pair_of_identities(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit("hub.toml", '["ZZ:NORTHWINDT"]', '["ZZ:NORTHWIND"]')
    bench.edit("partners/bluebird/partner.toml", '["ZZ:BLUEBIRDT"]', '["ZZ:BLUEBIRD"]')
    bench.publish()
    bench.pass_by(x12(order("PO-1"), number=1))
    bench.pass_by(x12(order("PO-1"), number=2, test=True), "bluebird/mailbox-test")
    assert numbers(bench.outbox(), "ISA", 13) == [1, 2]
    assert numbers(bench.outbox("bluebird/mailbox-test"), "ISA", 13) == [3, 4]
    assert all(b"*T*>" in body for body in bench.outbox("bluebird/mailbox-test"))


def test_every_group_is_answered_under_its_own_number(bench: Bench) -> None:
    one, other = (x12(order(f"PO-{n}"), number=1, group=n).decode().split("~\n") for n in (41, 42))
    payload = "~\n".join([*one[:-2], *other[1:-2], "IEA*2*000000001", ""]).encode()
    bench.pass_by(payload)
    bench.pass_by(x12(order("PO-3"), number=2))
    first, second = told(bench)
    assert picked(first, "AK1") == ["AK1*PO*41", "AK1*PO*42"]
    assert numbers([first], "GS", 6) == [1, 2]
    assert numbers([second], "GS", 6) == [3]
    assert picked(first, "IEA") == ["IEA*2*000000001"]
    assert len(bench.messages("out", type="997")) == 3


def test_a_997_is_not_acknowledged(bench: Bench) -> None:
    bench.pass_by(x12(order("PO-1")))
    (response,) = [body for body in bench.outbox() if b"ST*855*" in body]
    before = len(told(bench))
    bench.pass_by(answer(response))
    assert len(told(bench)) == before
    assert bench.message(type="997")["validation"] == "accepted"
    assert bench.left() == []


def test_a_type_nobody_agreed_on_is_accepted_and_held(bench: Bench) -> None:
    bench.pass_by(x12(confirmation("W1", "SHP-1", ("CC", "1", "1", "NW-100")), number=3))
    assert picked(told(bench)[0], "AK1", "AK9") == ["AK1*SW*3", "AK9*A*1*1*1"]
    assert bench.message()["validation"] == "held"
    assert bench.message()["acknowledgement"] == "accepted"
    assert bench.incidents() == ["HUB-4110"]


def test_the_agreement_asks_for_999(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(x12(order("PO-9"), sender="ZZ:OAKMART"), "oakmart/mailbox")
    assert len(told(sqlite_bench, "oakmart/mailbox", b"ST*999*")) == 1
    assert told(sqlite_bench, "oakmart/mailbox") == []


def test_a_ta1_where_it_is_asked_for(sqlite_bench: Bench) -> None:
    sqlite_bench.pass_by(x12(order("PO-1"), ask="1"))
    (body,) = told(sqlite_bench)
    assert picked(body, "TA1")[0].startswith("TA1*000000001*")
    assert "*A*000" in picked(body, "TA1")[0]


def test_contrl_only_where_it_is_asked_for(bench: Bench) -> None:
    bench.pass_by(edifact(european_order("EM-1"), number="1"), "europa/drop")
    assert "europa CONTRL" not in bench.sent()
    bench.pass_by(edifact(european_order("EM-2"), number="2", ask="1"), "europa/drop")
    assert bench.sent().count("europa CONTRL") == 1
    assert [row["acknowledgement"] for row in bench.messages()] == ["none", "accepted"]


def test_a_contrl_is_not_acknowledged(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(edifact(european_order("EM-1")), "europa/drop")
    said = ("CONTRL", ["UCI+1+4098765000010:14+4012345000009:14+7"])
    bench.pass_by(edifact(said, number="7", ask="1"), "europa/drop")
    assert "europa CONTRL" not in bench.sent()
    assert bench.message("out", type="ORDRSP")["acknowledgement"] == "accepted"


def test_what_is_not_checked_yet_is_not_answered(sqlite_bench: Bench) -> None:
    """A check that waits for a person must not be told as an acceptance meanwhile."""
    bench = sqlite_bench
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    bench.worker.step()  # identify
    translate = bench.set_aside("translate")
    bench.run()
    assert bench.message()["validation"] == "pending"
    assert told(bench) == []
    bench.take_up(translate)
    bench.wait(61)
    assert bench.message()["validation"] == "accepted"
    assert len(told(bench)) == 1


def test_an_answer_that_says_nothing_harms_no_other(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(x12(order("PO-1")))
    (response,) = [body for body in bench.outbox() if b"ST*855*" in body]
    lines = answer(response).decode().split("~\n")
    place = next(index for index, line in enumerate(lines) if line.startswith("GE*"))
    lines[place : place + 1] = ["ST*997*0002", "AK9*A*1*1*1", "SE*3*0002", "GE*2*501"]
    bench.pass_by("~\n".join(lines).encode())
    first, second = bench.messages(type="997")
    assert first["validation"] == "accepted"
    assert second["validation"] == "rejected"
    assert bench.message("out", type="855")["acknowledgement"] == "accepted"
