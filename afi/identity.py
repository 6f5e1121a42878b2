"""
Who answers on the port, and is it the process that we started? Questions over any transport, and verdicts over what /proc shows.

Source: spec/conduct.md, Sockets and Identity. Raises: Broken (the adapter's conduct), WrongPeer (somebody else's socket answers).
"""
import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from afi import sockets
from afi.errors import Broken, WrongPeer
from afi.model import Run
from afi.sockets import ESTABLISHED, LISTENING, SYN_SENT, Socket
from afi.transport import Reply, Request, Transport

PROBE = "/api/mizan/ctx/probe/"
CALL = "/api/mizan/call/"
SLOTS = ("probe_run", "probe_boot", "probe_pid")
CALLS = 3          # the fewest that show a shift by one or two


@dataclass(frozen=True)
class Identity:
    """What `ctx/probe/` answered."""

    run: str
    boot: str
    pid: int


def ask(transport: Transport) -> Identity:
    """Asks who is there. Raises: Broken, NoAnswer."""
    reply = transport.exchange(Request("GET", PROBE))
    slots = reply.json() if reply.status == 200 else None
    run, boot, pid = map(slots.get, SLOTS) if isinstance(slots, dict) else (None, None, None)
    if not isinstance(run, str) or not isinstance(boot, str) or type(pid) is not int:
        raise Broken("identity", f"GET {PROBE} answered {reply.status} {reply.body[:200]!r}; wanted 200 and {', '.join(SLOTS)}")
    return Identity(run, boot, pid)


def correlate(transport: Transport, run: Run) -> int:
    """
    Calls the run's own function with distinct texts, one after the other on one connection.

    Returns: how many answers were right; one that is wrong in another way than these two is a row's business.
    Raises: Broken, `desync` for the answer to an earlier text, `echo` for the text itself.
    """
    texts = [secrets.token_hex(8) for _ in range(CALLS)]
    digests = [hashlib.sha256((text + run.seed_row).encode()).hexdigest() for text in texts]
    right = 0
    for number, text in enumerate(texts):
        body = json.dumps({"fn": run.function, "args": {"text": text}}, separators=(",", ":")).encode()
        result = _result(transport.exchange(Request("POST", CALL, (("Content-Type", "application/json"),), body)))
        if result in digests[:number]:
            raise Broken("desync", f"call {number + 1} of {CALLS} on one connection got the answer to call {digests.index(result) + 1}")
        if result == text:
            raise Broken("echo", "<AFI_FUNCTION> answered with the text that it was sent; wanted its digest with AFI_SEED_ROW")
        right += result == digests[number]
    return right


def _result(reply: Reply) -> str | None:
    document = reply.json() if reply.status == 200 else None
    result = document.get("result") if isinstance(document, dict) else None
    return result if isinstance(result, str) else None


@dataclass(frozen=True)
class Sight:
    """One look at /proc: every TCP socket, the processes of one tree, and which of the sockets they hold."""

    everything: list[Socket]
    tree: Collection[int]
    held: dict[int, int]

    def own(self, *states: str) -> list[Socket]:
        return [s for s in self.everything if s.state in states and s.inode in self.held]

    def on(self, port: int) -> list[Socket]:
        return [s for s in self.everything if s.state == LISTENING and s.local[1] == port]


def look(root: int) -> Sight:
    """Looks at the tree below one process."""
    tree = sockets.below(root)
    return Sight(sockets.every(), tree, sockets.inodes(tree))


def strangers(sight: Sight, port: int) -> list[Socket]:
    """Returns: the sockets on this port that no process of the tree holds."""
    return [s for s in sight.on(port) if s.inode not in sight.held]


def check_listeners(sight: Sight, port: int) -> None:
    """Judges the listening sockets. Raises: WrongPeer; Broken, `sockets` or `exposed`."""
    if strangers(sight, port):
        raise WrongPeer(f"port {port}: {len(sight.on(port))} sockets listen on it, one of them of process {holder(sight, port)}, which we "
                        "did not start: nobody can know whose answers we would judge; end it and run again")
    if len(sight.on(port)) > 1:
        raise Broken("sockets", f"{len(sight.on(port))} sockets of its own listen on PORT; wanted one")
    if exposed := sorted({str(s.local[0]) for s in sight.own(LISTENING) if s.beyond_loopback}):
        raise Broken("exposed", f"it listens on {', '.join(exposed)}; wanted 127.0.0.1 alone")


def check_connections(sight: Sight, announced: Collection[int]) -> None:
    """
    Judges the connections that neither came in on a socket of the tree nor stay inside it.

    Args: announced: loopback ports of services that the adapter was told to use.
    Raises: Broken, `egress`.
    """
    inside = {s.local[1] for s in sight.own(LISTENING)}
    allowed = inside | set(announced)
    out = sorted({f"{s.remote[0]}:{s.remote[1]}" for s in sight.own(ESTABLISHED, SYN_SENT)
                  if s.local[1] not in inside and not (s.remote[0].is_loopback and s.remote[1] in allowed)})
    if out:
        raise Broken("egress", f"it is connected to {', '.join(out)}; wanted no connection but those made to it")


def holder(sight: Sight, port: int) -> str:
    """Returns: the process outside the tree that listens on this port, in words."""
    found = sockets.inodes(sockets.parents().keys() - set(sight.tree))
    pids = [found[s.inode] for s in strangers(sight, port) if s.inode in found]
    return sockets.said_of(pids[0]) if pids else "? (one that we may not look at)"
