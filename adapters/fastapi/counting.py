"""
How often each body began, and the gate that holds some of them back. Source: spec/sample.md, Counters.
"""
import asyncio
import collections
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

Body = TypeVar("Body", bound=Callable[..., Any])

BEGUN: collections.Counter[str] = collections.Counter()
FINISHED: collections.Counter[str] = collections.Counter()
_lock = threading.Lock()


def counted(body: Body) -> Body:
    """Makes a body count, under its own name, that it began."""
    name = body.__name__

    @functools.wraps(body)
    def blocking(*args: Any, **kwargs: Any) -> Any:
        count(BEGUN, name)
        return body(*args, **kwargs)

    @functools.wraps(body)
    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        count(BEGUN, name)
        return await body(*args, **kwargs)

    return cast(Body, asynchronous if inspect.iscoroutinefunction(body) else blocking)


def count(counter: collections.Counter[str], name: str) -> None:
    """Adds one; bodies run in several threads."""
    with _lock:
        counter[name] += 1


def named(name: str) -> Callable[[Body], Body]:
    """Gives a body a name that the environment chose."""
    def rename(body: Body) -> Body:
        body.__name__ = name
        return body
    return rename


class Gate:
    """Open or shut, for blocking and for asynchronous bodies alike; opened and shut on the event loop alone."""

    def __init__(self) -> None:
        self._blocking, self._asynchronous = threading.Event(), asyncio.Event()
        self.open()

    def open(self) -> None:
        self._blocking.set()
        self._asynchronous.set()

    def shut(self) -> None:
        self._blocking.clear()
        self._asynchronous.clear()

    def wait(self) -> None:
        self._blocking.wait()

    async def passed(self) -> None:
        await self._asynchronous.wait()


GATE = Gate()
