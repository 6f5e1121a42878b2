"""
Holds one adapter's whole process tree: `python -I -S warden.py OPTIONS argv...`; standard library only, so that it is up in 20 ms.

It is the tree's subreaper: every orphan becomes its child, whatever its session, ancestry or environment, so what is alive under it after
the end is a leak, and of this adapter. (One subreaper inside the harness could not say whose orphan it is.) Linux only.

Standard input  its end, or any byte, stops the tree; so do SIGTERM and the end of the harness, even one killed by SIGKILL.
Standard output JSON lines: {"pid"} or {"pid": null, "error"}; {"ended"} once the program ended by itself; {"exit", "graceful", "left"}.
                Exit statuses as `subprocess` counts them (below 0: a signal); `left`: the argument lists of what was still alive.
Standard error  the log, a seekable file: the first 64 KiB and the last 192 KiB of what the tree wrote on its stdout and stderr.
"""
import ctypes
import json
import os
import select
import signal
import sys
import time

SUBREAPER, PARENT_DEATH_SIGNAL = 36, 1
HEAD_BYTES, TAIL_BYTES = 64 << 10, 192 << 10
READ_BYTES = 1 << 20
LOG_EACH_S = 0.1                    # a flood rewrites the tail ten times a second, not once a read
SETTLE_S = 0.25                     # children that end because their parent did are no leak
SWEEP_S = 5.0                       # nothing outlives SIGKILL that long but a process stuck in the kernel
RESET = sorted(set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP})      # Python, a harness or a shell's background job may have changed any


class Log:
    """Keeps the beginning and the end of endless text in one file of bounded size."""

    def __init__(self, sink: int) -> None:
        self.sink, self.head, self.total, self.tail = sink, 0, 0, b""
        self.written, self.written_s = 0, 0.0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        now, data = data[:HEAD_BYTES - self.head], data[HEAD_BYTES - self.head:]
        if now:
            self.head += len(now)
            self.written += len(now)
            os.write(self.sink, now)
        if data:
            self.tail = (self.tail + data)[-TAIL_BYTES:]
            if time.monotonic() >= self.written_s + LOG_EACH_S:
                self.flush()

    @property
    def behind(self) -> bool:
        return self.written < self.total

    def flush(self) -> None:
        """Writes the end behind the head; a note in its place says how much lies between, and counts towards the limit."""
        kept = self.tail
        if self.total > HEAD_BYTES + TAIL_BYTES:
            note = b"\n[... %d bytes left out ...]\n"
            kept = kept[len(note) + 20:]
            kept = note % (self.total - HEAD_BYTES - len(kept)) + kept
        os.lseek(self.sink, HEAD_BYTES, os.SEEK_SET)
        os.write(self.sink, kept)
        os.ftruncate(self.sink, HEAD_BYTES + len(kept))
        self.written, self.written_s = self.total, time.monotonic()


def children() -> dict[int, list[int]]:
    """Returns: parent -> its living children, from /proc; a zombie is nobody."""
    table: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                stat = file.read()
        except OSError:
            continue
        state, parent = stat[stat.rindex(b")") + 2:].split()[:2]
        if state not in b"ZX":
            table.setdefault(int(parent), []).append(int(name))
    return table


def tree() -> list[int]:
    """Returns: every living process below this one."""
    table, found, edge = children(), [], [os.getpid()]
    while edge:
        edge = [pid for parent in edge for pid in table.get(parent, ())]
        found += edge
    return found


