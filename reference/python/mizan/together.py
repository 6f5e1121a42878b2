"""
Several reads answered as one: a bundle's slots, a composition's parts.

Source: spec/context.md, Failures; spec/dispatch.md, Compositions. Errors: PartFailed, for the first that fails; nothing is kept of the others.
"""
import copy
from collections.abc import Iterable, Mapping
from typing import Any

from mizan.function import ServerFunction
from mizan.request import Sight
from mizan.running import run
from mizan.serving import Site


class PartFailed(Exception):
    """One of the reads failed, and so all of them have; the rest did not run."""

    def __init__(self, function: ServerFunction, error: Exception) -> None:
        super().__init__(function.name)
        self.function, self.error = function, error


async def together(site: Site, sight: Sight, functions: Iterable[ServerFunction], values: Mapping[str, Any]) -> dict[str, Any]:
    """Runs reads one after another, each with its own of the values. Returns: their results as wire JSON, by name. Raises: PartFailed."""
    results: dict[str, Any] = {}
    for function in functions:
        try:
            results[function.name] = (await run(site, sight, function, own_values(function, values))).result
        except Exception as error:
            raise PartFailed(function, error) from error
    return results


def own_values(function: ServerFunction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: a read's parameters, copied, so that none sees what another did to a list or an object."""
    return {name: copy.deepcopy(values[name]) for name in function.parameters}
