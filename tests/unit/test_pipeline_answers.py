"""Acknowledgements that come in settle what they are about, and nothing else."""

from hub.pipeline.operations import offered_for
from hub.store.browse_message import message_chain
from hub.store.tables import event, incident, message
from tests.hubs import HOUR, Bench, answer, edifact, european_order, order, segments_of, x12


def sent_855(bench: Bench) -> bytes:
    bench.pass_by(x12(order("PO-1")))
    (body,) = [body for body in bench.outbox() if b"ST*855*" in body]
    return body


def status(bench: Bench, kind: str = "855") -> str:
    return str(bench.message("out", type=kind)["acknowledgement"])


def test_a_997_accepts(bench: Bench) -> None:
    response = sent_855(bench)
    assert status(bench) == "expected"
    bench.pass_by(answer(response))
    assert status(bench) == "accepted"
    assert bench.incidents() == []


def test_a_997_rejects_and_says_why(bench: Bench) -> None:
    response = sent_855(bench)
    refused = [["AK2*855*0001", "AK3*PO1*7**8", "AK4*2*330*7*ten", "AK5*R*5"]]
    bench.pass_by(answer(response, "R", messages=refused))
    assert status(bench) == "rejected"
    assert bench.incidents() == ["HUB-4205"]
    assert bench.message("out", type="855")["delivery"] == "delivered"


def test_a_group_rejected_as_a_whole_rejects_its_messages(sqlite_bench: Bench) -> None:
    response = sent_855(sqlite_bench)
    sqlite_bench.pass_by(answer(response, "R"))
    assert status(sqlite_bench) == "rejected"


def test_accepted_with_errors_is_accepted(sqlite_bench: Bench) -> None:
    response = sent_855(sqlite_bench)
    sqlite_bench.pass_by(answer(response, "E", messages=[["AK2*855*0001", "AK5*E*5"]]))
    assert status(sqlite_bench) == "accepted_with_errors"
    assert sqlite_bench.incidents() == []


def test_partners_may_pad_the_numbers_they_answer(sqlite_bench: Bench) -> None:
    response = sent_855(sqlite_bench)
    padded = answer(response).replace(b"AK1*PR*1~", b"AK1*PR*000000001~")
    assert padded != answer(response)
    sqlite_bench.pass_by(padded)
    assert status(sqlite_bench) == "accepted"


def test_an_answer_to_something_never_sent_is_an_incident(bench: Bench) -> None:
    response = sent_855(bench)
    bench.pass_by(answer(response).replace(b"AK1*PR*1~", b"AK1*PR*77~"))
    assert status(bench) == "expected"
    assert bench.incidents() == ["HUB-4204"]


def test_another_partner_cannot_answer_for_it(bench: Bench) -> None:
    response = sent_855(bench)
    forged = answer(response).replace(b"*ZZ*BLUEBIRD ", b"*ZZ*OAKMART  ").replace(b"GS*FA*BLUEBIRD*", b"GS*FA*OAKMART*")
    bench.pass_by(forged, "oakmart/mailbox")
    assert status(bench) == "expected"
    assert bench.incidents() == ["HUB-4204"]


def test_an_answer_that_comes_before_we_know_of_our_delivery(bench: Bench) -> None:
    """The partner was quicker than our own commit."""
    bench.script("harbor", "killed_arrived")
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    try:
        bench.run()
    except SystemExit:
        bench.restart()
    (arrived,) = bench.lying("harbor")
    bench.receive("harbor/drop", answer(arrived))
    bench.run()
    assert status(bench, "940") == "accepted"
    assert bench.message("out", type="940")["delivery"] == "delivered"
    bench.wait(25 * HOUR)
    assert bench.message("out", type="940")["acknowledgement"] == "accepted"


