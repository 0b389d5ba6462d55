"""Child processes under supervision: a job that takes too much time or memory loses its process, and it alone fails."""

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
from hub.pipeline.jobs import Failed, Job, Result

_DECODER: msgspec.msgpack.Decoder[Result] = msgspec.msgpack.Decoder(Result)
_LOOK = "Look at the payload: it may be built to do that."


class PoisonError(HubError):
    """A job ended its process. The work is tried again alone, and after three tries waits for a person."""


class _Child:
    """One child process and its pipes."""

    def __init__(self, files: Mapping[str, bytes], memory: int) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hub.pipeline.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._send(msgspec.msgpack.encode(Start(dict(files), memory)))

    def run(self, frame: bytes, seconds: float) -> bytes | None:
        """The answer, or None when the process ended. TimeoutError: it took longer than that."""
        try:
            self._send(frame)
        except BrokenPipeError:
            return None
        deadline = time.monotonic() + seconds
        head = self._read(4, deadline)
        return None if head is None else self._read(int.from_bytes(head, "big"), deadline)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("a child process always has pipes")
        return self._process.stdin, self._process.stdout

    def _send(self, frame: bytes) -> None:
        stdin, _ = self._pipes
        stdin.write(len(frame).to_bytes(4, "big"))
        stdin.write(frame)
        stdin.flush()

    def _read(self, length: int, deadline: float) -> bytes | None:
        _, stdout = self._pipes
        parts, missing = [], length
        while missing:
            ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(stdout.fileno(), min(missing, 1 << 20))
            if not part:
                return None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


class Children:
    """At most `size` child processes over one revision's content files. Safe to use from several threads.

    seconds and memory (bytes) are what one job may take; a process that passes either is ended.
    """

    def __init__(
        self, files: Mapping[str, bytes], *, size: int = 2, seconds: float = 60.0, memory: int = 2 << 30
    ) -> None:
        self._files = files
        self._seconds = seconds
        self._memory = memory
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def run(self, job: Job) -> Result:
        """The job's result. PoisonError: it ended its process or ran out of time; DataError: the values cannot be
        read or written; HubError: the defect is ours."""
        frame = msgspec.msgpack.encode(job)
        with self._free:
            child = self._take()
            try:
                answer = child.run(frame, self._seconds)
            except TimeoutError:
                child.end()
                text = f"Reading this took longer than {self._seconds:g} s and was stopped. {_LOOK}"
                raise PoisonError("HUB-9002", text) from None
            except BaseException:
                child.end()
                raise
            if answer is None:
                child.end()
                text = f"Reading this ended its process, likely for want of memory. {_LOOK}"
                raise PoisonError("HUB-9002", text)
            self._give(child)
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

    def _take(self) -> _Child:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Child(self._files, self._memory)

    def _give(self, child: _Child) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(child)
                return
        child.end()
