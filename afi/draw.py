"""Draws vectors before a probe begins: generation only, decided by the seed, nothing kept on disk. Source: spec/harness.md, Drawn vectors."""
import functools
from collections.abc import Mapping
from typing import Any

import hypothesis
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import SearchStrategy

from afi.evidence import OUT

set_hypothesis_home_dir(OUT / "hypothesis")          # it writes there at its first use, wherever that is


class SeedAlone(HypothesisProvider):
    """Hypothesis's own choices without the constants that it collects from whatever modules are loaded: the seed decides, and nothing else."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS["seed-alone"] = SeedAlone


def drawn(draws: Mapping[str, tuple[SearchStrategy[Any], int]], seed: int) -> dict[str, list[Any]]:
    """Args: draws: name -> (strategy, how many at the most). Returns: name -> values."""
    return {name: _values(strategy, count, f"{seed}/{name}") for name, (strategy, count) in draws.items()}


@functools.cache                        # a run of the faults asks for the same values hundreds of times
def _values(strategy: SearchStrategy[Any], count: int, seed: str) -> list[Any]:
    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(max_examples=count, database=None, deadline=None, backend="seed-alone", phases=[hypothesis.Phase.generate],
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found
