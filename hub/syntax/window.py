"""A window on a payload that arrives in chunks: absolute offsets, and no more bytes held than somebody still needs."""

from collections.abc import Iterable


class Window:
    """Positions are offsets from the start of the payload; `data` holds the bytes from `base` on."""

    def __init__(self, payload: bytes | Iterable[bytes]) -> None:
        self._chunks = iter((payload,)) if isinstance(payload, bytes) else iter(payload)
        self.data = bytearray()
        self.base = 0

    @property
    def end(self) -> int:
        return self.base + len(self.data)

    def fill(self) -> bool:
        """Read one more chunk; False at the payload's end."""
        for chunk in self._chunks:
            if chunk:
                self.data += chunk
                return True
        return False

    def reach(self, position: int) -> bool:
        """Read until the byte before position is here; False if the payload ends first."""
        while self.end < position:
            if not self.fill():
                return False
        return True

    def drop(self, position: int) -> None:
        """Forget everything before position."""
        count = min(position - self.base, len(self.data))
        if count > 0:
            del self.data[:count]
            self.base += count

    def find(self, wanted: bytes, start: int) -> int:
        """The position of the first `wanted` from start on; -1 if the payload has none."""
        while True:
            found = self.data.find(wanted, max(start - self.base, 0))
            if found >= 0:
                return self.base + found
            start = max(start, self.end - len(wanted) + 1)
            if not self.fill():
                return -1

    def cut(self, start: int, stop: int) -> bytes:
        return bytes(memoryview(self.data)[start - self.base : stop - self.base])

    def byte(self, position: int) -> bytes:
        """The byte at position; b"" behind the payload's end."""
        return self.cut(position, position + 1) if self.reach(position + 1) else b""

    def skip_ahead(self, position: int, blank: bytes) -> int:
        """The first position from there on whose byte is not one of `blank`; nothing is dropped."""
        while (byte := self.byte(position)) and byte in blank:
            position += 1
        return position

    def skip(self, position: int, blank: bytes) -> int:
        """The first position from there on whose byte is not one of `blank`; the payload's end if there is none.

        What is skipped is dropped, so padding of any length costs no memory.
        """
        while True:
            rest = self.data[position - self.base : position - self.base + 4096]
            kept = rest.lstrip(blank)
            position += len(rest) - len(kept)
            if kept:
                return position
            if position == self.end:
                self.drop(position)
                if not self.fill():
                    return position
