"""
scoping: which bundles a mutation makes stale follows from names and types, or from a map, and from nothing else.

Source: spec/scoping.md, pinned in pins/scoping.yaml
Sends:  POST call/ for each mutation of the sample; GET ctx/meddles/; the same two mutations to a start that declares in another order
Wants:  `invalidate` of each row of the page's table; 500 for run-time entries that no declaration allows
"""
import hashlib
from collections.abc import Iterator
from typing import Any

from afi import scoped
from afi.model import Check
from afi.pins import Pins, exchanges
from afi.wire import Wire, entry

CHECKS = {"failed-call-leaves-nothing": "scoping-33", "names-not-order": "scoping-12"}
STARTS = ("names-not-order",)          # these stories need the start bare
ASKS = {"drawn-declarations": ("scoping-1", "scope", (scoped.DECLARED, 60), scoped.question)}
GROUPS = ("live", "kinds", "marks", "wrong-entries", "wrong-reads")


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    run = wire.run
    digest = hashlib.sha256((run.nonce + run.seed_row).encode()).hexdigest()
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), digest=digest)
    yield nothing_left(wire)
    yield names_not_order(wire)


def nothing_left(wire: Wire) -> Check:
    """A wrong entry ends its own call, and the next one lists nothing of it."""
    user, name = wire.fresh("user"), f"next-{wire.run.nonce}"
    failed = wire.call("wrong_entry", user_id=user, which="name")
    after = wire.call("update_profile", user_id=user, name=name)
    return Check("failed-call-leaves-nothing", CHECKS["failed-call-leaves-nothing"],
                 wanted=(500, "internal", name, [entry("user", user_id=user)]),
                 got=(failed.status, failed.member("code"), after.member("result.name"), after.member("invalidate")))


def names_not_order(wire: Wire) -> Check:
    """The start `bare` declares context and mutation the other way round, and its entries are the same."""
    wanted = [[entry("report", org_id=3)], [entry("report", org_id=3, user_id=7)], [entry(wire.run.context, key=wire.run.nonce)]]
    with wire.started("bare") as other:
        got = [scopes(wire), scopes(other)]
    return Check("names-not-order", CHECKS["names-not-order"], wanted=[wanted, wanted], got=got)


def scopes(wire: Wire) -> list[Any]:
    replies = (wire.call("set_org", org_id=3), wire.call("set_pair", org_id=3, user_id=7), wire.call("touch_env", key=wire.run.nonce))
    return [reply.member("invalidate") for reply in replies]
