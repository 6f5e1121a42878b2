"""
invalidate-header: one response field says what the body's list says, or something wider where a field cannot say it.

Source: spec/invalidate-header.md, pinned in pins/invalidate-header.yaml
Sends:  POST call/ with texts, numbers and floods of keys; GET ctx/probe/; the Origin of a browser
Wants:  X-Mizan-Invalidate, compared as text with the judge's own encoding of the list; its absence where nothing is said
Units:  bytes of the field's value, members of its list
"""
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

from afi import expected, typed
from afi.model import ABSENT, Check
from afi.pins import Pins, exchanges
from afi.transport import Reply
from afi.wire import JSON_TYPE, Wire, entry

FIELD = b"x-mizan-invalidate"
CHECKS = {
    "drawn-nothing-narrower": "invalidate-header-2",
    "drawn-nothing-wider": "invalidate-header-3",
    "ten-thousand-keys": "invalidate-header-24",
    "exactly-2048-bytes": "invalidate-header-22",
    "one-byte-more": "invalidate-header-23",
    "exposed-to-a-listed-origin": "invalidate-header-41",
    "closed-to-the-others": "invalidate-header-42",
}
GROUPS = ("kinds", "controls", "marks", "flood", "once", "absent", "reads", "client")
LIMIT_BYTES, MANY_KEYS = 2048, 10_000

EDGES = ['a,b"c\\', "Zo\u00eb", "\U0001f600", "\u2028", "", "%c3%a9", "?1", "5", "user;user_id=5, *", "\x80\x9f", " ", "=:@'()"]
UNSAYABLE = ["a\r\nX-Injected: 1", "\n", "\x00", "\x1f\u00eb", "\x7f", "\t"]
SHORT = 10**15 - 1
PLAIN = typed.TEXT.map(lambda text: "".join(char for char in text if char >= " " and char != "\x7f"))
SAYABLE = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(EDGES) | PLAIN), st.tuples(st.just("number"), st.integers(-SHORT, SHORT)),
    st.tuples(st.just("number"), st.sampled_from([SHORT, -SHORT, 0, 5])), st.tuples(st.just("flag"), st.booleans()),
    st.sampled_from([("big", "-9223372036854775808"), ("day", "0001-01-01"), ("at", "9999-12-31T23:59:59.999999Z"), ("price", "-0.5"),
                     ("uid", "123e4567-e89b-12d3-a456-426614174000"), ("color", "deep-blue"), ("level", 3)]))
ANY = SAYABLE | st.tuples(st.just("text"), st.sampled_from(UNSAYABLE)) | \
    st.tuples(st.just("number"), st.sampled_from([SHORT + 1, -SHORT - 1, 2**53 - 1]))
OF_MARKS = ANY | st.tuples(st.just("real"), typed.FLOAT) | \
    st.sampled_from([("raw", "_-8"), ("items", []), ("items", [1, 2]), ("nulls", ["day", "real"])])


