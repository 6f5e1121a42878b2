"""upload, multipart, fileparts, receiving: bodies cut anywhere, files in their places, and what is left of them."""
import asyncio
import dataclasses
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel

from mizan import BadDeclaration, Problem, ReactContext, Registry, Upload, client, multipart, receiving, web
from mizan.answer import Answer
from mizan.multipart import PartEnd, PartHead, Parts
from mizan.serving import Site
from mizan.upload import base_name

TYPE = ("content-type", "multipart/form-data; boundary=b")
END = b"\r\n--b--\r\n"


class Document(BaseModel):
    title: str
    file: Upload
    more: Upload | None = None


@dataclasses.dataclass
class Pages:
    scans: list[Upload]


class Desk:
    """A registry of functions that take files, and every file that they saw."""

    def __init__(self) -> None:
        self.registry, self.seen = Registry(), []
        self.gate, self.late = threading.Event(), []
        declare(self)

    def answered(self, *parts: bytes, chunk: int = 1 << 16) -> Answer:
        head = web.Head("POST", b"call/", b"", tuple((name.encode(), value.encode()) for name, value in [TYPE]))
        return asyncio.run(web.answer(Site(self.registry.seal()), web.Asked(head, None, cut(b"".join(parts), chunk))))


def declare(desk: Desk) -> None:
    @client(registry=desk.registry)
    def read(request, file: Upload) -> str:
        desk.seen.append(file)
        return file.stream.read().decode()

    @client(registry=desk.registry)
    async def read_async(request, file: Upload) -> int:
        desk.seen.append(file)
        return file.size

    @client(registry=desk.registry)
    def file_document(request, document: Document) -> str:
        return document.title + document.file.stream.read().decode() + ("+" if document.more else "")

    @client(registry=desk.registry)
    def file_pages(request, pages: list[Pages]) -> list[int]:
        return [len(one.scans) for one in pages]

    @client(timeout_s=1, registry=desk.registry)
    def read_late(request, file: Upload) -> str:
        desk.seen.append(file)
        desk.gate.wait(30)
        desk.late.append(file.stream.read())
        return "late"


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at:at + size]


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'\r\n--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content


def payload(fn: str, **args: Any) -> bytes:
    return part("payload", json.dumps({"fn": fn, "args": args}).encode())[2:]


def body(answer: Answer) -> Any:
    return json.loads(answer.body)


def errors(answer: Answer) -> list[tuple[str, str]]:
    return [(one["pointer"], one["code"]) for one in body(answer)["errors"]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 1 << 16])
def test_a_body_may_be_cut_anywhere(desk: Desk, chunk: int) -> None:
    content = "\r\n--\r\n--b-\r\n--bb\r\r\n"
    assert body(desk.answered(payload("read"), part("/args/file", content.encode()), END, chunk=chunk))["result"] == content


@pytest.mark.parametrize("fn", ["read", "read_async"])
def test_a_file_is_closed_when_its_function_has_ended(desk: Desk, fn: str) -> None:
    assert desk.answered(payload(fn), part("/args/file", b"x"), END).status == 200
    assert [one.stream.closed for one in desk.seen] == [True]


def test_files_stand_in_objects(desk: Desk) -> None:
    file, more = part("/args/document/file", b"text"), part("/args/document/more", b"")
    assert body(desk.answered(payload("file_document", document={"title": "t"}), file, END))["result"] == "ttext"
    assert body(desk.answered(payload("file_document", document={"title": "t"}), more, file, END))["result"] == "ttext+"
    assert errors(desk.answered(payload("file_document", document={"title": "t"}), END)) == [("/args/document/file", "missing")]
    assert errors(desk.answered(payload("file_document", document={}), file, END)) == [("/args/document/title", "missing")]
    assert errors(desk.answered(payload("file_document"), file, END)) == [("/args/document", "missing")]


