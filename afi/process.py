"""
Prepares, starts and always stops an adapter, and says how it behaved as a process.

Source: spec/conduct.md, spec/sample.md (Environment). Units: seconds, wall clock. Linux only.
Raises: NoAnswer (never ready: nothing to judge), Broken (its conduct), OurFault (the wrong process answers).
"""
import os
import shutil
import signal
import socket
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from afi import identity, logs, pollution, sockets, watch
from afi.conduct import Fact
from afi.descriptor import Descriptor
from afi.errors import NoAnswer, OurFault, StaleProcess
from afi.held import Held, Order
from afi.model import Refusal, Run
from afi.served import Limits, Served
from afi.transport import Oracle

PASSED_ON = ("PATH", "LANG", "TZ")                  # of our own environment; HOME and TMPDIR are the start's own
KEPT_BACK = ("AFI_", "MIZAN_", "PYTHON", "PYTEST", "VIRTUAL_ENV")          # of our own environment, from a build
OTHER_PORTS = 3                                     # how often another port is tried when somebody was quicker
PREPARE_S = 1800.0                                  # a cold build of a compiled adapter takes minutes; one that hangs ends
TEMP_BYTES = 256 << 20                              # conduct-13
KILLED_WARDEN = ["all of it, for its warden was killed"]
PACKAGES = {"cargo": "cargo, or rustup", "node": "nodejs"}          # Debian's name, where it is not the program's

Say = Callable[[str], None]


def preflight(ours: Collection[str] = ()) -> None:
    """
    Looks for processes of earlier runs.

    Args: ours: the nonces of this run, with which somebody may have started a program by hand.
    Raises: StaleProcess, naming them.
    """
    found = {pid: nonce for pid, nonce in sockets.stale().items() if nonce not in ours}
    if found:
        raise StaleProcess(f"processes of an earlier run are alive and may answer in place of an adapter: "
                           f"{', '.join(map(sockets.said_of, found))}; end them: kill {' '.join(map(str, found))}")


def prepare(descriptor: Descriptor, say: Say = print, limits: Limits | None = None) -> float:
    """
    Builds and installs what the adapter asks for; the output of each list goes to out/logs.

    Returns: seconds. Raises: NoAnswer, `no-program` or `prepare`.
    """
    limits, began = limits or Limits(), time.monotonic()
    for program in descriptor.needs:
        if shutil.which(program) is None:
            package = PACKAGES.get(program, program)
            raise NoAnswer("no-program", f"{descriptor.id} needs {program!r}, which is not on PATH; install it (Debian: {package})")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_BACK)}
    for number, argv in enumerate(descriptor.prepare, 1):
        said = f"{descriptor.id}: {' '.join([Path(argv[0]).name, *argv[1:]])}"
        say(said)
        log = limits.out / "logs" / f"{descriptor.id}-prepare-{number}.log"
        held = Held(Order(argv, descriptor.folder, environment), log, limits.stop_s)
        try:
            ended = held.ended(PREPARE_S)
        finally:
            held.stop()
        if ended != "exited 0":
            ended = ended or f"still running after {PREPARE_S:.0f} s"
            raise NoAnswer("prepare", f"{said}: {ended}; its log, {log}, ends: {logs.tail(log)}")
    return time.monotonic() - began


def start(descriptor: Descriptor, run: Run, start: str = "main", limits: Limits | None = None) -> Served:
    """
    Starts an adapter under a warden and waits until it answers; `witness` then says whether it is the one that we want.

    Raises: NoAnswer, with the word never-ready, ready-lie, `exited 1`, `signal 9`, port or no-program; WrongPeer; StaleProcess.
    """
    limits, holder = limits or Limits(), ""
    tries = 1 if limits.port else 1 + OTHER_PORTS
    for _ in range(tries):
        served = _spawned(descriptor, run, start, limits)
        try:
            assert served.held is not None
            watch.wait_ready(served, served.held, limits.within_s(descriptor))
            return served
        except watch.PortTakenError as taken:
            holder = str(taken)
            stop(served)
        except BaseException:
            stop(served)
            raise
    raise NoAnswer("port", f"{descriptor.id}: {tries} ports tried, each taken before the adapter bound it; the last by process {holder}")


def refusal(descriptor: Descriptor, run: Run, start: str, limits: Limits) -> Refusal:
    """Starts an adapter whose declarations it must refuse. Returns: how that went, which is no part of its conduct. Raises: NoAnswer."""
    served = _spawned(descriptor, run, start, limits)
    try:
        assert served.held is not None
        return watch.wait_refused(served, served.held, limits.within_s(descriptor))
    finally:
        stop(served)


def attached(url: str, run: Run, limits: Limits | None = None) -> Served:
    """
    Takes an adapter that somebody else started: nobody's process, so only identity is watched.

    Raises: NoAnswer; StaleProcess when it was started for another run.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
        raise OurFault(f"--url {url!r}: wanted http://HOST:PORT, without a path")
    served = Served("url", "main", run, (parts.hostname, parts.port or 80), limits or Limits())
    with served.http() as http:
        served.known = identity.ask(http)
    if served.known.run != run.nonce:
        raise StaleProcess(f"--url {url!r}: probe_run answered {served.known.run[:80]!r}, which is not AFI_RUN of this run; start the "
                           f"server anew with what `python -m afi env --seed {run.seed}` prints")
    return served


def free_port() -> int:
    """Returns: a port of 127.0.0.1 that nobody has; somebody may be quicker than the adapter."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _room(limits: Limits, name: str) -> Path:
    """Makes a start's own folders."""
    (limits.out / "state").mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=limits.out / "state"))
    for folder in ("state", "tmp", "home"):
        (room / folder).mkdir()
    return room


