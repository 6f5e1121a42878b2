"""
Which faults can touch what a function is asked now? Watches the functions that faults replace, in an adapter that has none of these faults.

A function of one of the modules below only makes a value of its arguments: every replacement is called beside it, with the same arguments,
and its fault is marked when another value comes out. Of any other function every fault is marked as soon as it is called. What the adapter
answers stays what it was. Source: spec/harness.md, Faults. Raises: BadFault. Read inside the adapter's process: standard library only.
"""
import threading
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Protocol

from afi.faults import patching

VALUES = ("canonical", "errors", "header", "merges", "query", "reader", "scoping", "texts", "types", "writer")      # modules of mizan


class Marking(Protocol):
    """Where the faults that would have touched something are marked."""

    def marked(self, fault: str) -> bool: ...

    def mark(self, fault: str) -> None: ...


class Busy(threading.local):
    """Whether this thread is trying replacements: what these call is not tried again."""

    trying = False


BUSY = Busy()


def watch(target: str, replacements: Mapping[str, Callable[..., Any]], marks: Marking) -> None:
    """Args: replacements: fault -> its replacement of the target. Raises: BadFault."""
    for replacement in replacements.values():
        patching.check_parameters(target, replacement)
    function = patching.resolve(target)
    makes_values = function.__module__.removeprefix("mizan.") in VALUES and patching.kind_of(function) == "plain"

    def chosen_for(original: FunctionType) -> Callable[..., Any]:
        def compared(*args: Any, **kwargs: Any) -> Any:
            own = _outcome(original, *args, **kwargs)
            _try(own, {fault: one for fault, one in replacements.items() if not (BUSY.trying or marks.marked(fault))}, original, *args, **kwargs)
            if isinstance(own, _Raised):
                raise own.error
            return own

        def noted(*args: Any, **kwargs: Any) -> Any:
            for fault in replacements:
                marks.mark(fault)
            return original(*args, **kwargs)

        return compared if makes_values else noted

    def _try(own: Any, left: Mapping[str, Callable[..., Any]], *given: Any, **kwargs: Any) -> None:
        said = repr(own) if left else ""
        for fault, replacement in left.items():
            BUSY.trying = True
            try:
                other = repr(_outcome(replacement, *given, **kwargs))
            finally:
                BUSY.trying = False
            if other != said:
                marks.mark(fault)

    patching.swap(target, chosen_for)


class _Raised:
    """What a function raised in place of an answer. Outcomes are compared as text: that tells 1 from 1.0, and an address from all others."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"{self.error!r} {vars(self.error)!r}"


def _outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return _Raised(error)