def given(fields: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Up to four fields; one that is given a value is not named as null."""
    return st.lists(fields, max_size=4).map(dict).map(
        lambda one: {**one, "nulls": [name for name in one["nulls"] if name not in one]} if "nulls" in one else one)


MUTATIONS = st.one_of(
    st.fixed_dictionaries({"args": given(SAYABLE)}), st.fixed_dictionaries({"args": given(ANY)}),
    *(st.fixed_dictionaries({"marks": st.lists(given(fields), max_size=4)}) for fields in (SAYABLE, OF_MARKS)))
DRAWS = {"mutations": (MUTATIONS, 200)}


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    run = wire.run
    digest = hashlib.sha256((run.nonce + run.seed_row).encode()).hexdigest()
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), digest=digest)
    yield from limit(wire)
    yield from origins(wire)
    yield from drawn(wire, pins.drawn("mutations"))
    yield ten_thousand_keys(wire)


def fields(reply: Reply) -> list[str]:
    """Every field of that name as it was sent, so that two of them show as two."""
    return [value.decode("latin-1") for name, value in reply.headers if name.lower() == FIELD]


def drawn(wire: Wire, mutations: list[dict[str, Any]]) -> Iterator[Check]:
    """Each drawn mutation is sent once; what its field says is held against what was sent, and against the body's own list."""
    team, wanted, got, narrower = wire.fresh("team"), {}, {}, {}
    for n, mutation in enumerate(mutations):
        reply, added = sent(wire, mutation, team, f"{wire.run.nonce}.{n}")
        listed, heard = expected.normalise(added), reply.member("invalidate")
        text = expected.header_encode(listed)
        key = f"{n} {mutation}"
        wanted[key] = {"body": listed, "fields": [text]}
        got[key] = {"body": floated(heard), "fields": fields(reply)}
        missed = unsaid(fields(reply), heard)
        if missed:
            narrower[key] = missed
    yield Check("drawn-nothing-narrower", CHECKS["drawn-nothing-narrower"], wanted=({}, bodies(wanted)), got=(narrower, bodies(got)))
    yield Check("drawn-nothing-wider", CHECKS["drawn-nothing-wider"], wanted=wanted, got=got)


def bodies(replies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {key: reply["body"] for key, reply in replies.items()}


def sent(wire: Wire, mutation: dict[str, Any], team: int, nonce: str) -> tuple[Reply, list[dict[str, Any]]]:
    """Sends a drawn mutation with this run's nonce in it. Returns: (the reply, the entries that it makes)."""
    if "args" in mutation:
        args = {**mutation["args"], "text": nonce + mutation["args"].get("text", "")}
        return wire.call("touch_mark", **args), [entry("mark", **args)]
    marks = [*mutation["marks"], {"text": nonce}]
    made = [entry("mark", **params(mark)) for mark in marks]
    return wire.call("marks", team_id=team, marks=marks), [*made, entry("team", team_id=team)]


def params(mark: dict[str, Any]) -> dict[str, Any]:
    """spec/sample.md, `marks`: the fields that are not null, and as null those that `nulls` names."""
    return {**{name: value for name, value in mark.items() if name != "nulls"}, **dict.fromkeys(mark.get("nulls", []))}


def floated(entries: Any) -> Any:
    """A body may write a float as `2` or as `2.0`: both are read as the float that `real` is declared to be."""
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        return entries
    return [{**one, "params": {**one["params"], "real": float(real(one))}} if type(real(one)) is int else one for one in entries]


def real(one: dict[str, Any]) -> Any:
    params = one.get("params")
    return params.get("real") if isinstance(params, dict) else None


def unsaid(texts: list[str], heard: Any) -> Any:
    """Returns: the entries of the body that no member of the field covers, or why the field cannot be read."""
    try:
        said = [one for text in texts for one in expected.header_parse(text)]
        return [one for one in heard if not any(one["context"] == "*" or expected.covers(wide, one) for wide in said)]
    except (ValueError, TypeError, KeyError) as error:
        return f"{texts!r} beside {heard!r}: {error!r}"


def ten_thousand_keys(wire: Wire) -> Check:
    """The body lists every key, sorted; the field says the whole context and is not cut."""
    team, before = wire.fresh("team"), wire.calls("flood")
    reply = wire.call("flood", team_id=team, contexts=1, keys=MANY_KEYS)
    keys = sorted(range(1, MANY_KEYS + 1), key=lambda key: expected.canonical({"key": key}))
    listed = [*(entry("c00", key=key) for key in keys), entry("team", team_id=team)]
    return Check("ten-thousand-keys", CHECKS["ten-thousand-keys"],
                 wanted=([f"c00, team;team_id={team}"], MANY_KEYS, listed, before + 1),
                 got=(fields(reply), reply.member("result"), reply.member("invalidate"), wire.calls("flood")))


def limit(wire: Wire) -> Iterator[Check]:
    """Two texts of this run, one letter apart: the first fills the field to the last byte, the second does not fit."""
    team = wire.fresh("team")
    frame = f'mark;text="{wire.run.nonce}", team;team_id={team}'
    fits = wire.run.nonce + "x" * (LIMIT_BYTES - len(frame))
    whole, wider = (wire.call("marks", team_id=team, marks=[{"text": text}]) for text in (fits, fits + "x"))
    yield Check("exactly-2048-bytes", CHECKS["exactly-2048-bytes"], wanted=([f'mark;text="{fits}", team;team_id={team}'], 1),
                got=(fields(whole), whole.member("result")))
    yield Check("one-byte-more", CHECKS["one-byte-more"],
                wanted=([f"mark, team;team_id={team}"], [entry("mark", text=fits + "x"), entry("team", team_id=team)]),
                got=(fields(wider), wider.member("invalidate")))


def origins(wire: Wire) -> Iterator[Check]:
    """A script of a listed origin may read the field; one of another origin, or of one that begins alike, may read nothing."""
    user, name, listed = wire.fresh("user"), f"exposed-{wire.run.nonce}", wire.run.origin
    said, own = [f"user;user_id={user}"], shown(wire, listed, user, name)
    yield Check("exposed-to-a-listed-origin", CHECKS["exposed-to-a-listed-origin"], wanted=(name, said, listed, True), got=own)
    others = [shown(wire, origin, user, name) for origin in ("https://other.example", f"{listed}.other.example")]
    yield Check("closed-to-the-others", CHECKS["closed-to-the-others"],
                wanted=((name, said, listed, True), [(name, said, ABSENT, ABSENT)] * 2), got=(own, others))


def shown(wire: Wire, origin: str, user: int, name: str) -> tuple[Any, ...]:
    """Returns: (the result's name, the field, the origin that may read, whether the field is exposed or ABSENT if nothing is)."""
    body = expected.canonical({"fn": "update_profile", "args": {"user_id": user, "name": name}})
    reply = wire.send("POST", "call/", (JSON_TYPE, ("Origin", origin)), body)
    exposed = reply.header("Access-Control-Expose-Headers")
    return (reply.member("result.name"), fields(reply), reply.header("Access-Control-Allow-Origin"),
            FIELD.decode() in listed_in(exposed.split(",")) if isinstance(exposed, str) else exposed)


def listed_in(parts: Iterable[str]) -> set[str]:
    return {part.strip().lower() for part in parts}
