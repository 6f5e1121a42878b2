"""invalidation: run-time entries."""
import asyncio
import contextvars
import datetime as dt
import threading

import pytest

from mizan import Misuse, ReactContext, Registry, client, invalidate
from mizan.invalidation import collecting

USER, NOWHERE = ReactContext("user"), ReactContext("nowhere")


@pytest.fixture
def sealed():
    with Registry().active() as registry:
        @client(context=USER)
        def profile(request, user_id: int, at: dt.datetime | None = None) -> int: ...

        @client(affects=USER)
        def touch(request) -> int: ...

        @client()
        def plain(request) -> int: ...

        yield registry.seal()


@pytest.fixture
def collector(sealed):
    with collecting(sealed.functions["touch"], sealed.contexts) as one:
        yield one


@pytest.mark.parametrize(("params", "entry"), [
    ({}, {"context": "user"}), ({"user_id": 5}, {"context": "user", "params": {"user_id": 5}}),
    ({"at": dt.datetime(2024, 1, 1)}, {"context": "user", "params": {"at": "2024-01-01T00:00:00Z"}}),
    ({"at": None}, {"context": "user", "params": {"at": None}}),
])
def test_an_entry_names_any_subset_of_the_parameters(collector, params, entry):
    invalidate(USER, **params)
    assert collector.entries == [entry]


@pytest.mark.parametrize(("context", "params"), [(USER, {"no": 1}), (USER, {"user_id": "5"}), (USER, {"user_id": None}), (NOWHERE, {})])
def test_what_was_not_declared_is_misuse(collector, context, params):
    with pytest.raises(Misuse):
        invalidate(context, **params)


def test_a_swallowed_misuse_comes_back_with_the_entries(collector):
    with pytest.raises(Misuse):
        invalidate(USER, no=1)
    with pytest.raises(Misuse, match="no parameter no"):
        _ = collector.entries


@pytest.mark.parametrize("name", ["plain", "profile"])
def test_only_a_mutation_may_invalidate(sealed, name):
    with collecting(sealed.functions[name], sealed.contexts), pytest.raises(Misuse, match=f"'{name}' is a"):
        invalidate(USER)


def test_outside_a_call_it_is_misuse():
    with pytest.raises(Misuse, match="no mutation is running here"):
        invalidate(USER)


def test_two_calls_at_once_never_mix(sealed):
    async def call(user_id):
        with collecting(sealed.functions["touch"], sealed.contexts) as one:
            invalidate(USER, user_id=user_id)
            await asyncio.sleep(0)
            invalidate(USER, user_id=-user_id)
            return [entry["params"]["user_id"] for entry in one.entries]

    async def both():
        return await asyncio.gather(call(1), call(2))
    assert asyncio.run(both()) == [[1, -1], [2, -2]]


def test_what_outlives_its_call_can_add_nothing(sealed):
    told = []

    def later(go):
        go.wait(5)
        try:
            invalidate(USER)
        except Misuse as misuse:
            told.append(str(misuse))

    go = threading.Event()
    with collecting(sealed.functions["touch"], sealed.contexts) as one:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(later, go))
        thread.start()
    go.set()
    thread.join()
    assert (one.entries, ["has ended" in text for text in told]) == ([], [True])
