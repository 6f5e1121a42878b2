"""What is wrong with how a query is read: parameters, pieces, and the one spelling of each value. Source: spec/context.md."""
import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from afi.faults import Fault
from afi.faults.picking import Change, at, when


def is_refused(reply: Any) -> bool:
    return "/ctx/" in reply.request.target and reply.status == 422 and reply.request.method != "HEAD"


def with_codes(code: str) -> Change:
    """Gives every error of a refusal one code."""
    return lambda reply: reply.with_json(lambda said: {**said, "errors": [{**one, "code": code} for one in said["errors"]]})


def without_positions(said: Any) -> Any:
    return {**said, "errors": [{**one, "pointer": one["pointer"].rstrip("/0123456789")} for one in said["errors"]]}


def echoed(reply: Any) -> Any:
    """Names the keys that nobody declared."""
    query = reply.request.target.partition("?")[2]
    return reply.with_json(lambda said: {**said, "errors": [{**one, "message": query} for one in said["errors"]]})


async def refused_runs(original, site, sight, wanted):
    answer = await original(site, sight, wanted)
    if answer.status == 422 and wanted.context == "report":
        await site.sealed.contexts["report"].slots["report_org"].body(None, org_id=3)
    return answer


def of_one_function(original, context, raw):
    first = next(iter(context.slots.values()))
    return original(dataclasses.replace(context, parameters=first.parameters), raw)


def default_first(original, where, known, one):
    return min(known, original(where, known, one), one, key=lambda field: field.default is None)


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


def loose_int(original, kind, text, path, reading):
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            pass
    return original(kind, text, path, reading)


def loose_bool(original, kind, text, path, reading):
    return original(kind, {"1": "true"}.get(text, text.lower()) if kind == "bool" else text, path, reading)


def loose_float(original, kind, text, path, reading):
    if kind == "float":
        try:
            return original(kind, json.dumps(json.loads(text)).removesuffix(".0"), path, reading)
        except ValueError:
            pass
    return original(kind, text, path, reading)


def digits_pass(original, kind, text, path, reading):
    return original(kind, "1" if kind == "float" and text.isdigit() and len(text) > 15 else text, path, reading)


def spelt_as(kind_meant: str, change: Callable[[str], str]) -> Callable[..., Any]:
    """Returns: a replacement by which a text form of one kind is also taken in spellings that a change makes right."""
    return lambda original, kind, text: original(kind, change(text) if kind == kind_meant else text)


def any_spelling_of(kind_meant: str) -> Callable[..., Any]:
    """Returns: a replacement by which a text form of one kind is taken in whatever spelling a body may have."""
    return lambda original, kind, text: original.__globals__["BODY"].read[kind](text) if kind == kind_meant else original(kind, text)


