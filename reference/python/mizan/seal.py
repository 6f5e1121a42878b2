"""
Checks every declaration against every other, and fixes what follows from them, before anything listens.

Source: the spec's ground rules on names and types, its pages on contexts and scoping. Errors: BadDeclaration, naming the offender.
"""
import dataclasses
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mizan import grammar, merges, scoping, types
from mizan.errors import BadDeclaration, BadName
from mizan.function import Affect, Composition, Context, Merge, ServerFunction
from mizan.merges import MergeScope
from mizan.scoping import Scope
from mizan.types import Field, Named


class UnboundName(UserWarning):
    """A parameter called id, pk, slug or name is not bound by its name alone; a map would bind it."""


@dataclass(frozen=True, eq=False)
class Sealed:
    """
    A checked registry, by name and in bytes order. `scopes` and `merges` have a member for every function, empty where it has none.

    `parameters` are those of each composition.
    """

    functions: Mapping[str, ServerFunction]
    contexts: Mapping[str, Context]
    compositions: Mapping[str, Composition]
    parameters: Mapping[str, Mapping[str, Field]]
    names: Mapping[str, Named]
    scopes: Mapping[str, tuple[Scope, ...]]
    merges: Mapping[str, tuple[MergeScope, ...]]


def named(name: str, function: Any) -> ServerFunction:
    """Returns: the function under a name. Raises: BadDeclaration, for no ServerFunction, or a name that it cannot have."""
    if not isinstance(function, ServerFunction):
        raise BadDeclaration(f"register: wanted a ServerFunction, got {type(function).__name__}; declare it with @client(…)")
    grammar.check_function_name(name)
    if function.context is not None:
        grammar.check_read_name(name)
    return function if function.name == name else dataclasses.replace(function, name=name)


def context_groups(functions: Mapping[str, ServerFunction]) -> dict[str, list[ServerFunction]]:
    """Returns: the read functions of each context, both in the order given."""
    groups: dict[str, list[ServerFunction]] = {}
    for function in functions.values():
        if function.context is not None:
            groups.setdefault(function.context, []).append(function)
    return dict(sorted(groups.items()))


def seal(functions: Mapping[str, ServerFunction], compositions: Mapping[str, Composition]) -> Sealed:
    """Raises: BadDeclaration. Warns: UnboundName."""
    names = united_names(functions.values())
    contexts = {name: context_of(name, group) for name, group in context_groups(functions).items()}
    for function in functions.values():
        check_view(function)
    bound = {name: fixed(function, contexts) for name, function in functions.items()}
    for function in functions.values():
        warn_of_names(function, contexts)
    return Sealed(
        functions, contexts, compositions,
        parameters={name: composed_parameters(one, functions) for name, one in compositions.items()},
        names=names,
        scopes={name: scopes for name, (scopes, _) in bound.items()},
        merges={name: merges for name, (_, merges) in bound.items()},
    )


def fixed(function: ServerFunction, contexts: Mapping[str, Context]) -> tuple[tuple[Scope, ...], tuple[MergeScope, ...]]:
    """Fixes what a function invalidates and what it patches. Raises: BadDeclaration."""
    check_contexts_known(function, contexts)
    check_distinct([one.context for one in function.affects], f"function {function.name!r}: affects=")
    check_distinct([one.code for one in function.errors], f"function {function.name!r}: errors=")
    check_merged_once(function)
    scopes = tuple(scoping.scope_of(contexts[one.context], function, one.map) for one in function.affects)
    return scopes, tuple(merges.merge_scope_of(contexts[one.context], function, one) for one in function.merges)


def united_names(functions: Iterable[ServerFunction]) -> dict[str, Named]:
    """Returns: every named type that the functions reach. Raises: BadDeclaration, where two different types have one name."""
    names: dict[str, Named] = {}
    for function in functions:
        for name, one in function.names.items():
            if not is_same_type(names.setdefault(name, one), one):
                raise BadName(f"function {function.name!r}: another function has a different type called {name!r}; rename one")
    return dict(sorted(names.items()))


def is_same_type(one: Named, other: Named) -> bool:
    """Whether two types of one name are one: the same kind, parts and Python class."""
    return one == other and one.python is other.python


def context_of(name: str, functions: Sequence[ServerFunction]) -> Context:
    """Raises: BadDeclaration, where its functions declare a parameter differently, or one has no constant default."""
    for function in functions:
        check_constants(function)
    return Context(
        name,
        parameters=united_parameters(f"context {name!r}", functions),
        slots={function.name: function for function in sorted(functions, key=lambda one: one.name)},
        names=united_names(functions),
        volatile=any(function.volatile for function in functions),
        identity="public",
    )


