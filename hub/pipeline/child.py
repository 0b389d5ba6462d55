"""The child process: reads jobs on standard input, answers on standard output, ends when its parent is gone.

Each frame is four bytes of length (big-endian) and a msgpack value. The first frame holds limits and content files. A
job that outlives its time ends the process by the kernel's alarm, even where nobody is left to do it.
"""

import gc
import resource
import signal
import sys
import traceback
from typing import BinaryIO

import msgspec

from hub.mapping import Library
from hub.pipeline import jobs

GARBAGE = (50_000, 20, 50)
"""How many new objects the collector lets pass, and how many of its rounds, before it looks at older ones. What a job
makes is freed without it: documents hold no cycles."""


class Start(msgspec.Struct):
    """files: path -> bytes of mappings, code tables and hooks. seconds: for one job. memory: bytes of the process."""

    files: dict[str, bytes]
    seconds: float
    memory: int


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    stream.write(len(body).to_bytes(4, "big"))
    stream.write(body)
    stream.flush()


def main() -> None:
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but frames may reach the parent
    first = read_frame(source)
    if first is None:
        return
    start = msgspec.msgpack.decode(first, type=Start)
    resource.setrlimit(resource.RLIMIT_AS, (start.memory, start.memory))
    gc.set_threshold(*GARBAGE)
    library = Library(files=start.files)
    decoder = msgspec.msgpack.Decoder(jobs.Allowed)
    encoder = msgspec.msgpack.Encoder()
    warm = False
    while (frame := read_frame(source)) is not None:
        result: jobs.Result
        signal.setitimer(signal.ITIMER_REAL, start.seconds + 1)  # no hook can keep it back, as it could a Python thread
        try:
            allowed = decoder.decode(frame)
            if allowed.more:
                signal.setitimer(signal.ITIMER_REAL, start.seconds + allowed.more + 1)
            result = jobs.run(allowed.job, library)
        except MemoryError:  # the limit: what is left is not worth trusting
            return
        except Exception as error:  # noqa: BLE001 - a defect must reach the parent as an answer, not as silence
            traceback.print_exc()
            result = jobs.fault("HUB-9001", f"The hub failed on this message: {type(error).__name__}: {error}")
        write_frame(target, encoder.encode(result))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not warm:  # directories and mappings stay: the collector need not look through them again and again
            gc.collect()
            gc.freeze()
            warm = True


if __name__ == "__main__":
    main()
