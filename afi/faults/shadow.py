"""
Which faults can touch what a function is asked now? Watches the functions that faults replace, in an adapter that has none of these faults.

A function of one of the modules below only makes a value of its arguments: every replacement is called beside it, with arguments of its own,
and its fault is marked when anything else comes out. Of any other function, and of one that is handed an object to write into, every fault is
marked as soon as it is called. What the adapter answers stays what it was.
Source: spec/harness.md, Faults. Raises: BadFault. Read inside the adapter's process: standard library only.
"""
import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, Protocol

from afi.faults import patching

VALUES = ("canonical", "errors", "header", "merges", "query", "reader", "scoping", "texts", "types", "writer")      # modules of mizan
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
            left = {fault: one for fault, one in replacements.items() if not (BUSY.trying or marks.marked(fault))}
            if not left:
                return original(*args, **kwargs)
            given = [list(one) if isinstance(one, Iterator) else one for one in (*args, *kwargs.values())]
            if any(map(_is_written_into, given)):
                return noted(*args, **kwargs)
            kept = [_copied(one) for one in given]
            own = Outcome(original, given, tuple(kwargs))
            for fault, replacement in left.items():
                if _tried(replacement, original, kept, tuple(kwargs)) != own.said:
                    marks.mark(fault)
            return own.again()

        def noted(*args: Any, **kwargs: Any) -> Any:
            for fault in replacements:
                marks.mark(fault)
            return original(*args, **kwargs)

        return compared if makes_values else noted

    patching.swap(target, chosen_for)


def _tried(replacement: Replacement, original: FunctionType, kept: Sequence[Any], names: tuple[str, ...]) -> str:
    BUSY.trying = True
    try:
        return Outcome(lambda *args, **kwargs: replacement(original, *args, **kwargs), [_copied(one) for one in kept], names).said
    finally:
        BUSY.trying = False


class Outcome:
    """
    What came of a call: `said` holds the value or the error, and what became of the arguments, as text: it tells 1 from 1.0, and an object
    that shows only its address from all others.
    """

    def __init__(self, function: Callable[..., Any], given: Sequence[Any], names: tuple[str, ...]) -> None:
        cut = len(given) - len(names)
        self.value: Any = None
        self.error: Exception | None = None
        try:
            self.value = function(*given[:cut], **dict(zip(names, given[cut:], strict=True)))
        except Exception as error:
            self.error = error
        changed = [one for one in given if isinstance(one, (list, dict, set))]
        self.said = repr((self.value, self.error, vars(self.error) if self.error else None, changed))

    def again(self) -> Any:
        """Returns: the value. Raises: the error."""
        if self.error is not None:
            raise self.error
        return self.value


def _is_written_into(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and not value.__dataclass_params__.frozen      # type: ignore[attr-defined]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return set(value) if isinstance(value, set) else value