def _own(room: Path) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed_on, "HOME": str(room / "home"), "TMPDIR": str(room / "tmp")}


def _spawned(descriptor: Descriptor, run: Run, start: str, limits: Limits) -> Served:
    room, port = _room(limits, f"{descriptor.id}-{start}"), limits.port or free_port()
    served = Served(descriptor.id, start, run, ("127.0.0.1", port), limits, room=room)
    beside = [] if descriptor.folder.is_relative_to(limits.watched) else [descriptor.folder]
    served.watched = {folder: pollution.snapshot(folder) for folder in (limits.watched, room / "home", *beside)}
    order = Order(descriptor.serve, descriptor.folder, {**_own(room), sockets.MARKER: run.nonce, **run.environment(start, port, str(room / "state"))})
    try:
        served.held = Held(order, limits.out / "logs" / f"{descriptor.id}-{start}.log", limits.stop_s)
    except BaseException:
        shutil.rmtree(room)
        raise
    return served


def stop(served: Served) -> list[Fact]:
    """Ends an adapter's whole tree and removes its folders. Returns: what was seen of its conduct; nothing if it is not ours, or again."""
    if served.held is None or served.room is None or not served.room.exists():
        return []
    if ended := served.held.ended():
        served.note("stays-up", f"crashed: {ended}")
    _ended(served, served.held)
    for folder, before in served.watched.items():
        served.note("files-in-place", *(f"pollution: {change}" for change in pollution.changes(before, pollution.snapshot(folder))))
    served.note("small-temp")
    if (taken := pollution.disk_bytes(served.room / "tmp")) > TEMP_BYTES:
        served.note("small-temp", f"pollution: the files in TMPDIR take {taken >> 20} MiB; wanted at most {TEMP_BYTES >> 20}")
    shutil.rmtree(served.room, ignore_errors=True)
    return [Fact(check, served.start, wrong) for check, wrong in served.seen.items()]


def _ended(served: Served, held: Held) -> None:
    """Stops the tree and notes how it ended; if somebody killed the warden, what it held is found by the run's marker."""
    said = held.stop()
    left = said.get("left", [])
    if not said:
        left = KILLED_WARDEN
        for pid in [pid for pid, nonce in sockets.stale().items() if nonce == served.run.nonce]:
            os.kill(pid, signal.SIGKILL)
    served.note("no-process-left", *(f"leak: {argv}" for argv in left))
    if "ended" not in said:
        served.note("graceful-stop", *([] if said.get("graceful") else [f"ungraceful: still alive {held.stop_s:g} s after SIGTERM"]))


@dataclass
class Questioned:
    """An oracle: a program that answers JSON lines, under the same warden as an adapter."""

    held: Held
    room: Path
    lines: Oracle

    def ask(self, op: str, given: dict[str, str]) -> tuple[str, str]:
        """Asks one question. Returns: the member of the answer (`ok`, `err`, `skip`) and its text. Raises: Broken."""
        return self.lines.ask(op, given)


def oracle(descriptor: Descriptor, limits: Limits | None = None) -> Questioned:
    """Starts the adapter's oracle. Raises: NoAnswer."""
    limits = limits or Limits()
    if descriptor.oracle is None:
        raise NoAnswer("no-oracle", f"{descriptor.id}: adapter.yaml names no `oracle`")
    room = _room(limits, f"{descriptor.id}-oracle")
    asking, telling = os.pipe(), os.pipe()
    order = Order(descriptor.oracle, descriptor.folder, _own(room), {0: asking[0], 1: telling[1]})
    try:
        held = Held(order, limits.out / "logs" / f"{descriptor.id}-oracle.log", limits.stop_s)
    except BaseException:
        shutil.rmtree(room)
        raise
    finally:
        os.close(asking[0])
        os.close(telling[1])
    return Questioned(held, room, Oracle(os.fdopen(asking[1], "wb", 0), os.fdopen(telling[0], "rb", 0), limits.exchange_s))


def stop_oracle(questioned: Questioned) -> list[Fact]:
    """Ends an oracle by the end of its input, then its tree. Returns: what was seen of its conduct."""
    ended = questioned.held.ended()
    questioned.lines.close()
    graceful = questioned.held.ended(questioned.held.stop_s) is not None
    left = questioned.held.stop().get("left", KILLED_WARDEN)
    shutil.rmtree(questioned.room, ignore_errors=True)
    late = () if graceful else (f"ungraceful: still alive {questioned.held.stop_s:g} s after the end of its input",)
    return [Fact("stays-up", "oracle", (f"crashed: {ended}",) if ended else ()), Fact("graceful-stop", "oracle", late),
            Fact("no-process-left", "oracle", tuple(f"leak: {argv}" for argv in left))]
