"""What is wrong about finding the bundles that a mutation makes stale. Source: spec/scoping.md. Replacements take the original first."""
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from afi.faults import Fault

NEVER_BY_NAME = ("id", "pk", "slug", "name")


# -- while bindings are fixed ------------------------------------------------------------------------------------------------

def strictly_equal(original: Any, one: Any, other: Any) -> Any:
    from mizan import types
    return types.equal(one, other)


def names_too(tier: str) -> Callable[..., Any]:
    """Replaces `bound_by_name`: one tier binds `id` and the like as any other name."""
    def bound(original: Any, parameter: Any, mutation: Any) -> Any:
        from mizan import scoping
        return original(parameter, mutation) or (getattr(scoping, tier)(parameter, mutation) if parameter.name in NEVER_BY_NAME else None)
    return bound


def any_result(original: Any, parameter: Any, mutation: Any) -> Any:
    from mizan import scoping
    return original(parameter, mutation) or scoping.Binding(parameter.name, "result", parameter.name, parameter.type)


def result_first(original: Any, parameter: Any, mutation: Any) -> Any:
    from mizan import scoping
    bound = original(parameter, mutation)
    return bound and (scoping.tier_two(parameter, mutation) or bound)


def all_or_nothing(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    bindings = original(context, mutation, map_)
    return bindings if len(bindings) == len(context.parameters) else ()


def by_position(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    from mizan import scoping
    if map_ is not None:
        return original(context, mutation, map_)
    slots = [in_order(slot.body) for slot in context.slots.values()]
    names = max(slots, key=len, default=[]) or list(context.parameters)
    both = zip(names, in_order(mutation.body) or mutation.parameters, strict=False)
    return tuple(scoping.Binding(name, "args", argument, context.parameters[name].type) for name, argument in both)


def in_order(body: Any) -> list[str]:
    """The arguments of a function as they were declared; none where it takes no request."""
    return list(inspect.signature(body).parameters)[1:]


def map_adds(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    own = original(context, mutation, map_)
    named = {binding.parameter for binding in own}
    return (*own, *(one for one in original(context, mutation, None) if map_ and one.parameter not in named))


def empty_map_is_none(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    return original(context, mutation, map_ or None)


def map_like_a_tier(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    from mizan import types
    return tuple(one for one in original(context, mutation, map_)
                 if one.parameter not in NEVER_BY_NAME and types.is_bindable(one.type, mutation.names))


def unknown_keys_left_out(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    return original(context, mutation, map_ and {name: said for name, said in map_.items() if name in context.parameters})


def unknown_values_left_out(original: Any, context: Any, mutation: Any, map_: Any) -> Any:
    from mizan import scoping
    known = {"args": mutation.parameters, "result": scoping.result_fields(mutation)}
    sources = {name: scoping.source_of(said, mutation) for name, said in (map_ or {}).items()}
    return original(context, mutation, map_ and {name: said for name, said in map_.items() if sources[name][1] in known[sources[name][0]]})


def field_before_argument(original: Any, said: Any, mutation: Any) -> Any:
    from mizan import scoping
    return ("result", said) if said in scoping.result_fields(mutation) else original(said, mutation)


def argument_alone(original: Any, said: Any, mutation: Any) -> Any:
    return original(said, mutation) if "." in said else ("args", said)


# -- values ------------------------------------------------------------------------------------------------------------------

def bare_left_out(original: Any, scopes: Any, args: Any, result: Any) -> Any:
    return [one for one in original(scopes, args, result) if "params" in one]


def mapped_from(wrong: str, right: str) -> Callable[..., Any]:
    """Replaces `value_of`: what a map takes from one side is looked for on the other."""
    def value_of(original: Any, binding: Any, args: Any, result: Any) -> Any:
        if binding.source != right or (binding.parameter == binding.field and right == "args"):
            return original(binding, args, result)
        other = {"args": args, "result": result}[wrong]
        return other.get(binding.field) if isinstance(other, dict) else None
    return value_of


def falls_through(original: Any, binding: Any, args: Any, result: Any) -> Any:
    found = original(binding, args, result)
    return result.get(binding.parameter) if found is None and isinstance(result, dict) else found


def null_takes_all(original: Any, bindings: Any, args: Any, result: Any) -> Any:
    found = original(bindings, args, result)
    return found if len(found) == len(bindings) else {}


def result_nulls_kept(original: Any, bindings: Any, args: Any, result: Any) -> Any:
    return {**dict.fromkeys(one.parameter for one in bindings if one.source == "result"), **original(bindings, args, result)}


def default_forgotten(reply: Any) -> Any:
    if b'"fn":"touch_default","args":{}' not in reply.request.body:
        return reply
    return reply.with_json(lambda body: {**body, "invalidate": [{"context": "user"}]})


def offset_unread(original: Any, text: Any) -> Any:
    return original(re.sub(r"[+-][0-9:]+$", "Z", text))


def fraction_cut(original: Any, microsecond: Any) -> Any:
    return original(microsecond // 1000 * 1000)


def quotes_unseen(original: Any, one: Any) -> Any:
    context, text = original(one)
    return context, text.replace(b'"', b"")


def code_units(original: Any, one: Any) -> Any:
    context, text = original(one)
    return context, text.decode().encode("utf-16-be")


# -- run-time entries --------------------------------------------------------------------------------------------------------

def entry_always_bare(original: Any, contexts: Any, context: Any, params: Any) -> Any:
    return {"context": original(contexts, context, params)["context"]}


def entry_nulls_left_out(original: Any, contexts: Any, context: Any, params: Any) -> Any:
    return original(contexts, context, {name: value for name, value in params.items() if value is not None})


def unknown_names_left_out(original: Any, contexts: Any, context: Any, params: Any) -> Any:
    return original(contexts, context, {name: value for name, value in params.items() if name in contexts[context.name].parameters})


def wrong_types_widened(original: Any, contexts: Any, context: Any, params: Any) -> Any:
    from mizan import scoping
    from mizan.errors import Misuse
    try:
        return original(contexts, context, params)
    except Misuse:
        if not params.keys() <= contexts[context.name].parameters.keys():
            raise
        return scoping.entry(context.name, {})


def overlap_is_enough(original: Any, known: Any) -> Any:
    kept: dict[Any, Any] = {}
    for key, one in original(known).items():
        if not any(pairs(one) & pairs(other) for other in kept.values() if other["context"] == one["context"]):
            kept[key] = one
    return kept


def pairs(one: Any) -> set[tuple[str, str]]:
    return {(name, json.dumps(value)) for name, value in one.get("params", {}).items()}


# -- merges ------------------------------------------------------------------------------------------------------------------

def made_and_invalidated(original: Any, merges: Any, args: Any, result: Any) -> Any:
    from mizan import scoping
    made, degraded = original(merges, args, result)
    return made, [*degraded, *(scoping.entry(one["context"], one.get("params", {})) for one in made)]


def any_slot(fits: Callable[[int], bool]) -> Callable[..., Any]:
    """Replaces `slot_of`: so many fitting slots are as good as one."""
    def slot_of(original: Any, context: Any, mutation: Any, merge: Any) -> Any:
        from mizan import merges
        fitting = [name for name, slot in context.slots.items() if merges.holds(slot, mutation, merge)]
        return (*fitting, "none")[0] if merge.slot is None and fits(len(fitting)) else original(context, mutation, merge)
    return slot_of


def nullable_slot_differs(original: Any, slot: Any, mutation: Any, merge: Any) -> Any:
    from mizan import types
    return original(slot, mutation, merge) and (merge.op != "replace" or types.equal(slot.output, mutation.output))


def merge_takes_the_context(original: Any, function: Any, contexts: Any) -> Any:
    scopes, merges = original(function, contexts)
    patched = {one.scope.context for one in merges}
    return tuple(one for one in scopes if one.context not in patched), merges


def unknown_contexts_accepted(asked: Any, answer: Any) -> Any:
    if asked["op"] != "scope" or answer.get("err") != "declaration":
        return answer
    said = json.loads(asked["in"]["declaration"])
    named = [one if isinstance(one, str) else one["context"] for one in (*said["mutation"]["affects"], *said["mutation"].get("merge", []))]
    return {"ok": "[]"} if not set(named) <= set(said["contexts"]) else answer


def broken(name: str, clause: int, kills: dict[str, str], **how: Any) -> Fault:
    """One fault of this page; clause and checks are said without the page's name."""
    named = {f"scoping/{check}": member for check, member in kills.items()}
    return Fault(name, breaks=f"scoping-{clause}", kills=named, **how)


TIERS = (
    broken("no-first-tier", 1, {"live.by-argument": "invalidate", "kinds.all": "invalidate", "drawn-declarations": "1"},
           patch=("mizan.scoping.tier_one", lambda original, parameter, mutation: None), at_start=True),
    broken("nullable-differs", 2, {"live.nullable-argument": "invalidate", "types.nullable-argument": "ok"},
           patch=("mizan.scoping.agrees", strictly_equal), at_start=True),
    broken("names-alone", 3, {"live.other-type": "invalidate", "types.int-and-string": "ok", "types.two-enums-alike": "ok"},
           patch=("mizan.scoping.agrees", lambda original, one, other: True), at_start=True),
    broken("everything-bindable", 4, {"not-bindable.float": "ok", "not-bindable.list": "ok"},
           patch=("mizan.types.is_bindable", lambda original, type_, names: True), at_start=True),
    broken("argument-id-binds", 5, {"live.mere-id": "invalidate", "names.id": "ok", "names.slug": "ok"},
           patch=("mizan.scoping.bound_by_name", names_too("tier_one")), at_start=True),
    broken("result-id-binds", 6, {"names.result-id": "ok", "names.result-name": "ok"},
           patch=("mizan.scoping.bound_by_name", names_too("tier_two")), at_start=True),
    broken("no-second-tier", 7, {"live.by-result": "invalidate", "results.object": "ok"},
           patch=("mizan.scoping.tier_two", lambda original, parameter, mutation: None), at_start=True),
    broken("any-result-binds", 8, {"results.map-of-ints": "ok", "results.json": "ok"},
           patch=("mizan.scoping.tier_two", any_result), at_start=True),
    broken("result-before-argument", 9, {"live.argument-first": "invalidate", "results.argument-first": "ok"},
           patch=("mizan.scoping.bound_by_name", result_first), at_start=True),
    broken("all-or-nothing", 10, {"live.partial": "invalidate", "live.all-languages": "invalidate"},
           patch=("mizan.scoping.bindings_of", all_or_nothing), at_start=True),
    broken("nothing-bound-nothing-said", 11, {"live.nothing-bound": "invalidate", "contexts.no-parameters": "ok"},
           patch=("mizan.scoping.entries_for", bare_left_out)),
    broken("by-position", 12, {"names-not-order": "", "order.stranger-first": "ok"},
           patch=("mizan.scoping.bindings_of", by_position), at_start=True),
    broken("unknown-context-accepted", 13, {"contexts.unknown": "", "merge.unknown-context": ""}, oracle=unknown_contexts_accepted),
)

MAPS = (
    broken("map-adds-to-the-tiers", 14, {"map.replaces-tier-1": "ok", "map.replaces-tier-2": "ok"},
           patch=("mizan.scoping.bindings_of", map_adds), at_start=True),
    broken("mapped-argument-from-result", 15, {"live.mapped-argument": "invalidate", "map.argument": "ok"},
           patch=("mizan.scoping.value_of", mapped_from("result", "args"))),
    broken("mapped-field-from-arguments", 16, {"live.mapped-result": "invalidate", "map.result": "ok"},
           patch=("mizan.scoping.value_of", mapped_from("args", "result"))),
    broken("bare-name-is-a-field", 17, {"map.bare-argument": "ok"},
           patch=("mizan.scoping.source_of", field_before_argument), at_start=True),
    broken("bare-name-is-an-argument", 18, {"map.bare-result": ""}, patch=("mizan.scoping.source_of", argument_alone), at_start=True),
    broken("empty-map-is-no-map", 19, {"live.mapped-whole": "invalidate", "map.whole": "ok"},
           patch=("mizan.scoping.bindings_of", empty_map_is_none), at_start=True),
    broken("map-bound-like-a-tier", 20, {"live.mapped-id": "invalidate", "map.id-and-name": "ok", "map.float": "ok"},
           patch=("mizan.scoping.bindings_of", map_like_a_tier), at_start=True),
    broken("unknown-keys-left-out", 21, {"map.unknown-key": ""}, patch=("mizan.scoping.bindings_of", unknown_keys_left_out), at_start=True),
    broken("unknown-values-left-out", 22, {"map.unknown-argument": "", "map.unknown-field": ""},
           patch=("mizan.scoping.bindings_of", unknown_values_left_out), at_start=True),
    broken("map-joins-any-types", 23, {"map.wrong-argument-type": "", "map.wrong-field-type": ""},
           patch=("mizan.scoping.agrees", lambda original, one, other: True), at_start=True),
)

VALUES = (
    broken("default-forgotten", 24, {"live.default": "invalidate"}, wire=default_forgotten),
    broken("null-takes-all", 25, {"live.null-argument": "invalidate", "values.null-argument": "ok"},
           patch=("mizan.scoping.params_of", null_takes_all)),
    broken("null-kept", 25, {"live.null-argument": "invalidate", "values.null-argument": "ok"},
           patch=("mizan.scoping.drops", lambda original, value: False)),
    broken("null-falls-through", 26, {"live.no-falling-through": "invalidate", "results.no-falling-through": "ok"},
           patch=("mizan.scoping.value_of", falls_through)),
    broken("result-nulls-kept", 27, {"live.null-result": "invalidate", "results.null-field": "ok"},
           patch=("mizan.scoping.params_of", result_nulls_kept)),
    broken("microseconds-cut", 28, {"kinds.microseconds": "invalidate"}, patch=("mizan.texts.fraction_text", fraction_cut)),
    broken("offset-unread", 28, {"kinds.offset": "invalidate", "values.offset": "ok"},
           patch=("mizan.texts.read_datetime", offset_unread)),
    broken("zeros-kept", 29, {"kinds.trailing-zero": "invalidate", "values.trailing-zeros": "ok", "values.zeros-of-result": "ok"},
           patch=("mizan.scoping.spelled", lambda original, type_, value: value)),
    broken("int64-entry-is-a-number", 30, {"numbers-and-texts.text": "ok", "numbers-and-texts.both": "ok"},
           patch=("mizan.reader.is_beside_number", lambda original, member, type_, names: False)),
    broken("one-and-its-text-alike", 30, {"normal-form.five-things": "ok"}, patch=("mizan.scoping.sort_key", quotes_unseen)),
)

ENTRIES = (
    broken("run-time-entry-always-bare", 31, {"marks.some": "invalidate"}, patch=("mizan.invalidation.checked_entry", entry_always_bare)),
    broken("run-time-null-left-out", 32, {"marks.null": "invalidate"}, patch=("mizan.invalidation.checked_entry", entry_nulls_left_out)),
    broken("unknown-name-left-out", 33, {"wrong-entries.unknown-name": "status", "failed-call-leaves-nothing": "0"},
           patch=("mizan.invalidation.checked_entry", unknown_names_left_out)),
    broken("wrong-type-widened", 34, {"wrong-entries.wrong-type": "status"},
           patch=("mizan.invalidation.checked_entry", wrong_types_widened)),
    broken("plain-function-invalidates", 35, {"wrong-entries.plain": "status"},
           patch=("mizan.invalidation.check_may_invalidate", lambda original, collector: None)),
    broken("read-function-invalidates", 36, {"wrong-entries.read": "status", "wrong-reads.fetched": "status"},
           patch=("mizan.invalidation.check_may_invalidate", lambda original, collector: None)),
    broken("overlap-is-enough", 37, {"marks.both-needed": "invalidate"},
           patch=("mizan.scoping.uncovered", overlap_is_enough)),
    broken("sorted-by-code-units", 45, {"marks.code-units": "invalidate", "normal-form.text-order": "ok"},
           patch=("mizan.scoping.sort_key", code_units)),
)

MERGES = (
    broken("merge-invalidates-too", 38, {"merge.by-argument": "ok", "merge.by-map": "ok"},
           patch=("mizan.merges.merges_for", made_and_invalidated)),
    broken("unbound-merge-lost", 39, {"merge.by-result-alone": "ok", "merge.none-bound": "ok"},
           patch=("mizan.merges.merges_for", lambda original, merges, args, result: (original(merges, args, result)[0], []))),
    broken("null-merge-made", 40, {"merge.null-argument": "ok", "merge.null-and-alone": "ok"},
           patch=("mizan.merges.is_made", lambda original, merge, params: merge.is_complete)),
    broken("no-slot-is-enough", 41, {"merge.no-slot": "", "merge.list-slot": ""},
           patch=("mizan.merges.slot_of", any_slot(lambda count: count == 0)), at_start=True),
    broken("two-slots-are-one", 42, {"merge.two-slots": ""},
           patch=("mizan.merges.slot_of", any_slot(lambda count: count > 1)), at_start=True),
    broken("nullable-slot-differs", 43, {"merge.nullable-slot": ""}, patch=("mizan.merges.holds", nullable_slot_differs), at_start=True),
    broken("merge-takes-the-context", 44, {"merge.affects-and-merge": "ok"},
           patch=("mizan.seal.fixed", merge_takes_the_context), at_start=True),
)

FAULTS = TIERS + MAPS + VALUES + ENTRIES + MERGES
