"""
The intermediate representation of what a registry declares: the text from which clients are generated, in any language the same bytes.

    ir.text(registry.seal())          # bytes of UTF-8

Source: the spec's page on the IR (grammar, order, standing values). Errors: none; what cannot be said did not register.
"""
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mizan import canonical, docs, kdl, types
from mizan.function import DEFAULT_TIMEOUT_S, Context, ServerFunction
from mizan.kdl import Node, Value
from mizan.merges import MergeScope
from mizan.scoping import Binding, Scope
from mizan.seal import Sealed
from mizan.types import Enumeration, Field, List, Map, Named, Nullable, Record, Ref, Scalar, Type, Union

VERSION = 1
STANDING_OP = "replace"


@functools.lru_cache(maxsize=8)
def text(sealed: Sealed) -> bytes:
    """Returns: the IR of a sealed registry, UTF-8; made once, for that never changes."""
    return kdl.text(nodes(sealed)).encode()


def nodes(sealed: Sealed) -> list[Node]:
    """Returns: the nodes of the file: groups in the grammar's order, each sorted by name."""
    named = reached(sealed)
    return [
        Node("ir", properties={"version": VERSION}),
        *(enum_node(one) for one in named if isinstance(one, Enumeration)),
        *(object_node(one) for one in named if isinstance(one, Record)),
        *by_name(function_node(one, sealed) for one in sealed.functions.values()),
        *by_name(compose_node(name, sealed) for name in sealed.compositions),
        *by_name(context_node(one, sealed) for one in sealed.contexts.values()),
    ]


def reached(sealed: Sealed) -> list[Named]:
    """Returns: the named types that a function takes or returns, directly or inside another, by name; no other is written."""
    roots = [type_ for one in sealed.functions.values() for type_ in (*(f.type for f in one.parameters.values()), one.output) if type_]
    names = types.reached(roots, sealed.names)
    return [sealed.names[name] for name in sorted(names, key=str.encode)]


def by_name(made: Iterable[Node]) -> list[Node]:
    """Returns: nodes sorted by their first argument, as bytes."""
    return sorted(made, key=lambda node: node.arguments[0].encode())


def said(**properties: Value | None) -> dict[str, Value]:
    """Returns: the properties that are not at their standing value, which the caller gives as None, false or the empty text."""
    return {name: value for name, value in properties.items() if value not in (None, False, "")}


def enum_node(one: Enumeration) -> Node:
    values = sorted((canonical.write(value).decode() for value in one.values), key=str.encode)
    return Node("enum", (one.name,), said(doc=docs.tidy(one.doc)), [Node("value", (value,)) for value in values])


def object_node(one: Record) -> Node:
    return Node("object", (one.name,), said(doc=docs.tidy(one.doc)), by_name(field_node("field", field) for field in one.fields))


def field_node(name: str, one: Field) -> Node:
    """Returns: a `field` or an `arg`."""
    return Node(name, (one.name,), default_of(one) | said(doc=docs.tidy(one.doc), optional=one.optional), [type_node(one.type)])


def default_of(one: Field) -> dict[str, Value]:
    """Returns: the default as canonical JSON text, where there is one; never left out, whatever it is."""
    return {} if one.default is None else {"default": one.default.decode()}


def type_node(type_: Type) -> Node:
    """Returns: the node whose text is `types.ir_text`."""
    mark = said(nullable=isinstance(type_, Nullable))
    match types.base(type_):
        case Scalar(kind):
            return Node("type", (kind,), mark)
        case Ref(name):
            return Node("type", ("ref", name), mark)
        case List(item):
            return Node("type", ("list",), mark, [type_node(item)])
        case Map(item):
            return Node("type", ("map",), mark, [type_node(item)])
        case Union(members):
            return Node("type", ("union",), mark, [type_node(one) for one in members])
    raise TypeError(f"type_node: {type_!r} is not a type")


def function_node(one: ServerFunction, sealed: Sealed) -> Node:
    properties = said(
        context=one.context, doc=docs.tidy(one.doc), kind=one.kind, timeout_s=unless(one.timeout_s, DEFAULT_TIMEOUT_S),
        view=one.is_view, volatile=one.volatile,
    )
    return Node("function", (one.name,), properties, [
        *by_name(field_node("arg", argument) for argument in one.parameters.values()),
        *([] if one.output is None else [Node("returns", children=[type_node(one.output)])]),
        *by_name(Node("error", (error.code,), {"status": error.status}) for error in one.errors),
        *by_name(affects_node(scope) for scope in sealed.scopes[one.name]),
        *by_name(merge_node(merge) for merge in sealed.merges[one.name]),
    ])


def unless(value: int | str, standing: int | str) -> int | str | None:
    """Returns: a value; None where it is the standing one, which is not written."""
    return None if value == standing else value


def affects_node(scope: Scope) -> Node:
    return Node("affects", (scope.context,), {}, bind_nodes(scope.bindings))


def merge_node(merge: MergeScope) -> Node:
    properties = said(key=merge.key, op=unless(merge.op, STANDING_OP), slot=merge.slot)
    return Node("merge", (merge.scope.context,), properties, bind_nodes(merge.scope.bindings))


def bind_nodes(bindings: Sequence[Binding]) -> list[Node]:
    """Returns: where each bound parameter takes its value from; those that stay unbound are not written."""
    return by_name(Node("bind", (one.parameter,), {one.source.removesuffix("s"): one.field}) for one in bindings)


def compose_node(name: str, sealed: Sealed) -> Node:
    one = sealed.compositions[name]
    return Node("compose", (name,), said(doc=docs.tidy(one.doc)), by_name(Node("part", (part.name,)) for part in one.functions))


def context_node(context: Context, sealed: Sealed) -> Node:
    return Node("context", (context.name,), {}, [
        *by_name(Node("param", (one.name,), default_of(one), [type_node(one.type)]) for one in context.parameters.values()),
        *by_name(Node("slot", (name,)) for name in context.slots),
        *(Node("scope", mask) for mask in masks(context, sealed)),
    ])


def masks(context: Context, sealed: Sealed) -> list[tuple[str, ...]]:
    """Returns: the sets of parameters by which a context is invalidated: every mutation's, and the full set; the empty one is implied."""
    hits = [*all_of(sealed.scopes), *(one.scope for one in all_of(sealed.merges))]
    found = {in_bytes_order(one.parameter for one in scope.bindings) for scope in hits if scope.context == context.name}
    return sorted((found | {in_bytes_order(context.parameters)}) - {()}, key=lambda mask: [name.encode() for name in mask])


def in_bytes_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.encode))


def all_of(groups: Mapping[str, Sequence[Any]]) -> list[Any]:
    return [one for group in groups.values() for one in group]
