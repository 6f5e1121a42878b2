"""
A bundle's query: raw bytes to effective values, and back. One value has one spelling.

Source: the spec's page on contexts (parameters, the query, one spelling for each value).
Errors: none raised: `decode` returns the mismatches; pointers go into the object of parameters, such as `/user_id` and `/numbers/1`.
Units:  pieces between `&`, raw bytes before anything is decoded.
"""
import re
from collections.abc import Mapping
from typing import Any

from mizan import canonical, reader, texts, writer
from mizan.errors import Mismatch
from mizan.reader import Path, Reading, below
from mizan.types import Enumeration, Field, List, Names, Ref, Scalar, Type, base

LIMIT_PIECES = 64
LIMIT_BYTES = 8192
JSON_SUFFIX = ".json"
ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
UNESCAPED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
PLAIN_KINDS = frozenset({"int", "int64", "float", "bool", "string", "decimal", "date", "datetime", "uuid", "bytes"})
TOKENS = frozenset({"int", "float", "bool"})          # spelt as their JSON; every other kind has a text form


class BadQuery(ValueError):
    """A query that cannot be split into names and values. `code` stands alone, at the empty pointer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def decode(raw: bytes, parameters: Mapping[str, Field], names: Names) -> tuple[dict[str, Any], list[Mismatch]]:
    """
    Reads a query.

    Args: `raw`: the bytes after `?`; `names`: the named types that the parameters reach.
    Returns: (every effective value by parameter, as Python, defaults filled in; mismatches, sorted and cut).
    """
    try:
        found = grouped(pairs(raw))
    except BadQuery as error:
        return {}, [Mismatch("", error.code, reader.MESSAGE[error.code])]
    reading = Reading(names, texts.KEY)
    values = {
        name: parameter(one, found.get(name, []), found.get(name + JSON_SUFFIX, []), reading)
        for name, one in parameters.items() if name in found or name + JSON_SUFFIX in found
    }
    if has_unknown(found, parameters):
        reading.note((), "unknown")
    for name, one in parameters.items():
        if name not in values and one.required:
            reading.note(below((), name), "missing")
    reader.fill_defaults(parameters, values, names)
    return values, reading.mismatches()


def pairs(raw: bytes) -> list[tuple[str, str]]:
    """Splits a raw query at `&`, each piece at its first `=`, then decodes. Raises: BadQuery."""
    if len(raw) > LIMIT_BYTES:
        raise BadQuery("length")
    pieces = [piece for piece in raw.split(b"&") if piece]
    if len(pieces) > LIMIT_PIECES:
        raise BadQuery("length")
    return [pair(piece) for piece in pieces]


def pair(piece: bytes) -> tuple[str, str]:
    """Raises: BadQuery, for a piece without `=`, a bad escape or bad UTF-8."""
    name, equals, value = piece.partition(b"=")
    if not equals:
        raise BadQuery("format")
    return unescaped(name), unescaped(value)


def unescaped(raw: bytes) -> str:
    """Decodes `+` as a space, then percent escapes, then UTF-8. Raises: BadQuery."""
    if BAD_ESCAPE.search(raw):
        raise BadQuery("format")
    decoded = ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw.replace(b"+", b" "))
    try:
        return decoded.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadQuery("format") from error


def grouped(found: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns: the values of each name, in the order of the query."""
    groups: dict[str, list[str]] = {}
    for name, value in found:
        groups.setdefault(name, []).append(value)
    return groups


def has_unknown(found: Mapping[str, Any], parameters: Mapping[str, Field]) -> bool:
    """Whether a name is neither a parameter nor a parameter with `.json`."""
    return any(name not in parameters and name.removesuffix(JSON_SUFFIX) not in parameters for name in found)


def parameter(one: Field, plain: list[str], spelt: list[str], reading: Reading) -> Any:
    """
    Reads one parameter from what the query gives for it.

    Args: `plain`: the values of `name=`; `spelt`: those of `name.json=`. One of them has some.
    """
    path = below((), one.name)
    if plain and spelt:
        return reading.note(path, "duplicate")
    if spelt:
        return json_parameter(one.type, spelt, path, reading)
    inner = base(one.type)
    if isinstance(inner, List) and is_plain(inner.item, reading.names):
        return [plain_value(inner.item, text, below(path, index), reading) for index, text in enumerate(plain)]
    if len(plain) > 1:
        return reading.note(path, "duplicate")
    return plain_value(inner, plain[0], path, reading)


