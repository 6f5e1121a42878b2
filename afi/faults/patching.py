"""
Diverts a function in place, whoever holds a reference to it. Source: spec/harness.md, Self-proof. Raises: BadFault.

`setattr` on a module misses every `from x import y`, bound method, route and partial. What all of them share is the code object: it is
swapped for one with the same parameters and of the same kind (plain, coroutine, generator) that calls the replacement. The function
object, its name, its defaults and its annotations stay, so frameworks that inspect it see what they saw before.
"""
import importlib
import inspect
import itertools
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from afi.errors import BadFault

MARK = "the replacement"                    # stands in the template's constants where the replacement goes
TEMPLATES = {                               # kind of the target -> body of its stand-in; a replacement of another kind may give the plain value
    "plain": "def stand_in({own}):\n return {call}",
    "generator": "def stand_in({own}):\n return (yield from {call})",
    "coroutine": "async def stand_in({own}):\n answer = {call}\n return await answer if hasattr(answer, '__await__') else answer",
    "asynchronous generator": "async def stand_in({own}):\n async for item in {call}:\n  yield item",
}
STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def resolve(target: str) -> FunctionType:
    """Returns: the function named `module.function` or `module.Class.method`. Raises: BadFault, if it is gone or cannot be diverted."""
    parts = target.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:cut])
        try:
            found: Any = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
                continue
            raise
        for part in parts[cut:]:
            if part not in vars(found):
                raise BadFault(f"patch {target!r}: {name} has no {part!r}; the reference has changed: change the fault")
            found, name = vars(found)[part], f"{name}.{part}"
        return _plain(target, found)
    raise BadFault(f"patch {target!r}: there is no module {parts[0]!r}")


def _plain(target: str, found: Any) -> FunctionType:
    if not isinstance(found, FunctionType) or found.__code__.co_freevars or hasattr(found, "__wrapped__"):
        raise BadFault(f"patch {target!r}: wanted a plain function or method without closure or decorator, got {found!r}")
    return found


def divert(target: str, replacement: Callable[..., Any], seen: Callable[[], None]) -> None:
    """
    From now on each call of the target calls `seen()` and then `replacement(original, …the call's arguments…)`.

    Raises: BadFault, if the target is gone, is no plain function, or takes other parameters than the replacement.
    """
    check_parameters(target, replacement)

    def chosen_for(original: FunctionType) -> Callable[..., Any]:
        def chosen(*args: Any, **kwargs: Any) -> Any:
            seen()
            return replacement(original, *args, **kwargs)
        return chosen

    swap(target, chosen_for)


def swap(target: str, chosen_for: Callable[[FunctionType], Callable[..., Any]]) -> None:
    """From now on each call of the target goes to what `chosen_for` made of the original. Raises: BadFault."""
    function = resolve(target)
    original = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    original.__kwdefaults__ = function.__kwdefaults__
    function.__code__ = _stand_in(function, chosen_for(original))


def check_parameters(target: str, replacement: Callable[..., Any]) -> None:
    """Raises: BadFault, if a replacement does not take the original and then the target's own parameters."""
    takes = [(p.name, p.kind.description) for p in inspect.signature(resolve(target)).parameters.values()]
    gives = [(p.name, p.kind.description) for p in itertools.islice(inspect.signature(replacement).parameters.values(), 1, None)]
    if takes != gives:
        said = [", ".join(name for name, _ in names) or "nothing" for names in (takes, gives)]
        raise BadFault(f"patch {target!r}: takes ({said[0]}), and its replacement takes ({said[1]}) after the original; make names and kinds equal")


def _stand_in(function: FunctionType, chosen: Callable[..., Any]) -> CodeType:
    """Returns: code with the function's own parameters and kind; as a constant it holds what it calls, so it needs no closure and no global."""
    parameters = list(inspect.signature(function).parameters.values())
    bare = [p.replace(annotation=p.empty, default=p.empty) for p in parameters]
    own = str(inspect.Signature(bare))[1:-1]
    given = ", ".join(f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else STARS.get(p.kind, "") + p.name for p in parameters)
    scope: dict[str, Any] = {}
    exec(TEMPLATES[kind_of(function)].format(own=own, call=f"{MARK!r}.__call__({given})"), scope)
    code: CodeType = scope["stand_in"].__code__
    return code.replace(co_name=function.__name__, co_qualname=function.__qualname__,
                        co_consts=tuple(chosen if constant == MARK else constant for constant in code.co_consts))


def kind_of(function: FunctionType) -> str:
    """Returns: a key of TEMPLATES."""
    kinds = {"asynchronous generator": inspect.isasyncgenfunction, "coroutine": inspect.iscoroutinefunction, "generator": inspect.isgeneratorfunction}
    return next((kind for kind, fits in kinds.items() if fits(function)), "plain")
