"""
Threads for bodies that block: at most `limit` at once, and none that keeps the process from ending.

Errors: a body's own exception is the future's. Why not the executor of the standard library: its threads are joined when the interpreter
ends, so that one body that never returns would make the process deaf to SIGTERM; and it does not hand the caller's context over.
"""
import asyncio
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

LIMIT = 40                  # as many as anyio gives Starlette's own thread pool


class BodyEnded(RuntimeError):
    """A body ended with something that no future can carry (SystemExit, StopIteration ...); it is the cause."""


class _Job(NamedTuple):
    body: Callable[[], Any]
    context: contextvars.Context
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class Workers:
    """A queue of bodies and the threads that take from it; a thread is made when a body finds none idle."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._made, self._idle = limit, 0, 0
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[_Job] = SimpleQueue()

    def start(self, body: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Returns: a future. Cancelled before its turn comes, the body never begins; later, it finishes and its result is dropped."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            elif self._made < self._limit:
                self._made += 1
                threading.Thread(target=self._work, name=f"mizan-{self._made}", daemon=True).start()
            else:
                self._idle -= 1                     # a debt: the next thread to become free is spoken for
        self._waiting.put(_Job(body, contextvars.copy_context(), future, loop))
        return future

    def _work(self) -> None:
        while True:
            job = self._waiting.get()
            outcome, error = _ran(job)
            with self._lock:
                self._idle += 1                     # before the caller hears: its next body finds this thread
            _tell(job, outcome, error)


def _ran(job: _Job) -> tuple[Any, BaseException | None]:
    """Returns: what the body returned, or what it ended with; it never begins where nobody waits for it any more."""
    if job.future.cancelled():
        return None, None
    try:
        return job.context.run(job.body), None
    except BaseException as raised:                 # noqa: BLE001 (also what would end the thread: the caller must hear of it)
        return None, raised


def _tell(job: _Job, outcome: Any, error: BaseException | None) -> None:
    try:
        job.loop.call_soon_threadsafe(_settle, job.future, outcome, error)
    except RuntimeError:                            # the loop has ended, and nobody waits any more
        return


def _settle(future: "asyncio.Future[Any]", outcome: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(outcome)
    elif isinstance(error, Exception) and not isinstance(error, StopIteration):
        future.set_exception(error)
    else:
        ended = BodyEnded(f"the body ended with {type(error).__name__}")
        ended.__cause__ = error
        future.set_exception(ended)
