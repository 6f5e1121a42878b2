"""A server over raw sockets that says, connection by connection, what a script tells it to."""
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

Script = Callable[[socket.socket, bytes], Any]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Scripted:
    """Hands each request to `script`, which writes to the socket and may close it; keeps the requests in `heard`."""

    def __init__(self, script: Script) -> None:
        self.script, self.connections = script, 0
        self.heard: list[bytes] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = self.listening.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := heard(connection):
                self.heard.append(request)
                self.script(connection, request)


def heard(connection: socket.socket) -> bytes:
    """Reads one request: head, and a body by its length or its last chunk; what stops for 50 ms has ended."""
    raw = b""
    connection.settimeout(None)
    while not whole(raw):
        try:
            data = connection.recv(1 << 20)
        except TimeoutError:
            break
        if not data:
            break
        raw += data
        connection.settimeout(0.05 if b"\r\n\r\n" in raw else None)
    connection.settimeout(None)
    return raw


def whole(raw: bytes) -> bool:
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        return False
    fields = {k.strip().lower(): v.strip() for k, _, v in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
    if b"transfer-encoding" in fields:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(fields.get(b"content-length", b"0"))


def says(*parts: bytes | float) -> Script:
    """A script that sends bytes, waits where it finds a number of seconds, and keeps the connection."""
    def script(connection: socket.socket, request: bytes) -> None:
        for part in parts:
            if isinstance(part, float):
                time.sleep(part)
            else:
                connection.sendall(part)
    return script


def says_and_closes(*parts: bytes | float) -> Script:
    def script(connection: socket.socket, request: bytes) -> None:
        says(*parts)(connection, request)
        connection.shutdown(socket.SHUT_RDWR)
    return script


def forever(first: bytes, again: bytes, pause_s: float = 0.0) -> Script:
    """A script that sends `again` until nobody reads it."""
    def script(connection: socket.socket, request: bytes) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(again)
            if pause_s:
                time.sleep(pause_s)
    return script


@contextlib.contextmanager
def serving(script: Script) -> Iterator[Scripted]:
    server = Scripted(script)
    try:
        yield server
    finally:
        server.listening.close()
