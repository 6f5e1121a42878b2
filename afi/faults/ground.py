"""What is wrong about JSON, names, paths, refusals, types and origins. Replacements take the original first."""
import asyncio
import base64
import datetime
import json
import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes

from afi.faults import Fault

SAFE = 2**53 - 1
LONG_BYTES, LOOKING_S = 100_000, 30                  # a body that is long; how long a reader looks through it again and again
LARGEST = 1.7976931348623157e308


# -- replies changed on the way --------------------------------------------------------------------------------------------------

def accepted(part: bytes) -> Callable[[Any], Any]:
    """Returns: a change that answers a refused request holding this part as if all were well with it."""
    return lambda reply: well(reply) if part in reply.request.body and reply.status >= 400 else reply


def well(reply: Any) -> Any:
    return reply.with_status(200).with_header("Content-Type", "application/json").with_body(b'{"result":null,"invalidate":[]}')


def refused(part: bytes) -> Callable[[Any], Any]:
    """Returns: a change that refuses an accepted request holding this part."""
    return lambda reply: ill(reply) if part in reply.request.body and reply.status < 400 else reply


def ill(reply: Any, status: int = 422) -> Any:
    problem = {"type": "urn:mizan:validation", "title": "Validation failed", "status": status, "code": "validation", "errors": []}
    return reply.with_status(status).with_header("Content-Type", "application/problem+json").with_body(json.dumps(problem).encode())


def spelt(part: bytes, old: bytes, new: bytes) -> Callable[[Any], Any]:
    """Returns: a change of the bytes of each reply whose request holds this part; `old` is a pattern."""
    def changed(reply: Any) -> Any:
        return reply.with_body(re.sub(old, new, reply.body)) if part in reply.request.body and re.search(old, reply.body) else reply
    return changed


