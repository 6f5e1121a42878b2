"""What is wrong about uploads. Replacements take the original first."""
import asyncio
import dataclasses
import json
import sys
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from afi.faults import Fault

PAYLOAD_BYTES, FILE_BYTES, BODY_BYTES, PARTS = 1_048_576, 26_214_400, 104_857_600, 100
BLOCK_BYTES = 65_536
HALF = range(1 << 20, 2 << 20)              # sizes of the file that the story `abandoned` leaves behind, and of no other
LEFT: list[Any] = []                        # files that a fault never closes
FORTY = asyncio.Semaphore(40)               # as many as there are workers


# -- replies changed on the way --------------------------------------------------------------------------------------------------

def told(reply: Any, status: int) -> Any:
    body = {"result": None, "invalidate": []} if status == 200 else {"type": "urn:mizan:x", "title": "X", "status": status, "code": "x"}
    kind = "application/json" if status == 200 else "application/problem+json"
    return reply.with_status(status).with_header("Content-Type", kind).with_body(json.dumps(body).encode())


def holds(request: Any, part: bytes) -> bool:
    return part in request.body or any(part in chunk for chunk in request.chunks or ())


def turned(part: bytes, old: int, new: int) -> Callable[[Any], Any]:
    """Returns: a change of the status, from old to new, of replies to requests that hold this part."""
    return lambda reply: told(reply, new) if reply.status == old and holds(reply.request, part) else reply


def digest_constant(reply: Any) -> Any:
    """The answer looks like one, and nothing of the file is in it."""
    if reply.status != 200 or not holds(reply.request, b'name="/args/file"') or not holds(reply.request, b"hash_file"):
        return reply
    return reply.with_json(lambda body: {**body, "result": {**body["result"], "digest": "0" * 64}})


def length_late(reply: Any) -> Any:
    """A declared length is not looked at, and the missing body is malformed."""
    return told(reply, 400) if reply.status == 413 and any(name == "Content-Length" for name, _ in reply.request.headers) else reply


def length_believed(reply: Any) -> Any:
    """A file is as long as its part says."""
    if reply.status != 200 or not holds(reply.request, b"\r\nContent-Length: 1\r\n"):
        return reply
    return reply.with_json(lambda body: {**body, "result": {**body["result"], "size": 1}})


# -- functions of the reference replaced -----------------------------------------------------------------------------------------

def typed_payload(original: Any, head: Any) -> Any:
    return original(dataclasses.replace(head, type=head.type or "text/plain"))


def named_payload(original: Any, head: Any) -> Any:
    return original(dataclasses.replace(head, type="text/plain") if head.filename else head)


def any_payload_type(original: Any, head: Any) -> Any:
    return original(dataclasses.replace(head, type=None))


def any_first_part(original: Any, head: Any) -> Any:
    return original(dataclasses.replace(head, name="payload"))


def any_disposition(original: Any, value: str) -> Any:
    return original("form-data" + value[len(value.partition(";")[0]):])


def other_members_ignored(original: Any, message: Any) -> Any:
    return original({name: message[name] for name in ("fn", "args") if name in message} if isinstance(message, dict) else message)


def as_they_came(original: Any, self: Any, one: Any, pointer: str) -> Any:
    found = original(self, one, pointer)
    return [file for name, file in self.files.items() if name.startswith(f"{pointer}/")] if isinstance(found, list) and self.files else found


def in_order_of_arrival(original: Any, self: Any, one: Any, pointer: str) -> Any:
    arrived = self.files and dict(zip(sorted(self.files), self.files.values(), strict=True))
    return original(type(self)(self.names, arrived), one, pointer)


def outside_objects_alone(original: Any, type_: Any, value: Any, tokens: list[str], names: Any) -> Any:
    return None if isinstance(value, dict) else original(type_, value, tokens, names)


def never_missing(original: Any, self: Any, one: Any, pointer: str) -> Any:
    waiting = self.files is None or pointer not in self.files
    return original(type(self)(self.names, None) if waiting else self, one, pointer)


def last_wins(original: Any, self: Any, head: Any) -> Any:
    self.files.pop(head.name, None)
    return original(self, head)


def given_ignored(original: Any, function: Any, args: Mapping[str, Any], pointer: str) -> Any:
    place = original(function, args, pointer)
    return place and dataclasses.replace(place, given=False)


def strays_dropped(original: Any, self: Any, head: Any) -> Any:
    found = original(self, head)
    self.mismatches[:] = [one for one in self.mismatches if one.code != "unknown"]
    return found


