"""
Which bundles a mutation makes stale: bindings fixed once, entries made after each normal return.

An entry is `{"context": name, "params"?: {parameter: wire value}}`; without params it means the whole context.
Source: the spec's page on scoping (tiers, maps, entries), and on the body for the normal form.
Errors: BadDeclaration while bindings are fixed; none at run time.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mizan import canonical, texts, types
from mizan.errors import BadDeclaration
from mizan.function import Context, ServerFunction
from mizan.types import Field, Scalar, Type

Entry: TypeAlias = dict[str, Any]
Keyed: TypeAlias = dict[tuple[bytes, bytes], Entry]

NEVER_BY_NAME = frozenset({"id", "pk", "slug", "name"})       # they mean another thing in every table


@dataclass(frozen=True)
class Binding:
    """A context's parameter takes its value from the mutation's argument (`source` args) or result field (`source` result) `field`."""

    parameter: str
    source: str
    field: str
    type: Type


@dataclass(frozen=True)
class Scope:
    """What one mutation invalidates of one context: its bindings; none means the whole context."""

    context: str
    bindings: tuple[Binding, ...]


def scope_of(context: Context, mutation: ServerFunction, map_: Mapping[str, str] | None) -> Scope:
    """Fixes the bindings of a mutation and a context. Raises: BadDeclaration, for a map that names what is not there."""
    return Scope(context.name, bindings_of(context, mutation, map_))


def bindings_of(context: Context, mutation: ServerFunction, map_: Mapping[str, str] | None) -> tuple[Binding, ...]:
    """Returns: the bindings, in bytes order of the parameters; a map replaces all tiers."""
    if map_ is not None:
        return tuple(mapped(context, mutation, parameter, map_[parameter]) for parameter in sorted(map_))
    tiers = (bound_by_name(one, mutation) for one in context.parameters.values())
    return tuple(one for one in tiers if one is not None)


def bound_by_name(parameter: Field, mutation: ServerFunction) -> Binding | None:
    """Tries the tiers in order: an argument of that name and type, then a field of the result."""
    if is_never_bound_by_name(parameter.name):
        return None
    return tier_one(parameter, mutation) or tier_two(parameter, mutation)


def is_never_bound_by_name(name: str) -> bool:
    return name in NEVER_BY_NAME


def tier_one(parameter: Field, mutation: ServerFunction) -> Binding | None:
    """Binds a parameter to the argument of its name."""
    return by_name("args", parameter, mutation.parameters, mutation)


def tier_two(parameter: Field, mutation: ServerFunction) -> Binding | None:
    """Binds a parameter to the result's top-level field of its name, where the result, null aside, is an object."""
    return by_name("result", parameter, result_fields(mutation), mutation)


def result_fields(mutation: ServerFunction) -> dict[str, Field]:
    return types.fields_of(mutation.output, mutation.names) if mutation.output is not None else {}


def by_name(source: str, parameter: Field, candidates: Mapping[str, Field], mutation: ServerFunction) -> Binding | None:
    candidate = candidates.get(parameter.name)
    if candidate is None or not agrees(parameter.type, candidate.type) or not types.is_bindable(candidate.type, mutation.names):
        return None
    return Binding(parameter.name, source, candidate.name, parameter.type)


def agrees(one: Type, other: Type) -> bool:
    """Whether two types are equal, their outermost nullables aside."""
    return types.equal(types.base(one), types.base(other))


def mapped(context: Context, mutation: ServerFunction, parameter: str, said: str) -> Binding:
    """Binds a parameter as a map says: `args.f`, `result.f`, or `f`: the argument if there is one, else the result's field."""
    where = f"function {mutation.name!r}: map for {context.name!r}"
    if parameter not in context.parameters:
        raise BadDeclaration(f"{where}: {parameter!r} is no parameter; wanted one of {', '.join(context.parameters) or 'none'}")
    source, name = source_of(said, mutation)
    field = (mutation.parameters if source == "args" else result_fields(mutation)).get(name)
    if field is None:
        raise BadDeclaration(f"{where}: {parameter!r} is bound to {said!r}, which is neither an argument nor a field of the result")
    wanted = context.parameters[parameter].type
    if not agrees(wanted, field.type):
        raise BadDeclaration(f"{where}: {parameter!r} is bound to {said!r}, which is of another type")
    return Binding(parameter, source, name, wanted)