def errors_changed(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    """Returns: a change of the list `errors` of every refusal that has one."""
    return lambda reply: reply.with_json(lambda body: {**body, "errors": change(body["errors"])}) if reply.status == 422 else reply


def field_changed(name: str, value: str) -> Callable[[Any], Any]:
    """Returns: a change of one field wherever it stands."""
    return lambda reply: reply.with_header(name, value) if says(reply, name) else reply


def says(reply: Any, name: str) -> bool:
    return any(given.lower() == name.lower().encode() for given, _ in reply.headers)


def asks(reply: Any, name: str) -> str | None:
    """Returns: a field of the request."""
    return next((value for given, value in reply.request.headers if given.lower() == name.lower()), None)


def overridden(reply: Any) -> Any:
    return well(reply) if reply.status == 405 and asks(reply, "X-HTTP-Method-Override") == "POST" else reply


def open_to_all(reply: Any) -> Any:
    unmarked = asks(reply, "Origin") is not None and not says(reply, "Access-Control-Allow-Origin")
    return reply.with_header("Access-Control-Allow-Origin", "*") if unmarked else reply


def doubled(reply: Any) -> Any:
    pair = next((pair for pair in reply.headers if pair[0].lower() == b"access-control-allow-origin"), None)
    return replace(reply, headers=(*reply.headers, pair)) if pair else reply


def options_refused(reply: Any) -> Any:
    unlisted = reply.status == 204 and reply.request.method == "OPTIONS" and not says(reply, "Access-Control-Allow-Origin")
    return ill(reply, 405) if unlisted else reply


def status_changed(method: str, old: int, new: int) -> Callable[[Any], Any]:
    """Returns: a change of the status of replies to a method, with no body left."""
    def changed(reply: Any) -> Any:
        bare = reply.with_status(new).with_body(b"").without_header("Content-Length").without_header("Content-Type")
        return bare if (reply.request.method, reply.status) == (method, old) else reply
    return changed


# -- answers of the oracle changed -----------------------------------------------------------------------------------------------

def canonical(change: Callable[[dict[str, str], str], str]) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """Returns: a change of every canonical text; it is given what was asked and the right text."""
    return lambda asked, answer: {"ok": change(asked["in"], answer["ok"])} if asked["op"] == "canonical_json" and "ok" in answer else answer


def taken(word: str) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """Returns: a change by which what this error word refuses has a canonical form after all."""
    return lambda asked, answer: {"ok": "null"} if asked["op"] == "canonical_json" and answer == {"err": word} else answer


def written(text: str, **style: Any) -> str:
    return json.dumps(json.loads(text), **{"ensure_ascii": False, "separators": (",", ":"), **style})


def by_code_point(given: dict[str, str], text: str) -> str:
    return written(text, sort_keys=True)


def in_given_order(given: dict[str, str], text: str) -> str:
    return written(given["text"]) if "text" in given else text


# -- functions of the reference replaced -----------------------------------------------------------------------------------------

def clamped_int(original: Any, token: str) -> Any:
    return original(token) if len(token) < 16 else max(-SAFE, min(SAFE, int(token)))


def clamped_float(original: Any, token: str) -> Any:
    return max(-LARGEST, min(LARGEST, float(token)))


async def looked_through(original: Any, site: Any, sight: Any, raw: bytes) -> Any:
    """Takes its time over a text without its end."""
    if len(raw) > LONG_BYTES and raw.endswith(b'\\"}}'):
        await asyncio.sleep(LOOKING_S)
    return await original(site, sight, raw)


def walked(original: Any, site: Any, name: str) -> Any:
    return original(site, "probe_run" if name.startswith("__") else name)


def leaky(original: Any, error: BaseException, declared: Any) -> Any:
    problem = original(error, declared)
    if problem.code == "internal":
        problem.detail = str(error)
    return problem


def coercing(original: Any, kind: str, value: Any) -> bool:
    return bool(original(kind, value) or (kind == "int" and type(value) is float and value.is_integer()))


def offset_lost(original: Any, text: str) -> Any:
    return original(re.sub(r"[+-]\d\d:\d\d$", "Z", text))


JSON_FAULTS = (
    Fault("utf-8-repaired", "ground-1", {"ground/encodings.continuation": "status", "ground/encodings.overlong": "status"},
          patch=("mizan.canonical.read", lambda original, raw: original(raw.decode("utf-8", "replace").encode()))),
    Fault("mark-stripped", "ground-2", {"ground/encodings.utf-8-marked": "status"},
          patch=("mizan.canonical.read", lambda original, raw: original(raw.removeprefix(b"\xef\xbb\xbf")))),
    Fault("nan-read", "ground-3", {"ground/numbers.nan": "status"}, patch=("mizan.canonical.constant", lambda original, token: 0.5)),
    Fault("second-document-ignored", "ground-3", {"ground/documents.two-documents": "status"}, wire=accepted(b"}}{")),
    Fault("last-member-wins", "ground-4", {"ground/documents.twice-in-args": "status", "ground/documents.twice-escaped": "status"},
          patch=("mizan.canonical.members", lambda original, pairs: dict(pairs))),
    Fault("surrogate-read", "ground-5", {"ground/documents.high-surrogate": "status"}, wire=accepted(b"\\ud800")),
    Fault("noncharacter-read", "ground-6", {"ground/documents.noncharacter-fffe": "status", "ground/encodings.noncharacter": "status"},
          patch=("mizan.canonical.check_characters", lambda original, text, value: None)),
    Fault("int-rounded", "ground-7", {"ground/numbers.unsafe-int": "status", "ground/numbers.unsafe-float": "status"},
          patch=("mizan.canonical.int_token", clamped_int)),
    Fault("overflow-rounded", "ground-8", {"ground/numbers.overflow": "status"}, patch=("mizan.canonical.float_token", clamped_float)),
    Fault("quadratic-reader", "ground-88", {"ground/documents.text-without-end": ""}, ends=("hang",),
          patch=("mizan.dispatch.call", looked_through)),
    Fault("depth-unbounded", "ground-9", {"ground/numbers.depth-65": "bytes"},
          patch=("mizan.canonical.depth_of", lambda original, text: 0)),
    Fault("members-unsorted", "ground-10", {"ground/canon-members.ascii": "ok", "dispatch/drawn-canonical": "1"},
          oracle=canonical(in_given_order)),
    Fault("members-by-code-point", "ground-10", {"ground/canon-members.astral-before-bmp-end": "ok"}, oracle=canonical(by_code_point)),
    Fault("canonical-spaced", "ground-11", {"ground/canon-space.removed": "ok"},
          oracle=canonical(lambda given, text: written(text, separators=(", ", ": ")))),
    Fault("canonical-ascii", "ground-12", {"ground/canon-texts.astral": "ok"},
          oracle=canonical(lambda given, text: written(text, ensure_ascii=True))),
    Fault("canonical-composed", "ground-13", {"ground/canon-texts.composed": "ok"},
          oracle=canonical(lambda given, text: unicodedata.normalize("NFC", text))),
    Fault("numbers-as-read", "ground-14", {"ground/canon-numbers.integral-float": "ok"}, oracle=canonical(in_given_order)),
    Fault("syntax-repaired", "ground-15", {"ground/canon-refused.twice": "err", "ground/canon-refused.nan": "err"}, oracle=taken("syntax")),
    Fault("number-taken", "ground-16", {"ground/canon-refused.unsafe": "err", "ground/canon-refused.written-in-digits": "err"},
          oracle=taken("number")),
    Fault("depth-taken", "ground-17", {"ground/canon-refused.depth-65": "err"}, oracle=taken("depth")),
    Fault("int-as-float", "ground-18", {"ground/values.int": "members"}, wire=spelt(b'"kinds"', rb'"whole":(-?[0-9]+)', rb'"whole":\1.0')),
    Fault("bool-as-int", "ground-19", {"dispatch/drawn-kinds": "1"}, wire=spelt(b'"kinds"', rb'"flag":true', b'"flag":1')),
    Fault("minus-zero-kept", "ground-20", {"dispatch/minus-zero": ""}, wire=spelt(b'"real":-0', rb'"real":0(?:\.0)?', b'"real":-0.0')),
    Fault("float-in-digits", "ground-21", {"ground/values.float-digits": "status"},
          patch=("mizan.reader.is_sayable", lambda original, number: True)),
    Fault("nan-as-null", "ground-22", {"ground/functions.nan": "status"}, wire=accepted(b'"which":"nan"')),
    Fault("result-unchecked", "ground-23", {"ground/functions.wrong-type": "status"},
          patch=("mizan.writer.write_int", lambda original, value: value)),
)
DOOR_FAULTS = (
    Fault("prototype-walked", "ground-24", {"ground/names.proto": "same_bytes", "ground/names.init": "status"},
          patch=("mizan.dispatch.lookup", walked)),
    Fault("own-key-dropped", "ground-25", {"ground/values.map-own-keys": "members"}, wire=spelt(b'"__proto__"', rb'"__proto__":1,?', b"")),
    Fault("dunder-argument-ignored", "ground-26", {"ground/values.unknown-class": "status"}, wire=accepted(b'"__class__":{}')),
    Fault("path-decoded", "ground-27", {"ground/paths.escaped-letter": "status"},
          patch=("mizan.web.door_of", lambda original, path: original(unquote_to_bytes(path) if path else path))),
    Fault("base-decoded", "ground-28", {"ground/paths.base-escaped": "status"},
          patch=("mizan.fastapi.raw_path", lambda original, scope: scope["path"].encode())),
    Fault("whole-url-unknown", "ground-91", {"ground/paths.whole-url": "status"},
          wire=lambda reply: ill(reply, 404) if reply.request.target.startswith("http:") and reply.status == 200 else reply),
    Fault("query-in-path", "ground-29", {"ground/paths.query": "status"},
          wire=lambda reply: ill(reply, 404) if "?fn=" in reply.request.target and reply.status == 200 else reply),
    Fault("get-calls", "ground-30", {"ground/methods.get": "status"},
          wire=lambda reply: well(reply) if (reply.request.method, reply.status) == ("GET", 405) else reply),
    Fault("allow-all", "ground-30", {"ground/methods.put": "headers"}, wire=field_changed("Allow", "GET, HEAD, POST")),
    Fault("options-always", "ground-31", {"dispatch/options-off": "0"}, wire=status_changed("OPTIONS", 405, 204)),
    Fault("method-overridden", "ground-32", {"ground/claims.get-overridden": "status"}, wire=overridden),
)
REFUSAL_FAULTS = (
    Fault("problem-as-json", "ground-33", {"ground/problems.malformed-type": "headers"},
          wire=lambda reply: reply.with_header("Content-Type", "application/json") if reply.status == 400 else reply),
    Fault("problem-with-instance", "ground-34", {"ground/problems.malformed": "body"},
          wire=lambda reply: reply.with_json(lambda body: {**body, "instance": reply.request.target}) if reply.status == 400 else reply),
    Fault("envelope-told-apart", "ground-35", {"ground/problems.malformed-again": "same_bytes"},
          wire=spelt(b'{"fn":5}', rb'"Malformed request"', b'"Malformed envelope"')),
    Fault("raised-text-told", "ground-36", {"ground/leaks.raised": "lacks"}, patch=("mizan.errors.problem_of", leaky)),
    Fault("detail-lost", "ground-37", {"ground/problems.application": "body"}, wire=spelt(b'"taken"', rb'"detail":"taken",?', b"")),
    Fault("undeclared-told", "ground-38", {"ground/problems.undeclared": "status"},
          patch=("mizan.errors.is_declared", lambda original, error, declared: True)),
    Fault("no-row-is-failure", "ground-39", {"ground/problems.no-row": "status"},
          wire=lambda reply: ill(reply, 500) if b'"user_id":4001' in reply.request.body and reply.status == 404 else reply),
    Fault("first-error-alone", "ground-40", {"ground/errors.every": "errors"}, wire=errors_changed(lambda errors: errors[:1])),
    Fault("errors-as-found", "ground-41", {"ground/errors.bytes-order": "pointers"},
          wire=errors_changed(lambda errors: errors[::-1])),
    Fault("errors-cut-early", "ground-42", {"ground/errors.cut-at-64": "pointers"}, wire=errors_changed(lambda errors: errors[:63])),
    Fault("errors-with-value", "ground-43", {"dispatch/error-members": ""},
          wire=errors_changed(lambda errors: [{**one, "value": 1} for one in errors])),
    Fault("pointer-unescaped", "ground-44", {"ground/errors.escapes": "pointers"},
          patch=("mizan.reader.escaped", lambda original, token: str(token))),
    Fault("pointer-of-any-length", "ground-92", {"ground/errors.longer-pointer": "errors", "ground/errors.longer-pointers-once": "errors"},
          patch=("mizan.reader.shortened", lambda original, path: path)),
    Fault("pointer-measured-in-characters", "ground-92", {"ground/errors.longer-pointer": "errors"},
          patch=("mizan.reader.bytes_of", lambda original, token: len(token))),
    Fault("pointer-measured-unescaped", "ground-92", {"ground/errors.longer-when-escaped": "errors"},
          patch=("mizan.reader.bytes_of", lambda original, token: original(token.replace("~0", "~")))),
    Fault("longest-pointer-cut", "ground-92", {"ground/errors.longest-pointer": "errors"},
          patch=("mizan.reader.bytes_of", lambda original, token: original(token) + 1)),
    Fault("unknown-by-name", "ground-45", {"ground/errors.unknown-once": "errors"},
          wire=errors_changed(lambda errors: [{**one, "pointer": one["pointer"] + "/x" * (one["code"] == "unknown")} for one in errors])),
)
INPUT_FAULTS = (
    Fault("int-coerced", "ground-46", {"ground/values.int-fraction": "status", "ground/values.int-exponent": "status"},
          patch=("mizan.reader.is_of_kind", coercing)),
    Fault("float-as-text", "ground-47", {"dispatch/whole-floats": "", "ground/values.float": "members"},
          wire=spelt(b'"kinds"', rb'"real":([-+.0-9e]+)', rb'"real":"\1"')),
    Fault("bool-coerced", "ground-48", {"ground/values.bool-number": "status"}, wire=accepted(b'"flag":1}')),
    Fault("text-coerced", "ground-49", {"ground/texts.number": "status"}, wire=accepted(b'{"text":5}')),
    Fault("default-of-argument-lost", "ground-50", {"ground/values.absent-argument": "members"},
          wire=spelt(b'"flag":true}', rb'"whole":0', b'"whole":null')),
    Fault("default-of-field-lost", "ground-89", {"ground/values.point-defaults": "members"},
          wire=spelt(b'"point":{"x":1}', rb'"y":0', b'"y":null')),
    Fault("absent-field-left-out", "ground-89", {"ground/values.point-defaults": "members"},
          wire=spelt(b'"point":{"x":1}', rb'"y":0,|,"y":0', b"")),
    Fault("missing-as-null", "ground-51", {"ground/functions.text-missing": "errors"}, wire=spelt(b'"args":{}', rb'"missing"', b'"null"')),
    Fault("null-as-default", "ground-52", {"ground/values.int-null": "status"}, wire=accepted(b'"whole":null')),
    Fault("required-not-nullable", "ground-53", {"ground/functions.pick-null": "status"}, wire=refused(b'"pick","args":{"value":null}')),
    Fault("unknown-ignored", "ground-54", {"ground/values.unknown": "status", "ground/values.point-unknown": "status"},
          patch=("mizan.reader.has_known_members_alone", lambda original, fields, given: True)),
)
TYPE_FAULTS = (
    Fault("false-as-null", "ground-55", {"ground/values.nothing-false": "status"}, wire=accepted(b'"nothing":false')),
    Fault("scalar-as-list", "ground-56", {"ground/values.list-scalar": "status"}, wire=accepted(b'"numbers":3}')),
    Fault("map-values-unchecked", "ground-57", {"ground/values.map-value": "status"}, wire=accepted(b'{"a":1,"b":"2"}')),
    Fault("fields-unchecked", "ground-58", {"ground/values.point-field": "status"}, wire=accepted(b'"point":{"x":true}')),
    Fault("enum-in-any-case", "ground-59", {"ground/values.color-case": "status"}, wire=accepted(b'"RED"')),
    Fault("enum-coerced", "ground-60", {"ground/values.level-text": "status"}, wire=accepted(b'"level":"1"')),
    Fault("union-first-fit", "ground-61", {"ground/values.either-text": "members"},
          wire=spelt(b'"either":"5"', rb'"either":"5"', b'"either":5')),
    Fault("null-is-no-choice", "ground-62", {"ground/functions.null-kind": "errors"}, wire=spelt(b'"kind":null', rb'"null"', b'"choice"')),
    Fault("last-field-tells", "ground-62", {"ground/functions.first-field-tells": "errors"},
          wire=spelt(b'"kind":"square","hue":"red"', rb'/kind"', b'/hue"')),
    Fault("kind-unchecked", "ground-62", {"ground/functions.other-kind": "status"}, wire=accepted(b'"triangle"')),
    Fault("json-interpreted", "ground-63", {"ground/values.free-text": "members"},
          wire=spelt(b'"free":"', rb'T12:34:56\+02:00', b"T10:34:56Z")),
    Fault("offset-lost", "ground-64", {"ground/datetimes.east": "members", "ground/datetimes.west": "members"},
          patch=("mizan.texts.read_datetime", offset_lost)),
    Fault("offset-guessed", "ground-65", {"ground/datetimes.no-offset": "status"}, wire=accepted(b'"2024-02-29T12:34:56"')),
    Fault("range-as-format", "ground-66", {"ground/datetimes.before-first": "errors"}, wire=spelt(b'"at":"0001', rb'"range"', b'"format"')),
    Fault("fraction-always", "ground-67", {"ground/datetimes.utc": "members", "ground/datetimes.whole-milliseconds": "members"},
          patch=("mizan.texts.fraction_text", lambda original, microsecond: f".{microsecond:06d}")),
    Fault("naive-is-local", "ground-68", {"ground/functions.naive": "result"}, wire=spelt(b'"naive":true', rb"T12:", b"T11:")),
    Fault("date-of-any-form", "ground-69", {"ground/values.day-basic": "status"},
          patch=("mizan.texts.read_date", lambda original, text: datetime.date.fromisoformat(text))),
    Fault("year-zero-as-format", "ground-70", {"ground/values.day-year-0": "errors"},
          wire=spelt(b'"0000-01-01"', rb'"range"', b'"format"')),
    Fault("year-zero-before-form", "ground-90", {"ground/values.day-year-0-no-month": "errors", "ground/datetimes.year-0-no-month": "errors"},
          wire=spelt(b'"0000-13-', rb'"format"', b'"range"')),
    Fault("decimal-of-any-form", "ground-71", {"ground/values.price-exponent": "status"},
          patch=("mizan.texts.read_decimal", lambda original, text: Decimal(text))),
    Fault("decimal-of-any-length", "ground-72", {"ground/values.price-39": "status"},
          wire=accepted(b'"123456789012345678901234567890123456789"')),
    Fault("decimal-stripped", "ground-73", {"ground/values.price": "members", "ground/values.price-small": "members"},
          patch=("mizan.texts.write_decimal", lambda original, value: str(value.normalize()))),
    Fault("int64-of-any-form", "ground-74", {"ground/values.big-leading-zero": "status"},
          patch=("mizan.texts.read_int64", lambda original, text: int(text))),
    Fault("int64-rounded", "ground-75", {"ground/values.big": "members"}, wire=spelt(b'"big":', rb"9007199254740993", b"9007199254740992")),
    Fault("unused-bits-taken", "ground-76", {"ground/values.raw-unused-bits": "status", "ground/values.raw-padded": "status"},
          patch=("mizan.texts.read_bytes", lambda original, text: base64.urlsafe_b64decode(text + "=="))),
    Fault("uuid-of-any-form", "ground-77", {"ground/values.uid-upper": "status", "ground/values.uid-plain": "status"},
          patch=("mizan.texts.read_uuid", lambda original, text: uuid.UUID(text))),
)
ORIGIN_FAULTS = (
    Fault("origins-always-open", "ground-78", {"dispatch/origins-off": "2"}, wire=open_to_all),
    Fault("preflight-200", "ground-79", {"ground/origins.preflight": "status"}, wire=status_changed("OPTIONS", 204, 200)),
    Fault("preflight-any-method", "ground-80", {"ground/origins.preflight-methods": "headers"},
          wire=field_changed("Access-Control-Allow-Methods", "*")),
    Fault("preflight-any-field", "ground-81", {"ground/origins.preflight-fields": "headers"},
          wire=field_changed("Access-Control-Allow-Headers", "*")),
    Fault("preflight-for-a-day", "ground-82", {"ground/origins.preflight-age": "headers"},
          wire=field_changed("Access-Control-Max-Age", "86400")),
    Fault("origin-any", "ground-83", {"ground/origins.call": "headers", "ground/origins.internal": "headers"},
          wire=field_changed("Access-Control-Allow-Origin", "*")),
    Fault("nothing-exposed", "ground-84", {"ground/origins.exposed": "headers"},
          wire=field_changed("Access-Control-Expose-Headers", "ETag")),
    Fault("origin-reflected", "ground-85", {"ground/origins.other-origin": "headers", "ground/origins.null-origin": "headers"},
          patch=("mizan.cors.is_listed", lambda original, origins, origin: bool(origin))),
    Fault("options-of-others-refused", "ground-86", {"ground/origins.preflight-other-origin": "status"}, wire=options_refused),
    Fault("origin-twice", "ground-87", {"dispatch/origins-once": "2"}, wire=doubled),
)
FAULTS = (*JSON_FAULTS, *DOOR_FAULTS, *REFUSAL_FAULTS, *INPUT_FAULTS, *TYPE_FAULTS, *ORIGIN_FAULTS)