def is_plain(type_: Type, names: Names) -> bool:
    """Whether a type is a scalar: its values, but for null and the empty text, have a plain spelling."""
    if isinstance(type_, Ref):
        return isinstance(names[type_.name], Enumeration)
    return isinstance(type_, Scalar) and type_.kind in PLAIN_KINDS


def plain_value(type_: Type, text: str, path: Path, reading: Reading) -> Any:
    """Reads a scalar from its plain spelling, or notes that the type or the text has none."""
    if isinstance(type_, Ref) and is_plain(type_, reading.names):
        return plain_enum(type_, text, path, reading)
    if not isinstance(type_, Scalar) or type_.kind not in PLAIN_KINDS:
        return reading.note(path, "format")
    kind = type_.kind
    if kind == "string":
        return text if canonical.is_text(text) else reading.note(path, "format")
    if kind in TOKENS:
        return plain_token(kind, text, path, reading)
    return reader.read_value(type_, text, path, reading) if text else reading.note(path, "format")


def plain_token(kind: str, text: str, path: Path, reading: Reading) -> Any:
    """Reads an int, float or bool; notes `range` for what is in its spelling and too big, `type` for any other spelling."""
    if kind == "bool":
        return text == "true" if text in ("true", "false") else reading.note(path, "type", "wanted true or false")
    if not (texts.INT if kind == "int" else FLOAT).match(text):
        return reading.note(path, "type", f"wanted {kind}")
    try:
        value: Any = canonical.int_token(text) if kind == "int" else canonical.float_token(text)
        said = canonical.write(value).decode()
    except canonical.NotIJson:
        return reading.note(path, "range")
    return value if said == text else reading.note(path, "type", f"wanted {kind} in its one spelling")


def plain_enum(type_: Ref, text: str, path: Path, reading: Reading) -> Any:
    """Reads an enum from the text of its value; the empty text has no plain spelling."""
    named = reading.names[type_.name]
    assert isinstance(named, Enumeration)
    value = next((one for one in named.values if str(one) == text and text), None)
    return reading.note(path, "choice") if value is None else reader.enum_member(named, value, path, reading)


def json_parameter(type_: Type, spelt: list[str], path: Path, reading: Reading) -> Any:
    """Reads a parameter from `name.json=`: canonical JSON of a value that has no plain spelling."""
    if len(spelt) > 1:
        return reading.note(path, "duplicate")
    try:
        value = canonical.read(spelt[0].encode("utf-8"))
        is_canonical = canonical.write(value).decode("utf-8") == spelt[0]
    except canonical.NotIJson:
        return reading.note(path, "format")
    if not is_canonical or has_plain_spelling(type_, value, reading.names):
        return reading.note(path, "format")
    return reader.read_value(type_, value, path, reading)


def has_plain_spelling(type_: Type, value: Any, names: Names) -> bool:
    """Whether a JSON value of a type must be spelt plainly: a scalar that is not null, a list of scalars that is not empty."""
    inner = base(type_)
    if isinstance(inner, List):
        is_said = isinstance(value, list) and value != [] and all(is_plainly_said(inner.item, one) for one in value)
        return is_said and is_plain(inner.item, names)
    return is_plain(inner, names) and is_plainly_said(inner, value)


def is_plainly_said(type_: Type, value: Any) -> bool:
    """Whether one value of a scalar type has a plain spelling: it is not null, and not the empty text of another type than string."""
    return value is not None and (value != "" or type_ == Scalar("string"))


def encode(values: Mapping[str, Any], parameters: Mapping[str, Field], names: Names) -> str:
    """
    Writes a query: names in bytes order, everything escaped but `A-Za-z0-9-._~`, in upper-case hex.

    Args: `values`: Python values by parameter; those left out take their default where the query is read.
    Raises: WrongOutput.
    """
    wire = {name: writer.write_key(parameters[name].type, value, names) for name, value in values.items()}
    said = [one for name in sorted(wire) for one in spellings(name, parameters[name].type, wire[name], names)]
    return "&".join(f"{escaped(name)}={escaped(text)}" for name, text in said)


def spellings(name: str, type_: Type, value: Any, names: Names) -> list[tuple[str, str]]:
    """Returns: the pairs that say one value."""
    if not has_plain_spelling(type_, value, names):
        return [(name + JSON_SUFFIX, canonical.write(value).decode("utf-8"))]
    return [(name, plain_text(one)) for one in (value if isinstance(value, list) else [value])]


def plain_text(value: Any) -> str:
    return value if isinstance(value, str) else canonical.write(value).decode("utf-8")


def escaped(text: str) -> str:
    return "".join(chr(byte) if byte in UNESCAPED else f"%{byte:02X}" for byte in text.encode("utf-8"))
