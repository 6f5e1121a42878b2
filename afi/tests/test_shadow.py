"""What a fault can touch is found beside an honest call, which stays what it was."""
import asyncio
import sys
import types
from collections.abc import Iterator

import pytest

from afi.faults import shadow

SOURCE = '''
import dataclasses
def price(item, tax=2):
    return item + tax
def sort(items):
    items.sort()
def strict(item):
    if item < 0:
        raise ValueError(item)
    return item
async def later(item):
    return item
@dataclasses.dataclass
class Basket:
    items: list
def put(basket, item):
    basket.items.append(item)
def total(items):
    return sum(items)
@dataclasses.dataclass(frozen=True)
class Function:
    body: object
def run(function):
    return function.body()
'''


class Marks(dict[str, int]):
    def marked(self, fault):
        return fault in self

    def mark(self, fault, how):
        self[fault] = how


@pytest.fixture
def product() -> Iterator[types.ModuleType]:
    module = types.ModuleType("mizan.canonical")
    exec(SOURCE, module.__dict__)
    sys.modules["product"] = module
    yield module
    del sys.modules["product"]


def watched(target, **replacements):
    marks = Marks()
    shadow.watch(target, replacements, marks)
    return marks


def test_only_a_fault_that_would_say_otherwise_touches_a_call(product):
    marks = watched("product.price", same=lambda original, item, tax: original(item, tax), other=lambda original, item, tax: original(item, 0),
                    rare=lambda original, item, tax: 0 if item == 99 else original(item, tax))
    assert (product.price(1), marks) == (3, {"other": shadow.TOUCHES})


def test_an_equal_value_of_another_type_is_another(product):
    marks = watched("product.price", float=lambda original, item, tax: float(original(item, tax)))
    assert (product.price(1), marks) == (3, {"float": shadow.TOUCHES})


def test_an_error_in_place_of_a_value_touches(product):
    marks = watched("product.strict", loose=lambda original, item: item, louder=lambda original, item: original(-abs(item)))
    with pytest.raises(ValueError, match="-1"):
        product.strict(-1)
    assert marks == {"loose": shadow.TOUCHES}


def test_each_fault_gets_arguments_of_its_own(product):
    items = [2, 1]
    marks = watched("product.sort", backwards=lambda original, items: items.sort(reverse=True), same=lambda original, items: original(items))
    product.sort(items)
    assert (items, marks) == ([1, 2], {"backwards": shadow.TOUCHES})


def test_what_can_be_read_once_is_read_by_all(product):
    marks = watched("product.total", same=lambda original, items: original(items), none=lambda original, items: 0)
    assert (product.total(n for n in (1, 2)), marks) == (3, {"none": shadow.TOUCHES})


def test_what_is_written_into_an_argument_is_compared(product):
    basket = product.Basket([])
    marks = watched("product.put", same=lambda original, basket, item: original(basket, item), none=lambda original, basket, item: None,
                    float=lambda original, basket, item: original(basket, float(item)))
    product.put(basket, 1)
    assert (basket.items, marks) == ([1], {"none": shadow.TOUCHES, "float": shadow.TOUCHES})


def test_a_fault_of_what_is_handed_a_body_acts(product):
    marks = watched("product.run", same=lambda original, function: original(function))
    assert (product.run(product.Function(lambda: 1)), marks) == (1, {"same": shadow.ACTS})


def test_a_fault_of_an_asynchronous_function_acts(product):
    marks = watched("product.later", same=lambda original, item: original(item))
    assert (asyncio.run(product.later(1)), marks) == (1, {"same": shadow.ACTS})


def test_a_function_of_another_module_acts(product):
    product.price.__module__ = "mizan.running"
    marks = watched("product.price", same=lambda original, item, tax: original(item, tax))
    assert (product.price(1), marks) == (3, {"same": shadow.ACTS})
