"""
context: one GET reads every slot of a context, its query has one spelling, and its reply says how long it may be kept.

Source: spec/context.md, pinned in pins/context.yaml
Sends:  GET ctx/<name>/ with good and bad queries, validators and headers; POST call/ for the same functions
Wants:  canonical JSON, compared as bytes; problem documents; ETag, Cache-Control, Vary; call counters
Errors: a refused query and a failing slot are one problem document, and nothing of them is kept
"""
import hashlib
from collections.abc import Iterator
from typing import Any

from afi import expected, typed
from afi.model import ABSENT, Check
from afi.pins import Pins, exchanges
from afi.transport import Reply
from afi.wire import Wire

CHECKS = {
    "slots-are-calls": "context-2",
    "users-share-no-slot": "context-2",
    "each-read-runs": "context-3",
    "get-changes-nothing": "context-9",
    "typed-is-kinds": "context-2",
    "head-is-get": "context-11",
    "runs-again-after-a-failure": "context-58",
    "no-origins-no-vary": "context-80",
    "drawn-values": "context-2",
    "drawn-bytes": "context-4",
    "drawn-tags": "context-66",
}
STARTS = ("no-origins-no-vary",)          # these stories need the start bare
DRAWS = {"typed": (typed.KINDS, 60)}
ASKS = {"drawn-declarations": ("context-46", "query_decode", (typed.DECLARED, 60), typed.question)}
GROUPS = ("bundles", "methods", "parameters", "ints", "pieces", "order", "spellings", "misspellings", "failures", "public", "validators",
          "stores")
LIMIT_BYTES, LIMIT_PIECES = 8192, 64
DEFAULTS = {"whole": 0, "big": "0", "real": 0, "flag": False, "price": "0", "day": "2000-01-01", "at": "2000-01-01T00:00:00Z",
            "uid": "00000000-0000-0000-0000-000000000000", "raw": "", "color": "red", "level": 1, "numbers": [], "table": {},
            "point": {"x": 0, "y": 0, "label": None}, "node": None, "either": 0, "maybe": None, "nothing": None, "free": None, "bag": {}}
OF_THE_MESSAGE = {"date", "server", "connection", "keep-alive", "content-length", "transfer-encoding"}      # not of the representation


def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    known = values(wire)
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **known)
    yield from slots(wire)
    yield each_read_runs(wire)
    yield get_changes_nothing(wire)
    yield typed_is_kinds(wire)
    yield head_is_get(wire)
    yield runs_again(wire)
    yield from drawn(wire, pins.drawn("typed"))
    yield no_origins(wire)


def digest(wire: Wire, text: str) -> str:
    """spec/sample.md, Data: what the sample computes over a row that no reply shows."""
    return hashlib.sha256((text + wire.run.seed_row).encode()).hexdigest()


def tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def user_bundle(wire: Wire, user: int, name: str, rev: int) -> dict[str, Any]:
    return {"user_profile": {"id": user, "name": name, "rev": rev}, "user_digest": digest(wire, name),
            wire.run.slot: digest(wire, f"slot{user}")}


def kinds(wire: Wire, text: str, given: dict[str, Any]) -> dict[str, Any]:
    """What `kinds` and the slot of `typed` answer: the effective arguments, defaults of fields filled in, and the stamp."""
    return {**DEFAULTS, **typed.filled(given), "text": text, "stamp": digest(wire, text)}


