"""
Requests drawn for the differential beside what pins and stories send: calls, fetches and uploads of the sample with right and wrong values.

Source: spec/harness.md, Differential; the functions and types are those of spec/sample.kdl.
"""
import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from afi import draw, expected, sample_ir, typed
from afi.kdl import Node
from afi.model import Run
from afi.transport import Request
from afi.wire import JSON_TYPE, Wire

BASE = "/api/mizan/"
CALLED = {          # row -> functions that are called with drawn arguments
    "dispatch": ("kinds", "pick", "many", "circle_or_square", "user_page", "says_no"),
    "invalidate-body": ("update_profile", "touch_both", "touch_team", "move_user", "widen", "log_visit"),
    "invalidate-header": ("touch_mark", "marks", "flood"),
    "scoping": ("set_pair", "set_org_maybe", "retitle", "retitle_maybe", "touch_default", "touch_item_result", "wrong_entry"),
    "discovery": ("own_registry", "log_visit"),
    "merge": ("rename_user", "find_twice", "join_crew", "recard_mapped", "reprice", "rename_adding", "rename_beside"),
}
FETCHED = {"context": ("typed", "mark", "report", "page_lang", "user", "priced", "looks")}
LISTED = {"discovery": "schema/", "ir": "ir/"}
COUNT, LISTINGS, UPLOADS = 8, 24, 16          # a function, a document, the row upload
FEW = st.integers(0, 40)       # of what a function counts up to
JUNK = st.sampled_from([None, True, 0, -1, 5.5, 1.0, -0.0, 1e21, 2**53 - 1, "", "5", "05", "x", "é", "\U0001f600", [], [None], {}, {"x": 1}, {"__proto__": 1},
                        "2024-02-30", "2024-02-29T12:00:00+01:00", "0000-01-01", "1.50", "-0", "AQ==", "9223372036854775808", "Red"])
OFTEN = 6                      # of so many values one is drawn from the junk


# --- the sample's types

def values(kind: Node) -> st.SearchStrategy[Any]:
    """Returns: what a type takes, mostly; junk at any depth."""
    right = _right(kind)
    return st.one_of(*[st.none() | right if kind.props.get("nullable") else right] * (OFTEN - 1), JUNK)


def _right(kind: Node) -> st.SearchStrategy[Any]:
    match kind.args:
        case ("list",):
            return st.lists(values(kind.children[0]), max_size=3)
        case ("map",):
            return st.dictionaries(typed.TEXT, values(kind.children[0]), max_size=2)
        case ("union",):
            return st.one_of(*map(values, kind.children))
        case ("ref", name):
            found = sample_ir.named(name)
            return st.sampled_from([json.loads(one.args[0]) for one in found.children]) if found.name == "enum" else \
                st.deferred(lambda: _members(sample_ir.children(found, "field")))
        case ("json",):
            return typed.JSON
        case ("null",):
            return st.none()
    return typed.PLAIN.get(kind.args[0], st.just("a file"))


