"""
Where file parts belong among the arguments, and the arguments with the files in their places.

Source: spec/upload.md, The parts. A file's place is a pointer into the request document; the member itself is absent there.
Errors: none raised; what is wrong is returned as mismatches.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mizan.errors import Mismatch
from mizan.function import ServerFunction
from mizan.reader import MESSAGE, child
from mizan.types import Field, List, Names, Ref, Type, base, fields_of, holds_upload, is_upload
from mizan.upload import ReceivedFile

ROOT = "/args"
POSITION = re.compile(r"0|[1-9][0-9]?\Z")             # below the number of parts that a body may have
ABSENT = object()


@dataclass(frozen=True)
class Place:
    """A place where a file may stand. `given`: the request document has something there already."""

    accepts: tuple[str, ...]
    given: bool


def place_of(function: ServerFunction, args: Mapping[str, Any], pointer: str) -> Place | None:
    """Returns: what a part of this name would be; None where no file belongs."""
    root, *tokens = pointer.split("/")
    if root or tokens[:1] != ["args"] or len(tokens) < 2 or "~" in pointer:        # no declared name holds a character to be escaped
        return None
    return member_place(function.parameters, args, tokens[1:], function.names)


def member_place(fields: Mapping[str, Field], given: Mapping[str, Any], tokens: list[str], names: Names) -> Place | None:
    one = fields.get(tokens[0])
    return place_in(one.type, given.get(tokens[0], ABSENT), tokens[1:], names) if one else None


def place_in(type_: Type, value: Any, tokens: list[str], names: Names) -> Place | None:
    inner = base(type_)
    if is_upload(inner) and not tokens:
        return Place(inner.accepts, value is not ABSENT)                           # type: ignore[union-attr]
    if isinstance(inner, List) and is_upload(base(inner.item)) and len(tokens) == 1 and POSITION.fullmatch(tokens[0]):
        return Place(base(inner.item).accepts, value is not ABSENT)                # type: ignore[union-attr]
    if isinstance(inner, List) and isinstance(value, list) and tokens and POSITION.fullmatch(tokens[0]) and int(tokens[0]) < len(value):
        return place_in(inner.item, value[int(tokens[0])], tokens[1:], names)
    if isinstance(inner, Ref) and isinstance(value, dict) and tokens:
        return member_place(fields_of(inner, names), value, tokens, names)
    return None


def takes_files(function: ServerFunction) -> bool:
    """Whether any argument is an upload or holds one."""
    return any(holds_upload(one.type, function.names) for one in function.parameters.values())


class Filled:
    """
    The arguments of a call with its files in their places.

    `files` are those that came, by pointer; None: none has come yet, and a file that is wanted is not missed.
    """

    def __init__(self, names: Names, files: Mapping[str, ReceivedFile] | None) -> None:
        self.names, self.files = names, files
        self.missing: list[Mismatch] = []

    def members(self, fields: Mapping[str, Field], given: Mapping[str, Any], pointer: str = ROOT) -> dict[str, Any]:
        """Returns: a copy of an object's members, those among them that are files."""
        values = {name: self.value(fields[name].type, value, child(pointer, name)) if name in fields else value
                  for name, value in given.items()}
        for name, one in fields.items():
            if name not in given and (found := self.absent(one, child(pointer, name))) is not ABSENT:
                values[name] = found
        return values

    def value(self, type_: Type, value: Any, pointer: str) -> Any:
        """Returns: a value that stands in the document, with the files inside it."""
        inner = base(type_)
        if isinstance(inner, Ref) and isinstance(value, dict):
            return self.members(fields_of(inner, self.names), value, pointer)
        if isinstance(inner, List) and isinstance(value, list):
            return [self.value(inner.item, one, child(pointer, index)) for index, one in enumerate(value)]
        return value

    def absent(self, one: Field, pointer: str) -> Any:
        """Returns: the file, or the list of files, that a member which is not in the document is; ABSENT for neither."""
        inner = base(one.type)
        if is_upload(inner):
            return self.file(one, pointer)
        if isinstance(inner, List) and is_upload(base(inner.item)):
            return self.list_of_files(one, pointer)
        return ABSENT

    def file(self, one: Field, pointer: str) -> Any:
        if self.files is None:
            return PENDING if one.required else ABSENT
        return self.files.get(pointer, ABSENT)

    def list_of_files(self, one: Field, pointer: str) -> Any:
        """Returns: the files at positions 0, 1 …; notes each gap as missing."""
        if self.files is None:
            return [] if one.required else ABSENT
        came = {int(name.rpartition("/")[2]): file for name, file in self.files.items() if name.rpartition("/")[0] == pointer}
        gaps = gaps_in(set(came))
        self.missing += [Mismatch(child(pointer, position), "missing", MESSAGE["missing"]) for position in gaps]
        return [came.get(position, PENDING) for position in range(max(came) + 1)] if came else ABSENT


def gaps_in(positions: set[int]) -> list[int]:
    """Returns: the positions below the last that nothing came for."""
    return sorted(set(range(max(positions, default=0))) - positions)


PENDING = ReceivedFile("", "", None)                  # type: ignore[arg-type]      # stands where a file will be, or should have been
