"""
How values of several types are told apart, and which types therefore cannot stand together.

Source: the spec's ground rules on unions. Errors: BadType.
"""
import itertools
from collections.abc import Iterable

from mizan.errors import BadType
from mizan.types import Enumeration, Field, List, Map, Names, Nullable, Record, Ref, Scalar, Type, Union, base, fields_of, holds_upload, ir_text

JSON_KINDS = frozenset({"null", "bool", "number", "string", "array", "object"})
JSON_KIND_OF = {"int": "number", "float": "number", "bool": "bool", "null": "null"}


def json_kinds(type_: Type, names: Names) -> frozenset[str]:
    """Returns: the JSON kinds that values of a type can have."""
    match type_:
        case Scalar("json"):
            return JSON_KINDS
        case Scalar(kind):
            return frozenset({JSON_KIND_OF.get(kind, "string")})
        case List():
            return frozenset({"array"})
        case Map():
            return frozenset({"object"})
        case Ref(name):
            named = names[name]
            if isinstance(named, Record):
                return frozenset({"object"})
            return frozenset({"string" if isinstance(named.values[0], str) else "number"})
        case Union(members):
            return frozenset().union(*(json_kinds(member, names) for member in members))
        case Nullable(of):
            return json_kinds(of, names) | {"null"}
    raise TypeError(f"json_kinds: {type_!r} is not a type")


def discriminator(members: Iterable[Type], names: Names) -> str | None:
    """Returns: the first field, by name, that every member requires and whose enum types are disjoint; None if there is none."""
    records = [fields_of(member, names) for member in members]
    common = sorted(set.intersection(*(set(record) for record in records)), key=str.encode) if records else []
    return next((name for name in common if tells_apart([record[name] for record in records], names)), None)


def tells_apart(fields: list[Field], names: Names) -> bool:
    enums = [names.get(one.type.name) if isinstance(one.type, Ref) and one.required else None for one in fields]
    sets = [{(type(v), v) for v in enum.values} if isinstance(enum, Enumeration) else None for enum in enums]
    if any(one is None for one in sets):
        return False
    return all(not (a & b) for a, b in itertools.combinations([one for one in sets if one is not None], 2))


def check(type_: Type, names: Names, where: str) -> None:
    """
    Refuses unions whose members cannot be told apart, nullables of what holds null already, files where none can stand.

    Args: `where`: what declares the type, for the message.
    Raises: BadType.
    """
    match type_:
        case Nullable(of):
            if "null" in json_kinds(of, names):
                raise BadType(f"{where}: {said(of)} holds null already, so it cannot be made nullable; say it alone")
            check(of, names, where)
        case List(item):
            if isinstance(base(item), List):
                check_no_upload(item, names, where)
            check(item, names, where)
        case Map(item):
            check_no_upload(item, names, where)
            check(item, names, where)
        case Union(members):
            for member in members:
                check_no_upload(member, names, where)
                check(member, names, where)
            check_members(members, names, where)


def check_members(members: tuple[Type, ...], names: Names, where: str) -> None:
    kinds = [json_kinds(member, names) for member in members]
    for (one, kinds_one), (other, kinds_other) in itertools.combinations(zip(members, kinds, strict=True), 2):
        if kinds_one & kinds_other and not (fields_of(one, names) and fields_of(other, names)):
            raise BadType(f"{where}: {said(one)} and {said(other)} have one JSON kind, so a reader cannot tell them apart")
    records = [member for member in members if fields_of(member, names)]
    if len(records) > 1 and discriminator(records, names) is None:
        raise BadType(f"{where}: {', '.join(map(said, records))} share no required field whose enum types are disjoint; add one")


def check_no_upload(type_: Type, names: Names, where: str) -> None:
    if holds_upload(type_, names):
        raise BadType(f"{where}: a file cannot stand in a map, a union or a list in a list")


def said(type_: Type) -> str:
    return " ".join(ir_text(type_).split())
