"""
The words a probe speaks, over any transport.

Source: spec/harness.md, Probes. Raises: Broken (the adapter's bytes are wrong), NoAnswer, NoStart (another start cannot be had here).
"""
import contextlib
import functools
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from afi import expected
from afi.errors import OurFault
from afi.model import Refusal, Run
from afi.transport import Reply, Request, Transport

RANGES = {"user": 4000, "team": 2000}          # spec/sample.md, Data: ids 1 to this
JSON_TYPE = ("Content-Type", "application/json")


class NoStart(Exception):
    """Another start of this adapter cannot be had: somebody else started it. The checks that need one are not run."""


def entry(context: str, /, **params: Any) -> dict[str, Any]:
    """Returns: one entry of `invalidate`."""
    return {"context": context, "params": params} if params else {"context": context}


class Starts(Protocol):
    """Other starts of the adapter that is judged (spec/sample.md, Environment)."""

    def connect(self, start: str) -> Transport:
        """Opens a connection to one that serves."""

    def refused(self, start: str) -> Refusal:
        """Returns: how one went that is meant to refuse."""


@dataclass(frozen=True)
class Share:
    """Which part of the seeded ids is this cell's own: part `index` of `parts`."""

    index: int
    parts: int


@functools.cache
def _shuffled(seed: int, kind: str, size: int) -> tuple[int, ...]:
    ids = list(range(1, size + 1))
    random.Random(f"{seed}/{kind}").shuffle(ids)
    return tuple(ids)


class Wire:
    """One conversation with a live adapter. Units: deadlines in seconds, wall clock."""

    def __init__(self, transport: Transport, run: Run, share: Share = Share(0, 1), starts: Starts | None = None,
                 base: str = "/api/mizan") -> None:
        self.transport, self.run, self.share, self.base, self._starts = transport, run, share, base, starts
        self._ids = {kind: self._permuted(kind, size) for kind, size in RANGES.items()}

    def _permuted(self, kind: str, size: int) -> Iterator[int]:
        ids = _shuffled(self.run.seed, kind, size)
        return iter(ids[self.share.index * size // self.share.parts:(self.share.index + 1) * size // self.share.parts])

    def fresh(self, kind: str) -> int:
        """Returns: the id of a seed row (`user`, `team`) that nobody else touches."""
        found = next(self._ids[kind], None)
        if found is None:
            raise OurFault(f"the probe asked for more than {RANGES[kind] // self.share.parts} fresh rows {kind!r}; widen spec/sample.md, Data")
        return found

    @property
    def log(self) -> list[Any]:
        """Every exchange so far, for the evidence; those of another start are added when it is left."""
        return self.transport.log

    def about(self, vector: str | None) -> None:
        """Says which vector the next exchanges belong to; faults made from the pins look at it."""
        self.transport.label = vector

    def send(self, method: str, path: str, headers: tuple[tuple[str, str | None], ...] = (), body: bytes = b"", **more: Any) -> Reply:
        """Sends one request. Args: path: below the base path; with a leading slash or a scheme, the whole target; a header of None leaves a default out."""
        target = path if path.startswith(("/", "http://")) else f"{self.base}/{path}"
        return self.transport.exchange(Request(method, target, tuple(headers), body, **more))

    def get(self, path: str, headers: tuple[tuple[str, str | None], ...] = ()) -> Reply:
        return self.send("GET", path, headers)

    def call(self, fn: str, /, **args: Any) -> Reply:
        body = json.dumps({"fn": fn, "args": args}, ensure_ascii=False, separators=(",", ":")).encode()
        return self.send("POST", "call/", (JSON_TYPE,), body)

    def fetch(self, context: str, /, **params: Any) -> Reply:
        """Gets a bundle; the query is the judge's own writing of section 2's spelling."""
        query = expected.query(params)
        return self.get(f"ctx/{context}/" + (f"?{query}" if query else ""))

    def calls(self, fn: str) -> Any:
        """Returns: how often the body of `fn` began."""
        return self.call("probe_calls", fn=fn).member("result")

    @contextlib.contextmanager
    def beside(self) -> Iterator["Wire"]:
        """A second connection to the same adapter, for things that happen at once; its fresh rows are the first one's."""
        yield from self._over(self.transport.again())

    @contextlib.contextmanager
    def started(self, start: str) -> Iterator["Wire"]:
        """A connection to another start of the adapter (spec/sample.md, Environment). Raises: NoStart."""
        if self._starts is None:
            raise NoStart(start)
        yield from self._over(self._starts.connect(start))

    def refused(self, start: str) -> Refusal:
        """Starts the adapter with declarations that it must refuse (spec/sample.md, Environment). Returns: how that went. Raises: NoStart."""
        if self._starts is None:
            raise NoStart(start)
        return self._starts.refused(start)

    def _over(self, transport: Transport) -> Iterator["Wire"]:
        other = Wire(transport, self.run, self.share, self._starts, self.base)
        other._ids = self._ids
        try:
            yield other
        finally:
            transport.close()
            if other.log is not self.log:
                self.log.extend(other.log)

    def until(self, seen: Callable[[], Any], within_s: float = 2.0) -> Any:
        """Asks until something is seen on the wire. Returns: what was seen last."""
        deadline = time.monotonic() + within_s
        while not (found := seen()) and time.monotonic() < deadline:
            time.sleep(0.002)
        return found
