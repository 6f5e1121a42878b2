"""
What the judge computes itself: canonical JSON, a query, the invalidation header, and what covers what.

Source: RFC 8785 and RFC 9651 by unrelated libraries; the rest written from spec/ground.md, spec/context.md, spec/scoping.md and
spec/invalidate-header.md, and held by the oracle pins. Raises: ValueError, for what the protocol does not say. Units: bytes.
"""
import collections
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import http_sf
import rfc8785

from afi import ijson
from afi.model import ABSENT, Special

Entry = dict[str, Any]

HEADER_BYTES, HEADER_MEMBERS = 2048, 32
EVERYTHING = "*"
SAFE = ijson.SAFE
PLAIN_INTEGERS = 10**21             # RFC 8785: doubles below this that are whole print as digits alone
SEGMENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
HEADER_INTEGER = 10**15 - 1         # RFC 9651, 3.3.1
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
UNSAFE_IN_QUERY = re.compile(rb"[^A-Za-z0-9\-._~]")
UNSAFE_IN_DISPLAY = re.compile(rb'[%"]|[^\x20-\x7e]')


def canonical(value: Any) -> bytes:
    """Writes RFC 8785. Raises: ValueError, for a number that would print as digits beyond 2^53-1 and for all that is no I-JSON."""
    _refuse_long_digits(value)
    return rfc8785.dumps(value)


def _refuse_long_digits(value: Any) -> None:
    if isinstance(value, float) and SAFE < abs(value) < PLAIN_INTEGERS:
        raise ValueError(f"{value!r} would print as digits beyond 2^53-1")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        _refuse_long_digits(one)


# -- the query ---------------------------------------------------------------------------------------------------------------

def query(params: Mapping[str, Any], as_json: Collection[str] = ()) -> str:
    """
    Writes a query, names in bytes order.

    Args: params: name -> JSON value, text forms as their text; as_json: names whose type has no bare spelling (`json`, a union).
    """
    pairs = []
    for name in sorted(params, key=str.encode):
        value = params[name]
        if name not in as_json and _scalar(value):
            pairs.append((name, _bare(value)))
        elif name not in as_json and isinstance(value, list) and value and all(map(_scalar, value)):
            pairs += [(name, _bare(one)) for one in value]
        else:
            pairs.append((f"{name}.json", canonical(value)))
    return "&".join(f"{escaped(name.encode())}={escaped(text)}" for name, text in pairs)


def _scalar(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str))


