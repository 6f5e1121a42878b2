"""
Which cells a run judges, under which seed, and where its board goes. Raises: OurFault; Unknown for a name that does not exist.

Source: spec/harness.md, Third parties.
"""
import difflib
import json
import os
import random
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import manifest
from afi import descriptor, plan
from afi.errors import NothingSelected
from afi.evidence import OUT
from afi.model import VARIABLES, Adapter, Cell, Run


class Unknown(NothingSelected):
    """A capability or adapter of that name does not exist."""


@dataclass(frozen=True)
class Selection:
    """`whole` is every cell that a complete board of this kind has; `cells` those that were asked for."""

    cells: tuple[Cell, ...]
    whole: tuple[Cell, ...]
    seed: int
    board: Path


def of_house(capabilities: tuple[str, ...] = (), seed: int | None = None) -> Selection:
    """Returns: the cells of the manifest, or those of some rows. Raises: Unknown."""
    return _selected(manifest.CELLS, capabilities, seed, OUT / "board.json")


def of_descriptor(path: Path, capabilities: tuple[str, ...] = (), seed: int | None = None) -> Selection:
    """Returns: the one column of an adapter.yaml kept anywhere. Raises: BadDescriptor, Unknown."""
    found = descriptor.load(path)
    adapter = Adapter(found.id, found.title, str(path.resolve()), tuple(found.speaks))
    return _column(adapter, capabilities, seed)


def of_url(url: str, capabilities: tuple[str, ...] = (), seed: int | None = None) -> Selection:
    """Returns: the one column of an adapter that somebody else started."""
    return _column(Adapter("url", url, None, ("http",), url), capabilities, seed)


def _column(adapter: Adapter, capabilities: tuple[str, ...], seed: int | None) -> Selection:
    cells = tuple(manifest.cell(capability, adapter) for capability in manifest.CAPABILITIES)
    return _selected(cells, capabilities, seed, OUT / f"board-{adapter.id}.json")


def _selected(whole: tuple[Cell, ...], capabilities: tuple[str, ...], seed: int | None, board: Path) -> Selection:
    known = [capability.id for capability in manifest.CAPABILITIES]
    names = {row for name in capabilities for row in manifest.PROFILES.get(name, (name,))}
    for name in names - set(known):
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise Unknown(f"--capability {name!r}: there is no such row; {hint}rows: {', '.join(known)}; profiles: {', '.join(manifest.PROFILES)}")
    cells = tuple(cell for cell in whole if not names or cell.capability.id in names)
    return Selection(cells, whole, secrets.randbits(32) if seed is None else seed, board)


def in_order(cells: Iterable[Cell], seed: int) -> list[Cell]:
    """Column after column; within one, in the order that the seed decides."""
    rows = sorted(cells, key=lambda cell: cell.id)
    random.Random(f"{seed}/order").shuffle(rows)
    return sorted(rows, key=lambda cell: cell.adapter.id)


def live_columns(cells: Iterable[Cell]) -> list[str]:
    """Returns: the adapters that a run starts itself."""
    return sorted({cell.adapter.id for cell in cells if not cell.not_applicable and plan.live(cell) and cell.adapter.descriptor})


def hand_written(seed: int) -> Path:
    """Where `python -m afi env` keeps the values that it printed."""
    return OUT / "env" / f"{seed}.json"


def last_run(adapter: str) -> Path:
    """Where the fresh values of an adapter's last run are kept, so that `python -m afi serve` can start it again with them."""
    return OUT / "runs" / f"{adapter}.json"


def run_of_url(seed: int) -> Run:
    """
    The values that a server was started with by hand: from this process's environment, else from what `python -m afi env` kept.

    Raises: NothingSelected when neither holds them.
    """
    if all(name in os.environ for name in VARIABLES.values()):
        return Run(seed, **{field: os.environ[name] for field, name in VARIABLES.items()}, origin=os.environ.get("MIZAN_ORIGINS", "").split(" ")[0])
    if run := kept(hand_written(seed)):
        return run
    raise NothingSelected(f"--url: the server's nonces are not known here; start it with the variables that `python -m afi env --seed {seed}` prints, "
                          f"and give the same --seed, or set {', '.join(VARIABLES.values())} and MIZAN_ORIGINS here as they are there")


def kept(path: Path) -> Run | None:
    """Returns: the fresh values that were kept in a file, if it is there."""
    return Run(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def keep(path: Path, run: Run) -> None:
    """Keeps the fresh values of a run in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(vars(run), indent=1) + "\n", encoding="utf-8")