def source_of(said: str, mutation: ServerFunction) -> tuple[str, str]:
    """Returns: (args or result, the name in it)."""
    source, dot, name = said.partition(".")
    if dot and source in ("args", "result"):
        return source, name
    return ("args" if said in mutation.parameters else "result"), said


def entries_for(scopes: Sequence[Scope], args: Mapping[str, Any], result: Any) -> list[Entry]:
    """
    Returns: an entry for each context that a mutation affects, not yet normalised.

    Args: `args`: the effective arguments and `result`: the result, both as JSON of a body.
    """
    return [entry(scope.context, params_of(scope.bindings, args, result)) for scope in scopes]


def params_of(bindings: Sequence[Binding], args: Mapping[str, Any], result: Any) -> dict[str, Any]:
    """Returns: the parameters whose value is there; a null drops its parameter alone and falls to no other tier."""
    values = {one.parameter: spelled(one.type, value_of(one, args, result)) for one in bindings}
    return {name: value for name, value in values.items() if not drops(value)}


def value_of(binding: Binding, args: Mapping[str, Any], result: Any) -> Any:
    """Returns: the argument, or the result's field; null for a field of a null result."""
    if binding.source == "args":
        return args.get(binding.field)
    return result.get(binding.field) if isinstance(result, dict) else None


def drops(value: Any) -> bool:
    return value is None


def spelled(type_: Type, value: Any) -> Any:
    """Returns: a wire value as entries spell it: a decimal without trailing zeros, everything else as in a body."""
    return texts.stripped_decimal(value) if types.base(type_) == Scalar("decimal") and isinstance(value, str) else value


def entry(context: str, params: Mapping[str, Any]) -> Entry:
    """Returns: an entry; without `params` where there are none."""
    return {"context": context, "params": dict(params)} if params else {"context": context}


def covers(wide: Entry, narrow: Entry) -> bool:
    """Whether an entry makes another needless: same context, and each of its parameters has the same canonical value in the other."""
    params = narrow.get("params", {})
    return wide["context"] == narrow["context"] and all(
        name in params and canonical.write(params[name]) == canonical.write(value) for name, value in wide.get("params", {}).items()
    )


def sort_key(one: Entry) -> tuple[bytes, bytes]:
    """Returns: what entries are sorted by: the context, then the canonical params; absent is the empty text."""
    return one["context"].encode(), canonical.write(one["params"]) if "params" in one else b""


def normalise(entries: Iterable[Entry]) -> list[Entry]:
    """Returns: the entries without those that another covers, sorted."""
    return list(order(uncovered(keyed(entries))).values())


def keyed(entries: Iterable[Entry]) -> Keyed:
    """Returns: the entries under what they are sorted by, which is made once; of equal ones, one."""
    return {sort_key(one): one for one in entries}


def order(known: Keyed) -> Keyed:
    return dict(sorted(known.items()))


def uncovered(known: Keyed) -> Keyed:
    """
    Drops each entry that another covers.

    An index finds the few that could cover an entry: those whose parameters are some of its own, with its values. So ten thousand
    entries of one shape cost no look-up, and of several shapes as many look-ups as entries, not their square.
    """
    masks: dict[str, set[frozenset[str]]] = {}
    for one in known.values():
        masks.setdefault(one["context"], set()).add(mask_of(one))
    if all(len(found) == 1 for found in masks.values()):          # entries of one shape cover only their equals
        return known
    wide = [one for one in known.values() if any(mask_of(one) < other for other in masks[one["context"]])]
    index = {candidate_key(one, mask_of(one)): one for one in wide}
    return {key: one for key, one in known.items() if not any(covers(other, one) for other in candidates(one, masks[one["context"]], index))}


def mask_of(one: Entry) -> frozenset[str]:
    return frozenset(one.get("params", {}))


def candidates(one: Entry, masks: Iterable[frozenset[str]], index: Mapping[Any, Entry]) -> list[Entry]:
    """Returns: the other entries whose parameters are all in this one, with its values."""
    own = mask_of(one)
    found = [index.get(candidate_key(one, mask)) for mask in masks if mask < own]
    return [wide for wide in found if wide is not None]


def candidate_key(one: Entry, mask: frozenset[str]) -> tuple[str, bytes]:
    """Returns: an entry's context and its values of some of its parameters."""
    params = one.get("params", {})
    return one["context"], canonical.write({name: params[name] for name in mask})
