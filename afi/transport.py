"""
Http, Oracle and Mutated behind one small Protocol; the only module that opens sockets.

An exchange has one deadline on the wall clock and caps on all that is kept; what HTTP libraries hide (bytes past the end, drips, floods,
contradictions) is Broken. Source: spec/harness.md, An exchange. Raises: Broken (the bytes are wrong), NoAnswer (nobody ever listened).
Units: seconds, bytes.
"""
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import h11

from afi import heads
from afi.curl import curl
from afi.errors import Broken, NoAnswer
from afi.messages import KEPT_BYTES, OTHER, PLAIN, Exchange, Reply, Request, Style, beginning, pieces
from afi.oracle import Oracle
from afi.stream import BODY_BYTES, EXCHANGE_S, READ_BYTES, Line, Received

__all__ = ["EXCHANGE_S", "OTHER", "PLAIN", "Exchange", "Http", "Mutated", "Oracle", "Reply", "Request", "Style", "Transport", "curl"]

INTERIM_REPLIES = 16
IDLE_S = 2.0            # servers shut idle connections after 5 s and more: one that has been idle longer is not used again
TOLD_OF_HEAD, TOLD_OF_OTHERS = (h11.Request(method=method, target="/", headers=[("Host", "x")]) for method in ("HEAD", "GET"))
PAST_END_S = 0.002      # after a reply that may have no body: how long bytes of one are waited for


class Transport(Protocol):
    """Anything that can carry one request at a time; `label` names the vector that the next exchanges belong to."""

    label: str | None

    @property
    def log(self) -> list[Exchange]: ...

    def exchange(self, request: Request) -> Reply: ...

    def again(self) -> "Transport": ...

    def close(self) -> None: ...


class Http:
    """Sends one request at a time on one kept-alive connection; `again` is a second connection with the same log."""

    def __init__(self, host: str, port: int, exchange_s: float = EXCHANGE_S, style: Style = PLAIN) -> None:
        self.address, self.exchange_s, self.style = (host, port), exchange_s, style
        self.label: str | None = None
        self.log: list[Exchange] = []
        self._socket: socket.socket | None = None
        self._line: Line | None = None                      # the socket's bytes, as long as there is one
        self._began = self._used = time.monotonic()
        self._heard = False                                 # somebody has answered here before
        self._past_end = "extra-bytes"                      # what bytes after the last reply would be
        self._owed: tuple[Request, ...] = ()                # sent ahead, and not yet answered
        self._early = b""                                   # what has come of their answers

    def again(self) -> "Http":
        other = Http(*self.address, self.exchange_s, self.style)
        other.log, other._began, other._heard = self.log, self._began, self._heard
        return other

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket, self._line, self._owed, self._early = None, None, (), b""

    def exchange(self, request: Request) -> Reply:
        """Sends a request and reads its whole reply. Raises: Broken, NoAnswer."""
        started = time.monotonic()
        received = Received(self._connected(request, started + self.exchange_s), started + self.exchange_s)
        sent = self._unsent(request, received)
        reply = broken = None
        try:
            received.line.send(*sent)
            reply = self._read(request, received)
            return reply
        except Broken as error:
            broken = error
            raise
        except TimeoutError as error:
            broken = Broken("hang", f"{request.method} {request.target}: no whole reply within {self.exchange_s:g} s")
            raise broken from error
        except OSError as error:
            broken = Broken("truncated" if received.count else "closed", f"{request.method} {request.target}: {error}")
            raise broken from error
        finally:
            self._used = time.monotonic()
            if broken or received.line.unsent or request.endless:
                self.close()
            cut = max(0, received.count - KEPT_BYTES)
            self.log.append(Exchange(request, beginning(sent), bytes(received.kept), started - self._began, (received.whole_at or self._used) - started,
                                     reply, broken, cut, received.rest.hexdigest() if cut else "", self.label))

    def _unsent(self, request: Request, received: Received) -> list[bytes]:
        """Returns: what must go out to ask it: the request and those ahead; nothing, where it was sent ahead itself."""
        if self._owed:
            self._owed, received.waiting = self._owed[1:], bytearray(self._early)
            received.kept, received.count, self._early = bytearray(self._early[:KEPT_BYTES]), len(self._early), b""
            return []
        self._owed = request.ahead
        return [piece for one in (request, *request.ahead) for piece in pieces(one, self.address, self.style)]

    def _connected(self, request: Request, deadline: float) -> Line:
        """Returns: a connection on which nothing waits. Raises: Broken, when bytes wait that we have not asked for."""
        if self._owed and self._owed[0] != request:
            self.close()
        if self._socket and not self._owed:
            late = self._waiting(0.0)
            if late or late is None or time.monotonic() - self._used > IDLE_S:
                self.close()
            if late:
                broken = Broken(self._past_end, f"{len(late)} bytes after the end of the previous reply: {late[:60]!r}")
                self.log.append(Exchange(request, b"", late, self._used - self._began, 0.0, broken=broken, label=self.label))
                raise broken
        if self._line is None:
            self._socket = self._dialled(request, deadline)
            self._line = Line(self._socket.fileno(), self._socket.fileno())
        return self._line

    def _dialled(self, request: Request, deadline: float) -> socket.socket:
        try:
            made = socket.create_connection(self.address, timeout=max(0.001, deadline - time.monotonic()))
        except OSError as error:
            if not self._heard:
                raise NoAnswer("unreachable", f"{self.address[0]}:{self.address[1]}: {error}") from error
            broken = Broken("closed", f"{request.method} {request.target}: nobody listens any more: {error}")
            self.log.append(Exchange(request, b"", b"", time.monotonic() - self._began, 0.0, broken=broken, label=self.label))
            raise broken from error
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _waiting(self, within_s: float) -> bytes | None:
        """Returns: bytes that wait to be read, none if there are none, None if the other side has closed."""
        assert self._line
        try:
            return self._line.receive(time.monotonic() + within_s) or None
        except TimeoutError:
            return b""
        except OSError:
            return None

    def _read(self, request: Request, received: Received) -> Reply:
        machine = _machine(request)
        status, headers = _final_head(received, machine)
        self._heard = True
        content = _body(received, machine)
        received.whole_at = time.monotonic()
        bodiless = request.method == "HEAD" or status in heads.BODILESS
        self._past_end = "semantics" if bodiless else "extra-bytes"
        past = machine.trailing_data[0] or (bodiless and machine.their_state is h11.DONE and self._waiting(PAST_END_S)) or b""
        if self._owed:
            self._early, past = past, b""
        if past:
            raise Broken(self._past_end, f"{len(past)} bytes past the end of {status} to {request.method}: {past[:60]!r}")
        heads.check_meaning(request, status, headers)
        if machine.their_state is not h11.DONE:
            self.close()
        return Reply(status, headers, content, request, bytes(received.kept))


