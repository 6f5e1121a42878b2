"""mizan.fastapi: on somebody's FastAPI application, through ASGI and over a live uvicorn."""
import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware.cors import CORSMiddleware

from mizan import BadDeclaration, ReactContext, Registry, client, is_framework_response
from mizan.fastapi import mount
from mizan.settings import BadSetting

BASE = "/api/mizan"
CALL = {"fn": "name", "args": {"user_id": 5}}
ORIGIN = "https://shop.example"


def application(shop: Any, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    mount(app, registry=shop.registry, environment={})
    return app


def sent(app: Any, method: str, target: str, root_path: str = "", **options: Any) -> httpx.Response:
    async def main() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app, root_path=root_path)) as http:
            return await http.request(method, httpx.URL("http://shop.test").copy_with(raw_path=target.encode()), **options)

    return asyncio.run(main())


def test_it_calls_and_fetches(shop: Any) -> None:
    app = application(shop)
    assert sent(app, "POST", f"{BASE}/call/", json=CALL).json() == {"result": "u5", "invalidate": []}
    assert sent(app, "GET", f"{BASE}/ctx/user/?user_id=5").json() == {"name": "u5", "tags": ["own"], "tags_again": []}


def test_a_call_says_what_is_stale_in_one_field(shop: Any) -> None:
    reply = sent(application(shop), "POST", f"{BASE}/call/", json={"fn": "rename", "args": {"user_id": 5, "name": "Ann"}})
    assert reply.headers.get_list("x-mizan-invalidate") == ["user;user_id=5"]


@pytest.mark.parametrize("target", [
    BASE, f"{BASE}/", f"{BASE}/call", f"{BASE}//call/", f"{BASE}/call//", f"{BASE}/%63all/", f"{BASE}/call%2f", f"{BASE}/x/%2e%2e/call/",
    f"{BASE}/call/%0a", f"{BASE}/a%0a/", f"{BASE}/call/%00", f"{BASE}/ctx/user", f"{BASE}/ctx//", f"{BASE}/schema",
])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_other_path_below_the_prefix_is_a_problem_and_no_redirect(shop: Any, target: str, method: str) -> None:
    reply = sent(application(shop), method, target, **({"json": CALL} if method == "POST" else {}))
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    assert (reply.json()["code"], shop.begun) == ("not_found", [])


@pytest.mark.parametrize("target", ["/%61pi/mizan/call/", "/api%2fmizan/call/", "/api/mizan%2fcall/", "//api/mizan/call/", "/api//mizan/call/",
                                    "/API/mizan/call/", "/api/mizanx/call/"])
def test_a_path_that_only_looks_like_ours_runs_nothing(shop: Any, target: str) -> None:
    reply = sent(application(shop), "POST", target, json=CALL)
    assert (reply.status_code, shop.begun) == (404, [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "TRACE", "OPTIONS", "BREW"])
def test_every_other_method_is_refused_with_ours(shop: Any, method: str) -> None:
    reply = sent(application(shop), method, f"{BASE}/call/", headers={"X-HTTP-Method-Override": "POST"})
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


def test_another_prefix_and_two_registries_live_side_by_side(shop: Any) -> None:
    other = Registry()

    @client(registry=other)
    def only_here(request) -> bool:
        return True

    app = application(shop)
    mount(app, prefix="/admin/rpc", registry=other, environment={})
    assert sent(app, "POST", "/admin/rpc/call/", json={"fn": "only_here"}).json()["result"] is True
    assert sent(app, "POST", "/admin/rpc/call/", json=CALL).json()["code"] == "unknown_function"
    assert sent(app, "POST", f"{BASE}/call/", json={"fn": "only_here"}).json()["code"] == "unknown_function"


@pytest.mark.parametrize("prefix", ["", "/", "api", "/api/", "/api//x", "/api/{name}", "/a%20b", "/zoë", "/.."])
def test_a_prefix_that_is_no_plain_path_refuses(shop: Any, prefix: str) -> None:
    with pytest.raises(BadDeclaration, match="prefix"):
        mount(FastAPI(), prefix=prefix, registry=shop.registry, environment={})


def test_a_wrong_setting_refuses_to_mount(shop: Any) -> None:
    with pytest.raises(BadSetting, match="MIZAN_ORIGINS"):
        mount(FastAPI(), registry=shop.registry, environment={"MIZAN_ORIGINS": "*"})


def test_what_cannot_be_served_refuses_to_mount(shop: Any) -> None:
    @client(affects=ReactContext("nobody"), registry=shop.registry)
    def touch(request) -> bool:
        return True

    with pytest.raises(BadDeclaration, match="nobody"):
        application(shop)


def test_the_application_s_own_routes_stay_as_they_were(shop: Any) -> None:
    app = FastAPI()

    @app.get("/api/hello")
    def hello() -> str:
        return "hello"

    mount(app, registry=shop.registry, environment={})

    @app.get("/api/later")
    def later() -> str:
        return "later"

    assert [sent(app, "GET", path).json() for path in ("/api/hello", "/api/later")] == ["hello", "later"]
    assert list(app.openapi()["paths"]) == ["/api/hello", "/api/later"]


