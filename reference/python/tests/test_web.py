"""web and cors: paths, methods, media types, sizes and origins, without a web framework."""
import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mizan import cors, web
from mizan.answer import Answer
from mizan.serving import Site
from mizan.settings import Settings

ORIGIN = "https://shop.example"
JSON = ("content-type", "application/json")
CALL = b'{"fn":"name","args":{"user_id":5}}'


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def answered(shop: Any, method: str, path: bytes | None, *headers: tuple[str, str], body: bytes = CALL, origins: str = "") -> Answer:
    site = Site(shop.registry.seal(), Settings(frozenset(origins.split())))
    head = web.Head(method, path, b"user_id=5", tuple((name.encode(), value.encode("latin-1")) for name, value in headers))
    return asyncio.run(web.answer(site, web.Asked(head, None, chunks(body))))


def code(answer: Answer) -> str:
    return json.loads(answer.body)["code"]


def fields(answer: Answer) -> dict[str, str]:
    assert len({name.lower() for name, _ in answer.headers}) == len(answer.headers)
    return dict(answer.headers)


@pytest.mark.parametrize("path", [None, b"", b"call", b"call//", b"/call/", b"Call/", b"%63all/", b"call/x", b"call/\n", b"ctx/", b"ctx//", b"ctx/user",
                                  b"ctx/user//", b"ctx/user/x.css", b"ctx/user/\n", b"./call/"])
def test_any_other_path_is_not_found(shop: Any, path: bytes | None) -> None:
    answer = answered(shop, "POST", path, JSON)
    assert (answer.status, code(answer)) == (404, "not_found")


@pytest.mark.parametrize("name", [b"User", b"%75ser", b"user;x", b"..", b"%2e%2e", b"\xff", b"__class__", b"name", b"user\n"])
def test_any_other_context_is_unknown(shop: Any, name: bytes) -> None:
    answer = answered(shop, "GET", b"ctx/" + name + b"/")
    assert (answer.status, code(answer)) == (404, "unknown_context")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "BREW", "post"])
def test_a_call_has_one_method(shop: Any, method: str) -> None:
    answer = answered(shop, method, b"call/", JSON, ("x-http-method-override", "POST"))
    assert (answer.status, fields(answer)["Allow"], shop.begun) == (405, "POST", [])


def test_the_method_is_judged_before_the_context(shop: Any) -> None:
    answer = answered(shop, "POST", b"ctx/nothing/", JSON)
    assert (answer.status, fields(answer)["Allow"]) == (405, "GET, HEAD")


def test_head_has_the_fields_of_get_and_no_body(shop: Any) -> None:
    get, head = answered(shop, "GET", b"ctx/user/"), answered(shop, "HEAD", b"ctx/user/")
    assert (head.status, head.body, fields(head)) == (200, b"", {**fields(get), "Content-Length": str(len(get.body))})


@pytest.mark.parametrize("content_type", [
    "application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"', "application/json ; profile=x;",
    "application/json;;charset=Utf-8",
])
def test_json_is_taken(shop: Any, content_type: str) -> None:
    assert answered(shop, "POST", b"call/", ("content-type", content_type)).status == 200