def _machine(request: Request) -> h11.Connection:
    """A reader of one reply. It is told of another request than ours, which need be no HTTP: it wants to know of HEAD alone."""
    machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=heads.HEAD_BYTES + READ_BYTES)
    machine.send(TOLD_OF_HEAD if request.method == "HEAD" else TOLD_OF_OTHERS)
    return machine


def _final_head(received: Received, machine: h11.Connection) -> tuple[int, heads.Pairs]:
    """Reads heads until one is not interim. Returns: status and fields. Raises: Broken, TimeoutError, ConnectionError."""
    for _ in range(INTERIM_REPLIES + 1):
        while not received.waiting or (head := heads.head_of(received.waiting)) is None:
            if not received.more():
                raise Broken("truncated", f"closed in the head: {bytes(received.waiting[:60])!r}") if received.count else \
                    Broken("closed", "closed before a status line")
        status, headers = heads.fields_of(head)
        heads.check_framing(headers)
        machine.receive_data(received.taken(len(head)))
        _next(machine)
        if status >= 200:
            return status, headers
    raise Broken("over-limit", f"more than {INTERIM_REPLIES} interim replies")


def _body(received: Received, machine: h11.Connection) -> bytes:
    """Reads to the end of the message. Raises: Broken, TimeoutError, ConnectionError."""
    content = bytearray()
    if received.waiting:
        machine.receive_data(received.taken())
    while not isinstance(event := _next(machine), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            received.more()
            machine.receive_data(received.taken())
        elif isinstance(event, h11.Data):
            content += event.data
            if len(content) > BODY_BYTES:
                raise Broken("over-limit", f"the body is over {BODY_BYTES} bytes")
    if len(event.headers) > heads.FIELDS:
        raise Broken("over-limit", f"{len(event.headers)} trailers, wanted at most {heads.FIELDS}")
    return bytes(content)


def _next(machine: h11.Connection) -> Any:
    try:
        return machine.next_event()
    except h11.RemoteProtocolError as error:
        reason = "over-limit" if error.error_status_hint == 431 else "truncated" if "closed connection" in str(error) else "protocol"
        raise Broken(reason, str(error)) from error


class Mutated:
    """A transport whose replies are changed on the way: the wire faults. `changed` counts the replies that were."""

    def __init__(self, inner: Transport, change: Callable[[Reply], Reply]) -> None:
        self.inner, self.change, self.changed = inner, change, 0

    @property
    def label(self) -> str | None:
        return self.inner.label

    @label.setter
    def label(self, vector: str | None) -> None:
        self.inner.label = vector

    @property
    def log(self) -> list[Exchange]:
        return self.inner.log

    def exchange(self, request: Request) -> Reply:
        """Sends a request and changes its reply. Raises: Broken, as for any bytes that contradict themselves; NoAnswer."""
        reply = self.inner.exchange(request)
        changed = self.change(reply)
        if changed is reply:
            return reply
        self.changed += 1
        heads.check_meaning(request, changed.status, changed.headers)
        return replace(changed, request=request)

    def again(self) -> "Mutated":
        return Mutated(self.inner.again(), self.change)

    def close(self) -> None:
        self.inner.close()
