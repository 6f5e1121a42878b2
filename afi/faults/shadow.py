"""
Which faults can touch what a function is asked now? Watches the functions that faults replace, in an adapter that has none of these faults.

A plain function of one of the modules below only makes a value of its arguments: every replacement is called beside it, with arguments of its
own, and its fault touches what is asked when anything else comes out, or stands in an argument that is there to be written into. Of any
other function, and of one that is handed a body to run or an object in use, every fault acts as soon as it is called. What the adapter
answers stays what it was.
Source: spec/harness.md, Self-proof. Raises: BadFault. Read inside the adapter's process: standard library only.
"""
import copy
import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, Protocol

from afi.faults import patching

# modules of mizan; not those whose functions are called for every character of a document
VALUES = ("bundle", "canonical", "cors", "dispatch", "errors", "fastapi", "header", "merges", "query", "reader", "request", "scoping", "seal", "texts",
          "types", "web", "writer")
TOUCHES, ACTS = 1, 2
SCALARS = (str, int, bool, bytes, type(None))          # no float: nan is not itself
CHANGING = (list, dict, set)
Replacement = Callable[..., Any]


class Marking(Protocol):
    """Where the faults that would have touched something, or have acted, are marked."""

    def marked(self, fault: str) -> bool: ...

    def mark(self, fault: str, how: int) -> None: ...


class Busy(threading.local):
    """Whether this thread is trying replacements: what these call is not tried again."""

    trying = False


BUSY = Busy()


def watch(target: str, replacements: Mapping[str, Replacement], marks: Marking) -> None:
    """Args: replacements: fault -> its replacement of the target. Raises: BadFault."""
    for replacement in replacements.values():
        patching.check_parameters(target, replacement)
    function = patching.resolve(target)
    makes_values = function.__module__.removeprefix("mizan.") in VALUES and patching.kind_of(function) == "plain"

    def chosen_for(original: FunctionType) -> Replacement:
        def compared(*args: Any, **kwargs: Any) -> Any:
            left = [] if BUSY.trying else [fault for fault in replacements if not marks.marked(fault)]
            if not left:
                return original(*args, **kwargs)
            given = [list(one) if isinstance(one, Iterator) else one for one in (*args, *kwargs.values())]
            if any(map(_may_act, given)):
                return noted(*args, **kwargs)
            names = tuple(kwargs)
            kept = [_copied(one) for one in given]
            own = Outcome(original, given, names)
            BUSY.trying = True
            try:
                for fault in left:
                    if Outcome(functools.partial(replacements[fault], original), [_copied(one) for one in kept], names).differs(own):
                        marks.mark(fault, TOUCHES)
            finally:
                BUSY.trying = False
            return own.again()

        def noted(*args: Any, **kwargs: Any) -> Any:
            for fault in replacements:
                marks.mark(fault, ACTS)
            return original(*args, **kwargs)

        return compared if makes_values else noted

    patching.swap(target, chosen_for)


class Outcome:
    """What came of a call: the value or the error, and what became of the arguments."""

    def __init__(self, function: Callable[..., Any], given: Sequence[Any], names: tuple[str, ...]) -> None:
        cut = len(given) - len(names)
        self.given, self.value, self.error = given, None, None
        try:
            self.value = function(*given[:cut], **dict(zip(names, given[cut:], strict=True))) if names else function(*given)
        except Exception as error:
            self.error = error

    def differs(self, other: "Outcome") -> bool:
        return any(_differ(one, two) for one, two in zip(self._parts(), other._parts(), strict=True))

    def _parts(self) -> tuple[Any, ...]:
        return (*(f"{one!r} {vars(one)!r}" if isinstance(one, Exception) else one for one in (self.value, self.error)),
                *(one if type(one) in CHANGING else vars(one) if _is_notebook(one) else None for one in self.given))

    def again(self) -> Any:
        """Returns: the value. Raises: the error."""
        if self.error is not None:
            raise self.error
        return self.value


def _differ(one: Any, two: Any) -> bool:
    """What is neither scalar nor container is compared as text: an object that shows only its address differs from all others."""
    if one is two:
        return False
    if type(one) is not type(two):
        return True
    if type(one) is dict:
        return list(one) != list(two) or any(map(_differ, one.values(), two.values()))
    if type(one) is list:
        return len(one) != len(two) or any(map(_differ, one, two))
    return bool(one != two) if type(one) in SCALARS else repr(one) != repr(two)


def _may_act(value: Any) -> bool:
    """Whether an argument holds a body that can be run, or is an object of the reference that changes as it is used."""
    if _is_dataclass(value):
        return "body" in value.__dataclass_fields__
    return type(value).__module__.startswith("mizan.") and hasattr(value, "__dict__") and not isinstance(value, (Exception, type, FunctionType))


def _is_dataclass(value: Any) -> bool:
    return type(value) not in SCALARS and dataclasses.is_dataclass(value) and not isinstance(value, type)


def _is_notebook(value: Any) -> bool:
    """Whether an argument is there to be written into."""
    return _is_dataclass(value) and not value.__dataclass_params__.frozen


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {name: _copied(member) for name, member in value.items()}
    if type(value) is list:
        return [_copied(item) for item in value]
    if _is_notebook(value):
        other = copy.copy(value)
        vars(other).update({name: _copied(member) for name, member in vars(value).items()})
        return other
    return set(value) if type(value) is set else value
