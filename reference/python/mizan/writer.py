"""
Python values to wire JSON, by their declared type: strict, so that nothing undeclared leaves.

Source: the spec's ground rules on types (wire forms; an output of another type is `internal`).
Errors: WrongOutput, saying where in the value; dispatch answers 500 `internal` and logs it.
"""
import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mizan import canonical, texts
from mizan.errors import WrongOutput
from mizan.types import Enumeration, Field, List, Map, Names, Nullable, Record, Ref, Scalar, Type, Union, fields_of
from mizan.unions import discriminator, json_kinds

# Classes -> the JSON kind of their instances, in the order in which they are tried; what is left is an object.
KIND_OF: Mapping[tuple[type, ...], str] = {
    (type(None),): "null", (bool,): "bool", (texts.Long, str, bytes, bytearray, memoryview, Decimal, dt.date, uuid.UUID): "string",
    (int, float): "number", (list, tuple): "array", (Mapping,): "object",
}


@dataclass(frozen=True)
class Writing:
    """What a writer needs to know beside type and value: the named types, and how text forms are spelt."""

    names: Names
    spelling: texts.Spelling = texts.BODY


def write(type_: Type, value: Any, names: Names) -> Any:
    """
    Returns: a value as the JSON of its type in a body: records with every field, enums by value, text forms as strings.

    Raises: WrongOutput.
    """
    return written(type_, value, Writing(names))


def write_key(type_: Type, value: Any, names: Names) -> Any:
    """Returns: a value as JSON of its type in keys, entries and queries, where decimals drop trailing zeros. Raises: WrongOutput."""
    return written(type_, value, Writing(names, texts.KEY))


