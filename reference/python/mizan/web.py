"""
The HTTP half of every web binding: which door a path names, with which methods, media types and sizes; then dispatch or bundle.

Source: spec/ground.md, Paths; spec/dispatch.md, Order; RFC 9110. Errors: every refusal is an Answer; nothing raises past `answer`.
Units:  bytes. Paths and queries are raw, as they came: one spelling is right, so that no escape is ever decoded here.
"""
import logging
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from mizan import bundle, cors, dispatch, export, receiving, schema
from mizan.answer import Answer, Pair, refusal
from mizan.errors import Problem
from mizan.request import Sight
from mizan.serving import Site

log = logging.getLogger("mizan")

BODY_LIMIT_BYTES = 1_048_576
CALL, SCHEMA, IR = b"call/", b"schema/", b"ir/"
CONTEXT = re.compile(rb"ctx/([^/]+)/")
LENGTH = re.compile(r"[0-9]+\Z")

# RFC 9110, 5.6.6: a parameter's value is a token or a quoted string. An empty parameter is allowed there, and here.
PARAMETER = re.compile(r"""[ \t]*(?:;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\.)*)"))?)""")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body. `path` and `query` are raw; `path` is None where it is not below the prefix. Names are lower case."""

    method: str
    path: bytes | None
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    def all(self, name: bytes) -> list[str]:
        """Returns: the values of a field, in order, each as it came."""
        return [value.decode("latin-1") for given, value in self.headers if given == name]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its head, what functions may see of it, and its body as it arrives."""

    head: Head
    sight: Sight
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Door:
    """What a path names: the call, a document about the declarations, or the bundle of a context, whether or not there is one of that name."""

    methods: tuple[str, ...]
    context: str | None = None
    document: bytes | None = None


async def answer(site: Site, asked: Asked) -> Answer:
    """Answers one request, whatever it is."""
    head = asked.head
    said = await decided(site, asked)
    return bodiless(head.method, cors.marked(said, site.settings.origins, head.all(b"origin")))


async def decided(site: Site, asked: Asked) -> Answer:
    """Goes through the order of the checks: path, method, then what the door asks for."""
    head = asked.head
    try:
        door = door_of(head.path)
        if head.method == "OPTIONS" and cors.is_on(site.settings.origins):
            return cors.options_answer(door.methods, cors.preflight_fields() if is_preflight(head, site.settings.origins) else ())
        check_method(door, head.method)
        if door.context is not None:
            wanted = bundle.Wanted(door.context, head.query, head.all(b"if-none-match"))
            return await bundle.fetch(site, asked.sight, wanted)
        if door.document == SCHEMA:
            return schema.answer(site.sealed, site.extensions, head.all(b"if-none-match"))
        if door.document == IR:
            return export.answer(site.sealed, head.all(b"if-none-match"))
        return await called(site, asked)
    except Problem as problem:
        return refusal(problem)
    except Exception as error:                      # a fault of ours: the caller gets the same document as for any other
        log.error("mizan failed: %s", error, exc_info=error)
        return refusal(Problem("internal"))


def below(prefix: bytes, raw_path: bytes) -> bytes | None:
    """Returns: what follows the prefix and its slash in a raw path; None where the path does not begin so."""
    start = prefix + b"/"
    return raw_path[len(start):] if raw_path.startswith(start) else None


def door_of(path: bytes | None) -> Door:
    """Compares the raw path. Raises: Problem, `not_found`."""
    if path == CALL:
        return Door(("POST",))
    if path in (SCHEMA, IR):
        return Door(("GET", "HEAD"), document=path)
    named = CONTEXT.fullmatch(path or b"")
    if named is None:
        raise Problem("not_found")
    return Door(("GET", "HEAD"), named[1].decode("latin-1"))


def check_method(door: Door, method: str) -> None:
    """Raises: Problem, `method_not_allowed`. A field such as X-HTTP-Method-Override has no say."""
    if method not in door.methods:
        raise Problem("method_not_allowed", headers=[("Allow", ", ".join(door.methods))])


