"""
`client`: declares a Python function to the world, by its signature.

    UserContext = ReactContext("user")

    @client(context=UserContext)
    def user_profile(request, user_id: int) -> User: ...

    @client(affects=UserContext)
    async def update_profile(request, user_id: int, name: str) -> User: ...

The first parameter is named `request`: the binding injects it; it is no argument and needs no annotation. Everything else is annotated.
Source: the spec's ground rules on types and names, its pages on calls, contexts and scoping.
Errors: BadDeclaration, naming the function, where the signature says what the wire cannot.
"""
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mizan import grammar, records, unions
from mizan.annotations import Annotations, Place, camel, with_default
from mizan.errors import ApplicationError, BadDeclaration, BadType
from mizan.function import DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S, MERGE_OPS, Affect, Merge, ReactContext, ServerFunction, is_async
from mizan.registry import Registry, get_registry
from mizan.response import is_framework_response
from mizan.types import Field, Names, Type, holds_upload

AffectsOption = ReactContext | Sequence[ReactContext] | Mapping[ReactContext, Mapping[str, str]] | None
MergeOption = ReactContext | Sequence[ReactContext] | Mapping[ReactContext, str | Mapping[str, Any]] | None


@dataclass(frozen=True)
class Options:
    """What stands in the parentheses of `@client(…)`, as `client` documents it."""

    context: ReactContext | None = None
    affects: AffectsOption = None
    merge: MergeOption = None
    errors: Sequence[type[ApplicationError]] = ()
    timeout_s: int = DEFAULT_TIMEOUT_S
    volatile: bool = False
    identity: str = "public"
    name: str | None = None


def client(
    *,
    context: ReactContext | None = None,
    affects: AffectsOption = None,
    merge: MergeOption = None,
    errors: Sequence[type[ApplicationError]] = (),
    timeout_s: int = DEFAULT_TIMEOUT_S,
    volatile: bool = False,
    identity: str = "public",
    name: str | None = None,
    registry: Registry | None = None,
) -> Callable[[Callable[..., Any]], ServerFunction]:
    """
    Declares and registers a function, sync or async; what it returns is called like the function itself.

    Args:
        context: makes it a read: a slot of that context's bundle.
        affects: the contexts that it makes stale: one, a list, or {context: {"context_param": "argument_or_result_field"}}.
        merge: the contexts that it patches: one, a list, {context: "slot"} or {context: {"slot", "op", "key", "map"}}.
        errors: the ApplicationError classes that it may raise.
        timeout_s: whole seconds, 1 to 2,147,483, before a caller is told `deadline_exceeded`.
        volatile: a read that is never stored.
        identity: whose data a read may see; only "public" so far.
        name: its name on the wire, where that is not the Python name.
        registry: where it is registered; the current one unless given.
    Raises: BadDeclaration.
    """
    options = Options(context, affects, merge, errors, timeout_s, volatile, identity, name)

    def declare(body: Callable[..., Any]) -> ServerFunction:
        return (registry or get_registry()).register(server_function(body, options))

    return declare


def server_function(body: Callable[..., Any], options: Options) -> ServerFunction:
    """Makes a ServerFunction of a Python function without registering it. Raises: BadDeclaration."""
    name = options.name or body.__name__
    where = f"function {name!r}"
    check_options(options, where)
    annotations = Annotations(where)
    hints = records.function_hints(body, where)
    arguments = arguments_of(body, where)
    fields = {one.name: argument(annotations, one, hints, camel(name)) for one in sorted(arguments, key=lambda one: one.name)}
    output = output_of(annotations, hints, camel(name))
    names = annotations.close()
    for one in arguments:
        default = records.REQUIRED if one.default is one.empty else one.default
        fields[one.name] = with_default(fields[one.name], default, names, f"{where}: argument {one.name!r}")
        unions.check(fields[one.name].type, names, f"{where}: argument {one.name!r}")
    if output is not None:
        unions.check(output, names, f"{where}: result")
    check_files(fields if options.context else {}, output, names, where)
    return ServerFunction(
        name, body, fields, output, names,
        context=options.context.name if options.context else None, affects=affects_of(options.affects, where),
        merges=merges_of(options.merge, where), errors=tuple(options.errors), timeout_s=options.timeout_s, volatile=options.volatile,
        identity=options.identity, doc=body.__doc__ or "", is_async=is_async(body),
    )


def check_files(parameters: Mapping[str, Field], output: Type | None, names: Names, where: str) -> None:
    """Raises: BadType, for a file among the parameters of a read, which stand in a query, or in a result."""
    for name, one in parameters.items():
        if holds_upload(one.type, names):
            raise BadType(f"{where}: parameter {name!r} is a file, which a context cannot take; drop context=")
    if output is not None and holds_upload(output, names):
        raise BadType(f"{where}: its result holds a file; only arguments are uploads")


