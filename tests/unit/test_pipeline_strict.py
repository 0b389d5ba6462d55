"""order = "strict": a message that cannot go on stops those behind it, until a person decides."""

import pytest

from hub.store.tables import incident, lane
from tests.hubs import HOUR, Bench, order, x12

HARBOR = "out/harbor/drop"
RETRY = 'retry = ["0s", "1m", "10m"]'


@pytest.fixture
def strict(bench: Bench) -> Bench:
    bench.edit("partners/harbor/partner.toml", RETRY, f'{RETRY}\norder = "strict"')
    bench.publish()
    return bench


def three(bench: Bench) -> None:
    bench.pass_by(x12(*(order(f"PO-{number}") for number in range(3))))


def deliveries(bench: Bench) -> list[str]:
    return [row["delivery"] for row in bench.messages("out", type="940")]


def resume(bench: Bench) -> None:
    assert bench.row(lane, name=HARBOR)["paused"]
    bench.hub.desk.resume_lane(HARBOR, "ann")
    bench.run()


@pytest.mark.parametrize(("how", "state"), [("permanent", "queued"), ("transient", "queued"), ("in_doubt", "in_doubt")])
def test_what_is_behind_a_delivery_that_failed_waits_for_a_person(strict: Bench, how: str, state: str) -> None:
    bench = strict
    bench.script("harbor", *[how] * 20)
    bench.probed("harbor", "transient")
    three(bench)
    for _ in range(30):
        bench.wait(HOUR / 4)
    tried = bench.log("harbor")
    assert deliveries(bench) == [state, "queued", "queued"]
    (told,) = [row["message"] for row in bench.rows(incident, cause=f"lane/{HARBOR}")]
    assert f"resume the lane {HARBOR}" in told
    bench.wait(20 * HOUR)
    assert bench.log("harbor") == tried, "nothing more is tried by itself"
    bench.script("harbor")
    (bench.drops / "harbor.probe").unlink()
    resume(bench)
    assert deliveries(bench) == ["delivered"] * 3
    names = [f"PO-{number}".encode() for number in range(3)]
    assert [name in body for name, body in zip(names, bench.lying("harbor"), strict=True)] == [True] * 3
    assert [code for code in bench.incidents() if code.startswith("HUB-5")] == []


def test_the_first_one_may_be_cancelled(strict: Bench) -> None:
    bench = strict
    bench.script("harbor", "permanent")
    three(bench)
    bench.hub.operations.act("cancel", bench.messages("out", type="940")[0]["id"], "ann", "they have it by fax")
    resume(bench)
    assert deliveries(bench) == ["cancelled", "delivered", "delivered"]


def test_what_is_behind_a_message_that_cannot_be_written_waits(strict: Bench) -> None:
    bench = strict
    bench.edit("partners/harbor/partner.toml", "[[agreement]]\nsend", '[[agreement]]\nmapping = "x12/945"\nsend')
    bench.publish()
    three(bench)
    assert deliveries(bench) == ["queued"] * 3
    assert bench.row(incident, cause=f"lane/{HARBOR}")["subject_type"] == "message"
    bench.edit("partners/harbor/partner.toml", 'mapping = "x12/945"\n', "")
    bench.publish()
    resume(bench)
    assert deliveries(bench) == ["delivered"] * 3


def test_a_lane_is_strict_no_longer_than_its_agreement(strict: Bench) -> None:
    bench = strict
    three(bench)
    assert bench.row(lane, name=HARBOR)["strict"]
    bench.edit("partners/harbor/partner.toml", '\norder = "strict"', "")
    bench.publish()
    bench.pass_by(x12(order("PO-9"), number=2))
    assert not bench.row(lane, name=HARBOR)["strict"]
