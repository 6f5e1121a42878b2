"""
One request as it is put on the wire and one reply as it came off it: values, no socket.

Source: spec/harness.md, An exchange. Raises: Broken (`ambiguous`, `json`), when a reply is asked for what it says twice or not at all.
"""
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from afi import heads, ijson
from afi.errors import Broken
from afi.heads import Pairs
from afi.model import ABSENT

WITH_BODY = ("POST", "PUT", "PATCH")
KEPT_BYTES = 64 << 10


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate U+DC80 to U+DCFF stands for one raw byte, so that any bytes can be sent."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Request:
    """
    What is asked, sent as it stands: fields in their order and casing, twice where they stand twice, `target` unread.

    Host, `Accept-Encoding: identity` and Content-Length are added where no field of that name is given; a field whose value is None is left
    out and not added. `chunks` is a body in the chunked coding, a chunk each; `withhold` keeps its last chunk back while the reply is read.
    `ahead` are requests that go out in the same write: they are exchanged next, in their order, and not sent again (RFC 9112, 9.3.2).
    """

    method: str
    target: str
    headers: tuple[tuple[str, str | None], ...] = ()
    body: bytes = b""
    chunks: tuple[bytes, ...] | None = None
    withhold: bool = False
    ahead: tuple["Request", ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the fields given, in lower case."""
        return frozenset(name.lower() for name, value in self.headers if value is not None)

    @property
    def endless(self) -> bool:
        """Whether the other side may still wait for more of it: the last chunk is held back, or its framing is the caller's own."""
        return self.withhold or not self.names.isdisjoint(("content-length", "transfer-encoding"))


@dataclass(frozen=True)
class Style:
    """How a client writes what carries no meaning: casing of names, order of unlike names (a sort key, or None), fields of its own."""

    casing: Callable[[str], str] = str
    order: Callable[[str], str] | None = None
    own: tuple[tuple[str, str], ...] = ()


PLAIN = Style()
OTHER = Style(str.upper, lambda name: name.lower()[::-1], (("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"),))


def fields(request: Request, address: tuple[str, int], style: Style = PLAIN) -> list[tuple[str, str]]:
    """Returns: every field of the request as it goes out; fields of one name keep their order."""
    added = [("Host", f"{address[0]}:{address[1]}"), ("Accept-Encoding", "identity")]
    if request.chunks is not None:
        added.append(("Transfer-Encoding", "chunked"))
    elif (request.body or request.method in WITH_BODY) and "transfer-encoding" not in request.names:
        added.append(("Content-Length", str(len(request.body))))
    given = {name.lower() for name, _ in request.headers}
    every = [*(one for one in (*added[:2], *style.own) if one[0].lower() not in given),
             *((name, value) for name, value in request.headers if value is not None),
             *(one for one in added[2:] if one[0].lower() not in given)]
    if order := style.order:
        every.sort(key=lambda one: order(one[0]))
    return [(style.casing(name), value) for name, value in every]


def body(request: Request) -> bytes:
    """Returns: the bytes after the head."""
    return b"".join(_content(request))


def _content(request: Request) -> list[bytes]:
    if request.chunks is None:
        return [request.body]
    framed = [piece for chunk in request.chunks if chunk for piece in (b"%x\r\n" % len(chunk), chunk, b"\r\n")]
    return framed if request.withhold else [*framed, b"0\r\n\r\n"]


def message(request: Request, address: tuple[str, int], style: Style = PLAIN) -> bytes:
    """Returns: the whole request as bytes."""
    return b"".join(pieces(request, address, style))


def pieces(request: Request, address: tuple[str, int], style: Style = PLAIN) -> list[bytes]:
    """Returns: the whole request in pieces, so that nobody copies a body of 100 MiB."""
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields(request, address, style))]
    return [encoded("\r\n".join(lines)) + b"\r\n\r\n", *_content(request)]


def beginning(sent: Iterable[bytes]) -> bytes:
    """Returns: the first 64 KiB of what was sent in pieces."""
    kept = b""
    for piece in sent:
        kept += piece[:KEPT_BYTES - len(kept)]
        if len(kept) == KEPT_BYTES:
            break
    return kept


JSON_TYPES = ("application/json", "application/problem+json")


@dataclass(frozen=True)
class Reply:
    """What came back; `headers` are raw pairs of bytes, `raw` the bytes of it as they came (64 KiB)."""

    status: int
    headers: Pairs
    body: bytes
    request: Request
    raw: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> Any:
        """Returns: the text of the one field of this name, or ABSENT. Raises: Broken, if there are two."""
        values = heads.values_of(self.headers, name)
        if len(values) > 1:
            raise Broken("ambiguous", f"{len(values)} fields {name}: {values}")
        return values[0] if values else ABSENT

    def json(self) -> Any:
        """Reads the body strictly, if it says that it is JSON. Raises: Broken."""
        media = str(self.header("Content-Type")).partition(";")[0].strip().lower()
        if media not in JSON_TYPES:
            raise Broken("ambiguous", f"{self.request.method} {self.request.target}: a body to be read as JSON says that it is {media!r}; "
                                      f"wanted one of {', '.join(JSON_TYPES)}")
        try:
            return ijson.load(self.body)
        except ijson.NotIJsonError as error:
            raise Broken("json", f"{self.request.method} {self.request.target}: {error}; the body begins {self.body[:60]!r}") from error

    def member(self, path: str) -> Any:
        """Returns: the value at a dotted path (`result.id`, `errors.0.code`), or ABSENT. Raises: Broken, if the body is no JSON."""
        found = self.json()
        for name in path.split("."):
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                found = found.get(name, ABSENT) if isinstance(found, dict) else ABSENT
        return found

    def with_header(self, name: str, value: str) -> "Reply":
        """Sets one field, in place of all of that name."""
        return replace(self, headers=(*self.without_header(name).headers, (encoded(name), encoded(value))))

    def without_header(self, name: str) -> "Reply":
        return replace(self, headers=tuple(one for one in self.headers if one[0].lower() != encoded(name).lower()))

    def with_status(self, status: int) -> "Reply":
        return replace(self, status=status)

    def with_body(self, changed: bytes) -> "Reply":
        return replace(self, body=changed)

    def with_json(self, change: Callable[[Any], Any]) -> "Reply":
        """Writes what `change` makes of the document. Raises: Broken, if the body is no JSON."""
        return replace(self, body=json.dumps(change(self.json()), ensure_ascii=False, separators=(",", ":")).encode())


@dataclass(frozen=True)
class Exchange:
    """
    One exchange for the evidence: bytes sent and received (64 KiB each; `cut_bytes` more came, and `sha256` is theirs), what was read of
    them or why it could not be. `at_s` counts from the first exchange of the conversation, `label` is the vector that it belonged to.
    """

    request: Request
    sent: bytes = field(repr=False)
    received: bytes = field(repr=False)
    at_s: float
    elapsed_s: float
    reply: Reply | None = None
    broken: Broken | None = None
    cut_bytes: int = 0
    sha256: str = ""
    label: str | None = None
