"""
One program that begins as an honest adapter and then misbehaves on purpose, in one way a mode: `python evil.py --mode ID`.

`GET ctx/probe/` is always answered honestly; every other request goes through the mode's `act`. The modes are in evil_wire.py and
evil_process.py. Standard library alone. Source: spec/harness.md, the evil panel.
"""
import argparse
import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from afi.faults.honest import BASE, Answer, Asked, Sample

TABLES = ("evil_wire", "evil_process")


@dataclass
class Turn:
    """
    One request, the sample behind it, and the socket on which a mode says what it likes.

    `number` counts from 1, without `ctx/probe/`; `kept` is what a mode remembers from turn to turn.
    """

    asked: Asked
    sample: Sample
    socket: socket.socket
    number: int = 0
    closed: bool = False
    kept: dict[str, Any] = field(default_factory=dict)

    def honest(self) -> Answer:
        return self.sample.answer(self.asked)

    def send(self, answer: Answer | bytes) -> None:
        self.socket.sendall(answer if isinstance(answer, bytes) else answer.bytes_for(self.asked.method))

    def close(self) -> None:
        self.closed = True
        self.socket.close()


def honestly(turn: Turn) -> None:
    turn.send(turn.honest())


def at_once() -> None:
    pass


@dataclass(frozen=True)
class Mode:
    """
    One misbehaviour: `act` answers every request but `ctx/probe/`; `before` runs before the port is bound.

    `word` is FAIL, PASS, UNTESTABLE or OUR-FAULT; `reason` is what the kit must name: the word of a Broken or NoAnswer, or
    `mismatch` where a check's two halves differ.
    """

    does: str
    word: str
    reason: str
    act: Callable[[Turn], None] = honestly
    before: Callable[[], None] = at_once


def read(stream: Any) -> Asked | None:
    """Reads one request. Returns: None at the end of the stream."""
    line = stream.readline(65536)
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(65536)).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, stream.read(int(headers.get("content-length", "0"))))


class Server:
    """Serves a sample on a port, a thread a connection."""

    def __init__(self, sample: Sample, act: Callable[[Turn], None]) -> None:
        self.sample, self.act, self.number, self.lock = sample, act, 0, threading.Lock()
        self.kept: dict[str, Any] = {}

    def listen(self, host: str, port: int) -> None:
        """Accepts until the process is stopped."""
        with socket.create_server((host, port), backlog=64) as listening:
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as stream:
            try:
                while asked := read(stream):
                    turn = Turn(asked, self.sample, connection, kept=self.kept)
                    if asked.target == BASE + "ctx/probe/":
                        honestly(turn)
                        continue
                    with self.lock:
                        self.number += 1
                        turn.number = self.number
                    self.act(turn)
                    if turn.closed:
                        return
            except (OSError, ValueError):
                return


def program(modes: Mapping[str, Mode]) -> None:
    """The command line of a table of modes: PORT and the sample's variables come from the environment."""
    parser = argparse.ArgumentParser(description="an adapter that is wrong in one way")
    parser.add_argument("--mode", choices=sorted(modes), required=True)
    mode = modes[parser.parse_args().mode]
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    mode.before()
    Server(Sample(os.environ), mode.act).listen("127.0.0.1", int(os.environ["PORT"]))


def all_modes() -> dict[str, Mode]:
    """Returns: id -> mode, of every table."""
    return {name: mode for table in TABLES for name, mode in importlib.import_module(f"afi.faults.{table}").MODES.items()}


if __name__ == "__main__":
    importlib.import_module("afi.faults.evil").program(importlib.import_module("afi.faults.evil").all_modes())
