"""
The modes of the evil panel that misbehave as a process: `python evil.py --mode H05`.

Some need an accomplice outside the adapter's tree, who takes ports and answers in its place: `with accomplice(folder, ACCOMPLICES[mode])`,
where the folder is that of the adapter.yaml. Standard library alone. Source: spec/conduct.md; spec/harness.md, the evil panel.
"""
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from afi.faults.evil import Mode, Server, Turn, honestly, program
from afi.faults.honest import Sample

DOOR = "accomplice.sock"          # beside adapter.yaml, which is where an adapter runs
ran = functools.partial
FLOOD_BYTES, FILLED_BYTES = 100 << 20, 300 << 20
LEFT = ["sleep", "3601"]          # what a mode leaves behind; a number that nobody else sleeps
NASTY = (b"\x1b[2J\x1b]0;title\x07\n\xff\xfe\xc3(\n::error::injected\n ::set-output name=x::y\n##[error]injected\n"
         b"##vso[task.complete result=Failed]\n"
         b"</script><script>alert(1)</script>\n<!-- MIZAN:PARITY:END -->\n\xe2\x80\xae right to left\r\n\x00\x9b31m\n")


def asleep() -> None:
    """Does nothing more, until SIGTERM."""
    while True:
        signal.pause()


def said_ready(port: int) -> None:
    print(json.dumps({"port": port}), "ready", flush=True)


def elsewhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        said_ready(listening.getsockname()[1])
        asleep()


def closed() -> None:
    said_ready(1)
    asleep()


def deaf() -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as listening:
        kept = []
        while True:
            kept.append(listening.accept())


def leaves(status: int) -> Callable[[], None]:
    return lambda: os._exit(status)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at(number: int, act: Callable[[Turn], None]) -> Callable[[Turn], None]:
    """Honest until the n-th request, which gets `act`."""
    return lambda turn: act(turn) if turn.number == number else honestly(turn)


def drops_dead(turn: Turn) -> None:
    os._exit(3)


def answers_and_aborts(turn: Turn) -> None:
    honestly(turn)
    os.abort()


def starts_again(turn: Turn) -> None:
    honestly(turn)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def stops_itself(turn: Turn) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def deaf_to_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def forked(child: Callable[[], None]) -> None:
    """Runs a function in a child, which never comes back from it."""
    if os.fork() == 0:
        try:
            child()
        finally:
            os._exit(0)


def stays(environment: Mapping[str, str] = os.environ) -> None:
    os.execvpe(LEFT[0], LEFT, dict(environment))


def own_session() -> None:
    os.setsid()
    stays()


def double_fork() -> None:
    os.setsid()
    forked(stays)


def nameless() -> None:
    forked(ran(stays, {"PATH": os.defpath}))


def fills_temp() -> None:
    with open(os.path.join(os.environ["TMPDIR"], "filled"), "wb") as file:
        os.posix_fallocate(file.fileno(), 0, FILLED_BYTES)


def writes_note(folder: str) -> None:
    Path(folder, "note-of-an-evil-mode.txt").write_text("I was here\n", encoding="utf-8")