def test_lists_of_files_stand_in_lists_of_objects(desk: Desk) -> None:
    scans = [part(f"/args/pages/{page}/scans/{scan}", b"") for page, scan in ((1, 1), (0, 0), (1, 0))]
    assert body(desk.answered(payload("file_pages", pages=[{}, {}, {"scans": []}]), *scans, END))["result"] == [1, 2, 0]
    assert errors(desk.answered(payload("file_pages", pages=[{}]), *scans[1:], END)) == [("/args", "unknown")]


@pytest.mark.parametrize("name", ["", "/", "/args", "/args/", "/args/file/", "/args/file/0", "args/file", "/args//file", "/args/~0file", "/ARGS/file"])
def test_any_other_name_is_a_stray(desk: Desk, name: str) -> None:
    assert errors(desk.answered(payload("read"), part("/args/file", b""), part(name, b""), END)) == [("/args", "unknown")]


def test_the_limits_are_looked_at_while_reading(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "FILE_BYTES", 10)
    monkeypatch.setattr(receiving, "BODY_BYTES", 300)
    opened = payload("read"), part("/args/file", b"")
    assert desk.answered(*opened, b"x" * 10, END).status == 200
    assert desk.answered(*opened, b"x" * 11).status == 413
    assert desk.answered(*opened, b"x" * 10, END, b"x" * 300).status == 413


def test_stray_parts_count_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "FILE_BYTES", 10)
    assert desk.answered(payload("read"), part("/args/other", b"x" * 11)).status == 413


def test_a_body_that_runs_past_its_deadline_still_reads_its_file(desk: Desk) -> None:
    assert desk.answered(payload("read_late"), part("/args/file", b"text"), END).status == 504
    assert not desk.seen[0].stream.closed
    desk.gate.set()
    for thread in [one for one in threading.enumerate() if one.name.startswith("mizan-")]:
        thread.join(0.2)                                # it never ends; the body on it does
    assert (desk.late, desk.seen[0].stream.closed) == ([b"text"], True)


def test_a_read_and_a_result_hold_no_files() -> None:
    def reads(request, files: list[Upload]) -> int: ...

    def returns(request) -> list[Upload]: ...

    with pytest.raises(BadDeclaration, match=r"'reads'.*file"):
        client(context=ReactContext("x"), registry=Registry())(reads)
    with pytest.raises(BadDeclaration, match=r"'returns'.*file"):
        client(registry=Registry())(returns)


@pytest.mark.parametrize(("given", "wanted"), [
    ("a.txt", "a.txt"), ("a/b\\c", "c"), ("\x00a\x1f", "a"), ("..", "upload"), ("x/", "upload"), ("\u202ea", "a"), ("é" * 200, "é" * 127), (" ", " "),
])
def test_a_name_is_a_base_name(given: str, wanted: str) -> None:
    assert base_name(given) == wanted


@pytest.mark.parametrize("types", [[], "image/png", ["image"], ["image/*", 5], ["IMAGE/PNG"], ["image/png; a=b"]])
def test_types_that_are_none_refuse(types: Any) -> None:
    with pytest.raises(BadDeclaration, match="Upload"):
        Upload(types=types)


@pytest.mark.parametrize("value", ['form-data; name="a', 'form-data; name=a b', 'form-data; name="a" b', "form-data; name=a; NAME=b", "", "x; name=a"])
def test_a_disposition_outside_the_grammar_is_malformed(value: str) -> None:
    with pytest.raises(Problem, match="malformed"):
        multipart.disposition_of(value)


def test_what_came_before_something_wrong_is_told_first() -> None:
    events = Parts("b").feed(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nxy\r\n--b\r\nnonsense\r\n\r\n')
    assert [next(events), next(events), next(events)] == [PartHead("a", "", None), b"xy", PartEnd()]
    with pytest.raises(Problem, match="malformed"):
        next(events)


def test_parts_are_events() -> None:
    parts = Parts("b")
    found = list(parts.feed(b'--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\nContent-Type: A/B; c\r\n\r\nxy\r\n--b--'))
    parts.close()
    assert found == [PartHead("a", "f", "a/b"), b"xy", PartEnd()]