def test_dependencies_of_the_application_run_first(shop: Any) -> None:
    def refuse(request: Request) -> None:
        if "x-key" not in request.headers:
            raise HTTPException(403)

    app = application(shop, dependencies=[Depends(refuse)])
    assert (sent(app, "POST", f"{BASE}/call/", json=CALL).status_code, shop.begun) == (403, [])
    assert sent(app, "POST", f"{BASE}/call/", json=CALL, headers={"X-Key": "1"}).status_code == 200


def test_middleware_of_the_application_sees_request_and_reply(shop: Any) -> None:
    app = application(shop)

    @app.middleware("http")
    async def stamp(request: Request, proceed: Any) -> Response:
        response = await proceed(request)
        response.headers["x-stamp"] = request.url.path
        return response

    reply = sent(app, "GET", f"{BASE}/ctx/user/?user_id=5")
    assert (reply.status_code, reply.headers["x-stamp"]) == (200, f"{BASE}/ctx/user/")


def test_the_lifespan_of_the_application_runs_around_it(shop: Any) -> None:
    lived: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        lived.append("begun")
        yield
        lived.append("ended")

    app = application(shop, lifespan=lifespan)
    with served(app) as address:
        assert httpx.post(f"{address}{BASE}/call/", json=CALL).status_code == 200
    assert lived == ["begun", "ended"]


def test_it_lives_inside_another_application(shop: Any) -> None:
    outer = FastAPI()
    outer.mount("/inner", application(shop))
    assert sent(outer, "POST", f"/inner{BASE}/call/", json=CALL).status_code == 200
    assert sent(outer, "POST", f"/inner{BASE}/call", json=CALL).json()["code"] == "not_found"


@pytest.mark.parametrize("target", [f"{BASE}/call/", f"/shop{BASE}/call/"])
def test_it_lives_behind_a_server_s_root_path_whether_or_not_a_proxy_takes_it_away(shop: Any, target: str) -> None:
    assert sent(application(shop), "POST", target, root_path="/shop", json=CALL).status_code == 200


def test_the_framework_s_own_cors_layer_and_ours_say_no_field_twice(shop: Any) -> None:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=[ORIGIN], allow_credentials=True)
    mount(app, registry=shop.registry, environment={"MIZAN_ORIGINS": ORIGIN})
    reply = sent(app, "POST", f"{BASE}/call/", json=CALL, headers={"Origin": ORIGIN})
    names = [name for name, _ in reply.headers.multi_items()]
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert sorted(names) == sorted(set(names))


def with_identity(app: FastAPI) -> FastAPI:
    """The application with a user and a session on every request, as its middleware for both would set them."""
    @app.middleware("http")
    async def identify(request: Request, proceed: Any) -> Response:
        request.scope |= {"user": "ann", "session": {"cart": 1}}
        return await proceed(request)

    return app


def test_a_mutation_sees_user_session_cookies_and_headers(shop: Any) -> None:
    call = {"fn": "rename", "args": {"user_id": 5, "name": "Ann"}}
    sent(with_identity(application(shop)), "POST", f"{BASE}/call/", json=call, headers={"Cookie": "a=b", "Authorization": "Bearer t"})
    request = shop.seen[0]
    assert (request.user, request.session, request.cookies) == ("ann", {"cart": 1}, {"a": "b"})
    assert (request.headers["authorization"], isinstance(request.native, Request)) == ("Bearer t", True)


def test_a_public_read_sees_nothing_of_it_through_either_door(shop: Any) -> None:
    app = with_identity(application(shop))
    for look in ("native", "user", "session", "headers", "cookies", "state", "scope"):
        assert sent(app, "GET", f"{BASE}/ctx/fresh/?look={look}", headers={"Cookie": "a=b"}).status_code == 500
        assert sent(app, "POST", f"{BASE}/call/", json={"fn": "now", "args": {"look": look}}).status_code == 500


def test_a_response_of_the_framework_is_known_as_such() -> None:
    assert [is_framework_response(one) for one in (JSONResponse, Response(), {})] == [True, True, False]


def hands_over(shop: Any) -> None:
    @client(registry=shop.registry, affects=ReactContext("user"))
    def download(request, user_id: int, status: int) -> JSONResponse:
        return JSONResponse([user_id], status, {"Vary": "Accept", "X-Mizan-Invalidate": "forged", "Cache-Control": "public"})


@pytest.mark.parametrize(("status", "said"), [(202, "user;user_id=5"), (303, "user;user_id=5"), (409, None), (503, None)])
def test_a_response_of_the_framework_passes_through(shop: Any, status: int, said: str | None) -> None:
    hands_over(shop)
    reply = sent(application(shop), "POST", f"{BASE}/call/", json={"fn": "download", "args": {"user_id": 5, "status": status}})
    assert (reply.status_code, reply.json(), reply.headers.get("x-mizan-invalidate")) == (status, [5], said)
    assert (reply.headers["vary"], reply.headers["cache-control"]) == ("Accept", "no-store")


