"""
Hosts the sample application with one fault at a time: the only place where a function of the reference is replaced.

Run by the reference's Python in the adapter's folder: `python -m afi.faults.host SOCKET TABLE...`. It preloads the libraries and the core, reads
those tables of faults, and listens on the Unix socket of that name. A connection is one fault's session; lines of JSON:

    {"fault": id} or {"watch": [ids]}    first: what the children are patched with, or whose functions are watched and stay what they are
    {"start": {the environment}, "log": path} -> {"pid", "port", "oracle"}    forks a child with the session's fault (ports on 127.0.0.1)
    {"alive": pid} -> {"alive": bool, "status": how it ended, once}
    {"reached": true} -> {"touching": [ids], "acting": [ids]}    which watched faults would have done so since the last such question
    end of input -> {"building", "serving"}: calls of the patched function so far; the children are dead by then

A child sets its environment, patches, and only then imports the sample: faults of registration work too, and nothing of the application
was open before the fork. It runs the adapter's own `serve.py`, and answers the oracle's lines on a second port, so that an oracle's checks
see the same fault. The host ends with its standard input, the children with the host.
"""
import ctypes
import gc
import json
import mmap
import os
import runpy
import selectors
import shutil
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from afi import faults
from afi.errors import BadFault
from afi.faults import Fault, patching, shadow

PARENT_DEATH_SIGNAL = 1                      # prctl(2): PR_SET_PDEATHSIG
BUILDING, SERVING = 0, 1                     # the two counters of a session
COUNTER = struct.Struct("q")


def preload() -> None:
    """Everything but the sample: what is imported here is paid for once, and frozen so that children share its pages."""
    import concurrent.futures.thread  # noqa: F401
    import encodings.idna  # noqa: F401
    import sqlite3  # noqa: F401

    import anyio._backends._asyncio  # noqa: F401
    import fastapi
    import mizan.fastapi
    import mizan.oracle  # noqa: F401
    import pydantic.root_model  # noqa: F401
    import sqlalchemy.dialects.sqlite
    import sqlalchemy.orm
    import uvicorn.loops.uvloop
    import uvicorn.protocols.websockets.auto
    uvicorn.Config(fastapi.FastAPI(), access_log=False, log_level="warning").load()
    sqlalchemy.create_engine("sqlite://").connect().close()
    gc.collect()
    gc.freeze()
    gc.disable()                                                    # a child lives for a second


class Hits:
    """Two counters in memory that the host shares with the children of one session."""

    def __init__(self) -> None:
        self.memory, self.phase = mmap.mmap(-1, 2 * COUNTER.size), BUILDING

    def add(self) -> None:
        """Counts one call; racing threads may lose one, never the first."""
        COUNTER.pack_into(self.memory, self.phase * COUNTER.size, self.of(self.phase) + 1)

    def of(self, phase: int) -> int:
        return int(COUNTER.unpack_from(self.memory, phase * COUNTER.size)[0])


class Marks:
    """A byte for each watched fault, in memory that the host shares with the children of one session."""

    def __init__(self, watched: Sequence[Fault] = ()) -> None:
        self.watched, self.places = watched, {fault.id: place for place, fault in enumerate(watched)}
        self.memory = mmap.mmap(-1, max(1, len(watched)))

    def marked(self, fault: str) -> bool:
        return self.memory[self.places[fault]] != 0

    def mark(self, fault: str, how: int) -> None:
        self.memory[self.places[fault]] = how

    def taken(self) -> dict[int, list[str]]:
        """Returns: the marked faults, by how they are marked; afterwards none is."""
        found = {how: [fault for fault, place in self.places.items() if self.memory[place] == how] for how in (shadow.TOUCHES, shadow.ACTS)}
        self.memory[:] = bytes(len(self.memory))
        return found


@dataclass
class Session:
    """One fault and the children that have it; `held` are their ports, bound and not listening, so that nobody else gets them."""

    connection: socket.socket
    fault: Fault | None = None
    hits: Hits = field(default_factory=Hits)
    marks: Marks = field(default_factory=Marks)
    children: list[int] = field(default_factory=list)
    held: list[socket.socket] = field(default_factory=list)
    unread: bytes = b""

    def tell(self, **members: Any) -> None:
        self.connection.sendall(json.dumps(members).encode() + b"\n")


