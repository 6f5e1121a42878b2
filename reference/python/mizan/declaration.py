"""
Declarations as JSON, the form in which test vectors carry them, to the same data that Python functions declare.

    type    "int" | {"list": T} | {"map": T} | {"ref": "Name"} | {"union": [T, …]} | {"nullable": T}
    field   {"type": T, "default"?: JSON, "optional"?: true, "doc"?: text}          fields: {name: field}
    named   "enums": {"Color": ["red", …]}, "objects": {"User": fields}

Source: the spec's page on the harness (the oracle). Errors: BadDeclaration, for a declaration that would not register.
"""
import dataclasses
from collections.abc import Mapping
from typing import Any

from mizan import canonical, grammar, reader, types, unions, writer
from mizan.annotations import check_enumeration
from mizan.errors import BadDeclaration, BadName, BadType, WrongOutput
from mizan.types import Enumeration, Field, List, Map, Named, Names, Nullable, Record, Ref, Scalar, Type, Union


def type_from_json(said: Any) -> Type:
    """Raises: BadDeclaration."""
    match said:
        case str() if said in types.KINDS:
            return Scalar(said)
        case {"list": item, **rest} if not rest:
            return List(type_from_json(item))
        case {"map": item, **rest} if not rest:
            return Map(type_from_json(item))
        case {"ref": str(name), **rest} if not rest:
            return Ref(name)
        case {"union": list(members), **rest} if not rest and members:
            return types.union(map(type_from_json, members))
        case {"nullable": of, **rest} if not rest:
            return types.nullable(type_from_json(of))
    raise BadType(f"{said!r} is no type; wanted a kind, or one of list, map, ref, union, nullable with its type")


def type_to_json(type_: Type) -> Any:
    """Returns: a type in the form that `type_from_json` reads."""
    match type_:
        case Scalar(kind):
            return kind
        case List(item):
            return {"list": type_to_json(item)}
        case Map(item):
            return {"map": type_to_json(item)}
        case Ref(name):
            return {"ref": name}
        case Union(members):
            return {"union": [type_to_json(one) for one in members]}
        case Nullable(of):
            return {"nullable": type_to_json(of)}


def names_from_json(said: Mapping[str, Any]) -> dict[str, Named]:
    """Reads `enums` and `objects` of a declaration, and checks every type. Raises: BadDeclaration."""
    enums, objects = said.get("enums", {}), said.get("objects", {})
    if set(enums) & set(objects):
        raise BadName(f"{', '.join(sorted(set(enums) & set(objects)))}: an enum and an object have one name")
    names: dict[str, Named] = {name: enumeration(name, values) for name, values in enums.items()}
    names |= {name: Record(name, bare_fields(fields, f"object {name!r}")) for name, fields in objects.items()}
    for name in objects:
        grammar.check_type_name(name, "object")
        for field in objects[name]:
            grammar.check_field_name(field, f"object {name!r}")
        fields = {one.name: one for one in names[name].fields}         # type: ignore[union-attr]
        check_types(fields, names, f"object {name!r}")
    return with_all_defaults(objects, names)


def with_all_defaults(objects: Mapping[str, Any], names: Names) -> dict[str, Named]:
    """
    Returns: the named types with the defaults of all fields. A default that leaves a field out takes that field's own, so it waits for it.

    Raises: BadType, for a default that is not of its type, or that would hold itself.
    """
    found = dict(names)
    waiting = [(name, field) for name, fields in objects.items() for field, one in fields.items() if "default" in one]
    while waiting:
        refused = [place for place in waiting if not has_taken_default(*place, objects, found)]
        if refused == waiting:
            raise BadType(f"the default of {' and of '.join('.'.join(place) for place in refused)} is not of its type")
        waiting = refused
    return found


