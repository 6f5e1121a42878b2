"""
What an application declares, as frozen data: contexts, functions and what they invalidate.

Source: the spec's pages on calls, contexts and scoping. `mizan.declare` makes these from Python functions; `mizan.registry` holds them.
"""
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mizan import grammar
from mizan.errors import ApplicationError
from mizan.types import Field, Names, Type

MERGE_OPS = ("replace", "upsert", "append", "prepend", "remove")
DEFAULT_TIMEOUT_S = 30
MAX_TIMEOUT_S = 2_147_483                                # what a timer of 32 bits can count in milliseconds


@dataclass(frozen=True)
class ReactContext:
    """
    A name under which read functions are bundled and invalidated: `UserContext = ReactContext("user")`.

    Raises: BadDeclaration, for a name outside the grammar.
    """

    name: str

    def __post_init__(self) -> None:
        grammar.check_segment(self.name, "context")


@dataclass(frozen=True)
class Affect:
    """A context that a mutation makes stale; `map` is {context parameter: "args.f" | "result.f" | "f"}, None to let the tiers bind."""

    context: str
    map: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Merge:
    """A context that a mutation patches; `slot` None lets the type decide. `key` is the field that tells items of a list slot apart."""

    context: str
    slot: str | None = None
    op: str = "replace"
    key: str | None = None
    map: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class ServerFunction:
    """
    One declared function; calling it calls its body, so that `update_profile(request, user_id=5)` works as it was written.

    `parameters` are the arguments without `request`, in bytes order. `output` is None where the function returns the framework's own
    response. `names` holds every named type that the two reach. `errors` are the application errors it may raise. `timeout_s` in seconds.
    """

    name: str
    body: Callable[..., Any]
    parameters: Mapping[str, Field]
    output: Type | None
    names: Names
    context: str | None = None
    affects: Sequence[Affect] = ()
    merges: Sequence[Merge] = ()
    errors: Sequence[type[ApplicationError]] = ()
    timeout_s: int = DEFAULT_TIMEOUT_S
    volatile: bool = False
    identity: str = "public"
    doc: str = ""
    is_async: bool = field(default=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.body(*args, **kwargs)

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        return self.body

    @property
    def kind(self) -> str:
        """read (has a context), mutation (affects or merges) or plain."""
        if self.context is not None:
            return "read"
        return "mutation" if self.affects or self.merges else "plain"

    @property
    def is_view(self) -> bool:
        """Whether it returns the framework's own response."""
        return self.output is None


@dataclass(frozen=True, eq=False)
class Context:
    """
    A sealed context: the union of its functions' parameters, and its slots, both in bytes order of their names.

    `names` holds every named type that its functions reach. `volatile` if any slot is. `identity` is its strictest slot's.
    """

    name: str
    parameters: Mapping[str, Field]
    slots: Mapping[str, ServerFunction]
    names: Names
    volatile: bool = False
    identity: str = "public"


@dataclass(frozen=True, eq=False)
class Composition:
    """A named list of reads that is called as one function; parameters as in a context."""

    name: str
    functions: Sequence[ServerFunction]
    doc: str = ""


def is_async(body: Callable[..., Any]) -> bool:
    """Whether calling the body gives something to await."""
    return inspect.iscoroutinefunction(body) or inspect.iscoroutinefunction(getattr(body, "__call__", None))  # noqa: B004
