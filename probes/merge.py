"""
merge: a mutation's reply says which slot of which bundle now has which value, in the place of an invalidation.

Source: spec/merge.md, pinned in pins/merge.yaml
Sends:  POST call/ for each mutation of the sample's section Merges; GET ctx/user/
Wants:  `merge`: [{"context", "params"?, "slot", "op"?, "key"?, "value"}], sorted; `invalidate` and X-Mizan-Invalidate beside it
Errors: a reply that is not 2xx has no `merge` member
"""
import hashlib
from collections.abc import Iterator
from typing import Any

from afi import expected, typed
from afi.model import Check
from afi.pins import Pins, exchanges
from afi.wire import Wire, entry

CHECKS = {"as-the-bundle-has-it": "merge-9", "drawn-scopes": "merge-37"}
DRAWS = {"keys": (typed.TEXT, 40)}
GROUPS = ("made", "lists", "none", "degraded", "dropped", "silent", "header")


def VALUES(wire: Wire) -> dict[str, Any]:                                                  # noqa: N802  (a table, made of the run)
    """Returns: the names that this row's pins use."""
    digests = {name: hashlib.sha256((text + wire.run.seed_row).encode()).hexdigest()
               for name, text in (("digest", wire.run.nonce), ("motto", "motto"), ("priced", "priced"))}
    return {"keys31": expected.header_encode(entry("c00", key=key) for key in range(1, 32)), **digests}


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **VALUES(wire))
    yield held(wire)
    yield drawn(wire, pins.drawn("keys"))


def held(wire: Wire) -> Check:
    """A fetch finds in the slot what the entry said; another slot of that bundle, and another user's bundle, are as they were."""
    user, other, slot, name = wire.fresh("user"), wire.fresh("user"), wire.run.slot, f"held-{wire.run.nonce}"
    was, beside = wire.fetch("user", user_id=user), wire.fetch("user", user_id=other).body
    rev = was.member("user_profile.rev")
    reply = wire.call("rename_user", user_id=user, name=name)
    after, still = wire.fetch("user", user_id=user), wire.fetch("user", user_id=other)
    renamed = {"id": user, "name": name, "rev": rev + 1 if type(rev) is int else "an int"}
    made = [{**entry("user", user_id=user), "slot": "user_profile", "value": renamed}]
    return Check("as-the-bundle-has-it", CHECKS["as-the-bundle-has-it"],
                 wanted=(made, renamed, (was.member(slot), beside), f"u{other}-{wire.run.seed_row}"),
                 got=(reply.member("merge"), after.member("user_profile"), (after.member(slot), still.body), still.member("user_profile.name")))


def drawn(wire: Wire, keys: list[str]) -> Check:
    """Whatever text a parameter is: the entry has it as it was sent, and the field says it, or more."""
    wanted, got = {}, {}
    for n, key in enumerate(keys):
        sent = f"{wire.run.nonce}.{n}{key}"
        reply, made = wire.call("note_env", key=sent), entry(wire.run.context, key=sent)
        wanted[sent] = (made["params"], expected.header_encode([made]))
        got[sent] = (reply.member("merge.0.params"), reply.header("X-Mizan-Invalidate"))
    return Check("drawn-scopes", CHECKS["drawn-scopes"], wanted=wanted, got=got)
