"""
invalidate-body: a mutation's reply says which bundles it made stale, and nothing else does.

Source: spec/invalidate-body.md, pinned in pins/invalidate-body.yaml
Sends:  POST call/
Wants:  `invalidate`: [{"context", "params"?}], in normal form; run-time entries of this call alone
Errors: a reply that is not 2xx has no `invalidate` member
"""
import hashlib
from collections.abc import Iterator
from typing import Any

from afi import expected
from afi.model import Check
from afi.pins import Pins, exchanges
from afi.wire import Wire, entry

CHECKS = {
    "old-team-is-listed": "invalidate-body-7",
    "same-team-stands-once": "invalidate-body-10",
    "order-is-that-of-the-text": "invalidate-body-12",
    "nothing-left-of-the-last-call": "invalidate-body-8",
}


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    run = wire.run
    digest = hashlib.sha256((run.nonce + run.seed_row).encode()).hexdigest()
    yield from exchanges(wire, pins.group("lists"), digest=digest)
    yield from exchanges(wire, pins.group("silent"))
    yield from moves(wire)
    yield leftover(wire)


def moves(wire: Wire) -> Iterator[Check]:
    """A user changes teams: the old team comes from the body of the function, the new one from its argument."""
    user, old, new = wire.fresh("user"), wire.fresh("team"), wire.fresh("team")
    heard = [moved(wire, user, team) for team in (old, new, new)]
    yield Check("old-team-is-listed", CHECKS["old-team-is-listed"], wanted=said(wire, user, old, new), got=heard[1])
    yield Check("same-team-stands-once", CHECKS["same-team-stands-once"], wanted=said(wire, user, new), got=heard[2])
    moved(wire, user, 9)        # as numbers 9 stands before 10, as canonical text after it
    yield Check("order-is-that-of-the-text", CHECKS["order-is-that-of-the-text"], wanted=said(wire, user, 10, 9), got=moved(wire, user, 10))


def moved(wire: Wire, user: int, team: int) -> tuple[Any, Any]:
    reply = wire.call("move_user", user_id=user, team_id=team)
    return reply.member("result.name"), reply.member("invalidate")


def said(wire: Wire, user: int, *teams: int) -> tuple[str, list[dict[str, Any]]]:
    """What a move answers: the seed row's name, which no recorded run knows, and the teams in the order of their canonical text."""
    entries = sorted((entry("team", team_id=team) for team in teams), key=lambda one: expected.canonical(one["params"]))
    return f"u{user}-{wire.run.seed_row}", [*entries, entry("user", user_id=user)]


def leftover(wire: Wire) -> Check:
    """A run-time entry belongs to its call: the mutation after it and the plain function after that list none of it."""
    user, name = wire.fresh("user"), f"after-{wire.run.nonce}"
    whole = wire.call("widen", user_id=user, whole=True).member("invalidate")
    after = wire.call("update_profile", user_id=user, name=name)
    plain = wire.call("log_visit", user_id=user).member("invalidate")
    return Check("nothing-left-of-the-last-call", CHECKS["nothing-left-of-the-last-call"],
                 wanted=([entry("user")], name, [entry("user", user_id=user)], []),
                 got=(whole, after.member("result.name"), after.member("invalidate"), plain))