def is_preflight(head: Head, origins: frozenset[str]) -> bool:
    """Whether a listed origin's browser asks what it may send."""
    return cors.is_listed(origins, head.all(b"origin")) and bool(head.all(b"access-control-request-method"))


async def called(site: Site, asked: Asked) -> Answer:
    """Refuses a body by what the head says of it, before a byte of it is read; then reads it as what it is. Raises: Problem."""
    head = asked.head
    types, lengths = head.all(b"content-type"), head.all(b"content-length")
    has_files = is_multipart(types)
    if not (has_files or is_json(types)) or is_coded(head.all(b"content-encoding")):
        raise Problem("unsupported_media_type")
    if is_declared_too_large(lengths, is_form_too_large if has_files else is_too_large):
        raise Problem("payload_too_large")
    if has_files:
        return await receiving.call(site, asked.sight, boundary_in(types[0]), asked.chunks)
    return await dispatch.call(site, asked.sight, await body_of(asked.chunks))


def is_json(content_type: list[str]) -> bool:
    """Whether one Content-Type says `application/json` and no charset but utf-8; other parameters have no meaning (RFC 8259, 11)."""
    return is_media(content_type, "application/json")


def is_multipart(content_type: list[str]) -> bool:
    """Whether one Content-Type says `multipart/form-data` and no charset but utf-8."""
    return is_media(content_type, "multipart/form-data")


def is_media(content_type: list[str], wanted: str) -> bool:
    if len(content_type) != 1:
        return False
    kind, _, _ = content_type[0].partition(";")
    charsets = charsets_in(content_type[0][len(kind):])
    return kind.strip(" \t").lower() == wanted and charsets is not None and set(charsets) <= {"utf-8"}


def charsets_in(parameters: str) -> list[str] | None:
    """Returns: every charset of a media type's parameters in lower case; None where they do not follow the grammar."""
    found = parameters_in(parameters)
    return None if found is None else [value.lower() for name, value in found if name == "charset"]


def boundary_in(content_type: str) -> str | None:
    """Returns: the boundary of a multipart body; None where there is not exactly one."""
    kind, _, _ = content_type.partition(";")
    found = [value for name, value in parameters_in(content_type[len(kind):]) or () if name == "boundary"]
    return found[0] if len(found) == 1 else None


def parameters_in(text: str) -> list[tuple[str, str]] | None:
    """Returns: a media type's parameters, their names in lower case; None where they do not follow the grammar."""
    found, at, end = [], 0, len(text.rstrip(" \t"))
    while at < end:
        seen = PARAMETER.match(text, at)
        if seen is None or seen.end() == at:
            return None
        name, token, quoted = seen.groups()
        if name is not None:
            found.append((name.lower(), quoted if token is None else token))
        at = seen.end()
    return found


def is_coded(content_encoding: list[str]) -> bool:
    """Whether a body is said to be compressed or coded in any way, `identity` among them."""
    return bool(content_encoding)


def is_declared_too_large(content_length: list[str], is_over: Callable[[int], bool]) -> bool:
    """Whether a body's declared length is over the limit; a length that is no number is the server's to judge."""
    return any(LENGTH.match(length) and is_over(int(length[:20])) for length in content_length)


def is_too_large(size: int) -> bool:
    return size > BODY_LIMIT_BYTES


def is_form_too_large(size: int) -> bool:
    return size > receiving.BODY_BYTES


async def body_of(chunks: AsyncIterator[bytes]) -> bytes:
    """Reads a body. Raises: Problem, `payload_too_large`, with the first chunk that goes over, whether or not an end ever comes."""
    parts, size = [], 0
    async for chunk in chunks:
        size += len(chunk)
        if is_too_large(size):
            raise Problem("payload_too_large")
        parts.append(chunk)
    return b"".join(parts)


def bodiless(method: str, said: Answer) -> Answer:
    """Returns: the answer to HEAD without its body, which its length still tells; any other as it is."""
    if method != "HEAD" or said.status == 304:
        return said
    length: Pair = ("Content-Length", str(len(said.body)))
    return Answer(said.status, (*said.headers, length))
