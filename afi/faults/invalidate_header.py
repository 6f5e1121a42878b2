"""What is wrong about X-Mizan-Invalidate and about reading it. Source: spec/invalidate-header.md. Replacements take the original first."""
import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

from afi.faults import Fault

FIELD = "X-Mizan-Invalidate"


def said_when(fits: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """A wire change: replies that fit carry the field."""
    return lambda reply: reply.with_header(FIELD, "user") if fits(reply) else reply


def doubled(reply: Any) -> Any:
    own = [value for name, value in reply.headers if name.lower() == FIELD.lower().encode()]
    return dataclasses.replace(reply, headers=(*reply.headers, (FIELD.encode(), own[0]))) if own else reply


def reflected(reply: Any) -> Any:
    sent = [value for name, value in reply.request.headers if name.lower() == FIELD.lower()]
    return reply.with_header(FIELD, sent[0]) if sent else reply


def as_word(original: Any, name: Any, value: Any) -> Any:
    return f";{name}=?1" if value is True else original(name, value)


def int_as_text(original: Any, name: Any, value: Any) -> Any:
    return f';{name}="{value}"' if type(value) is int else original(name, value)


def mime_word(original: Any, text: Any) -> Any:
    return original(text) if text.isascii() else '"=?utf-8?q?' + "".join(f"={byte:02X}" for byte in text.encode()) + '?="'


def enum_as_token(original: Any, text: Any) -> Any:
    return text if text in ("red", "green", "deep-blue") else original(text)


def digits_as_integer(original: Any, text: Any) -> Any:
    return text if re.fullmatch(r"-?[0-9]{10,}", text) else original(text)


def said_after(change: Callable[[Any], Any], kinds: tuple[type, ...]) -> Callable[..., Any]:
    """Replaces `widened`: values of some kinds are changed into what a field can say, and the entry stays as narrow as it was."""
    def widened(original: Any, one: Any) -> Any:
        params = {name: change(value) if isinstance(value, kinds) else value for name, value in one.get("params", {}).items()}
        return original({**one, "params": params} if params else one)
    return widened


def nulls_left_out(original: Any, one: Any) -> Any:
    from mizan import scoping
    return original(scoping.entry(one["context"], {name: value for name, value in one.get("params", {}).items() if value is not None}))


def never_normalised(original: Any, entries: Any) -> Any:
    from mizan import header
    for one in entries:
        header.check_names(one)
    said = [header.widened(one) for one in entries]
    return header.fitted([(one["context"], header.member_text(one)) for one in said])


def normalised_before_alone(original: Any, known: Any) -> Any:
    return never_normalised(original, known)


def params_turned_round(original: Any, one: Any) -> Any:
    first, *others = re.split(r";(?=[a-z0-9_]+[=;]|[a-z0-9_]+$)", original(one))
    return ";".join([first, *others[::-1]])


def over_by(members_limit: float, bytes_limit: float) -> Callable[..., bool]:
    """Replaces `is_over` with other limits."""
    def is_over(original: Any, members: Any) -> bool:
        from mizan import header
        return len(members) > members_limit or len(header.value_of(members)) > bytes_limit
    return is_over


def cut(original: Any, members: Any) -> Any:
    from mizan import header
    return header.value_of(members[:header.LIMIT_MEMBERS])


def cut_when_bare(original: Any, members: Any) -> Any:
    said = original(members)
    return cut(original, [(context, context) for context in sorted({context for context, _ in members})]) if said == "*" else said


def all_at_once(original: Any, members: Any) -> Any:
    from mizan import header
    return original(list(dict.fromkeys((name, name) for name, _ in members)) if header.is_over(members) else members)


def counted(members: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for context, text in members:
        if context != text:
            found[context] = found.get(context, 0) + 1
    return found


def emptiest(original: Any, members: Any) -> Any:
    counts = counted(members)
    return min(counts, key=lambda name: (counts[name], name), default=None)


def last_by_name(original: Any, members: Any) -> Any:
    counts = counted(members)
    return max(counts, key=lambda name: (counts[name], name), default=None)


def always_a_field(original: Any, entries: Any) -> Any:
    return original(entries) or [(FIELD, "")]


def in_normal_form(original: Any, value: Any) -> Any:
    from mizan import scoping
    return scoping.normalise(original(value))


def lower_case_first(original: Any, text: Any, position: Any) -> Any:
    return original(text.lower(), position)


def tokens_as_text(original: Any, text: Any, position: Any) -> Any:
    found = re.compile(r"=([a-z]+)").match(text, position)
    return (found[1], found.end()) if found else original(text, position)


def read_as(header: str, entries: list[Any]) -> Callable[[Any, Any], Any]:
    """An oracle change: one field reads as other entries."""
    def answer(asked: Any, given: Any) -> Any:
        if asked["op"] != "invalidate_decode" or asked["in"]["header"].strip(" ") != header:
            return given
        return {"ok": json.dumps(entries, separators=(",", ":"))}
    return answer


def broken(name: str, clause: int, kills: dict[str, str], **how: Any) -> Fault:
    """One fault of this page; clause and checks are said without the page's name."""
    named = {f"invalidate-header/{check}": member for check, member in kills.items()}
    return Fault(name, breaks=f"invalidate-header-{clause}", kills=named, **how)


FORM = (
    broken("no-field", 1, {"absent.said": "headers"},
           patch=("mizan.dispatch.invalidate_fields", lambda original, entries: [])),
    broken("first-member-alone", 2, {"drawn-nothing-narrower": "0"},
           patch=("mizan.header.value_of", lambda original, members: original(members[:1]))),
    broken("always-bare", 3, {"drawn-nothing-wider": ""},
           patch=("mizan.header.widened", lambda original, one: {"context": one["context"]})),
    broken("no-blank-between", 4, {"marks.list-form": "headers", "encode-form.two": "ok"},
           patch=("mizan.header.value_of", lambda original, members: ",".join(text for _, text in members))),
    broken("members-turned-round", 5, {"marks.two": "headers", "flood.few": "headers"},
           patch=("mizan.header.value_of", lambda original, members: original(members[::-1]))),
    broken("params-turned-round", 6, {"kinds.order": "headers", "encode-form.params-in-bytes": "ok"},
           patch=("mizan.header.member_text", params_turned_round)),
    broken("never-normalised", 7, {"encode-form.sorted": "ok", "encode-form.covered": "ok"},
           patch=("mizan.header.encode", never_normalised)),
    broken("any-name", 8, {"encode-names.upper-case": "", "encode-names.injected": ""},
           patch=("mizan.header.check_names", lambda original, one: None)),
)

VALUES = (
    broken("int-as-text", 9, {"kinds.digits-15": "headers", "encode-values.zero": "ok"},
           patch=("mizan.header.parameter_text", int_as_text)),
    broken("true-as-word", 10, {"kinds.true": "headers", "encode-values.true": "ok"}, patch=("mizan.header.parameter_text", as_word)),
    broken("nothing-escaped", 11, {"kinds.quote": "headers", "encode-values.escapes": "ok"},
           patch=("mizan.header.text_item", lambda original, text: f'"{text}"' if text.isascii() else original(text))),
    broken("upper-case-hex", 12, {"kinds.latin": "headers", "kinds.emoji": "headers"},
           patch=("mizan.header.display_byte", lambda original, byte: original(byte).upper())),
    broken("mime-word", 12, {"kinds.latin": "headers", "encode-values.latin": "ok"}, patch=("mizan.header.text_item", mime_word)),
    broken("enum-as-token", 13, {"kinds.enum-text": "headers"}, patch=("mizan.header.text_item", enum_as_token)),
    broken("digits-as-integer", 14, {"kinds.int64": "headers"}, patch=("mizan.header.text_item", digits_as_integer)),
)

WIDENING = (
    broken("sixteen-digits-said", 15, {"kinds.digits-16": "headers", "encode-widens.safe-16": "ok"},
           patch=("mizan.header.can_be_said", lambda original, value: type(value) is int or original(value))),
    broken("float-said-as-text", 16, {"marks.float": "headers", "encode-widens.float": "ok"},
           patch=("mizan.header.widened", said_after(str, (float,)))),
    broken("whole-float-said-as-int", 16, {"encode-widens.whole-float": "ok"},
           patch=("mizan.header.widened", said_after(lambda value: int(value) if value.is_integer() else value, (float,)))),
    broken("null-left-out", 17, {"marks.null": "headers"}, patch=("mizan.header.widened", nulls_left_out)),
    broken("list-said-as-json", 18, {"marks.list": "headers", "encode-widens.object": "ok"},
           patch=("mizan.header.widened", said_after(json.dumps, (list, dict)))),
    broken("controls-left-out", 19, {"controls.del": "headers", "encode-widens.nul": "ok"},
           patch=("mizan.header.widened", said_after(lambda text: re.sub(r"[\x00-\x1f\x7f]", "", text), (str,)))),
    broken("injected-line", 20, {"controls.crlf": "headers", "controls.lf": "headers"},
           wire=lambda reply: reply.with_header("X-Injected", "1") if b"X-Injected" in reply.request.body else reply),
    broken("cut-at-the-line-end", 20, {"controls.whole-reply": "invalidate"},
           wire=lambda reply: reply.with_json(lambda body: {"result": body["result"]}) if rb"\r\n\r\n" in reply.request.body else reply),
    broken("normalised-before-alone", 21, {"marks.swallows": "headers", "encode-widens.swallows": "ok"},
           patch=("mizan.header.said", normalised_before_alone)),
)

COLLAPSING = (
    broken("limits-one-less", 22, {"exactly-2048-bytes": "0", "flood.members-32": "headers", "encode-limits.bytes-2048": "ok"},
           patch=("mizan.header.is_over", over_by(31, 2047))),
    broken("bytes-without-limit", 23, {"one-byte-more": "0", "encode-limits.bytes-2049": "ok"},
           patch=("mizan.header.is_over", over_by(32, float("inf")))),
    broken("members-without-limit", 24, {"flood.members-33": "headers", "encode-limits.members-33": "ok"},
           patch=("mizan.header.is_over", over_by(float("inf"), 2048))),
    broken("cut-to-32-members", 24, {"ten-thousand-keys": "0", "flood.members-33": "headers"}, patch=("mizan.header.fitted", cut)),
    broken("emptiest-context-first", 25, {"encode-limits.most-members": "ok"},
           patch=("mizan.header.fullest_context", emptiest)),
    broken("last-name-first", 26, {"flood.tie": "headers", "encode-limits.tie-by-name": "ok"},
           patch=("mizan.header.fullest_context", last_by_name)),
    broken("all-at-once", 27, {"flood.two-go": "headers", "encode-limits.one-after-another": "ok"},
           patch=("mizan.header.fitted", all_at_once)),
    broken("never-everything", 28, {"flood.everything": "headers", "encode-limits.all-bare-33": "ok"},
           patch=("mizan.header.fitted", cut_when_bare)),
)

PLACES = (
    broken("empty-field", 29, {"absent.empty-list": "headers"}, patch=("mizan.dispatch.invalidate_fields", always_a_field)),
    broken("field-on-reads", 30, {"reads.fetched": "headers", "absent.read-called": "headers"},
           wire=said_when(lambda reply: reply.request.method == "GET" or b'"fn":"probe_run"' in reply.request.body)),
    broken("field-on-refusals", 31, {"absent.refused": "headers", "absent.not-found": "headers"},
           wire=said_when(lambda reply: 400 <= reply.status < 500)),
    broken("field-on-failures", 32, {"absent.raises": "headers"}, wire=said_when(lambda reply: reply.status >= 500)),
    broken("two-fields", 33, {"once.one-entry": "bytes", "once.three-contexts": "bytes"}, wire=doubled),
    broken("field-reflected", 34, {"client.beside-nothing": "headers"}, wire=reflected),
    broken("field-not-exposed", 41, {"exposed-to-a-listed-origin": "3"}, patch=("mizan.cors.exposing_fields", lambda original: [])),
    broken("any-origin-reads", 42, {"closed-to-the-others": "1"},
           patch=("mizan.cors.is_listed", lambda original, origins, origin: bool(origin))),
)

READING = (
    broken("decoded-in-normal-form", 35, {"decode-reads.field-order": "ok"}, patch=("mizan.header.decode", in_normal_form)),
    broken("empty-is-everything", 36, {"decode-reads.nothing": "ok", "decode-reads.only-blanks": "ok"},
           oracle=read_as("", [{"context": "*"}])),
    broken("star-is-nothing", 37, {"decode-reads.star": "ok"}, oracle=read_as("*", [])),
    broken("comma-last-is-read", 38, {"decode-syntax.comma-last": ""},
           patch=("mizan.header.decode", lambda original, value: original(value.rstrip(" ,")))),
    broken("upper-case-is-read", 39, {"decode-members.upper-case": ""}, patch=("mizan.header.read_member", lower_case_first)),
    broken("token-value-is-read", 40, {"decode-parameters.token": ""}, patch=("mizan.header.read_value", tokens_as_text)),
)

FAULTS = FORM + VALUES + WIDENING + COLLAPSING + PLACES + READING
