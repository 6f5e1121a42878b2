"""What is wrong about saying which slot has which value. Source: spec/merge.md. Replacements take the original first."""
import dataclasses
from collections.abc import Callable
from typing import Any

from afi.faults import Fault

# -- what is said ------------------------------------------------------------------------------------------------------------

def empty_list(reply: Any) -> Any:
    if reply.status != 200 or b'"fn":"log_visit"' not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {**body, "merge": []})


def result_as_a_merge(reply: Any) -> Any:
    """A mutation that only invalidates hands out its result as a merge all the same."""
    if reply.status != 200 or b'"fn":"update_profile"' not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {**body, "merge": [{**body["invalidate"][0], "slot": "user_profile", "value": body["result"]}]})


def changed(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Replaces `merge_entry`: each entry is changed."""
    return lambda original, merge, params, value: change(original(merge, params, value))


def without(name: str) -> Callable[..., Any]:
    return changed(lambda one: {member: value for member, value in one.items() if member != name})


def first_parameter_alone(one: Any) -> Any:
    return {**one, "params": dict(list(one["params"].items())[:1])} if "params" in one else one


def rev_as_text(reply: Any) -> Any:
    if reply.status != 200 or b"held-" not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {**body, "merge": [
        {**one, "value": {**one["value"], "rev": str(one["value"]["rev"])}} for one in body["merge"]]})


def made_and_invalidated(original: Any, merges: Any, invalidate: Any) -> Any:
    """Replaces `kept_merges`: what is made is put among the invalidations."""
    from mizan import scoping
    kept = original(merges, invalidate)
    invalidate += [scoping.entry(one["context"], one.get("params", {})) for one in kept]
    return kept


# -- which slot --------------------------------------------------------------------------------------------------------------

def first_slot(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    return next(iter(context.slots)) if merge.slot is None and merge.op == "replace" else original(context, mutation, merge)


def last_slot(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    return list(context.slots)[-1] if merge.slot is None and merge.op == "replace" else original(context, mutation, merge)


def name_unread(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    from mizan import merges
    fitting = [name for name, slot in context.slots.items() if merges.holds(slot, mutation, merge)]
    return fitting[0] if merge.slot in fitting else original(context, mutation, merge)


def last_slot_of_any_list(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    return list(context.slots)[-1] if merge.slot is None and merge.op != "replace" else original(context, mutation, merge)


def nullable_list_differs(original: Any, slot: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    return original(slot, mutation, merge) and (merge.op == "replace" or types.base(slot.output) == slot.output)


def named_unchecked(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    named = context.slots.get(merge.slot)
    trusted = named is not None and merge.op == "replace" and not isinstance(types.base(named.output), types.List)
    return merge.slot if trusted else original(context, mutation, merge)


def list_takes_an_item(original: Any, slot: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    inner = types.base(slot.output)
    return original(slot, mutation, merge) or (
        merge.op == "replace" and isinstance(inner, types.List) and types.equal(inner.item, mutation.output))


def any_slot_takes_an_operation(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    from mizan.errors import BadDeclaration
    try:
        return original(context, mutation, merge)
    except BadDeclaration as error:
        if merge.op == "replace" or ", " in str(error).partition("type, got ")[2]:
            raise
        return next(iter(context.slots))


def null_fits_any_slot(original: Any, slot: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    return original(slot, mutation, merge) or (
        merge.op == "replace" and mutation.name != "find_twice" and types.equal(types.base(slot.output), types.base(mutation.output)))


def first_of_many_lists(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
    from mizan import merges
    fitting = [name for name, slot in context.slots.items() if merges.holds(slot, mutation, merge)]
    return fitting[0] if fitting and merge.slot is None and merge.op != "replace" else original(context, mutation, merge)


def form_unchecked(unread: Callable[[Any], bool]) -> Callable[..., Any]:
    """Replaces `check_form`: some declarations are not looked at."""
    return lambda original, mutation, merge: None if unread(merge) else original(mutation, merge)


def no_field_is_a_key(original: Any, mutation: Any, key: Any) -> Any:
    from mizan import scoping
    return original(mutation, key) or key not in scoping.result_fields(mutation)


def any_field_is_a_key(original: Any, mutation: Any, key: Any) -> Any:
    from mizan import scoping
    return key in scoping.result_fields(mutation)


# -- when it is an invalidation instead --------------------------------------------------------------------------------------

def complete_if(whole: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """Replaces `merge_scope_of`: another rule says whether a merge can be made. Args: whole(bindings, merge)."""
    def merge_scope_of(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
        one = original(context, mutation, merge)
        return dataclasses.replace(one, is_complete=len(one.scope.bindings) == one.arity and whole(one.scope.bindings, merge))
    return merge_scope_of


def all_or_none(original: Any, merges: Any, args: Any, result: Any) -> Any:
    from mizan import scoping
    made, degraded = original(merges, args, result)
    if not degraded:
        return made, degraded
    return [], [*degraded, *(scoping.entry(one["context"], one.get("params", {})) for one in made)]


def dropped_by(drops: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """Replaces `kept_merges`. Args: drops(invalidation, merge entry)."""
    return lambda original, merges, invalidate: [one for one in merges if not any(drops(wide, one) for wide in invalidate)]


def same_scope(wide: Any, one: Any) -> bool:
    return bool(wide["context"] == one["context"] and wide.get("params") == one.get("params"))


# -- refusals and the header -------------------------------------------------------------------------------------------------

def said_on(status: int) -> Any:
    """A wire change: replies of one status say a merge all the same."""
    said = [{"context": "user", "slot": "user_profile", "value": None}]
    return lambda reply: reply.with_json(lambda body: {**body, "merge": said}) if reply.status == status else reply


def one_kind(original: Any, invalidate: Any, merges: Any) -> Any:
    """Replaces `said_in_header`: the scopes of merges are said where there is no invalidation."""
    return original(invalidate, [] if invalidate else merges)


def widened_in_the_body(original: Any, merges: Any, invalidate: Any) -> Any:
    return [one if "\x01" not in str(one.get("params", {}).get("key")) else {n: v for n, v in one.items() if n != "params"}
            for one in original(merges, invalidate)]


def unsayable_left_out(original: Any, invalidate: Any, merges: Any) -> Any:
    return original(invalidate, [one for one in merges if "\x01" not in str(one.get("params", {}).get("key"))])


def merges_uncounted(original: Any, members: Any) -> Any:
    return original([one for one in members if one[0] != "user"])


def broken(name: str, clause: int, kills: dict[str, str], **how: Any) -> Fault:
    """One fault of this page; clause and checks are said without the page's name."""
    named = {f"merge/{check}": member for check, member in kills.items()}
    return Fault(name, breaks=f"merge-{clause}", kills=named, **how)


ENTRY, KEPT, FORM = "mizan.merges.merge_entry", "mizan.merges.kept_merges", "mizan.merges.check_form"

SAID = (
    broken("merges-left-out", 1, {"made.from-environment": "merge", "made.two": "merge"},
           patch=(KEPT, lambda original, merges, invalidate: [])),
    broken("first-merge-alone", 1, {"made.two": "merge"},
           patch=(KEPT, lambda original, merges, invalidate: original(merges, invalidate)[:1])),
    broken("empty-merge-list", 2, {"none.plain": "merge"}, wire=empty_list),
    broken("result-as-a-merge", 2, {"none.affects": "merge"}, wire=result_as_a_merge),
    broken("merge-with-another-member", 3, {"made.members": "merge"}, patch=(ENTRY, changed(lambda one: {**one, "seq": 1}))),
    broken("merge-without-slot", 3, {"made.members": "merge"}, patch=(ENTRY, without("slot"))),
    broken("merge-with-empty-params", 4, {"made.no-parameters": "merge"}, patch=(ENTRY, changed(lambda one: {"params": {}, **one}))),
    broken("merge-with-one-parameter", 5, {"made.every-parameter": "merge"}, patch=(ENTRY, changed(first_parameter_alone))),
    broken("merge-params-as-they-came", 6, {"made.spelling": "merge"},
           patch=("mizan.scoping.spelled", lambda original, type_, value: value)),
    broken("merge-value-lost", 7, {"made.value": "merge"}, patch=(ENTRY, changed(lambda one: {**one, "value": None}))),
    broken("null-is-no-value", 8, {"made.null-result": "merge"},
           patch=(KEPT, lambda original, merges, invalidate: [one for one in original(merges, invalidate) if one["value"] is not None])),
    broken("value-in-another-form", 9, {"as-the-bundle-has-it": "0"}, wire=rev_as_text),
    broken("operation-unsaid", 10, {"lists.upsert": "merge", "lists.remove": "merge", "lists.append": "merge", "lists.prepend": "merge"},
           patch=(ENTRY, without("op"))),
    broken("replace-said", 10, {"made.replaces": "merge"}, patch=(ENTRY, changed(lambda one: {"op": "replace", **one}))),
    broken("key-unsaid", 11, {"lists.keyed": "members"}, patch=(ENTRY, without("key"))),
    broken("null-key-said", 11, {"lists.keyless": "members"}, patch=(ENTRY, changed(lambda one: {"key": None, **one}))),
    broken("made-and-invalidated", 12, {"made.adds-nothing": "invalidate"}, patch=(KEPT, made_and_invalidated)),
    broken("merges-as-declared", 13, {"made.sorted": "members"}, patch=("mizan.merges.order_merges", lambda original, merges: list(merges))),
)

SLOTS = (
    broken("first-slot-patched", 14, {"made.one-of-three": "merge"}, patch=("mizan.merges.slot_of", first_slot), at_start=True),
    broken("last-slot-patched", 14, {"made.by-type": "merge"}, patch=("mizan.merges.slot_of", last_slot), at_start=True),
    broken("slot-name-unread", 15, {"made.named": "members"}, patch=("mizan.merges.slot_of", name_unread), at_start=True),
    broken("any-slot-for-a-list", 16, {"lists.by-type": "members"}, patch=("mizan.merges.slot_of", last_slot_of_any_list), at_start=True),
    broken("nullable-list-differs", 16, {"slots.nullable-list": ""}, patch=("mizan.merges.holds", nullable_list_differs), at_start=True),
    broken("named-slot-unchecked", 17, {"slots.named-of-another-type": "", "slots.named-of-another-object": "", "slots.nullable-result": ""},
           patch=("mizan.merges.slot_of", named_unchecked), at_start=True),
    broken("list-takes-an-item", 18, {"slots.list-named-without-op": "", "slots.list-without-op": "", "slots.list-with-replace": ""},
           patch=("mizan.merges.holds", list_takes_an_item), at_start=True),
    broken("any-slot-takes-an-operation", 19, {"slots.op-on-no-list": "", "slots.op-without-a-list": ""},
           patch=("mizan.merges.slot_of", any_slot_takes_an_operation), at_start=True),
    broken("first-of-many-lists", 20, {"slots.two-lists": ""}, patch=("mizan.merges.slot_of", first_of_many_lists), at_start=True),
    broken("any-operation", 21, {"slots.unknown-op": "", "slots.op-in-capitals": ""},
           patch=(FORM, form_unchecked(lambda merge: merge.op.lower() in ("upsert", "swap"))), at_start=True),
    broken("keys-not-asked-for", 22, {"slots.upsert-without-key": "", "slots.remove-without-key": ""},
           patch=(FORM, form_unchecked(lambda merge: merge.key is None)), at_start=True),
    broken("no-field-is-a-key", 23, {"slots.key-of-no-field": "", "slots.key-of-an-argument": "", "slots.key-of-an-int": ""},
           patch=("mizan.merges.is_key", no_field_is_a_key), at_start=True),
    broken("any-field-is-a-key", 24, {"slots.nullable-key": "", "slots.float-key": "", "slots.nullable-item": ""},
           patch=("mizan.merges.is_key", any_field_is_a_key), at_start=True),
    broken("replace-takes-a-key", 25, {"slots.key-with-replace": ""},
           patch=(FORM, form_unchecked(lambda merge: merge.op == "replace")), at_start=True),
    broken("context-merged-twice", 26, {"slots.twice": "", "slots.twice-with-slots": ""},
           patch=("mizan.seal.check_merged_once", lambda original, function: None), at_start=True),
    broken("null-fits-any-slot", 40, {"slots.nullable-result-for-a-slot": "", "slots.nullable-result-by-type": ""},
           patch=("mizan.merges.holds", null_fits_any_slot), at_start=True),
)

INSTEAD = (
    broken("result-names-the-bundle", 27, {"degraded.by-result": "merge"},
           patch=("mizan.merges.merge_scope_of", complete_if(lambda bindings, merge: True)), at_start=True),
    broken("null-names-a-bundle", 28, {"degraded.null-argument": "merge"},
           patch=("mizan.merges.is_made", lambda original, merge, params: merge.is_complete)),
    broken("arguments-alone-name-a-bundle", 29, {"degraded.mapped": "merge"},
           patch=("mizan.merges.merge_scope_of", complete_if(lambda bindings, merge: all(one.source == "args" for one in bindings))),
           at_start=True),
    broken("all-merges-or-none", 30, {"degraded.one-of-two": "merge"}, patch=("mizan.merges.merges_for", all_or_none)),
    broken("stale-and-patched", 31, {"dropped.declared": "merge"}, patch=(KEPT, lambda original, merges, invalidate: list(merges))),
    broken("equal-scopes-alone-drop", 32, {"dropped.whole": "merge"}, patch=(KEPT, dropped_by(same_scope))),
    broken("wider-scopes-alone-drop", 32, {"dropped.same": "merge"},
           patch=(KEPT, dropped_by(lambda wide, one: wide["context"] == one["context"] and "params" not in wide))),
    broken("any-of-the-context-drops", 33, {"dropped.another": "merge", "dropped.declared-beside": "merge"},
           patch=(KEPT, dropped_by(lambda wide, one: wide["context"] == one["context"]))),
)

SILENT = (
    broken("refusal-merges", 34, {"silent.wrong-type": "merge"}, wire=said_on(422)),
    broken("failure-merges", 35, {"silent.raises": "merge"}, wire=said_on(500)),
    broken("not-found-merges", 36, {"silent.not-found": "merge"}, wire=said_on(404)),
)

HEADER = (
    broken("edge-not-told", 37, {"header.alone": "headers", "header.text": "headers", "header.no-parameters": "headers", "drawn-scopes": ""},
           patch=("mizan.merges.said_in_header", lambda original, invalidate, merges: original(invalidate, []))),
    broken("edge-told-of-one-kind", 37, {"header.before-an-entry": "headers", "header.beside-a-degraded": "headers"},
           patch=("mizan.merges.said_in_header", one_kind)),
    broken("merge-widened-in-the-body", 38, {"header.widened": "members"}, patch=(KEPT, widened_in_the_body)),
    broken("unsayable-merge-left-out", 38, {"header.widened": "headers"}, patch=("mizan.merges.said_in_header", unsayable_left_out)),
    broken("merges-uncounted", 39, {"header.members-33": "headers"}, patch=("mizan.header.is_over", merges_uncounted)),
)

FAULTS = SAID + SLOTS + INSTEAD + SILENT + HEADER
