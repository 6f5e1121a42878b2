"""
The judge's own strict reader of I-JSON: bytes -> value, or NotIJsonError.

Source: RFC 8259, RFC 7493; spec/ground.md. Raises: NotIJsonError alone, whatever the bytes; 8 MiB of them in under a second.
The standard library's scanner does the reading; what it lets through is refused by the hooks around it.
"""
import itertools
import json
import math
import re
from typing import Any, NoReturn

DEPTH = 64                          # open brackets of the whole document
SAFE = 2**53 - 1                    # RFC 7493, 2.2: beyond it a double no longer tells two integers apart
SAFE_DIGITS = len(str(SAFE))
STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
NO_BRACKET = bytes(set(range(256)) - STEP.keys())
TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)      # a text that never ends runs to the end: no second look
ESCAPED = re.compile(r"\\u[dDfF][89a-fA-F]")
LAST_OF_PLANES = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
NO_CHARACTER = {                    # RFC 7493, 2.1
    "surrogate": re.compile("[\ud800-\udfff]"),
    "noncharacter": re.compile(f"[\ufdd0-\ufdef{LAST_OF_PLANES}]"),
}



class NotIJsonError(ValueError):
    """Bytes that no reader may repair; `word` is bom, utf-8, syntax, depth, duplicate, number, surrogate or noncharacter."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(f"{word}: {detail}")
        self.word = word


def load(raw: bytes, depth: int = DEPTH) -> Any:
    """
    Reads one document. Args: depth: how many brackets may be open at once.

    Returns: None, bool, int, float, str, list or dict; a token of digits alone is an int, any other number a float, and so is `-0`.
    Raises: NotIJsonError.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raise NotIJsonError("bom", "the document begins with a byte order mark")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotIJsonError("utf-8", f"{error.reason} at byte {error.start}") from error
    _refuse_deep(raw, depth)
    try:
        value = json.loads(text, parse_int=_int, parse_float=_float, parse_constant=_constant, object_pairs_hook=_members)
    except json.JSONDecodeError as error:
        raise NotIJsonError("syntax", str(error)) from error
    except RecursionError as error:
        raise NotIJsonError("depth", "more brackets are open at once than the scanner can follow") from error
    if ESCAPED.search(text) or not (text.isascii() or NO_CHARACTER["noncharacter"].search(text) is None):
        _refuse_no_characters(value)
    return value


def _refuse_deep(raw: bytes, depth: int) -> None:
    """Brackets inside texts do not count; most documents have too few brackets to need a look."""
    if raw.count(b"[") + raw.count(b"{") <= depth:
        return
    brackets = TEXT.sub(b"", raw).translate(None, NO_BRACKET)
    if max(itertools.accumulate(map(STEP.__getitem__, brackets)), default=0) > depth:
        raise NotIJsonError("depth", f"more than {depth} brackets are open at once")


def _int(digits: str) -> int | float:
    if digits == "-0":
        return -0.0
    if len(digits.lstrip("-")) > SAFE_DIGITS or abs(int(digits)) > SAFE:
        raise NotIJsonError("number", f"the integer {digits[:40]} lies beyond 2^53-1")
    return int(digits)


def _float(token: str) -> float:
    value = float(token)
    if math.isinf(value):
        raise NotIJsonError("number", f"{token[:40]} overflows a double")
    return value


def _constant(token: str) -> NoReturn:
    raise NotIJsonError("syntax", f"{token} is no JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))       # type: ignore[func-returns-value]
        raise NotIJsonError("duplicate", f"member {name[:40]!r} stands twice")
    return members


def _refuse_no_characters(value: Any) -> None:
    """Walks without recursion, so that `depth` may be any number."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += [*one, *one.values()]
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, str):
            for word, pattern in NO_CHARACTER.items():
                if found := pattern.search(one):
                    raise NotIJsonError(word, f"U+{ord(found[0]):04X} at character {found.start()}")