def has_taken_default(name: str, field: str, objects: Mapping[str, Any], found: dict[str, Named]) -> bool:
    """Puts a field's default into `found`. Returns: whether it is of its type, by the defaults that are known so far."""
    record = found[name]
    assert isinstance(record, Record)
    try:
        fields = [with_default(one, objects[name][field], found, name) if one.name == field else one for one in record.fields]
    except BadType:
        return False
    found[name] = Record(name, tuple(fields))
    return True


def names_to_json(names: Names) -> dict[str, Any]:
    """Returns: `{"enums", "objects"}` in the form that `names_from_json` reads."""
    return {
        "enums": {name: list(one.values) for name, one in names.items() if isinstance(one, Enumeration)},
        "objects": {name: fields_to_json({f.name: f for f in one.fields}) for name, one in names.items() if isinstance(one, Record)},
    }


def fields_from_json(said: Mapping[str, Any], names: Names, where: str) -> dict[str, Field]:
    """Reads parameters or arguments, in bytes order. Raises: BadDeclaration, with `where` before its message."""
    for name in said:
        grammar.check_segment(name, f"{where}: parameter")
    fields = {one.name: one for one in bare_fields(said, where)}
    check_types(fields, names, where)
    return with_defaults(said, names, where)


def fields_to_json(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        name: {"type": type_to_json(one.type)} | ({} if one.default is None else {"default": one.wire_default})
        | ({"optional": True} if one.optional else {}) | ({"doc": one.doc} if one.doc else {})
        for name, one in fields.items()
    }


def enumeration(name: str, values: Any) -> Enumeration:
    one = Enumeration(name, tuple(values))
    check_enumeration(one, "enum")
    return one


def bare_fields(said: Mapping[str, Any], where: str) -> tuple[Field, ...]:
    """Returns: fields without their defaults, which wait until all named types are known."""
    for name, one in said.items():
        if not isinstance(one, dict) or "type" not in one or not is_field(one):
            raise BadDeclaration(f"{where}: {name!r} wants type, and perhaps doc, and default or optional")
    return tuple(bare_field(name, said[name]) for name in sorted(said, key=str.encode))


def is_field(said: Mapping[str, Any]) -> bool:
    """Whether the members of a field are those that it may have; a default that the server makes has no constant."""
    is_known = set(said) <= {"type", "default", "doc", "optional"} and isinstance(said.get("doc", ""), str)
    return is_known and said.get("optional", True) is True and not {"default", "optional"} <= set(said)


def bare_field(name: str, said: Mapping[str, Any]) -> Field:
    return Field(name, type_from_json(said["type"]), optional="optional" in said, doc=said.get("doc", ""))


def check_types(fields: Mapping[str, Field], names: Names, where: str) -> None:
    for name, one in fields.items():
        check_known(one.type, names, f"{where}: {name!r}")
        unions.check(one.type, names, f"{where}: {name!r}")


def check_known(type_: Type, names: Names, where: str) -> None:
    """Raises: BadDeclaration, for a reference to a type that is not declared."""
    match type_:
        case Ref(name) if name not in names:
            raise BadType(f"{where}: no type is called {name!r}")
        case List(item) | Map(item) | Nullable(item):
            check_known(item, names, where)
        case Union(members):
            for member in members:
                check_known(member, names, where)


def with_defaults(said: Mapping[str, Any], names: Names, where: str) -> dict[str, Field]:
    return {one.name: with_default(one, said[one.name], names, where) for one in bare_fields(said, where)}


def with_default(one: Field, said: Mapping[str, Any], names: Names, where: str) -> Field:
    """Returns: a field with its default in full: objects with every field. Raises: BadDeclaration, for one of another type."""
    if "default" not in said:
        return one
    value, mismatches = reader.read(one.type, said["default"], names)
    if mismatches:
        raise BadType(f"{where}: the default of {one.name!r} is not of its type")
    try:
        return dataclasses.replace(one, default=canonical.write(writer.write(one.type, value, names)))
    except WrongOutput as error:
        raise BadType(f"{where}: the default of {one.name!r} is not whole: the server makes what it leaves out; say a constant") from error
