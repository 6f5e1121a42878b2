"""
The types that the wire knows, as frozen data: the same algebra in every language, without Python's classes.

Source: the ground rules of the spec on types (wire types, unions) and the type productions of the IR.

    Scalar("int")            int int64 float bool string null decimal date datetime uuid bytes upload json
    List(T)  Map(T)          a list; a map with string keys
    Ref("User")              a named type: an Enumeration or a Record, looked up in Names
    Union((T, U))            members that differ by JSON kind, without null, sorted by their text
    Nullable(T)              T or null; never of a Nullable, never of null
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from mizan import canonical

KINDS = ("int", "int64", "float", "bool", "string", "null", "decimal", "date", "datetime", "uuid", "bytes", "upload", "json")
TEXT_KINDS = ("int64", "decimal", "date", "datetime", "uuid", "bytes")          # written as strings, each in a form of its own
BINDABLE_KINDS = ("int", "int64", "bool", "string", "uuid", "date", "datetime", "decimal")


@dataclass(frozen=True)
class Scalar:
    """A type without parts; `kind` is one of KINDS. `accepts`: the media types that an upload may have, none for any."""

    kind: str
    accepts: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class List:
    item: "Type"


@dataclass(frozen=True)
class Map:
    """String keys to values of one type."""

    item: "Type"


@dataclass(frozen=True)
class Ref:
    """The Enumeration or Record of that name."""

    name: str


@dataclass(frozen=True)
class Union:
    """Made by `union`, which puts members in order."""

    members: tuple["Type", ...]


@dataclass(frozen=True)
class Nullable:
    """Made by `nullable`, which never nests."""

    of: "Type"


Type: TypeAlias = Scalar | List | Map | Ref | Union | Nullable


@dataclass(frozen=True)
class Field:
    """
    A member of an object, an argument of a function or a parameter of a context.

    `default` is canonical JSON text of a constant, None where there is none; `optional` means that the server makes the default.
    Neither: required. Nullable is independent of both. `attribute` is the name on the Python object where that differs.
    """

    name: str
    type: Type
    default: bytes | None = None
    optional: bool = False
    doc: str = ""
    attribute: str = field(default="", compare=False)

    @property
    def required(self) -> bool:
        return self.default is None and not self.optional

    @cached_property
    def wire_default(self) -> Any:
        """The constant default as JSON; only where `default` is not None. Read anew into Python for each use: it is shared."""
        return canonical.read(self.default or b"null")


@dataclass(frozen=True)
class Enumeration:
    """A closed set of values, all strings or all ints; `python` is the class that users see, None for bare values."""

    name: str
    values: tuple[str, ...] | tuple[int, ...]
    python: Any = field(default=None, compare=False)
    doc: str = ""


@dataclass(frozen=True)
class Record:
    """An object type; `fields` in bytes order of their names. `python` makes it: a Pydantic model, a dataclass, or None for a dict."""

    name: str
    fields: tuple[Field, ...]
    python: Any = field(default=None, compare=False)
    doc: str = ""


Named: TypeAlias = Enumeration | Record
Names: TypeAlias = Mapping[str, Named]

INT, STRING, NULL, JSON = Scalar("int"), Scalar("string"), Scalar("null"), Scalar("json")


def base(type_: Type) -> Type:
    """Returns: the type without its outermost nullable."""
    return type_.of if isinstance(type_, Nullable) else type_


def nullable(type_: Type) -> Type:
    return type_ if isinstance(type_, Nullable) or type_ == NULL else Nullable(type_)


def union(members: Iterable[Type]) -> Type:
    """Makes one type of several: flat, each once, null outside, sorted by text; one member alone is itself."""
    flat: dict[str, Type] = {}
    has_null = False
    for member in members:
        has_null = has_null or isinstance(member, Nullable) or member == NULL
        inner = base(member)
        parts = inner.members if isinstance(inner, Union) else (inner,)
        flat |= {ir_text(part): part for part in parts if part != NULL}
    ordered = tuple(flat[text] for text in sorted(flat, key=str.encode))
    if not ordered:
        return NULL
    whole = ordered[0] if len(ordered) == 1 else Union(ordered)
    return nullable(whole) if has_null else whole


def ir_text(type_: Type) -> str:
    """Returns: the type as the IR prints it; two types are equal if and only if these texts are."""
    inner, mark = base(type_), " nullable=#true" if isinstance(type_, Nullable) else ""
    match inner:
        case Scalar(kind):
            return f'type "{kind}"{mark}'
        case Ref(name):
            return f'type "ref" "{name}"{mark}'
        case List(item):
            return f'type "list"{mark} {{\n{_indented(ir_text(item))}\n}}'
        case Map(item):
            return f'type "map"{mark} {{\n{_indented(ir_text(item))}\n}}'
        case Union(members):
            return f'type "union"{mark} {{\n' + "\n".join(_indented(ir_text(m)) for m in members) + "\n}"
    raise TypeError(f"ir_text: {type_!r} is not a type")


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def equal(one: Type, other: Type) -> bool:
    """Whether two types are equal: their IR text is."""
    return ir_text(one) == ir_text(other)


def is_bindable(type_: Type, names: Names) -> bool:
    """Whether a value of this type (null aside) can scope an invalidation by name."""
    inner = base(type_)
    if isinstance(inner, Ref):
        return isinstance(names.get(inner.name), Enumeration)
    return isinstance(inner, Scalar) and inner.kind in BINDABLE_KINDS


def reached(roots: Iterable[Type], names: Names) -> set[str]:
    """Returns: the names of the types that some types hold, directly or inside another."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        match waiting.pop():
            case Ref(name) if name not in found:
                found.add(name)
                waiting += [one.type for one in fields_of(Ref(name), names).values()]
            case List(item) | Map(item) | Nullable(item):
                waiting.append(item)
            case Union(members):
                waiting += members
    return found


def fields_of(type_: Type, names: Names) -> dict[str, Field]:
    """Returns: the fields of the object that a type (null aside) is; empty where it is none."""
    inner = base(type_)
    named = names.get(inner.name) if isinstance(inner, Ref) else None
    return {one.name: one for one in named.fields} if isinstance(named, Record) else {}


def is_upload(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.kind == "upload"


def holds_upload(type_: Type, names: Names, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a type is an upload, or has one where a file may stand: in a list, or in a field of an object."""
    inner = base(type_)
    if isinstance(inner, List):
        return holds_upload(inner.item, names, seen)
    if isinstance(inner, Ref) and inner.name not in seen:
        return any(holds_upload(one.type, names, seen | {inner.name}) for one in fields_of(inner, names).values())
    return is_upload(inner)