def arguments_of(body: Callable[..., Any], where: str) -> list[inspect.Parameter]:
    """Returns: the parameters after `request`. Raises: BadDeclaration, where that is not the first, or one cannot be given by name."""
    declared = list(inspect.signature(body).parameters.values())
    if not declared or declared[0].name != "request":
        raise BadDeclaration(f"{where}: its first parameter must be `request`; wanted def {body.__name__}(request, …)")
    for one in declared[1:]:
        if one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY):
            raise BadDeclaration(f"{where}: parameter {one.name!r} is {one.kind.description}; arguments travel by name")
        grammar.check_segment(one.name, f"{where}: parameter")
    return declared[1:]


def argument(annotations: Annotations, one: inspect.Parameter, hints: Mapping[str, Any], lifted: str) -> Field:
    """Returns: an argument without its default, which waits until all named types are known."""
    place = Place(f"argument {one.name!r}", f"{lifted}Args{camel(one.name)}")
    return Field(one.name, annotations.type_of(hints.get(one.name, records.REQUIRED), place))


def output_of(annotations: Annotations, hints: Mapping[str, Any], lifted: str) -> Type | None:
    """Returns: the result's type; None for the framework's own response."""
    annotation = hints.get("return", records.REQUIRED)
    if isinstance(annotation, type) and is_framework_response(annotation):
        return None
    return annotations.type_of(annotation, Place("its result", f"{lifted}Result"))


def check_options(options: Options, where: str) -> None:
    """Raises: BadDeclaration, for options that exclude each other or say what cannot be."""
    if options.context is not None and (options.affects is not None or options.merge is not None):
        raise BadDeclaration(f"{where}: a read (context=) never invalidates; drop affects= and merge=, or context=")
    if options.context is not None and not isinstance(options.context, ReactContext):
        raise BadDeclaration(f"{where}: context= wants a ReactContext, got {type(options.context).__name__}")
    if options.identity != "public":
        raise BadDeclaration(f"{where}: identity={options.identity!r} is not built; wanted \"public\"")
    if type(options.timeout_s) is not int or not 1 <= options.timeout_s <= MAX_TIMEOUT_S:
        raise BadDeclaration(f"{where}: timeout_s={options.timeout_s!r}; wanted whole seconds, 1 to {MAX_TIMEOUT_S}")
    if options.volatile and options.context is None:
        raise BadDeclaration(f"{where}: volatile= belongs to a read; only a context's bundle can be stored")
    for error in options.errors:
        if not (isinstance(error, type) and issubclass(error, ApplicationError)):
            raise BadDeclaration(f"{where}: errors= wants subclasses of ApplicationError, got {error!r}")


def affects_of(option: AffectsOption, where: str) -> tuple[Affect, ...]:
    """Returns: affects= as data. Raises: BadDeclaration."""
    if isinstance(option, Mapping):
        return tuple(Affect(context_name(one, where), dict(bindings)) for one, bindings in option.items())
    return tuple(Affect(context_name(one, where)) for one in listed(option))


def merges_of(option: MergeOption, where: str) -> tuple[Merge, ...]:
    """Returns: merge= as data. Raises: BadDeclaration."""
    if isinstance(option, Mapping):
        return tuple(merge_of(context_name(one, where), detail, where) for one, detail in option.items())
    return tuple(Merge(context_name(one, where)) for one in listed(option))


def merge_of(context: str, detail: str | Mapping[str, Any], where: str) -> Merge:
    """Reads one `{context: "slot"}` or `{context: {"slot", "op", "key", "map"}}`. Raises: BadDeclaration."""
    if isinstance(detail, str):
        return Merge(context, slot=detail)
    unknown = set(detail) - {"slot", "op", "key", "map"}
    if unknown or detail.get("op", "replace") not in MERGE_OPS:
        raise BadDeclaration(f"{where}: merge of {context!r}: wanted slot, op ({', '.join(MERGE_OPS)}), key and map, got {dict(detail)!r}")
    return Merge(context, detail.get("slot"), detail.get("op", "replace"), detail.get("key"), detail.get("map"))


def context_name(context: Any, where: str) -> str:
    if not isinstance(context, ReactContext):
        raise BadDeclaration(f"{where}: affects= and merge= want a ReactContext, got {context!r}")
    return context.name


def listed(option: Any) -> tuple[Any, ...]:
    """Returns: nothing, one or many as a tuple."""
    if option is None:
        return ()
    return tuple(option) if isinstance(option, (list, tuple)) else (option,)
