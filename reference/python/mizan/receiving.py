"""
A call with files: its message is the first part of a multipart/form-data body, and its files follow.

The function is looked up and its arguments are read before the first byte of a file; files go to temporary files that are closed, and so
removed, whatever becomes of the call. Source: spec/upload.md. Errors: Problem while reading; an Answer at the end. Units: bytes.
"""
import dataclasses
import functools
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread

from mizan import dispatch, fileparts, reader
from mizan.answer import Answer
from mizan.errors import Mismatch, Problem
from mizan.fileparts import ROOT, Filled
from mizan.function import ServerFunction
from mizan.multipart import BOUNDARY, DEFAULT_TYPE, PartHead, Parts
from mizan.request import Sight
from mizan.serving import Site
from mizan.upload import ReceivedFile, base_name

PAYLOAD = "payload"
PAYLOAD_BYTES = 1_048_576
FILE_BYTES = 26_214_400
BODY_BYTES = 104_857_600
MEMORY_BYTES = 65_536                # of each file: a hundred of them are still a small part of what the process holds anyway
JSON_TYPES = (None, "application/json")


async def call(site: Site, sight: Sight, boundary: str | None, chunks: AsyncIterator[bytes]) -> Answer:
    """Reads and answers one call with files. Args: `boundary`: as the head says, None where it says none. Raises: Problem."""
    if boundary is None or not BOUNDARY.match(boundary):
        raise Problem("malformed")
    incoming = Incoming(site, Parts(boundary))
    try:
        await incoming.read(chunks)
        return await answered(site, sight, incoming)
    finally:
        if not incoming.kept.in_use:
            incoming.kept.close()


async def answered(site: Site, sight: Sight, incoming: "Incoming") -> Answer:
    """Runs what the payload names, now that everything has come. Raises: Problem."""
    function = incoming.function
    if function is None and incoming.mismatches:
        raise Problem("validation", incoming.mismatches)
    if function is None:
        return await dispatch.call(site, sight, bytes(incoming.payload))
    effective = incoming.effective(function)
    return await dispatch.outcome(site, sight, closing(function, incoming.kept), effective)


@dataclass
class Kept:
    """The files of one call; `in_use` while a body reads them, perhaps beyond the reply."""

    files: list[ReceivedFile] = field(default_factory=list)
    in_use: bool = False

    def opened(self, head: PartHead) -> ReceivedFile:
        """Returns: a new file, kept in memory while it is small."""
        spool = tempfile.SpooledTemporaryFile(max_size=memory_bytes(), mode="w+b")      # noqa: SIM115  (closed by `close`)
        made = ReceivedFile(base_name(head.filename), head.type or DEFAULT_TYPE, spool)     # type: ignore[arg-type]
        self.files.append(made)
        return made

    def close(self) -> None:
        """Closes every file; a temporary one is gone then."""
        for one in self.files:
            one.stream.close()


def memory_bytes() -> int:
    return MEMORY_BYTES


