"""Jobs run where time and memory can be taken from them: one that takes too much fails alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.pipeline import jobs
from hub.pipeline.children import TRIES, Children, PoisonError
from hub.pipeline.jobs import Cut, CutResult, Translate, TranslateResult
from hub.pipeline.jobs_write import Write, WriteAll, WriteResult, blocking
from hub.syntax import cut
from hub.workspace import Workspace
from tests.hubs import SOURCE, Bench, order, picked, x12


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {path.removeprefix("mappings/"): body for path, body in Workspace(SOURCE).mappings().items()}


@pytest.fixture
def children(files: dict[str, bytes]) -> Iterator[Children]:
    made = Children(files, size=1, seconds=20)
    yield made
    made.close()


def pids(parent: int) -> list[int]:
    """Processes of that parent which have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        if rest.split()[1] == str(parent) and rest.split()[0] != "Z":
            found.append(int(name.split()[0]))
    return found


def job(count: int = 1) -> Translate:
    body = x12(*(order(f"PO-{place}") for place in range(count)))
    (interchange,) = cut(body)
    spans = interchange.messages
    bodies = [body[span.offset : span.offset + span.length] for span in spans]
    return Translate(interchange, spans, bodies, [jobs.Plan(mapping="x12/850") for _ in spans])


def test_a_job_is_answered_by_the_same_process_again(children: Children) -> None:
    before = set(pids(os.getpid()))
    assert isinstance(children.run(Cut(x12(order("PO-1")))), CutResult)
    (one,) = set(pids(os.getpid())) - before
    result = children.run(job(3))
    assert isinstance(result, TranslateResult)
    assert [message.number for message in result.messages] == ["PO-0", "PO-1", "PO-2"]
    assert set(pids(os.getpid())) - before == {one}


def test_a_process_killed_from_outside_is_replaced_and_nobody_notices(children: Children) -> None:
    before = set(pids(os.getpid()))
    children.run(Cut(x12(order("PO-1"))))
    (one,) = set(pids(os.getpid())) - before
    os.kill(one, signal.SIGKILL)
    assert isinstance(children.run(Cut(x12(order("PO-1")))), CutResult)
    assert one not in pids(os.getpid())


def test_a_job_that_takes_too_long_is_stopped_and_the_next_one_runs(files: dict[str, bytes]) -> None:
    children = Children(files, size=1, seconds=20)
    children.run(Cut(b"ISA"))
    (stopped,) = [
        pid for pid in pids(os.getpid()) if b"hub.pipeline.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    children._seconds = 0.3
    os.kill(stopped, signal.SIGSTOP)  # it neither reads nor answers; 3 MB are more than a pipe holds
    begun = time.monotonic()
    with pytest.raises(PoisonError, match=r"took longer than 0\.3 s"):
        children.run(Cut(b" " * 3_000_000))
    assert time.monotonic() - begun < 10
    children._seconds = 20
    assert isinstance(children.run(Cut(x12(order("PO-1")))), CutResult)
    assert stopped not in pids(os.getpid())
    children.close()


def test_a_job_that_takes_too_much_memory_ends_its_process_and_nothing_else(files: dict[str, bytes]) -> None:
    children = Children(files, size=1, seconds=30, memory=200 << 20)
    with pytest.raises(PoisonError, match=f"{TRIES} times"):
        children.run(Cut(b"ISA" + b"\x00" * (150 << 20)))
    children.close()


def test_content_that_cannot_be_read_is_no_poison(children: Children) -> None:
    result = children.run(Cut(b"hello"))
    assert isinstance(result, CutResult)
    assert result.unreadable is not None
    wrong = Write(document=b"{}", mapping="x12/850", version="004010", type="850")
    written = children.run(WriteAll([wrong, wrong]))
    assert isinstance(written, WriteResult)
    assert [blocking(one.findings) for one in written.messages] == [True, True]


def test_no_process_outlives_its_parent() -> None:
    """Not even one that is busy for ever: the kernel's alarm ends it."""
    program = (
        "import sys, threading\n"
        "from hub.pipeline.children import Children\n"
        "from hub.pipeline.jobs import Cut\n"
        "children = Children({}, size=1, seconds=10)\n"
        "children.run(Cut(b'ISA'))\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    assert parent.stdout.readline() == b"ready\n"
    (child,) = pids(parent.pid)
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    for _ in range(400):
        try:
            stat = Path(f"/proc/{child}/stat").read_text()
        except OSError:
            return
        if stat.rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("the child is still there")


def test_several_threads_share_them(files: dict[str, bytes]) -> None:
    children = Children(files, size=2, seconds=30)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(children.run(job(2)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert all(isinstance(answer, TranslateResult) for answer in answers)
    children.close()


# -- in the pipeline ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_poison_is_held_alone_and_its_neighbours_flow(sqlite_bench: Bench) -> None:
    """The second of three orders has more lines than the memory of a process can hold."""
    bench = sqlite_bench
    content = bench.hub.content()
    content.children.close()
    content.children = Children(content.children._files, size=1, memory=300 << 20)
    lines = [(str(place), "NW-100", "1", "1.00") for place in range(300_000)]
    bench.pass_by(x12(order("PO-1"), order("PO-2", *lines), order("PO-3")))
    assert [row["validation"] for row in bench.messages()] == ["accepted", "held", "accepted"]
    assert bench.findings(bench.messages()[1]) == ["HUB-9002"]
    assert bench.incidents() == ["HUB-9002"]
    assert bench.left() == []
    (told,) = [body for body in bench.outbox() if b"ST*997*" in body]
    assert picked(told, "AK9") == ["AK9*A*3*3*3"], "what we could not read is ours to look into"
