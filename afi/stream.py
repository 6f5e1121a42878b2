"""
Bytes both ways under one deadline on the wall clock, over a socket or two pipes, and what is kept of them.

Raises: TimeoutError, ConnectionError. Units: deadlines as readings of time.monotonic(), seconds.
"""
import hashlib
import itertools
import os
import select
import time
from collections import deque

from afi.messages import KEPT_BYTES

EXCHANGE_S = 5.0
BODY_BYTES = 8 << 20
READ_BYTES = 64 << 10
PIECES = 64                  # handed to the system at once


class Line:
    """Two descriptors under one deadline: what is left to send goes out while bytes are waited for."""

    def __init__(self, reads: int, writes: int) -> None:
        self.reads, self.writes = reads, writes
        self.unsent: deque[memoryview] = deque()
        os.set_blocking(reads, False)
        os.set_blocking(writes, False)

    def send(self, *pieces: bytes) -> None:
        self.unsent = deque(memoryview(piece) for piece in pieces if piece)
        self._push()

    def _push(self) -> None:
        try:
            while self.unsent:
                self._leave(os.writev(self.writes, list(itertools.islice(self.unsent, PIECES))))
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self.unsent.clear()                         # who stops reading may have answered all the same

    def _leave(self, written: int) -> None:
        """Takes so many bytes off the front."""
        while written:
            piece = self.unsent.popleft()
            if written < len(piece):
                self.unsent.appendleft(piece[written:])
            written -= min(written, len(piece))

    def receive(self, deadline: float) -> bytes:
        """Waits for bytes. Returns: some, or none at the end of the stream. Raises: TimeoutError, ConnectionError."""
        while True:
            poll = select.poll()
            poll.register(self.reads, select.POLLIN)
            if self.unsent:
                poll.register(self.writes, select.POLLIN | select.POLLOUT if self.writes == self.reads else select.POLLOUT)
            ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                raise TimeoutError
            if self.unsent:
                self._push()
            if any(fd == self.reads and event & ~select.POLLOUT for fd, event in ready):
                return os.read(self.reads, READ_BYTES)
            if time.monotonic() >= deadline:
                raise TimeoutError


class Received:
    """The bytes of one exchange: all that is not yet read, the first 64 KiB for the evidence, a digest of the rest."""

    def __init__(self, line: Line, deadline: float) -> None:
        self.line, self.deadline = line, deadline
        self.waiting, self.kept, self.count, self.rest = bytearray(), bytearray(), 0, hashlib.sha256()
        self.whole_at: float | None = None                  # when the last of them had come

    def more(self) -> bool:
        """Waits for more. Returns: False at the end of the stream. Raises: TimeoutError, ConnectionError."""
        if time.monotonic() >= self.deadline:
            raise TimeoutError
        data = self.line.receive(self.deadline)
        room = max(0, KEPT_BYTES - self.count)
        self.kept += data[:room]
        self.rest.update(data[room:])
        self.count += len(data)
        self.waiting += data
        return bool(data)

    def taken(self, size: int | None = None) -> bytes:
        found = bytes(self.waiting[:size])
        del self.waiting[:size]
        return found
