"""
Which bundles a mutation patches, and which of those it can only invalidate.

A merge entry is `{"context", "params"?, "slot", "op"?, "key"?, "value"}`: a caller that holds that bundle puts the value into its slot.
Source: spec/merge.md; spec/scoping.md, for merges as far as they invalidate.
Errors: BadDeclaration, while bindings are fixed.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mizan import scoping, types
from mizan.errors import BadDeclaration
from mizan.function import MERGE_OPS, Context, Merge, ServerFunction
from mizan.scoping import Entry, Scope

KEYED_OPS = frozenset({"upsert", "remove"})           # the others add an item; with a key, they take out its likes first


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
    check_form(mutation, merge)
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


def check_form(mutation: ServerFunction, merge: Merge) -> None:
    """Raises: BadDeclaration, for an operation that is none, or a key that is missing, that nothing uses, or by which no items differ."""
    where = f"function {mutation.name!r}: merge of {merge.context!r}"
    if merge.op not in MERGE_OPS:
        raise BadDeclaration(f"{where}: {merge.op!r} is no operation; wanted one of {', '.join(MERGE_OPS)}")
    if merge.key is None and merge.op in KEYED_OPS:
        raise BadDeclaration(f"{where}: op {merge.op!r} wants a key: the field by which items are told apart")
    if merge.key is not None and merge.op == "replace":
        raise BadDeclaration(f"{where}: op 'replace' takes no key; wanted an operation on a list, or no key")
    if merge.key is not None and not is_key(mutation, merge.key):
        raise BadDeclaration(f"{where}: {merge.key!r} tells no items apart; wanted a field of the result, of a plain type and never null")


def is_key(mutation: ServerFunction, key: str) -> bool:
    """Whether each result has a value under a name that every language compares alike."""
    field = scoping.result_fields(mutation).get(key)
    if field is None or isinstance(mutation.output, types.Nullable):
        return False
    return not isinstance(field.type, types.Nullable) and types.is_bindable(field.type, mutation.names)


def holds(slot: ServerFunction, mutation: ServerFunction, merge: Merge) -> bool:
    """Whether a slot can take the mutation's result: a value of its type, or for the other ops an item of its list."""
    if slot.output is None or mutation.output is None:
        return False
    inner = types.base(slot.output)
    if merge.op == "replace":
        return types.equal(slot.output, mutation.output) or types.equal(inner, mutation.output)
    return isinstance(inner, types.List) and types.equal(inner.item, mutation.output)


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
