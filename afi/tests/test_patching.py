"""A patch reaches every reference to its target and changes nothing else about it; what cannot be patched is our own fault."""
import asyncio
import functools
import inspect
import sys
import types
from collections.abc import Iterator

import pytest

from afi.errors import BadFault
from afi.faults import patching

SOURCE = '''
import functools
def price(item, tax=2):
    return item + tax
def strict(item, /, *more, tax=1, **rest):
    return (item, more, tax, rest)
class Shop:
    def sell(self, item):
        return price(item)
    @classmethod
    def make(cls):
        return cls()
    @staticmethod
    def open(item):
        return item
    @property
    def size(self):
        return 1
class Branch(Shop):
    pass
async def later(item):
    return price(item)
def count(upto):
    yield from range(upto)
    return "end"
async def tick(upto):
    for n in range(upto):
        yield n
def closed():
    n = 1
    def inner(item):
        return item + n
    return inner
inner = closed()
@functools.wraps(price)
def wrapped(*args):
    return price(*args)
cached = functools.cache(price)
'''


@pytest.fixture
def product() -> Iterator[types.ModuleType]:
    module = types.ModuleType("product")
    exec(SOURCE, module.__dict__)
    sys.modules["product"] = module
    yield module
    del sys.modules["product"]


def diverted(target, replacement):
    """Returns: a list that grows by one with each call of the diverted target."""
    hits = []
    patching.divert(target, replacement, lambda: hits.append(target))
    return hits


def test_a_patch_reaches_every_reference(product):
    bare, part, routes, bound = product.price, functools.partial(product.price, tax=0), {"/": product.price}, product.Shop().sell
    diverted("product.price", lambda original, item, tax: original(item, tax) + 100)
    assert (bare(1), part(1), routes["/"](1), bound(1)) == (103, 101, 103, 103)


def test_each_call_is_counted(product):
    hits = diverted("product.price", lambda original, item, tax: original(item, tax))
    assert [product.price(1), product.price(item=1, tax=5), len(hits)] == [3, 6, 2]


def test_a_target_that_nobody_calls_is_never_hit(product):
    assert diverted("product.Shop.sell", lambda original, self, item: -1) == []


def test_name_defaults_and_signature_stay(product):
    before = inspect.signature(product.price), product.price.__name__, product.price
    diverted("product.price", lambda original, item, tax: 0)
    assert (inspect.signature(product.price), product.price.__name__, product.price) == before


def test_every_kind_of_parameter_arrives(product):
    diverted("product.strict", lambda original, item, /, *more, tax, **rest: ("changed", *original(item, *more, tax=tax, **rest)))
    assert product.strict(1, 2, 3, other=4) == ("changed", 1, (2, 3), 1, {"other": 4})


def test_a_wrong_call_stays_a_wrong_call(product):
    diverted("product.price", lambda original, item, tax: 0)
    with pytest.raises(TypeError, match="item"):
        product.price()


def test_a_method_of_a_live_object(product):
    shop = product.Shop()
    diverted("product.Shop.sell", lambda original, self, item: (self is shop, item))
    assert shop.sell(1) == (True, 1)


def test_a_method_of_a_child_class_follows_its_parent(product):
    diverted("product.Shop.sell", lambda original, self, item: -1)
    assert product.Branch().sell(1) == -1


def test_two_patches_of_one_target_stand_on_each_other(product):
    diverted("product.price", lambda original, item, tax: original(item, tax) * 2)
    diverted("product.price", lambda original, item, tax: original(item, tax) + 1)
    assert product.price(1) == 7


def test_an_async_function_stays_one(product):
    diverted("product.later", lambda original, item: -1)
    assert inspect.iscoroutinefunction(product.later) and asyncio.run(product.later(1)) == -1


async def twice(original, item):
    return await original(item) + await original(item)


def test_an_async_replacement_may_await_the_original(product):
    diverted("product.later", twice)
    assert asyncio.run(product.later(1)) == 6


def test_a_plain_replacement_may_hand_on_the_original_s_promise(product):
    diverted("product.later", lambda original, item: original(item + 1))
    assert asyncio.run(product.later(1)) == 4


def test_a_generator_stays_one(product):
    diverted("product.count", lambda original, upto: original(upto + 1))
    assert inspect.isgeneratorfunction(product.count) and list(product.count(1)) == [0, 1]


async def doubled(original, upto):
    async for n in original(upto):
        yield n * 2


async def taken(items):
    return [item async for item in items]


def test_an_async_generator_stays_one(product):
    diverted("product.tick", doubled)
    assert inspect.isasyncgenfunction(product.tick) and asyncio.run(taken(product.tick(3))) == [0, 2, 4]


@pytest.mark.parametrize("target", ["product.gone", "nowhere.at_all", "product.Shop.gone", "product.Branch.sell"])
def test_a_target_that_is_gone_is_our_fault(product, target):
    with pytest.raises(BadFault, match=r"has no|no module"):
        patching.resolve(target)


@pytest.mark.parametrize("target", ["product.inner", "product.Shop", "product.Shop.make", "product.Shop.open", "product.Shop.size",
                                    "product.wrapped", "product.cached"])
def test_what_is_no_plain_function_is_our_fault(product, target):
    with pytest.raises(BadFault, match="plain function"):
        patching.resolve(target)


@pytest.mark.parametrize("replacement", [lambda original, item: 1, lambda original, item, rate: 1, lambda original, item, *, tax: 1,
                                         lambda original, item, tax, more: 1])
def test_other_parameters_are_our_fault(product, replacement):
    with pytest.raises(BadFault, match="takes"):
        patching.divert("product.price", replacement, lambda: None)


def test_a_module_that_fails_to_import_is_not_called_gone(product, tmp_path, monkeypatch):
    (tmp_path / "halfway.py").write_text("import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        patching.resolve("halfway.price")