def values(wire: Wire) -> dict[str, Any]:
    """Returns: what the pins name, computed from this run's secrets and from rows that nobody else touches."""
    nonce, user, user2 = wire.run.nonce, wire.fresh("user"), wire.fresh("user")
    first, second = (user_bundle(wire, one, f"u{one}-{wire.run.seed_row}", 0) for one in (user, user2))
    body, tabled = expected.canonical(first), {"table": {"\ufb33": 1, "\U0001f600": 2, "a": 3}}
    long = f"key={nonce}" + "%C3%A9" * ((LIMIT_BYTES - len(nonce) - 4) // 6)
    long += "x" * (LIMIT_BYTES - len(long))
    texts = {"": "", "_ampersand": "&key=x", "_equals": "=x=", "_space": " x", "_plus": "+x",
             "_accent": "\u00e9", "_long": long[4 + len(nonce):].replace("%C3%A9", "\u00e9")}
    return {
        "user": user, "user2": user2, "user_body": first, "user2_body": second, "user_bytes": body.decode(),
        "user_tag": tag(body), "user_hex": tag(body).strip('"'), "user2_tag": tag(expected.canonical(second)),
        "user_digest": first["user_digest"], "fresh_tag": tag(expected.canonical({"fresh_text": digest(wire, nonce)})),
        "calm_tag": tag(expected.canonical({"broken_calm": digest(wire, nonce), "broken_loud": digest(wire, nonce)})),
        **{f"digest{name}": digest(wire, nonce + more) for name, more in texts.items()},
        "digest_mark": digest(wire, "\ufeff" + nonce), "digest_empty": digest(wire, ""), "digest_null": digest(wire, "null"),
        **{f"org{org}": digest(wire, f"org{org}") for org in (3, 7)},
        **{f"user_{lang or 'empty'}": digest(wire, f"{user}{lang}") for lang in ("en", "de", "")},
        "defaults": kinds(wire, nonce, {}), "tabled": expected.query({"text": nonce, **tabled}, typed.JSON_ONLY),
        "tabled_bytes": expected.canonical({"typed_kinds": kinds(wire, nonce, tabled)}).decode(),
        "query_8192": long, "query_8193": long + "x", "sixty_two": list(range(LIMIT_PIECES - 2)),
        "pairs_63": "&".join([*(f"numbers={n}" for n in range(LIMIT_PIECES - 2)), "whole=7"]),
    }


def renamed(wire: Wire, user: int, name: str) -> Any:
    """Returns: the row's revision after the change; states are compared as differences, so that a server may be judged twice."""
    return wire.call("update_profile", user_id=user, name=name).member("result.rev")


def slots(wire: Wire) -> Iterator[Check]:
    """Two users, one renamed: each slot is its function's own answer, and no slot is the same for both."""
    names = {wire.fresh("user"): f"N{wire.run.nonce}", wire.fresh("user"): f"M{wire.run.nonce}"}
    wanted = [user_bundle(wire, user, name, renamed(wire, user, name)) for user, name in names.items()]
    bundles = [wire.fetch("user", user_id=user).json() for user in names]
    called = [{slot: wire.call(slot, user_id=user).member("result") for slot in wanted[0]} for user in names]
    yield Check("slots-are-calls", CHECKS["slots-are-calls"], wanted=(wanted, wanted), got=(bundles, called))
    shared = [slot for slot in wanted[0] if bundles[0].get(slot) == bundles[1].get(slot)]
    yield Check("users-share-no-slot", CHECKS["users-share-no-slot"], wanted=(wanted[1], []), got=(bundles[1], shared))


def each_read_runs(wire: Wire) -> Check:
    """A write between two reads is seen by the second; both ran every function once."""
    user, first, name = wire.fresh("user"), f"V{wire.run.nonce}", f"W{wire.run.nonce}"
    counted, rev = ("user_profile", "user_digest", wire.run.slot), renamed(wire, user, first)
    before = [wire.calls(fn) for fn in counted]
    old = wire.fetch("user", user_id=user).json()
    renamed(wire, user, name)
    new = wire.fetch("user", user_id=user).json()
    ran = [wire.calls(fn) - was for fn, was in zip(counted, before, strict=True)]
    wanted = user_bundle(wire, user, first, rev), user_bundle(wire, user, name, rev + 1), [2, 2, 2]
    return Check("each-read-runs", CHECKS["each-read-runs"], wanted=wanted, got=(old, new, ran))


def get_changes_nothing(wire: Wire) -> Check:
    """A GET that names a mutation, in the path, the query or its body, leaves the row as it was; the call that follows changes it."""
    user, first, name = wire.fresh("user"), f"F{wire.run.nonce}", f"G{wire.run.nonce}"
    rev = renamed(wire, user, first)
    call = expected.canonical({"fn": "update_profile", "args": {"user_id": user, "name": name}})
    before = wire.calls("update_profile")
    query = expected.query({"user_id": user, "name": name})
    tried = [wire.get(f"ctx/update_profile/?{query}").status, wire.get(f"ctx/user/?{query}").status,
             wire.send("GET", f"ctx/user/?user_id={user}", (("Content-Type", "application/json"),), call).json(),
             wire.calls("update_profile") - before]
    changed = renamed(wire, user, name), wire.calls("update_profile") - before
    wanted = [404, 422, user_bundle(wire, user, first, rev), 0]
    return Check("get-changes-nothing", CHECKS["get-changes-nothing"], wanted=(wanted, (rev + 1, 1)), got=(tried, changed))


def typed_is_kinds(wire: Wire) -> Check:
    """One argument of every type: the bundle's slot and the call's result are the same."""
    given = {"whole": -3, "big": "9223372036854775807", "real": 0.25, "flag": True, "price": "-12.5", "day": "2024-02-29",
             "at": "2024-02-29T12:34:56.500Z", "uid": "0189f0c2-7a1b-7c3d-8e4f-0123456789ab", "raw": "-_8", "color": "deep-blue",
             "level": 2, "numbers": [3, 1], "table": {"b": 1, "a": 2}, "point": {"x": 1}, "node": {"value": 1, "next": {"value": 2}},
             "either": "x", "maybe": 4, "nothing": None, "free": [1, "1", None], "bag": {"a": []}}
    called = wire.call("kinds", text=wire.run.nonce, **given).member("result")
    fetched = wire.get("ctx/typed/?" + expected.query({"text": wire.run.nonce, **given}, typed.JSON_ONLY)).member("typed_kinds")
    wanted = kinds(wire, wire.run.nonce, given)
    return Check("typed-is-kinds", CHECKS["typed-is-kinds"], wanted=(wanted, wanted), got=(called, fetched))


def head_is_get(wire: Wire) -> Check:
    """The fields of the representation are those of a GET, also on a volatile bundle and on refusals; a body never comes."""
    user = wire.fresh("user")
    paths = f"ctx/user/?user_id={user}", f"ctx/fresh/?text={wire.run.nonce}", f"ctx/user/?user_id=0{user}", "ctx/no_such/"
    gets, heads = [wire.get(path) for path in paths], [wire.send("HEAD", path) for path in paths]
    wanted = [[status, True, fields(get), b""] for status, get in zip((200, 200, 422, 404), gets, strict=True)]
    got = [[head.status, bool(get.body), fields(head), head.body] for get, head in zip(gets, heads, strict=True)]
    return Check("head-is-get", CHECKS["head-is-get"], wanted=wanted, got=got)


def fields(reply: Reply) -> list[list[str]]:
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers)
    return sorted([name, value] for name, value in pairs if name not in OF_THE_MESSAGE)


