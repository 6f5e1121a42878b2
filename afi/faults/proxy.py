"""
A TCP proxy before a live adapter: passes requests on as they come, and each whole reply as a fault makes it.

Source: spec/harness.md, Fault proxy. A reply that a fault hands back as the same object goes on byte for byte. Raises nothing to who uses it: a
connection that ends on one side is ended on the other. Units: bytes.
"""
import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

import h11

from afi.heads import HEAD_BYTES
from afi.messages import KEPT_BYTES, Reply, Request

READ_BYTES, HELD_BYTES = 64 << 10, 1 << 20          # at a time; of a direction, before its other side must take some
Change = Callable[[Reply], Reply | bytes]           # bytes are written as they are, and end the connection


class Proxy:
    """
    Listens on a port of 127.0.0.1 until the block ends. `change` makes a connection's own fault, `changed` counts replies that were, `first` is
    the first of them as it came and as it went on.
    """

    def __init__(self, target: tuple[str, int], change: Callable[[], Change]) -> None:
        self.target, self.change, self.changed = target, change, 0
        self.first: tuple[bytes, bytes] = (b"", b"")
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._door.getsockname()[:2]
        self._open: set[socket.socket] = set()

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._door, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(self.target) as server:
                self._open |= {client, server}
                Passage(client, server, self._counted(self.change())).run()
                self._open -= {client, server}
        except (OSError, ValueError):
            pass                                    # one side is gone, and so is the other

    def _counted(self, change: Change) -> Change:
        def counted(reply: Reply) -> Reply | bytes:
            changed = change(reply)
            if changed is not reply:
                self.changed += 1
                if self.changed == 1:
                    self.first = reply.raw[:KEPT_BYTES], (changed if isinstance(changed, bytes) else message(changed))[:KEPT_BYTES]
            return changed
        return counted


class Passage:
    """One connection and what passes on it."""

    def __init__(self, client: socket.socket, server: socket.socket, change: Change) -> None:
        self.client, self.server, self.change = client, server, change
        self.unsent = {client: bytearray(), server: bytearray()}
        self.asked, self.reader = bytearray(), Reader()

    def run(self) -> None:
        """Passes on until one side ends. Raises: OSError."""
        for side in (self.client, self.server):
            side.setblocking(False)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with selectors.DefaultSelector() as selector:
            for side in (self.client, self.server):
                selector.register(side, selectors.EVENT_READ)
            while self._turn(selector):
                for side, waiting in self.unsent.items():
                    other = self.server if side is self.client else self.client
                    reads = selectors.EVENT_READ if len(self.unsent[other]) < HELD_BYTES else 0
                    selector.modify(side, reads | (selectors.EVENT_WRITE if waiting else 0) or selectors.EVENT_READ)

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        for key, events in selector.select():
            side: Any = key.fileobj
            if events & selectors.EVENT_WRITE:
                del self.unsent[side][:side.send(self.unsent[side])]
            if events & selectors.EVENT_READ and not (self._asks(side) if side is self.client else self._answers(side)):
                return False
        return True

    def _asks(self, client: socket.socket) -> bool:
        data = client.recv(READ_BYTES)
        self.asked += data
        self.unsent[self.server] += data
        return bool(data)

    def _answers(self, server: socket.socket) -> bool:
        data = server.recv(READ_BYTES)
        for head, content, raw in self.reader.whole(data, bytes(self.asked[:4]) == b"HEAD"):
            request, size = request_of(bytes(self.asked))
            del self.asked[:size]
            reply = Reply(head.status_code, tuple(head.headers.raw_items()), content, request, raw)
            changed = self.change(reply)
            self.unsent[self.client] += raw if changed is reply else changed if isinstance(changed, bytes) else message(changed, bytes(head.reason))
            if isinstance(changed, bytes):
                return self._ended()
        return bool(data) or self._ended()

    def _ended(self) -> bool:
        """Writes what is left for the client, and is done."""
        self.client.setblocking(True)
        self.client.sendall(self.unsent[self.client])
        return False


class Reader:
    """Reads replies off a stream."""

    def __init__(self) -> None:
        self._start(b"")

    def _start(self, raw: bytes) -> None:
        self.raw, self.content, self.machine = bytearray(raw), bytearray(), None

    machine: h11.Connection | None

    def whole(self, data: bytes, is_head: bool) -> list[tuple[h11.Response, bytes, bytes]]:
        """Returns: each reply that these bytes complete: head, body, and all its bytes. Raises: OSError, where they are no HTTP."""
        found = []
        self.raw += data
        while data or self.machine:
            if self.machine is None:
                self.machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES + READ_BYTES)
                self.machine.send(h11.Request(method="HEAD" if is_head else "GET", target="/", headers=[("Host", "x")]))
                self.machine.send(h11.EndOfMessage())
            self.machine.receive_data(data)
            if not self._ended():
                break
            data = self.machine.trailing_data[0]
            raw = bytes(self.raw[:len(self.raw) - len(data)])
            found.append((self.head, bytes(self.content), raw))
            self._start(data)
        return found

    def _ended(self) -> bool:
        assert self.machine is not None
        try:
            while (event := self.machine.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Response):
                    self.head = event
                elif isinstance(event, h11.Data):
                    self.content += event.data
                elif isinstance(event, h11.EndOfMessage):
                    return True
                elif isinstance(event, h11.ConnectionClosed):
                    return False
        except h11.RemoteProtocolError as error:
            raise OSError(str(error)) from error
        return False


def request_of(raw: bytes) -> tuple[Request, int]:
    """Returns: the first request of these bytes, read without judging it, and how many bytes it has; of one that is cut, what there is."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    method, _, target = first.partition(" ")
    pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    lengths = [int(value) for name, value in pairs if name.lower() == "content-length" and value.isdecimal()]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in pairs)
    size = rest.find(b"0\r\n\r\n") + 5 if chunked and b"0\r\n\r\n" in rest else len(rest) if chunked else min(len(rest), *lengths, len(rest)) if lengths else 0
    return Request(method, target.rpartition(" ")[0], tuple(pairs), rest[:size]), len(head) + 4 + size


def message(reply: Reply, reason: bytes = b"") -> bytes:
    """Returns: a reply as it is written; a body that was changed has its own length."""
    bodiless = reply.request.method == "HEAD" or (reply.status in (204, 304) and not reply.body)
    framing = () if bodiless else ((b"content-length", str(len(reply.body)).encode()),)
    kept = [(name, value) for name, value in reply.headers if name.lower() not in (b"content-length", b"transfer-encoding") or bodiless]
    lines = [b"HTTP/1.1 %d %s" % (reply.status, reason), *(b"%s: %s" % pair for pair in (*kept, *framing))]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if bodiless else reply.body)
