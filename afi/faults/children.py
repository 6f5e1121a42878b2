"""
The fork host as the kit sees it: one session a fault, its starts, its oracle, and how often the patched function was called.

Source: spec/harness.md, Self-proof. Raises: NoAnswer, when a child does not come up; OurFault, when the host itself does not. Units: seconds.
"""
import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afi.errors import NoAnswer, OurFault
from afi.faults import Fault
from afi.held import how
from afi.model import Refusal, Run
from afi.plan import ROOT
from afi.transport import Http, Oracle, Transport

PYTHON = ROOT / "reference" / "python" / ".venv" / "bin" / "python"
FOLDER = ROOT / "adapters" / "fastapi"
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
UP_S = 10.0                          # a child needs 0.1; on a machine that does other things, more
ANSWER_S = 20.0
EXCHANGE_S = 10.0                    # faults are judged many at a time: slowness is no finding here
POLL_S = 0.005
ASK_EACH = 20                        # polls, before it is asked whether the child lives
LOG_BYTES = 2000


class Host:
    """The program afi.faults.host with the faults of some pages, starting up; any process that knows its socket may open sessions."""

    def __init__(self, pages: Iterable[str]) -> None:
        if not PYTHON.exists():
            raise OurFault(f"{PYTHON.relative_to(ROOT)} is not there: run `python -m afi prepare` first")
        self.folder = Path(tempfile.mkdtemp(prefix="afi-faults-"))
        self.log = self.folder / "host.log"
        tables = [page.replace("-", "_") for page in pages]
        environment = {**{name: os.environ[name] for name in PASSED_ON if name in os.environ}, "PYTHONPATH": str(ROOT),
                       "PYTHONPYCACHEPREFIX": str(ROOT / "out" / "compiled")}
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen([PYTHON, "-m", "afi.faults.host", self.folder / "socket", *tables], cwd=FOLDER, env=environment,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink)

    def wait(self) -> None:
        """Returns as soon as sessions can be opened. Raises: OurFault."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"ready\n":
            raise OurFault(f"the fault host did not come up; its log ends:\n{ending(self.log)}")

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()                # closes its standard input, which ends it and its children
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def session(self, run: Run, fault: Fault | None = None, watched: Iterable[Fault] = ()) -> Iterator["Session"]:
        """Children with this fault's patch, or in which it is watched what some faults would touch; dead when the block ends."""
        with tempfile.TemporaryDirectory(dir=self.folder) as room, socket.socket(socket.AF_UNIX) as door:
            door.connect(str(self.folder / "socket"))
            session = Session(door, Path(room), run)
            session.order(**({"fault": fault.id} if fault else {"watch": [one.id for one in watched]}))
            try:
                yield session
            finally:
                session.end()


def ending(log: Path) -> str:
    return log.read_text("utf-8", "backslashreplace")[-LOG_BYTES:].strip() if log.exists() else ""


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Started:
    """One child: where it serves, where its oracle answers."""

    pid: int
    address: tuple[str, int]
    oracle: tuple[str, int]


class Session:
    """One fault's children. After the end `building` and `serving` say how often the patched function was called by then."""

    def __init__(self, door: socket.socket, room: Path, run: Run) -> None:
        self.door, self.room, self.run = door, room, run
        self.replies = door.makefile("rb")
        self.starts: dict[str, Started] = {}
        self.building = self.serving = 0

    def order(self, **members: Any) -> None:
        self.door.sendall(json.dumps(members).encode() + b"\n")

    def heard(self) -> dict[str, Any]:
        line = self.replies.readline()
        if not line:
            raise OurFault("the fault host has ended in the middle of a session; see its log, printed above")
        found: dict[str, Any] = json.loads(line)
        return found

    def started(self, name: str) -> Started:
        """Returns: the start of that name (spec/sample.md, Environment), made at its first use. Raises: NoAnswer."""
        if name not in self.starts:
            self.starts[name] = self._born(name)
            self._wait(name)
        return self.starts[name]

    def refused(self, name: str) -> Refusal:
        """Makes a start that is meant to refuse. Returns: how that went."""
        start, deadline, listened, ended = self._born(name), time.monotonic() + UP_S, False, ""
        while not ended and not listened and time.monotonic() < deadline:
            listened, ended = _listens(start.address), self._ended(start)
            time.sleep(POLL_S)
        return Refusal(ended, listened, ending(self.room / f"{name}.log"))

    def _born(self, name: str) -> Started:
        state, temporary = self.room / name, self.room / f"{name}.tmp"
        state.mkdir()
        temporary.mkdir()
        self.order(start={**self.run.environment(name, 0, str(state)), "TMPDIR": str(temporary)}, log=str(self.room / f"{name}.log"))
        born = self.heard()
        return Started(born["pid"], ("127.0.0.1", born["port"]), ("127.0.0.1", born["oracle"]))

    def _ended(self, start: Started) -> str:
        """Returns: how a child ended, `exited 1`; empty while it lives."""
        self.order(alive=start.pid)
        heard = self.heard()
        return "" if heard["alive"] else how(heard["status"])

    def _wait(self, name: str) -> None:
        """Returns as soon as somebody listens on the child's port, which is held for the child alone."""
        start, deadline = self.starts[name], time.monotonic() + UP_S
        for tried in itertools.count(1):
            if _listens(start.address):
                return
            time.sleep(POLL_S)
            if tried % ASK_EACH == 0 and self._ended(start):
                raise NoAnswer("exited", f"the sample did not come up; its log ends:\n{ending(self.room / f'{name}.log')}")
            if time.monotonic() > deadline:
                raise NoAnswer("never-ready", f"the sample did not listen within {UP_S} s; its log ends:\n{ending(self.room / f'{name}.log')}")

    def reached(self) -> tuple[frozenset[str], frozenset[str]]:
        """Returns: the watched faults that would have touched something since this was asked last, and those that would have acted."""
        self.order(reached=True)
        found = self.heard()
        return frozenset(found["touching"]), frozenset(found["acting"])

    def connect(self, name: str = "main") -> Transport:
        return Http(*self.started(name).address, exchange_s=EXCHANGE_S)

    @contextlib.contextmanager
    def oracle(self) -> Iterator[Oracle]:
        """The oracle of the main start, with the same fault."""
        with (socket.create_connection(self.started("main").oracle, timeout=ANSWER_S) as line,
              contextlib.closing(Oracle(line.makefile("wb"), line.makefile("rb"))) as oracle):
            yield oracle

    def end(self) -> None:
        self.door.shutdown(socket.SHUT_WR)
        counted = self.heard()
        self.building, self.serving = counted["building"], counted["serving"]
        self.replies.close()
