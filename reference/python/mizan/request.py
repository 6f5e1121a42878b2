"""
What a function sees of the request that called it: as much as its identity mode keys, and no more.

Source: spec/context.md, Identity. Errors: Misuse, where a read looks at what its replies are not keyed by.
"""
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from mizan.errors import Misuse
from mizan.function import ServerFunction


class Sight(Protocol):
    """What every binding shows of a request; `native` is the framework's own request."""

    @property
    def user(self) -> Any: ...
    @property
    def session(self) -> Any: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def cookies(self) -> Mapping[str, str]: ...
    @property
    def native(self) -> Any: ...


class PublicSight:
    """
    The request as a read in a public context sees it: not at all, because its reply is one for all callers.

    It holds the function's name and context alone, so that nothing behind it can be reached around it.
    """

    __slots__ = ("_context", "_function")

    def __init__(self, function: str, context: str) -> None:
        self._function, self._context = function, context

    def __getattr__(self, name: str) -> NoReturn:
        """Raises: Misuse, for whatever is looked at; not an AttributeError, which `getattr(request, name, None)` would hide."""
        raise Misuse(f"{self._function} looks at request.{name}, but the context {self._context!r} is public: its reply is the same for "
                     "every caller and may be stored for all; take what it needs as a parameter, or declare it with identity=\"sub\"")

    def __repr__(self) -> str:
        return f"<the request of a public read, {self._function}>"


def seen_by(function: ServerFunction, sight: Sight) -> Any:
    """Returns: the `request` that the body of a function is given."""
    if is_public_read(function):
        return PublicSight(function.name, function.context or "")
    return sight


def is_public_read(function: ServerFunction) -> bool:
    """Whether a function is a read whose reply is keyed by no identity, through whatever door it is called."""
    return function.context is not None and function.identity == "public"
