"""
What can go wrong between any server and its caller: one wrong thing on the wire each, before whatever adapter listens.

Source: spec/harness.md, Fault proxy. A change is made anew for each connection, so that it may remember what passed.
"""
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import manifest
from afi.errors import Broken
from afi.faults.proxy import Change
from afi.messages import Reply
from afi.model import ABSENT

DEADLINE_S, LATE_S = 2.0, 3.0                # of an exchange under the proxy; how late an answer is that comes too late
CORE = manifest.PROFILES["core"]
FEW = ("invalidate-body", "merge")           # where each row ends at its first exchange, and waits for a deadline
BASE = "/api/mizan/"
ID = re.compile(rb'("(?:[a-z]+_)?id":)(\d+)')


@dataclass(frozen=True)
class Wired:
    """
    A fault on the wire of any adapter. `change` makes what one connection's replies become; `harmless` says why no check may notice it.
    """

    id: str
    change: Callable[[], Change]
    rows: tuple[str, ...] = CORE
    harmless: str = ""


def each(change: Callable[[Reply], Reply | bytes]) -> Callable[[], Change]:
    return lambda: change


def doubled(name: str) -> Callable[[], Change]:
    """The field of this name stands twice."""
    wanted = name.lower().encode()
    return each(lambda reply: replace(reply, headers=tuple(pair for one in reply.headers for pair in ((one, one) if one[0].lower() == wanted else (one,))))
                if any(one[0].lower() == wanted for one in reply.headers) else reply)


def dropped(name: str) -> Callable[[], Change]:
    return each(lambda reply: reply.without_header(name) if reply.header(name) is not ABSENT else reply)


def recased(reply: Reply) -> Reply:
    """Other letters in each field's name."""
    return replace(reply, headers=tuple((name.upper() if name.islower() else name.lower(), value) for name, value in reply.headers))


def value_recased(reply: Reply) -> Reply:
    return reply if reply.header("Content-Type") is ABSENT else reply.with_header("Content-Type", str(reply.header("Content-Type")).upper())


def flipped(reply: Reply) -> Reply:
    """One bit of the byte in the middle of the body."""
    middle = len(reply.body) // 2
    return reply.with_body(reply.body[:middle] + bytes([reply.body[middle] ^ 1]) + reply.body[middle + 1:]) if reply.body else reply


def spaced(reply: Reply) -> Reply:
    """One space after the first byte of the body."""
    return reply.with_body(reply.body[:1] + b" " + reply.body[1:]) if reply.body else reply


def reordered(reply: Reply) -> Reply:
    """The members of a document's object in the opposite order."""
    try:
        document = reply.json()
    except Broken:
        return reply
    if not isinstance(document, dict) or len(document) < 2:
        return reply
    return reply.with_body(json.dumps(dict(reversed(document.items())), ensure_ascii=False, separators=(",", ":")).encode())


def replayed() -> Change:
    """Each answer is the one before it that was no framework's own, whose words differ."""
    kept: list[Reply] = []

    def change(reply: Reply) -> Reply:
        before = kept[-1:]
        kept.extend([reply] if reply.request.target.startswith(BASE) else [])
        return replace(before[0], request=reply.request) if before else reply
    return change


def swapped() -> Change:
    """The first id of each answer is that of the one before it."""
    kept: list[bytes] = []

    def change(reply: Reply) -> Reply:
        found = ID.search(reply.body)
        if found is None:
            return reply
        kept.append(found[2])
        other = kept[-2] if len(kept) > 1 else found[2]
        return reply if other == found[2] else reply.with_body(ID.sub(lambda match: match[1] + other, reply.body, count=1))
    return change


def cut(reply: Reply) -> Reply | bytes:
    """Half of the body comes, and then the end of the connection."""
    return reply.raw[:len(reply.raw) - len(reply.body) // 2 - 1] if reply.body and reply.request.method != "HEAD" else reply


def late(reply: Reply) -> Reply:
    time.sleep(LATE_S)
    return replace(reply)


def with_status(step: int) -> Callable[[], Change]:
    return each(lambda reply: reply.with_status(reply.status + step))


FAULTS: tuple[Wired, ...] = (
    Wired("type-dropped", dropped("Content-Type")),
    Wired("field-dropped", dropped("X-Mizan-Invalidate")),
    Wired("type-doubled", doubled("Content-Type")),
    Wired("field-doubled", doubled("X-Mizan-Invalidate")),
    Wired("names-re-cased", each(recased), harmless="names of fields have no case (RFC 9110, 5.1)"),
    Wired("type-re-cased", each(value_recased)),
    Wired("status-up", with_status(1)),
    Wired("status-down", with_status(-1), rows=FEW),
    Wired("byte-flipped", each(flipped)),
    Wired("keys-reordered", each(reordered)),
    Wired("space-added", each(spaced)),
    Wired("answer-replayed", replayed),
    Wired("ids-swapped", swapped),
    Wired("cut", each(cut)),
    Wired("late", each(late), rows=FEW),
)
