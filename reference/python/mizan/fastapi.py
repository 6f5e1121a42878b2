"""
Mounts what a registry holds on an existing FastAPI application.

    app = FastAPI()
    mount(app)                              # below /api/mizan

It lives with the application's middleware, dependencies and lifespan: its requests pass through all of them, as any route's do.
Source: spec/ground.md, Paths; the ASGI specification (`raw_path`, `root_path`). Errors: BadDeclaration, BadSetting, while mounting.
"""
import os
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import Scope

from mizan import settings, web
from mizan.answer import Answer
from mizan.errors import BadDeclaration, Problem
from mizan.registry import Registry, get_registry
from mizan.response import set_framework_response_base
from mizan.serving import Site

PREFIX = "/api/mizan"
DECIDED = ("X-Mizan-Invalidate", "Cache-Control")
PREFIX_GRAMMAR = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\Z")

set_framework_response_base(Response)


def mount(app: FastAPI, *, prefix: str = PREFIX, registry: Registry | None = None, environment: Mapping[str, str] = os.environ) -> Site:
    """
    Seals a registry and serves it below a prefix of an application.

    Args:
        prefix: where, such as `/api/mizan`: segments of letters, digits and `-._~`, without a slash at the end.
        registry: the current one unless given.
        environment: where the settings `MIZAN_…` stand.
    Raises: BadDeclaration, BadSetting.
    """
    if not PREFIX_GRAMMAR.match(prefix):
        raise BadDeclaration(f"mount: prefix {prefix!r} is no path that can be compared byte by byte; wanted one such as {PREFIX}")
    chosen = registry or get_registry()
    site = Site(chosen.seal(), settings.read(environment), chosen.extensions)
    # A route of FastAPI's own, so that the application's dependencies run before it; without methods, so that every method comes here.
    app.router.add_api_route(
        prefix, Endpoint(site, prefix).answer, methods=[], operation_id=f"mizan{prefix}", response_model=None, include_in_schema=False,
        route_class_override=BelowRoute,
    )
    return site


class BelowRoute(APIRoute):
    """Takes every path at or below its own, so that no other spelling of one of ours is redirected or answered by somebody else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or not is_below(self.path, below_root(scope["path"], scope)):
            return Match.NONE, {}
        return Match.FULL, {"endpoint": self.endpoint, "path_params": dict(scope.get("path_params", {})), "route": self}


class Endpoint:
    """Answers every request at or below the prefix."""

    def __init__(self, site: Site, prefix: str) -> None:
        self.site, self.prefix = site, prefix.encode()

    async def answer(self, request: Request) -> Response:
        scope = request.scope
        head = web.Head(scope["method"], web.below(self.prefix, raw_path(scope)), scope["query_string"], tuple(scope["headers"]))
        return response_of(await web.answer(self.site, web.Asked(head, FastAPISight(request), request_body(request))))


class FastAPISight:
    """What functions see of a request of FastAPI's; `native` is the request itself."""

    __slots__ = ("native",)

    def __init__(self, native: Request) -> None:
        self.native = native

    @property
    def user(self) -> Any:
        return self.native.user

    @property
    def session(self) -> Any:
        return self.native.session

    @property
    def headers(self) -> Mapping[str, str]:
        return self.native.headers

    @property
    def cookies(self) -> Mapping[str, str]:
        return self.native.cookies


def is_below(prefix: str, path: str) -> bool:
    """Whether a decoded path is ours to answer; which spelling it has is looked at later."""
    return path == prefix or path.startswith(prefix + "/")


def below_root(path: str, scope: Scope) -> str:
    """Returns: a path without the part at which a server or another application has mounted this one."""
    root = scope.get("root_path", "")
    return path[len(root):] if path.startswith(root + "/") else path


def raw_path(scope: Scope) -> bytes:
    """Returns: the path as it came; where a server does not hand it over, the only spelling that could be right."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    return below_root(raw.decode("latin-1"), scope).encode("latin-1")


async def request_body(request: Request) -> AsyncIterator[bytes]:
    """Yields the body as it arrives. Raises: Problem, `malformed`, which nobody reads, where the caller has gone."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise Problem("malformed") from error


def response_of(said: Answer) -> Response:
    """Returns: the answer as FastAPI sends it; a function's own response keeps its status, body and fields, but those that the answer decides."""
    if said.own is None:
        return Response(said.body, said.status, dict(said.headers))
    response: Response = said.own
    del response.headers["X-Mizan-Invalidate"]              # what is stale is for the core to say
    for name, value in said.headers:
        if name == "Vary":
            response.headers.add_vary_header(value)
        elif name in DECIDED or name not in response.headers:
            response.headers[name] = value
    return response
