"""
The rules of a reply's head, over its raw bytes: what HTTP libraries repair or let through is refused here.

Source: RFC 9112, sections 2 to 6; RFC 9110; spec/harness.md, An exchange. Raises: Broken.
"""
import re
from collections.abc import Iterable
from typing import Protocol

from afi.errors import Broken

HEAD_BYTES = 64 << 10
FIELDS = 256
END = re.compile(rb"\r?\n\r?\n")
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) [\t \x21-\x7e\x80-\xff]*")      # RFC 9112, 4: the second space is always there
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t \x21-\x7e\x80-\xff]*?)[ \t]*")
ONCE = ("content-type", "x-mizan-invalidate", "etag", "cache-control", "content-length")      # two of one of them are two answers
BODILESS = (204, 304)
CONDITIONS = ("if-none-match", "if-modified-since")
PROBLEM = "application/problem+json"
Pairs = tuple[tuple[bytes, bytes], ...]


class Asked(Protocol):
    """As much of a request as the rules look at."""

    @property
    def method(self) -> str: ...

    @property
    def names(self) -> frozenset[str]: ...


def head_of(raw: bytes | bytearray) -> bytes | None:
    """
    Cuts the head off the bytes read so far. Returns: the head with its empty line; None while more must be read.

    Raises: Broken, as soon as the bytes cannot become a head.
    """
    if not b"HTTP/1.".startswith(bytes(raw[:7])):
        raise Broken("protocol", f"the reply begins with {bytes(raw[:40])!r}, wanted a status line of HTTP/1.1")
    end = END.search(raw, 0, HEAD_BYTES + 1)
    if end is None and len(raw) > HEAD_BYTES:
        raise Broken("over-limit", f"the head is over {HEAD_BYTES} bytes")
    return None if end is None else bytes(raw[:end.end()])


def fields_of(head: bytes) -> tuple[int, Pairs]:
    """Reads a head. Returns: the status, and its fields in their order, names as they came. Raises: Broken."""
    first, *lines = head[:-4].split(b"\r\n")
    if b"\n" in head.replace(b"\r\n", b"") or b"\r" in head.replace(b"\r\n", b""):
        raise Broken("protocol", "a line of the head ends in a bare CR or LF")
    status = STATUS_LINE.fullmatch(first)
    if not status:
        raise Broken("protocol", f"status line {first[:80]!r}")
    code = int(status[1])
    if not 100 <= code <= 599 or code == 101:
        raise Broken("protocol", f"status {status[1].decode()}, wanted 200 to 599")
    if len(lines) > FIELDS:
        raise Broken("over-limit", f"{len(lines)} header fields, wanted at most {FIELDS}")
    return code, fields_in(lines)


def fields_in(lines: Iterable[bytes]) -> Pairs:
    """Reads the field lines of a head or of trailers. Raises: Broken."""
    pairs = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            raise Broken("over-limit", f"a header field is folded over two lines: {line[:40]!r}")       # a field has one line
        field = FIELD.fullmatch(line)
        if not field:
            raise Broken("protocol", f"header field {line[:80]!r}")
        pairs.append((field[1], field[2]))
    return tuple(pairs)


def values_of(headers: Pairs, name: str) -> list[str]:
    """Returns: the texts of all fields of one name, in lower case or not, in their order."""
    wanted = name.lower().encode()
    return [value.decode("latin-1") for key, value in headers if key.lower() == wanted]


def by_name(headers: Pairs) -> dict[str, list[str]]:
    """Returns: name in lower case -> the texts of its fields, in their order."""
    said: dict[str, list[str]] = {}
    for key, value in headers:
        said.setdefault(key.lower().decode("latin-1"), []).append(value.decode("latin-1"))
    return said


def check_framing(headers: Pairs) -> None:
    """Refuses a message whose end two readers would see in two places. Raises: Broken."""
    lengths, codings = values_of(headers, "Content-Length"), values_of(headers, "Transfer-Encoding")
    if codings and (lengths or [c.lower() for c in codings] != ["chunked"]):
        raise Broken("protocol", f"Transfer-Encoding {codings}, Content-Length {lengths}")
    if len(set(lengths)) > 1 or not all(re.fullmatch("[0-9]{1,15}", length) for length in lengths):
        raise Broken("protocol", f"Content-Length {lengths}")


def check_meaning(asked: Asked, status: int, headers: Pairs) -> None:
    """Refuses a reply that contradicts itself or that we never asked for. Raises: Broken."""
    said = by_name(headers)
    for name in ONCE:
        if len(values := said.get(name, [])) > 1:
            raise Broken("ambiguous", f"{len(values)} fields {name}: {values}")
    encodings = [value for value in said.get("content-encoding", []) if value.lower() != "identity"]
    if encodings and "accept-encoding" not in asked.names:
        raise Broken("over-limit", f"Content-Encoding {encodings}, and we had asked for identity: nothing is expanded")
    if 300 <= status <= 399 and status != 304:
        raise Broken("redirect", f"status {status} to {said.get('location', [])}; redirects are never followed")
    if status == 304 and not asked.names.intersection(CONDITIONS):
        raise Broken("semantics", "304 to a request without a condition")
    if status == 204 and ("transfer-encoding" in said or said.get("content-length", ["0"]) != ["0"]):
        raise Broken("semantics", "204 with a body")
    for needed, name in ((401, "WWW-Authenticate"), (405, "Allow")):
        if status == needed and name.lower() not in said:
            raise Broken("semantics", f"{status} without {name}")
    if status < 300 and any(value.split(";")[0].strip().lower() == PROBLEM for value in said.get("content-type", [])):
        raise Broken("semantics", f"{status} with an error document")
