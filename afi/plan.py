"""
What is judged: the pins and stories of each row, and the clause that each check cites.

Source: spec/harness.md, Plan. Raises: BadPin, BadSpec, BadManifest.
"""
import functools
import importlib
from pathlib import Path
from types import ModuleType

import manifest
from afi import clauses, pinfile
from afi.errors import BadManifest
from afi.model import Cell, Clause

ROOT = Path(__file__).resolve().parent.parent
OWED = Clause("owed", "MUST", "Each adapter owes a binding of each capability that its transport has.")


@functools.cache
def ledger() -> dict[str, Clause]:
    """Returns: every clause of the spec."""
    return clauses.load(ROOT / "spec")


@functools.cache
def probe_of(capability: str) -> ModuleType | None:
    """Returns: the probe module of a row, or None while it is owed."""
    name = "probes." + capability.replace("-", "_")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def rows() -> tuple[str, ...]:
    """Returns: the rows that have a probe."""
    return tuple(capability.id for capability in manifest.CAPABILITIES if probe_of(capability.id))


@functools.cache
def pins_of(page: str) -> pinfile.PinFile | None:
    """Returns: the pins of one page, or None while they are owed."""
    path = ROOT / "pins" / f"{page}.yaml"
    return pinfile.load(path) if path.exists() else None


def pages_of(capability: str) -> tuple[str, ...]:
    """Returns: the pages whose pins are judged with a row: its own, after those that have no row."""
    return (*(page for page, row in manifest.JUDGED_WITH.items() if row == capability), capability)


@functools.cache
def checks_of(capability: str) -> dict[str, Clause]:
    """Returns: check id -> clause, of one row; empty while the row is owed. Raises: BadManifest for a clause that does not exist."""
    module = probe_of(capability)
    if module is None:
        return {}
    cited = {f"{capability}/{slug}": clause for slug, clause in {**module.CHECKS, **asks(module)}.items()}
    for page in pages_of(capability):
        file = pins_of(page)
        if file is None:
            raise BadManifest(f"row {capability!r} has a probe and no pins/{page}.yaml")
        cited |= {f"{page}/{check}": clause for check, clause in file.plan().items()}
    unknown = {check: clause for check, clause in cited.items() if clause not in ledger()}
    if unknown:
        raise BadManifest(f"row {capability!r}: these checks cite clauses that spec/ does not hold: {unknown}")
    return {check: ledger()[clause] for check, clause in cited.items()}


def asks(module: ModuleType) -> dict[str, str]:
    """Returns: slug -> clause, of the drawn questions that a probe module has for an oracle."""
    return {slug: clause for slug, (clause, *_) in getattr(module, "ASKS", {}).items()}


def oracle_checks(capability: str) -> set[str]:
    """Returns: the ids of the checks that need an oracle."""
    module = probe_of(capability)
    files = [(page, pins_of(page)) for page in pages_of(capability)]
    pinned = {f"{page}/{case.id}" for page, file in files if file for group in file.oracle.values() for case in group.values()}
    return pinned | {f"{capability}/{slug}" for slug in (asks(module) if module else ())}


def start_checks(capability: str) -> set[str]:
    """Returns: the ids of the stories that need another start of the adapter (`STARTS` of the probe module)."""
    return {f"{capability}/{slug}" for slug in getattr(probe_of(capability), "STARTS", ())}


def live(cell: Cell) -> bool:
    """Whether there is a probe and an adapter to judge; else the cell is owed."""
    return bool(cell.adapter.descriptor or cell.adapter.url) and bool(checks_of(cell.capability.id))


def missing(cell: Cell) -> tuple[str, ...]:
    """Returns: what a cell that cannot be judged yet lacks, in words."""
    row = f"the page, pins and probe of the row {cell.capability.id}"
    column = f"the adapter adapters/{cell.adapter.id}/adapter.yaml"
    return (*(() if checks_of(cell.capability.id) else (row,)), *(() if cell.adapter.descriptor or cell.adapter.url else (column,)))


def owed(cell: Cell) -> str:
    """Returns: what a cell owes, in a line."""
    return "owed: " + ", and ".join(missing(cell))


def plan_of(cell: Cell) -> dict[str, Clause]:
    """Returns: check id -> clause, of one cell; one failing check `<row>/owed` where the probe or the adapter is owed."""
    if cell.not_applicable:
        return {}
    return checks_of(cell.capability.id) if live(cell) else {f"{cell.capability.id}/owed": OWED}


def text_of(clause: str) -> str:
    """Returns: the text of a clause, or of the rule that an owed cell breaks."""
    return OWED.text if clause == OWED.id else ledger()[clause].text
