"""What is wrong about calls. Replacements take the original first."""
import json
from collections.abc import Callable, Mapping
from typing import Any

from afi.faults import Fault

LIMIT_BYTES = 1_048_576


# -- replies changed on the way --------------------------------------------------------------------------------------------------

def turned(part: bytes, old: int, new: int) -> Callable[[Any], Any]:
    """Returns: a change of the status, from old to new, of replies to requests that hold this part; 200 has a result, else a problem."""
    return lambda reply: told(reply, new) if part in reply.request.body and reply.status == old else reply


def told(reply: Any, status: int) -> Any:
    body = {"result": None, "invalidate": []} if status == 200 else {"type": "urn:mizan:x", "title": "X", "status": status, "code": "x"}
    kind = "application/json" if status == 200 else "application/problem+json"
    return reply.with_status(status).with_header("Content-Type", kind).with_body(json.dumps(body).encode())


def result_changed(part: bytes, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns: a change of the result of accepted calls that hold this part."""
    return lambda reply: reply.with_json(lambda body: {**body, "result": change(body["result"])}) \
        if part in reply.request.body and reply.status == 200 else reply


def silent(reply: Any) -> Any:
    called = reply.status == 200 and b'"fn"' in reply.request.body
    return reply.with_json(lambda body: {name: value for name, value in body.items() if name != "invalidate"}) if called else reply


def length_late(reply: Any) -> Any:
    """A declared length is not looked at, and the missing body is malformed."""
    return told(reply, 400) if reply.status == 413 and any(name == "Content-Length" for name, _ in reply.request.headers) else reply


def media_before_method(reply: Any) -> Any:
    return told(reply, 415) if reply.status == 405 and ("Content-Type", "text/plain") in reply.request.headers else reply


def default_wanted(reply: Any) -> Any:
    """A composition refuses what its reads would fill in."""
    short = b'"user_page"' in reply.request.body and b'"lang"' not in reply.request.body
    return told(reply, 422) if short and reply.status == 200 else reply


def composed_stale(reply: Any) -> Any:
    changed = b'"user_page"' in reply.request.body and reply.status == 200
    return reply.with_json(lambda body: {**body, "invalidate": [{"context": "user"}]}) if changed else reply


def composed_said(reply: Any) -> Any:
    return reply.with_header("X-Mizan-Invalidate", "user") if b'"user_page"' in reply.request.body and reply.status == 200 else reply


def handed_over(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns: a change of the framework's own responses."""
    return lambda reply: change(reply) if b'"hands_over"' in reply.request.body else reply


def any_time(asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    timed = asked["op"] == "ir_emit" and '"timeout_s"' in asked["in"]["declarations"]
    return {"ok": ""} if timed and answer.get("err") == "declaration" else answer


# -- functions of the reference replaced -----------------------------------------------------------------------------------------

async def twice(original: Any, site: Any, sight: Any, function: Any, effective: Any) -> Any:
    await original(site, sight, function, effective)
    return await original(site, sight, function, effective)


def other_members_ignored(original: Any, message: Any) -> Any:
    return original({name: message[name] for name in ("fn", "args") if name in message} if isinstance(message, dict) else message)


def run_before_refused(original: Any, function: Any, args: Mapping[str, Any]) -> Any:
    if function.name == "update_profile" and str(args.get("user_id")).isdecimal():
        function.body(None, user_id=int(args["user_id"]), name="ran")
    return original(function, args)


FAULTS = (
    Fault("result-constant", "dispatch-1", {"dispatch/calls.known": "result", "dispatch/calls.other-text": "result"},
          wire=result_changed(b'{"text":"', lambda result: "constant")),
    Fault("runs-twice", "dispatch-1", {"dispatch/calls.known": "calls", "dispatch/runs-each-time": ""},
          patch=("mizan.running.run", twice)),
    Fault("rev-frozen", "dispatch-1", {"dispatch/runs-each-time": "0"},
          wire=result_changed(b'"fn":"update_profile","args":{"user_id"', lambda result: {**result, "rev": 1})),
    Fault("reply-with-charset", "dispatch-2", {"dispatch/calls.media-type": "headers"},
          wire=lambda reply: reply.with_header("Content-Type", "application/json; charset=utf-8") if reply.status == 200 else reply),
    Fault("nothing-said", "dispatch-3", {"dispatch/calls.whole": "body"}, wire=silent),
    Fault("args-wanted", "dispatch-4", {"dispatch/calls.no-args": "status"}, wire=turned(b'{"fn":"probe_run"}', 200, 400)),
    Fault("more-members-ignored", "dispatch-5", {"dispatch/envelopes.third-member": "status", "dispatch/envelopes.proto-member": "status"},
          patch=("mizan.dispatch.is_envelope", other_members_ignored)),
    Fault("unknown-is-malformed", "dispatch-6", {"dispatch/calls.unknown": "status"}, wire=turned(b'"no_such"', 404, 400)),
    Fault("request-sent", "dispatch-7", {"dispatch/injected.request": "status"}, wire=turned(b'"request":', 422, 200)),
    Fault("reads-not-called", "dispatch-8", {"dispatch/reads.profile": "status"}, wire=turned(b'"user_profile"', 200, 404)),
    Fault("any-media-type", "dispatch-9", {"dispatch/media.text": "status", "dispatch/media.none": "status"},
          patch=("mizan.web.is_json", lambda original, content_type: True)),
    Fault("any-charset", "dispatch-10", {"dispatch/media.utf-16": "status", "dispatch/media.second-charset": "status"},
          patch=("mizan.web.charsets_in", lambda original, parameters: [])),
    Fault("coding-ignored", "dispatch-11", {"dispatch/media.gzip-not-coded": "status", "dispatch/media.gzip": "status"},
          patch=("mizan.web.is_coded", lambda original, content_encoding: False)),
    Fault("limit-excluded", "dispatch-12", {"dispatch/limits.fits": "status", "dispatch/lengths.fits": "status"},
          patch=("mizan.web.is_too_large", lambda original, size: size >= LIMIT_BYTES)),
    Fault("read-to-the-end", "dispatch-13", {"dispatch/limits.over": ""}, ends=("hang",),
          patch=("mizan.web.is_too_large", lambda original, size: False)),
    Fault("length-not-looked-at", "dispatch-14", {"dispatch/declared-length": "0"}, wire=length_late),
    Fault("media-before-method", "dispatch-15", {"dispatch/order.method-before-media": "status"}, wire=media_before_method),
    Fault("refused-runs", "dispatch-16", {"dispatch/refused-does-not-run": "", "dispatch/arguments.text": "calls"},
          patch=("mizan.dispatch.arguments", run_before_refused)),
    Fault("raised-is-null", "dispatch-17", {"dispatch/raises.secret": "status", "dispatch/raises.secret-of-a-read": "status"},
          wire=turned(b'"loud":true', 500, 200)),
    Fault("late-is-internal", "dispatch-18", {"dispatch/late": "0"}, wire=turned(b'"wait_', 504, 500)),
    Fault("async-runs-on", "dispatch-19", {"dispatch/async-is-cancelled": "2"},
          patch=("mizan.running.abandon", lambda original, work, function: None)),
    Fault("late-result-kept", "dispatch-20", {"dispatch/blocking-finishes": "2"},
          wire=result_changed(b'"wait_blocking","args":{"mark"', lambda result: "kept")),
    Fault("time-set-by-caller", "dispatch-21", {"dispatch/envelopes.time": "status"}, wire=turned(b',"timeout_s":60}', 400, 200)),
    Fault("time-as-argument", "dispatch-21", {"dispatch/injected.time": "status"}, wire=turned(b',"timeout_s":60}', 422, 200)),
    Fault("any-time", "dispatch-32", {"dispatch/timeouts.beyond": "", "dispatch/timeouts.none": ""}, oracle=any_time),
    Fault("first-part-alone", "dispatch-23", {"dispatch/compositions.both": "body", "dispatch/compositions.calm": "result"},
          patch=("mizan.dispatch.parts", lambda original, site, name: original(site, name)[:1])),
    Fault("parts-in-a-list", "dispatch-23", {"dispatch/compositions.both": "body"},
          wire=result_changed(b'"user_page"', lambda result: [*result.values()])),
    Fault("part-takes-null", "dispatch-24", {"dispatch/compositions.missing": "status"}, wire=turned(b'"user_page","args":{"lang"', 422, 200)),
    Fault("part-takes-more", "dispatch-24", {"dispatch/compositions.more": "status"}, wire=turned(b'"name":"x"', 422, 200)),
    Fault("part-default-lost", "dispatch-24", {"dispatch/compositions.default": "status"}, wire=default_wanted),
    Fault("failed-part-left-out", "dispatch-25", {"dispatch/compositions.loud": "status"}, wire=turned(b'"broken_pair"', 500, 200)),
    Fault("composition-invalidates", "dispatch-26", {"dispatch/compositions.silent": "invalidate"}, wire=composed_stale),
    Fault("composition-says", "dispatch-26", {"dispatch/compositions.silent": "headers"}, wire=composed_said),
    Fault("own-status-lost", "dispatch-27", {"dispatch/own-responses.accepted": "status", "dispatch/own-responses.conflict": "status"},
          wire=handed_over(lambda reply: reply.with_status(200))),
    Fault("own-body-wrapped", "dispatch-27", {"dispatch/own-responses.ok": "bytes"},
          wire=handed_over(lambda reply: reply.with_body(b'{"result":"' + reply.body + b'"}'))),
    Fault("own-response-says-nothing", "dispatch-28", {"dispatch/own-responses.stale": "headers", "dispatch/own-responses.stale-accepted": "headers"},
          patch=("mizan.dispatch.passed_on", lambda original, response, stale: original(response, []))),
    Fault("own-refusal-says", "dispatch-29", {"dispatch/own-responses.silent-conflict": "headers", "dispatch/own-responses.silent-failed": "headers"},
          patch=("mizan.dispatch.status_of", lambda original, response: 200)),
    Fault("own-fields-lost", "dispatch-30", {"dispatch/own-responses.fields": "headers"},
          wire=handed_over(lambda reply: reply.without_header("X-Handed"))),
    Fault("forged-field-sent", "dispatch-31", {"dispatch/own-responses.forged": "", "dispatch/own-responses.forged-conflict": "lacks"},
          wire=handed_over(lambda reply: reply.with_header("X-Mizan-Invalidate", "forged"))),
    Fault("answers-bleed", "dispatch-22", {"dispatch/pipelined": ""}, wire=result_changed(b'-2"}}', lambda result: result[::-1])),
)
