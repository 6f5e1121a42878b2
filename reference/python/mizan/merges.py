"""
Which bundles a mutation patches, and which of those it can only invalidate.

A merge entry is `{"context", "params"?, "slot", "op"?, "key"?, "value"}`; it stays data here until the row of merges puts it on the wire.
Source: the protocol's section on merging, the spec's page on scoping (merges as far as they invalidate).
Errors: BadDeclaration, while bindings are fixed.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mizan import scoping, types
from mizan.errors import BadDeclaration
from mizan.function import Context, Merge, ServerFunction
from mizan.scoping import Entry, Scope


@dataclass(frozen=True)
class MergeScope:
    """
    What one mutation patches in one context. `arity`: how many parameters the context has.

    `is_complete`: every parameter is bound by tier 1 or the map; else it is always an invalidation.
    """

    scope: Scope
    slot: str
    op: str
    key: str | None
    arity: int
    is_complete: bool


def merge_scope_of(context: Context, mutation: ServerFunction, merge: Merge) -> MergeScope:
    """Fixes slot and bindings of a merge. Raises: BadDeclaration, naming the slots, where none or several fit."""
    bindings = scoping.bindings_of(context, mutation, merge.map)
    certain = {one.parameter for one in bindings if merge.map is not None or one.source == "args"}
    scope = Scope(context.name, bindings)
    return MergeScope(scope, slot_of(context, mutation, merge), merge.op, merge.key, len(context.parameters),
                      is_complete=certain == set(context.parameters))


def slot_of(context: Context, mutation: ServerFunction, merge: Merge) -> str:
    """Returns: the named slot, or the one whose output type the mutation's equals. Raises: BadDeclaration."""
    where = f"function {mutation.name!r}: merge of {context.name!r}"
    fitting = [name for name, slot in context.slots.items() if holds(slot, mutation, merge)]
    if merge.slot is not None and merge.slot not in context.slots:
        raise BadDeclaration(f"{where}: {merge.slot!r} is no slot; wanted one of {', '.join(context.slots)}")
    if merge.slot is not None and merge.slot not in fitting:
        raise BadDeclaration(f"{where}: slot {merge.slot!r} cannot take what the function returns with op {merge.op!r}")
    if merge.slot is None and len(fitting) != 1:
        raise BadDeclaration(f"{where}: wanted one slot of the result's type, got {', '.join(fitting) or 'none'}; name it")
    return merge.slot or fitting[0]


def holds(slot: ServerFunction, mutation: ServerFunction, merge: Merge) -> bool:
    """Whether a slot can take the mutation's result: a value of its type, or for the other ops an item of its list with that key."""
    if slot.output is None or mutation.output is None:
        return False
    inner = types.base(slot.output)
    if merge.op == "replace":
        return types.equal(slot.output, mutation.output) or types.equal(inner, mutation.output)
    if not isinstance(inner, types.List) or not types.equal(inner.item, mutation.output):
        return False
    needs_key = merge.op in ("upsert", "remove")
    return merge.key in scoping.result_fields(mutation) if merge.key is not None else not needs_key


def merges_for(merges: Sequence[MergeScope], args: Mapping[str, Any], result: Any) -> tuple[list[Entry], list[Entry]]:
    """Returns: (merge entries that can be made, in order; entries of those that degrade to an invalidation)."""
    made, degraded = [], []
    for one in merges:
        params = scoping.params_of(one.scope.bindings, args, result)
        if is_made(one, params):
            made.append(merge_entry(one, params, result))
        else:
            degraded.append(scoping.entry(one.scope.context, params))
    return order_merges(made), degraded


def is_made(merge: MergeScope, params: Mapping[str, Any]) -> bool:
    """Whether a merge names one bundle: every parameter bound by tier 1 or the map, and none null."""
    return merge.is_complete and len(params) == merge.arity


def merge_entry(merge: MergeScope, params: Mapping[str, Any], value: Any) -> Entry:
    """Returns: `{"context", "params"?, "slot", "op"?, "key"?, "value"}`; `op` absent is replace."""
    op = {} if merge.op == "replace" else {"op": merge.op}
    key = {} if merge.key is None else {"key": merge.key}
    return {**scoping.entry(merge.scope.context, params), "slot": merge.slot, **op, **key, "value": value}


def order_merges(merges: Iterable[Entry]) -> list[Entry]:
    return sorted(merges, key=lambda one: (*scoping.sort_key(one), one["slot"].encode()))


def kept_merges(merges: Iterable[Entry], invalidate: Sequence[Entry]) -> list[Entry]:
    """Returns: the merges that no invalidation covers: what is stale is not patched."""
    return [one for one in merges if not any(scoping.covers(wide, one) for wide in invalidate)]


def said_in_header(invalidate: Sequence[Entry], merges: Iterable[Entry]) -> list[Entry]:
    """Returns: what the header says: the invalidations and the scope of every merge, normalised: an edge purges what a client patches."""
    return scoping.normalise([*invalidate, *(scoping.entry(one["context"], one.get("params", {})) for one in merges)])
