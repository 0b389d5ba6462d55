"""Child processes under supervision: a job that takes too much time or memory loses its process, and it alone fails."""

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO

import msgspec

from hub.errors import DataError, HubError
from hub.pipeline.child import Start
from hub.pipeline.jobs import Allowed, Failed, Job, Result

_DECODER: msgspec.msgpack.Decoder[Result] = msgspec.msgpack.Decoder(Result)
TRIES = 3
"""How many processes one job may end: the first may have died of something else."""


class PoisonError(HubError):
    """A job ended its processes or took too long: what it reads may be built to do that. A person must look."""


class _Child:
    """One child process and its pipes. Neither writing to it nor reading from it ever waits past the deadline."""

    def __init__(self, files: Mapping[str, bytes], seconds: float, memory: int) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hub.pipeline.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        os.set_blocking(self._pipes[0].fileno(), False)
        self._unsent = _frame(msgspec.msgpack.encode(Start(dict(files), seconds, memory)))

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, job: bytes, seconds: float) -> bytes | None:
        """The answer, or None when the process ended. TimeoutError: it took longer than that."""
        deadline = time.monotonic() + seconds
        self._unsent += _frame(job)
        if not self._send(deadline):
            return None
        head = self._read(4, deadline)
        return None if head is None else self._read(int.from_bytes(head, "big"), deadline)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("a child process always has pipes")
        return self._process.stdin, self._process.stdout

    def _send(self, deadline: float) -> bool:
        """Whether the process took it."""
        target = self._pipes[0].fileno()
        waiting = memoryview(self._unsent)
        while waiting:
            _wait(target, select.POLLOUT, deadline)
            try:
                waiting = waiting[os.write(target, waiting[: 1 << 20]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                return False
        self._unsent = b""
        return True

    def _read(self, length: int, deadline: float) -> bytes | None:
        source = self._pipes[1].fileno()
        parts, missing = [], length
        while missing:
            _wait(source, select.POLLIN, deadline)
            part = os.read(source, min(missing, 1 << 20))
            if not part:
                return None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Until the pipe is ready. poll and not select, which knows no descriptor above 1,023."""
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError


class Children:
    """At most `size` child processes over one revision's content files. Safe to use from several threads.

    seconds and memory (bytes) are what one job may take; a process that passes either is ended.
    """

    def __init__(
        self, files: Mapping[str, bytes], *, size: int = 2, seconds: float = 60.0, memory: int = 2 << 30
    ) -> None:
        self._files = files
        self._size = size
        self._seconds = seconds
        self._memory = memory
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def start(self) -> None:
        """Starts every process there may be, so that the first jobs need not wait for them."""
        with self._lock:
            while not self._closed and len(self._idle) < self._size:
                self._idle.append(self._made())

    def run(self, job: Job, *, more: float = 0.0) -> Result:
        """The job's result; more: seconds that it may take besides the usual.

        A job whose process ends is tried again in a new one, TRIES times in all; one that runs out of time is not.

        PoisonError: it ended its process every time, or ran out of time; DataError: the values cannot be read or
        written; HubError: the defect is ours.
        """
        frame = msgspec.msgpack.encode(Allowed(job, more))
        answer = None
        with self._free:
            for _ in range(TRIES):
                if (answer := self._try(frame, self._seconds + more)) is not None:
                    break
        if answer is None:
            raise PoisonError("HUB-9002", f"Reading this ended its process {TRIES} times, likely for want of memory.")
        result = _DECODER.decode(answer)
        if isinstance(result, Failed):
            kind = HubError if result.ours else DataError
            raise kind(result.finding.code, result.finding.message, location=result.finding.location)
        return result

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _try(self, frame: bytes, seconds: float) -> bytes | None:
        """The answer; None: the process ended, whoever ended it."""
        child = self._take()
        try:
            answer = child.run(frame, seconds)
        except TimeoutError:
            child.end()
            raise PoisonError("HUB-9002", f"Reading this took longer than {seconds:g} s and was stopped.") from None
        except BaseException:
            child.end()
            raise
        if answer is None:
            child.end()
        else:
            self._give(child)
        return answer

    def _take(self) -> _Child:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._made()

    def _made(self) -> _Child:
        return _Child(self._files, self._seconds, self._memory)

    def _give(self, child: _Child) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(child)
                return
        child.end()