def test_who_answers_has_what_was_given_up(bench: Bench) -> None:
    bench.script("harbor", "transient", "transient", "in_doubt_arrived")
    bench.probed("harbor", "transient")
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    bench.run()
    for _ in range(5):
        bench.wait(HOUR)
    assert bench.message("out", type="940")["delivery"] == "failed"
    assert bench.incidents() == ["HUB-5002"]
    (arrived,) = bench.lying("harbor")
    bench.receive("harbor/drop", answer(arrived))
    bench.run()
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert "997" in bench.deliveries("harbor")[0]["receipt"]["reference"]
    assert bench.incidents() == []


def test_what_is_answered_is_not_sent_again_though_nobody_finds_it_there(bench: Bench) -> None:
    bench.script("harbor", "in_doubt_arrived")
    bench.probed("harbor", "unknown")
    bench.receive("bluebird/mailbox", x12(order("PO-1")))
    bench.run()
    (arrived,) = bench.lying("harbor")
    bench.receive("harbor/drop", answer(arrived))
    bench.run()
    bench.wait(HOUR)
    assert bench.log("harbor") == ["in_doubt_arrived"], "neither asked nor sent again"
    assert bench.message("out", type="940")["delivery"] == "delivered"
    assert not bench.deliveries("harbor")[0]["maybe_duplicate"]


def test_what_is_overdue_is_an_incident_until_the_answer_comes(bench: Bench) -> None:
    from hub.pipeline.due import schedule_due

    response = sent_855(bench)
    (warehouse_order,) = bench.lying("harbor")
    schedule_due(bench.hub.context)
    bench.wait(23 * HOUR)
    assert status(bench) == "expected"
    bench.wait(2 * HOUR)
    assert status(bench) == "overdue"
    uncollected = ["HUB-4220"]  # what lies in the mailbox was not collected either
    assert bench.incidents() == [*uncollected, "HUB-4206", "HUB-4206"], "one for each message"
    bench.pass_by(answer(response))
    bench.pass_by(answer(warehouse_order), "harbor/drop")
    assert status(bench) == "accepted"
    assert bench.incidents() == uncollected


def test_a_ta1_that_refuses_settles_every_message_of_the_interchange(bench: Bench) -> None:
    response = sent_855(bench)
    bench.pass_by(ta1(response, "R", "006"))
    assert status(bench) == "rejected"
    assert bench.incidents() == ["HUB-4205"]


def test_a_ta1_that_accepts_does_not_stand_for_the_997(bench: Bench) -> None:
    response = sent_855(bench)
    bench.pass_by(ta1(response, "A", "000"))
    assert status(bench) == "expected"
    names = [row["name"] for row in bench.rows(event, subject_id=bench.message("out", type="855")["id"])]
    assert names[-1] == "envelope_accepted"
    bench.pass_by(answer(response))
    assert status(bench) == "accepted"


def ta1(sent: bytes, said: str, note: str) -> bytes:
    """An interchange of a TA1 alone."""
    isa = next(segment for segment in segments_of(sent) if segment[0] == "ISA")
    lines = answer(sent, number=502).decode().split("~\n")
    told = f"TA1*{isa[13]}*{isa[9]}*{isa[10]}*{said}*{note}"
    return "~\n".join([lines[0], told, "IEA*0*000000502", ""]).encode()