def write_members(fields: Mapping[str, Field], values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Returns: effective arguments or parameters as the JSON of a body, by name. Raises: WrongOutput."""
    return {name: write(fields[name].type, value, names) for name, value in values.items()}


def written(type_: Type, value: Any, writing: Writing) -> Any:
    match type_:
        case Scalar(kind):
            return scalar(kind, value, writing)
        case Nullable(of):
            return None if value is None else written(of, value, writing)
        case Ref(name):
            named = writing.names[name]
            return record(named, value, writing) if isinstance(named, Record) else enum_value(named, value)
        case List(item):
            return list_items(item, value, writing)
        case Map(item):
            return map_items(item, value, writing)
        case Union():
            return union_member(type_, value, writing)


def scalar(kind: str, value: Any, writing: Writing) -> Any:
    text_form = writing.spelling.write.get(kind)
    return text_form(value) if text_form else PLAIN[kind](value)


def write_int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongOutput(f"wanted an int, got {type(value).__name__}")
    if abs(value) > canonical.MAX_SAFE:
        raise WrongOutput("wanted an int within 2^53-1; declare Int64 for more")
    return int(value)


def write_float(value: Any) -> float:
    """Returns: a float, so that 5 for a declared float stays a float to whoever looks at its type."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise WrongOutput(f"wanted a float, got {type(value).__name__}")
    try:
        number = float(value) + 0.0
        canonical.float_text(number)
    except (canonical.NotIJson, OverflowError) as error:
        raise WrongOutput(f"wanted a float that JSON can say: {error}") from error
    return number


def write_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongOutput(f"wanted a bool, got {type(value).__name__}")
    return value


def write_string(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongOutput(f"wanted a str, got {type(value).__name__}")
    if not canonical.is_text(value):
        raise WrongOutput("wanted text, got a lone surrogate or a noncharacter in it")
    return str(value)


def write_null(value: Any) -> None:
    if value is not None:
        raise WrongOutput(f"wanted None, got {type(value).__name__}")


def write_json(value: Any) -> Any:
    """Returns: any I-JSON value as it is; containers are copied."""
    try:
        canonical.write(value)
    except canonical.NotIJson as error:
        raise WrongOutput(f"wanted a value that I-JSON can say: {error}") from error
    return copied(value)


def copied(value: Any) -> Any:
    """Returns: a JSON value with containers of its own, so that nobody changes another's."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, (list, tuple)) else value


def write_upload(value: Any) -> Any:
    raise WrongOutput(f"an upload cannot be an output, got {type(value).__name__}")


PLAIN = {
    "int": write_int, "float": write_float, "bool": write_bool, "string": write_string, "null": write_null, "json": write_json,
    "upload": write_upload,
}


def enum_value(named: Enumeration, value: Any) -> str | int:
    found = value_of(named, value)
    if found is None:
        raise WrongOutput(f"wanted a value of {named.name}, got {type(value).__name__}")
    return found


def value_of(named: Enumeration, value: Any) -> str | int | None:
    """Returns: the declared value that a Python value is, None for none."""
    bare = value.value if named.python is not None and isinstance(value, named.python) else value
    return next((one for one in named.values if type(one) is type(bare) and one == bare), None)


def record(named: Record, value: Any, writing: Writing) -> dict[str, Any]:
    """Returns: every declared field of an instance, or of a mapping whose absent fields have constant defaults."""
    if isinstance(value, Mapping):
        return mapping_fields(named, value, writing)
    if named.python is None or not isinstance(value, named.python):
        raise WrongOutput(f"wanted a {named.name}, got {type(value).__name__}")
    return {one.name: at(one.name, one.type, getattr(value, one.attribute or one.name), writing) for one in named.fields}


def mapping_fields(named: Record, value: Mapping[str, Any], writing: Writing) -> dict[str, Any]:
    known = {one.name for one in named.fields}
    if not known.issuperset(value):
        raise WrongOutput(f"wanted a {named.name}, got a mapping with members that it does not declare")
    absent = [one.name for one in named.fields if one.name not in value and one.default is None]
    if absent:
        raise WrongOutput(f"wanted a {named.name}, got a mapping without {', '.join(absent)}")
    return {
        one.name: at(one.name, one.type, value[one.name], writing) if one.name in value else copied(one.wire_default)
        for one in named.fields
    }


def at(place: str | int, type_: Type, value: Any, writing: Writing) -> Any:
    """Writes a part of a value. Raises: WrongOutput, with the part's place before its message."""
    try:
        return written(type_, value, writing)
    except WrongOutput as error:
        raise WrongOutput(f"{place}: {error}") from error


def list_items(item: Type, value: Any, writing: Writing) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise WrongOutput(f"wanted a list, got {type(value).__name__}")
    return [at(index, item, one, writing) for index, one in enumerate(value)]


def map_items(item: Type, value: Any, writing: Writing) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise WrongOutput(f"wanted a mapping, got {type(value).__name__}")
    return {write_string(key): at(key, item, one, writing) for key, one in value.items()}


def union_member(type_: Union, value: Any, writing: Writing) -> Any:
    """Writes a value as the one member of its JSON kind; several objects are told apart as a reader does."""
    fitting = [one for one in type_.members if json_kind(value, type_, writing.names) in json_kinds(one, writing.names)]
    if len(fitting) > 1:
        fitting = [one for one in fitting if is_meant(one, fitting, value, writing.names)]
    if not fitting:
        raise WrongOutput(f"wanted one of {len(type_.members)} types, got {type(value).__name__}")
    return written(fitting[0], value, writing)


def json_kind(value: Any, type_: Union, names: Names) -> str:
    """Returns: the JSON kind in which a union says a value. An int is text where no member is a number, or none can say it."""
    if isinstance(value, enum.Enum):
        return json_kind(value.value, type_, names)
    kind = next((kind for classes, kind in KIND_OF.items() if isinstance(value, classes)), "object")
    is_long = kind == "number" and isinstance(value, int) and abs(value) > canonical.MAX_SAFE
    return "string" if kind == "number" and (is_long or not any("number" in json_kinds(one, names) for one in type_.members)) else kind


def is_meant(member: Type, fitting: list[Type], value: Any, names: Names) -> bool:
    """Whether a value, an instance or a mapping, is of this one of several objects: by the field that tells them apart."""
    field = fields_of(member, names)[discriminator(fitting, names) or ""]
    said = value.get(field.name) if isinstance(value, Mapping) else getattr(value, field.attribute or field.name, None)
    enumeration = names[field.type.name]                                          # type: ignore[union-attr]
    return isinstance(enumeration, Enumeration) and value_of(enumeration, said) is not None
