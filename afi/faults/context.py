"""What is wrong with bundles: their slots, their query, their validators. Replacements take the original first. Source: spec/context.md."""
import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from afi.faults import Fault, context_query
from afi.faults.picking import answered, at, headed, sent, when


def is_bundle(reply: Any) -> bool:
    return sent("GET")(reply) and reply.status == 200


def is_failed_look(reply: Any) -> bool:
    return b"looks_at" in reply.request.body and reply.status == 500


def has_field(name: str) -> Callable[[Any], bool]:
    """Picks the replies to requests that carry a field."""
    return lambda reply: reply.status == 200 and any(given == name for given, _ in reply.request.headers)


def without_day(said: Any) -> Any:
    return {"typed_kinds": {**said["typed_kinds"], "day": "2000-01-01"}}


def leaking(reply: Any) -> Any:
    return reply.with_json(lambda said: {**said, "detail": unquote(reply.request.target)})


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


async def validator_first(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    return dataclasses.replace(answer, status=304, body=b"") if "*" in wanted.if_none_match else answer


async def query_first(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    return dataclasses.replace(answer, status=422) if b"%zz" in wanted.query else answer


def get_alone(original, door, method):
    original(dataclasses.replace(door, methods=door.methods[:1]), method)


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


# -- what a public read may see, validators, stores in between ----------------------------------------------------------------

class Fields(dict[str, str]):
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
          wire=when(is_bundle, lambda reply: reply.with_json(lambda said: dict(sorted(said.items())[1:])))),
    Fault("slot-too-many", "context-1", {"context/bundles.user": "body"},
          wire=when(is_bundle, lambda reply: reply.with_json(lambda said: {**said, "context": "user"}))),
    Fault("slot-of-another", "context-2",
          {"context/bundles.other-user": "body", "context/slots-are-calls": "0", "context/users-share-no-slot": ""},
          patch=("mizan.together.own_values", first_user)),
    Fault("typed-argument-forgotten", "context-2", {"context/typed-is-kinds": "", "context/drawn-values": "1"},
          wire=when(at("/ctx/typed/"), lambda reply: reply.with_json(without_day))),
    Fault("bundle-runs-twice", "context-3", {"context/bundles.counted": "calls", "context/each-read-runs": "2"},
          patch=("mizan.bundle.fetch", twice)),
    Fault("bundle-never-again", "context-3", {"context/each-read-runs": "1"}, patch=("mizan.bundle.fetch", kept)),
    Fault("bundle-spaced", "context-4", {"context/bundles.canonical": "bytes", "context/drawn-bytes": "1"},
          patch=("mizan.bundle.reply", spaced)),
    Fault("keys-by-code-point", "context-4", {"context/bundles.key-order": "bytes"}, patch=("mizan.bundle.reply", sorted_by_code_points)),
    Fault("bundle-with-charset", "context-5", {"context/bundles.media-type": "headers"},
          wire=when(at("/ctx/"), headed("Content-Type", "application/json; charset=utf-8"))),
    Fault("unknown-context-is-200", "context-6", {"context/bundles.unknown": "status"},
          patch=("mizan.bundle.known", lambda original, site, name: original(site, name if name in site.sealed.contexts else "user"))),
    Fault("context-walks", "context-7", {"context/bundles.proto": "same_bytes", "context/bundles.class": "same_bytes",
                                         "context/bundles.to-string": "same_bytes"}, patch=("mizan.bundle.known", walks)),
    Fault("context-decoded", "context-8", {"context/bundles.escaped-letter": "same_bytes", "context/bundles.capital": "same_bytes"},
          patch=("mizan.bundle.known", decodes)),
    Fault("functions-are-contexts", "context-9", {"context/bundles.mutation": "calls", "context/bundles.plain-function": "status",
                                                  "context/get-changes-nothing": "0"}, patch=("mizan.bundle.known", functions_too)),
    Fault("bundle-takes-any-method", "context-10", {"context/methods.post": "status"},
          patch=("mizan.web.check_method", lambda original, door, method: None)),
    Fault("allow-without-head", "context-10", {"context/methods.post": "headers.Allow"}, patch=("mizan.web.check_method", get_alone)),
    Fault("head-without-tag", "context-11", {"context/methods.head": "headers.ETag", "context/head-is-get": ""},
          wire=when(sent("HEAD"), lambda reply: reply.without_header("ETag"))),
    Fault("head-refusal-stored", "context-11", {"context/methods.head-refused": "headers.Cache-Control", "context/head-is-get": ""},
          wire=when(sent("HEAD"), lambda reply: reply.with_header("Cache-Control", "public, no-cache"))),
    Fault("get-body-refused", "context-12", {"context/methods.get-body": "status", "context/methods.get-form-body": "status"},
          wire=when(lambda reply: sent("GET")(reply) and bool(reply.request.body), lambda reply: reply.with_status(400))),
    Fault("override-obeyed", "context-12", {"context/methods.get-override": "status"},
          wire=when(has_field("X-HTTP-Method-Override"), lambda reply: reply.with_header("Allow", "POST").with_status(405))),
    Fault("name-before-method", "context-13", {"context/methods.unknown-context": "status"},
          wire=when(sent("POST", "/ctx/no_such/"), lambda reply: reply.with_status(404))),
    Fault("query-before-name", "context-14", {"context/bundles.name-before-query": "status"}, patch=("mizan.bundle.fetch", query_first)),
    # all or nothing
    Fault("failing-slot-left-out", "context-57", {"context/failures.loud": "status", "context/failures.no-such-user": "status"},
          wire=when(lambda reply: at("/ctx/", 500)(reply) or at("user_id=4001", 404)(reply),
                    answered({"broken_calm": "calm", "user_profile": None}))),
    Fault("failure-leaks", "context-57", {"context/failures.loud": "lacks"},
          wire=when(at("/ctx/broken/", 500), leaking)),
    Fault("failure-kept", "context-58", {"context/runs-again-after-a-failure": "2"}, patch=("mizan.bundle.fetch", failures_kept)),
    # what a public read may see
    Fault("public-shows-user", "context-59", {"context/public.user": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows("user"))),
    Fault("public-shows-session", "context-60", {"context/public.session": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows("session"))),
    Fault("public-shows-cookies", "context-61", {"context/public.cookies": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows("cookies"))),
    Fault("public-shows-authorization", "context-62", {"context/public.authorization": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows_field("Authorization"))),
    Fault("public-shows-language", "context-63", {"context/public.header": "status"},
          patch=("mizan.request.PublicSight.__getattr__", shows_field("Accept-Language"))),
    Fault("called-read-sees-all", "context-64", {"context/public.called": "status"},
          wire=when(is_failed_look, answered({"result": "seen", "invalidate": []}))),
    Fault("cookie-changes-bundle", "context-65", {"context/public.other-headers": "body"},
          wire=when(has_field("Cookie"), lambda reply: reply.with_json(lambda said: {**said, "looks_at": "yours"}))),
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
    Fault("not-modified-with-body", "context-74", {"context/validators.no-body": "bytes"},
          wire=when(NOT_MODIFIED, lambda reply: reply.with_body(b"{}"))),
    Fault("validator-first", "context-75", {"context/validators.failing": "", "context/validators.bad-query": ""},
          patch=("mizan.bundle.fetch", validator_first)),
    # stores in between
    Fault("public-is-private", "context-76", {"context/stores.public": "headers.Cache-Control"},
          wire=when(BUNDLE, headed("Cache-Control", "private, no-cache"))),
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
    *context_query.FAULTS,
)
