"""
A file that a caller sent, as a function sees it, and how a function declares that it wants one.

    @client()
    def set_avatar(request, user_id: int, avatar: Upload(types=["image/png", "image/jpeg"])) -> bool:
        store(avatar.stream)

    @client()
    def attach(request, files: list[Upload]) -> int: ...

Source: spec/upload.md, What a function sees. Errors: BadDeclaration, for types that are no media types. Units: sizes in bytes.
"""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO

from pydantic_core import core_schema

from mizan.errors import BadDeclaration

MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")         # RFC 6838, 4.2, in lower case
NAME_BYTES = 255                                                             # as long as file systems let a name be
NAMELESS = "upload"
FOLDERS = ("", ".", "..")
# Controls, and the marks that turn the direction of text around: Unicode's Cc and Bidi_Control.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Accepts:
    """Stands in an annotation: the declared types that an upload may have."""

    types: tuple[str, ...]


class Upload:
    """
    A file as it came: `name` is a base name, `type` what the caller says that it is, `size` its length, `stream` its bytes, at the start.

    None of the first two is to be trusted: they are the caller's words. The stream is closed when the function has ended.
    """

    name: str
    type: str
    size: int
    stream: BinaryIO

    def __new__(cls, *, types: Sequence[str]) -> Any:
        """Returns: the annotation of an upload of one of these types alone. Raises: BadDeclaration."""
        if isinstance(types, str) or not types or not all(isinstance(one, str) and MEDIA_TYPE.match(one) for one in types):
            raise BadDeclaration(f"Upload: types={types!r}; wanted a list of media types in lower case, such as [\"image/png\"]")
        return Annotated[cls, Accepts(tuple(types))]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Lets a model have a field of this type."""
        return core_schema.is_instance_schema(cls)


class ReceivedFile(Upload):
    """An upload that has come."""

    def __new__(cls, name: str, type_: str, stream: BinaryIO) -> "ReceivedFile":            # noqa: ARG004  (`__init__` takes them)
        """Not an annotation, as the class of users makes one."""
        return object.__new__(cls)

    def __init__(self, name: str, type_: str, stream: BinaryIO) -> None:
        self.name, self.type, self.size, self.stream = name, type_, 0, stream


def base_name(given: str) -> str:
    """Returns: the last part of a path of any system, without what cannot be seen, cut at 255 bytes, `upload` where nothing is left."""
    name = cut(visible(last_part(given)))
    return NAMELESS if name in FOLDERS else name


def last_part(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def visible(name: str) -> str:
    return UNSEEN.sub("", name)


def cut(name: str) -> str:
    """Returns: as many whole code points as fit."""
    return name.encode()[:NAME_BYTES].decode("utf-8", "ignore")
