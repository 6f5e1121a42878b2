"""What is wrong with bundles: their slots, their query, their validators. Replacements take the original first. Source: spec/context.md."""
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from afi.faults import Fault

Change = Callable[[Any], Any]


# -- on the wire: a change for the replies that a condition picks --------------------------------------------------------------

def when(picked: Callable[[Any], bool], change: Change) -> Change:
    """Returns: a wire fault; replies that are not picked stay the same object."""
    return lambda reply: change(reply) if picked(reply) else reply


def at(path: str, status: int = 200) -> Callable[[Any], bool]:
    """Picks the replies of one status to targets that hold a text."""
    return lambda reply: path in reply.request.target and reply.status == status


def sent(method: str, path: str = "/ctx/") -> Callable[[Any], bool]:
    return lambda reply: reply.request.method == method and path in reply.request.target


def headed(name: str, value: str) -> Change:
    return lambda reply: reply.with_header(name, value)


def with_codes(code: str) -> Change:
    """Gives every error of a refusal one code."""
    return lambda reply: reply.with_json(lambda said: {**said, "errors": [{**one, "code": code} for one in said["errors"]]})


def without_positions(said: Any) -> Any:
    return {**said, "errors": [{**one, "pointer": one["pointer"].rstrip("/0123456789")} for one in said["errors"]]}


def echoed(reply: Any) -> Any:
    """Names the keys that nobody declared."""
    query = reply.request.target.partition("?")[2]
    return reply.with_json(lambda said: {**said, "errors": [{**one, "message": query} for one in said["errors"]]})


def is_refused(reply: Any) -> bool:
    return "/ctx/" in reply.request.target and reply.status == 422 and reply.request.method != "HEAD"


def has_cookie(reply: Any) -> bool:
    return any(name == "Cookie" for name, _ in reply.request.headers) and reply.status == 200


# -- the bundle ---------------------------------------------------------------------------------------------------------------

async def twice(original, site, sight, wanted):
    await original(site, sight, wanted)
    return await original(site, sight, wanted)


KEPT: dict[Any, Any] = {}


async def kept(original, site, sight, wanted):
    key = wanted.context, wanted.query
    if key not in KEPT:
        KEPT[key] = await original(site, sight, wanted)
    return KEPT[key]


async def failures_kept(original, site, sight, wanted):
    key = wanted.context, wanted.query
    answer = KEPT.get(key) or await original(site, sight, wanted)
    if answer.status == 500:
        KEPT[key] = answer
    return answer


