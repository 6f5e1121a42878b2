"""
Runs one body under its deadline: asynchronous ones as a task, blocking ones on a worker.

Source: spec/dispatch.md, Results, Deadlines. Units: seconds.
Errors: whatever the body raises; Problem, `deadline_exceeded`; WrongOutput; Misuse.
"""
import asyncio
import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mizan import writer
from mizan.errors import Problem, WrongOutput
from mizan.function import Context, ServerFunction
from mizan.invalidation import Collector, collecting
from mizan.request import Sight, seen_by
from mizan.response import is_framework_response
from mizan.scoping import Entry
from mizan.serving import Site

log = logging.getLogger("mizan")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a body's normal return leaves: its result as wire JSON, or the framework's own response; and its run-time entries."""

    result: Any
    entries: list[Entry]


class BodyCancelled(RuntimeError):
    """A body ended as cancelled though nobody cancelled it."""


async def run(site: Site, sight: Sight, function: ServerFunction, effective: Mapping[str, Any]) -> Ran:
    """
    Runs a body to its end or its deadline, and writes its result by its declaration.

    Past the deadline asynchronous work is cancelled and not waited for; a blocking body finishes on its worker, and its result is dropped.
    """
    work = started(site, function, seen_by(function, sight), effective)
    try:
        await asyncio.wait((work,), timeout=deadline_s(function))
    except asyncio.CancelledError:                  # the server gives the request up: so does the body
        abandon(work, function)
        raise
    if not work.done():
        abandon(work, function)
        raise Problem("deadline_exceeded")
    if work.cancelled():
        raise BodyCancelled(f"{function.name} ended as cancelled")
    return work.result()


def deadline_s(function: ServerFunction) -> float:
    return function.timeout_s


def started(site: Site, function: ServerFunction, request: Any, effective: Mapping[str, Any]) -> "asyncio.Future[Ran]":
    contexts = site.sealed.contexts
    if function.is_async:
        return asyncio.ensure_future(perform_async(function, contexts, request, effective))
    return site.workers.start(functools.partial(perform, function, contexts, request, effective))


def perform(function: ServerFunction, contexts: Mapping[str, Context], request: Any, effective: Mapping[str, Any]) -> Ran:
    """Runs a blocking body, with a collector of its own that is open for as long as the body runs, deadline or not."""
    with collecting(function, contexts) as collector:
        result = function.body(request, **effective)
    return ran(function, result, collector)


async def perform_async(function: ServerFunction, contexts: Mapping[str, Context], request: Any, effective: Mapping[str, Any]) -> Ran:
    """As `perform`, for a body to await."""
    with collecting(function, contexts) as collector:
        result = await function.body(request, **effective)
    return ran(function, result, collector)


def ran(function: ServerFunction, result: Any, collector: Collector) -> Ran:
    """Raises: WrongOutput, where the result is not what was declared; Misuse, where the body misused `invalidate`, swallowed or not."""
    if function.output is None:
        return Ran(own_response(result), collector.entries)
    return Ran(writer.write(function.output, result, function.names), collector.entries)


def own_response(result: Any) -> Any:
    """Returns: the framework's own response, as it is. Raises: WrongOutput, for anything else."""
    if not is_framework_response(result):
        raise WrongOutput(f"wanted the framework's own response, got {type(result).__name__}")
    return result


def abandon(work: "asyncio.Future[Ran]", function: ServerFunction) -> None:
    """Cancels what can be cancelled; what the rest still raises goes to the log."""
    work.add_done_callback(functools.partial(log_late_error, function.name))
    work.cancel()


def log_late_error(name: str, work: "asyncio.Future[Ran]") -> None:
    if not work.cancelled() and work.exception() is not None:
        log.error("%s raised after its deadline", name, exc_info=work.exception())