def argv_of(pid: int) -> str:
    """Returns: the process's argument list as one line, or its bare name where it has none."""
    for name in ("cmdline", "comm"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                if text := file.read(400).replace(b"\0", b" ").decode(errors="backslashreplace").strip():
                    return text
        except OSError:
            break
    return "?"


COERCED = "C.UTF-8"          # what this interpreter sets in a C locale (PEP 538), and nobody gave to the adapter


def spawn(argv: list[str], streams: dict[int, int]) -> int:
    """
    Starts the program in a session of its own; it dies with this process.

    Args: streams: descriptor of the program -> ours.
    Raises: OSError, as `exec` gave it.
    """
    failed, failure = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            signal.set_wakeup_fd(-1)
            for number in RESET:
                signal.signal(number, signal.SIG_DFL)
            for theirs, ours in streams.items():
                os.dup2(ours, theirs)
            if os.environ.get("LC_CTYPE") == COERCED:
                del os.environ["LC_CTYPE"]
            os.execvp(argv[0], argv)  # noqa: S606  (a descriptor's argument list, on purpose without a shell)
        except OSError as error:
            os.write(failure, str(error.errno).encode())
        finally:
            os._exit(127)
    os.close(failure)
    with os.fdopen(failed, "rb") as file:
        errno = file.read()
    if errno:
        os.waitpid(pid, 0)
        raise OSError(int(errno), os.strerror(int(errno)), argv[0])
    return pid


class Warden:
    """One program, everything below it, its log, and the ways in which it is told to end."""

    def __init__(self, harness: int, stop_s: float, streams: dict[int, int]) -> None:
        self.stop_s, self.streams = stop_s, streams
        self.main, self.told = 0, False
        self.ended: int | None = None
        self.report = os.fdopen(os.dup(1), "w")
        self.log, self.output = Log(2), -1
        self.woken, wake = os.pipe()
        os.set_blocking(wake, False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake)
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        self.harness = os.pidfd_open(harness)      # not PARENT_DEATH_SIGNAL: that one fires when the thread which started us ends

    def say(self, **line: object) -> None:
        try:
            print(json.dumps(line), file=self.report, flush=True)
        except OSError:
            pass                                    # the harness is gone; the sweep matters more

    def start(self, argv: list[str]) -> None:
        self.output, inner = os.pipe()
        os.set_blocking(self.output, False)
        null = os.open(os.devnull, os.O_RDONLY)
        try:
            self.main = spawn(argv, {0: null, 1: inner, 2: inner, **self.streams})
        except OSError as error:
            self.say(pid=None, error=str(error))
            raise SystemExit(0) from error
        for unused in (inner, null, *self.streams.values()):
            os.close(unused)
        self.say(pid=self.main)

    def reap(self) -> None:
        """Takes in the status of whoever ended; the rest are orphans that became ours."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.main:
                self.ended = os.waitstatus_to_exitcode(status)

    def drain(self) -> None:
        """Takes in what the tree wrote so far, at most 1 MiB, so that a flood cannot keep us from the rest."""
        if self.output < 0:
            return
        try:
            data = os.read(self.output, READ_BYTES)
        except BlockingIOError:
            return
        if data:
            self.log.add(data)
        else:
            os.close(self.output)
            self.output = -1

    def turn(self, within_s: float) -> None:
        """Waits for one thing to happen and takes it in."""
        watched = [0, self.woken, self.harness] if not self.told else [self.woken]
        timeout = min(within_s, LOG_EACH_S) if self.log.behind else within_s
        readable, _, _ = select.select(watched + [self.output] * (self.output >= 0), [], [], timeout)
        if self.output in readable:
            self.drain()
        if self.log.behind and self.output not in readable:
            self.log.flush()
        if self.woken in readable:
            self.told |= signal.SIGTERM in os.read(self.woken, 4096)
            self.reap()
        self.told |= bool({0, self.harness} & set(readable))

    def hold(self) -> None:
        """Keeps watch until told to stop."""
        said = False
        while not self.told:
            self.turn(60.0)
            if self.ended is not None and not said:
                said = True
                self.say(ended=self.ended)

    def end(self) -> None:
        """Asks the program to end, insists after `stop_s`, then sweeps what is left."""
        graceful, deadline = True, time.monotonic() + self.stop_s
        if self.ended is None:
            os.kill(self.main, signal.SIGTERM)
            while self.ended is None and (left_s := deadline - time.monotonic()) > 0:
                self.turn(left_s)
            graceful = self.ended is not None
        settled = time.monotonic() + SETTLE_S
        while graceful and tree() and time.monotonic() < settled:
            self.turn(0.005)
        left = [argv_of(pid) for pid in tree() if graceful or pid != self.main]
        self.sweep()
        while self.output >= 0 and select.select([self.output], [], [], 0)[0]:
            self.drain()
        self.log.flush() if self.log.behind else None
        self.say(exit=self.ended, graceful=graceful, left=left)

    def sweep(self) -> None:
        """Kills whatever is below us, by its id, until nothing is."""
        deadline = time.monotonic() + SWEEP_S
        while (alive := tree()) and time.monotonic() < deadline:
            for pid in alive:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.002)
            self.reap()
        self.reap()


def main(harness: str, stop_s: str, streams: str, *argv: str) -> None:
    """Args: harness: its pid; streams: a JSON object, descriptor of the program -> ours, besides the usual three."""
    warden = Warden(int(harness), float(stop_s), {int(theirs): ours for theirs, ours in json.loads(streams).items()})
    warden.start(list(argv))
    try:
        warden.hold()
    finally:
        warden.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
