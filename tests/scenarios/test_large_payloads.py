"""Large payloads: memory grows with the largest message, not with the payload."""

import resource
from collections.abc import Iterator

import pytest

from hub.dispatch.watch import WATCH
from hub.pipeline.children import Children
from hub.pipeline.cut import readable_body
from hub.pipeline.jobs import Cut, CutResult
from hub.pipeline.receive import accept_payload
from hub.pipeline.route import RouteStage
from hub.pipeline.translate import LARGE
from hub.store import chain
from hub.store.blobs import Upload, copy_payload
from hub.store.tables import document, sales_order, work
from tests.hubs import Bench, order, x12

MB = 1 << 20


def pieces(messages: int, size: int) -> Iterator[bytes]:
    """An interchange of so many orders, each padded with notes to about that size."""
    head, _, tail = x12(order("PO-0")).partition(b"ST*850*0001~")
    body = tail[: tail.index(b"SE*")]
    end = tail[tail.index(b"GE*") :].replace(b"GE*1*", f"GE*{messages}*".encode())
    yield head
    note = b"MSG*" + b"n" * 260 + b"~"
    for number in range(1, messages + 1):
        said = body.replace(b"PO-0", f"PO-{number}".encode())
        loops, rest = divmod(size // len(note), 1000)
        notes = (b"N9*ZZ*1~" + note * 1000) * loops + b"N9*ZZ*1~" + note * rest
        said = said.replace(b"N1*BY", notes + b"N1*BY")
        yield f"ST*850*{number:04}~".encode() + said + f"SE*{said.count(b'~') + 2}*{number:04}~".encode()
    yield end


def arrives(bench: Bench, messages: int, size: int) -> str:
    """It comes piece by piece, as by SFTP."""
    by = bench.hub.content().partners.connection("bluebird/mailbox")
    upload = Upload(bench.hub.database, bench.hub.context.new_id())
    for piece in pieces(messages, size):
        upload.write(piece)
    body = upload.finish()
    with bench.hub.database.begin() as conn:
        return accept_payload(conn, bench.hub.context, by, body)


@pytest.mark.slow
def test_sixty_megabytes_pass_in_little_memory(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    arrives(bench, 60, MB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while any(row["kind"] == "identify" for row in bench.rows(work)):
        assert bench.worker.step()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(bench.messages()) == 60
    assert grown < 25 * 1024, f"{grown} KB more at the peak"
    slices = [row["arguments"]["ordinals"] for row in bench.rows(work, kind="translate")]
    assert max(last - first for first, last in slices) < 4, "as many together as fit into a few MB"
    bench.run()
    assert {row["validation"] for row in bench.messages()} <= {"accepted", "accepted_with_errors"}
    assert len(bench.rows(sales_order)) == 60


def test_a_child_that_reads_from_a_file_finds_the_same(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    made = arrives(bench, 30, MB // 10)
    with bench.hub.database.read() as conn:
        payload = chain.get_payload(conn, made)
    whole = b"".join(copy_payload(bench.hub.database, made))
    children: Children = bench.hub.content().children
    with readable_body(bench.hub.database, payload) as body:
        assert not isinstance(body, bytes)
        assert body.stat().st_mode & 0o077 == 0 or body.parent.stat().st_mode & 0o077 == 0
        from_file = children.run(Cut(b"", path=str(body)))
    assert not body.exists()
    assert isinstance(from_file, CutResult)
    assert len(from_file.interchanges[0].messages) == 30
    assert from_file == children.run(Cut(whole))


def test_large_documents_are_routed_a_few_at_a_time(sqlite_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, lines = sqlite_bench, [(str(place), "NW-100", "1", "2.50") for place in range(1, 201)]
    monkeypatch.setattr(RouteStage, "bytes", 100_000)
    before = sum(WATCH.figures()["route"].batches) if "route" in WATCH.figures() else 0
    bench.pass_by(x12(*(order(f"PO-{number}", *lines) for number in range(4)), order("PO-5"), order("PO-6")))
    sizes = [len(row["body"]) for row in bench.rows(document, partner="bluebird", type="Order")]
    assert min(sizes[:4]) > LARGE > max(sizes[4:])
    assert sum(WATCH.figures()["route"].batches) - before >= sum(sizes[:4]) // 100_000
    assert len(bench.rows(sales_order)) == 6
    assert bench.left() == []
