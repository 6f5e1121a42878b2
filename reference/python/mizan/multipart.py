"""
A multipart/form-data body as it arrives: bytes in, heads and data of parts out.

Source: spec/upload.md, The body; RFC 7578; RFC 2046, 5.1.1. The grammar is python-multipart's; what it lets through and we do not is here.
Errors: Problem (`malformed`, `payload_too_large`, `unsupported_media_type`). Units: bytes.
"""
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from mizan.errors import Problem

PARTS = 100
FIELDS = 8                           # of a part's head, of which two mean something
FIELD_BYTES = 4_096                  # a line of it: a file's name of 1 KiB fits in any escaping
OPENING_BYTES = 256                  # more than a boundary of 70 characters and a few blanks
DEFAULT_TYPE = "text/plain"          # RFC 7578, 4.4
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")       # RFC 2046, 5.1.1
NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A quoted value as browsers write it: a backslash before a quote escapes it, and elsewhere is a backslash, as in C:\x.
PARAMETER = re.compile(rf"""[ \t]*;[ \t]*(?:({NAME})=(?:({NAME})|"((?:[^"\\]|\\"|\\)*?)"(?=[ \t]*(?:;|\Z))))?""")
MEDIA_TYPE = re.compile(rf"({NAME}/{NAME})[ \t]*(?:;.*)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a part says of itself: the name of its field, the name of its file or none, its media type or none."""

    name: str
    filename: str
    type: str | None


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The boundary after a part has come."""


Event: TypeAlias = PartHead | bytes | PartEnd


class Parts:
    """Cuts a body into parts. Nothing of it is kept beyond a part's head."""

    def __init__(self, boundary: str) -> None:
        self._events: list[Event] = []
        self._fields: list[tuple[bytearray, bytearray]] = []
        self._count, self._ended = 0, False
        self._opening: bytes | None = b""               # what has come of the first boundary's line; None once that is whole
        self._parser = MultipartParser(boundary.encode("ascii"), {
            "on_part_begin": self._begin, "on_header_begin": self._field, "on_header_field": self._name, "on_header_value": self._value,
            "on_headers_finished": self._head, "on_part_data": self._data, "on_part_end": self._end, "on_end": self._finish,
        }, max_header_count=FIELDS, max_header_size=FIELD_BYTES)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yields what a chunk brings to light, up to what is wrong with it, so that it matters nowhere how a body was cut. Raises: Problem."""
        wrong = self._wrong(chunk)
        found, self._events = self._events, []
        yield from found
        if wrong is not None:
            raise wrong

    def _wrong(self, chunk: bytes) -> Problem | None:
        try:
            self._parser.write(self._opened(chunk))
        except FormParserError:
            return Problem("malformed")
        except Problem as problem:
            return problem
        return None

    def _opened(self, chunk: bytes) -> bytes:
        """Returns: what the grammar is to read, which allows blanks behind every boundary but the first."""
        if self._opening is None:
            return chunk
        self._opening += chunk
        start = len(self._opening) - len(self._opening.lstrip(b"\r\n"))
        end = self._opening.find(b"\r\n", start)
        if end < 0 and len(self._opening) < OPENING_BYTES:
            return b""
        opening, self._opening = self._opening, None
        return unpadded(opening[:end]) + opening[end:] if end >= 0 else opening

    def close(self) -> None:
        """Raises: Problem, `malformed`, where the last boundary never came."""
        if not self._ended:
            raise Problem("malformed")

    def _begin(self) -> None:
        self._fields = []
        self._count += 1
        if is_too_many(self._count):
            raise Problem("payload_too_large")

    def _field(self) -> None:
        self._fields.append((bytearray(), bytearray()))

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._fields[-1][0].extend(data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._fields[-1][1].extend(data[start:end])

    def _head(self) -> None:
        self._events.append(head_of([(bytes(name).lower(), bytes(value)) for name, value in self._fields]))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(bytes(data[start:end]))

    def _end(self) -> None:
        self._events.append(PartEnd())

    def _finish(self) -> None:
        self._ended = True


def unpadded(line: bytes) -> bytes:
    return line.rstrip(b" \t")


def is_too_many(parts: int) -> bool:
    return parts > PARTS


def head_of(fields: Sequence[tuple[bytes, bytes]]) -> PartHead:
    """Reads the head of a part. Raises: Problem, `malformed`, where it names no field, or says something twice."""
    texts = [(name, text_of(value)) for name, value in fields]
    dispositions = [value for name, value in texts if name == b"content-disposition"]
    media = [value for name, value in texts if name == b"content-type"]
    if len(dispositions) != 1 or len(media) > 1:
        raise Problem("malformed")
    parameters = disposition_of(dispositions[0])
    if "name" not in parameters:
        raise Problem("malformed")
    return PartHead(parameters["name"], parameters.get("filename", ""), media_type_of(media[0]) if media else None)


def text_of(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("malformed") from error


def disposition_of(value: str) -> dict[str, str]:
    """Returns: the parameters of a Content-Disposition `form-data`, by name. Raises: Problem, `malformed`."""
    kind, _, _ = value.partition(";")
    if kind.strip(" \t").lower() != "form-data":
        raise Problem("malformed")
    parameters: dict[str, str] = {}
    rest, at = value[len(kind):].rstrip(" \t"), 0
    while at < len(rest):
        seen = PARAMETER.match(rest, at)
        if seen is None:
            raise Problem("malformed")
        name, token, quoted = seen.groups()
        if name is not None:
            if name.lower() in parameters:
                raise Problem("malformed")
            parameters[name.lower()] = token if quoted is None else quoted.replace('\\"', '"')
        at = seen.end()
    return parameters


def media_type_of(value: str) -> str:
    """Returns: a media type in lower case, without parameters. Raises: Problem, `malformed`, for none, and for parts within the part."""
    seen = MEDIA_TYPE.match(value.strip(" \t"))
    if seen is None or seen[1].lower().startswith("multipart/"):
        raise Problem("malformed")
    return seen[1].lower()
