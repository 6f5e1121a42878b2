"""
`X-Mizan-Invalidate`: entries to one field value and back.

Source: the spec's page on the header; RFC 9651 (structured fields: List, Token, Integer, Boolean, String, Display String).
Errors: BadName, for an entry that no field can name; Unreadable, for a field that is not of our grammar, as a whole.
Units:  bytes of the whole value, members of the list.
"""
import operator
import re
from collections.abc import Iterable, Sequence
from typing import Any

from mizan import grammar, scoping
from mizan.scoping import Entry

NAME = "X-Mizan-Invalidate"
LIMIT_BYTES = 2048
LIMIT_MEMBERS = 32
EVERYTHING = "*"
SEPARATOR = ", "
LIMIT_INTEGER = 999_999_999_999_999                      # 15 digits: RFC 9651 section 3.3.1
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

OWS = re.compile(r"[ \t]*,[ \t]*")
MEMBER = re.compile(r"[a-z][a-z0-9_]*")
PARAMETER = re.compile(r"; *([a-z][a-z0-9_]*)")
BARE_ITEM = re.compile(
    r'=(?:(?P<integer>-?[0-9]{1,15})|\?(?P<boolean>[01])|"(?P<string>(?:[ !#-\[\]-~]|\\["\\])*)"'
    r'|%"(?P<display>(?:[ !#$&-~]|%[0-9a-f]{2})*)")'
)


class BadName(ValueError):
    """An entry whose context or parameter is outside the grammar of names."""


class Unreadable(ValueError):
    """A field value that is not of our grammar: whoever cannot read it treats everything as invalid."""


def encode(entries: Sequence[Entry]) -> str:
    """
    Returns: the field's value; empty where there is nothing to say, and then the field is absent.

    Raises: BadName.
    """
    for one in entries:
        check_names(one)
    return said(scoping.normalise(entries))


def said(known: Sequence[Entry]) -> str:
    """Returns: the field's value. Args: `known`: normalised entries of declared contexts, as `merges.said_in_header` gives them."""
    wider = [widened(one) for one in known]
    alone = known if all(map(operator.is_, wider, known)) else scoping.normalise(wider)         # a bare context swallows its other entries
    return fitted([(one["context"], member_text(one)) for one in alone])


def check_names(one: Entry) -> None:
    """Raises: BadName."""
    for name in (one["context"], *one.get("params", {})):
        if not grammar.is_segment(name):
            raise BadName(f"{name!r} is no name of a context or parameter")


def widened(one: Entry) -> Entry:
    """Returns: the entry itself, or its bare context where one of its values cannot be said: wider, never narrower."""
    return one if all(map(can_be_said, one.get("params", {}).values())) else scoping.entry(one["context"], {})


