"""A large interchange passes through the commands in the memory of its largest message and a little for each one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.cli.acknowledge import acknowledge_payload
from hub.cli.check import check_payload
from hub.cli.source import stored

HEAD = (
    b"ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*CROSSDOCK      *260122*1430*U*00401*000000017*0*T*>~"
    b"GS*PO*BLUEBIRD*CROSSDOCK*20260122*1430*17*X*004010~"
)
LINES = 520
APART = ["sh", "-c", '"$@"; exit $?', "sh"]
"""Starts a command from a small process: Linux counts the memory of the starting process towards the peak."""
MEASURED = """
import resource, sys
from hub.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def interchange(messages: int) -> Iterator[bytes]:
    """That many orders of 31 KB, every hundredth with a fault, in one group."""
    lines = b"".join(b"PO1*%d*12*EA*9.5**BP*ITEM%06d~PID*F****A jacket for rain~" % (n, n) for n in range(1, LINES + 1))
    yield HEAD
    for number in range(1, messages + 1):
        count = LINES * 2 + 4 + (number % 100 == 0)
        order = b"ST*850*%04d~BEG*00*SA*PO%d**20260122~%sCTT*%d~" % (number, number, lines, LINES)
        yield order + b"SE*%d*%04d~" % (count, number)
    yield b"GE*%d*17~IEA*1*000000017~" % messages


def run(arguments: list[str], path: Path, *, piped: bool = False) -> tuple[bytes, int]:
    """What a command of its own process writes, and its peak memory in bytes."""
    with path.open("rb") as stream:
        command = [*APART, sys.executable, "-c", MEASURED, *arguments, "-" if piped else str(path)]
        if not piped:
            ended = subprocess.run(command, capture_output=True)
        else:
            with subprocess.Popen(["cat"], stdin=stream, stdout=subprocess.PIPE) as source:
                ended = subprocess.run(command, capture_output=True, stdin=source.stdout)
    return ended.stdout, int(ended.stderr.split()[-1]) * 1024


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streams") / "large.edi"
    with path.open("wb") as stream:
        stream.writelines(interchange(1000))
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streams") / "small.edi"
    path.write_bytes(b"".join(interchange(20)))
    return path


def rows(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("piped", [False, True])
def test_check_holds_one_message_at_a_time(large: Path, small: Path, piped: bool) -> None:
    size = large.stat().st_size
    assert size > 30_000_000
    written, peak = run(["check", "--json"], large, piped=piped)
    _, usual = run(["check", "--json"], small)
    *faults, last = rows(written)
    assert last["summary"] == {"interchanges": 1, "messages": 1000, "reject": 10, "error": 0, "warn": 0}
    assert [(row["code"], row["location"]["message"]) for row in faults] == [
        ("HUB-1018", message) for message in range(100, 1001, 100)
    ]
    assert peak - usual < size / 3, (peak, usual)


@pytest.mark.slow
def test_acknowledge_holds_one_message_at_a_time(large: Path, small: Path) -> None:
    written, peak = run(["acknowledge", "--at", "2026-01-22T15:00"], large)
    _, usual = run(["acknowledge"], small)
    assert written.count(b"~AK5*A~") == 990
    assert written.count(b"~AK5*R*4~") == 10
    assert b"~AK9*P*1000*1000*990~" in written
    assert peak - usual < large.stat().st_size / 3, (peak, usual)


def test_a_large_file_is_checked_like_a_small_one(small: Path) -> None:
    """Read from disk by pieces or from memory as a whole: the same findings and the same answer."""
    at = datetime(2026, 1, 22, 15, tzinfo=UTC)
    whole = small.read_bytes().replace(b"BEG*00*SA*PO7*", b"BEG*00*SA**")
    small.write_bytes(whole)
    with stored(str(small)) as payload:
        pieces = list(check_payload("small", payload)), acknowledge_payload(payload, kind=None, control_number=1, at=at)
    assert pieces == (
        list(check_payload("small", whole)),
        acknowledge_payload(whole, kind=None, control_number=1, at=at),
    )
    assert len(pieces[0]) > 1