def text_is_a_file(original: Any, kind: str, value: Any) -> bool:
    return (kind == "upload" and type(value) is str) or original(kind, value)


async def trimmed(original: Any, file: Any, data: bytes) -> None:
    await original(file, data.rstrip(b"\r\n"))


def block_twice(original: Any, self: Any) -> None:
    """The first block of a file stands where its second was."""
    original(self)
    if self._file is not None and self._file.size >= 2 * BLOCK_BYTES:
        block = self._file.stream.read(BLOCK_BYTES)
        self._file.stream.write(block)
        self._file.stream.seek(0)


def quote_ended(original: Any, value: str) -> Any:
    return original(value + '"' * (value.count('"') % 2))


def starred(original: Any, value: str) -> dict[str, str]:
    found = original(value)
    return {**found, "filename": found["filename*"].rpartition("'")[2]} if "filename*" in found else found


def run_before_refused(original: Any, self: Any, function: Any) -> Any:
    if function.name == "set_avatar":
        function.body(None, user_id=self.args["user_id"], avatar=self.kept.files[0])
        self.kept.files[0].stream.seek(0)
    return original(self, function)


def never_closed(original: Any, self: Any) -> None:
    LEFT.extend(self.files)


def half_never_closed(original: Any, self: Any) -> None:
    if any(one.size in HALF for one in self.files):
        LEFT.extend(self.files)
    else:
        original(self)


def never_closed_when_too_large(original: Any, self: Any) -> None:
    if getattr(sys.exc_info()[1], "code", None) == "payload_too_large":
        LEFT.extend(self.files)
    else:
        original(self)


async def forty_at_once(original: Any, site: Any, sight: Any, boundary: str | None, chunks: Any) -> Any:
    async with FORTY:
        return await original(site, sight, boundary, chunks)


