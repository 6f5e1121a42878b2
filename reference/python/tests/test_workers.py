"""workers: threads for blocking bodies, bounded, cancellable before their turn."""
import asyncio
import contextvars
import threading
import time

import pytest

from mizan.workers import BodyEnded, Workers

WHERE: contextvars.ContextVar[str] = contextvars.ContextVar("where")


def test_a_body_runs_elsewhere_with_the_caller_s_context() -> None:
    async def main() -> tuple[str, bool]:
        WHERE.set("here")
        return await Workers().start(lambda: (WHERE.get(), threading.current_thread() is threading.main_thread()))

    assert asyncio.run(main()) == ("here", False)


def test_no_more_bodies_than_the_limit_run_at_once_and_all_get_their_turn() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def body() -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return 1

    async def main() -> int:
        workers = Workers(limit=3)
        return sum(await asyncio.gather(*(workers.start(body) for _ in range(20))))

    assert (asyncio.run(main()), most) == (20, 3)


def test_a_free_thread_is_used_again() -> None:
    async def main() -> int:
        workers = Workers()
        names = set()
        for _ in range(20):
            names.add(await workers.start(lambda: threading.current_thread().name))
        return len(names)

    assert asyncio.run(main()) == 1


def test_a_body_that_is_cancelled_before_its_turn_never_begins() -> None:
    begun: list[str] = []

    async def main() -> None:
        workers, gate = Workers(limit=1), threading.Event()
        first = workers.start(gate.wait)
        second = workers.start(lambda: begun.append("second"))
        second.cancel()
        gate.set()
        await first
        await workers.start(lambda: begun.append("third"))

    asyncio.run(main())
    assert begun == ["third"]


@pytest.mark.parametrize("raised", [SystemExit(1), KeyboardInterrupt(), StopIteration(), GeneratorExit()])
def test_what_no_future_can_carry_comes_back_as_an_error(raised: BaseException) -> None:
    def body() -> None:
        raise raised

    async def main() -> None:
        await Workers().start(body)

    with pytest.raises(BodyEnded) as caught:
        asyncio.run(main())
    assert caught.value.__cause__ is raised


def test_a_body_s_own_error_is_its_caller_s() -> None:
    async def main() -> None:
        await Workers().start(lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