async def refused_runs(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    if answer.status == 422 and wanted.context == "report":
        site.sealed.contexts["report"].slots["report_org"].body(None, org_id=3)
    return answer


async def validator_first(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    return dataclasses.replace(answer, status=304, body=b"") if "*" in wanted.if_none_match else answer


async def query_first(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    return dataclasses.replace(answer, status=422) if b"%zz" in wanted.query else answer


def walks(original, site, name):
    return original(site, "user" if name.startswith("__") or name in ("constructor", "toString") else name)


def decodes(original, site, name):
    return original(site, unquote(name).lower())


def functions_too(original, site, name):
    function = site.sealed.functions.get(name)
    if function is None:
        return original(site, name)
    return type(site.sealed.contexts["user"])(name, function.parameters, {name: function}, function.names)


def spaced(original, context, body):
    return original(context, json.dumps(json.loads(body), ensure_ascii=False).encode())


def sorted_by_code_points(original, context, body):
    return original(context, json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def first_user(original, function, values):
    return original(function, {**values, "user_id": 1} if "user_id" in values else values)


# -- parameters and the query -------------------------------------------------------------------------------------------------

def of_one_function(original, context, raw):
    first = next(iter(context.slots.values()))
    return original(dataclasses.replace(context, parameters=first.parameters), raw)


def filled_up(original, context, raw):
    missing = [name for name, one in context.parameters.items() if one.required and name.encode() not in raw]
    return original(context, b"&".join([raw, *(b"%b=0" % name.encode() for name in missing)]))


def defaults_empty(original, context, raw):
    values = original(context, raw)
    return {**values, "lang": ""} if "lang" in values and b"lang" not in raw else values


def last_wins(original, found):
    groups = original(found)
    return {name: values if name == "numbers" else values[-1:] for name, values in groups.items()}


def plain_only(original, one, plain, spelt, reading):
    return original(one, plain, [] if plain else spelt, reading)


def null_text(original, one, plain, spelt, reading):
    return original(one, [], plain, reading) if plain == ["null"] else original(one, plain, spelt, reading)


def first_elements(original, one, plain, spelt, reading):
    return original(one, sorted(plain), spelt, reading) if one.name in ("numbers", "v") else original(one, plain, spelt, reading)


def without_equals(original, raw):
    return original(b"&".join(piece for piece in raw.split(b"&") if b"=" in piece))


def in_parts(original, raw):
    pieces = raw.split(b"&")
    return [pair for start in range(0, len(pieces), 32) for pair in original(b"&".join(pieces[start:start + 32]))]


def in_order_only(original, raw):
    found = original(raw)
    return found if found == sorted(found) else found[:1]


def last_equals(original, piece):
    name, equals, value = piece.rpartition(b"=")
    return original(name.replace(b"=", b"%3D") + equals + value)


def replaced_bytes(original, raw):
    try:
        return original(raw)
    except ValueError as error:
        decoded = unquote_to_bytes(raw.replace(b"+", b" "))
        if "\ufffd" not in decoded.decode("utf-8", "replace"):
            raise error
        return decoded.decode("utf-8", "replace")


def bad_escapes_kept(original, raw):
    return original(re.sub(rb"%(?![0-9A-Fa-f]{2})", b"%25", raw))


# -- spellings ----------------------------------------------------------------------------------------------------------------

def loose_int(original, kind, text, pointer, reading):
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            pass
    return original(kind, text, pointer, reading)


def loose_bool(original, kind, text, pointer, reading):
    return original(kind, {"1": "true"}.get(text, text.lower()) if kind == "bool" else text, pointer, reading)


def loose_float(original, kind, text, pointer, reading):
    if kind == "float":
        try:
            return original(kind, json.dumps(json.loads(text)).removesuffix(".0"), pointer, reading)
        except ValueError:
            pass
    return original(kind, text, pointer, reading)


def digits_pass(original, kind, text, pointer, reading):
    return float(text) if kind == "float" and text.isdigit() and len(text) > 15 else original(kind, text, pointer, reading)


def any_spelling_of(which: str) -> Callable[..., Any]:
    """A text form of one kind is taken in whatever spelling a body may have."""
    def replacement(original, kind, text):
        return original.__globals__["BODY"].read[kind](text) if kind == which else original(kind, text)
    return replacement


def in_any_case(original, text):
    return original(text.lower())


def padded(original, text):
    return original(text.rstrip("="))


def basic_dates(original, text):
    return original(f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdigit() else text)


def enum_in_any_case(original, type_, text, pointer, reading):
    return original(type_, text.lower(), pointer, reading)


def canonicalised(original, type_, spelt, pointer, reading):
    try:
        said = [json.dumps(json.loads(one), ensure_ascii=False, sort_keys=True, separators=(",", ":")) for one in spelt]
    except ValueError:
        said = spelt
    return original(type_, said, pointer, reading)


def unvalidated(original, type_, spelt, pointer, reading):
    return json.loads(spelt[0])


def empty_is_nothing(original, type_, text, pointer, reading):
    return {"int": 0, "bytes": b""}.get(getattr(type_, "kind", ""), original(type_, text, pointer, reading)) if text == "" else original(
        type_, text, pointer, reading)


# -- what a public read may see, validators, stores in between ----------------------------------------------------------------

class Fields(dict):
    """Request header fields of which one may be read without a word."""

    def __init__(self, shown: str, refuse: Callable[[str], Any]) -> None:
        super().__init__()
        self.shown, self.refuse = shown, refuse

    def get(self, name, default=None):
        return default if name == self.shown else self.refuse("headers")


def shows(which: str) -> Callable[..., Any]:
    def replacement(original, self, name):
        return None if name == which else original(self, name)
    return replacement


def shows_field(which: str) -> Callable[..., Any]:
    def replacement(original, self, name):
        return Fields(which, lambda attribute: original(self, attribute)) if name == "headers" else original(self, name)
    return replacement


def strong_only(original, tag, if_none_match):
    return original(tag, [one for one in if_none_match if "W/" not in one])


def one_tag_only(original, tag, if_none_match):
    return original(tag, if_none_match if if_none_match in (["*"], [tag], [f"W/{tag}"]) else [])


def as_text(original, tag, if_none_match):
    return original(tag, if_none_match) or any(tag.strip('"') in one for one in if_none_match)


def unquoted(original, tag, if_none_match):
    return original(tag, [f'"{one}"' if one.isalnum() else one for one in if_none_match])


NOT_MODIFIED = at("/ctx/", 304)
BUNDLE = at("/ctx/user/?")
FAULTS = (
    # the bundle
    Fault("slot-left-out", "context-1", {"context/bundles.user": "body", "context/bundles.one-slot": ""},
          wire=when(at("/ctx/"), lambda reply: reply.with_json(lambda said: dict(sorted(said.items())[1:])) if reply.request.method == "GET" else reply)),
    Fault("slot-too-many", "context-1", {"context/bundles.user": "body"},
          wire=when(BUNDLE, lambda reply: reply.with_json(lambda said: {**said, "context": "user"}) if reply.request.method == "GET" else reply)),
    Fault("slot-of-another", "context-2", {"context/bundles.other-user": "body", "context/slots-are-calls": "0", "context/users-share-no-slot": ""},
          patch=("mizan.bundle.own_values", first_user)),
    Fault("defaults-forgotten", "context-2", {"context/typed-is-kinds": "", "context/drawn-values": "1"},
          wire=when(at("/ctx/typed/"), lambda reply: reply.with_json(lambda said: {"typed_kinds": {**said["typed_kinds"], "day": "2000-01-01"}}))),
    Fault("bundle-runs-twice", "context-3", {"context/bundles.counted": "calls", "context/each-read-runs": "2"}, patch=("mizan.bundle.fetch", twice)),
    Fault("bundle-never-again", "context-3", {"context/bundles.counted": "calls", "context/each-read-runs": "1"}, patch=("mizan.bundle.fetch", kept)),
    Fault("bundle-spaced", "context-4", {"context/bundles.canonical": "bytes", "context/drawn-bytes": "1"}, patch=("mizan.bundle.reply", spaced)),
    Fault("keys-by-code-point", "context-4", {"context/bundles.key-order": "bytes"}, patch=("mizan.bundle.reply", sorted_by_code_points)),
    Fault("bundle-with-charset", "context-5", {"context/bundles.media-type": "headers"},
          wire=when(at("/ctx/"), headed("Content-Type", "application/json; charset=utf-8"))),
    Fault("unknown-context-is-200", "context-6", {"context/bundles.unknown": "status"},
          wire=when(at("/ctx/no_such/", 404), lambda reply: reply.with_status(200))),
    Fault("context-walks", "context-7", {"context/bundles.proto": "same_bytes", "context/bundles.class": "same_bytes",
                                         "context/bundles.to-string": "same_bytes"}, patch=("mizan.bundle.known", walks)),
    Fault("context-decoded", "context-8", {"context/bundles.escaped-letter": "same_bytes", "context/bundles.capital": "same_bytes"},
          patch=("mizan.bundle.known", decodes)),
    Fault("functions-are-contexts", "context-9", {"context/bundles.mutation": "calls", "context/bundles.plain-function": "status",
                                                  "context/get-changes-nothing": "0"}, patch=("mizan.bundle.known", functions_too)),
    Fault("bundle-takes-any-method", "context-10", {"context/methods.post": "status"},
          patch=("mizan.web.check_method", lambda original, door, method: None)),
    Fault("bundle-without-allow", "context-10", {"context/methods.post": "headers.Allow"},
          wire=when(at("/ctx/", 405), lambda reply: reply.without_header("Allow"))),
    Fault("head-without-tag", "context-11", {"context/methods.head": "headers.ETag", "context/head-is-get": ""},
          wire=when(sent("HEAD"), lambda reply: reply.without_header("ETag"))),
    Fault("head-refusal-stored", "context-11", {"context/methods.head-refused": "headers.Cache-Control", "context/head-is-get": ""},
          wire=when(sent("HEAD"), lambda reply: reply.with_header("Cache-Control", "public, no-cache"))),
    Fault("get-body-refused", "context-12", {"context/methods.get-body": "status", "context/methods.get-form-body": "status"},
          wire=when(lambda reply: sent("GET")(reply) and bool(reply.request.body), lambda reply: reply.with_status(400))),
    Fault("override-obeyed", "context-12", {"context/methods.get-override": "status"},
          wire=when(lambda reply: any(name == "X-HTTP-Method-Override" for name, _ in reply.request.headers), lambda reply: reply.with_status(405))),
    Fault("name-before-method", "context-13", {"context/methods.unknown-context": "status"},
          wire=when(sent("POST", "/ctx/no_such/"), lambda reply: reply.with_status(404))),
    Fault("query-before-name", "context-14", {"context/bundles.name-before-query": "status"}, patch=("mizan.bundle.fetch", query_first)),
    # parameters
    Fault("parameters-of-one", "context-15", {"context/parameters.union": "status"}, patch=("mizan.bundle.parameters", of_one_function)),
    Fault("required-filled-up", "context-16", {"context/parameters.first-missing": "status", "context/parameters.second-missing": "status"},
          patch=("mizan.bundle.parameters", filled_up)),
    Fault("default-forgotten", "context-17", {"context/parameters.default": "body"}, patch=("mizan.bundle.parameters", defaults_empty)),
    Fault("unknown-key-ignored", "context-18", {"context/parameters.unknown-key": "status", "context/parameters.two-unknown-keys": "status",
                                                "context/read-pieces.unknown": ""},
          patch=("mizan.query.has_unknown", lambda original, found, parameters: False)),
    Fault("unknown-key-told", "context-18", {"context/parameters.two-unknown-keys": "lacks"}, wire=when(is_refused, echoed)),
    Fault("last-value-wins", "context-19", {"context/parameters.doubled": "status"}, patch=("mizan.query.grouped", last_wins)),
    Fault("refused-query-runs", "context-20", {"context/parameters.refused-runs-nothing": "calls"}, patch=("mizan.bundle.fetch", refused_runs)),
    # the query
    Fault("decoded-before-split", "context-21", {"context/pieces.ampersand": ""},
          patch=("mizan.query.pairs", lambda original, raw: original(raw.replace(b"%26", b"&").replace(b"%3D", b"=")))),
    Fault("semicolon-splits", "context-21", {"context/read-pieces.semicolon-is-data": ""},
          oracle=lambda asked, answer: {"id": answer["id"], "err": "validation"} if ";" in asked.get("in", {}).get("query", "") else answer),
    Fault("empty-piece-is-a-pair", "context-22", {"context/pieces.empty-pieces": "status"},
          patch=("mizan.query.pairs", lambda original, raw: original(raw.replace(b"&&", b"&=&")))),
    Fault("flags-ignored", "context-23", {"context/pieces.no-equals": "status"}, patch=("mizan.query.pairs", without_equals)),
    Fault("last-equals-splits", "context-24", {"context/pieces.later-equals": ""}, patch=("mizan.query.pair", last_equals)),
    Fault("plus-is-plus", "context-25", {"context/pieces.plus": "members"},
          patch=("mizan.query.pair", lambda original, piece: original(piece.replace(b"+", b"%2B")))),
    Fault("plus-after-escapes", "context-26", {"context/pieces.escaped-plus": "members"},
          patch=("mizan.query.unescaped", lambda original, raw: original(raw.replace(b"%2B", b"+")))),
    Fault("names-stay-escaped", "context-26", {"context/pieces.escaped-name": "status"},
          patch=("mizan.query.pair", lambda original, piece: original(
              piece.partition(b"=")[0].replace(b"%", b"%25") + b"".join(piece.partition(b"=")[1:])))),
    Fault("bad-escapes-kept", "context-27", {"context/pieces.bare-percent": "status", "context/read-pieces.no-hex": ""},
          patch=("mizan.query.unescaped", bad_escapes_kept)),
    Fault("bad-bytes-replaced", "context-28", {"context/pieces.bad-byte": "status", "context/read-pieces.overlong": ""},
          patch=("mizan.query.unescaped", replaced_bytes)),
    Fault("mark-taken-away", "context-28", {"context/pieces.byte-order-mark": "members"},
          patch=("mizan.query.unescaped", lambda original, raw: original(raw).lstrip("\ufeff"))),
    Fault("any-number-of-pairs", "context-29", {"context/spellings.pairs-65": "status"}, patch=("mizan.query.pairs", in_parts)),
    Fault("any-length", "context-30", {"context/pieces.over-the-limit": "status"},
          patch=("mizan.query.pairs", lambda original, raw: original(raw[:8192]))),
    Fault("length-after-decoding", "context-30", {"context/pieces.over-the-limit": "status"},
          patch=("mizan.query.pairs", lambda original, raw: original(raw.replace(b"%C3%A9", b"e")))),
    Fault("order-matters", "context-31", {"context/order.reordered": "status"},
          wire=when(at("?user_id=7&org_id=3"), lambda reply: reply.with_status(422))),
    Fault("first-mismatch-alone", "context-32", {"context/parameters.no-query": "errors", "context/parameters.all-listed": "errors"},
          wire=when(is_refused, lambda reply: reply.with_json(lambda said: {**said, "errors": said["errors"][:1]}))),
    # one spelling for each value
    Fault("query-int-loose", "context-33", {"context/ints.leading-zero": "status", "context/ints.plus-space": "status",
                                            "context/ints.full-width": "status"}, patch=("mizan.query.plain_token", loose_int)),
    Fault("query-bool-loose", "context-34", {"context/read-bool.capital": "", "context/read-bool.one": ""}, patch=("mizan.query.plain_token", loose_bool)),
    Fault("query-float-loose", "context-35", {"context/read-float.integral-fraction": "", "context/read-float.needless-exponent": ""}, patch=("mizan.query.plain_token", loose_float)),
    Fault("query-float-long-digits", "context-36", {"context/read-float.digits-beyond": ""}, patch=("mizan.query.plain_token", digits_pass)),
    Fault("query-datetime-loose", "context-37", {"context/read-datetime.zero-offset": "", "context/read-datetime.one-digit": ""}, patch=("mizan.texts.read_out_form", any_spelling_of("datetime"))),
    Fault("query-date-loose", "context-38", {"context/read-date.basic": ""}, patch=("mizan.texts.read_date", basic_dates)),
    Fault("query-decimal-loose", "context-39", {"context/read-decimal.trailing-zero": ""}, patch=("mizan.texts.read_out_form", any_spelling_of("decimal"))),
    Fault("query-int64-loose", "context-40", {"context/read-int64.leading-zero": ""},
          patch=("mizan.texts.read_int64", lambda original, text: original(text.lstrip("0") or "0"))),
    Fault("query-uuid-loose", "context-41", {"context/read-uuid.upper-case": ""}, patch=("mizan.texts.read_uuid", in_any_case)),
    Fault("query-bytes-loose", "context-42", {"context/read-bytes.padded": ""}, patch=("mizan.texts.read_bytes", padded)),
    Fault("query-enum-loose", "context-43", {"context/read-enum.capital": ""}, patch=("mizan.query.plain_enum", enum_in_any_case)),
    Fault("noncharacters-pass", "context-44", {"context/pieces.noncharacter": "status"}, patch=("mizan.canonical.is_text", lambda original, text: True)),
    Fault("list-sorted", "context-45", {"context/spellings.numbers": "members"}, patch=("mizan.query.parameter", first_elements)),
    Fault("json-never-taken", "context-46", {"context/spellings.json": "status", "context/drawn-declarations": ""},
          patch=("mizan.query.has_plain_spelling", lambda original, type_, value, names: True)),
    Fault("json-of-any-spelling", "context-47", {"context/misspellings.not-canonical": "errors", "context/read-object.space": ""}, patch=("mizan.query.json_parameter", canonicalised)),
    Fault("json-for-everything", "context-49", {"context/misspellings.needless-json": "", "context/pieces.json-for-a-string": "status"},
          patch=("mizan.query.has_plain_spelling", lambda original, type_, value, names: False)),
    Fault("empty-is-absent", "context-50", {"context/pieces.empty-string": "status"},
          patch=("mizan.query.grouped", lambda original, found: original([(name, value) for name, value in found if value]))),
    Fault("empty-is-nothing", "context-51", {"context/ints.nothing": "status", "context/misspellings.raw-empty": "status"},
          patch=("mizan.query.plain_value", empty_is_nothing)),
    Fault("plain-beside-json", "context-52", {"context/pieces.both": "status"}, patch=("mizan.query.parameter", plain_only)),
    Fault("null-is-a-word", "context-53", {"context/pieces.plain-null": "status"}, patch=("mizan.query.parameter", null_text)),
    Fault("json-unvalidated", "context-54", {"context/misspellings.fields": ""},
          patch=("mizan.query.json_parameter", unvalidated)),
    Fault("element-not-named", "context-55", {"context/misspellings.element": "pointers"},
          wire=when(is_refused, lambda reply: reply.with_json(without_positions))),
    Fault("always-the-same-code", "context-56", {"context/misspellings.codes": "errors", "context/misspellings.ranges": "errors"},
          wire=when(is_refused, with_codes("format"))),
    # all or nothing
    Fault("failing-slot-left-out", "context-57", {"context/failures.loud": "status", "context/failures.no-such-user": "status"},
          wire=when(lambda reply: at("/ctx/", 500)(reply) or at("user_id=4001", 404)(reply),
                    lambda reply: reply.with_status(200).with_json(lambda said: {"broken_calm": "calm", "user_profile": None}))),
    Fault("failure-leaks", "context-57", {"context/failures.loud": "lacks"},
          wire=when(at("/ctx/broken/", 500), lambda reply: reply.with_json(lambda said: {**said, "detail": unquote(reply.request.target)}))),
    Fault("failure-kept", "context-58", {"context/runs-again-after-a-failure": "2"}, patch=("mizan.bundle.fetch", failures_kept)),
    # what a public read may see
    Fault("public-shows-user", "context-59", {"context/public.user": "status"}, patch=("mizan.request.PublicSight.__getattr__", shows("user"))),
    Fault("public-shows-session", "context-60", {"context/public.session": "status"}, patch=("mizan.request.PublicSight.__getattr__", shows("session"))),
    Fault("public-shows-cookies", "context-61", {"context/public.cookies": "status"}, patch=("mizan.request.PublicSight.__getattr__", shows("cookies"))),
    Fault("public-shows-authorization", "context-62", {"context/public.authorization": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows_field("Authorization"))),
    Fault("public-shows-language", "context-63", {"context/public.header": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows_field("Accept-Language"))),
    Fault("called-read-sees-all", "context-64", {"context/public.called": "status"},
          wire=when(lambda reply: b"looks_at" in reply.request.body and reply.status == 500, lambda reply: reply.with_status(200))),
    Fault("cookie-changes-bundle", "context-65", {"context/public.other-headers": "body"},
          wire=when(has_cookie, lambda reply: reply.with_json(lambda said: {**said, "looks_at": "yours"}))),
    # validators
    Fault("tag-of-length", "context-66", {"context/validators.none": "headers.ETag", "context/drawn-tags": "1"},
          patch=("mizan.bundle.etag", lambda original, body: f'"{len(body):032x}"')),
    Fault("tag-too-long", "context-66", {"context/validators.none": "headers.ETag"},
          patch=("mizan.bundle.etag", lambda original, body: f'"{hashlib.sha256(body).hexdigest()}"')),
    Fault("validator-ignored", "context-67", {"context/validators.same": "status"},
          patch=("mizan.bundle.matches", lambda original, tag, if_none_match: False)),
    Fault("strong-comparison", "context-68", {"context/validators.weak": "status"}, patch=("mizan.bundle.matches", strong_only)),
    Fault("one-tag-only", "context-69", {"context/validators.list": "status", "context/validators.two-lines": "status"},
          patch=("mizan.bundle.matches", one_tag_only)),
    Fault("star-is-a-tag", "context-70", {"context/validators.star": "status"},
          patch=("mizan.bundle.matches", lambda original, tag, if_none_match: original(tag, [one for one in if_none_match if one != "*"]))),
    Fault("any-validator-matches", "context-71", {"context/validators.other": "status", "context/validators.other-bundle": "status"},
          patch=("mizan.bundle.matches", lambda original, tag, if_none_match: bool(if_none_match))),
    Fault("tag-found-inside", "context-71", {"context/validators.longer": "status", "context/validators.hidden-in-tag": "status"},
          patch=("mizan.bundle.matches", as_text)),
    Fault("tag-without-quotes", "context-72", {"context/validators.unquoted": "status"}, patch=("mizan.bundle.matches", unquoted)),
    Fault("not-modified-bare", "context-73", {"context/validators.headers": "headers"},
          wire=when(NOT_MODIFIED, lambda reply: reply.without_header("Cache-Control").without_header("Vary"))),
    Fault("not-modified-with-body", "context-74", {"context/validators.no-body": "bytes"}, wire=when(NOT_MODIFIED, lambda reply: reply.with_body(b"{}"))),
    Fault("validator-first", "context-75", {"context/validators.failing": "status", "context/validators.bad-query": "status"},
          patch=("mizan.bundle.fetch", validator_first)),
    # stores in between
    Fault("public-is-private", "context-76", {"context/stores.public": "headers.Cache-Control"}, wire=when(BUNDLE, headed("Cache-Control", "private, no-cache"))),
    Fault("volatile-is-stored", "context-77", {"context/stores.volatile": "headers.Cache-Control"},
          wire=when(at("/ctx/fresh/"), headed("Cache-Control", "public, no-cache"))),
    Fault("call-is-stored", "context-78", {"context/stores.call": "headers.Cache-Control"},
          wire=when(at("/call/"), lambda reply: reply.without_header("Cache-Control"))),
    Fault("error-is-stored", "context-79", {"context/stores.failing": "headers", "context/stores.refused-call": "headers"},
          wire=when(lambda reply: reply.status >= 400, lambda reply: reply.without_header("Cache-Control"))),
    Fault("always-varies", "context-80", {"context/no-origins-no-vary": ""},
          wire=when(BUNDLE, lambda reply: reply if reply.header("Vary") == "Origin" else reply.with_header("Vary", "Origin"))),
    Fault("never-varies", "context-81", {"context/stores.vary": "headers.Vary", "context/stores.vary-asked": "headers.Vary"},
          wire=when(BUNDLE, lambda reply: reply.without_header("Vary"))),
)