def _members(fields: Iterable[Node], own: dict[str, st.SearchStrategy[Any]] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """An object of these fields: those with a default may be absent, and now and then so may one without."""
    own = own or {}
    drawn = {one.args[0]: own[one.args[0]] if one.args[0] in own else values(sample_ir.children(one, "type")[0]) for one in fields}
    absent = {one.args[0] for one in fields if "default" in one.props}
    whole = st.fixed_dictionaries({name: value for name, value in drawn.items() if name not in absent},
                                  optional={name: value for name, value in drawn.items() if name in absent})
    return st.one_of(*[whole] * (OFTEN - 1), st.fixed_dictionaries({}, optional={**drawn, "widht": JUNK}))


# --- the requests

def requests(row: str, wire: Wire) -> list[Request]:
    """Returns: what is drawn for a row, decided by the seed."""
    users, teams = [wire.fresh("user") for _ in range(3)], [wire.fresh("team") for _ in range(3)]
    own = {**dict.fromkeys(("user_id", "other"), st.sampled_from(users)), **dict.fromkeys(("team_id", "pick"), st.sampled_from(teams)),
           **dict.fromkeys(("keys", "contexts", "key"), FEW), "stale": st.lists(FEW, max_size=3)}
    found = [_called(name, args) for name in CALLED.get(row, ()) for args in _drawn(wire, _arguments(name, wire.run), own, f"{row}/{name}")]
    found += [_fetched(context, params) for context in FETCHED.get(row, ()) for params in _drawn(wire, _parameters(context, wire.run), own, f"{row}/{context}")]
    found += [_listed(LISTED[row], *one) for one in _values(wire, f"{row}/listed", LISTING, LISTINGS)] if row in LISTED else []
    return found + ([_uploaded(*one) for one in _values(wire, row, UPLOADING, UPLOADS)] if row == "upload" else [])


def _arguments(name: str, run: Run) -> list[Node]:
    function, composed = sample_ir.node("function", name, run), sample_ir.node("compose", name, run)
    parts = [part.args[0] for part in sample_ir.children(composed, "part")] if composed else []
    return sample_ir.children(function, "arg") if function else list({arg.args: arg for part in parts for arg in _arguments(part, run)}.values())


def _parameters(context: str, run: Run) -> list[Node]:
    found = sample_ir.node("context", context, run)
    return sample_ir.children(found, "param") if found else []


def _drawn(wire: Wire, fields: list[Node], own: dict[str, st.SearchStrategy[Any]], name: str) -> list[dict[str, Any]]:
    small = {one.args[0]: own[one.args[0]] for one in fields if one.args[0] in own and "string" not in sample_ir.children(one, "type")[0].args}
    return _values(wire, name, _members(fields, small))


def _values(wire: Wire, name: str, strategy: st.SearchStrategy[Any], count: int = COUNT) -> list[Any]:
    return draw.drawn({f"differential/{name}": (strategy, count)}, wire.run.seed)[f"differential/{name}"]


def _called(name: str, args: dict[str, Any]) -> Request:
    body = json.dumps({"fn": name, "args": args}, ensure_ascii=False, separators=(",", ":"))
    return Request("POST", f"{BASE}call/", (JSON_TYPE,), body.encode())


def _fetched(context: str, params: dict[str, Any]) -> Request:
    """The query writes junk as plainly as values: what is no canonical JSON is written as JSON all the same."""
    try:
        query = expected.query(params)
    except ValueError:
        query = "&".join(f"{expected.escaped(name.encode())}.json={expected.escaped(json.dumps(value).encode())}" for name, value in params.items())
    return Request("GET", f"{BASE}ctx/{context}/?{query}")


LISTING = st.tuples(st.sampled_from(["GET", "GET", "HEAD", "POST", "PUT"]), st.sampled_from(["", "?", "?x=1", "x", "/", "?a=%ff"]),
                    st.sampled_from([None, "*", '"0"', 'W/"0"', "0", ""]), st.sampled_from([None, "null", "https://elsewhere.example"]))
UPLOADING = st.tuples(st.sampled_from(["hash_file", "hash_image", "label_file", "hash_files"]), st.binary(max_size=40),
                      st.text("abé/\\.\u202e\x7f \"", max_size=8), st.sampled_from(["image/png", "text/plain", "IMAGE/PNG; a=b", "multipart/mixed", ""]))


def _listed(path: str, method: str, tail: str, tag: str | None, origin: str | None) -> Request:
    return Request(method, f"{BASE}{path}{tail}", (("If-None-Match", tag), ("Origin", origin)))


def _uploaded(name: str, content: bytes, filename: str, kind: str) -> Request:
    pointer = {"hash_image": "/args/image", "hash_files": "/args/files/0"}.get(name, "/args/file")
    args = {"label": filename} if name == "label_file" else {}
    said = json.dumps({"fn": name, "args": args}, ensure_ascii=False)
    quoted = filename.replace("\\", "\\\\").replace('"', "%22")
    kind_line = f"Content-Type: {kind}\r\n" if kind else ""
    body = (f'--xYz\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{said}\r\n--xYz\r\nContent-Disposition: form-data; name="{pointer}"; '
            f'filename="{quoted}"\r\n{kind_line}\r\n').encode() + content + b"\r\n--xYz--\r\n"
    return Request("POST", f"{BASE}call/", (("Content-Type", "multipart/form-data; boundary=xYz"),), body)
