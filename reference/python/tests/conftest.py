"""A small shop, declared anew for each test that asks for it."""
import asyncio
import threading
from collections.abc import Iterator

import pytest

import mizan
from mizan import ApplicationError, ReactContext, Registry, client
from mizan.serving import Site

UserContext = ReactContext("user")
FreshContext = ReactContext("fresh")


class TakenError(ApplicationError):
    code, status = "app.taken", 409


class Shop:
    """A registry, how often each body began, and a gate that holds the slow ones back."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.begun: list[str] = []
        self.seen: list[object] = []
        self.gate = threading.Event()
        declare_reads(self)
        declare_mutations(self)
        declare_odd_ones(self)

    @property
    def site(self) -> Site:
        return Site(self.registry.seal())


def declare_reads(shop: Shop) -> None:
    @client(context=UserContext, registry=shop.registry)
    def name(request, user_id: int) -> str:
        shop.begun.append("name")
        return f"u{user_id}"

    @client(context=UserContext, registry=shop.registry)
    async def tags(request, user_id: int, extra: list[str] = []) -> list[str]:
        shop.begun.append("tags")
        extra.append("own")
        return extra

    @client(context=UserContext, registry=shop.registry)
    def tags_again(request, user_id: int, extra: list[str] = []) -> list[str]:
        if user_id == 0:
            raise TakenError("not declared here")
        return extra

    @client(context=FreshContext, volatile=True, registry=shop.registry)
    def now(request, look: str | None = None) -> str:
        return str(getattr(request, look, "default")) if look else "now"


def declare_mutations(shop: Shop) -> None:
    @client(affects=UserContext, errors=[TakenError], registry=shop.registry)
    def rename(request, user_id: int, name: str) -> str:
        shop.begun.append("rename")
        shop.seen.append(request)
        if name == "taken":
            raise TakenError("that name is taken")
        if name == "secret":
            raise RuntimeError("the password is hunter2")
        if name == "surrogate":
            raise TakenError("\ud800")
        return name

    @client(affects=UserContext, registry=shop.registry)
    def rename_more(request, user_id: int, others: list[int]) -> bool:
        for other in others:
            mizan.invalidate(UserContext, user_id=other)
        others.clear()
        return True

    @client(affects=UserContext, registry=shop.registry)
    def whole(request, user_id: int, is_wrong: bool = False) -> int:
        mizan.invalidate(UserContext)
        return "five" if is_wrong else 5


def declare_odd_ones(shop: Shop) -> None:
    @client(registry=shop.registry)
    def meddle(request) -> bool:
        try:
            mizan.invalidate(UserContext)
        except mizan.Misuse:
            shop.begun.append("swallowed")
        return True

    @client(timeout_s=1, registry=shop.registry)
    async def wait_async(request) -> bool:
        try:
            await asyncio.sleep(60)
        finally:
            shop.begun.append("wait_async ended")
        return True

    @client(affects=UserContext, timeout_s=1, registry=shop.registry)
    def wait_blocking(request) -> bool:
        shop.gate.wait(30)
        mizan.invalidate(UserContext)
        shop.begun.append("wait_blocking ended")
        return True

    @client(registry=shop.registry)
    def leave(request) -> bool:
        raise SystemExit(3)

    @client(registry=shop.registry)
    async def cancelled(request) -> bool:
        raise asyncio.CancelledError


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.gate.set()