def test_a_contrl_rejects_one_message(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.pass_by(edifact(european_order("EM-1")), "europa/drop")
    number = bench.interchanges(direction="out", partner="europa")[0]["control_number"]
    said = ("CONTRL", [f"UCI+{number}+4098765000010:14+4012345000009:14+7", "UCM+1+ORDRSP:D:96A:UN+4+12"])
    bench.pass_by(edifact(said, number="8"), "europa/drop")
    assert status(bench, "ORDRSP") == "rejected"
    assert bench.incidents() == ["HUB-4205"]


def test_answers_of_ours_are_never_waited_for(sqlite_bench: Bench) -> None:
    sent_855(sqlite_bench)
    assert {row["acknowledgement"] for row in sqlite_bench.rows(message, type="997")} == {"none"}


def test_the_incident_names_the_very_field_that_was_refused(sqlite_bench: Bench) -> None:
    response = sent_855(sqlite_bench)
    place = next(number for number, segment in enumerate(segments_of(response)[2:], 1) if segment[0] == "PO1")
    refused = [["AK2*855*0001", f"AK3*PO1*{place}**8", "AK4*2*330*7*10", "AK5*R*5"]]
    sqlite_bench.pass_by(answer(response, "R", messages=refused))
    said = sqlite_bench.row(incident, code="HUB-4205")["message"]
    assert f'segment {place} (PO1), element 2 ("10", our lines.quantity.value)' in said
    with sqlite_bench.hub.database.read() as conn:
        chain = message_chain(conn, sqlite_bench.message("out", type="855")["id"])
    assert chain is not None
    assert chain.refusal is not None
    assert chain.refusal.said[0] in said
    assert offered_for(chain.message)[0] == "reissue", "the same bytes would be refused again"
    assert [(one.location.segment, one.location.element) for one in chain.refusal.findings] == [(place, 2)]


E824 = [
    "824",
    "BGN*11*1*20260105",
    "OTI*{status}*PO*{number}*****1*0001*855",
    "TED*ZZZ*PRICE DIFFERS*PO1*7*4",
]


def application_advice(status: str = "TR", number: str = "PO-1", *, control: int = 700) -> bytes:
    segments = [one.format(status=status, number=number) for one in E824]
    return x12(segments, number=control)


def with_824(bench: Bench) -> bytes:
    bench.edit(
        "partners/bluebird/partner.toml",
        '"x12/004010/850"',
        '"x12/004010/850"\n[[agreement]]\nreceive = "x12/004010/824"',
    )
    bench.publish()
    return sent_855(bench)


def test_an_824_refuses_what_a_997_accepted(bench: Bench) -> None:
    response = with_824(bench)
    bench.pass_by(answer(response))
    bench.pass_by(application_advice())
    assert status(bench) == "rejected"
    assert bench.incidents() == ["HUB-4205"]
    assert bench.message(type="824")["validation"] == "accepted"
    assert "PRICE DIFFERS" in bench.row(incident, code="HUB-4205")["message"]
    assert bench.outbox()[-1].count(b"AK1*AG") == 1, "an 824 is acknowledged like any business message"


def test_a_997_that_comes_late_takes_no_refusal_of_the_business_back(sqlite_bench: Bench) -> None:
    response = with_824(sqlite_bench)
    sqlite_bench.pass_by(application_advice())
    assert status(sqlite_bench) == "rejected"
    sqlite_bench.pass_by(answer(response))
    assert status(sqlite_bench) == "rejected"
    sqlite_bench.pass_by(application_advice("TA", control=701))
    assert status(sqlite_bench) == "accepted"
    assert sqlite_bench.incidents() == []


def test_an_824_of_something_never_sent_is_an_incident(sqlite_bench: Bench) -> None:
    with_824(sqlite_bench)
    sqlite_bench.pass_by(application_advice(number="PO-77").replace(b"*1*0001*855~", b"*77*0001*855~"))
    assert status(sqlite_bench) == "expected"
    assert sqlite_bench.incidents() == ["HUB-4204"]


def test_an_aperak_refuses_a_document_by_its_number(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.edit(
        "partners/europa/partner.toml",
        '"edifact/d96a/ORDERS"',
        '"edifact/d96a/ORDERS"\n[[agreement]]\nreceive = "edifact/d96a/APERAK"',
    )
    bench.publish()
    bench.pass_by(edifact(european_order("EM-1")), "europa/drop")
    number = bench.message("out", type="ORDRSP")["number"]
    said = [
        "BGM+313+9+27",
        "DTM+137:202601050900:203",
        f"RFF+ACE:{number}",
        "RFF+ACW:1",
        "ERC+Z10",
        "FTX+AAO+++Wrong item",
    ]
    bench.pass_by(edifact(("APERAK", said), number="8"), "europa/drop")
    assert status(bench, "ORDRSP") == "rejected"
    assert bench.incidents() == ["HUB-4205"]
