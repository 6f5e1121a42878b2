"""
Values of each declared type in their wire form, and declarations of parameters with them, drawn by hypothesis.

Source: spec/context.md, One spelling for each value; spec/ground.md, Types on the wire; spec/sample.md, Types.
"""
import base64
import datetime
from typing import Any

from hypothesis import strategies as st

from afi import expected

SAFE = 2**53 - 1
Strategy = st.SearchStrategy[Any]


def _in_digits_beyond(value: float) -> bool:
    """Whether RFC 8785 would print digits only, more than any reader of the protocol takes."""
    return value.is_integer() and SAFE < abs(value) < 1e21


def _noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _instant(moment: datetime.datetime) -> str:
    span = "microseconds" if moment.microsecond % 1000 else "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=span) + "Z"


def _decimal(parts: tuple[bool, int, str]) -> str:
    negative, whole, fraction = parts
    text = f"{whole}.{fraction.rstrip('0')}".rstrip(".")
    return f"-{text}" if negative and text != "0" else text


CHARACTERS = st.characters(codec="utf-8").filter(lambda char: not _noncharacter(char))
TEXT = st.text(CHARACTERS, max_size=8)
INT = st.integers(-SAFE, SAFE)
FLOAT = st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: not _in_digits_beyond(value)).map(lambda value: value + 0.0)
PLAIN: dict[str, Strategy] = {
    "int": INT, "float": FLOAT, "bool": st.booleans(), "string": TEXT, "int64": st.integers(-2**63, 2**63 - 1).map(str),
    "decimal": st.tuples(st.booleans(), st.integers(0, 10**18), st.text("0123456789", max_size=18)).map(_decimal),
    "date": st.dates().map(datetime.date.isoformat), "datetime": st.datetimes().map(_instant), "uuid": st.uuids().map(str),
    "bytes": st.binary(min_size=1, max_size=6).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()),
}
JSON: Strategy = st.recursive(st.none() | st.booleans() | INT | FLOAT | TEXT,
                              lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=5)
NODE: Strategy = st.recursive(st.fixed_dictionaries({"value": INT}, optional={"next": st.none()}),
                              lambda inner: st.fixed_dictionaries({"value": INT, "next": inner}), max_leaves=3)
POINT = st.fixed_dictionaries({"x": INT}, optional={"y": INT, "label": st.none() | TEXT})

# The parameters of the context `typed` (spec/sample.md); JSON_ONLY are those that have no plain spelling.
KINDS = st.fixed_dictionaries({"text": TEXT}, optional={
    "whole": INT, "big": PLAIN["int64"], "real": FLOAT, "flag": st.booleans(), "price": PLAIN["decimal"], "day": PLAIN["date"],
    "at": PLAIN["datetime"], "uid": PLAIN["uuid"], "raw": PLAIN["bytes"], "color": st.sampled_from(["red", "green", "deep-blue"]),
    "level": st.sampled_from([1, 2, 3]), "numbers": st.lists(INT, max_size=4), "table": st.dictionaries(TEXT, INT, max_size=3),
    "point": POINT, "node": st.none() | NODE, "either": INT | TEXT, "maybe": st.none() | INT, "nothing": st.none(), "free": JSON,
    "bag": st.dictionaries(TEXT, JSON, max_size=2)})
JSON_ONLY = {"table", "point", "node", "either", "nothing", "free", "bag"}


def filled(given: dict[str, Any]) -> dict[str, Any]:
    """Returns: parameters of `typed` with the defaults of the fields of Point and Node filled in."""
    more = {"point": {"y": 0, "label": None, **given["point"]}} if "point" in given else {}
    return {**given, **more, **({"node": _linked(given["node"])} if "node" in given else {})}


def _linked(node: dict[str, Any] | None) -> dict[str, Any] | None:
    return node and {"value": node["value"], "next": _linked(node.get("next"))}


BOXES = {f"{kind.capitalize()}Box": {"inside": {"type": kind}} for kind in PLAIN}


def _declared(kind: str) -> Strategy:
    """(type, value, whether only `.json` spells it) for a scalar and what can be made of it."""
    values = PLAIN[kind]
    return st.one_of(
        st.tuples(st.just(kind), values, st.just(False)),
        st.tuples(st.just({"nullable": kind}), st.none() | values, st.just(False)),
        st.tuples(st.just({"list": kind}), st.lists(values, max_size=3), st.just(False)),
        st.tuples(st.just({"list": {"nullable": kind}}), st.lists(st.none() | values, max_size=3), st.just(True)),
        st.tuples(st.just({"list": {"list": kind}}), st.lists(st.lists(values, max_size=2), max_size=2), st.just(True)),
        st.tuples(st.just({"map": kind}), st.dictionaries(TEXT, values, max_size=2), st.just(True)),
        st.tuples(st.just({"ref": f"{kind.capitalize()}Box"}), st.fixed_dictionaries({"inside": values}), st.just(True)))


NAME = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True) | st.sampled_from(["constructor", "json", "self", "request", "class"])
DECLARED = st.dictionaries(NAME, st.sampled_from(sorted(PLAIN)).flatmap(_declared), min_size=1, max_size=4)


def question(params: dict[str, tuple[Any, Any, bool]]) -> tuple[dict[str, str], tuple[str, str]]:
    """Returns: what `query_decode` is asked about drawn parameters, and the answer that the judge expects."""
    declaration = {"params": {name: {"type": kind} for name, (kind, _, _) in params.items()}, "objects": BOXES}
    asked = {name: value for name, (_, value, _) in params.items()}
    query = expected.query(asked, [name for name, (_, _, json_only) in params.items() if json_only])
    return {"declaration": expected.canonical(declaration).decode(), "query": query}, ("ok", expected.canonical(asked).decode())
