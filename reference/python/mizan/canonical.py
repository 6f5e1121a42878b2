"""
JSON at its strictest: reads I-JSON, writes canonical JSON.

Source: the spec's ground rules on JSON; RFC 7493 (I-JSON), RFC 8259 (grammar), RFC 8785 (canonical form), ECMA-262 Number::toString.
Errors: NotIJson, whose `kind` says which rule: syntax, number or depth.
Units:  nesting counts the open brackets of the whole document; a digits-only number is one whose text is `-?[0-9]+`.
"""
import json
import re
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring as string_text  # as RFC 8785, 3.2.2.2, has it: a short escape, else \u00xx
from typing import Any

MAX_SAFE = 2**53 - 1
MAX_DEPTH = 64
MAX_INT_DIGITS = len(str(MAX_SAFE)) + 1                 # and a sign: a longer token is refused before it costs a conversion
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)      # without its end too: what was looked at is not looked at again
BRACKET = re.compile(r"[\[\]{}]")
PLANE_ENDS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
NO_CHARACTER = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{PLANE_ENDS}]")     # surrogates and noncharacters (RFC 7493 section 2.1)
SUSPECT_ESCAPE = re.compile(r"\\u[dDfF]")              # only these can spell one


class NotIJson(ValueError):
    """A document or a value that I-JSON cannot hold. `kind`: syntax, number or depth."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read(raw: bytes) -> Any:
    """
    Reads one I-JSON document. A digits-only token is an int, every other number, `-0` among them, a float, and never -0.0.

    Raises: NotIJson.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotIJson("syntax", "the document is not UTF-8") from error
    check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=members, parse_int=int_token, parse_float=float_token, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise NotIJson("syntax", f"the document is not JSON: {error.msg}") from error
    check_characters(text, value)
    return value


def depth_of(text: str) -> int:
    """Returns: the most brackets open at once, brackets inside strings aside."""
    deepest = depth = 0
    for bracket in BRACKET.findall(STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def check_depth(text: str) -> None:
    """Raises: NotIJson, beyond 64 open brackets: before the parser, which recurses, sees the text. Few brackets need no look at each."""
    if text.count("[") + text.count("{") >= MAX_DEPTH and depth_of(text) > MAX_DEPTH:
        raise NotIJson("depth", f"the document nests deeper than {MAX_DEPTH}")


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Makes an object of its members. Raises: NotIJson, for a doubled key."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotIJson("syntax", "an object has the same member twice")
    return result


def int_token(token: str) -> int | float:
    """Reads a digits-only token; `-0` is no int. Raises: NotIJson, beyond ±(2^53-1)."""
    if token == "-0":                                   # noqa: S105 (a number's text)
        return 0.0
    if len(token) > MAX_INT_DIGITS or abs(int(token)) > MAX_SAFE:
        raise NotIJson("number", "an integer is beyond 2^53-1")
    return int(token)


def float_token(token: str) -> float:
    """Reads a token with a fraction or an exponent. Raises: NotIJson, where no double can hold it."""
    value = float(token) + 0.0                          # -0.0 + 0.0 is 0.0
    if value in (float("inf"), float("-inf")):
        raise NotIJson("number", "a number overflows a double")
    return value


def constant(token: str) -> Any:
    """Raises: NotIJson, always: NaN, Infinity and -Infinity are not JSON."""
    raise NotIJson("syntax", f"{token} is not JSON")


def check_characters(text: str, value: Any) -> None:
    """Raises: NotIJson, for a lone surrogate or a noncharacter, written out or as an escape."""
    if not is_text(text) or (SUSPECT_ESCAPE.search(text) and not is_text(json.dumps(value, ensure_ascii=False))):
        raise NotIJson("syntax", "a string holds a lone surrogate or a noncharacter")


def is_text(text: str) -> bool:
    """Whether I-JSON can hold a text: no surrogate and no noncharacter in it."""
    return text.isascii() or NO_CHARACTER.search(text) is None


def write(value: Any) -> bytes:
    """
    Writes canonical JSON (RFC 8785).

    Args: `value`: None, bool, int, float, str, list, tuple, dict with string keys, nested.
    Raises: NotIJson: a number that is not finite or prints as digits beyond ±(2^53-1), a lone surrogate, a noncharacter, another type,
        a cycle.
    """
    try:
        text = TEXTS[type(value)](value)
    except RecursionError as error:
        raise NotIJson("depth", "the value nests too deep, or holds itself") from error
    if not is_text(text):
        raise NotIJson("syntax", "a string holds a lone surrogate or a noncharacter")
    return text.encode("utf-8")


class Texts(dict[type, Callable[[Any], str]]):
    """What writes values of a type; a subclass is written as the first of these types that it is one of."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return next((text for known, text in self.items() if issubclass(kind, known)), not_json)


def object_text(value: dict[str, Any]) -> str:
    return "{" + ",".join([f"{string_text(key)}:{TEXTS[type(value[key])](value[key])}" for key in in_order(value)]) + "}"


def in_order(keys: Iterable[Any]) -> list[str]:
    """Returns: the keys as RFC 8785 sorts them; those of ASCII are in order as they are. Raises: NotIJson, for a key that is no string."""
    try:
        is_plain = "".join(keys).isascii()
    except TypeError:
        is_plain = False
    return sorted(keys) if is_plain else sorted(keys, key=utf16)


def list_text(value: list[Any] | tuple[Any, ...]) -> str:
    return "[" + ",".join([TEXTS[type(item)](item) for item in value]) + "]"


def literal_text(value: bool | None) -> str:
    return "null" if value is None else "true" if value else "false"


def not_json(value: Any) -> str:
    raise NotIJson("syntax", f"{type(value).__name__} is not a JSON value")


def utf16(key: Any) -> bytes:
    """Returns: what RFC 8785 sorts keys by: UTF-16 code units, not code points. Raises: NotIJson, for a key that is no string."""
    if not isinstance(key, str):
        raise NotIJson("syntax", f"an object's key is of type {type(key).__name__}; wanted a string")
    return key.encode("utf-16-be", "surrogatepass")


def int_text(value: int) -> str:
    if abs(value) > MAX_SAFE:
        raise NotIJson("number", "an integer is beyond 2^53-1")
    return str(int(value))


def float_text(value: float) -> str:
    """Returns: a double as ECMAScript prints it. Raises: NotIJson, if not finite, or where that is digits beyond ±(2^53-1)."""
    if value != value or value in (float("inf"), float("-inf")):
        raise NotIJson("number", "a number is not finite")
    text = ecmascript_text(value)
    if value.is_integer() and abs(value) > MAX_SAFE and "e" not in text:
        raise NotIJson("number", "a number prints as an integer beyond 2^53-1")
    return text


def ecmascript_text(value: float) -> str:
    """Lays the shortest digits that give the double back (Python's repr finds them) out as ECMA-262 Number::toString does."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(float(value))).partition("e")
    whole, _, fraction = mantissa.partition(".")
    all_digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + (len(whole) if whole != "0" else len(all_digits) - len(fraction))
    digits = all_digits.rstrip("0")
    return sign + laid_out(digits, point)


def laid_out(digits: str, point: int) -> str:
    """Returns: 0.`digits` times ten to the power of `point`, as ECMAScript writes it: plain from 1e-6 to below 1e21, else an exponent."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


TEXTS = Texts({
    str: string_text, bool: literal_text, type(None): literal_text, int: int_text, float: float_text, dict: object_text, list: list_text, tuple: list_text})