def runs_again(wire: Wire) -> Check:
    """A failure is told each time anew, and a bundle of the same context with other parameters is unharmed."""
    text, before = f"F{wire.run.nonce}", wire.calls("broken_loud")
    failed = [wire.fetch("broken", text=text, loud=True).status for _ in range(2)]
    calm = wire.fetch("broken", text=text, loud=False).json()
    ran = wire.calls("broken_loud") - before
    return Check("runs-again-after-a-failure", CHECKS["runs-again-after-a-failure"], got=(failed, calm, ran),
                 wanted=([500, 500], {"broken_calm": digest(wire, text), "broken_loud": digest(wire, text)}, 3))


def drawn(wire: Wire, sets: list[dict[str, Any]]) -> Iterator[Check]:
    """Drawn parameters of every type, written by the judge: the values, the bytes and the tag are what they must be."""
    odd: dict[str, list[Any]] = {"values": [], "bytes": [], "tags": []}
    for given in sets:
        text = wire.run.nonce + given["text"]
        reply = wire.get("ctx/typed/?" + expected.query({**given, "text": text}, typed.JSON_ONLY))
        wanted = expected.canonical({"typed_kinds": kinds(wire, text, given)})
        said = expected.canonical(reply.json())
        seen = {"values": (wanted, said), "bytes": (wanted, reply.body), "tags": (tag(wanted), reply.header("ETag"))}
        for name, (right, got) in seen.items():
            odd[name] += [] if right == got else [{"query": reply.request.target, "wanted": right, "got": got}]
    for name, found in odd.items():
        yield Check(f"drawn-{name}", CHECKS[f"drawn-{name}"], wanted=(True, []), got=(bool(sets), found))


def no_origins(wire: Wire) -> Check:
    """The start without origins: nothing depends on the origin, so nothing says so, whoever asks; the start with origins always says so."""
    user = wire.fresh("user")
    wanted = user_bundle(wire, user, f"u{user}-{wire.run.seed_row}", 0)
    asked_from: tuple[tuple[tuple[str, str], ...], ...] = ((), (("Origin", wire.run.origin),))
    with wire.started("bare") as bare:
        replies = [one.get(f"ctx/user/?user_id={user}", headers) for one in (bare, wire) for headers in asked_from]
        got = [(reply.header("Vary"), reply.header("Cache-Control"), reply.json()) for reply in replies]
    return Check("no-origins-no-vary", CHECKS["no-origins-no-vary"],
                 wanted=[(vary, "public, no-cache", wanted) for vary in (ABSENT, ABSENT, "Origin", "Origin")], got=got)
