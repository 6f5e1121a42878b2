"""
Work spread over forked processes, which know all that their parent knew: what they do is a function, and cannot be sent to another process.

Raises: what a worker raised, where it is an error of the kit; else OurFault.
"""
import contextlib
import gc
import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

from afi.errors import AfiError, OurFault

WORKERS_A_CORE = 2                   # a worker waits while its child works, and some rows wait for a deadline
Task = TypeVar("Task")
Result = TypeVar("Result")


def cores() -> int:
    """Returns: how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def workers() -> int:
    """Returns: how many processes keep those cores busy."""
    return WORKERS_A_CORE * cores()


def spread(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> list[Result]:
    """
    Calls `work` on each task, in the order given, each in the next process that is free. The calling process may have no other thread.

    Returns: the results in the order of the tasks. Raises: AfiError, OurFault when a worker fails or dies.
    """
    context, found, left = multiprocessing.get_context("fork"), dict[int, Result](), iter(range(len(tasks)))
    pairs = [context.Pipe() for _ in range(min(workers, len(tasks)))]
    processes = [context.Process(target=_work, args=(work, tasks, theirs, [ours for ours, _ in pairs]), daemon=True) for _, theirs in pairs]
    for process, (_, theirs) in zip(processes, pairs, strict=True):
        process.start()
        theirs.close()
    busy = [ours for ours, _ in pairs]
    try:
        for ours in busy:
            ours.send(next(left))
        while busy:
            for ready in wait(busy):
                ours = cast(Connection, ready)
                number, result = _heard(ours)
                found[number] = result
                following = next(left, None)
                ours.send(following)
                if following is None:
                    busy.remove(ours)
    finally:
        for process in processes:
            if busy:
                process.kill()
            process.join()
    return [found[number] for number in range(len(tasks))]


def _heard(connection: Connection) -> tuple[int, Any]:
    try:
        number, result, error = connection.recv()
    except EOFError as dead:
        raise OurFault("a process that did a part of the work died without a word") from dead
    if error:
        raise error
    return number, result


def _work(work: Callable[[Any], Any], tasks: Sequence[Any], connection: Connection, others: list[Connection]) -> None:
    gc.freeze()                                         # what the parent knew is never garbage here
    for other in others:
        other.close()                                   # else a worker never hears that its parent is gone
    with contextlib.suppress(KeyboardInterrupt):        # a terminal interrupts every process at once: the parent says so
        while (number := connection.recv()) is not None:
            connection.send((number, *_done(work, tasks[number])))


def _done(work: Callable[[Any], Any], task: Any) -> tuple[Any, AfiError | None]:
    try:
        return work(task), None
    except AfiError as error:
        return None, error
    except Exception as error:  # noqa: BLE001  (whatever ends the work of one ends the run)
        return None, OurFault(f"a process that did a part of the work failed: {task!r}: {type(error).__name__}: {error}")