def test_a_response_of_the_framework_keeps_its_vary_across_origins(shop: Any) -> None:
    hands_over(shop)
    app = FastAPI()
    mount(app, registry=shop.registry, environment={"MIZAN_ORIGINS": ORIGIN})
    reply = sent(app, "POST", f"{BASE}/call/", json={"fn": "download", "args": {"user_id": 5, "status": 200}}, headers={"Origin": ORIGIN})
    assert (reply.headers["vary"], reply.headers["access-control-allow-origin"]) == ("Accept, Origin", ORIGIN)


def test_what_is_no_response_of_the_framework_is_a_failure(shop: Any) -> None:
    @client(registry=shop.registry)
    def download(request) -> JSONResponse:
        return {}       # type: ignore[return-value]

    reply = sent(application(shop), "POST", f"{BASE}/call/", json={"fn": "download"})
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")


def test_it_says_what_it_declares(shop: Any) -> None:
    reply = sent(application(shop), "GET", f"{BASE}/schema/")
    assert (reply.status_code, reply.headers["cache-control"], reply.json()["protocol"]) == (200, "public, no-cache", "1")
    assert sent(application(shop), "GET", f"{BASE}/schema/", headers={"If-None-Match": reply.headers["etag"]}).status_code == 304


def test_the_body_of_a_get_and_fields_of_proxies_change_nothing(shop: Any) -> None:
    app = application(shop)
    plain = sent(app, "GET", f"{BASE}/ctx/user/?user_id=5")
    odd = sent(app, "GET", f"{BASE}/ctx/user/?user_id=5", content=b"{" * 2_000_000, headers={
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/x", "X-Original-URL": "/nothing", "X-HTTP-Method-Override": "POST"})
    assert (plain.content, plain.headers) == (odd.content, odd.headers)


@contextlib.contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """A live server on a port of its own. Yields: its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def address(shop: Any) -> Iterator[str]:
    with served(application(shop)) as found:
        yield found


def exchanged(address: str, request: bytes) -> bytes:
    """Sends raw bytes, and reads until a reply is whole. Returns: what came."""
    host, port = address.removeprefix("http://").split(":")
    got = b""
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request)
        while not whole(got):
            part = connection.recv(65_536)
            assert part, got
            got += part
    return got


def whole(got: bytes) -> bool:
    head, found, body = got.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found) and len(body) >= (lengths or [0])[0]


def head_of(body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([f"POST {BASE}/call/ HTTP/1.1".encode(), b"Host: shop.test", b"Content-Type: application/json", *fields, b"", body])


def test_over_a_live_server_it_calls(address: str) -> None:
    with httpx.Client(base_url=address) as http:
        assert http.post(f"{BASE}/call/", json=CALL).json()["result"] == "u5"
        assert http.head(f"{BASE}/ctx/user/?user_id=5").headers["content-length"] == str(len(http.get(f"{BASE}/ctx/user/?user_id=5").content))
        assert http.get(f"{BASE}/ctx/user/?user_id=5", headers={"If-None-Match": "*"}).status_code == 304


def test_over_a_live_server_a_body_that_is_too_large_is_refused_though_its_end_never_comes(address: str) -> None:
    size = 1_048_577
    request = head_of(f"{size:x}\r\n".encode() + b" " * size + b"\r\n", b"Transfer-Encoding: chunked")
    assert exchanged(address, request).startswith(b"HTTP/1.1 413 ")


def test_over_a_live_server_a_length_that_is_too_large_is_refused_before_the_body(address: str) -> None:
    assert exchanged(address, head_of(b"", b"Content-Length: 1048577")).startswith(b"HTTP/1.1 413 ")


def test_over_a_live_server_pipelined_calls_are_answered_in_order(address: str) -> None:
    bodies = [json.dumps({"fn": "name", "args": {"user_id": n}}).encode() for n in range(8)]
    request = b"".join(head_of(body, f"Content-Length: {len(body)}".encode()) for body in bodies)
    host, port = address.removeprefix("http://").split(":")
    got = b""
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request)
        while got.count(b'"result"') < len(bodies) or not got.endswith(b"}"):
            got += connection.recv(65_536)
    assert [got.index(f'"u{n}"'.encode()) for n in range(8)] == sorted(got.index(f'"u{n}"'.encode()) for n in range(8))


def test_over_a_live_server_a_caller_who_goes_in_the_middle_of_a_body_leaves_it_running(address: str, shop: Any) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head_of(b"{", b"Content-Length: 100"))
    assert httpx.post(f"{address}{BASE}/call/", json=CALL).status_code == 200
    assert shop.begun == ["name"]
