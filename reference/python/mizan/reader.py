"""
Wire JSON to Python values, by their declared type: no coercion, every mismatch reported.

Source: the spec's ground rules on input and on `errors`; RFC 6901 (pointers).
Errors: none raised: readers return what they read and the mismatches, sorted and cut; with mismatches the value means nothing.

While a value is read its place is a Path, whose long keys nobody copies: a text would cost its length at each value below the key.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pydantic

from mizan import canonical, texts
from mizan.errors import MISMATCH_LIMIT, Mismatch
from mizan.types import (
    Enumeration,
    Field,
    List,
    Map,
    Names,
    Nullable,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
    fields_of,
)
from mizan.unions import discriminator, json_kinds
from mizan.upload import Upload

MESSAGE = {
    "missing": "a required member is absent", "unknown": "there is a member that is not declared", "null": "null is not allowed here",
    "choice": "not one of the declared values", "range": "beyond what the declared type can hold", "length": "too short or too long",
    "duplicate": "given more than once", "rule": "a rule of the declared type refuses it", "format": "not in the form of the declared type",
}
POINTER_BYTES = 1_024
Path: TypeAlias = tuple[str, ...]                        # the tokens of a pointer, each escaped and with a slash behind it
JSON_KIND = {type(None): "null", bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
RULE_CODES = {                                           # Pydantic's names for constraints that a model declares
    "greater_than": "range", "greater_than_equal": "range", "less_than": "range", "less_than_equal": "range", "multiple_of": "range",
    "string_too_short": "length", "string_too_long": "length", "too_short": "length", "too_long": "length", "bytes_too_short": "length",
    "bytes_too_long": "length", "string_pattern_mismatch": "format",
}


@dataclass
class Reading:
    """What a reader knows beside type, value and pointer: the named types, how text forms are spelt; and what it found wrong."""

    names: Names
    spelling: texts.Spelling = texts.BODY
    found: list[tuple[Path, str, str]] = field(default_factory=list)

    def note(self, path: Path, code: str, message: str | None = None) -> None:
        """Notes a mismatch; the message is the code's own unless given, and never holds input."""
        self.found.append((path, code, message or MESSAGE[code]))

    def mismatches(self) -> list[Mismatch]:
        """Returns: what was noted, at pointers that are not too long, each once, sorted by pointer and code as bytes and cut."""
        found = dict.fromkeys((shortened(path), code, message) for path, code, message in self.found)
        first = sorted(found, key=lambda one: (sorts_as(one[0]), *one[1:]))[:MISMATCH_LIMIT]
        return [Mismatch(pointer_of(path), code, message) for path, code, message in first]


def read(type_: Type, value: Any, names: Names, pointer: str = "") -> tuple[Any, list[Mismatch]]:
    """Reads one JSON value (of `canonical.read`). Returns: (Python value, mismatches under `pointer`)."""
    reading = Reading(names)
    return read_value(type_, value, path_of(pointer), reading), reading.mismatches()


def read_members(
    fields: Mapping[str, Field], given: Mapping[str, Any], names: Names, pointer: str = ""
) -> tuple[dict[str, Any], list[Mismatch]]:
    """Reads arguments or parameters. Returns: (every effective value by name, defaults filled in; mismatches)."""
    reading = Reading(names)
    values = members(fields, given, path_of(pointer), reading)
    fill_defaults(fields, values, names)
    return values, reading.mismatches()


def fill_defaults(fields: Mapping[str, Field], values: dict[str, Any], names: Names) -> None:
    """Adds the constant default of every field that has one and is absent; each is made anew, so that nobody shares it."""
    reading = Reading(names)
    for name, one in fields.items():
        if name not in values and one.default is not None:
            values[name] = read_value(one.type, one.wire_default, (), reading)


def members(fields: Mapping[str, Field], given: Mapping[str, Any], path: Path, reading: Reading) -> dict[str, Any]:
    """Reads the members that are there, by their wire name; notes missing ones at their own pointer, unknown ones once at the parent."""
    if not has_known_members_alone(fields, given):
        reading.note(path, "unknown")
    for name, one in fields.items():
        if name not in given and one.required:
            reading.note(below(path, name), "missing")
    return {name: read_value(one.type, given[name], below(path, name), reading) for name, one in fields.items() if name in given}