class Incoming:
    """
    One body on its way in.

    `function` is what the payload names, once that has come; None where it takes no files: then the payload alone is the call.
    """

    def __init__(self, site: Site, parts: Parts) -> None:
        self.site, self.parts, self.kept = site, parts, Kept()
        self.payload = bytearray()
        self.function: ServerFunction | None = None
        self.args: Mapping[str, Any] = {}
        self.files: dict[str, ReceivedFile] = {}
        self.mismatches: list[Mismatch] = []
        self._begun = self._settled = False
        self._file: ReceivedFile | None = None            # None while a part comes that belongs nowhere
        self._size = self._total = 0

    async def read(self, chunks: AsyncIterator[bytes]) -> None:
        """Reads to the end of the body. Raises: Problem, with the first byte that decides it."""
        async for chunk in chunks:
            self._total += len(chunk)
            if is_body_too_large(self._total):
                raise Problem("payload_too_large")
            for event in self.parts.feed(chunk):
                await self._take(event)
        self.parts.close()
        if not self._settled:
            raise Problem("malformed")

    async def _take(self, event: Any) -> None:
        match event:
            case PartHead():
                self._open(event)
            case bytes():
                await self._write(event)
            case _:
                self._close()

    def _open(self, head: PartHead) -> None:
        self._size = 0
        if not self._begun:
            check_payload(head)
            self._begun = True
        else:
            self._file = self._accepted(head)

    async def _write(self, data: bytes) -> None:
        self._size += len(data)
        if not self._settled:
            self.payload += data
            if is_payload_too_large(self._size):
                raise Problem("payload_too_large")
            return
        if is_file_too_large(self._size):
            raise Problem("payload_too_large")
        if self._file is not None:
            await stored(self._file, data)

    def _close(self) -> None:
        if not self._settled:
            self._settle()
        elif self._file is not None:
            self._file.stream.seek(0)

    def _settle(self) -> None:
        """Decides everything that can be decided before a file comes. Raises: Problem."""
        self._settled = True
        name, self.args = dispatch.envelope(bytes(self.payload))
        function = self.site.sealed.functions.get(name)
        if function is None or not fileparts.takes_files(function):
            check_without_files(self.site, name, self.args)
        else:
            self.function = function
            check_arguments(function, self.args)

    def _accepted(self, head: PartHead) -> ReceivedFile | None:
        """Returns: where a file goes; None where it belongs nowhere, which is noted. Raises: Problem, `unsupported_media_type`."""
        place = fileparts.place_of(self.function, self.args, head.name) if self.function else None
        if place is None:
            self.mismatches.append(mismatch(ROOT, "unknown"))
            return None
        if place.given or head.name in self.files:
            self.mismatches.append(mismatch(head.name, "duplicate"))
            return None
        if not is_accepted(place.accepts, head.type or DEFAULT_TYPE):
            raise Problem("unsupported_media_type")
        self.files[head.name] = self.kept.opened(head)
        return self.files[head.name]

    def effective(self, function: ServerFunction) -> dict[str, Any]:
        """Returns: the effective arguments, files among them. Raises: Problem, `validation`."""
        filled = Filled(function.names, self.files)
        given = filled.members(function.parameters, self.args)
        values, mismatches = reader.read_members(function.parameters, given, function.names, ROOT)
        wrong = [*self.mismatches, *filled.missing, *mismatches]
        if wrong:
            raise Problem("validation", wrong)
        return values


def mismatch(pointer: str, code: str) -> Mismatch:
    return Mismatch(pointer, code, reader.MESSAGE[code])


def check_payload(head: PartHead) -> None:
    """Raises: Problem, where the first part is another than the payload, or no JSON."""
    if head.name != PAYLOAD:
        raise Problem("malformed")
    if head.type not in JSON_TYPES:
        raise Problem("unsupported_media_type")


def check_without_files(site: Site, name: str, args: Mapping[str, Any]) -> None:
    """Refuses early what no file could mend: a name that is unknown, arguments that are wrong. Raises: Problem."""
    if name in site.sealed.functions:
        dispatch.arguments(site.sealed.functions[name], args)
    elif name not in site.sealed.compositions:
        raise Problem("unknown_function")


def check_arguments(function: ServerFunction, args: Mapping[str, Any]) -> None:
    """Reads the arguments as if every file were there. Raises: Problem, `validation`."""
    dispatch.arguments(function, Filled(function.names, None).members(function.parameters, args))


def is_accepted(accepts: tuple[str, ...], declared: str) -> bool:
    return not accepts or declared in accepts


def is_payload_too_large(size: int) -> bool:
    return size > PAYLOAD_BYTES


def is_file_too_large(size: int) -> bool:
    return size > FILE_BYTES


def is_body_too_large(size: int) -> bool:
    return size > BODY_BYTES


async def stored(file: ReceivedFile, data: bytes) -> None:
    """Writes to memory at once, and to the disk from a thread."""
    file.size += len(data)
    if file.size <= memory_bytes():
        file.stream.write(data)
    else:
        await anyio.to_thread.run_sync(file.stream.write, data)


def closing(function: ServerFunction, kept: Kept) -> ServerFunction:
    """Returns: the function with a body that closes the files when it ends, which may be after its deadline."""
    body = awaited if function.is_async else called
    return dataclasses.replace(function, body=functools.partial(body, function.body, kept))


def called(body: Callable[..., Any], kept: Kept, request: Any, **effective: Any) -> Any:
    kept.in_use = True
    try:
        return body(request, **effective)
    finally:
        kept.close()


async def awaited(body: Callable[..., Any], kept: Kept, request: Any, **effective: Any) -> Any:
    kept.in_use = True
    try:
        return await body(request, **effective)
    finally:
        kept.close()
