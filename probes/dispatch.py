"""
dispatch: a call runs the named function once, if everything about it is right, and says what is wrong if not.

Source: spec/dispatch.md and spec/ground.md, pinned in pins/dispatch.yaml and pins/ground.yaml
Sends:  POST call/ and every wrong way of doing so; OPTIONS with and without an origin
Wants:  `{"result", "invalidate"}`, or a problem document by the order of the checks
Errors: `Broken` of the transport ends the conversation
Units:  the limit of a body in bytes
"""
import collections
import datetime
import gzip
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from afi import expected, typed
from afi.model import ABSENT, Check, same
from afi.pins import Pins, exchanges
from afi.transport import Reply, Request
from afi.wire import Wire, entry

GROUPS = ("calls", "injected", "reads", "envelopes", "media", "limits", "lengths", "order", "arguments", "raises", "compositions", "own-responses")
CHECKS = {
    "runs-each-time": "dispatch-1",
    "declared-length": "dispatch-14",
    "refused-does-not-run": "dispatch-16",
    "late": "dispatch-18",
    "async-is-cancelled": "dispatch-19",
    "blocking-finishes": "dispatch-20",
    "pipelined": "dispatch-22",
    "drawn-kinds": "ground-19",
    "minus-zero": "ground-20",
    "options-off": "ground-31",
    "error-members": "ground-43",
    "whole-floats": "ground-47",
    "origins-off": "ground-78",
    "origins-once": "ground-87",
}
STARTS = ("options-off", "origins-off")          # these stories need the start bare
LIMIT_BYTES = 1_048_576
QUOTES = 150_000                                  # escaped: 300 KB
KEY = "é" * 506                                   # behind `/args/table/` a pointer of 1,024 bytes
JSON_TYPE = ("Content-Type", "application/json")
PREFLIGHT = ("Access-Control-Request-Method", "POST")
FLOATS = ("real", "free", "bag")          # arguments of `kinds` in which a float may stand


# -- names that the pins use ----------------------------------------------------------------------------------------------------

def VALUES(wire: Wire) -> dict[str, Any]:                                                  # noqa: N802  (a table, made of the run)
    """Returns: what the vectors of the pages dispatch and ground name and what must be computed."""
    run = wire.run
    texts = {"": run.nonce, "_empty": "", "_controls": "\0\x1f\x7f\x85\u2028\ufeff", "_composed": "\u00e9", "_decomposed": "e\u0301",
             "_astral": "\U0001f600", "_spaced": f" {run.nonce} ", "_null": "null", "_five": "5", "_circle": f"{run.nonce}circle",
             "_square": f"{run.nonce}square", "_red": f"{run.nonce}red", "_quotes": '"' * QUOTES, "_secret": f"secret-{run.nonce}"}
    return {**{f"digest{name}": digest(wire, text) for name, text in texts.items()}, **encoded(wire), **sized(wire), **listed()}


def digest(wire: Wire, text: str) -> str:
    return hashlib.sha256((text + wire.run.seed_row).encode()).hexdigest()


def call_of(wire: Wire, text: str) -> str:
    return json.dumps({"fn": wire.run.function, "args": {"text": text}}, separators=(",", ":"))


def encoded(wire: Wire) -> dict[str, str]:
    """Returns: a good call as hex, whole in other encodings, and cut where its text stands."""
    good = call_of(wire, wire.run.nonce)
    head, tail = call_of(wire, "|").split("|")
    bomb = gzip.compress((good + " " * 1_000 * len(good)).encode(), mtime=0)
    return {"hex_head": head.encode().hex(), "hex_tail": tail.encode().hex(), "hex_nonce": wire.run.nonce.encode().hex(),
            "hex_utf16le": good.encode("utf-16-le").hex(), "hex_utf16be": good.encode("utf-16-be").hex(), "hex_gzip": bomb.hex()}