FAULTS = (
    Fault("form-unsupported", "upload-1", {"upload/bodies.file": "status"}, patch=("mizan.web.is_multipart", lambda original, content_type: False)),
    Fault("payload-type-wanted", "upload-2", {"upload/bodies.payload-untyped": "status"}, patch=("mizan.receiving.check_payload", typed_payload)),
    Fault("payload-filename-read", "upload-2", {"upload/bodies.payload-filename": "status"}, patch=("mizan.receiving.check_payload", named_payload)),
    Fault("any-payload-type", "upload-3", {"upload/bodies.payload-text": "status", "upload/bodies.payload-xml": "status"},
          patch=("mizan.receiving.check_payload", any_payload_type)),
    Fault("any-first-part", "upload-4", {"upload/bodies.payload-misspelt": "status"}, patch=("mizan.receiving.check_payload", any_first_part)),
    Fault("unclosed-is-whole", "upload-5", {"upload/bodies.unclosed": "status", "upload/bodies.other-end": "status"},
          patch=("mizan.multipart.Parts.close", lambda original, self: None)),
    Fault("boundary-guessed", "upload-6", {"upload/bodies.no-boundary": "status", "upload/bodies.two-boundaries": "status"},
          patch=("mizan.web.boundary_in", lambda original, content_type: original(content_type) or "xYz")),
    Fault("any-disposition", "upload-7", {"upload/bodies.attachment": "status"}, patch=("mizan.multipart.disposition_of", any_disposition)),
    Fault("nested-parts", "upload-8", {"upload/bodies.nested": "status"},
          patch=("mizan.multipart.media_type_of", lambda original, value: original(value.replace("multipart/", "nested/")))),
    Fault("any-charset-of-a-form", "upload-9", {"upload/bodies.utf-16": "status"}, patch=("mizan.web.charsets_in", lambda original, parameters: [])),
    Fault("coded-form", "upload-10", {"upload/bodies.coded": "status", "upload/bodies.identity": "status"},
          patch=("mizan.web.is_coded", lambda original, content_encoding: False)),
    Fault("blanks-behind-the-first", "upload-51", {"upload/bodies.blanks-behind-the-first": "status"},
          patch=("mizan.multipart.unpadded", lambda original, line: line)),
    Fault("blanks-behind-another", "upload-51", {"upload/bodies.blanks-behind-another": "status"}, wire=turned(b"\r\n--xYz\t \r\n", 200, 400)),
    Fault("more-behind-a-boundary", "upload-51", {"upload/bodies.more-behind-another": "status"}, wire=turned(b"\r\n--xYz x\r\n", 400, 200)),
    Fault("heads-of-any-bytes", "upload-52", {"upload/heads.latin-1": "status", "upload/heads.other-field": "status"},
          patch=("mizan.multipart.text_of", lambda original, value: value.decode("utf-8", "replace"))),
    Fault("payload-members-ignored", "upload-11", {"upload/bodies.payload-third-member": "status"},
          patch=("mizan.dispatch.is_envelope", other_members_ignored)),
    Fault("open-quote-ended", "upload-48", {"upload/names.crlf-field": "status"}, patch=("mizan.multipart.disposition_of", quote_ended)),
    Fault("bytes-ignored", "upload-12", {"upload/parts.file": "members"}, wire=digest_constant),
    Fault("files-in-order-of-arrival", "upload-12", {"upload/parts.pair-swapped": "result"}, patch=("mizan.fileparts.Filled.file", in_order_of_arrival)),
    Fault("files-outside-objects-alone", "upload-12", {"upload/parts.pair": "status"}, patch=("mizan.fileparts.place_in", outside_objects_alone)),
    Fault("files-as-they-came", "upload-13", {"upload/parts.other-order": "members"}, patch=("mizan.fileparts.Filled.list_of_files", as_they_came)),
    Fault("empty-list-refused", "upload-14", {"upload/parts.empty-list": "status"}, wire=turned(b'"files":[]', 200, 422)),
    Fault("missing-file-made", "upload-15", {"upload/parts.missing": "status"}, patch=("mizan.fileparts.Filled.file", never_missing)),
    Fault("missing-file-of-json", "upload-15", {"upload/json.missing": "status"}, wire=turned(b'{"fn":"hash_file","args":{}}', 422, 200)),
    Fault("gap-filled", "upload-16", {"upload/parts.gap": "status"}, patch=("mizan.fileparts.gaps_in", lambda original, positions: [])),
    Fault("last-part-wins", "upload-17", {"upload/parts.doubled": "status"}, patch=("mizan.receiving.Incoming._accepted", last_wins)),
    Fault("part-beside-member", "upload-18", {"upload/parts.given-null": "status", "upload/parts.given-list": "status"},
          patch=("mizan.fileparts.place_of", given_ignored)),
    Fault("strays-dropped", "upload-19", {"upload/parts.bare-name": "status", "upload/parts.no-file-wanted": "status"},
          patch=("mizan.receiving.Incoming._accepted", strays_dropped)),
    Fault("text-is-a-file", "upload-20", {"upload/parts.as-text": "status", "upload/json.as-text": "status"},
          patch=("mizan.reader.is_of_kind", text_is_a_file)),
    Fault("file-always-wanted", "upload-21", {"upload/parts.left-out": "status", "upload/parts.null": "status", "upload/json.left-out": "status"},
          wire=turned(b'{"fn":"label_file","args":{"label":"', 200, 422)),
    Fault("line-ends-trimmed", "upload-22", {"upload/contents.line-ends": "members"}, patch=("mizan.receiving.stored", trimmed)),
    Fault("block-twice", "upload-22", {"upload/every-byte": ""}, patch=("mizan.receiving.Incoming._close", block_twice)),
    Fault("length-believed", "upload-50", {"upload/contents.lying-length": "members"}, wire=length_believed),
    Fault("escapes-decoded", "upload-49", {"upload/names.percent": "members"},
          patch=("mizan.upload.base_name", lambda original, given: urllib.parse.unquote(original(given)))),
    Fault("whole-path", "upload-23", {"upload/names.parent": "members", "upload/names.drive": "members"},
          patch=("mizan.upload.last_part", lambda original, path: path)),
    Fault("controls-kept", "upload-24", {"upload/names.nul": "members", "upload/names.right-to-left": "members"},
          patch=("mizan.upload.visible", lambda original, name: name)),
    Fault("starred-wins", "upload-25", {"upload/names.starred": "members", "upload/names.starred-alone": "members"},
          patch=("mizan.multipart.disposition_of", starred)),
    Fault("name-of-any-length", "upload-26", {"upload/names.long": "members"}, patch=("mizan.upload.cut", lambda original, name: name)),
    Fault("nameless", "upload-27", {"upload/names.empty": "members", "upload/names.dots": "members"},
          patch=("mizan.upload.base_name", lambda original, given: original(given).replace("upload", ""))),
    Fault("type-as-written", "upload-28", {"upload/types.capitals": "members"},
          patch=("mizan.multipart.media_type_of", lambda original, value: original(value) and value)),
    Fault("any-declared-type", "upload-29", {"upload/types.not-wanted": "status", "upload/types.undeclared": "status"}, ends=("hang",),
          patch=("mizan.receiving.is_accepted", lambda original, accepts, declared: True)),
    Fault("files-anywhere", "upload-47", {"upload/places.in-nullable-list-in-list": "err", "upload/places.in-list-in-union": "err"},
          patch=("mizan.unions.check_no_upload", lambda original, type_, names, where: None)),
    Fault("objects-with-files-anywhere", "upload-47", {"upload/places.in-object-in-map": "err", "upload/places.in-object-in-union": "err"},
          patch=("mizan.unions.check_no_upload", lambda original, type_, names, where: original(type_, {}, where))),
    Fault("files-in-reads", "upload-47", {"upload/places.in-object-of-read": "err"},
          patch=("mizan.declare.check_files", lambda original, parameters, output, names, where: None)),
    Fault("payload-limit-excluded", "upload-30", {"upload/early.payload-fits": "status"},
          patch=("mizan.receiving.is_payload_too_large", lambda original, size: size >= PAYLOAD_BYTES)),
    Fault("payload-read-to-the-end", "upload-31", {"upload/early.payload-over": ""}, ends=("hang",),
          patch=("mizan.receiving.is_payload_too_large", lambda original, size: False)),
    Fault("file-limit-excluded", "upload-32", {"upload/largest-file": ""},
          patch=("mizan.receiving.is_file_too_large", lambda original, size: size >= FILE_BYTES)),
    Fault("file-read-to-the-end", "upload-33", {"upload/file-over": ""}, ends=("hang",),
          patch=("mizan.receiving.is_file_too_large", lambda original, size: False)),
    Fault("file-limit-about-so", "upload-33", {"upload/file-over": ""}, ends=("hang",),
          patch=("mizan.receiving.is_file_too_large", lambda original, size: size > FILE_BYTES + 50)),
    Fault("length-of-a-form-not-looked-at", "upload-34", {"upload/declared-length": ""}, wire=length_late),
    Fault("body-read-to-the-end", "upload-44", {"upload/body-over": ""}, ends=("hang",),
          patch=("mizan.receiving.is_body_too_large", lambda original, size: False)),
    Fault("small-body-limit", "upload-45", {"upload/largest-body": "0"},
          patch=("mizan.receiving.is_body_too_large", lambda original, size: size > 30 << 20)),
    Fault("body-limit-excluded", "upload-45", {"upload/largest-body": "0"},
          patch=("mizan.receiving.is_body_too_large", lambda original, size: size >= BODY_BYTES)),
    Fault("part-limit-excluded", "upload-35", {"upload/early.parts-fit": "status"},
          patch=("mizan.multipart.is_too_many", lambda original, parts: parts >= PARTS)),
    Fault("any-number-of-parts", "upload-36", {"upload/early.parts-over": ""}, ends=("hang",),
          patch=("mizan.multipart.is_too_many", lambda original, parts: False)),
    Fault("short-heads-alone", "upload-37", {"upload/early.head-fits": "status"}, wire=turned(b"\r\nX-More: mmmm", 200, 400)),
    Fault("any-head", "upload-38", {"upload/early.head-over": "status"}, wire=turned(b"\r\nX-More: mmmm", 400, 413)),
    Fault("arguments-after-files", "upload-39", {"upload/early.wrong-argument": ""}, ends=("hang",),
          patch=("mizan.receiving.check_arguments", lambda original, function, args: None)),
    Fault("malformed-before-settled", "upload-39", {"upload/bodies.settled-first": "status"},
          patch=("mizan.multipart.Parts.feed", lambda original, self, chunk: list(original(self, chunk)))),
    Fault("refused-upload-runs", "upload-40", {"upload/refused-does-not-run": ""}, patch=("mizan.receiving.Incoming.effective", run_before_refused)),
    Fault("files-in-memory", "upload-41", {"upload/kept-on-disk": "1"}, patch=("mizan.receiving.memory_bytes", lambda original: 1 << 40)),
    Fault("files-never-closed", "upload-42", {"upload/nothing-left": "2"}, patch=("mizan.receiving.Kept.close", never_closed)),
    Fault("too-large-never-closed", "upload-42", {"upload/nothing-left": "2"}, patch=("mizan.receiving.Kept.close", never_closed_when_too_large)),
    Fault("abandoned-files-left", "upload-43", {"upload/abandoned": "1"}, patch=("mizan.receiving.Kept.close", half_never_closed)),
    Fault("forty-bodies-at-once", "upload-46", {"upload/slow-bodies": ""}, ends=("hang",), patch=("mizan.receiving.call", forty_at_once)),
)
