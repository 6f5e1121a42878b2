"""
Is it ready, and is what we judge still what we started? Asked until the first answer, and before and after each cell.

Source: spec/conduct.md. Raises: NoAnswer before it was ready; then Broken, WrongPeer. Units: seconds, wall clock.
"""
import re
import time

from afi import identity, logs, sockets
from afi.conduct import WORDS
from afi.errors import Broken, NoAnswer, StaleProcess
from afi.held import Held
from afi.identity import Identity, Sight
from afi.model import Refusal
from afi.served import Served
from afi.sockets import LISTENING
from afi.transport import Http

TRY_S = 1.0             # one readiness question; a program that accepts and is silent may still be loading
POLL_S = 0.01
LOST = ("closed", "truncated", "unreachable")          # how an exchange ends when the other side goes away
LOG_ENDS = "; its log ends: "
SAYS_READY = re.compile(r"(?i)\b(ready|listening|serving|started|running)\b|\"port\"")


class PortTakenError(Exception):
    """Somebody else listens on the port that we chose."""


def wait_ready(served: Served, held: Held, within_s: float) -> None:
    """Asks until `ctx/probe/` answers. Raises: NoAnswer, PortTakenError, WrongPeer, StaleProcess."""
    began, last = time.monotonic(), "nobody listens"
    while (left_s := began + within_s - time.monotonic()) > 0:
        ended = held.ended()
        try:
            if ended is None:
                with served.http(min(TRY_S, left_s, served.limits.exchange_s)) as http:
                    served.known = identity.ask(http)
        except (Broken, NoAnswer) as error:
            last = str(error)
        if not last.startswith("unreachable") or served.known is not None:
            _refuse_strangers(served, _looked(held))
        if served.known is not None:
            served.ready_s = time.monotonic() - began
            served.note("starts", *_other_run(served, served.known))
            return
        if ended is not None:
            raise NoAnswer(ended, f"{served.adapter}: before GET {identity.PROBE} answered{LOG_ENDS}{logs.tail(held.log)}")
        last = "nobody listens" if held.ended(POLL_S) else last
    raise _never(served, held, f"GET {identity.PROBE} did not answer within {within_s:g} s: {last}{LOG_ENDS}{logs.tail(held.log)}")


def wait_refused(served: Served, held: Held, within_s: float) -> Refusal:
    """Waits until a start that is meant to refuse has ended or listens. Returns: which of the two came first, and its log."""
    deadline, ended, listened = time.monotonic() + within_s, None, False
    while ended is None and not listened and time.monotonic() < deadline:
        listened = bool(_looked(held).own(LISTENING))
        ended = held.ended(POLL_S)
    return Refusal(ended or "", listened, served.tail)


def _refuse_strangers(served: Served, sight: Sight) -> None:
    port = served.address[1]
    if not identity.strangers(sight, port):
        return
    holder = identity.holder(sight, port)
    if any(holder.startswith(f"{pid} ") for pid in sockets.stale()):
        raise StaleProcess(f"{served.adapter}: a process of an earlier run listens on the port that we chose: {holder}; end it")
    if served.known is not None or len(sight.on(port)) > 1:
        identity.check_listeners(sight, port)
    raise PortTakenError(holder)


def _other_run(served: Served, seen: Identity) -> tuple[str, ...]:
    return () if seen.run == served.run.nonce else (f"impostor: probe_run answered {seen.run[:80]!r}; wanted the text of AFI_RUN",)


def _never(served: Served, held: Held, said: str) -> NoAnswer:
    """Tells a program that never came up from one that says that it did."""
    sight = _looked(held)
    elsewhere = sorted({s.local[1] for s in sight.own(LISTENING)} - {served.address[1]})
    if sight.on(served.address[1]):
        return NoAnswer("never-ready", f"{served.adapter}: {said}")
    if elsewhere:
        return NoAnswer("ready-lie", f"{served.adapter}: it listens on port {elsewhere[0]}; wanted PORT, {served.address[1]}; {said}")
    if SAYS_READY.search(logs.tail(held.log)):
        return NoAnswer("ready-lie", f"{served.adapter}: it says that it is ready, and nobody listens on PORT, {served.address[1]}; {said}")
    return NoAnswer("never-ready", f"{served.adapter}: {said}")


def witness(served: Served) -> None:
    """
    Asks whether the one that we started answers, alone, in order, and connected to nobody; to be asked before and after each cell.

    Raises: WrongPeer; Broken, with a word of conduct.WORDS or with what the exchange ended with.
    """
    try:
        with served.http() as http:
            right = _watched(served, http)
    except Broken as broken:
        if broken.reason in WORDS:
            served.note(WORDS[broken.reason], str(broken))
        raise
    for check in ("same-process", "stays-up", "itself", *(("answers-in-order", "computes") if right else ()),
                  *(("loopback-only", "one-socket", "no-connection-out") if served.held else ())):
        served.note(check)


def _watched(served: Served, http: Http) -> int:
    """Looks at /proc once, while a connection is open: a proxy has its own one open then. Returns: how many calls were answered right."""
    seen = _reached(served, http)
    sight = _looked(served.held) if served.held else None
    if sight:
        identity.check_listeners(sight, served.address[1])
        if seen.pid not in sight.tree:
            raise Broken("impostor", "probe_pid is no process of the tree that we started: somebody else answers through it")
    _same(served, seen)
    try:
        right = identity.correlate(http, served.run)
    except (Broken, NoAnswer) as lost:
        if lost.reason in LOST:
            _same(served, _reached(served, http))
        raise _explained(served, lost) from lost
    if sight:
        identity.check_connections(sight, served.limits.announced)
    return right


def _looked(held: Held) -> Sight:
    return identity.look(held.warden.pid)


def _reached(served: Served, http: Http) -> Identity:
    """Asks who is there, again while nobody listens: a restart takes its time. Raises: Broken; WrongPeer when there are two of them."""
    deadline = time.monotonic() + served.limits.exchange_s
    while True:
        try:
            return identity.ask(http)
        except (Broken, NoAnswer) as lost:
            if served.held:
                if lost.reason in LOST and (ended := served.held.ended(POLL_S)):
                    raise Broken("crashed", ended) from lost
                identity.check_listeners(_looked(served.held), served.address[1])
            if lost.reason not in LOST or time.monotonic() > deadline:
                raise _explained(served, lost) from lost


def _explained(served: Served, lost: Broken | NoAnswer) -> Broken:
    """Nobody who listens any more has crashed, whatever lives on; a process that stopped itself hangs for a reason worth naming."""
    if isinstance(lost, NoAnswer):
        return Broken("crashed", f"nobody listens any more: {lost}")
    stopped = lost.reason == "hang" and served.held and served.known and sockets.state_of(served.known.pid) == "T"
    return Broken(lost.reason, f"{lost.detail}; its process is stopped (state T)") if stopped else lost


def _same(served: Served, seen: Identity) -> None:
    if other := _other_run(served, seen):
        raise Broken("impostor", other[0].removeprefix("impostor: "))
    known, served.known = served.known, seen          # a restart is said once: the next cell is judged on what runs now
    if known is not None and seen != known:
        changed = "probe_boot" if seen.boot != known.boot else "probe_pid"
        raise Broken("restarted", f"{changed} is another than at the last look, and nobody told it to end")


def alive(served: Served) -> bool:
    """Whether there is somebody to judge: nobody told it to end, and it did not."""
    return served.held is None or served.held.ended() is None