def check_constants(function: ServerFunction) -> None:
    """Raises: BadDeclaration, for a parameter whose default the server makes: one bundle would have two keys."""
    for name, one in function.parameters.items():
        if one.optional:
            raise BadDeclaration(f"function {function.name!r}: the server makes the default of {name!r}, which is part of a bundle's key; say a constant")


def united_parameters(where: str, functions: Iterable[ServerFunction]) -> dict[str, Field]:
    """Returns: the union of the functions' parameters; one is required if any function requires it. Raises: BadDeclaration."""
    united: dict[str, Field] = {}
    said = [(name, one, function.name) for function in functions for name, one in function.parameters.items()]
    for name, one, function in sorted(said, key=lambda it: (it[0], it[1].required)):           # defaults first, so that each meets the others
        united[name] = united_parameter(f"{where}: function {function!r}: parameter {name!r}", united.get(name, one), one)
    return united


def united_parameter(where: str, known: Field, one: Field) -> Field:
    """Returns: one parameter of two declarations. Raises: BadDeclaration, where they differ in type or default."""
    if not types.equal(known.type, one.type):
        raise BadDeclaration(f"{where} has one type here and another in the same bundle; one name has one type")
    if known.default is not None and one.default is not None and known.default != one.default:
        raise BadDeclaration(f"{where} has one default here and another in the same bundle; one name has one default")
    return known if known.required else one


def composed_parameters(composition: Composition, functions: Mapping[str, ServerFunction]) -> dict[str, Field]:
    """Returns: a composition's parameters. Raises: BadDeclaration, for a part that is no registered read, or parameters that differ."""
    where = f"composition {composition.name!r}"
    if not composition.functions:
        raise BadDeclaration(f"{where} has no functions")
    for one in composition.functions:
        if not isinstance(one, ServerFunction) or functions.get(one.name) is not one or one.kind != "read":
            raise BadDeclaration(f"{where}: {getattr(one, 'name', one)!r} is no registered read function")
    check_distinct([one.name for one in composition.functions], where)
    return united_parameters(where, composition.functions)


def check_view(function: ServerFunction) -> None:
    """Raises: BadDeclaration, for the framework's own response inside a context, or a name that a slot cannot have."""
    if function.is_view and function.context is not None:
        raise BadDeclaration(f"function {function.name!r}: it returns the framework's own response, which cannot be a slot of a bundle")


def hits(function: ServerFunction) -> list[Affect | Merge]:
    """Returns: everything that a function declares to invalidate or to patch."""
    return [*function.affects, *function.merges]


def check_contexts_known(function: ServerFunction, contexts: Mapping[str, Context]) -> None:
    """Raises: BadDeclaration, for a context in affects= or merge= that no read function has."""
    for one in hits(function):
        if one.context not in contexts:
            raise BadDeclaration(f"function {function.name!r}: context {one.context!r} has no read function; declare or import one")


def check_merged_once(function: ServerFunction) -> None:
    """Raises: BadDeclaration, for a context that merge= names twice."""
    names = [one.context for one in function.merges]
    for name in names:
        if names.count(name) > 1:
            raise BadDeclaration(f"function {function.name!r}: merge= names context {name!r} twice; a mutation patches one slot of a bundle")


def check_distinct(names: Sequence[str], where: str) -> None:
    """Raises: BadDeclaration, for a name that stands twice."""
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadDeclaration(f"{where} names {', '.join(doubled)} twice; say it once")


def warn_of_names(function: ServerFunction, contexts: Mapping[str, Context]) -> None:
    """Warns where a parameter would have been bound by its name, were it not id, pk, slug or name."""
    for one in hits(function):
        for name in unbound_names(contexts[one.context], function) if one.map is None else ():
            warnings.warn(
                f"function {function.name!r}: {name!r} of context {one.context!r} is never bound by name alone; "
                f'the whole context is invalidated, unless a map says {{"{name}": "args.{name}"}}', UnboundName, stacklevel=2)


def unbound_names(context: Context, function: ServerFunction) -> list[str]:
    """Returns: the parameters that only the rule on id, pk, slug and name keeps from being bound."""
    return [
        name for name, parameter in context.parameters.items()
        if scoping.is_never_bound_by_name(name) and (scoping.tier_one(parameter, function) or scoping.tier_two(parameter, function))
    ]