def floods(descriptor: int) -> None:
    block = b"x" * (1 << 16)
    for _ in range(FLOOD_BYTES // len(block)):
        os.write(descriptor, block)


def prints_nasty() -> None:
    os.write(1, NASTY)


def listens_with(host: str | None = None, **options: bool) -> Callable[[], None]:
    """From now on every server socket is made with these."""
    create = socket.create_server

    def created(address: tuple[str, int], **given: bool) -> socket.socket:
        return create((host or address[0], address[1]), **{**given, **options})

    return lambda: setattr(socket, "create_server", created)


def told(**order: object) -> int:
    """Tells the accomplice to do something. Returns: its port."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(DOOR)
        door.sendall(json.dumps(order).encode() + b"\n")
        with door.makefile() as reply:
            return int(json.loads(reply.readline())["port"])


def port_taken() -> None:
    told(do="take", port=int(os.environ["PORT"]))


def port_shared() -> None:
    told(do="share", port=int(os.environ["PORT"]))
    listens_with(reuse_port=True)()


def listens_again(turn: Turn) -> None:
    kept.append(socket.create_server(("127.0.0.1", int(os.environ["PORT"]))))
    honestly(turn)


def leaves_at_bare() -> None:
    if os.environ["AFI_VARIANT"] != "plain":
        os._exit(1)


def port_of_another_run() -> None:
    told(do="serve", port=int(os.environ["PORT"]), environment={**os.environ, "AFI_RUN": "an-earlier-run"})
    asleep()


def proxy(**changed: str) -> Callable[[], None]:
    """Passes every connection on to the accomplice, who answers with our environment but for these variables."""
    return lambda: passed_to(told(do="serve", port=0, environment={**os.environ, **changed}))


def passed_to(behind: int) -> None:
    """Passes every connection on to a port of this machine."""
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as listening:
        while True:
            near, far = listening.accept()[0], socket.create_connection(("127.0.0.1", behind))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=pumped, args=(a, b), daemon=True).start()


def pumped(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def connected_out() -> None:
    kept.append(socket.create_connection(("127.0.0.1", told(do="take", port=0))))


kept: list[socket.socket] = []          # an object that is collected closes its socket

MODES = {
    "H01": Mode("never listens", "UNTESTABLE", "never-ready", before=asleep),
    "H02-closed": Mode("says that it is ready, and nobody listens", "UNTESTABLE", "ready-lie", before=closed),
    "H02-elsewhere": Mode("says that it is ready, on a port of its own choice", "UNTESTABLE", "ready-lie", before=elsewhere),
    "H03": Mode("accepts and never answers", "UNTESTABLE", "never-ready", before=deaf),
    "H04-0": Mode("exits with 0 at start", "UNTESTABLE", "exited 0", before=leaves(0)),
    "H04-1": Mode("exits with 1 at start", "UNTESTABLE", "exited 1", before=leaves(1)),
    "H04-127": Mode("exits with 127 at start", "UNTESTABLE", "exited 127", before=leaves(127)),
    "H04-signal": Mode("dies by a signal at start", "UNTESTABLE", "signal 9", before=killed),
    "H04-bare": Mode("exits at the start `bare` alone", "FAIL", "exited 1", before=leaves_at_bare),
    "H05": Mode("exits at the 7th request, without an answer", "FAIL", "crashed", act=at(7, drops_dead)),
    "H06": Mode("answers the 7th request and aborts", "FAIL", "crashed", act=at(7, answers_and_aborts)),
    "H07": Mode("starts itself anew after the 7th request", "FAIL", "restarted", act=at(7, starts_again)),
    "H08": Mode("ignores SIGTERM", "FAIL", "ungraceful", before=deaf_to_sigterm),
    "H09-child": Mode("leaves a child", "FAIL", "leak", before=ran(forked, stays)),
    "H09-session": Mode("leaves a child with a session of its own", "FAIL", "leak", before=ran(forked, own_session)),
    "H09-daemon": Mode("leaves a daemon, forked twice", "FAIL", "leak", before=ran(forked, double_fork)),
    "H09-orphan": Mode("leaves a grandchild whose parent went first", "FAIL", "leak", before=ran(forked, ran(forked, stays))),
    "H09-nameless": Mode("leaves a daemon whose environment is empty", "FAIL", "leak", before=ran(forked, nameless)),
    "H14-temp": Mode("fills its temporary folder", "FAIL", "pollution", before=fills_temp),
    "H14-home": Mode("writes into its home", "FAIL", "pollution", before=lambda: writes_note(os.environ["HOME"])),
    "H14-folder": Mode("writes into the folder that it runs in", "FAIL", "pollution", before=ran(writes_note, ".")),
    "H15-stdout": Mode("prints 100 MiB without a line end on stdout", "PASS", "", before=ran(floods, 1)),
    "H15-stderr": Mode("prints 100 MiB without a line end on stderr", "PASS", "", before=ran(floods, 2)),
    "H16": Mode("prints escapes, bad UTF-8, commands to CI runners, ends of scripts", "PASS", "", before=prints_nasty),
    "H17": Mode("stops itself at the 3rd request", "FAIL", "hang", act=at(3, stops_itself)),
    "H18": Mode("finds its port taken, each time", "UNTESTABLE", "port", before=port_taken),
    "H19": Mode("shares its port with a stranger", "OUR-FAULT", "WrongPeer", before=port_shared),
    "H19-own": Mode("listens twice on its port", "FAIL", "sockets", act=at(2, listens_again), before=listens_with(reuse_port=True)),
    "H20": Mode("lets a process of an earlier run answer", "OUR-FAULT", "StaleProcess", before=port_of_another_run),
    "H21-run": Mode("passes everything on to an adapter of another run", "FAIL", "impostor", before=proxy(AFI_RUN="another-run")),
    "H21-process": Mode("passes everything on to an adapter outside its tree", "FAIL", "impostor", before=proxy()),
    "H22-exposed": Mode("listens on every address", "FAIL", "exposed", before=listens_with("0.0.0.0")),
    "H22-egress": Mode("keeps a connection to somebody else", "FAIL", "egress", before=connected_out),
}
# mode -> the accomplice's environment; what carries AFI_STARTED counts as a process of an earlier run
ACCOMPLICES: dict[str, dict[str, str]] = {
    "H18": {}, "H19": {}, "H20": {"AFI_STARTED": "an-earlier-run"}, "H21-run": {}, "H21-process": {}, "H22-egress": {},
}


@contextlib.contextmanager
def accomplice(folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Starts an accomplice beside an adapter.yaml. Returns: its process id; it is killed at the end."""
    argv = [sys.executable, str(Path(__file__).resolve()), "--accomplice"]
    program = subprocess.Popen(argv, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        program.stdout.readline()
        yield program.pid
    finally:
        program.kill()
        program.communicate()
        (folder / DOOR).unlink(missing_ok=True)


def attend() -> None:
    """Is the accomplice: takes one order a connection, for ever."""
    held = []
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(DOOR)
        door.listen()
        print("ready", flush=True)
        while True:
            connection, _ = door.accept()
            with connection, connection.makefile() as lines:
                order = json.loads(lines.readline())
                listening = socket.create_server(("127.0.0.1", order["port"]), reuse_port=order["do"] == "share")
                held.append(listening)
                if order["do"] == "serve":
                    threading.Thread(target=served, args=(listening, Server(Sample(order["environment"]), honestly)), daemon=True).start()
                connection.sendall(json.dumps({"port": listening.getsockname()[1]}).encode() + b"\n")


def served(listening: socket.socket, server: Server) -> None:
    while True:
        threading.Thread(target=server.talk, args=(listening.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    attend() if sys.argv[1:] == ["--accomplice"] else program(MODES)