def sized(wire: Wire) -> dict[str, Any]:
    """Returns: bodies of exactly the limit and of one byte more, and the same as chunks."""
    text = wire.run.nonce + "x" * (LIMIT_BYTES - len(call_of(wire, wire.run.nonce)))
    fitting = call_of(wire, text)
    chunks = [fitting[at:at + LIMIT_BYTES // 8] for at in range(0, LIMIT_BYTES, LIMIT_BYTES // 8)]
    noise = "[" * (LIMIT_BYTES // 8)
    return {"fitting": fitting, "digest_fitting": digest(wire, text), "chunks_small": [call_of(wire, wire.run.nonce)],
            "chunks_fitting": chunks, "chunks_over": [*chunks, " "], "chunks_of_noise": [noise] * 8 + ["["]}


def listed() -> dict[str, Any]:
    """Returns: lists of texts where ints belong, with the pointers that are reported; and documents as deep as the limit."""
    pointers = [f"/args/numbers/{n}" for n in range(70)]
    return {"seventy_texts": json.dumps([""] * 70), "first_64": sorted(pointers)[:64],
            "sixty_four_texts": json.dumps([""] * 64), "all_64": sorted(pointers[:64]), "quotes_said": r'\"' * QUOTES,
            "key_fits": KEY, "key_over": KEY + "x", "escapes_over": "~" * 506 + "x",
            "deep_64": "[" * 62 + "]" * 62, "deep_65": "[" * 63 + "]" * 63, "deep_65_objects": '{"a":' * 63 + "0" + "}" * 63}


# -- drawn vectors -------------------------------------------------------------------------------------------------------------

def instant(parts: tuple[datetime.datetime, int]) -> tuple[str, str]:
    """Args: parts: a time as written, its offset in minutes. Returns: the text that is sent, and the one that comes back, in UTC."""
    written, minutes = parts
    utc = written - datetime.timedelta(minutes=minutes)
    micro, sign = utc.microsecond, "-" if minutes < 0 else "+"
    fraction = "" if micro == 0 else f".{micro // 1000:03d}" if micro % 1000 == 0 else f".{micro:06d}"
    return (f"{written.year:04d}-{written:%m-%dT%H:%M:%S}.{micro:06d}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
            f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}{fraction}Z")


TIMES = st.datetimes(datetime.datetime(1, 1, 3), datetime.datetime(9999, 12, 29))
INSTANTS = st.tuples(TIMES, st.integers(-1439, 1439)).map(instant)
DRAWS = {"kinds": (st.tuples(typed.KINDS, INSTANTS), 25)}


def canonical_question(value: Any) -> tuple[dict[str, str], tuple[str, str]]:
    """Returns: what the oracle is asked, and what the judge's own library answers."""
    return {"text": json.dumps(value, indent=1)}, ("ok", expected.canonical(value).decode())


ASKS = {"drawn-canonical": ("ground-10", "canonical_json", (typed.JSON, 200), canonical_question)}


# -- stories -------------------------------------------------------------------------------------------------------------------

def probe(wire: Wire, pins: Pins) -> Iterator[Check]:
    user = wire.fresh("user")
    given = {**VALUES(wire), "read_user": user, "digest_of_user": digest(wire, f"u{user}-{wire.run.seed_row}"),
             **{f"digest_{lang}": digest(wire, f"{user}{lang}") for lang in ("en", "de")}}
    for group in GROUPS:
        yield from exchanges(wire, pins.group(group), **given)
    for story in STORIES:
        yield from story(wire)
    yield from drawn_kinds(wire, pins.drawn("kinds"))
    yield from origins_off(wire)


def check(slug: str, wanted: Any, got: Any) -> Check:
    return Check(slug, CHECKS[slug], wanted, got)


def runs_each_time(wire: Wire) -> Iterator[Check]:
    """The same call twice changes the row twice: no table of answers, no answer kept."""
    user, name, before = wire.fresh("user"), f"N{wire.run.nonce}", whole(wire.calls("update_profile"))
    replies = [wire.call("update_profile", user_id=user, name=name) for _ in range(2)]
    rev = whole(replies[0].member("result.rev"))
    wanted = [{"result": {"id": user, "name": name, "rev": n}, "invalidate": [entry("user", user_id=user)]} for n in (rev, rev + 1)]
    yield check("runs-each-time", (wanted, before + 2), ([reply.json() for reply in replies], wire.calls("update_profile")))


def whole(value: Any) -> int:
    """Returns: the value where it is an int, else 0: a number to count from, whatever came."""
    return value if type(value) is int else 0


def refused_does_not_run(wire: Wire) -> Iterator[Check]:
    """A refused mutation leaves the row as the accepted one before it made it."""
    user, name = wire.fresh("user"), wire.run.nonce
    rev = whole(wire.call("update_profile", user_id=user, name=name).member("result.rev"))
    before = wire.calls("update_profile")
    refused = [wire.call("update_profile", **args).status for args in ({"user_id": str(user), "name": "x"}, {"user_id": user, "name": 5},
                                                                      {"user_id": user, "name": "x", "more": 1}, {"user_id": user})]
    after = wire.call("user_profile", user_id=user).member("result")
    yield check("refused-does-not-run", ({"id": user, "name": name, "rev": rev}, [422] * 4, before),
                (after, refused, wire.calls("update_profile")))


def code(reply: Reply) -> Any:
    """Returns: the code of a problem document, ABSENT where there is no body."""
    return reply.member("code") if reply.body else ABSENT


def declared_length(wire: Wire) -> Iterator[Check]:
    """The length alone is enough to refuse: not a byte of the body is sent."""
    with wire.beside() as other:
        refused = other.send("POST", "call/", (JSON_TYPE, ("Content-Length", str(LIMIT_BYTES + 1))), withhold=True)
    good = wire.call(wire.run.function, text=wire.run.nonce).member("result")
    yield check("declared-length", (413, "payload_too_large", digest(wire, wire.run.nonce)), (refused.status, code(refused), good))


def pipelined(wire: Wire) -> Iterator[Check]:
    """Four calls in one write; each answer is told apart by its digest."""
    texts = [f"{wire.run.nonce}-{n}" for n in range(4)]
    asked = [Request("POST", f"{wire.base}/call/", (JSON_TYPE,), call_of(wire, text).encode()) for text in texts]
    with wire.beside() as other:
        got = [other.transport.exchange(request).member("result") for request in (replace(asked[0], ahead=tuple(asked[1:])), *asked[1:])]
    yield check("pipelined", [digest(wire, text) for text in texts], got)


def late(wire: Wire) -> Iterator[Check]:
    """Both kinds of work run into the shut gate side by side, and are late; then the gate opens, and only what cannot be stopped ends."""
    functions, mark = ("wait_async", "wait_blocking"), wire.run.nonce
    begun, ended = [whole(wire.calls(fn)) for fn in functions], [finished(wire, fn) for fn in functions]
    with wire.beside() as one, wire.beside() as two, ThreadPoolExecutor(2) as side_by_side:
        wire.call("probe_gate", open=False)
        try:
            replies = list(side_by_side.map(lambda other, fn: other.call(fn, mark=mark), (one, two), functions))
            stopped = [finished(wire, fn) for fn in functions]
        finally:
            wire.call("probe_gate", open=True)
        ran_on = wire.until(lambda: finished(wire, "wait_blocking") == ended[1] + 1)
        again = [other.call(fn, mark=f"{mark}{fn}").member("result") for other, fn in zip((one, two), functions, strict=True)]
    own = [digest(wire, f"{mark}{fn}") for fn in functions]
    problem = {"type": "urn:mizan:deadline_exceeded", "title": "Deadline exceeded", "status": 504, "code": "deadline_exceeded"}
    yield check("late", ([problem] * 2, [n + 2 for n in begun], own),
                ([reply.json() for reply in replies], [wire.calls(fn) for fn in functions], again))
    yield check("async-is-cancelled", (ended[0], own[0], ended[0] + 1), (stopped[0], again[0], finished(wire, "wait_async")))
    yield check("blocking-finishes", (ended[1], True, own[1], ended[1] + 2),
                (stopped[1], ran_on, again[1], finished(wire, "wait_blocking")))


def finished(wire: Wire, fn: str) -> int:
    return whole(wire.call("probe_finished", fn=fn).member("result"))


def kinds(wire: Wire, args: str) -> Reply:
    """Calls `kinds` with its arguments as raw JSON."""
    return wire.send("POST", "call/", (JSON_TYPE,), f'{{"fn":"kinds","args":{args}}}'.encode())


def minus_zero(wire: Wire) -> Iterator[Check]:
    """A reply may spell a float as it likes, so the sign is what is looked at; `-7.5` shows that signs do come back."""
    tokens = ("-0", "-0.0", "-0e5", "-1e-400", "-7.5")
    replies = [kinds(wire, f'{{"text":{json.dumps(wire.run.nonce)},"real":{token},"free":[{token}]}}') for token in tokens]
    signs = [("-" in str(reply.member("result.real")), "-" in str(reply.member("result.free.0")), reply.member("result.stamp"))
             for reply in replies]
    stamp = digest(wire, wire.run.nonce)
    yield check("minus-zero", [(False, False, stamp)] * 4 + [(True, True, stamp)], signs)


def whole_floats(wire: Wire) -> Iterator[Check]:
    """A float takes integral numbers in any spelling; a reply may spell them `5` or `5.0`."""
    tokens = {"5": "5", "5.0": "5", "1E2": "100", "-9007199254740991.0": "-9007199254740991", "1e-400": "0"}
    replies = [kinds(wire, f'{{"text":{json.dumps(wire.run.nonce)},"real":{token}}}') for token in tokens]
    got = [(repr(reply.member("result.real")).removesuffix(".0"), reply.member("result.stamp")) for reply in replies]
    yield check("whole-floats", [(text, digest(wire, wire.run.nonce)) for text in tokens.values()], got)


def error_members(wire: Wire) -> Iterator[Check]:
    """Every error of a call that is wrong everywhere, and everywhere by the nonce."""
    nonce = wire.run.nonce
    wrong = {"color": nonce, "day": nonce, "whole": nonce, "flag": None, "real": 1e20, f"x{nonce}": 1}
    wanted = [("/args", "unknown"), ("/args/color", "choice"), ("/args/day", "format"), ("/args/flag", "null"), ("/args/real", "range"),
              ("/args/text", "missing"), ("/args/whole", "type")]
    errors = wire.call("kinds", **wrong).member("errors")
    got = [(one.get("pointer"), one.get("code"), sorted(one), said(one.get("message"), nonce)) for one in errors if isinstance(one, dict)] \
        if isinstance(errors, list) else errors
    yield check("error-members", [(*one, ["code", "message", "pointer"], True) for one in wanted], got)


def said(message: Any, nonce: str) -> bool:
    """Whether a message is a text that is there and holds nothing of the request."""
    return isinstance(message, str) and message != "" and nonce not in message


def shared(reply: Reply) -> list[str]:
    """Returns: the names of a reply's `Access-Control-*` fields in lower case, one for each time it stands there."""
    return sorted(name.decode().lower() for name, _ in reply.headers if name.lower().startswith(b"access-control-"))


def origins_once(wire: Wire) -> Iterator[Check]:
    origin, good = ("Origin", wire.run.origin), call_of(wire, wire.run.nonce).encode()
    replies = [wire.send("OPTIONS", "call/", (origin, PREFLIGHT)), wire.send("POST", "call/", (origin, JSON_TYPE), good),
               wire.send("POST", "call/", (origin, JSON_TYPE), b"{")]
    doubled = [name for reply in replies for name, count in collections.Counter(shared(reply)).items() if count > 1]
    allowed = ["access-control-allow-origin" in shared(reply) for reply in replies]
    yield check("origins-once", ([204, 200, 400], [True] * 3, []), ([reply.status for reply in replies], allowed, doubled))


def origins_off(wire: Wire) -> Iterator[Check]:
    """The start that lists no origin answers the same requests as if the field were not there."""
    origin, good = ("Origin", wire.run.origin), call_of(wire, wire.run.nonce).encode()
    with wire.started("bare") as bare:
        asked, plain = bare.send("OPTIONS", "call/", (origin, PREFLIGHT)), bare.send("OPTIONS", "call/")
        called, refused = bare.send("POST", "call/", (origin, JSON_TYPE), good), bare.send("POST", "call/", (origin, JSON_TYPE), b"{")
    own = digest(wire, wire.run.nonce)
    yield check("options-off", ([(405, "method_not_allowed", "POST")] * 2, own),
                ([(reply.status, code(reply), reply.header("Allow")) for reply in (asked, plain)], called.member("result")))
    yield check("origins-off", ([405, 200, 400], own, []),
                ([reply.status for reply in (asked, called, refused)], called.member("result"),
                 [name for reply in (asked, called, refused) for name in shared(reply)]))


def drawn_kinds(wire: Wire, drawn: list[tuple[dict[str, Any], tuple[str, str]]]) -> Iterator[Check]:
    """Random arguments of every type come back in their out forms, an instant in UTC; floats are compared in canonical form."""
    differing = []
    for given, (written, in_utc) in drawn:
        result = wire.call("kinds", **{**given, "at": written}).member("result")
        wanted = {**typed.filled(given), "at": in_utc, "stamp": digest(wire, given["text"])}
        got = {name: result.get(name, ABSENT) for name in wanted} if isinstance(result, dict) else {}
        if not same(spelt(wanted), spelt(got)):
            differing.append(({**given, "at": written}, wanted, result))
    yield check("drawn-kinds", (True, []), (bool(drawn), differing))


def spelt(values: dict[str, Any]) -> dict[str, Any]:
    """Returns: the values, those that may hold floats as canonical text, so that `5` and `5.0` do not differ there and do elsewhere."""
    return {name: expected.canonical(value) if name in FLOATS and value is not ABSENT else value for name, value in values.items()}


STORIES = (runs_each_time, refused_does_not_run, declared_length, pipelined, late, minus_zero, whole_floats, error_members, origins_once)