def reserved(session: Session) -> int:
    """Returns: a port that only a server with SO_REUSEADDR can take as long as the session lasts."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    session.held.append(holder)
    return int(holder.getsockname()[1])


class Host:
    """Reads the sessions' orders, one at a time: a process with threads could not fork safely."""

    def __init__(self, path: str, tables: list[str]) -> None:
        self.table = {fault.id: fault for fault in faults.every(tables)}
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen(64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.door, selectors.EVENT_READ, self.open)
        self.selector.register(sys.stdin, selectors.EVENT_READ, lambda: self.leave(os.path.dirname(path)))

    def run(self) -> None:
        print("ready", flush=True)
        while True:
            for key, _ in self.selector.select():
                key.data()

    def leave(self, folder: str) -> None:
        """The kit is gone or has done: so are the sessions' rooms."""
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    def open(self) -> None:
        session = Session(self.door.accept()[0])
        self.selector.register(session.connection, selectors.EVENT_READ, lambda: self.hear(session))

    def hear(self, session: Session) -> None:
        data = session.connection.recv(65536)
        if not data:
            self.close(session)
            return
        *lines, session.unread = (session.unread + data).split(b"\n")
        for line in lines:
            self.obey(session, json.loads(line))

    def obey(self, session: Session, order: dict[str, Any]) -> None:
        if "fault" in order:
            session.fault = self.table[order["fault"]]
        elif "watch" in order:
            session.marks = Marks([self.table[fault] for fault in order["watch"]])
        elif "reached" in order:
            taken = session.marks.taken()
            session.tell(touching=taken[shadow.TOUCHES], acting=taken[shadow.ACTS])
        elif "alive" in order:
            status = self.ended(session, order["alive"])
            session.tell(alive=status is None, status=status)
        else:
            self.fork(session, order)

    def ended(self, session: Session, pid: int) -> int | None:
        """Returns: how a child ended, None while it lives. Once reaped, a pid may become somebody else's: it is forgotten at once."""
        reaped, status = os.waitpid(pid, os.WNOHANG)
        if reaped == 0:
            return None
        session.children.remove(pid)
        return os.waitstatus_to_exitcode(status)

    def fork(self, session: Session, order: dict[str, Any]) -> None:
        port, oracle = reserved(session), socket.create_server(("127.0.0.1", 0))
        environment = {**order["start"], "PORT": str(port)}
        pid = os.fork()
        if pid == 0:
            for key in list(self.selector.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            child(session, environment, oracle, order["log"])
        session.children.append(pid)
        session.tell(pid=pid, port=port, oracle=oracle.getsockname()[1])
        oracle.close()

    def close(self, session: Session) -> None:
        self.selector.unregister(session.connection)
        for pid in session.children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for holder in session.held:
            holder.close()
        try:
            session.tell(building=session.hits.of(BUILDING), serving=session.hits.of(SERVING))
        except OSError:
            pass                                     # whoever asked is gone: nobody wants to know
        session.connection.close()


def child(session: Session, environment: dict[str, str], oracle: socket.socket, log: str) -> None:
    """Becomes the adapter with this fault; never returns."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.environ.update(environment)
        patch(session)
        import sample  # noqa: F401
        session.hits.phase = SERVING
        threading.Thread(target=answer_all, args=(oracle,), daemon=True).start()
        runpy.run_path("serve.py", run_name="__main__")
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def patch(session: Session) -> None:
    """Raises: BadFault."""
    if session.fault is not None and session.fault.patch is not None:
        patching.divert(*session.fault.patch, session.hits.add)
    watched: dict[str, dict[str, Callable[..., Any]]] = {}
    for fault in session.marks.watched:
        if fault.patch is not None:
            watched.setdefault(fault.patch[0], {})[fault.id] = fault.patch[1]
    for target, replacements in watched.items():
        try:
            shadow.watch(target, replacements, session.marks)
        except BadFault:
            pass                                     # each of these faults will say so itself


def answer_all(door: socket.socket) -> None:
    while True:
        connection, _ = door.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    """Answers one connection's lines as `python -m mizan oracle` answers its standard input."""
    from mizan import oracle
    with connection, connection.makefile("r", encoding="utf-8") as lines, connection.makefile("w", encoding="utf-8") as replies:
        replies.reconfigure(line_buffering=True)
        oracle.serve(lines, replies)


if __name__ == "__main__":
    preload()
    Host(sys.argv[1], sys.argv[2:]).run()