def has_known_members_alone(fields: Mapping[str, Field], given: Mapping[str, Any]) -> bool:
    return fields.keys() >= given.keys()


def escaped(token: str | int) -> str:
    """Returns: a token as it stands in a pointer (RFC 6901)."""
    return str(token).replace("~", "~0").replace("/", "~1")


def child(pointer: str, token: str | int) -> str:
    """Returns: the pointer of a member or item."""
    return f"{pointer}/{escaped(token)}"


def below(path: Path, token: str | int) -> Path:
    """Returns: the path of a member or item."""
    return (*path, f"{escaped(token)}/")


def path_of(pointer: str) -> Path:
    return tuple(f"{token}/" for token in pointer.split("/")[1:])


def pointer_of(path: Path) -> str:
    return "".join(("/", *path))[:-1]


def shortened(path: Path) -> Path:
    """Returns: the path, or the longest one above it whose pointer is not too long."""
    taken = 0
    for place, token in enumerate(path):
        taken += bytes_of(token)
        if taken > POINTER_BYTES:
            return path[:place]
    return path


def bytes_of(token: str) -> int:
    """Returns: how many bytes of UTF-8 a token has; of one that is too long in characters already, those: a long key is not copied."""
    return len(token) if token.isascii() or len(token) > POINTER_BYTES else len(token.encode())


def sorts_as(path: Path) -> Path:
    """Returns: what sorts a path as its pointer sorts: no slash behind the last token."""
    return (*path[:-1], path[-1][:-1]) if path else path


def read_value(type_: Type, value: Any, path: Path, reading: Reading) -> Any:
    """Reads one value; notes what differs. Returns: the Python value, or None where something differed."""
    match type_:
        case Nullable(of):
            return None if value is None else read_value(of, value, path, reading)
        case Scalar("json"):
            return any_json(value, path, reading)
        case Scalar(kind):
            return scalar(kind, value, path, reading)
        case _ if value is None:
            return reading.note(path, "null")
        case Ref(name):
            return named_value(reading.names[name], value, path, reading)
        case List(item):
            return list_items(item, value, path, reading)
        case Map(item):
            return map_items(item, value, path, reading)
        case Union():
            return union_member(type_, value, path, reading)


def scalar(kind: str, value: Any, path: Path, reading: Reading) -> Any:
    if value is None and kind != "null":
        return reading.note(path, "null")
    if kind in reading.spelling.read:
        return text_form(kind, value, path, reading)
    if not is_of_kind(kind, value):
        return reading.note(path, "type", f"wanted {kind}")
    return read_float(value, path, reading) if kind == "float" else value


def is_of_kind(kind: str, value: Any) -> bool:
    """Whether a JSON value is of a scalar type, by its token: `"5"`, `5.0` and `true` are not ints; an upload never stands in JSON."""
    match kind:
        case "int":
            return type(value) is int
        case "float":
            return type(value) is int or type(value) is float
        case "bool":
            return type(value) is bool
        case "string":
            return type(value) is str
        case "null":
            return value is None
        case "upload":
            return isinstance(value, Upload)
    return False


def text_form(kind: str, value: Any, path: Path, reading: Reading) -> Any:
    if type(value) is not str:
        return reading.note(path, "type", f"wanted {kind}, as a string")
    try:
        return reading.spelling.read[kind](value)
    except texts.BadText as error:
        return reading.note(path, error.code)


def read_float(value: int | float, path: Path, reading: Reading) -> Any:
    """Returns: a float. Notes `range` where it would print as digits beyond ±(2^53-1)."""
    if not is_sayable(float(value)):
        return reading.note(path, "range")
    return float(value)


def is_sayable(number: float) -> bool:
    """Whether canonical JSON can say a double."""
    try:
        canonical.float_text(number)
    except canonical.NotIJson:
        return False
    return True


def any_json(value: Any, path: Path, reading: Reading) -> Any:
    """Returns: the value as it is, in containers of its own. Notes `range` for a number inside that canonical JSON cannot say."""
    if isinstance(value, dict):
        return {key: any_json(item, below(path, key), reading) for key, item in value.items()}
    if isinstance(value, list):
        return [any_json(item, below(path, index), reading) for index, item in enumerate(value)]
    return read_float(value, path, reading) if type(value) is float else value