@pytest.mark.parametrize("content_type", [
    "", "text/plain", "application/json5", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json; charset=utf8",
    "application/json; charset", "application/json, text/plain", "application/json; charset=utf-8; charset=latin-1",
    'application/json; charset="utf-8', "application/json charset=utf-8",
])
def test_any_other_media_type_is_not(shop: Any, content_type: str) -> None:
    answer = answered(shop, "POST", b"call/", ("content-type", content_type))
    assert (answer.status, code(answer)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("headers", [
    [], [JSON, JSON], [JSON, ("content-encoding", "gzip")], [JSON, ("content-encoding", "identity")], [JSON, ("content-encoding", "")],
])
def test_a_body_without_one_type_or_with_a_coding_is_not(shop: Any, headers: list[tuple[str, str]]) -> None:
    assert answered(shop, "POST", b"call/", *headers).status == 415


@pytest.mark.parametrize(("length", "status"), [("1048576", 200), ("1048577", 413), ("9" * 5000, 413), ("0" * 30 + "34", 200), ("x", 200)])
def test_a_declared_length_is_judged_before_the_body(shop: Any, length: str, status: int) -> None:
    assert answered(shop, "POST", b"call/", JSON, ("content-length", length)).status == status


def test_a_body_is_refused_with_its_first_byte_too_many_though_it_never_ends(shop: Any) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    async def main() -> Answer:
        head = web.Head("POST", b"call/", b"", ((b"content-type", b"application/json"),))
        return await web.answer(shop.site, web.Asked(head, None, endless()))

    assert code(asyncio.run(main())) == "payload_too_large"


def test_a_body_of_the_very_limit_is_read(shop: Any) -> None:
    assert answered(shop, "POST", b"call/", JSON, body=CALL + b" " * (web.BODY_LIMIT_BYTES - len(CALL))).status == 200


def test_cors_is_off_without_origins(shop: Any) -> None:
    said = fields(answered(shop, "POST", b"call/", JSON, ("origin", ORIGIN)))
    assert not any(name.startswith("Access-Control") or name == "Vary" for name in said)


def test_a_listed_origin_reads_replies_and_refusals(shop: Any) -> None:
    for body, status in ((CALL, 200), (b"{", 400)):
        answer = answered(shop, "POST", b"call/", JSON, ("origin", ORIGIN), body=body, origins=ORIGIN)
        assert answer.status == status
        assert fields(answer) | {"Content-Type": ""} == {
            "Content-Type": "", "Cache-Control": "no-store", "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "X-Mizan-Invalidate, ETag, Cache-Status, Retry-After, Mizan-SSR", "Vary": "Origin"}


@pytest.mark.parametrize("origins", [[], ["null"], ["https://shop.example.evil"], ["http://shop.example"], [ORIGIN, ORIGIN], [f"{ORIGIN}, {ORIGIN}"]])
def test_any_other_origin_reads_nothing_and_its_call_runs(shop: Any, origins: list[str]) -> None:
    answer = answered(shop, "POST", b"call/", JSON, *(("origin", one) for one in origins), origins=ORIGIN)
    assert (answer.status, fields(answer)["Vary"]) == (200, "Origin")
    assert not any(name.startswith("Access-Control") for name in fields(answer))


def test_a_preflight_is_answered(shop: Any) -> None:
    answer = answered(shop, "OPTIONS", b"call/", ("origin", ORIGIN), ("access-control-request-method", "POST"), origins=ORIGIN)
    assert (answer.status, answer.body) == (204, b"")
    assert {name: value for name, value in fields(answer).items() if name.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": "Content-Type, Authorization, X-CSRFToken, X-Mizan-Token, If-None-Match", "Access-Control-Max-Age": "600"}


def test_options_of_anybody_else_is_answered_without_the_fields_of_cors(shop: Any) -> None:
    answer = answered(shop, "OPTIONS", b"call/", ("access-control-request-method", "POST"), origins=ORIGIN)
    assert (answer.status, [name for name in fields(answer) if name.startswith("Access-Control")]) == (204, [])


def test_a_304_varies_like_the_200(shop: Any) -> None:
    answer = answered(shop, "GET", b"ctx/user/", ("if-none-match", "*"), origins=ORIGIN)
    assert (answer.status, fields(answer)["Vary"]) == (304, "Origin")


def test_cors_adds_only_what_is_not_there_yet() -> None:
    there = Answer(200, (("access-control-allow-origin", "*"), ("Vary", "Accept, origin")))
    said = fields(cors.marked(there, frozenset({ORIGIN}), [ORIGIN]))
    assert (said["access-control-allow-origin"], said["Vary"], "Access-Control-Allow-Origin" in said) == ("*", "Accept, origin", False)


def test_vary_keeps_what_was_said() -> None:
    assert fields(cors.varying(Answer(200, (("Vary", "Cookie"),))))["Vary"] == "Cookie, Origin"
    assert fields(cors.varying(Answer(200, (("Vary", "*"),))))["Vary"] == "*"


def test_a_fault_of_ours_is_internal_and_logged(shop: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(web, "check_method", lambda door, method: 1 // 0)
    assert code(answered(shop, "POST", b"call/", JSON)) == "internal"
    assert "ZeroDivisionError" in caplog.text