def _bare(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else canonical(value)


def escaped(raw: bytes) -> str:
    """Escapes all but letters, digits and `-._~`, in upper-case hex."""
    return UNSAFE_IN_QUERY.sub(lambda found: b"%%%02X" % ord(found[0]), raw).decode("ascii")


# -- entries -----------------------------------------------------------------------------------------------------------------

def covers(a: Entry, b: Entry) -> bool:
    """Whether all that `b` makes stale, `a` makes stale too: equal contexts, and each (name, canonical value) of `a` in `b`."""
    return bool(a["context"] == b["context"] and _pairs(a) <= _pairs(b))


def _pairs(entry: Entry) -> frozenset[tuple[str, bytes]]:
    return frozenset((name, canonical(value)) for name, value in entry.get("params", {}).items())


def normalise(entries: Iterable[Entry]) -> list[Entry]:
    """Drops what another entry covers, then sorts by context and by canonical params, absent ones as the empty text."""
    by_context: dict[str, dict[frozenset[tuple[str, bytes]], Entry]] = {}
    for one in entries:
        by_context.setdefault(one["context"], {}).setdefault(_pairs(one), one)
    kept = [one for scopes in by_context.values() for pairs, one in scopes.items() if not any(other < pairs for other in scopes)]
    return sorted(kept, key=lambda one: (one["context"].encode(), canonical(one["params"]) if one.get("params") else b""))


# -- the header --------------------------------------------------------------------------------------------------------------

def header_encode(entries: Iterable[Entry]) -> str | Special:
    """
    Writes X-Mizan-Invalidate: widened, normalised, collapsed.

    Returns: the field's value, or ABSENT when there is nothing to say. Raises: ValueError, for a name outside the grammar.
    """
    entries = list(entries)
    for name in (name for one in entries for name in (one["context"], *one.get("params", {}))):
        if not SEGMENT.fullmatch(name):
            raise ValueError(f"{name!r} is no name")
    stale = normalise(one if all(map(_sayable, one.get("params", {}).values())) else {"context": one["context"]} for one in entries)
    while _over(stale):
        sizes = collections.Counter(one["context"] for one in stale if one.get("params"))
        if not sizes:
            return EVERYTHING
        most = min(sizes, key=lambda name: (-sizes[name], name.encode()))
        stale = normalise([*(one for one in stale if one["context"] != most), {"context": most}])
    return _spelled(stale) if stale else ABSENT


def _over(stale: list[Entry]) -> bool:
    return len(stale) > HEADER_MEMBERS or len(_spelled(stale)) > HEADER_BYTES


def _spelled(stale: list[Entry]) -> str:
    return ", ".join(one["context"] + "".join(f";{name}{_value(value)}" for name, value in sorted(one.get("params", {}).items()))
                     for one in stale)


def _sayable(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) <= HEADER_INTEGER
    return isinstance(value, str) and not CONTROL.search(value)


def _value(value: bool | int | str) -> str:
    """One parameter's value with its equals sign; RFC 9651, 4.1.1.2 leaves both out for true."""
    if isinstance(value, bool):
        return "" if value else "=?0"
    if isinstance(value, int):
        return f"={value}"
    if value.isascii():
        return '="' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    return '=%"' + UNSAFE_IN_DISPLAY.sub(lambda found: b"%%%02x" % ord(found[0]), value.encode()).decode("ascii") + '"'


def header_parse(text: str) -> list[Entry]:
    """
    Reads X-Mizan-Invalidate as it stands, without normalising.

    Returns: its entries; none for the empty field, and the one entry of the context `*` for `*`. Raises: ValueError, for what is no List
    of Tokens with parameters that are Integers, Booleans, Strings or Display Strings: who reads it then treats everything as invalid.
    """
    members = http_sf.parse(text.encode("ascii"), tltype="list")
    if not isinstance(members, list):
        raise ValueError(f"{text!r} is no List")
    if members == [(http_sf.Token(EVERYTHING), {})]:
        return [{"context": EVERYTHING}]
    return [_entry(member) for member in members]


def _entry(member: Any) -> Entry:
    token, params = member if isinstance(member, tuple) else (member, {})
    if not isinstance(token, http_sf.Token) or not SEGMENT.fullmatch(str(token)):
        raise ValueError(f"{token!r} is no name of a context")
    read = {name: _read(name, value) for name, value in params.items()}
    return {"context": str(token), **({"params": read} if read else {})}


def _read(name: str, value: Any) -> bool | int | str:
    if not SEGMENT.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a parameter")
    if isinstance(value, http_sf.DisplayString):
        return str(value)
    if type(value) in (bool, int, str):
        return value                                                        # type: ignore[no-any-return]
    raise ValueError(f"{name!r} is a {type(value).__name__}, which no parameter is")


# -- the judge as an oracle --------------------------------------------------------------------------------------------------

def _canonical_json(given: Mapping[str, str]) -> tuple[str, str]:
    try:
        raw = bytes.fromhex(given["text_hex"]) if "text_hex" in given else given["text"].encode()
        return "ok", canonical(ijson.load(raw)).decode()
    except ijson.NotIJsonError as error:
        return "err", error.word if error.word in ("number", "depth") else "syntax"
    except rfc8785.CanonicalizationError:
        return "err", "syntax"
    except ValueError:
        return "err", "number"


def _invalidate_encode(given: Mapping[str, str]) -> tuple[str, str]:
    try:
        field = header_encode(json.loads(given["entries"]))
    except ValueError:
        return "err", "name"
    return "ok", "" if isinstance(field, Special) else field


def _invalidate_decode(given: Mapping[str, str]) -> tuple[str, str]:
    try:
        return "ok", canonical(header_parse(given["header"])).decode()
    except ValueError:
        return "err", "syntax"


ORACLE = {"canonical_json": _canonical_json, "invalidate_encode": _invalidate_encode, "invalidate_decode": _invalidate_decode}