def can_be_said(value: Any) -> bool:
    """Whether a wire value has a bare item of ours: a bool, an int of at most 15 digits, a text without control characters."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) <= LIMIT_INTEGER
    return isinstance(value, str) and CONTROL.search(value) is None


def member_text(one: Entry) -> str:
    """Returns: an entry as a Token with its parameters, in bytes order of their names."""
    params = one.get("params", {})
    return str(one["context"]) + "".join(parameter_text(name, params[name]) for name in sorted(params))


def parameter_text(name: str, value: bool | int | str) -> str:
    """Returns: `;name=value`; a true value is the name alone (RFC 9651 section 4.1.1.2)."""
    if value is True:
        return f";{name}"
    if value is False:
        return f";{name}=?0"
    return f";{name}={value}" if isinstance(value, int) else f";{name}={text_item(value)}"


def text_item(text: str) -> str:
    """Returns: a String where all characters are printable ASCII, else a Display String."""
    if text.isascii():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '%"' + "".join(map(display_byte, text.encode("utf-8"))) + '"'


def display_byte(byte: int) -> str:
    """Returns: one byte of a Display String: itself if printable and neither `%` nor `"`, else `%` and lower-case hex."""
    return chr(byte) if 0x20 <= byte <= 0x7E and byte not in b'%"' else f"%{byte:02x}"


def fitted(members: list[tuple[str, str]]) -> str:
    """Collapses context after context to its bare token until the value fits; `*` where all are bare and it still does not."""
    while is_over(members):
        context = fullest_context(members)
        if context is None:
            return EVERYTHING
        members = collapsed(members, context)
    return value_of(members)


def value_of(members: Sequence[tuple[str, str]]) -> str:
    return SEPARATOR.join(text for _, text in members)


def is_over(members: Sequence[tuple[str, str]]) -> bool:
    return len(members) > LIMIT_MEMBERS or len(value_of(members)) > LIMIT_BYTES


def fullest_context(members: Iterable[tuple[str, str]]) -> str | None:
    """Returns: of the contexts that are not bare yet the one with the most members, the first by name of several; None if all are bare."""
    counts: dict[str, int] = {}
    for context, text in members:
        if text != context:
            counts[context] = counts.get(context, 0) + 1
    return min(counts, key=lambda context: (-counts[context], context)) if counts else None


def collapsed(members: Iterable[tuple[str, str]], context: str) -> list[tuple[str, str]]:
    """Returns: the members with all of one context replaced by its bare token, in order."""
    return list(dict.fromkeys((name, name if name == context else text) for name, text in members))


def decode(value: str) -> list[Entry]:
    """
    Reads a field value, its lines joined with `, `.

    Returns: the entries in the field's order; `[{"context": "*"}]` for `*`, which is everything.
    Raises: Unreadable.
    """
    text = trimmed(value)
    if text in ("", EVERYTHING):
        return [{"context": EVERYTHING}] if text else []
    entries, position = [], 0
    while True:
        one, position = read_member(text, position)
        entries.append(one)
        if position == len(text):
            return entries
        position = after_comma(text, position)


def trimmed(value: str) -> str:
    """Returns: the value without spaces around it, nor tabs after it. Raises: Unreadable, for a tab first (RFC 9651 section 4.2)."""
    text = value.lstrip(" ")
    if text.startswith("\t"):
        raise Unreadable("wanted a member, got a tab")
    return text.rstrip(" \t")


def after_comma(text: str, position: int) -> int:
    """Returns: where the next member begins. Raises: Unreadable, where no comma stands, or nothing after it."""
    comma = OWS.match(text, position)
    if not comma or comma.end() == len(text):
        raise Unreadable("wanted a comma and a member after it")
    return comma.end()


def read_member(text: str, position: int) -> tuple[Entry, int]:
    """Reads a Token and its parameters; of two with one name the last counts. Returns: (entry, where it ends). Raises: Unreadable."""
    token = MEMBER.match(text, position)
    if not token or not grammar.is_segment(token[0]):
        raise Unreadable("wanted the name of a context")
    params, position = {}, token.end()
    while name := PARAMETER.match(text, position):
        if not grammar.is_segment(name[1]):
            raise Unreadable("wanted the name of a parameter")
        params[name[1]], position = read_value(text, name.end())
    return scoping.entry(token[0], params), position


def read_value(text: str, position: int) -> tuple[bool | int | str, int]:
    """Reads what stands after a parameter's name; nothing is true. Returns: (value, where it ends). Raises: Unreadable."""
    if text[position:position + 1] != "=":
        return True, position
    item = BARE_ITEM.match(text, position)
    if not item:
        raise Unreadable("wanted an Integer, Boolean, String or Display String")
    return item_value(item), item.end()


def item_value(item: re.Match[str]) -> bool | int | str:
    """Returns: the value of a bare item. Raises: Unreadable, for a Display String whose bytes are not UTF-8."""
    if item["integer"] is not None:
        return int(item["integer"])
    if item["boolean"] is not None:
        return str(item["boolean"]) == "1"
    if item["string"] is not None:
        return re.sub(r"\\(.)", r"\1", str(item["string"]))
    return display_text(item["display"])


def display_text(escaped: str) -> str:
    raw = re.sub(rb"%([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), escaped.encode("ascii"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("a Display String is not UTF-8") from error