def named_value(named: Enumeration | Record, value: Any, path: Path, reading: Reading) -> Any:
    if isinstance(named, Enumeration):
        return enum_member(named, value, path, reading)
    if type(value) is not dict:
        return reading.note(path, "type", f"wanted an object {named.name}")
    return record(named, value, path, reading)


def enum_member(named: Enumeration, value: Any, path: Path, reading: Reading) -> Any:
    if type(value) is not type(named.values[0]):
        return reading.note(path, "type", f"wanted a value of {named.name}")
    if value not in named.values:
        return reading.note(path, "choice")
    return named.python(value) if named.python is not None else value


def record(named: Record, value: dict[str, Any], path: Path, reading: Reading) -> Any:
    """Reads an object's members, then makes the Python object, whose own rules may refuse it too."""
    fields = {one.name: one for one in named.fields}
    found = len(reading.found)
    values = members(fields, value, path, reading)
    if len(reading.found) > found:
        return None
    if named.python is None:
        fill_defaults(fields, values, reading.names)
        return values
    return made(named, values, path, reading)


def made(named: Record, values: dict[str, Any], path: Path, reading: Reading) -> Any:
    """Makes the Python object; absent members are left to the class's own defaults. Notes what its validators refuse."""
    is_model = issubclass(named.python, pydantic.BaseModel)
    arguments = values if is_model else {one.attribute or one.name: values[one.name] for one in named.fields if one.name in values}
    try:
        return named.python(**arguments)
    except pydantic.ValidationError as error:
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            place = one["loc"] if one["loc"] and one["loc"][0] in values else ()
            reading.note((*path, *(f"{escaped(token)}/" for token in place)), RULE_CODES.get(one["type"], "rule"))
    except ValueError:
        reading.note(path, "rule")
    return None


def list_items(item: Type, value: Any, path: Path, reading: Reading) -> Any:
    if type(value) is not list:
        return reading.note(path, "type", "wanted a list")
    return [read_value(item, one, below(path, index), reading) for index, one in enumerate(value)]


def map_items(item: Type, value: Any, path: Path, reading: Reading) -> Any:
    if type(value) is not dict:
        return reading.note(path, "type", "wanted an object")
    return {key: read_value(item, one, below(path, key), reading) for key, one in value.items()}


def union_member(type_: Union, value: Any, path: Path, reading: Reading) -> Any:
    """Reads a value as the one member of its JSON kind; several objects are told apart by a field."""
    fitting = [one for one in type_.members if JSON_KIND[type(value)] in json_kinds(one, reading.names)]
    if not fitting:
        return reading.note(path, "type", "wanted a value of a declared JSON kind")
    if len(fitting) > 1:
        return told_apart(fitting, value, path, reading)
    read = read_value(fitting[0], value, path, reading)
    return texts.Long(read) if is_beside_number(fitting[0], type_, reading.names) and read is not None else read


def is_beside_number(member: Type, type_: Union, names: Names) -> bool:
    """Whether a member of a union is int64 and another one a number: both are ints to Python."""
    return member == Scalar("int64") and any("number" in json_kinds(one, names) for one in type_.members)


def told_apart(fitting: list[Type], value: dict[str, Any], path: Path, reading: Reading) -> Any:
    """Reads an object as the member whose enum holds its discriminator; notes a discriminator that is missing or chooses none."""
    name = discriminator(fitting, reading.names) or ""
    if name not in value:
        return reading.note(below(path, name), "missing")
    enums = {one: reading.names[fields_of(one, reading.names)[name].type.name] for one in fitting}      # type: ignore[union-attr]
    for one, enum in enums.items():
        if isinstance(enum, Enumeration) and any(type(v) is type(value[name]) and v == value[name] for v in enum.values):
            return read_value(one, value, path, reading)
    kinds = {type(v) for enum in enums.values() if isinstance(enum, Enumeration) for v in enum.values}
    code = "choice" if type(value[name]) in kinds else "null" if value[name] is None else "type"
    return reading.note(below(path, name), code, MESSAGE.get(code, "wanted a value that chooses the object"))
