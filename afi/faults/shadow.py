"""
Which faults can touch what a function is asked now? Watches the functions that faults replace, in an adapter that has none of these faults.

A function of one of the modules below only makes a value of its arguments: every replacement is called beside it, with arguments of its own,
and its fault is marked when anything else comes out. Of any other function, and of one that is handed an object to write into, every fault is
marked as soon as it is called. What the adapter answers stays what it was.
Source: spec/harness.md, Faults. Raises: BadFault. Read inside the adapter's process: standard library only.
"""
import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, Protocol

from afi.faults import patching

VALUES = ("canonical", "errors", "header", "merges", "query", "reader", "scoping", "texts", "types", "writer")      # modules of mizan
SCALARS = (str, int, bool, bytes, type(None))          # no float: nan is not itself
CHANGING = (list, dict, set)
Replacement = Callable[..., Any]


class Marking(Protocol):
    """Where the faults that would have touched something are marked."""

    def marked(self, fault: str) -> bool: ...

    def mark(self, fault: str) -> None: ...


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
            if any(map(_is_written_into, given)):
                return noted(*args, **kwargs)
            names = tuple(kwargs)
            kept = [_copied(one) for one in given]
            own = Outcome(original, given, names)
            BUSY.trying = True
            try:
                for fault in left:
                    if Outcome(functools.partial(replacements[fault], original), [_copied(one) for one in kept], names).said != own.said:
                        marks.mark(fault)
            finally:
                BUSY.trying = False
            return own.again()

        def noted(*args: Any, **kwargs: Any) -> Any:
            for fault in replacements:
                marks.mark(fault)
            return original(*args, **kwargs)

        return compared if makes_values else noted

    patching.swap(target, chosen_for)


class Outcome:
    """
    What came of a call: `said` holds the value or the error, and what became of the arguments, with their types: 1 is not 1.0. Anything but
    scalars is compared as text, so that an object which shows only its address differs from all others.
    """

    def __init__(self, function: Callable[..., Any], given: Sequence[Any], names: tuple[str, ...]) -> None:
        cut = len(given) - len(names)
        self.value: Any = None
        self.error: Exception | None = None
        try:
            self.value = function(*given[:cut], **dict(zip(names, given[cut:], strict=True))) if names else function(*given)
        except Exception as error:
            self.error = error
        shown = [repr(one) for one in given if type(one) in CHANGING]
        if self.error is not None:
            shown.append(f"{self.error!r} {vars(self.error)!r}")
        self.said = (type(self.value), self.value if type(self.value) in SCALARS else repr(self.value), shown)

    def again(self) -> Any:
        """Returns: the value. Raises: the error."""
        if self.error is not None:
            raise self.error
        return self.value


def _is_written_into(value: Any) -> bool:
    return type(value) not in SCALARS and dataclasses.is_dataclass(value) and not isinstance(value, type) and not value.__dataclass_params__.frozen      # type: ignore[attr-defined]


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {name: _copied(member) for name, member in value.items()}
    if type(value) is list:
        return [_copied(item) for item in value]
    return set(value) if type(value) is set else value