def with_hyphens(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdigit() else text


def enum_in_any_case(original, type_, text, path, reading):
    return original(type_, text.lower(), path, reading)


def canonicalised(original, type_, spelt, path, reading):
    try:
        said = [json.dumps(json.loads(one), ensure_ascii=False, sort_keys=True, separators=(",", ":")) for one in spelt]
    except ValueError:
        said = spelt
    return original(type_, said, path, reading)


def unvalidated(original, type_, spelt, path, reading):
    return json.loads(spelt[0])


def body_spelling(original, type_, spelt, path, reading):
    return original(type_, spelt, path, dataclasses.replace(reading, spelling=original.__globals__["texts"].BODY))


def empty_is_nothing(original, type_, text, path, reading):
    nothing = {"int": 0, "bytes": b""}
    kind = getattr(type_, "kind", "")
    return nothing[kind] if text == "" and kind in nothing else original(type_, text, path, reading)


FAULTS = (
    # parameters
    Fault("parameters-of-one", "context-15", {"context/parameters.union": "status"}, patch=("mizan.bundle.parameters", of_one_function)),
    Fault("required-filled-up", "context-16", {"context/parameters.first-missing": "status", "context/parameters.second-missing": "status"},
          patch=("mizan.bundle.parameters", filled_up)),
    Fault("default-beats-required", "context-16", {"context/parameters.first-missing": "status"},
          patch=("mizan.seal.united_parameter", default_first), at_start=True),
    Fault("query-default-forgotten", "context-17", {"context/parameters.default": "body"},
          patch=("mizan.bundle.parameters", defaults_empty)),
    Fault("unknown-key-ignored", "context-18", {"context/parameters.unknown-key": "status", "context/parameters.two-unknown-keys": "status",
                                                "context/read-pieces.unknown": ""},
          patch=("mizan.query.has_unknown", lambda original, found, parameters: False)),
    Fault("unknown-key-told", "context-18", {"context/parameters.two-unknown-keys": "lacks"}, wire=when(is_refused, echoed)),
    Fault("last-value-wins", "context-19", {"context/parameters.doubled": "status"}, patch=("mizan.query.grouped", last_wins)),
    Fault("refused-query-runs", "context-20", {"context/parameters.refused-runs-nothing": "calls"},
          patch=("mizan.bundle.fetch", refused_runs)),
    # the query
    Fault("decoded-before-split", "context-21", {"context/pieces.ampersand": ""},
          patch=("mizan.query.pairs", lambda original, raw: original(raw.replace(b"%26", b"&").replace(b"%3D", b"=")))),
    Fault("semicolon-splits", "context-21", {"context/read-pieces.semicolon-is-data": ""},
          patch=("mizan.query.pairs", lambda original, raw: original(raw.replace(b";", b"&")))),
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
    Fault("query-bool-loose", "context-34", {"context/read-bool.capital": "", "context/read-bool.one": ""},
          patch=("mizan.query.plain_token", loose_bool)),
    Fault("query-float-loose", "context-35", {"context/read-float.integral-fraction": "", "context/read-float.needless-exponent": ""},
          patch=("mizan.query.plain_token", loose_float)),
    Fault("query-float-long-digits", "context-36", {"context/read-float.digits-beyond": ""},
          patch=("mizan.query.plain_token", digits_pass)),
    Fault("query-datetime-loose", "context-37", {"context/read-datetime.zero-offset": "", "context/read-datetime.one-digit": ""},
          patch=("mizan.texts.read_out_form", any_spelling_of("datetime"))),
    Fault("query-date-loose", "context-38", {"context/read-date.basic": ""},
          patch=("mizan.texts.read_out_form", spelt_as("date", with_hyphens))),
    Fault("query-decimal-loose", "context-39", {"context/read-decimal.trailing-zero": ""},
          patch=("mizan.texts.read_out_form", any_spelling_of("decimal"))),
    Fault("query-int64-loose", "context-40", {"context/read-int64.leading-zero": ""},
          patch=("mizan.texts.read_out_form", spelt_as("int64", lambda text: text.lstrip("0") or "0"))),
    Fault("query-uuid-loose", "context-41", {"context/read-uuid.upper-case": ""},
          patch=("mizan.texts.read_out_form", spelt_as("uuid", str.lower))),
    Fault("query-bytes-loose", "context-42", {"context/read-bytes.padded": ""},
          patch=("mizan.texts.read_out_form", spelt_as("bytes", lambda text: text.rstrip("=")))),
    Fault("query-enum-loose", "context-43", {"context/read-enum.capital": ""}, patch=("mizan.query.plain_enum", enum_in_any_case)),
    Fault("noncharacters-pass", "context-44", {"context/pieces.noncharacter": "status"},
          patch=("mizan.canonical.is_text", lambda original, text: True)),
    Fault("list-sorted", "context-45", {"context/spellings.numbers": "members"}, patch=("mizan.query.parameter", first_elements)),
    Fault("json-never-taken", "context-46", {"context/spellings.json": "status", "context/drawn-declarations": ""},
          patch=("mizan.query.has_plain_spelling", lambda original, type_, value, names: True)),
    Fault("int64-beside-a-number-is-one", "context-46", {"context/read-number-or-int64.text": "ok", "context/read-number-or-int64.float-text": "ok"},
          patch=("mizan.reader.is_beside_number", lambda original, member, type_, names: False)),
    Fault("json-of-any-spelling", "context-47", {"context/misspellings.not-canonical": "errors", "context/read-object.space": ""},
          patch=("mizan.query.json_parameter", canonicalised)),
    Fault("json-with-loose-texts", "context-48", {"context/read-object.decimal-zeros": "", "context/read-object.datetime-offset": ""},
          patch=("mizan.query.json_parameter", body_spelling)),
    Fault("json-for-everything", "context-49", {"context/misspellings.needless-json": "", "context/pieces.json-for-a-string": "status"},
          patch=("mizan.query.has_plain_spelling", lambda original, type_, value, names: False)),
    Fault("empty-is-absent", "context-50", {"context/pieces.empty-string": "status"},
          patch=("mizan.query.grouped", lambda original, found: original([(name, value) for name, value in found if value]))),
    Fault("empty-is-nothing", "context-51", {"context/ints.nothing": "status", "context/misspellings.raw-empty": "status"},
          patch=("mizan.query.plain_value", empty_is_nothing)),
    Fault("plain-beside-json", "context-52", {"context/pieces.both": "status"}, patch=("mizan.query.parameter", plain_only)),
    Fault("last-json-wins", "context-82", {"context/spellings.json-twice": "status", "context/read-list.json-twice": ""},
          patch=("mizan.query.json_parameter", lambda original, type_, spelt, path, reading: original(type_, spelt[-1:], path, reading))),
    Fault("null-is-a-word", "context-53", {"context/pieces.plain-null": "status"}, patch=("mizan.query.parameter", null_text)),
    Fault("json-unvalidated", "context-54", {"context/misspellings.fields": ""},
          patch=("mizan.query.json_parameter", unvalidated)),
    Fault("element-not-named", "context-55", {"context/misspellings.element": "pointers"},
          wire=when(is_refused, lambda reply: reply.with_json(without_positions))),
    Fault("always-the-same-code", "context-56", {"context/misspellings.codes": "errors", "context/misspellings.ranges": "errors"},
          wire=when(is_refused, with_codes("format"))),
)
